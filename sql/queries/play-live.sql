-- Channels: external streams, and those whose playlists are computed (live.schedule, live.run).

-- name: live_runs
-- $1 channel, $2 first second (null: a window that ends now), $3 seconds from then on: the run that is on then, and those that follow, a row for
-- each of their directories. The clock is the database's, which all nodes share.
select (extract(epoch from now()) * 1000)::bigint as clock,
       (extract(epoch from s.planned_until) * 1000)::bigint as planned,
       (extract(epoch from r.starts_at) * 1000)::bigint as starts,
       r.sequence, r.discontinuity, p.directory, array_to_string(p.segments, ',') as segments, p.renditions::text as renditions
from live.schedule s
cross join lateral (
	select coalesce(to_timestamp($2::bigint), now() - interval '90 seconds') as since
) w
left join live.run r
	on r.channel_id = s.channel_id
	and r.starts_at < least(w.since + $3::bigint * interval '1 second', now() + interval '10 seconds')
	and r.starts_at >= coalesce((select o.starts_at
	                             from live.run o
	                             where o.channel_id = s.channel_id and o.starts_at <= w.since
	                             order by o.starts_at desc
	                             limit 1), '-infinity')
left join lateral unnest(r.directories) with ordinality d (directory, n) on true
left join content.package p on p.directory = d.directory
where s.channel_id = $1
order by r.starts_at, d.n

-- What is to be planned: the list (position 1 …), the last run (starts, sequence) and the programmes that show something of
-- their own.
-- name: live_plan
-- $1 channel, $2 last planned millisecond (null: nothing is; a channel that had a schedule before goes on now), $3 seconds ahead
with s as (
	select s.channel_id, s.content_ids, (extract(epoch from now()) * 1000)::bigint as clock,
	       coalesce(to_timestamp($2::bigint / 1000.0),
	                (select now() from live.run r where r.channel_id = $1 limit 1),
	                now() - greatest(c.catchup_hours * interval '1 hour', interval '5 minutes')) as since,
	       now() + $3::bigint * interval '1 second' as until
	from live.schedule s
	join live.channel c on c.id = s.channel_id
	where s.channel_id = $1
)
select 'list' as what, o.n::bigint as sequence, null::bigint as discontinuity,
       (extract(epoch from s.since) * 1000)::bigint as starts, (extract(epoch from s.until) * 1000)::bigint as ends,
       p.directory, array_to_string(p.segments, ',') as segments, p.renditions::text as renditions
from s
cross join unnest(s.content_ids) with ordinality o (id, n)
join content.media m on m.item_id = o.id
join content.package p on p.directory = m.directory
union all
select 'run', r.sequence, r.discontinuity, (extract(epoch from r.starts_at) * 1000)::bigint, d.n,
       p.directory, array_to_string(p.segments, ','), p.renditions::text as renditions
from (select r.starts_at, r.sequence, r.discontinuity, r.directories
      from s
      join live.run r on r.channel_id = s.channel_id
      order by r.starts_at desc
      limit 1) r
cross join unnest(r.directories) with ordinality d (directory, n)
join content.package p on p.directory = d.directory
union all
select 'span', null, null, (extract(epoch from g.start_at) * 1000)::bigint, (extract(epoch from g.end_at) * 1000)::bigint,
       p.directory, array_to_string(p.segments, ','), p.renditions::text as renditions
from s
join live.programme g
	on g.channel_id = s.channel_id
	and g.start_at < s.until
	and g.start_at > s.since - interval '24 hours'
	and g.end_at > s.since
join content.media m on m.item_id = g.content_id
join content.package p on p.directory = m.directory
order by what, sequence, starts, ends

-- name: live_plan_save
-- $1 channel, $2 planned before, $3 planned now, in milliseconds, $4 runs: of two that plan the same, one does. Runs that no catch-up reaches are
-- deleted
with mine as (
	update live.schedule s
	set planned_until = to_timestamp($3::bigint / 1000.0)
	where s.channel_id = $1
	  and s.planned_until is not distinct from to_timestamp($2::bigint / 1000.0)
	returning s.channel_id
), over as (
	delete from live.run r
	using mine m
	where r.channel_id = m.channel_id
	  and r.starts_at < (select max(o.starts_at)
	                     from live.run o
	                     where o.channel_id = r.channel_id and o.starts_at < now() - interval '32 days')
)
insert into live.run (channel_id, starts_at, sequence, discontinuity, directories)
select m.channel_id, to_timestamp(r.starts / 1000.0), r.sequence, r.discontinuity, r.directories
from mine m
cross join json_to_recordset($4::json) as r (starts bigint, sequence bigint, discontinuity bigint, directories text[])
returning starts_at

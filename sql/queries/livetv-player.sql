-- name: player_key
-- $1 profile
select (select k.created_at from live.player_key k where k.profile_id = $1) as created_at

-- name: player_key_make
-- $1 session, $2 profile, $3 hash of the key: the one before is over
select k.created_at
from live.make_player_key($1, $2, $3) as k (created_at)

-- name: player_key_delete
with gone as (
	delete from live.player_key k where k.profile_id = $1
)
select 1 as done

-- name: player
-- $1 hash of the key
select p.age, p.account_id, p.profile_id
from live.player($1) p

-- name: player_channels
-- $1 age, $2 account, $3 profile: the channels that have a stream, and that the profile may watch
select l.channel_id, coalesce(c.guide_id, 'channel-' || c.id) as guide_id, l.number, i.title, i.poster, g.name as group_name,
       @catchup_hours@
from live.lineup l
join live.channel c on c.id = l.channel_id
join content.item i on i.id = c.id
left join live.channel_group g on g.slug = c.group_slug
where l.facet = ''
  and l.min_age <= $1
  and live.has_stream(l.channel_id)
  and (rights.decide($2, $3, l.channel_id, null, now())).granted
order by l.number, l.channel_id

-- name: player_stream
-- $1 hash of the key, $2 channel, $3 second to start at (null: live): its stream, or that there is a schedule instead, what of it is to
-- be played from when on, until when it may be watched, and how well
select case when h.channel_id is null then s.url end as url, case when h.channel_id is null then s.catchup end as catchup,
       extract(epoch from x.start)::bigint as starts, extract(epoch from now())::bigint as now,
       case when x.start is not null then extract(epoch from live.shown_until(c.id, x.start))::bigint end as ends,
       x.start < now() - make_interval(hours => c.catchup_hours) as gone, w.until, w.max_quality
from live.player($1) p
join live.lineup l on l.facet = '' and l.channel_id = $2 and l.min_age <= p.age
join live.channel c on c.id = l.channel_id
cross join lateral (
	select case when $3::bigint < extract(epoch from now()) - 30 then to_timestamp($3::bigint) end as start
) x
cross join lateral play.player_until(p.account_id, p.profile_id, l.channel_id, p.age, x.start) w
left join live.source s on s.channel_id = l.channel_id
left join live.schedule h on h.channel_id = l.channel_id
where num_nonnulls(s.channel_id, h.channel_id) > 0
  and w.until > now()

-- name: player_guide
-- $1 age, $2 account, $3 profile, $4 days ahead, $5 after this channel (number, id): the programmes of the next channels of the
-- playlist
select coalesce(c.guide_id, 'channel-' || c.id) as guide_id, p.title, p.subtitle, p.synopsis, p.start_at, p.end_at, p.category,
       p.season, p.episode, p.min_age, p.icon, l.number, l.channel_id
from (
	select l.number, l.channel_id
	from live.lineup l
	where l.facet = ''
	  and l.min_age <= $1
	  and (l.number, l.channel_id) > ($5::int, $6::bigint)
	  and live.has_stream(l.channel_id)
	  and (rights.decide($2, $3, l.channel_id, null, now())).granted
	order by l.number, l.channel_id
	limit 20
) l
join live.channel c on c.id = l.channel_id
left join live.programme p
	on p.channel_id = l.channel_id
	and p.start_at > now() - interval '24 hours'
	and p.start_at < now() + make_interval(days => $4::int)
	and p.min_age <= $1
order by l.number, l.channel_id, p.start_at

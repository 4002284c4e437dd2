-- Channels and guide. live.lineup is what lists walk: a facet is a combination of filters.

-- $1 age, $2 group, $3 country, $4 language; l is the lineup
-- part: facet
l.facet = concat_ws(' ', 'g:' || $2, 'c:' || $3, 'l:' || $4)
and l.min_age <= $1

-- How far back channel c is to be seen: nowhere, unless its schedule says what it was, or a provider keeps it.
-- part: catchup_hours
case when exists (select from live.source s where s.channel_id = c.id and s.catchup is not null)
       or exists (select from live.schedule s where s.channel_id = c.id)
     then c.catchup_hours else 0 end as catchup_hours

-- name: channel_list
-- $1 age, $2 group, $3 country, $4 language, $5 limit, $6 cursor (number, id)
select c.id as "id _2", c.number as "number _1", l.name, l.logo, c.group_slug as "group", c.country, c.languages, l.min_age,
       @catchup_hours@
from (
	select l.number, l.channel_id, l.name, l.logo, l.min_age
	from live.lineup l
	where @facet@
	  and (l.number, l.channel_id) > (coalesce($6::int, -1), coalesce($7::bigint, 0))
	order by l.number, l.channel_id
	limit $5::int + 1
) l
join live.channel c on c.id = l.channel_id
order by l.number, l.channel_id

-- The pages of channel l that have programmes in [$5, $6): each is cut to those that run at $5 or begin until $6, and of the later
-- ones what the page before has shown is left out. Only where one of them is above the age they are looked at singly.
-- part: window
left join lateral (
	select case when g.max_age <= $1
	            then substr(substr(g.body, 1, g.cuts[width_bucket($6::timestamptz - interval '1 us', g.start_at) + 1]),
	                        1 + g.cuts[1 + case when g.starts <= $5 then width_bucket($5, g.end_at) else g.carried end])
	            else live.fitting(g.body, g.cuts, g.min_age, $1,
	                              case when g.starts <= $5 then width_bucket($5, g.end_at) else g.carried end,
	                              width_bucket($6::timestamptz - interval '1 us', g.start_at))
	       end as programmes
	from live.guide_page g
	where g.channel_id = l.channel_id
	  and g.starts = any (array(select generate_series(live.page_start($5), $6::timestamptz - interval '1 us', interval '8 hours')))
	order by g.starts
) p on true

-- Channels in order, and each one's pages in order, are the order of all: a sort of the result would be a fifth of its cost.
-- part: guide
select l.channel_id as "channel.id _2 _key", l.number as "channel.number _1", l.name as "channel.name", l.logo as "channel.logo",
       p.programmes as "programmes[]"

-- name: epg
-- $1 age, $2 group, $3 country, $4 language, $5 from, $6 to, $7 channels (none), $8 limit, $9 cursor (number, id)
@guide@
from (
	select l.channel_id, l.number, l.name, l.logo
	from live.lineup l
	where $7::bigint[] is null
	  and @facet@
	  and (l.number, l.channel_id) > (coalesce($9::int, -1), coalesce($10::bigint, 0))
	order by l.number, l.channel_id
	limit $8::int + 1
) l
@window@

-- Each of the named channels is looked up by itself: the limit keeps the planner from walking the facet instead.
-- name: epg_of_channels
-- as epg
@guide@
from (
	select l.channel_id, l.number, l.name, l.logo
	from (select distinct id from unnest($7::bigint[]) u (id)) u
	cross join lateral (
		select l.channel_id, l.number, l.name, l.logo
		from live.lineup l
		where l.channel_id = u.id
		  and @facet@
		limit 1
	) l
	where (l.number, l.channel_id) > (coalesce($9::int, -1), coalesce($10::bigint, 0))
	order by l.number, l.channel_id
	limit $8::int + 1
) l
@window@

-- What runs on channel l now, and what comes after it.
-- part: now_next
left join lateral (
	select p.id, p.title, p.subtitle, p.start_at, p.end_at, p.category, p.season, p.episode, p.min_age
	from (
		select p.id, p.title, p.subtitle, p.start_at, p.end_at, p.category, p.season, p.episode, p.min_age
		from live.programme p
		where p.channel_id = l.channel_id
		  and p.start_at <= now()
		  and p.start_at > now() - interval '24 hours'
		order by p.start_at desc
		limit 1
	) p
	where p.end_at > now()
	  and p.min_age <= $1
) n on true
left join lateral (
	select p.id, p.title, p.subtitle, p.start_at, p.end_at, p.category, p.season, p.episode, p.min_age
	from live.programme p
	where p.channel_id = l.channel_id
	  and p.start_at > now()
	  and p.min_age <= $1
	order by p.start_at
	limit 1
) x on true

-- part: now_next_columns
n.id as "now.id", n.title as "now.title", n.subtitle as "now.subtitle", n.start_at as "now.start", n.end_at as "now.end",
n.category as "now.category", n.season as "now.season", n.episode as "now.episode", n.min_age as "now.min_age",
x.id as "next.id", x.title as "next.title", x.subtitle as "next.subtitle", x.start_at as "next.start",
x.end_at as "next.end", x.category as "next.category", x.season as "next.season", x.episode as "next.episode",
x.min_age as "next.min_age"

-- name: channel
-- together: int, bigint
-- $1 age, $2 id
select c.id, c.number, l.name, l.logo, c.group_slug as "group", c.country, c.languages, l.min_age, @catchup_hours@, c.website,
       c.alt_names, @now_next_columns@
from live.lineup l
join live.channel c on c.id = l.channel_id
@now_next@
where l.facet = ''
  and l.channel_id = $2
  and l.min_age <= $1

-- name: now_list
-- $1 age, $2 channels, $3 limit, $4 cursor (number, id)
select l.channel_id as "channel.id _2", l.number as "channel.number _1", l.name as "channel.name", l.logo as "channel.logo",
       @now_next_columns@
from (
	(select l.number, l.channel_id, l.name, l.logo
	 from live.lineup l
	 where $2::bigint[] is null
	   and l.facet = ''
	   and l.min_age <= $1
	   and (l.number, l.channel_id) > (coalesce($4::int, -1), coalesce($5::bigint, 0))
	 order by l.number, l.channel_id
	 limit $3::int + 1)
	union all
	(select l.number, l.channel_id, l.name, l.logo
	 from (select distinct id from unnest($2::bigint[]) u (id)) u
	 cross join lateral (
		select l.number, l.channel_id, l.name, l.logo
		from live.lineup l
		where l.facet = ''
		  and l.channel_id = u.id
		  and l.min_age <= $1
		limit 1
	 ) l
	 where (l.number, l.channel_id) > (coalesce($4::int, -1), coalesce($5::bigint, 0))
	 order by l.number, l.channel_id
	 limit $3::int + 1)
) l
@now_next@
order by l.number, l.channel_id

-- A channel's day, as long as the zone's day is.
-- name: channel_day
-- $1 age, $2 id, $3 date, $4 time zone
select d.starts as "from", d.ends as "to",
       l.channel_id as "channel.id", l.number as "channel.number", l.name as "channel.name", l.logo as "channel.logo",
       p.id as "items[].id", p.title as "items[].title", p.subtitle as "items[].subtitle", p.start_at as "items[].start",
       p.end_at as "items[].end", p.category as "items[].category", p.season as "items[].season",
       p.episode as "items[].episode", p.min_age as "items[].min_age", null::text as next
from (
	select coalesce($3::date, (now() at time zone coalesce($4, 'UTC'))::date)::timestamp at time zone coalesce($4, 'UTC') as starts,
	       (coalesce($3::date, (now() at time zone coalesce($4, 'UTC'))::date) + 1)::timestamp at time zone coalesce($4, 'UTC') as ends
) d
cross join live.lineup l
left join live.programme p
	on p.channel_id = l.channel_id
	and p.start_at < d.ends
	and p.start_at > d.starts - interval '24 hours'
	and p.end_at > d.starts
	and p.min_age <= $1
where l.facet = ''
  and l.channel_id = $2
  and l.min_age <= $1
order by p.start_at

-- name: programme
-- $1 age, $2 id
select p.id, p.title, p.subtitle, p.synopsis, p.start_at as start, p.end_at as "end", p.category, p.season, p.episode,
       p.min_age, l.channel_id as "channel.id", l.number as "channel.number", l.name as "channel.name",
       l.logo as "channel.logo"
from live.programme p
join live.lineup l on l.channel_id = p.channel_id and l.facet = '' and l.min_age <= $1
where p.id = $2
  and p.min_age <= $1

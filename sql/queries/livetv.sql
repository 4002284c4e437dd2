-- Channels and guide. live.lineup is what lists walk: one of its facets is walked, the other filters are looked up in it.

-- $1 age, $2 group, $3 country, $4 language; l is the lineup
-- part: facet
l.facet = coalesce('g:' || $2, 'c:' || $3, 'l:' || $4, '')
and l.min_age <= $1
and ($2::text is null or $3::text is null
     or exists (select from live.lineup f where (f.facet, f.number, f.channel_id) = ('c:' || $3, l.number, l.channel_id)))
and ($4::text is null or ($2::text is null and $3::text is null)
     or exists (select from live.lineup f where (f.facet, f.number, f.channel_id) = ('l:' || $4, l.number, l.channel_id)))

-- name: channel_list
-- $1 age, $2 group, $3 country, $4 language, $5 limit, $6 cursor (number, id)
select c.id, c.number, i.title as name, i.poster as logo, c.group_slug as "group", c.country, c.languages, i.min_age,
       c.catchup_hours, c.number as _1, c.id as _2
from (
	select l.number, l.channel_id
	from live.lineup l
	where @facet@
	  and (l.number, l.channel_id) > (coalesce($6::int, -1), coalesce($7::bigint, 0))
	order by l.number, l.channel_id
	limit $5::int + 1
) l
join live.channel c on c.id = l.channel_id
join content.item i on i.id = c.id
order by l.number, l.channel_id

-- The programmes of channel l in [$5, $6): the one that runs at $5, and those that start later. They never overlap, so
-- this is all that do (start < to and end > from), and the index finds them without looking at older ones.
-- part: window
left join lateral (
	(select r.id, r.title, r.subtitle, r.start_at, r.end_at, r.category, r.season, r.episode, r.min_age
	 from (
		select p.id, p.title, p.subtitle, p.start_at, p.end_at, p.category, p.season, p.episode, p.min_age
		from live.programme p
		where p.channel_id = l.channel_id
		  and p.start_at <= $5
		order by p.start_at desc
		limit 1
	 ) r
	 where r.end_at > $5
	   and r.start_at < $6
	   and r.min_age <= $1)
	union all
	(select p.id, p.title, p.subtitle, p.start_at, p.end_at, p.category, p.season, p.episode, p.min_age
	 from live.programme p
	 where p.channel_id = l.channel_id
	   and p.start_at > $5
	   and p.start_at < $6
	   and p.min_age <= $1
	 order by p.start_at)
) p on true

-- name: epg
-- $1 age, $2 group, $3 country, $4 language, $5 from, $6 to, $7 channels, $8 limit, $9 cursor (number, id)
select l.channel_id as "channel.id", l.number as "channel.number", i.title as "channel.name", i.poster as "channel.logo",
       p.id as "programmes[].id", p.title as "programmes[].title", p.subtitle as "programmes[].subtitle",
       p.start_at as "programmes[].start", p.end_at as "programmes[].end", p.category as "programmes[].category",
       p.season as "programmes[].season", p.episode as "programmes[].episode", p.min_age as "programmes[].min_age",
       l.number as _1, l.channel_id as _2, l.channel_id as _key
from (
	(select l.number, l.channel_id
	 from live.lineup l
	 where $7::bigint[] is null
	   and @facet@
	   and (l.number, l.channel_id) > (coalesce($9::int, -1), coalesce($10::bigint, 0))
	 order by l.number, l.channel_id
	 limit $8::int + 1)
	union all
	(select l.number, l.channel_id
	 from live.lineup l
	 where $7::bigint[] is not null
	   and l.channel_id = any($7)
	   and @facet@
	   and (l.number, l.channel_id) > (coalesce($9::int, -1), coalesce($10::bigint, 0))
	 order by l.number, l.channel_id
	 limit $8::int + 1)
) l
join content.item i on i.id = l.channel_id
@window@
order by l.number, l.channel_id, p.start_at

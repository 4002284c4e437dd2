-- What everybody with an account may see of the catalogue. A title is there when it is published, its window is open, and the
-- profile is old enough.

-- part: card
i.id, i.kind, i.title, i.original_title, i.year, i.runtime, i.genres,
i.rating_code as "rating.code", i.min_age as "rating.min_age", i.poster

-- A card of a title, from its row in the listing. A title of no year has 0 there.
-- part: listed
l.item_id as "id _2", l.kind, l.title, l.original_title, nullif(l.year, 0) as year, l.runtime, l.genres,
l.rating_code as "rating.code", l.min_age as "rating.min_age", l.poster, l.synopsis

-- part: open
(available_from is null or available_from <= now()) and (available_until is null or available_until > now())

-- part: visible
i.state = 'published' and i.min_age <= $1
and (i.available_from is null or i.available_from <= now())
and (i.available_until is null or i.available_until > now())

-- Of an item and all that it is part of.
-- part: topic_visible
t.published
and t.min_age <= $1
and (t.opens is null or t.opens <= now())
and (t.closes is null or t.closes > now())

-- The cast looks no further than it has to: left() counts the characters of all that may be 300.
-- part: short_synopsis
i.synopsis::varchar(300)

-- A page of titles in one order. $1 age, $2 kind, $3 genre, $4 year from, $5 year to, $6 person, $7 limit, then the cursor.
-- title_list_* walk the listing and are for requests without a person, person_list_* begin with the titles of one.
-- part: titles_of
l.kind = $2
and l.genre = coalesce($3, '')
and l.min_age <= $1
and @open@

-- A title of no year is neither before nor after any.
-- part: titles
@titles_of@
and ($4::int is null or l.year >= $4)
and ($5::int is null or l.year between 1 and $5)

-- In order of year these are where the walk begins and ends; in other orders the planner must not take them for that.
-- part: titles_of_years
@titles_of@
and l.year >= coalesce($4::int, case when $5::int is null then 0 else 1 end)
and l.year <= coalesce($5::int, 32767)

-- The limit is that of the key: each is looked up, whatever the planner thinks of the other conditions.
-- part: of_person
(select distinct c.item_id from content.credit c where c.person_id = $6) c
cross join lateral (select l.* from content.listing l where l.item_id = c.item_id and l.genre = coalesce($3, '') limit 1) l

-- Where a page begins, behind its cursor, and where it ends.
-- part: by_newest
(l.added_at, l.item_id) < (coalesce($8::timestamptz, 'infinity'), coalesce($9::bigint, 9223372036854775807))
order by l.added_at desc, l.item_id desc
limit $7::int + 1

-- part: by_title
(l.sort_title, l.item_id) > (coalesce($8, ''), coalesce($9::bigint, 0))
order by l.sort_title, l.item_id
limit $7::int + 1

-- part: by_year
(l.year, l.item_id) < (coalesce($8::int, $5::int + 1, 32767), coalesce($9::bigint, 0))
order by l.year desc, l.item_id desc
limit $7::int + 1

-- part: by_popularity
(l.popularity, l.item_id) < (coalesce($8::int, 2147483647), coalesce($9::bigint, 9223372036854775807))
order by l.popularity desc, l.item_id desc
limit $7::int + 1

-- name: title_list_newest
-- together: int, text, text, int, int, bigint, int, timestamptz, bigint
select @listed@, l.added_at as _1
from content.listing l
where $6::bigint is null
  and @titles@
  and @by_newest@

-- name: title_list_title
-- together: int, text, text, int, int, bigint, int, text, bigint
select @listed@, l.sort_title as _1
from content.listing l
where $6::bigint is null
  and @titles@
  and @by_title@

-- name: title_list_year
-- together: int, text, text, int, int, bigint, int, int, bigint
select @listed@, l.year as _1
from content.listing l
where $6::bigint is null
  and @titles_of_years@
  and @by_year@

-- name: title_list_popular
-- together: int, text, text, int, int, bigint, int, int, bigint
select @listed@, l.popularity as _1
from content.listing l
where $6::bigint is null
  and @titles@
  and @by_popularity@

-- name: person_list_newest
select @listed@, l.added_at as _1
from @of_person@
where @titles@
  and @by_newest@

-- name: person_list_title
select @listed@, l.sort_title as _1
from @of_person@
where @titles@
  and @by_title@

-- name: person_list_year
select @listed@, l.year as _1
from @of_person@
where @titles@
  and @by_year@

-- name: person_list_popular
select @listed@, l.popularity as _1
from @of_person@
where @titles@
  and @by_popularity@

-- part: people_columns
who.actor_ids as "cast[].id", who.actor_names as "cast[].name", who.characters as "cast[].character",
who.crew_ids as "crew[].id", who.crew_names as "crew[].name", who.crew_roles as "crew[].role"

-- name: movie
-- together: int, bigint
-- $1 age, $2 id
select @card@, i.synopsis, m.countries, @people_columns@,
       i.available_from as "availability.from", i.available_until as "availability.until"
from content.item i
join content.movie m on m.id = i.id
left join content.credit_list who on who.item_id = i.id
where i.id = $2
  and @visible@

-- name: series
-- together: int, bigint
-- $1 age, $2 id
select @card@, i.synopsis, s.countries, @people_columns@,
       i.available_from as "availability.from", i.available_until as "availability.until",
       n.ids as "seasons[].id", n.numbers as "seasons[].number", n.titles as "seasons[].title",
       n.counts as "seasons[].episode_count"
from content.item i
join content.series s on s.id = i.id
left join content.credit_list who on who.item_id = i.id
cross join lateral (
	select array_agg(t.id order by t.number) as ids,
	       array_agg(t.number order by t.number) as numbers,
	       array_agg(ti.title order by t.number) as titles,
	       array_agg(e.n order by t.number) as counts
	from content.season t
	join content.item ti on ti.id = t.id and ti.state = 'published' and ti.min_age <= $1
		and (ti.available_from is null or ti.available_from <= now())
		and (ti.available_until is null or ti.available_until > now())
	cross join lateral (
		select count(*) as n
		from content.episode e
		join content.item ei on ei.id = e.id and ei.state = 'published' and ei.min_age <= $1
			and (ei.available_from is null or ei.available_from <= now())
			and (ei.available_until is null or ei.available_until > now())
		where e.season_id = t.id
	) e
	where t.series_id = i.id
) n
where i.id = $2
  and @visible@

-- name: related
-- together: int, text, bigint
-- $1 age, $2 kind, $3 id: those that share the most with it, people before genres. Of each person a few titles are looked at, and
-- of each genre the most popular.
select x.item_id is null as _none, @listed@
from content.item i
left join lateral (
	select n.item_id, row_number() over (order by n.points desc, n.popularity desc, n.item_id desc) as place
	from (
		select l.item_id, l.popularity,
		       o.points + 2 * (select count(*) from unnest(l.genres) g (slug) where g.slug = any (i.genres)) as points
		from (
			select o.item_id, sum(o.points) as points
			from (
				(
					select distinct c.person_id, o.item_id, c.points
					from (
						select c.person_id, max(case c.role when 'actor' then 2 else 3 end) as points
						from content.credit c
						where c.item_id = i.id
						  and (c.role in ('director', 'writer') or (c.role = 'actor' and c.position < 8))
						group by c.person_id
						limit 16
					) c
					cross join lateral (
						select o.item_id from content.credit o where o.person_id = c.person_id limit 40
					) o
				)
				union all
				select null, l.item_id, 0
				from unnest(i.genres[1:6]) g (slug)
				cross join lateral (
					select l.item_id
					from content.listing l
					where l.kind = i.kind
					  and l.genre = g.slug
					  and l.min_age <= $1
					  and @open@
					order by l.popularity desc, l.item_id desc
					limit 40
				) l
			) o
			where o.item_id <> i.id
			group by o.item_id
		) o
		join content.listing l on l.item_id = o.item_id and l.genre = ''
		where l.kind = i.kind
		  and l.min_age <= $1
		  and @open@
	) n
	order by n.points desc, n.popularity desc, n.item_id desc
	limit 20
) x on true
left join content.listing l on l.item_id = x.item_id and l.genre = ''
where i.id = $3
  and i.kind = $2
  and @visible@
order by x.place

-- name: episode_list
-- together: int, bigint, int, int, int, int
-- $1 age, $2 series, $3 season number, $4 limit, $5 cursor (season, number)
select e.id is null as _none,
       e.id, 'episode' as kind, e.title, e.original_title, e.year, e.runtime, e.genres,
       e.rating_code as "rating.code", e.min_age as "rating.min_age", e.poster, e.synopsis,
       e.season_number as season, e.number, e.air_date, e.season_number as _1, e.number as _2
from content.item s
left join lateral (
	select i.id, i.title, i.original_title, i.year, i.runtime, i.genres, i.rating_code, i.min_age, i.poster,
	       @short_synopsis@ as synopsis, t.season_number, t.number, e.air_date
	from (
		select t.item_id, t.season_number, t.number
		from rights.topic t
		where t.series_id = s.id
		  and t.number is not null
		  and ($3::int is null or t.season_number = $3)
		  and (t.season_number, t.number) > (coalesce($5::int, -1), coalesce($6::int, -1))
		  and @topic_visible@
		order by t.season_number, t.number
		limit $4::int + 1
	) t
	join content.item i on i.id = t.item_id
	join content.episode e on e.id = t.item_id
) e on true
where s.id = $2
  and s.kind = 'series'
  and s.state = 'published'
  and s.min_age <= $1
  and (s.available_from is null or s.available_from <= now())
  and (s.available_until is null or s.available_until > now())
order by e.season_number, e.number

-- name: episode
-- together: int, bigint
-- $1 age, $2 id
select @card@, i.synopsis, t.number, e.air_date,
       s.id as "series.id", s.title as "series.title",
       t.season_id as "season.id", t.season_number as "season.number",
       before.item_id as previous_id, after.item_id as next_id, @people_columns@
from rights.topic t
join content.item i on i.id = t.item_id
join content.episode e on e.id = t.item_id
join content.item s on s.id = t.series_id
left join content.credit_list who on who.item_id = t.item_id
cross join lateral (select t.series_id, t.season_number, t.number) it
left join lateral (
	select t.item_id
	from rights.topic t
	where t.series_id = it.series_id
	  and t.number is not null
	  and (t.season_number, t.number) < (it.season_number, it.number)
	  and @topic_visible@
	order by t.season_number desc, t.number desc
	limit 1
) before on true
left join lateral (
	select t.item_id
	from rights.topic t
	where t.series_id = it.series_id
	  and t.number is not null
	  and (t.season_number, t.number) > (it.season_number, it.number)
	  and @topic_visible@
	order by t.season_number, t.number
	limit 1
) after on true
where t.item_id = $2
  and t.number is not null
  and @topic_visible@

-- name: genre_list
--- $1 age
select g.slug, g.name, n.movies, n.series
from (
	select t.genre, coalesce(sum(t.n) filter (where t.kind = 'movie'), 0) as movies,
	       coalesce(sum(t.n) filter (where t.kind = 'series'), 0) as series
	from content.genre_tally t
	where t.min_age <= $1
	  and t.at <= now()
	group by t.genre
	having sum(t.n) > 0
) n
join content.genre g on g.slug = n.genre
order by g.name, g.slug

-- A person's visible titles, newest first: the inner order is that of each array, which would be sorted for itself otherwise.
-- name: person
-- together: int, bigint
-- $1 age, $2 id
select p.id, p.name,
       f.ids as "filmography[].id", f.kinds as "filmography[].kind", f.titles as "filmography[].title",
       f.years as "filmography[].year", f.ages as "filmography[].min_age", f.posters as "filmography[].poster",
       f.roles as "filmography[].role", f.characters as "filmography[].character"
from content.person p
cross join lateral (
	select array_agg(c.id) as ids,
	       array_agg(c.kind) as kinds,
	       array_agg(c.title) as titles,
	       array_agg(c.year) as years,
	       array_agg(c.min_age) as ages,
	       array_agg(c.poster) as posters,
	       array_agg(c.role) as roles,
	       array_agg(c.character) as characters
	from (
		select i.id, i.kind, i.title, i.year, i.min_age, i.poster, c.role, max(c.character) as character
		from content.credit c
		join rights.topic t on t.item_id = c.item_id and t.kind in ('movie', 'series', 'episode')
		join content.item i on i.id = t.item_id
		where c.person_id = p.id
		  and @topic_visible@
		group by i.id, c.role
		order by i.year desc nulls last, i.id, c.role
		limit 500
	) c
) f
where p.id = $2
  and f.ids is not null

-- name: home
--- $1 age. A rail is a run of rows with one _key; coming soon shows what is not open yet, and cannot be opened.
with genre as (
	select g.slug, g.name, row_number() over (order by g.titles desc, g.slug) as place
	from content.genre g
	where g.titles > 0
	order by g.titles desc, g.slug
	limit 6
), rail as (
	(select 1 as place, 'newest' as rail, 'Newest' as heading, null as slug,
	        row_number() over (order by l.added_at desc, l.item_id desc) as n, l.*
	 from content.listing l
	 where l.kind = 'movie' and l.genre = '' and l.min_age <= $1 and @open@
	 order by l.added_at desc, l.item_id desc
	 limit 20)
	union all
	(select 2, 'popular', 'Popular', null, row_number() over (order by l.popularity desc, l.item_id desc), l.*
	 from content.listing l
	 where l.kind = 'movie' and l.genre = '' and l.min_age <= $1 and @open@
	 order by l.popularity desc, l.item_id desc
	 limit 20)
	union all
	(select 3, 'series', 'Series', null, row_number() over (order by l.added_at desc, l.item_id desc), l.*
	 from content.listing l
	 where l.kind = 'series' and l.genre = '' and l.min_age <= $1 and @open@
	 order by l.added_at desc, l.item_id desc
	 limit 20)
	union all
	select 10 + g.place, 'genre-' || g.slug, g.name, g.slug, x.*
	from genre g
	cross join lateral (
		select row_number() over (order by l.popularity desc, l.item_id desc) as n, l.*
		from content.listing l
		where l.kind = 'movie' and l.genre = g.slug and l.min_age <= $1 and @open@
		order by l.popularity desc, l.item_id desc
		limit 20
	) x
	union all
	(select 30, 'coming-soon', 'Coming soon', null, row_number() over (order by l.available_from, l.item_id), l.*
	 from content.listing l
	 where l.genre = '' and l.available_from > now() and l.min_age <= $1
	 order by l.available_from, l.item_id
	 limit 20)
	union all
	(select 31, 'leaving-soon', 'Leaving soon', null, row_number() over (order by l.available_until, l.item_id), l.*
	 from content.listing l
	 where l.genre = '' and l.available_until > now() and l.available_until < now() + interval '30 days'
	   and l.min_age <= $1 and @open@
	 order by l.available_until, l.item_id
	 limit 20)
)
select l.rail as id, l.heading as title, l.slug as genre,
       l.item_id as "items[].id", l.kind as "items[].kind", l.title as "items[].title",
       l.original_title as "items[].original_title", nullif(l.year, 0) as "items[].year", l.runtime as "items[].runtime",
       l.genres as "items[].genres", l.rating_code as "items[].rating.code", l.min_age as "items[].rating.min_age",
       l.poster as "items[].poster", l.synopsis as "items[].synopsis",
       l.available_from as "items[].available_from", l.available_until as "items[].available_until",
       l.rail as _key
from rail l
order by l.place, l.n

-- name: count_genres
select content.count_genres()

-- ondemand import: rows of a file are staged in import_row, then merged by sets, in this order.
-- A row's identity is (import.source, key) in content.external_id; its hash there tells whether the
-- row has changed.
-- The staging tables end with the transaction; none of this can be prepared before they exist.

-- name: import_begin
-- $1 lock time-out in ms, $2 source, $3 age of a title without a known rating
select set_config('lock_timeout', $1, true),
       set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('jit', 'off', true),
       set_config('work_mem', '32MB', true),
       set_config('import.source', $2, true),
       set_config('import.unrated_age', $3, true)

-- name: import_stage
-- explicit is in the hashes of what was imported before.
create temporary table import_row (
	n bigint not null,
	line bigint,
	hash bytea,
	kind text not null,
	key text not null,
	explicit boolean,
	title text not null,
	year smallint,
	runtime int,
	synopsis text,
	genres text[],
	rating text,
	poster text,
	added_at timestamptz,
	countries text[],
	actors text[],
	directors text[],
	series text,
	season int,
	episode int,
	air_date date,
	rating_system text,
	min_age smallint
) on commit drop

-- name: import_copy
copy import_row (n, line, hash, kind, key, explicit, title, year, runtime, synopsis, genres, rating,
                 poster, added_at, countries, actors, directors, series, season, episode, air_date)
from stdin

-- name: import_lock
select pg_advisory_xact_lock(hashtext('import'))

-- name: import_series
create temporary table import_series on commit drop as
select r.series as name, e.item_id
from (select distinct series from import_row where series is not null) r
left join content.external_id e on e.scheme = current_setting('import.source')
                                   and e.value = 'series:' || r.series

-- name: import_hold_series
-- Before anything is written: who edits a series, its seasons or episodes meanwhile waits.
select rights.hold_topics(array(select item_id from import_series where item_id is not null))

-- name: import_gone_series
with held as materialized (
	select i.id
	from content.item i
	where i.id in (select v.item_id from import_series v)
	order by i.id
	for key share
)
update import_series v
set item_id = null
where v.item_id is not null
  and not exists (select from held h where h.id = v.item_id)

-- name: import_work
-- The first row of each key, and what is to be done. A season or episode that somebody else made is
-- taken over.
create temporary table import_work on commit drop as
select r.n, r.key, r.kind, r.hash, r.series, r.season,
       coalesce(e.item_id, s.id, p.id) as item_id,
       i.kind as kind_here,
       case when i.kind <> r.kind then 'clash'
            when e.row_hash = r.hash then 'same'
            when coalesce(e.item_id, s.id, p.id) is null then 'create'
            else 'change' end as state
from (select min(n) as n from import_row group by key) f
join import_row r on r.n = f.n
left join content.external_id e on e.scheme = current_setting('import.source') and e.value = r.key
left join content.item i on i.id = e.item_id
left join import_series v on v.name = r.series
left join content.season s on r.kind = 'season' and s.series_id = v.item_id and s.number = r.season
left join content.episode p on r.kind = 'episode' and p.series_id = v.item_id
                               and p.season_number = r.season and p.number = r.episode

-- name: import_hold
select rights.hold_topics(array(select item_id from import_work where state = 'change'))

-- name: import_gone
-- Nobody deletes what is changed any more; what somebody was deleting is made anew.
with held as materialized (
	select i.id
	from content.item i
	where i.id in (select w.item_id from import_work w where w.state = 'change')
	order by i.id
	for key share
)
update import_work w
set item_id = null, state = 'create'
where w.state = 'change'
  and not exists (select from held h where h.id = w.item_id)

-- name: import_verdict
-- Rows that repeat a key are the same title, unless they differ.
create temporary table import_verdict on commit drop as
select r.n, r.line,
       case when w.state = 'clash' then
                 format('%s is a %s here, and a %s in the file', r.key, w.kind_here, w.kind)
            when r.hash <> w.hash then
                 format('%s stands in the file before, with other content', r.key)
       end as reason,
       case when r.n = w.n then w.state else 'same' end as state
from import_row r
join import_work w on w.key = r.key

-- name: import_keep_todo
delete from import_work where state not in ('create', 'change')

-- name: import_ratings
-- A code that several systems have is for the oldest that one of them means.
update import_row r
set min_age = a.min_age, rating_system = a.system
from (select code, max(min_age) as min_age, case when count(*) = 1 then min(system) end as system
      from content.rating group by code) a, import_work w
where a.code = upper(r.rating) and w.n = r.n

-- name: import_new_series
-- A series that only its seasons and episodes name. n is below 0: such rows are not counted.
with made as (
	insert into import_row (n, kind, key, title, series, year, min_age)
	select -2 * min(w.n), 'series', 'series:' || w.series, w.series, w.series,
	       min(extract(year from r.air_date)),
	       max(coalesce(r.min_age, current_setting('import.unrated_age')::smallint))
	from import_work w
	join import_row r on r.n = w.n
	join import_series v on v.name = w.series
	where v.item_id is null
	group by w.series
	returning n, key, kind, series
)
insert into import_work (n, key, kind, series, state)
select n, key, kind, series, 'create' from made

-- name: import_new_seasons
-- The same for seasons that only episodes name.
with made as (
	insert into import_row (n, kind, key, title, series, season, year, min_age)
	select -2 * min(w.n) - 1, 'season', format('season:%s:%s', w.season, w.series),
	       'Season ' || w.season, w.series, w.season, min(extract(year from r.air_date)),
	       max(coalesce(r.min_age, current_setting('import.unrated_age')::smallint))
	from import_work w
	join import_row r on r.n = w.n
	join import_series v on v.name = w.series
	where w.kind = 'episode'
	  and not exists (select from content.season s
	                  where s.series_id = v.item_id and s.number = w.season)
	  and not exists (select from import_work o
	                  where o.kind = 'season' and o.series = w.series and o.season = w.season)
	group by w.series, w.season
	returning n, key, kind, series, season
)
insert into import_work (n, key, kind, series, season, state)
select n, key, kind, series, season, 'create' from made

-- name: import_work_index
create unique index on import_work (n)

-- name: import_analyze
analyze import_row (n), import_work (n, kind, state)

-- name: import_genre
create temporary table import_genre on commit drop as
select g.name, public.name_slug(g.name, 'genre') as slug
from (select distinct unnest(r.genres) as name from import_work w join import_row r on r.n = w.n) g

-- name: import_new_genres
insert into content.genre (slug, name)
select slug, min(name) from import_genre group by slug order by slug
on conflict (slug) do nothing

-- name: import_item_genres
create temporary table import_item_genres on commit drop as
select s.n, array_agg(s.slug order by s.position) as genres
from (select r.n, g.slug, min(t.position) as position
      from import_work w
      join import_row r on r.n = w.n
      cross join unnest(r.genres) with ordinality t (name, position)
      join import_genre g on g.name = t.name
      group by r.n, g.slug) s
group by s.n

-- name: import_create_items
-- Ids are given in the order of the select, so the nth new id is that of the nth row.
with todo as (
	select r.n, r.kind, r.title, r.year, r.runtime, r.synopsis, coalesce(g.genres, '{}') as genres,
	       r.rating_system, case when r.min_age is not null then upper(r.rating) end as rating_code,
	       coalesce(r.min_age, current_setting('import.unrated_age')::smallint) as min_age,
	       r.poster, coalesce(r.added_at, now()) as added_at,
	       row_number() over (order by r.n) as position
	from import_work w
	join import_row r on r.n = w.n
	left join import_item_genres g on g.n = r.n
	where w.state = 'create'
), made as (
	insert into content.item (kind, title, year, runtime, synopsis, genres, rating_system, rating_code,
	                          min_age, poster, added_at)
	select kind, title, year, runtime, synopsis, genres, rating_system, rating_code, min_age, poster, added_at
	from todo
	order by position
	returning id
), numbered as (
	select id, row_number() over (order by id) as position from made
)
update import_work w
set item_id = m.id
from todo t
join numbered m on m.position = t.position
where w.n = t.n

-- name: import_change_items
-- What the file does not say of these two stays.
update content.item i
set title = r.title, year = r.year, runtime = r.runtime, synopsis = r.synopsis,
    genres = coalesce(g.genres, '{}'), rating_system = r.rating_system,
    rating_code = case when r.min_age is not null then upper(r.rating) end,
    min_age = coalesce(r.min_age, current_setting('import.unrated_age')::smallint),
    poster = coalesce(r.poster, i.poster), added_at = coalesce(r.added_at, i.added_at)
from import_work w
join import_row r on r.n = w.n
left join import_item_genres g on g.n = r.n
where w.state = 'change' and i.id = w.item_id

-- name: import_movies
insert into content.movie (id, countries)
select w.item_id, coalesce(r.countries, '{}')
from import_work w
join import_row r on r.n = w.n
where w.kind = 'movie'
on conflict (id) do update set countries = excluded.countries

-- name: import_all_series
insert into content.series (id, countries)
select w.item_id, coalesce(r.countries, '{}')
from import_work w
join import_row r on r.n = w.n
where w.kind = 'series'
on conflict (id) do update set countries = excluded.countries

-- name: import_series_ids
update import_series v
set item_id = w.item_id
from import_work w
where w.kind = 'series' and w.series = v.name

-- name: import_seasons
insert into content.season (id, series_id, number)
select w.item_id, v.item_id, w.season
from import_work w
join import_series v on v.name = w.series
where w.kind = 'season' and w.state = 'create'

-- name: import_episodes
insert into content.episode (id, series_id, season_id, season_number, number, air_date)
select w.item_id, v.item_id, s.id, s.number, r.episode, r.air_date
from import_work w
join import_row r on r.n = w.n
join import_series v on v.name = w.series
join content.season s on s.series_id = v.item_id and s.number = w.season
where w.kind = 'episode'
on conflict (id) do update set air_date = excluded.air_date

-- name: import_external_ids
-- A season without a row of its own is found by its number.
insert into content.external_id (scheme, value, item_id, row_hash)
select current_setting('import.source'), w.key, w.item_id, w.hash
from import_work w
where w.n > 0 or w.kind = 'series'
on conflict (scheme, value) do update set item_id = excluded.item_id, row_hash = excluded.row_hash

-- name: import_credit
create temporary table import_credit on commit drop as
select w.item_id, c.role, t.name, t.position
from import_work w
join import_row r on r.n = w.n
cross join lateral (values ('actor', r.actors), ('director', r.directors)) c (role, names)
cross join unnest(c.names) with ordinality t (name, position)

-- name: import_person
-- Of several people with the name the oldest is meant.
create temporary table import_person on commit drop as
select n.name, (select min(p.id) from content.person p where p.name = n.name) as id
from (select distinct name from import_credit) n

-- name: import_new_people
with made as (
	insert into content.person (name)
	select name from import_person where id is null order by name
	returning id, name
)
update import_person n
set id = made.id
from made
where n.name = made.name

-- name: import_old_credits
delete from content.credit c
using import_work w
where w.state = 'change' and c.item_id = w.item_id and c.role in ('actor', 'director')

-- name: import_credits
insert into content.credit (item_id, person_id, role, position)
select c.item_id, p.id, c.role, c.position
from import_credit c
join import_person p on p.name = c.name
order by c.item_id, c.role, c.position

-- name: import_rejected
select line, reason, n from import_verdict where reason is not null order by n limit 1000

-- name: import_notes
select format('%s ratings are not known here (%s): what has them is for %s and older', count(*),
              left(string_agg(distinct r.rating, ', '), 100), current_setting('import.unrated_age'))
from import_row r
join import_verdict v on v.n = r.n and v.reason is null
where r.rating is not null
  and not exists (select from content.rating k where k.code = upper(r.rating))
having count(*) > 0
union all
select format('%s titles have no rating: they are for %s and older', count(*), current_setting('import.unrated_age'))
from import_row r
join import_verdict v on v.n = r.n and v.reason is null
where r.rating is null
having count(*) > 0
union all
select format('%s series and %s seasons are made that have no row of their own', count(*) filter (where w.kind = 'series'),
              count(*) filter (where w.kind = 'season'))
from import_work w
where w.n < 0
having count(*) > 0

-- name: import_counts
select count(*) filter (where reason is null and state = 'create'),
       count(*) filter (where reason is null and state = 'change'),
       count(*) filter (where reason is null and state = 'same'),
       count(*) filter (where reason is not null)
from import_verdict

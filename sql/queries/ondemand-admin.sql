-- What editors read and write. Reads carry the row's version as their ETag.

-- part: item
i.id, i.kind, i.title, i.original_title, i.alternative_titles, i.year, i.runtime, i.synopsis, i.genres,
i.rating_system as "rating.system", i.rating_code as "rating.code", i.min_age, i.poster, i.state,
i.available_from, i.available_until, i.added_at, i.created_at, i.updated_at

-- part: parts_columns
k.ids as "credits[].person_id", k.names as "credits[].name", k.roles as "credits[].role",
k.characters as "credits[].character",
x.schemes as "external_ids[].scheme", x.ids as "external_ids[].value",
coalesce(m.markers, '[]') as markers, coalesce(m.subtitles, '[]') as subtitles, coalesce(m.renditions, '[]') as renditions

-- part: parts
cross join lateral (
	select array_agg(c.person_id order by c.role, c.position) as ids,
	       array_agg(p.name order by c.role, c.position) as names,
	       array_agg(c.role order by c.role, c.position) as roles,
	       array_agg(c.character order by c.role, c.position) as characters
	from content.credit c
	join content.person p on p.id = c.person_id
	where c.item_id = i.id
) k
cross join lateral (
	select array_agg(e.scheme order by e.scheme, e.value) as schemes, array_agg(e.value order by e.scheme, e.value) as ids
	from content.external_id e
	where e.item_id = i.id
) x
left join content.media m on m.item_id = i.id

-- name: admin_item_list
-- $1 kind, $2 state, $3 limit, $4 cursor (id): newest first, drafts as well. Each state's items are walked from the cursor on.
-- Ranges and not equality: with that the primary key is in the same order, and would be walked over all other kinds.
select i.id, i.kind, i.title, i.year, i.min_age, i.state, i.available_from, i.available_until, i.updated_at, i.id as _1
from (values ('draft'), ('published')) s (state)
cross join lateral (
	select i.id, i.kind, i.title, i.year, i.min_age, i.state, i.available_from, i.available_until, i.updated_at
	from content.item i
	where (i.kind, i.state) >= ($1, s.state)
	  and (i.kind, i.state, i.id) < ($1, s.state, coalesce($4::bigint, 9223372036854775807))
	order by i.kind desc, i.state desc, i.id desc
	limit $3::int + 1
) i
where $2::text is null
   or s.state = $2
order by i.id desc
limit $3::int + 1

-- name: admin_season_list
-- $1 series, $2 limit, $3 cursor (number)
select i.id, i.kind, i.title, n.series_id, n.number, i.min_age, i.state, i.updated_at, n.number as _1
from content.season n
join content.item i on i.id = n.id
where n.series_id = $1
  and n.number > coalesce($3::int, -1)
order by n.number
limit $2::int + 1

-- name: admin_episode_list
-- $1 season, $2 limit, $3 cursor (number)
select i.id, i.kind, i.title, e.series_id, e.season_id, e.season_number as season, e.number, e.air_date, i.min_age, i.state,
       i.updated_at, e.number as _1
from content.season n
cross join lateral (
	select e.id, e.series_id, e.season_id, e.season_number, e.number, e.air_date
	from content.episode e
	where e.series_id = n.series_id
	  and e.season_number = n.number
	  and e.number > coalesce($3::int, -1)
	order by e.number
	limit $2::int + 1
) e
join content.item i on i.id = e.id
where n.id = $1
order by e.number

-- name: admin_movie
select @item@, o.countries, @parts_columns@, i.version as _etag
from content.item i
join content.movie o on o.id = i.id
@parts@
where i.id = $1

-- name: admin_series
select @item@, o.countries, @parts_columns@, i.version as _etag
from content.item i
join content.series o on o.id = i.id
@parts@
where i.id = $1

-- name: admin_season
select @item@, o.series_id, o.number, i.version as _etag
from content.item i
join content.season o on o.id = i.id
where i.id = $1

-- name: admin_episode
select @item@, o.series_id, o.season_id, o.season_number as season, o.number, o.air_date, @parts_columns@,
       i.version as _etag
from content.item i
join content.episode o on o.id = i.id
@parts@
where i.id = $1

-- name: admin_movie_create
select content.save_movie(null, null, $1)

-- name: admin_movie_replace
-- $1 id, $2 versions that If-Match names, $3 body
select content.save_movie($1, $2, $3)

-- name: admin_series_create
select content.save_series(null, null, $1)

-- name: admin_series_replace
select content.save_series($1, $2, $3)

-- name: admin_season_create
select content.save_season(null, null, $1)

-- name: admin_season_replace
select content.save_season($1, $2, $3)

-- name: admin_episode_create
select content.save_episode(null, null, $1)

-- name: admin_episode_replace
select content.save_episode($1, $2, $3)

-- name: admin_item_delete
-- $1 kind, $2 id, $3 versions that If-Match names
select 1 as done
where content.remove($1, $2, $3)

-- name: admin_genre_list
-- $1 limit, $2 cursor (id)
select g.id, g.slug, g.name, g.updated_at, g.id as _1
from content.genre g
where g.id > coalesce($2::bigint, 0)
order by g.id
limit $1::int + 1

-- name: admin_genre
select g.id, g.slug, g.name, g.updated_at, g.version as _etag
from content.genre g
where g.id = $1

-- name: admin_genre_create
insert into content.genre (slug, name)
select b.slug, b.name
from json_to_record($1) as b (slug text, name text)
returning id

-- name: admin_genre_replace
-- $1 id, $2 versions, $3 body. The slug stays: titles and bookmarks name it.
update content.genre g
set name = b.name
from json_to_record($3) as b (name text)
where g.id = $1
  and public.matched(g.version, $2)
returning g.id

-- name: admin_genre_delete
delete from content.genre g
where g.id = $1
  and public.matched(g.version, $2)
returning 1 as done

-- name: admin_person_list
-- $1 name or its beginning, $2 limit, $3 cursor (folded name, id): in order of names
select p.id, p.name, p.updated_at, public.fold(p.name) as _1, p.id as _2
from content.person p
where (public.fold(p.name) collate "C", p.id) > (coalesce($3, public.fold($1), ''), coalesce($4::bigint, 0))
  and public.fold(p.name) collate "C" >= coalesce(public.fold($1), '')
  and public.fold(p.name) collate "C" < coalesce(public.fold($1), '') || U&'\+10FFFF'
order by public.fold(p.name) collate "C", p.id
limit $2::int + 1

-- name: admin_person
select p.id, p.name, p.updated_at, p.version as _etag
from content.person p
where p.id = $1

-- name: admin_person_create
insert into content.person (name)
select b.name
from json_to_record($1) as b (name text)
returning id

-- name: admin_person_replace
update content.person p
set name = b.name
from json_to_record($3) as b (name text)
where p.id = $1
  and public.matched(p.version, $2)
returning p.id

-- name: admin_person_delete
delete from content.person p
where p.id = $1
  and public.matched(p.version, $2)
returning 1 as done

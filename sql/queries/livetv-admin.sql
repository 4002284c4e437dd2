-- part: channel
c.id, c.number, i.title as name, i.poster as logo, c.group_slug as "group", c.country, c.languages, i.min_age,
c.catchup_hours, c.hidden, c.guide_id, c.website, c.alt_names, i.state,
(select s.url from live.source s where s.channel_id = c.id) as "source.url",
(select s.catchup from live.source s where s.channel_id = c.id) as "source.catchup",
(select s.content_ids from live.schedule s where s.channel_id = c.id) as "source.schedule", i.created_at, i.updated_at

-- part: programme
p.id, p.channel_id, p.title, p.subtitle, p.synopsis, p.start_at as start, p.end_at as "end", p.category, p.season, p.episode,
p.min_age, p.content_id

-- name: admin_channel_list
-- $1 whether hidden ones, $2 limit, $3 cursor (number, id). The hidden and the others are walked from the cursor on, as ranges:
-- admin_item_list in ondemand-admin.sql says why.
select @channel@, c.number as _1, c.id as _2
from (
	select c.id
	from (values (false), (true)) h (hidden)
	cross join lateral (
		select c.id, c.number
		from live.channel c
		where c.hidden <= h.hidden
		  and (c.hidden, c.number, c.id) > (h.hidden, coalesce($3::int, -1), coalesce($4::bigint, 0))
		order by c.hidden, c.number, c.id
		limit $2::int + 1
	) c
	where $1::boolean is null
	   or h.hidden = $1
	order by c.number, c.id
	limit $2::int + 1
) p
join live.channel c on c.id = p.id
join content.item i on i.id = c.id
order by c.number, c.id

-- name: admin_channel
select @channel@, i.version as _etag
from live.channel c
join content.item i on i.id = c.id
where c.id = $1

-- name: admin_channel_create
select live.save_source(live.save_channel(null, null, $1), $1)

-- name: admin_channel_replace
-- $1 id, $2 versions that If-Match names, $3 body
select live.save_source(live.save_channel($1, $2, $3), $3)

-- name: admin_channel_delete
-- $1 id, $2 versions: with its whole guide
delete from content.item i
where i.id = $1
  and i.kind = 'channel'
  and public.matched(i.version, $2)
returning 1 as done

-- name: admin_programme_list
-- $1 channel, $2 from, $3 to, $4 limit, $5 cursor (start)
select @programme@, p.start_at as _1
from live.programme p
where p.channel_id = $1
  and p.start_at >= coalesce($2::timestamptz, '-infinity')
  and p.start_at < coalesce($3::timestamptz, 'infinity')
  and p.start_at > coalesce($5::timestamptz, '-infinity')
order by p.start_at
limit $4::int + 1

-- name: admin_programme
select @programme@, p.version as _etag
from live.programme p
where p.id = $1

-- name: admin_programme_create
select live.save_programme_content(live.save_programme(null, null, $1), $1)

-- name: admin_programme_replace
-- $1 id, $2 versions that If-Match names, $3 body
select live.save_programme_content(live.save_programme($1, $2, $3), $3)

-- name: admin_programme_delete
-- The channel's row is locked first, as everybody does who writes to its guide.
with c as materialized (
	select c.id
	from live.channel c
	where c.id = (select p.channel_id from live.programme p where p.id = $1)
	for no key update
)
delete from live.programme p
using c
where p.id = $1
  and p.channel_id = c.id
  and public.matched(p.version, $2)
returning 1 as done

-- name: import_begun
-- $1 format: the record's row, completed when the import has ended
select audit.note('import', 'live.import', null, jsonb_build_object('format', $1::text)) as id

-- name: import_ended
-- $1 the row, $2 report
select audit.complete($1, $2::jsonb) as done

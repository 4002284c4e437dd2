-- livetv import-guide: one transaction a file. A programme's identity is its channel and its start.
-- Channels without programmes ahead are copied straight into the guide; the others are staged and
-- compared. What ended before the history is neither changed nor removed.

-- name: guide_ratings
select code, min_age from content.rating order by code, min_age desc

-- name: guide_begin
-- $1 lock time-out in ms, $2 days of history. tv.importing: see search.programme_written(); tv.pages: see live.lay_out().
select extract(epoch from now() - make_interval(days => $2::int))::bigint as history_from,
       set_config('lock_timeout', $1, true),
       set_config('tv.importing', 'on', true),
       set_config('tv.pages', 'made', true),
       set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('jit', 'off', true),
       set_config('work_mem', '64MB', true),
       set_config('synchronous_commit', 'on', true)

-- name: guide_lock
select pg_advisory_xact_lock(hashtext('import'))

-- name: guide_stage_channels
create temporary table guide_channel (
	n int not null,
	guide_id text not null,
	names text[] not null,
	icon text,
	id bigint,
	number int,
	origin text not null default 'known'
) on commit drop

-- name: guide_copy_channels
copy guide_channel (n, guide_id, names, icon) from stdin

-- name: guide_match_ids
-- Locked, so that nobody deletes them; those that somebody is deleting are not there.
with held as materialized (
	select c.id, c.guide_id
	from live.channel c
	where c.guide_id in (select g.guide_id from guide_channel g)
	order by c.id
	for update
)
update guide_channel g
set id = h.id
from held h
where h.guide_id = g.guide_id

-- name: guide_unmatched
select count(*) from guide_channel where id is null

-- name: guide_match_names
-- Only where the name says one channel, which no other of the file's is. Locked as those by their ids.
with wanted as (
	select g.n, public.fold(x.name) as name
	from guide_channel g
	cross join unnest(g.names) x (name)
	where g.id is null
), known as (
	select c.id, public.fold(i.title) as name
	from live.channel c
	join content.item i on i.id = c.id
	union
	select c.id, public.fold(a.name)
	from live.channel c
	cross join unnest(c.alt_names) a (name)
), found as (
	select w.n, min(k.id) as id
	from wanted w
	join known k on k.name = w.name
	group by w.n
	having count(distinct k.id) = 1
), single as (
	select min(f.n) as n, f.id
	from found f
	where not exists (select from guide_channel g where g.id = f.id)
	group by f.id
	having count(*) = 1
), held as materialized (
	select c.id
	from live.channel c
	where c.id in (select s.id from single s)
	order by c.id
	for update
)
update guide_channel g
set id = s.id, origin = 'name'
from single s
join held h on h.id = s.id
where s.n = g.n

-- name: guide_adopt
update live.channel c
set guide_id = g.guide_id
from guide_channel g
where g.origin = 'name' and c.id = g.id and c.guide_id is null

-- name: guide_numbers
-- The next free numbers, in the order of the file.
with missing as (
	select n, row_number() over (order by n) as position from guide_channel where id is null
), free as (
	select s.number, row_number() over (order by s.number) as position
	from generate_series(1, (select count(*) from missing) + (select count(*) from live.channel)) s (number)
	where not exists (select from live.channel c where c.number = s.number)
)
update guide_channel g
set number = free.number, origin = 'created'
from missing
join free on free.position = missing.position
where g.n = missing.n

-- name: guide_create_items
-- Ids are given in the order of the select, so the nth new id is that of the nth row.
with todo as (
	select n, coalesce(names[1], guide_id) as title, icon, row_number() over (order by n) as position
	from guide_channel
	where origin = 'created'
), made as (
	insert into content.item (kind, title, poster)
	select 'channel', title, icon
	from todo
	order by position
	returning id
), numbered as (
	select id, row_number() over (order by id) as position from made
)
update guide_channel g
set id = m.id
from todo t
join numbered m on m.position = t.position
where g.n = t.n

-- name: guide_create_channels
insert into live.channel (id, number, hidden, guide_id)
select id, number, true, guide_id
from guide_channel
where origin = 'created'
order by n

-- name: guide_channels
-- $1 where the history begins. fresh: no programme ends later; floor: where the last one before it ends.
select g.n, g.id, g.origin, encode(s.digest, 'hex') as digest,
       coalesce(l.end_at <= to_timestamp($1::bigint), true) as fresh,
       ceil(extract(epoch from h.end_at))::bigint as floor
from guide_channel g
left join live.guide_state s on s.channel_id = g.id
left join lateral (
	select p.end_at
	from live.programme p
	where p.channel_id = g.id
	order by p.start_at desc
	limit 1
) l on true
left join lateral (
	select p.end_at
	from live.programme p
	where p.channel_id = g.id
	  and p.start_at < to_timestamp($1::bigint)
	  and p.end_at <= to_timestamp($1::bigint)
	order by p.start_at desc
	limit 1
) h on true
order by g.n

-- name: guide_reserve
-- $1 how many ids; the first one, and whether nobody was given one in between.
select min(n.id), max(n.id) - min(n.id) + 1 = $1::bigint
from (select nextval('live.programme_id_seq') as id from generate_series(1, $1::bigint)) n

-- name: guide_copy
copy live.programme (id, channel_id, start_at, end_at, title, subtitle, synopsis, category, season,
                     episode, min_age, categories, icon, rating, year, is_new, is_premiere,
                     is_repeat, credits)
from stdin (format binary)

-- name: guide_copy_pages
copy live.guide_page (channel_id, starts, max_age, carried, start_at, end_at, min_age, cuts, body)
from stdin (format binary)

-- name: guide_lay_out
-- $1 channels, $2 others; $3 since when, $4 until when of the ones, $5 and $6 of the others
select live.lay_out($1::bigint[], to_timestamp($3::bigint), to_timestamp($4::bigint)),
       live.lay_out($2::bigint[], to_timestamp($5::bigint), to_timestamp($6::bigint))

-- name: guide_stage
create temporary table guide_row (
	channel_id bigint not null,
	start_at timestamptz not null,
	end_at timestamptz not null,
	title text not null,
	subtitle text,
	synopsis text,
	category text,
	season int,
	episode int,
	min_age smallint not null,
	categories text[] not null,
	icon text,
	rating text,
	year smallint,
	is_new boolean not null,
	is_premiere boolean not null,
	is_repeat boolean not null,
	credits json
) on commit drop

-- name: guide_copy_stage
copy guide_row (channel_id, start_at, end_at, title, subtitle, synopsis, category, season,
                episode, min_age, categories, icon, rating, year, is_new, is_premiere,
                is_repeat, credits)
from stdin (format binary)

-- name: guide_index
create index guide_row_start on guide_row (channel_id, start_at)

-- name: guide_analyze
analyze guide_row

-- name: guide_remove
-- $1 where the history begins. What the file does not name any more, between its first and last
-- programme of the channel; of what is over only what is in the way.
delete from live.programme p
using (
	select channel_id, min(start_at) as first_at, max(end_at) as last_at
	from guide_row
	group by channel_id
) f
where p.channel_id = f.channel_id
  and p.start_at >= f.first_at
  and p.start_at < f.last_at
  and p.end_at > to_timestamp($1::bigint)
  and not exists (select from guide_row r where r.channel_id = p.channel_id and r.start_at = p.start_at)
  and (p.start_at >= now()
       or (select r.end_at
           from guide_row r
           where r.channel_id = p.channel_id
             and r.start_at < p.end_at
           order by r.start_at desc
           limit 1) > p.start_at)

-- name: guide_shorten
-- What runs into the file's first programme ends there.
update live.programme p
set end_at = f.first_at
from (
	select channel_id, min(start_at) as first_at
	from guide_row
	group by channel_id
) f
where p.channel_id = f.channel_id
  and p.start_at < f.first_at
  and p.end_at > f.first_at

-- name: guide_change
update live.programme p
set end_at = r.end_at, title = r.title, subtitle = r.subtitle, synopsis = r.synopsis,
    category = r.category, season = r.season, episode = r.episode, min_age = r.min_age,
    categories = r.categories, icon = r.icon, rating = r.rating, year = r.year,
    is_new = r.is_new, is_premiere = r.is_premiere, is_repeat = r.is_repeat, credits = r.credits
from guide_row r
where p.channel_id = r.channel_id
  and p.start_at = r.start_at
  and (p.end_at, p.title, p.subtitle, p.synopsis, p.category, p.season, p.episode, p.min_age,
       p.categories, p.icon, p.rating, p.year, p.is_new, p.is_premiere, p.is_repeat,
       p.credits::text)
      is distinct from
      (r.end_at, r.title, r.subtitle, r.synopsis, r.category, r.season, r.episode, r.min_age,
       r.categories, r.icon, r.rating, r.year, r.is_new, r.is_premiere, r.is_repeat,
       r.credits::text)

-- name: guide_create
insert into live.programme (channel_id, start_at, end_at, title, subtitle, synopsis, category,
                            season, episode, min_age, categories, icon, rating, year, is_new,
                            is_premiere, is_repeat, credits)
select r.channel_id, r.start_at, r.end_at, r.title, r.subtitle, r.synopsis, r.category, r.season,
       r.episode, r.min_age, r.categories, r.icon, r.rating, r.year, r.is_new, r.is_premiere,
       r.is_repeat, r.credits
from guide_row r
where not exists (select from live.programme p
                  where p.channel_id = r.channel_id and p.start_at = r.start_at)

-- name: guide_stage_digests
create temporary table guide_digest (
	channel_id bigint not null,
	digest bytea not null
) on commit drop

-- name: guide_copy_digests
copy guide_digest (channel_id, digest) from stdin

-- name: guide_digests
insert into live.guide_state (channel_id, digest)
select channel_id, digest from guide_digest order by channel_id
on conflict on constraint guide_state_pkey do update set digest = excluded.digest

-- name: guide_known_size
-- $1 bytes. A row when one of the known files may be this one.
select 1 from live.guide_file where size = $1::bigint or size is null limit 1

-- name: guide_known_file
-- $1 digest, $2 days of history. One row at least: what its import said, with each line that was rejected.
with f as (
	select k.read, k.rejected, k.past, k.cut, k.moved, k.icons, k.unrated, k.strange, k.shown
	from live.guide_file k
	cross join lateral (
		select extract(epoch from now() - make_interval(days => $2::int))::bigint as history_from
	) h
	where k.digest = $1::bytea
	  and h.history_from >= k.history_from
	  and h.history_from < k.next_past
	  and live.guide_state_of(k.guide_ids) = k.state
)
select f.read, f.rejected, f.past, f.cut, f.moved, f.icons, f.unrated, f.strange, (s.one ->> 0)::bigint as line, s.one ->> 1 as why
from f
left join lateral json_array_elements(f.shown) with ordinality s (one, n) on true
order by s.n

-- name: guide_remember
-- $1 digest, $2 where the history begins, $3 when that is another file; $4 … as they were reported; $9 bytes, $10 … as
-- reported, too. Not where a channel is only known by its name, or not at all: the next import would look at names again.
with ids as (
	select array_agg(g.guide_id order by g.n) as list
	from guide_channel g
	having bool_and(exists (select from live.channel c where c.guide_id = g.guide_id))
)
insert into live.guide_file (digest, history_from, next_past, read, rejected, past, cut, shown, size, moved, icons, unrated, strange,
                             guide_ids, state)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, ids.list, live.guide_state_of(ids.list)
from ids
on conflict on constraint guide_file_pkey
do update set imported_at = excluded.imported_at, history_from = excluded.history_from, next_past = excluded.next_past,
              read = excluded.read, rejected = excluded.rejected, past = excluded.past, cut = excluded.cut,
              shown = excluded.shown, size = excluded.size, moved = excluded.moved, icons = excluded.icons,
              unrated = excluded.unrated, strange = excluded.strange, guide_ids = excluded.guide_ids, state = excluded.state

-- name: guide_forget
-- All but the last few files.
delete from live.guide_file f
where f.imported_at < (select l.imported_at from live.guide_file l order by l.imported_at desc offset 19 limit 1)

-- name: guide_prune_begin
-- What is pruned is before every history, so no channel's digest is less true for it; its pages go first.
select set_config('tv.pages', 'made', false)

-- name: guide_prune_pages
-- $1 days of history
delete from live.guide_page
where starts < live.page_start(now() - make_interval(days => $1::int))

-- name: guide_prune
-- $1 days of history, $2 rows at most. Whole pages of the guide are over.
delete from live.programme
where id in (select p.id
             from live.programme p
             where p.end_at <= live.page_start(now() - make_interval(days => $1::int))
               and p.start_at < live.page_start(now() - make_interval(days => $1::int))
             limit $2::int
             for update skip locked)

-- name: guide_transaction
begin

-- name: guide_commit
commit

-- name: guide_rollback
rollback

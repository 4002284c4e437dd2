-- livetv import-channels: channels and the feeds that say their languages. A channel's
-- identity is its guide_id.
-- The staging tables end with the transaction; none of this can be prepared before they exist.

-- name: import_channel_begin
-- $1 lock time-out in ms
select set_config('lock_timeout', $1, true),
       set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('jit', 'off', true),
       set_config('work_mem', '32MB', true)

-- name: import_channel_stage
-- name is null in the row of a feed, languages in that of a channel whose file does not say them.
create temporary table import_row (
	n bigint not null,
	line bigint,
	hash bytea not null,
	guide_id text not null,
	name text,
	number int,
	group_name text,
	group_slug text generated always as (public.name_slug(group_name, 'group')) stored,
	country text,
	languages text[],
	alt_names text[],
	hidden boolean,
	min_age smallint,
	website text,
	logo text,
	main boolean
) on commit drop

-- name: import_channel_copy
copy import_row (n, line, hash, guide_id, name, number, group_name, country, languages, alt_names,
                 hidden, min_age, website, logo, main)
from stdin

-- name: import_channel_lock
select pg_advisory_xact_lock(hashtext('import'))

-- name: import_channel_work
-- The first row of each channel, and what is to be done.
create temporary table import_work on commit drop as
select r.n, r.guide_id, r.hash, c.id,
       case when c.row_hash = r.hash then 'same'
            when c.id is null then 'create'
            else 'change' end as state,
       r.number
from (select min(n) as n from import_row where name is not null group by guide_id) f
join import_row r on r.n = f.n
left join live.channel c on c.guide_id = r.guide_id

-- name: import_channel_hold
-- Nobody deletes them any more; those that somebody was deleting are made anew.
with held as materialized (
	select i.id
	from content.item i
	where i.id in (select w.id from import_work w where w.state = 'change')
	order by i.id
	for no key update
)
update import_work w
set id = null, state = 'create'
where w.state = 'change'
  and not exists (select from held h where h.id = w.id)

-- name: import_channel_feed
-- The first main feed of each channel.
create temporary table import_feed on commit drop as
select r.n, r.guide_id, r.languages, c.id, c.languages is distinct from r.languages as differs
from (select min(n) as n from import_row where name is null and main group by guide_id) f
join import_row r on r.n = f.n
left join live.channel c on c.guide_id = r.guide_id

-- name: import_channel_verdict
create temporary table import_verdict on commit drop as
select r.n, r.line,
       case when r.hash <> w.hash then
                 format('%s stands in the file before, with other content', r.guide_id)
       end as reason,
       case when r.n = w.n then w.state else 'same' end as state
from import_row r
join import_work w on w.guide_id = r.guide_id
where r.name is not null
union all
select r.n, r.line,
       case when not exists (select from live.channel c where c.guide_id = r.guide_id) then
                 format('there is no channel %s', r.guide_id)
            when r.main and r.languages <> f.languages then
                 format('%s has a main feed in the file before, with other languages', r.guide_id)
       end,
       case when r.n = f.n and f.differs then 'change' else 'same' end
from import_row r
left join import_feed f on f.guide_id = r.guide_id
where r.name is null

-- name: import_channel_keep_todo
delete from import_work where state = 'same'

-- name: import_channel_analyze
analyze import_row (n, guide_id), import_work, import_feed

-- name: import_channel_groups
insert into live.channel_group (slug, name)
select r.group_slug, min(r.group_name)
from import_work w
join import_row r on r.n = w.n
where r.group_slug is not null
group by r.group_slug
order by r.group_slug
on conflict (slug) do nothing

-- name: import_channel_numbers
-- A new channel without a number gets the next free one, in the order of the file.
with missing as (
	select n, row_number() over (order by n) as position
	from import_work
	where state = 'create' and number is null
), free as (
	select s.number, row_number() over (order by s.number) as position
	from generate_series(1, (select count(*) from missing) + (select count(*) from live.channel) +
	                        (select count(*) from import_work)) s (number)
	where not exists (select from live.channel c where c.number = s.number)
	  and not exists (select from import_work w where w.number = s.number)
)
update import_work w
set number = free.number
from missing
join free on free.position = missing.position
where w.n = missing.n

-- name: import_channel_create_items
-- Ids are given in the order of the select, so the nth new id is that of the nth row.
with todo as (
	select r.n, r.name, r.min_age, r.logo, row_number() over (order by r.n) as position
	from import_work w
	join import_row r on r.n = w.n
	where w.state = 'create'
), made as (
	insert into content.item (kind, title, min_age, poster)
	select 'channel', name, min_age, logo
	from todo
	order by position
	returning id
), numbered as (
	select id, row_number() over (order by id) as position from made
)
update import_work w
set id = m.id
from todo t
join numbered m on m.position = t.position
where w.n = t.n

-- name: import_channel_change_items
-- A logo that the file does not name stays.
update content.item i
set title = r.name, min_age = r.min_age, poster = coalesce(r.logo, i.poster)
from import_work w
join import_row r on r.n = w.n
where w.state = 'change' and i.id = w.id

-- name: import_channel_create_channels
insert into live.channel (id, number, group_slug, country, languages, hidden, guide_id, website,
                          alt_names, row_hash)
select w.id, w.number, r.group_slug, r.country, coalesce(r.languages, '{}'), r.hidden,
       r.guide_id, r.website, r.alt_names, r.hash
from import_work w
join import_row r on r.n = w.n
where w.state = 'create'
order by w.n

-- name: import_channel_change_channels
-- A number and languages that the file does not name stay.
update live.channel c
set number = coalesce(w.number, c.number), group_slug = r.group_slug, country = r.country,
    languages = coalesce(r.languages, c.languages), hidden = r.hidden, website = r.website,
    alt_names = r.alt_names, row_hash = r.hash
from import_work w
join import_row r on r.n = w.n
where w.state = 'change' and c.id = w.id

-- name: import_channel_languages
update live.channel c
set languages = f.languages
from import_feed f
where f.differs and c.id = f.id

-- name: import_channel_rejected
select line, reason, n from import_verdict where reason is not null order by n limit 1000

-- name: import_channel_notes
select format('%s channels are closed: they are hidden', count(*)) from import_row where hidden having count(*) > 0
union all
select format('%s feeds are left out: a channel has the languages of its main one', count(*))
from import_row
where name is null
  and main is not true
having count(*) > 0

-- name: import_channel_counts
select count(*) filter (where reason is null and state = 'create'),
       count(*) filter (where reason is null and state = 'change'),
       count(*) filter (where reason is null and state = 'same'),
       count(*) filter (where reason is not null)
from import_verdict

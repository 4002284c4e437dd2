-- livetv import-m3u: channels of playlists, staged as those of livetv-channels.sql are. A playlist says less than a
-- list of channels: what it does not say stays.

-- name: m3u_stage
create temporary table import_source (
	n bigint not null,
	url text not null,
	catchup text,
	catchup_hours int,
	named boolean not null,
	languages text[] not null
) on commit drop

-- name: m3u_copy
copy import_source (n, url, catchup, catchup_hours, named, languages) from stdin

-- name: m3u_ids
-- Without an id the name is it.
update import_row r
set guide_id = case when public.has_slug(r.name) then public.slug(r.name) else public.fold(r.name) end
from import_source s
where s.n = r.n and not s.named

-- part: m3u_words
-- code is null: nobody knows the word. Of "pt-BR" and "Portuguese (Brazil)" the language.
(
	select s.n, t.position, t.word,
	       coalesce(lower(substring(t.word from '^([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]*)?$')), k.code) as code
	from import_source s
	cross join unnest(s.languages) with ordinality t (word, position)
	left join live.language_name k on k.name = public.fold(regexp_replace(t.word, '\s*\(.*\)$', ''))
)

-- name: m3u_languages
update import_row r
set languages = l.codes
from (
	select o.n, array_agg(o.code order by o.position) as codes
	from (select w.n, w.code, min(w.position) as position from @m3u_words@ w where w.code is not null group by w.n, w.code) o
	group by o.n
) l
where l.n = r.n

-- name: m3u_languages_left
select w.word, count(*) from @m3u_words@ w where w.code is null group by w.word order by min(w.n), min(w.position)

-- name: m3u_change_items
update content.item i
set title = r.name, poster = coalesce(r.logo, i.poster)
from import_work w
join import_row r on r.n = w.n
where w.state = 'change' and i.id = w.id

-- name: m3u_change_channels
update live.channel c
set number = coalesce(w.number, c.number), group_slug = coalesce(r.group_slug, c.group_slug),
    country = coalesce(r.country, c.country), languages = coalesce(r.languages, c.languages),
    row_hash = r.hash
from import_work w
join import_row r on r.n = w.n
where w.state = 'change' and c.id = w.id

-- name: m3u_catchup
-- Who says how, and not how far back, keeps a day at least.
update live.channel c
set catchup_hours = s.hours
from (
	select w.id, coalesce(s.catchup_hours, case when s.catchup is not null then coalesce(nullif(c.catchup_hours, 0), 24) end) as hours
	from import_work w
	join import_source s on s.n = w.n
	join live.channel c on c.id = w.id
) s
where c.id = s.id and c.catchup_hours <> s.hours

-- name: m3u_sources
insert into live.source (channel_id, url, catchup)
select w.id, s.url, s.catchup
from import_work w
join import_source s on s.n = w.n
order by w.id
on conflict on constraint source_pkey do update
	set url = excluded.url, catchup = coalesce(excluded.catchup, source.catchup)
where (source.url, source.catchup) is distinct from (excluded.url, coalesce(excluded.catchup, source.catchup))

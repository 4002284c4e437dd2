-- What can be searched: one row of search.document for each title, person, channel and programme's title, kept by
-- triggers in the writer's transaction. PostgreSQL searches it itself, and Elasticsearch is fed from it.

create extension if not exists fuzzystrmatch with schema public;

create schema search;
grant usage on schema search to tv_search;

create type search.kind as enum ('movie', 'series', 'channel', 'programme', 'person', 'episode');

-- Programmes that share a title are one document: a week of news is found once, and a guide of 500,000 programmes is some
-- thousand documents.
create table search.show (
	id bigint generated always as identity,
	title text not null,
	constraint show_pkey primary key (id),
	constraint show_title_key unique (title)
);
comment on table search.show is 'the titles of programmes; document.ref_id of the kind programme is one of these';
create index programme_title on live.programme (hashtext(title), start_at);

create sequence search.version;

create table search.document (
	kind search.kind not null,
	ref_id bigint not null,
	title text not null,
	titles text[] not null,
	form text not null,
	forms text[] not null,
	year smallint,
	weight int not null,
	min_age smallint not null,
	open_from timestamptz,
	open_until timestamptz,
	words tsvector not null,
	version bigint not null default nextval('search.version'),
	gone_at timestamptz,
	constraint document_pkey primary key (kind, ref_id)
);
comment on table search.document is 'published things that may be found; what each request finds is looked at again by search.item()';
comment on column search.document.titles is 'as shown, original and alternative, the shown one first';
comment on column search.document.form is 'the shown title as search.fold() has it';
comment on column search.document.forms is 'every way in which the titles are written';
comment on column search.document.weight is 'popularity on a scale that all kinds share';
comment on column search.document.min_age is 'the youngest age that may see any of it: an episode by its season and series, a person by the credits';
comment on column search.document.version is 'grows with each change, under the lock of the row: the external version of an index';
comment on column search.document.gone_at is 'not to be found any more; the row stays a day so that an index learns of it';

create index document_words on search.document using gin (words) with (fastupdate = off);
create index document_gone on search.document (gone_at) where gone_at is not null;

-- Beginnings: the folded title from each of its words on, so that a prefix of any word is a range of one index.
create table search.name (
	form text collate "C" not null,
	place smallint not null,
	kind search.kind not null,
	ref_id bigint not null,
	weight int not null,
	min_age smallint not null,
	open_from timestamptz,
	open_until timestamptz
);
comment on column search.name.place is '0: the whole title, 1: from a later word on, 2: the whole title without blanks';

create index name_form on search.name (form) include (place, kind, ref_id, weight, min_age, open_from, open_until);
create index name_letter on search.name (kind, place, left(form, 1), weight desc)
	include (ref_id, min_age, open_from, open_until) where place < 2;
create index name_letters on search.name (kind, place, left(form, 2), weight desc)
	include (ref_id, min_age, open_from, open_until) where place < 2;
create index name_document on search.name (ref_id, kind);

-- Words, for typing errors: deletes are the word and what it is without one of its letters; words one error apart share one.
create table search.word (
	word text collate "C" not null,
	deletes text[] not null,
	constraint word_pkey primary key (word)
);

create index word_deletes on search.word using gin (deletes) with (fastupdate = off);
create index word_trigrams on search.word using gin (word public.gin_trgm_ops) with (fastupdate = off) where length(word) > 5;

-- What Elasticsearch has not been told yet. Rows are claimed by "for update skip locked" and deleted when sent.
create table search.queue (
	id bigint generated always as identity,
	kind search.kind not null,
	ref_id bigint not null,
	queued_at timestamptz not null default now(),
	constraint queue_pkey primary key (id)
);

-- One row. queueing: somebody empties the queue. Without Elasticsearch nothing is queued, and nothing grows.
create table search.sync (
	one boolean not null default true,
	queueing boolean not null default false,
	reindex_at timestamptz,
	constraint sync_pkey primary key (one),
	constraint sync_one check (one)
);
comment on column search.sync.reindex_at is 'since when a rebuild has been asked for and not begun';
insert into search.sync default values;

-- The whole document for an index, also of what is gone (then only its version counts). An id without a row is gone, too.
create view search.indexed as
	select d.kind::text as kind, d.ref_id as id, d.version, d.gone_at is not null as gone, d.title, d.titles, d.year,
	       d.weight, d.min_age, d.open_from, d.open_until
	from search.document d;

-- --- text

-- Lower case, without accents and punctuation, words with one blank between them. Han, kana and hangul become words of one
-- character each, Arabic loses vowel signs and variants of letters. What has no letter at all stays as it is.
create function search.fold(text) returns text
	language plpgsql immutable strict parallel safe set search_path = ''
	as $$
declare
	x text := $1;
	folded text;
begin
	if x !~ '^[ -~]*$' then
		x := translate(normalize(x, NFKC), U&'\2019\2018\02BC\00B4\0640\064B\064C\064D\064E\064F\0650\0651\0652\0670', '''''''''');
		x := public.unaccent('public.unaccent'::regdictionary, x);
		x := translate(x, U&'\0623\0625\0622\0671\0649\0629', U&'\0627\0627\0627\0627\064A\0647');
		if x ~ U&'[\3040-\30FF\3400-\9FFF\AC00-\D7AF]' then
			x := regexp_replace(x, U&'([\3040-\30FF\3400-\9FFF\AC00-\D7AF])', ' \1 ', 'g');
		end if;
	end if;
	x := replace(replace(lower(x), '&', ' and '), '+', ' plus ');
	if x like '%''%' then
		x := regexp_replace(x, '''(s|t|d|m|ll|re|ve)\M', '\1', 'g');
	end if;
	if x like '%.%' then
		x := regexp_replace(x, '\m([[:alpha:]])\.(?=[[:alpha:]](\.|\M))', '\1', 'g');
	end if;
	folded := trim(regexp_replace(x, '[^[:alnum:]]+', ' ', 'g'));
	return case when folded <> '' then folded else trim(regexp_replace(x, '\s+', ' ', 'g')) end;
end $$;

-- Numbers as digits: rocky ii, rocky two and rocky 2 are one.
create function search.digits(folded text) returns text
	language plpgsql immutable strict parallel safe set search_path = ''
	as $$
begin
	if folded !~ '\m(ii|iii|iv|v|vi|vii|viii|ix|x|xi|xii|xiii|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\M' then
		return folded;
	end if;
	return (select string_agg(coalesce('{"ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
		"xi": 11, "xii": 12, "xiii": 13, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
		"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}'::jsonb ->> w, w), ' ' order by n)
		from unnest(string_to_array(folded, ' ')) with ordinality t (w, n));
end $$;

-- A folded text without its leading article; null when it has none, or nothing besides.
create function search.without_article(folded text) returns text
	language sql immutable strict parallel safe
	return case when split_part(folded, ' ', 1) in ('the', 'a', 'an', 'le', 'la', 'les', 'un', 'une', 'el', 'los', 'las',
		'una', 'il', 'lo', 'gli', 'der', 'die', 'das', 'ein', 'eine', 'het', 'de', 'den', 'det', 'os')
		then nullif(substr(folded, strpos(folded || ' ', ' ') + 1), '') end;

-- The ways that these titles are written: folded, with digits, and with what hyphens and apostrophes divide as one word.
create function search.spellings(titles text[]) returns text[]
	language plpgsql immutable strict parallel safe set search_path = ''
	as $$
declare
	title text;
	form text;
	forms text[] := '{}';
begin
	foreach title in array titles loop
		form := search.fold(title);
		forms := forms || form || search.digits(form);
		if title ~ U&'[[:alnum:]][-''\2010-\2015\2019\2018][[:alnum:]]' then
			forms := forms || search.fold(regexp_replace(title, U&'[-''\2010-\2015\2019\2018]', '', 'g'));
		end if;
	end loop;
	return array(select distinct left(f, 200) from unnest(forms) f where f <> '');
end $$;

-- The rows of search.name for these spellings.
create function search.beginnings(forms text[]) returns table (form text, place smallint)
	language plpgsql immutable strict parallel safe set search_path = ''
	as $$
declare
	spelling text;
	bare text;
	rest text;
	word text;
	seen text[] := '{}';
begin
	foreach spelling in array forms loop
		bare := search.without_article(spelling);
		rest := spelling;
		for n in 1 .. 30 loop
			word := split_part(rest, ' ', 1);
			form := left(rest, 80);
			place := case when n = 1 or rest = bare then 0 else 1 end;
			if (n = 1 or word not in ('of', 'the', 'and', 'a', 'an', 'in', 'on', 'to', 'for', 'with'))
			   and not form = any (seen) then
				seen := seen || form;
				return next;
			end if;
			exit when word = rest;
			rest := substr(rest, length(word) + 2);
		end loop;
		place := 2;
		if spelling like '% %' then
			form := left(replace(spelling, ' ', ''), 80);
			return next;
		end if;
		if bare like '% %' then
			form := left(replace(bare, ' ', ''), 80);
			return next;
		end if;
	end loop;
end $$;

create function search.deletes(word text) returns text[]
	language sql immutable strict parallel safe
	begin atomic
		select array_agg(distinct d.word)
		from (select $1 as word
		      union all
		      select left($1, n - 1) || substr($1, n + 1) from generate_series(1, length($1)) n) d;
	end;
comment on function search.deletes(text) is 'a word, and what it is without one of its letters';

-- --- documents

create type search.source as (
	ref_id bigint,
	title text,
	titles text[],
	year smallint,
	weight int,
	min_age smallint,
	open_from timestamptz,
	open_until timestamptz
);

-- Kinds share the scale: of two equally popular things the film stands before the channel, and that before the person.
create function search.weigh(of_kind search.kind, popularity int, year int) returns int
	language sql immutable parallel safe
	return case of_kind when 'movie' then 2000 when 'series' then 2000 when 'channel' then 1500 when 'programme' then 1000
	                    when 'person' then 500 else 0 end
	       + (1000 * ln(1 + greatest(coalesce(popularity, 0), 0)))::int + least(greatest(coalesce(year, 1900) - 1900, 0), 150);

create function search.source_titles(of_kind search.kind, ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select i.id, i.title, array_remove(array[i.title, i.original_title] || i.alternative_titles, null), i.year,
		       search.weigh(of_kind, i.popularity, i.year), i.min_age, i.available_from, i.available_until
		from unnest(ids) w (id)
		cross join lateral (
			select i.id, i.kind, i.title, i.original_title, i.alternative_titles, i.year, i.popularity, i.state, i.min_age,
			       i.available_from, i.available_until
			from content.item i
			where i.id = w.id
			offset 0
		) i
		where i.kind = of_kind::text and i.state = 'published';
	end;

-- An episode needs its season and series.
create function search.source_episodes(ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select i.id, i.title, array_remove(array[i.title, i.original_title] || i.alternative_titles, null),
		       coalesce(i.year, extract(year from e.air_date)::smallint, s.year), search.weigh('episode', i.popularity, i.year),
		       greatest(i.min_age, t.min_age, s.min_age), greatest(i.available_from, t.available_from, s.available_from),
		       least(i.available_until, t.available_until, s.available_until)
		from unnest(ids) w (id)
		cross join lateral (
			select e.id, e.season_id, e.series_id, e.air_date from content.episode e where e.id = w.id offset 0
		) e
		join content.item i on i.id = e.id
		join content.item t on t.id = e.season_id
		join content.item s on s.id = e.series_id
		where i.state = 'published' and t.state = 'published' and s.state = 'published';
	end;

-- A person is there for whom one of the credits is. The window is around all of theirs.
create function search.source_people(ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select p.id, p.name, array[p.name], null::smallint, search.weigh('person', c.titles, null), c.min_age,
		       c.open_from, c.open_until
		from (
			select w.id, count(distinct coalesce(e.series_id, i.id))::int as titles,
			       min(greatest(i.min_age, t.min_age, s.min_age)) as min_age,
			       nullif(min(coalesce(greatest(i.available_from, t.available_from, s.available_from), '-infinity')),
			              '-infinity') as open_from,
			       nullif(max(coalesce(least(i.available_until, t.available_until, s.available_until), 'infinity')),
			              'infinity') as open_until
			from unnest(ids) w (id)
			cross join lateral (select c.item_id from content.credit c where c.person_id = w.id offset 0) c
			join content.item i on i.id = c.item_id and i.state = 'published' and i.kind not in ('season', 'channel')
			left join content.episode e on e.id = i.id
			left join content.item t on t.id = e.season_id
			left join content.item s on s.id = e.series_id
			where coalesce(t.state, 'published') = 'published'
			  and coalesce(s.state, 'published') = 'published'
			group by w.id
		) c
		join content.person p on p.id = c.id;
	end;

create function search.source_channels(ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select i.id, i.title, i.title || c.alt_names, null::smallint, search.weigh('channel', i.popularity, null), i.min_age,
		       i.available_from, i.available_until
		from unnest(ids) w (id)
		cross join lateral (select c.id, c.alt_names, c.hidden from live.channel c where c.id = w.id offset 0) c
		join content.item i on i.id = c.id
		where not c.hidden and i.state = 'published';
	end;

-- A programme's title; which of them is on when is looked up by whoever finds it. The longest catch-up window is 744 hours.
create function search.source_shows(ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select s.id, s.title, array[s.title], null::smallint, search.weigh('programme', 0, null), p.min_age, null::timestamptz,
		       null::timestamptz
		from (
			select s.id, min(greatest(p.min_age, i.min_age)) as min_age
			from unnest(ids) w (id)
			cross join lateral (select s.id, s.title from search.show s where s.id = w.id offset 0) s
			cross join lateral (
				select p.channel_id, p.min_age
				from live.programme p
				where hashtext(p.title) = hashtext(s.title) and p.title = s.title
				  and p.end_at > now() - interval '744 hours'
				offset 0
			) p
			join content.item i on i.id = p.channel_id
			group by s.id
		) p
		join search.show s on s.id = p.id;
	end;

create function search.source(of_kind search.kind, ids bigint[]) returns setof search.source
	language plpgsql stable set search_path = ''
	as $$
begin
	case of_kind
		when 'movie', 'series' then return query select * from search.source_titles(of_kind, ids);
		when 'episode' then return query select * from search.source_episodes(ids);
		when 'person' then return query select * from search.source_people(ids);
		when 'channel' then return query select * from search.source_channels(ids);
		when 'programme' then return query select * from search.source_shows(ids);
	end case;
end $$;

-- The names and words of documents that have changed, and the word to who feeds an index.
create function search.spread(of_kind search.kind, ids bigint[]) returns void
	language plpgsql set search_path = ''
	as $$
begin
	delete from search.name n where n.ref_id = any (ids) and n.kind = of_kind;
	insert into search.name (form, place, kind, ref_id, weight, min_age, open_from, open_until)
		select b.form, b.place, of_kind, d.ref_id, d.weight, d.min_age, d.open_from, d.open_until
		from unnest(ids) w (id)
		cross join lateral (
			select d.ref_id, d.forms, d.weight, d.min_age, d.open_from, d.open_until
			from search.document d
			where d.kind = of_kind and d.ref_id = w.id and d.gone_at is null
			offset 0
		) d
		cross join lateral search.beginnings(d.forms) b;
	insert into search.word (word, deletes)
		select n.word, search.deletes(n.word)
		from (select distinct unnest(tsvector_to_array(d.words)) collate "C" as word
		      from unnest(ids) w (id)
		      cross join lateral (
		          select d.words from search.document d
		          where d.kind = of_kind and d.ref_id = w.id and d.gone_at is null
		          offset 0
		      ) d) n
		left join lateral (select true as known from search.word w where w.word = n.word offset 0) w on true
		where length(n.word) between 3 and 30
		  and w.known is null
		order by n.word
		on conflict on constraint word_pkey do nothing;
	insert into search.queue (kind, ref_id)
		select of_kind, unnest(ids)
		from search.sync s
		where s.queueing;
end $$;

-- Makes the documents of these ids again, in the transaction that has changed what they are made of. Two that change one
-- document wait for each other here, so that the second one sees what the first one did. An import's tables have no
-- statistics yet: hence the indexes, in the order that is written.
create function search.refresh(of_kind search.kind, ids bigint[]) returns void
	language plpgsql security definer set search_path = '' set enable_seqscan = off set join_collapse_limit = 1 set jit = off
	as $$
declare
	changed bigint[];
	gone bigint[];
begin
	if coalesce(cardinality(ids), 0) = 0 then
		return;
	end if;
	perform from (select w.id from unnest(ids) w (id) order by w.id) w
		cross join lateral (
			select from search.document d where d.kind = of_kind and d.ref_id = w.id for update
		) d;
	with wanted as materialized (
		select s.ref_id, s.title, s.titles, s.year, s.weight, s.min_age, s.open_from, s.open_until,
		       search.fold(s.title) as form, search.spellings(s.titles) as forms
		from search.source(of_kind, ids) s
	), written as (
		insert into search.document as d (kind, ref_id, title, titles, form, forms, year, weight, min_age, open_from,
		                                  open_until, words)
			select of_kind, w.ref_id, w.title, w.titles, w.form, w.forms, w.year, w.weight, w.min_age, w.open_from,
			       w.open_until, array_to_tsvector(string_to_array(array_to_string(w.forms, ' '), ' '))
			from wanted w
			order by w.ref_id
			on conflict on constraint document_pkey
			do update set title = excluded.title, titles = excluded.titles, form = excluded.form,
			              forms = excluded.forms, year = excluded.year,
			              weight = excluded.weight, min_age = excluded.min_age, open_from = excluded.open_from,
			              open_until = excluded.open_until, words = excluded.words, version = nextval('search.version'),
			              gone_at = null
			where (d.title, d.titles, d.year, d.weight, d.min_age, d.open_from, d.open_until, d.words, d.gone_at)
			      is distinct from
			      (excluded.title, excluded.titles, excluded.year, excluded.weight, excluded.min_age, excluded.open_from,
			       excluded.open_until, excluded.words, null)
			returning d.ref_id
	)
	select array(select w.ref_id from written w),
	       array(select d.ref_id
	             from unnest(ids) i (id)
	             cross join lateral (
	                 select d.ref_id from search.document d
	                 where d.kind = of_kind and d.ref_id = i.id and d.gone_at is null
	                 offset 0
	             ) d
	             except select w.ref_id from wanted w)
		into changed, gone;
	if gone <> '{}' then
		update search.document d set gone_at = now(), version = nextval('search.version')
			where d.kind = of_kind and d.ref_id = any (gone);
	end if;
	if changed || gone <> '{}' then
		perform search.spread(of_kind, changed || gone);
	end if;
end $$;

-- --- writers

create function search.episodes_of(items bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(distinct e.id)
	        from unnest(items) w (id)
	        cross join lateral (select e.id from content.episode e where e.id = w.id
	                            union all select e.id from content.episode e where e.season_id = w.id
	                            union all select e.id from content.episode e where e.series_id = w.id) e);

create function search.people_of(items bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(distinct c.person_id) from unnest(items) w (id) join content.credit c on c.item_id = w.id);

create index episode_series on content.episode (series_id);

create function search.shows_of(channels bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(s.id)
	        from search.show s
	        where s.title in (select p.title from unnest(channels) w (id) join live.programme p on p.channel_id = w.id
	                          where p.end_at > now() - interval '744 hours'));

-- closing: those of the items whose age, window or state has changed; what belongs to them changes with them.
create function search.refresh_items(items bigint[], closing bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	episodes bigint[] := search.episodes_of(closing);
begin
	perform search.refresh(k.kind, array(select i.id from unnest(items) w (id) join content.item i on i.id = w.id
		                                     where i.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series', 'channel');
	perform search.refresh('episode', array(select e.id from unnest(items) w (id) join content.episode e on e.id = w.id
	                                        union select unnest(episodes)));
	perform search.refresh('person', search.people_of(closing || episodes));
	perform search.refresh('programme',
	                       search.shows_of(array(select c.id from unnest(closing) w (id) join live.channel c on c.id = w.id)));
end $$;

create function search.items_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.refresh(k.kind, array(select m.id from made m where m.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series');
	return null;
end $$;
create trigger item_search_made after insert on content.item
	referencing new table as made
	for each statement execute function search.items_made();

create function search.items_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	items bigint[];
	closing bigint[];
begin
	select array_agg(n.id),
	       array_agg(n.id) filter (where (o.state, o.min_age, o.available_from, o.available_until)
	                                     is distinct from (n.state, n.min_age, n.available_from, n.available_until))
		into items, closing
		from was o
		join made n on n.id = o.id
		where (o.title, o.original_title, o.alternative_titles, o.year, o.popularity, o.state, o.min_age,
		       o.available_from, o.available_until)
		      is distinct from
		      (n.title, n.original_title, n.alternative_titles, n.year, n.popularity, n.state, n.min_age,
		       n.available_from, n.available_until);
	if items is not null then
		perform search.refresh_items(items, closing);
	end if;
	return null;
end $$;
create trigger item_search_changed after update on content.item
	referencing old table as was new table as made
	for each statement execute function search.items_changed();

create function search.items_gone() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.refresh(k.kind, array(select o.id from was o where o.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series', 'channel', 'episode');
	return null;
end $$;
create trigger item_search_gone after delete on content.item
	referencing old table as was
	for each statement execute function search.items_gone();

create function search.episodes_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	episodes bigint[] := array(select m.id from made m);
begin
	perform search.refresh('episode', episodes), search.refresh('person', search.people_of(episodes));
	return null;
end $$;
create trigger episode_search_made after insert on content.episode
	referencing new table as made
	for each statement execute function search.episodes_made();
create trigger episode_search_changed after update on content.episode
	referencing new table as made
	for each statement execute function search.episodes_made();

create function search.credits_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.refresh('person', array(select distinct m.person_id from made m)); return null; end $$;
create function search.credits_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.refresh('person', array(select m.person_id from made m union select o.person_id from was o));
	return null;
end $$;
create trigger credit_search_made after insert on content.credit
	referencing new table as made
	for each statement execute function search.credits_made();
create trigger credit_search_gone after delete on content.credit
	referencing old table as made
	for each statement execute function search.credits_made();
create trigger credit_search_changed after update on content.credit
	referencing old table as was new table as made
	for each statement execute function search.credits_changed();

-- Somebody without credits is not found, so a new person is nothing to do.
create function search.people_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.refresh('person', array(select m.id from made m)); return null; end $$;
create trigger person_search_changed after update on content.person
	referencing new table as made
	for each statement execute function search.people_changed();
create trigger person_search_gone after delete on content.person
	referencing old table as made
	for each statement execute function search.people_changed();

create function search.channels_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.refresh('channel', array(select m.id from made m)); return null; end $$;
create trigger channel_search_made after insert on live.channel
	referencing new table as made
	for each statement execute function search.channels_changed();
create trigger channel_search_changed after update on live.channel
	referencing new table as made
	for each statement execute function search.channels_changed();

-- Of a guide, only titles that are new, or are for younger people than before, are work.
create function search.programmes_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	titles text[];
	ages smallint[];
begin
	select array_agg(t.title), array_agg(t.age) into titles, ages
		from (select m.title, min(greatest(m.min_age, i.min_age)) as age
		      from made m
		      join content.item i on i.id = m.channel_id
		      group by m.title) t;
	insert into search.show (title)
		select t.title from unnest(titles) t (title)
		where not exists (select from search.show s where s.title = t.title)
		order by t.title
		on conflict on constraint show_title_key do nothing;
	perform search.refresh('programme', array(
		select s.id
		from unnest(titles, ages) t (title, age)
		join search.show s on s.title = t.title
		left join search.document d on d.kind = 'programme' and d.ref_id = s.id and d.gone_at is null
		where d.ref_id is null or d.min_age > t.age));
	return null;
end $$;
create trigger programme_search_made after insert on live.programme
	referencing new table as made
	for each statement execute function search.programmes_changed();
create trigger programme_search_changed after update on live.programme
	referencing new table as made
	for each statement execute function search.programmes_changed();

-- --- keeping

-- The next so many things of a kind after an id, as documents; answers the last id, null when there are no more.
create function search.reindex(of_kind search.kind, after_id bigint, how_many int) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	ids bigint[];
begin
	if of_kind = 'programme' and after_id = 0 then
		insert into search.show (title)
			select distinct p.title from live.programme p
			where not exists (select from search.show s where s.title = p.title)
			order by p.title
			on conflict on constraint show_title_key do nothing;
	end if;
	select array_agg(n.id order by n.id) into ids
		from (select u.id
		      from ((select i.id from content.item i
		             where i.kind = of_kind::text and i.id > after_id order by i.id limit how_many)
		            union
		            (select p.id from content.person p
		             where of_kind = 'person' and p.id > after_id order by p.id limit how_many)
		            union
		            (select s.id from search.show s
		             where of_kind = 'programme' and s.id > after_id order by s.id limit how_many)
		            union
		            (select d.ref_id from search.document d
		             where d.kind = of_kind and d.ref_id > after_id order by d.ref_id limit how_many)) u (id)
		      order by u.id
		      limit how_many) n;
	perform search.refresh(of_kind, ids);
	return ids[cardinality(ids)];
end $$;

-- Titles that no programme has any more, and what has been gone for a day.
create function search.prune() returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	shows bigint[];
begin
	perform pg_advisory_xact_lock(hashtext('import'));
	select array_agg(s.id) into shows
		from search.show s
		where not exists (select from live.programme p
		                  where hashtext(p.title) = hashtext(s.title) and p.title = s.title
		                    and p.end_at > now() - interval '744 hours');
	perform search.refresh('programme', shows);
	delete from search.show s where s.id = any (shows);
	delete from search.document d where d.gone_at < now() - interval '1 day';
end $$;

-- --- finding

-- What an engine answers. Scores: 500 the whole title, 400 its beginning, 300 from another word on, 200 all words somewhere,
-- 100 nearly; within these the more popular, and what says most of the title.
create type search.hit as (
	kind search.kind,
	ref_id bigint,
	score real
);

-- One or two letters fit too much to be looked through: the most popular titles that begin so are walked to.
create function search.find_letters(folded text, kinds search.kind[], age int) returns setof search.hit
	language plpgsql stable set search_path = '' set enable_seqscan = off set enable_sort = off set enable_bitmapscan = off
	as $$
begin
	return query
		select n.kind, n.ref_id, (500 + n.weight / 1000.0)::real
		from search.name n
		where n.form = folded and n.place = 0 and n.min_age <= age and n.kind = any (kinds)
		  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
		limit 50;
	for begins in 0 .. 1 loop
		if length(folded) = 1 then
			return query
				select k.kind, n.ref_id, (400 - 100 * begins + n.weight / 1000.0)::real
				from unnest(kinds) k (kind)
				cross join lateral (
					select n.ref_id, n.weight
					from search.name n
					where n.kind = k.kind and n.place = begins and n.place < 2 and left(n.form, 1) = folded
					  and n.min_age <= age
					  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
					order by n.weight desc
					limit 120
				) n;
		else
			return query
				select k.kind, n.ref_id, (400 - 100 * begins + n.weight / 1000.0)::real
				from unnest(kinds) k (kind)
				cross join lateral (
					select n.ref_id, n.weight
					from search.name n
					where n.kind = k.kind and n.place = begins and n.place < 2 and left(n.form, 2) = folded
					  and n.min_age <= age
					  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
					order by n.weight desc
					limit 120
				) n;
		end if;
	end loop;
end $$;

-- Titles that begin so, from any of their words on; also without article or blanks, and with digits for numbers.
create function search.find_beginnings(folded text, kinds search.kind[], age int) returns setof search.hit
	language sql stable set search_path = '' set enable_seqscan = off
	begin atomic
		with spelling (form, penalty) as (
			select folded, 0
			union all select search.digits(folded), 2 where search.digits(folded) <> folded
			union all select search.without_article(folded), 6 where length(search.without_article(folded)) > 2
			union all select replace(folded, ' ', ''), 8 where folded like '% %'
		), name as (
			select n.kind, n.ref_id, n.weight, n.form, n.place, s.form as typed, s.penalty
			from spelling s
			cross join lateral (
				(select n.kind, n.ref_id, n.weight, n.form, n.place
				 from search.name n
				 where n.form = s.form collate "C" and n.min_age <= age and n.kind = any (kinds)
				   and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
				 order by n.place, n.weight desc
				 limit 100)
				union all
				(select n.kind, n.ref_id, n.weight, n.form, n.place
				 from search.name n
				 where n.form > s.form collate "C" and n.form < (s.form || U&'\+10FFFF') collate "C"
				   and (n.place < 2 or length(s.form) > 4)
				   and n.min_age <= age and n.kind = any (kinds)
				   and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
				 order by n.place = 1, n.weight desc
				 limit 300)
			) n
		)
		select n.kind, n.ref_id,
		       max((case when n.place = 1 then 300 when n.form = n.typed then 500 else 400 end)
		           - n.penalty - (case n.place when 2 then 8 else 0 end)
		           + n.weight / 1000.0 + 20.0 * length(n.typed) / length(n.form)
		           + (case substr(n.form, length(n.typed) + 1, 1) when ' ' then 5 else 0 end))::real
		from name n
		group by n.kind, n.ref_id;
	end;

create function search.quoted(word text) returns text
	language sql immutable strict parallel safe
	return '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''';

-- The beginnings of words, in any order.
create function search.find_words(folded text, kinds search.kind[], age int) returns setof search.hit
	language plpgsql stable set search_path = '' set enable_seqscan = off
	as $$
declare
	words text[] := string_to_array(folded, ' ');
	ends text := words[cardinality(words)];
	wanted tsquery;
begin
	select string_agg(case when w.n = cardinality(words) or length(w.word) > 2 and search.digits(w.word) = w.word
	                       then search.quoted(w.word) || ':*'
	                       else '(' || search.quoted(w.word) || '|' || search.quoted(search.digits(w.word)) || ')' end,
	                  '&')::tsquery
		into wanted
		from unnest(words) with ordinality w (word, n)
		where w.word not in ('the', 'a', 'an', 'of', 'and')
		  and (w.n < cardinality(words) or length(ends) > 1);
	return query
		select d.kind, d.ref_id,
		       (200 + d.weight / 1000.0 + 40 * public.similarity(d.form, folded))::real
		from search.document d
		where d.words @@ wanted
		  and (length(ends) > 1 or ' ' || d.form like '% ' || ends || '%')
		  and d.min_age <= age and d.kind = any (kinds) and d.gone_at is null
		  and (d.open_from is null or d.open_from <= now()) and (d.open_until is null or d.open_until > now())
		order by d.weight desc
		limit 400;
end $$;

-- How many typing errors lie between two texts; letters swapped are one.
create function search.errors(a text, b text) returns int
	language plpgsql immutable strict set search_path = ''
	as $$
declare
	n int := public.levenshtein(a, b);
begin
	if n between 2 and 5 and length(a) = length(b) then
		for i in 1 .. length(a) - 1 loop
			if substr(a, i, 1) <> substr(b, i, 1) and substr(a, i, 1) = substr(b, i + 1, 1)
			   and substr(a, i + 1, 1) = substr(b, i, 1) then
				return n - 1;
			end if;
		end loop;
	end if;
	return n;
end $$;

-- Words that may be meant by one: a letter too many, too few, another or two swapped; from six letters on two such errors.
create function search.alike(typed text) returns setof text
	language plpgsql stable set search_path = '' set enable_seqscan = off
	as $$
declare
	allowed int := case when length(typed) < 6 then 1 else 2 end;
begin
	return query
		select w.word::text
		from (
			select w.word from search.word w where w.deletes && search.deletes(typed)
			union
			select w.word from search.word w
			where allowed = 2 and length(w.word) > 5 and w.word operator(public.%) typed
		) w
		cross join lateral (select search.errors(w.word, typed) as errors) e
		where e.errors <= allowed
		order by e.errors, public.similarity(w.word, typed) desc
		limit 30;
end $$;

-- The same with words that may be meant. What one word begins has been found before.
create function search.find_alike(folded text, kinds search.kind[], age int) returns setof search.hit
	language plpgsql stable set search_path = '' set enable_seqscan = off
	as $$
declare
	words text[] := (string_to_array(folded, ' '))[1:8];
	wanted tsquery;
begin
	select string_agg('(' || a.choice || ')', '&')::tsquery into wanted
		from unnest(words) with ordinality w (word, n)
		cross join lateral (
			select string_agg(m.choice, '|') as choice
			from (select search.quoted(w.word) || case when w.n = cardinality(words) then ':*' else '' end
			      where cardinality(words) > 1
			      union
			      select search.quoted(a) from search.alike(w.word) a where length(w.word) between 3 and 30) m (choice)
		) a
		where w.word not in ('the', 'a', 'an', 'of', 'and') or cardinality(words) = 1;
	return query
		select d.kind, d.ref_id,
		       (100 + d.weight / 2000.0
		        + 50 * greatest(1 - search.errors(left(d.form, 80), folded) / greatest(length(d.form), length(folded))::real,
		                        0.8 * public.word_similarity(folded, d.form)))::real
		from (select d.kind, d.ref_id, d.weight, d.form
		      from search.document d
		      where d.words @@ wanted and d.min_age <= age and d.kind = any (kinds) and d.gone_at is null
		        and (d.open_from is null or d.open_from <= now()) and (d.open_until is null or d.open_until > now())
		      order by d.weight desc
		      limit 600) d;
end $$;

-- PostgreSQL as the engine. matches: how many of that kind were found, as far as was looked.
create function search.find(typed text, kinds search.kind[], age int, wanted int)
	returns table (kind search.kind, ref_id bigint, score real, matches bigint)
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	folded text := left(search.fold(left(typed, 200)), 80);
	has_words boolean := folded ~ '[[:alnum:]]';
	hits search.hit[];
begin
	if length(folded) < 3 then
		hits := array(select h from search.find_letters(folded, kinds, age) h);
	else
		hits := array(select h from search.find_beginnings(folded, kinds, age) h);
		if cardinality(hits) < wanted and has_words and folded like '% %' then
			hits := hits || array(select h from search.find_words(folded, kinds, age) h);
		end if;
		if cardinality(hits) < least(wanted, 3) and has_words then
			hits := hits || array(select h from search.find_alike(folded, kinds, age) h);
		end if;
	end if;
	return query
		select b.kind, b.ref_id, b.score, count(*) over (partition by b.kind)
		from (select h.kind, h.ref_id, max(h.score) as score from unnest(hits) h group by h.kind, h.ref_id) b
		order by b.score desc, b.kind, b.ref_id
		limit wanted;
end $$;

-- --- showing

-- The item, if this age may see it now. What it belongs to is the caller's to ask.
create function search.open_item(item bigint, age int)
	returns table (id bigint, kind text, title text, year smallint, poster text)
	language sql stable
	begin atomic
		select i.id, i.kind, i.title, i.year, i.poster
		from content.item i
		where i.id = item and i.state = 'published' and i.min_age <= age
		  and (i.available_from is null or i.available_from <= now())
		  and (i.available_until is null or i.available_until > now());
	end;

-- The next showings of a programme's title that this age may see, on two channels at most; else the last one that can
-- still be caught up with.
create function search.showings(of_title text, age int)
	returns table (id bigint, start_at timestamptz, end_at timestamptz, channel_id bigint, channel text, logo text, icon text,
	               subtitle text, year smallint)
	language plpgsql stable set search_path = '' set enable_seqscan = off
	as $$
begin
	return query
		select p.id, p.start_at, p.end_at, i.id, i.title, i.poster, p.icon, p.subtitle, p.year
		from live.programme p
		join live.channel c on c.id = p.channel_id and not c.hidden
		cross join lateral search.open_item(p.channel_id, age) i
		where hashtext(p.title) = hashtext(of_title) and p.title = of_title and p.min_age <= age
		  and p.start_at > now() - interval '24 hours' and p.end_at > now()
		order by p.start_at
		limit 2;
	if not found then
		return query
			select p.id, p.start_at, p.end_at, i.id, i.title, i.poster, p.icon, p.subtitle, p.year
			from live.programme p
			join live.channel c on c.id = p.channel_id and not c.hidden
			cross join lateral search.open_item(p.channel_id, age) i
			where hashtext(p.title) = hashtext(of_title) and p.title = of_title and p.min_age <= age
			  and p.start_at > now() - interval '768 hours' and p.end_at <= now()
			  and p.end_at > now() - make_interval(hours => c.catchup_hours)
			order by p.start_at desc
			limit 1;
	end if;
end $$;

-- Where words of a title are what was typed: first characters, from 0, and how many.
create function search.marks(title text, typed text, out starts int[], out lengths int[])
	language plpgsql immutable strict set search_path = ''
	as $$
declare
	tokens text[] := string_to_array(search.fold(left(typed, 200)), ' ');
	glued text := array_to_string(tokens, '');
	word text;
	folded text;
	at int := 0;
	here int;
	n int;
begin
	starts := '{}';
	lengths := '{}';
	foreach word in array regexp_split_to_array(title, '(?<=[[:alnum:]])(?=[^[:alnum:]])|(?<=[^[:alnum:]])(?=[[:alnum:]])') loop
		folded := replace(search.fold(word), ' ', '');
		if word ~ '^[[:alnum:]]' then
			here := strpos(folded, glued);
			select max(length(t)) into n from unnest(tokens) t where starts_with(folded, t);
			if n is null and length(folded) > 2 and starts_with(glued, folded) then
				n := length(folded);
			elsif n is null and here > 1 then
				n := length(glued);
			else
				here := 1;
			end if;
			if n is not null then
				starts := starts || case when length(folded) = length(word) and here > 1 then at + here - 1 else at end;
				lengths := lengths || case when length(folded) = length(word) then n else length(word) end;
			end if;
		end if;
		at := at + length(word);
	end loop;
end $$;

-- What is shown of an engine's hits: only what this age may see now, whatever the engine believes.
create function search.items(kinds search.kind[], ids bigint[], scores real[], age int, typed text, wanted int)
	returns table (kind text, id bigint, title text, subtitle text, year smallint, poster text, starts int[], lengths int[],
	               score real, begins timestamptz, ends timestamptz, channel_id bigint, channel_name text)
	language plpgsql stable security definer set search_path = '' set enable_seqscan = off
	as $$
begin
	return query
		with hit as (
			select h.kind, h.id, h.score from unnest(kinds, ids, scores) h (kind, id, score)
		), item as (
			select h.kind, h.score, c.id, c.title, null::text as subtitle, c.year, c.poster, null::timestamptz as begins,
			       null::timestamptz as ends, null::bigint as channel_id, null::text as channel_name
			from hit h
			cross join lateral search.open_item(h.id, age) c
			where h.kind in ('movie', 'series') and c.kind = h.kind::text
			union all
			select h.kind, h.score, c.id, c.title, c.series || ' · S' || c.season_number || ' E' || c.episode_number, c.year,
			       c.poster, null, null, null, null
			from hit h
			cross join lateral (
				select c.id, c.title, coalesce(c.year, extract(year from e.air_date)::smallint) as year,
				       coalesce(c.poster, s.poster) as poster, s.title as series, e.season_number, e.number as episode_number
				from content.episode e
				cross join lateral search.open_item(e.id, age) c
				cross join lateral search.open_item(e.season_id, age) t
				cross join lateral search.open_item(e.series_id, age) s
				where e.id = h.id
				offset 0
			) c
			where h.kind = 'episode'
			union all
			select h.kind, h.score, p.id, p.name, k.title, null, null, null, null, null, null
			from hit h
			cross join lateral (select p.id, p.name from content.person p where p.id = h.id offset 0) p
			cross join lateral (
				select c.title
				from content.credit o
				cross join lateral search.open_item(o.item_id, age) c
				left join content.episode e on e.id = o.item_id
				where o.person_id = p.id
				  and c.kind not in ('season', 'channel')
				  and (e.id is null or (exists (select from search.open_item(e.season_id, age))
				                        and exists (select from search.open_item(e.series_id, age))))
				limit 1
			) k
			where h.kind = 'person'
			union all
			select h.kind, h.score, c.id, c.title, c.country, null, c.poster, null, null, null, null
			from hit h
			cross join lateral (
				select c.id, c.title, c.poster, l.country
				from live.channel l
				cross join lateral search.open_item(l.id, age) c
				where l.id = h.id and not l.hidden
				offset 0
			) c
			where h.kind = 'channel'
			union all
			select h.kind,
			       (h.score + case when a.end_at <= now() then -1 when a.start_at <= now() then 3
			                       else 2 / (1 + extract(epoch from a.start_at - now()) / 86400) end)::real,
			       a.id, s.title, coalesce(a.subtitle, a.channel), a.year, coalesce(a.icon, a.logo), a.start_at, a.end_at,
			       a.channel_id, a.channel
			from hit h
			cross join lateral (select s.title from search.show s where s.id = h.id offset 0) s
			cross join lateral search.showings(s.title, age) a
			where h.kind = 'programme'
		)
		select i.kind::text, i.id, i.title, i.subtitle, i.year, i.poster, m.starts, m.lengths, i.score, i.begins, i.ends,
		       i.channel_id, i.channel_name
		from (select * from item o order by o.score desc, o.kind, o.id limit wanted) i
		cross join lateral search.marks(i.title, typed) m
		order by i.score desc, i.kind, i.id;
end $$;

-- How much there is to be found, and what an index has not been told: for operators.
create view search.state as
	select s.queueing, s.reindex_at, q.waiting, q.oldest_at, d.kinds
	from search.sync s
	cross join lateral (select count(*) as waiting, min(q.queued_at) as oldest_at from search.queue q) q
	cross join lateral (
		select json_object_agg(k.kind, k.n) as kinds
		from (select d.kind, count(*) as n from search.document d where d.gone_at is null group by d.kind) k
	) d;

revoke execute on all functions in schema search from public;
grant execute on function search.fold(text), search.without_article(text), search.find(text, search.kind[], int, int),
	search.items(search.kind[], bigint[], real[], int, text, int), search.reindex(search.kind, bigint, int), search.prune()
	to tv_search;
grant select on search.state to tv_search;
grant select, insert, update, delete on search.queue to tv_search;
grant select, update on search.sync to tv_search;
grant select on search.document, search.indexed to tv_search;

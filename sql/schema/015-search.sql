-- What can be searched: one row of search.document for each title, person, channel and programme's title, and how it is made
-- of what it stands for. PostgreSQL searches it itself, and Elasticsearch is fed from it. Who keeps it: 021; who reads it: 022.

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
	open_until timestamptz,
	letter text collate "C" not null generated always as (left(form, 1)) stored,
	letters text collate "C" not null generated always as (left(form, 2)) stored
);
comment on column search.name.place is '0: the whole title, 1: from a later word on, 2: the whole title without blanks';

create index name_form on search.name (form) include (place, kind, ref_id, weight, min_age, open_from, open_until);
create index name_letter on search.name (kind, place, letter, weight desc)
	include (ref_id, min_age, open_from, open_until) where place < 2;
create index name_letters on search.name (kind, place, letters, weight desc)
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

-- What has been written in bulk, in the writer's transaction; its documents are made afterwards (search.catch_up).
create table search.stale (
	id bigint generated always as identity,
	kind search.kind,
	ref_ids bigint[] not null,
	noted_at timestamptz not null default now(),
	constraint stale_pkey primary key (id)
);
comment on column search.stale.kind is 'null: ref_ids are channels, and all that their guides name';

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
	language plpgsql immutable strict parallel safe
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
	language plpgsql immutable strict parallel safe
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
	language plpgsql immutable strict parallel safe
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
	language plpgsql immutable strict parallel safe
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

-- PostgreSQL as an engine: what is found for what was typed, and what is shown of it. Age and availability are conditions of
-- both. Plans are made once a connection, for every text: find() and items() say so for all that they call.

-- What an engine answers. Scores: 500 the whole title, 400 its beginning, 300 from another word on, 200 all words somewhere,
-- 100 nearly; within these the more popular, and what says most of the title.
create type search.hit as (
	kind search.kind,
	ref_id bigint,
	score real,
	matches bigint
);
comment on column search.hit.matches is 'how many of its kind were found; null: nobody has counted yet';

-- One or two letters fit too much to be looked through: the most popular titles that begin so are walked to.
create function search.find_letters(folded text, kinds search.kind[], age int, most int) returns setof search.hit
	language plpgsql stable set enable_sort = off set enable_bitmapscan = off
	as $$
begin
	return query
		select n.kind, n.ref_id, (500 + n.weight / 1000.0)::real, null::bigint
		from search.name n
		where n.form = folded and n.place = 0 and n.min_age <= age and n.kind = any (kinds)
		  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
		limit 50;
	if length(folded) = 1 then
		return query
			select k.kind, n.ref_id, (400 - 100 * b.place + n.weight / 1000.0)::real, null::bigint
			from unnest(kinds) k (kind)
			cross join unnest('{0,1}'::smallint[]) b (place)
			cross join lateral (
				select n.ref_id, n.weight
				from search.name n
				where n.kind = k.kind and n.place = b.place and n.place < 2 and n.letter = folded and n.min_age <= age
				  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
				order by n.weight desc
				limit most
			) n;
	else
		return query
			select k.kind, n.ref_id, (400 - 100 * b.place + n.weight / 1000.0)::real, null::bigint
			from unnest(kinds) k (kind)
			cross join unnest('{0,1}'::smallint[]) b (place)
			cross join lateral (
				select n.ref_id, n.weight
				from search.name n
				where n.kind = k.kind and n.place = b.place and n.place < 2 and n.letters = folded and n.min_age <= age
				  and (n.open_from is null or n.open_from <= now()) and (n.open_until is null or n.open_until > now())
				order by n.weight desc
				limit most
			) n;
	end if;
end $$;

-- Titles that begin so, from any of their words on; also without article or blanks, and with digits for numbers.
create function search.find_beginnings(folded text, kinds search.kind[], age int, wanted int) returns setof search.hit
	language plpgsql stable
	as $$
declare
	digits text := search.digits(folded);
	bare text := search.without_article(folded);
	typed text[] := array[folded];
	penalties int[] := '{0}';
begin
	if digits <> folded then
		typed := typed || digits;
		penalties := penalties || 2;
	end if;
	if length(bare) > 2 then
		typed := typed || bare;
		penalties := penalties || 6;
	end if;
	if folded like '% %' then
		typed := typed || replace(folded, ' ', '');
		penalties := penalties || 8;
	end if;
	return query
		select b.kind, b.ref_id, b.score, count(*) over (partition by b.kind)
		from (
			select n.kind, n.ref_id,
			       max((case when n.place = 1 then 300 when n.form = s.form then 500 else 400 end)
			           - s.penalty - (case n.place when 2 then 8 else 0 end)
			           + n.weight / 1000.0 + 20.0 * length(s.form) / length(n.form)
			           + (case substr(n.form, length(s.form) + 1, 1) when ' ' then 5 else 0 end))::real as score
			from unnest(typed, penalties) s (form, penalty)
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
			group by n.kind, n.ref_id
		) b
		order by b.score desc, b.kind, b.ref_id
		limit wanted;
end $$;

create function search.quoted(word text) returns text
	language sql immutable strict parallel safe
	return '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''';

-- The beginnings of words, in any order.
create function search.find_words(folded text, kinds search.kind[], age int) returns setof search.hit
	language plpgsql stable
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
		       (200 + d.weight / 1000.0 + 40 * public.similarity(d.form, folded))::real, null::bigint
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
	language plpgsql immutable strict
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
	language plpgsql stable
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
	language plpgsql stable
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
		                        0.8 * public.word_similarity(folded, d.form)))::real, null::bigint
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
	language plpgsql stable security definer set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
	as $$
declare
	folded text := left(search.fold(left(typed, 200)), 80);
	has_words boolean := folded ~ '[[:alnum:]]';
	hits search.hit[];
begin
	if length(folded) < 3 then
		return query
			select b.kind, b.ref_id, b.score, count(*) over (partition by b.kind)
			from (select h.kind, h.ref_id, max(h.score) as score
			      from search.find_letters(folded, kinds, age, least(wanted, 120)) h
			      group by h.kind, h.ref_id) b
			order by b.score desc, b.kind, b.ref_id
			limit wanted;
		return;
	end if;
	hits := array(select h from search.find_beginnings(folded, kinds, age, wanted) h);
	if cardinality(hits) = wanted or not has_words then
		return query select h.kind, h.ref_id, h.score, h.matches from unnest(hits) h;
		return;
	end if;
	if folded like '% %' then
		hits := hits || array(select h from search.find_words(folded, kinds, age) h);
	end if;
	if cardinality(hits) < least(wanted, 3) then
		hits := hits || array(select h from search.find_alike(folded, kinds, age) h);
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
	language sql stable
	begin atomic
		with ahead as materialized (
			select p.id, p.start_at, p.end_at, i.id as channel_id, i.title, i.poster, p.icon, p.subtitle, p.year
			from live.programme p
			join live.channel c on c.id = p.channel_id and not c.hidden
			cross join lateral search.open_item(p.channel_id, age) i
			where hashtext(p.title) = hashtext(of_title) and p.title = of_title and p.min_age <= age
			  and p.start_at > now() - interval '24 hours' and p.end_at > now()
			order by p.start_at
			limit 2
		)
		select a.id, a.start_at, a.end_at, a.channel_id, a.title, a.poster, a.icon, a.subtitle, a.year from ahead a
		union all
		(select p.id, p.start_at, p.end_at, i.id, i.title, i.poster, p.icon, p.subtitle, p.year
		 from live.programme p
		 join live.channel c on c.id = p.channel_id and not c.hidden
		 cross join lateral search.open_item(p.channel_id, age) i
		 where not exists (select from ahead)
		   and hashtext(p.title) = hashtext(of_title) and p.title = of_title and p.min_age <= age
		   and p.start_at > now() - interval '768 hours' and p.end_at <= now()
		   and p.end_at > now() - make_interval(hours => c.catchup_hours)
		 order by p.start_at desc
		 limit 1);
	end;

-- Where words of a title are what was typed, in words: first characters, from 0, and how many.
create function search.marks(title text, typed text[], out starts int[], out lengths int[])
	language plpgsql immutable strict
	as $$
declare
	glued text := array_to_string(typed, '');
	ascii boolean := octet_length(title) = length(title);
	word text;
	token text;
	folded text;
	at int := 0;
	here int;
	n int;
begin
	starts := '{}';
	lengths := '{}';
	-- each mark becomes one blank, so that words stay where they are
	foreach word in array string_to_array(
		case when ascii then translate(lower(title), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))
		     else regexp_replace(title, '[^[:alnum:]]', ' ', 'g') end, ' ')
	loop
		if word <> '' then
			folded := case when ascii then word else replace(search.fold(word), ' ', '') end;
			here := 1;
			n := null;
			foreach token in array typed loop
				if starts_with(folded, token) then
					n := greatest(n, length(token));
				end if;
			end loop;
			if n is null and length(folded) > 2 and starts_with(glued, folded) then
				n := length(folded);
			elsif n is null and strpos(folded, glued) > 1 then
				here := strpos(folded, glued);
				n := length(glued);
			end if;
			if n is not null then
				starts := starts || case when length(folded) = length(word) then at + here - 1 else at end;
				lengths := lengths || case when length(folded) = length(word) then n else length(word) end;
			end if;
		end if;
		at := at + length(word) + 1;
	end loop;
end $$;

-- What is shown of an engine's hits: only what this age may see now, whatever the engine believes.
create function search.items(kinds search.kind[], ids bigint[], scores real[], age int, typed text, wanted int)
	returns table (kind text, id bigint, title text, subtitle text, year smallint, poster text, starts int[], lengths int[],
	               score real, begins timestamptz, ends timestamptz, channel_id bigint, channel_name text)
	language plpgsql stable security definer set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
	set enable_hashjoin = off set enable_mergejoin = off
	as $$
declare
	words text[] := string_to_array(search.fold(left(typed, 200)), ' ');
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
		cross join lateral search.marks(i.title, words) m
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
	search.items(search.kind[], bigint[], real[], int, text, int) to tv_search;
grant select on search.state to tv_search;
grant select, insert, update, delete on search.queue to tv_search;
grant select, update on search.sync to tv_search;
grant select on search.document, search.indexed to tv_search;

-- What imported guide files were, so that one that comes again is known without reading it.

create table live.guide_file (
	digest bytea not null,
	imported_at timestamptz not null default now(),
	history_from bigint not null,
	next_past bigint not null,
	guide_ids text[] not null,
	state bytea not null,
	read bigint not null,
	rejected bigint not null,
	past bigint not null,
	cut bigint not null,
	shown json not null,
	constraint guide_file_pkey primary key (digest)
);
comment on table live.guide_file is 'the last imported files whose every channel is known by its id';
comment on column live.guide_file.digest is 'of the file as it came, the import''s settings and its version';
comment on column live.guide_file.history_from is 'where the history began then: seconds since 1970';
comment on column live.guide_file.next_past is
	'when the history begins here or later, another of its programmes is before it';
comment on column live.guide_file.guide_ids is 'of its channels, in its order';
comment on column live.guide_file.state is 'live.guide_state_of(guide_ids) after the import: another one says that something has changed since';
comment on column live.guide_file.shown is '[[line, why]] of the first that were rejected';

create function live.guide_state_of(guide_ids text[]) returns bytea
	language sql stable set search_path = ''
	begin atomic
		select sha256(coalesce(string_agg(
			       int8send(coalesce(c.id, 0)) || int4send(coalesce(length(s.digest), 0)) || coalesce(s.digest, ''),
			       '' order by g.n), ''))
			from unnest(guide_ids) with ordinality g (guide_id, n)
			left join live.channel c on c.guide_id = g.guide_id
			left join live.guide_state s on s.channel_id = c.id;
	end;
comment on function live.guide_state_of(text[]) is
	'which channels these are, and that nobody has written to their programmes since an import said what it said';

grant select, insert, update, delete on live.guide_file to tv_livetv;

-- An episode is there when its season is.
create or replace view content.card as
	select i.id, i.kind, i.title, i.original_title, i.year, i.runtime, i.genres, i.rating_code, i.min_age, i.poster,
	       left(i.synopsis, 300) as synopsis, i.available_from, i.available_until,
	       greatest(i.min_age, s.min_age) as effective_age,
	       e.series_id, e.season_number, e.number as episode_number
	from content.item i
	left join content.episode e on e.id = i.id
	left join content.item s on s.id = e.series_id
	left join content.item t on t.id = e.season_id
	where i.state = 'published'
	  and (i.available_from is null or i.available_from <= now())
	  and (i.available_until is null or i.available_until > now())
	  and (s.id is null or s.state = 'published'
	       and (s.available_from is null or s.available_from <= now())
	       and (s.available_until is null or s.available_until > now()))
	  and (t.id is null or t.state = 'published'
	       and (t.available_from is null or t.available_from <= now())
	       and (t.available_until is null or t.available_until > now()));
comment on view content.card is 'published items whose window is open now; an episode also needs that of its season and series';

create or replace function content.next_episode(episode_id bigint) returns table (id bigint)
	language sql stable security definer set search_path = ''
	begin atomic
		select o.id
		from content.episode e
		join content.episode o on o.series_id = e.series_id
			and (o.season_number, o.number) > (e.season_number, e.number)
		join content.item i on i.id = o.id and i.state = 'published'
		where e.id = episode_id
		  and (select t.state = 'published'
		              and (t.available_from is null or t.available_from <= now())
		              and (t.available_until is null or t.available_until > now())
		       from content.item t
		       where t.id = o.season_id)
		order by o.season_number, o.number
		limit 1;
	end;
comment on function content.next_episode(bigint) is
	'the published episode after this one, over the end of a season and over seasons that are not there; no row for what is no episode';

-- A marker that ends before it starts marks nothing.
update content.media
	set markers = jsonb_path_query_array(markers, '$[*] ? (@.end > @.start)')
	where jsonb_path_exists(markers, '$[*] ? (@.end <= @.start)');
alter table content.media
	add constraint media_markers_order check (not jsonb_path_exists(markers, '$[*] ? (@.end <= @.start)'));

-- A genre that a body names twice counts once.
create or replace function content.save_item(item_kind text, item_id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	age int := (b ->> 'min_age')::int;
	saved bigint;
	next content.item;
begin
	if b -> 'rating' ->> 'code' is not null then
		select coalesce(age, r.min_age) into age from content.rating r
			where r.system = b -> 'rating' ->> 'system' and r.code = b -> 'rating' ->> 'code';
		if not found then
			perform public.refuse(422, 'unknown_rating');
		end if;
	end if;
	next.title := b ->> 'title';
	next.original_title := b ->> 'original_title';
	next.alternative_titles := array(select json_array_elements_text(b -> 'alternative_titles'));
	next.year := (b ->> 'year')::smallint;
	next.runtime := (b ->> 'runtime')::int;
	next.synopsis := b ->> 'synopsis';
	next.genres := array(select g from json_array_elements_text(b -> 'genres') with ordinality x (g, n) group by g order by min(n));
	next.rating_system := b -> 'rating' ->> 'system';
	next.rating_code := b -> 'rating' ->> 'code';
	next.min_age := coalesce(age, 18);
	next.poster := b ->> 'poster';
	next.state := coalesce(b ->> 'state', 'published');
	next.available_from := (b ->> 'available_from')::timestamptz;
	next.available_until := (b ->> 'available_until')::timestamptz;
	if item_id is null then
		insert into content.item (kind, title, original_title, alternative_titles, year, runtime, synopsis, genres,
		                          rating_system, rating_code, min_age, poster, state, available_from, available_until)
			values (item_kind, next.title, next.original_title, next.alternative_titles, next.year, next.runtime,
			        next.synopsis, next.genres, next.rating_system, next.rating_code, next.min_age, next.poster,
			        next.state, next.available_from, next.available_until)
			returning id into saved;
	else
		update content.item i
			set title = next.title, original_title = next.original_title,
			    alternative_titles = next.alternative_titles, year = next.year, runtime = next.runtime,
			    synopsis = next.synopsis, genres = next.genres, rating_system = next.rating_system,
			    rating_code = next.rating_code, min_age = next.min_age, poster = next.poster,
			    state = next.state, available_from = next.available_from,
			    available_until = next.available_until
			where i.id = save_item.item_id and i.kind = item_kind and public.matched(i.version, wanted)
			returning i.id into saved;
	end if;
	return saved;
end $$;

-- A channel's facets are all combinations of its group (g:slug), country (c:NO) and languages (l:nor), '' for none of them:
-- a list by several filters walks only what it shows.
create or replace function live.line_up(channels bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	delete from live.lineup where channel_id = any (channels);
	insert into live.lineup (facet, number, channel_id, min_age)
		select distinct concat_ws(' ', g.facet, k.facet, l.facet), c.number, c.id, i.min_age
		from live.channel c
		join content.item i on i.id = c.id
		cross join lateral (values (null), ('g:' || c.group_slug)) g (facet)
		cross join lateral (values (null), ('c:' || c.country)) k (facet)
		cross join lateral (select null union all select 'l:' || x from unnest(c.languages) x) l (facet)
		where c.id = any (channels) and not c.hidden and i.state = 'published';
end $$;
select live.line_up(array(select c.id from live.channel c));

-- What lists of editors walk.
create index item_state on content.item (kind, state, id);
drop index content.item_kind;
create index channel_hidden on live.channel (hidden, number, id);
create index entry_order on audit.entry (at, id);
create index entry_account_order on audit.entry (account_id, at, id);
create index entry_target_order on audit.entry (target_id, at, id);
create index entry_kind_order on audit.entry (kind, at, id);
drop index audit.entry_at, audit.entry_account, audit.entry_target;

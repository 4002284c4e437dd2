-- What editors write, and the record of who wrote it.

create schema audit;
grant usage on schema audit to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

create table audit.entry (
	id bigint generated always as identity,
	at timestamptz not null default now(),
	account_id bigint,
	request_id text,
	action text not null,
	kind text not null,
	target_id bigint,
	before jsonb,
	after jsonb,
	constraint entry_pkey primary key (id),
	constraint entry_account_fkey foreign key (account_id) references users.account on delete set null,
	constraint entry_action_known check (action in ('insert', 'update', 'delete'))
);
comment on column audit.entry.kind is 'schema and table of the row';
create index entry_account on audit.entry (account_id, id desc);
create index entry_target on audit.entry (kind, target_id, id desc);
create index entry_at on audit.entry (at);

-- Stands before every statement that changes something or answers an administrator, in the same round trip and
-- transaction: an access token lives 15 minutes, an ended session or a taken role counts at once. It leaves the
-- administrator's name for the record; imports and cron leave none.
create function auth.require_session(session_id bigint, account_id bigint, role text, request_id text) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	found_role text;
	found_status text;
begin
	select a.role, a.status into found_role, found_status
		from auth.session s join users.account a on a.id = s.account_id
		where s.id = require_session.session_id and s.account_id = require_session.account_id
		  and s.ended_at is null and s.expires_at > now();
	if not found then
		perform public.refuse(401, 'session_ended');
	elsif found_status <> 'active' then
		perform public.refuse(403, 'account_suspended');
	elsif found_role is distinct from role then
		perform public.refuse(401, 'role_changed');
	end if;
	if role = 'admin' then
		perform set_config('tv.actor', account_id::text, true), set_config('tv.request', request_id, true);
	end if;
end $$;
grant execute on function auth.require_session(bigint, bigint, text, text)
	to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

create function audit.actor() returns bigint
	language sql stable
	return nullif(current_setting('tv.actor', true), '')::bigint;

-- Arguments: columns that are left out (a person's name and address must be erasable), after the one that identifies.
create function audit.record() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - tg_argv[1:] end;
	is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - tg_argv[1:] end;
begin
	if was is distinct from is_now then
		insert into audit.entry (account_id, request_id, action, kind, target_id, before, after)
			-- whoever erases the own account is gone by now
			values ((select a.id from users.account a where a.id = audit.actor()),
			        current_setting('tv.request', true), lower(tg_op),
			        tg_table_schema || '.' || tg_table_name,
			        (coalesce(is_now, was) ->> tg_argv[0])::bigint, was, is_now);
	end if;
	return null;
end $$;

create trigger account_audit after insert or update or delete on users.account
	for each row when (current_setting('tv.actor', true) <> '')
	execute function audit.record('id', 'email', 'name', 'updated_at');

alter table content.item
	add column alternative_titles text[] not null default '{}',
	add column rating_system text,
	add constraint item_alternative_titles_no_null check (array_position(alternative_titles, null) is null);

create table content.media (
	item_id bigint not null,
	markers jsonb not null default '[]',
	subtitles jsonb not null default '[]',
	renditions jsonb not null default '[]',
	constraint media_pkey primary key (item_id),
	constraint media_item_fkey foreign key (item_id) references content.item on delete cascade
);
comment on table content.media is 'documents that are read and written whole: markers {kind, start, end} in seconds, subtitles {language, kind, url}, renditions {path, width, height, bitrate, codecs}';

alter table content.genre add column titles int not null default 0;
comment on column content.genre.titles is 'how many, as of the last count_genres(): for order only';

create index listing_coming on content.listing (available_from, item_id) where genre = '' and available_from is not null;
create index listing_leaving on content.listing (available_until, item_id) where genre = '' and available_until is not null;
create index item_kind on content.item (kind, id);
create index item_genres on content.item using gin (genres);

-- An item ends with its movie, series, season, episode or channel, whichever is deleted first.
create function content.delete_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin delete from content.item i where i.id = old.id; return null; end $$;
create trigger season_item after delete on content.season for each row execute function content.delete_item();
create trigger episode_item after delete on content.episode for each row execute function content.delete_item();

create function content.keep_used_genre() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if exists (select from content.item i where i.genres @> array[old.slug]) then
		perform public.refuse(409, 'genre_in_use');
	end if;
	return old;
end $$;
create trigger genre_keep before delete on content.genre for each row execute function content.keep_used_genre();

do $$
declare
	relation text;
begin
	foreach relation in array array['item', 'movie', 'series', 'season', 'episode', 'genre', 'person'] loop
		execute format('create trigger %s_audit after insert or update or delete on content.%I for each row '
		               'when (current_setting(''tv.actor'', true) <> '''') '
		               'execute function audit.record(''id'', ''updated_at'', ''sort_title'')', relation, relation);
	end loop;
	foreach relation in array array['credit', 'external_id', 'media'] loop
		execute format('create trigger %s_audit after insert or update or delete on content.%I for each row '
		               'when (current_setting(''tv.actor'', true) <> '''') '
		               'execute function audit.record(''item_id'', ''row_hash'')', relation, relation);
	end loop;
	foreach relation in array array['channel', 'programme'] loop
		execute format('create trigger %s_audit after insert or update or delete on live.%I for each row '
		               'when (current_setting(''tv.actor'', true) <> '''') '
		               'execute function audit.record(''id'', ''row_hash'')', relation, relation);
	end loop;
end $$;

-- The item of a body (cgi-bin/ondemand-admin.c checks its form): made when id is null, else replaced when its version is one
-- of the wanted ones. Null: there is no such item of that kind.
create function content.save_item(item_kind text, item_id bigint, wanted int[], b json) returns bigint
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
	next.genres := array(select json_array_elements_text(b -> 'genres'));
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

-- Credits, external ids and media of a body replace those of the item; those that the body does not name stay: imports and
-- the packager write them as well.
create function content.save_credits(item bigint, credits json) returns void
	language sql set search_path = ''
	begin atomic
	with wanted as (
		select c.person_id, c.role, coalesce(c.character, '') as character,
		       row_number() over (partition by c.role order by n)::int as position
		from rows from (json_to_recordset(credits)
		                as (person_id bigint, role text, character text)) with ordinality c (person_id, role, character, n)
	), gone as (
		delete from content.credit c
			where c.item_id = item
			  and not exists (select from wanted w where (w.role, w.position) = (c.role, c.position))
	)
	insert into content.credit (item_id, person_id, role, character, position)
		select item, w.person_id, w.role, w.character, w.position from wanted w
		on conflict on constraint credit_pkey do update set person_id = excluded.person_id, character = excluded.character
		where (credit.person_id, credit.character) <> (excluded.person_id, excluded.character);
	end;

create function content.save_external_ids(item bigint, ids json) returns void
	language sql set search_path = ''
	begin atomic
	delete from content.external_id e
		where e.item_id = item
		  and not exists (select from json_to_recordset(ids) as x (scheme text, value text)
		                  where (x.scheme, x.value) = (e.scheme, e.value));
	insert into content.external_id (scheme, value, item_id)
		select x.scheme, x.value, item
		from json_to_recordset(ids) as x (scheme text, value text)
		where not exists (select from content.external_id e where (e.scheme, e.value, e.item_id) = (x.scheme, x.value, item));
	end;

create function content.save_parts(item bigint, b json) returns void
	language plpgsql set search_path = ''
	as $$
begin
	if b -> 'credits' is not null then
		perform content.save_credits(item, b -> 'credits');
	end if;
	if b -> 'external_ids' is not null then
		perform content.save_external_ids(item, b -> 'external_ids');
	end if;
	if coalesce(b -> 'markers', b -> 'subtitles', b -> 'renditions') is not null then
		insert into content.media (item_id) values (item) on conflict on constraint media_pkey do nothing;
		update content.media m
			set markers = coalesce((b -> 'markers')::jsonb, m.markers),
			    subtitles = coalesce((b -> 'subtitles')::jsonb, m.subtitles),
			    renditions = coalesce((b -> 'renditions')::jsonb, m.renditions)
			where m.item_id = item;
	end if;
end $$;

create function content.save_movie(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint := content.save_item('movie', id, wanted, b);
begin
	if saved is not null then
		insert into content.movie (id, countries) values (saved, array(select json_array_elements_text(b -> 'countries')))
			on conflict on constraint movie_pkey do update set countries = excluded.countries;
		perform content.save_parts(saved, b);
	end if;
	return saved;
end $$;

create function content.save_series(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint := content.save_item('series', id, wanted, b);
begin
	if saved is not null then
		insert into content.series (id, countries) values (saved, array(select json_array_elements_text(b -> 'countries')))
			on conflict on constraint series_pkey do update set countries = excluded.countries;
		perform content.save_parts(saved, b);
	end if;
	return saved;
end $$;

create function content.save_season(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
	if not exists (select from content.series s where s.id = (b ->> 'series_id')::bigint) then
		perform public.refuse(422, 'unknown_series');
	end if;
	saved := content.save_item('season', id, wanted, b);
	if saved is not null then
		insert into content.season (id, series_id, number)
			values (saved, (b ->> 'series_id')::bigint, (b ->> 'number')::int)
			on conflict on constraint season_pkey do update set series_id = excluded.series_id, number = excluded.number;
		update content.episode e set series_id = s.series_id, season_number = s.number
			from content.season s
			where s.id = saved and e.season_id = saved
			  and (e.series_id, e.season_number) <> (s.series_id, s.number);
	end if;
	return saved;
end $$;

create function content.save_episode(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	of_season content.season;
	saved bigint;
begin
	select * into of_season from content.season s where s.id = (b ->> 'season_id')::bigint for share;
	if not found then
		perform public.refuse(422, 'unknown_season');
	end if;
	saved := content.save_item('episode', id, wanted, b);
	if saved is not null then
		insert into content.episode (id, series_id, season_id, season_number, number, air_date)
			values (saved, of_season.series_id, of_season.id, of_season.number, (b ->> 'number')::int,
			        (b ->> 'air_date')::date)
			on conflict on constraint episode_pkey
			do update set series_id = excluded.series_id, season_id = excluded.season_id,
			              season_number = excluded.season_number, number = excluded.number,
			              air_date = excluded.air_date;
		perform content.save_parts(saved, b);
	end if;
	return saved;
end $$;

create function content.count_genres() returns void
	language sql security definer set search_path = ''
	begin atomic
		update content.genre g set titles = n.titles
			from (select o.slug, count(l.item_id)::int as titles
			      from content.genre o left join content.listing l on l.genre = o.slug
			      group by o.slug) n
			where n.slug = g.slug and n.titles <> g.titles;
	end;
comment on function content.count_genres() is 'for cron: how many titles each genre has';

grant select on audit.entry to tv_system;
grant select, insert, update, delete on content.media to tv_ondemand;
grant select on content.media to tv_play;

-- What editors write of live television.

create function public.refuse(http_status int, code text, detail text) returns void
	language plpgsql
	as $$ begin raise exception using errcode = 'TV' || http_status, message = code, detail = detail; end $$;
comment on function public.refuse(int, text, text) is 'the same with a sentence for people; it must not hold what they may not know';

create function live.save_channel(channel_id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
	if b ->> 'group' is not null then
		insert into live.channel_group (slug, name) values (b ->> 'group', initcap(replace(b ->> 'group', '-', ' ')))
			on conflict on constraint channel_group_pkey do nothing;
	end if;
	if channel_id is null then
		insert into content.item (kind, title, poster, min_age, state)
			values ('channel', b ->> 'name', b ->> 'logo', coalesce((b ->> 'min_age')::int, 0),
			        coalesce(b ->> 'state', 'published'))
			returning id into saved;
	else
		update content.item i
			set title = b ->> 'name', poster = b ->> 'logo', min_age = coalesce((b ->> 'min_age')::int, 0),
			    state = coalesce(b ->> 'state', 'published')
			where i.id = channel_id and i.kind = 'channel' and public.matched(i.version, wanted)
			returning i.id into saved;
	end if;
	if saved is not null then
		insert into live.channel (id, number, group_slug, country, languages, catchup_hours, hidden, guide_id, website,
		                          alt_names)
			values (saved, (b ->> 'number')::int, b ->> 'group', b ->> 'country',
			        array(select json_array_elements_text(b -> 'languages')),
			        coalesce((b ->> 'catchup_hours')::int, 0), coalesce((b ->> 'hidden')::boolean, false),
			        b ->> 'guide_id', b ->> 'website', array(select json_array_elements_text(b -> 'alt_names')))
			on conflict on constraint channel_pkey
			do update set number = excluded.number, group_slug = excluded.group_slug, country = excluded.country,
			              languages = excluded.languages, catchup_hours = excluded.catchup_hours,
			              hidden = excluded.hidden, guide_id = excluded.guide_id, website = excluded.website,
			              alt_names = excluded.alt_names;
	end if;
	return saved;
end $$;

create index channel_number on live.channel (number, id);

-- The channel's row is locked, as importers do: of two that would overlap each other the second one sees the first.
create function live.save_programme(programme_id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	on_channel bigint := (b ->> 'channel_id')::bigint;
	starts timestamptz := (b ->> 'start')::timestamptz;
	ends timestamptz := (b ->> 'end')::timestamptz;
	other live.programme;
	saved bigint;
begin
	if programme_id is not null then
		perform from live.programme p where p.id = programme_id and public.matched(p.version, wanted);
		if not found then
			return null;
		end if;
	end if;
	perform from live.channel c where c.id = on_channel for update;
	if not found then
		perform public.refuse(422, 'unknown_channel');
	end if;
	select p.* into other
		from live.programme p
		where p.channel_id = on_channel
		  and p.id is distinct from programme_id
		  and p.start_at < ends
		  and p.start_at > starts - interval '24 hours'
		  and p.end_at > starts
		order by p.start_at
		limit 1;
	if found and starts < ends then
		perform public.refuse(409, 'overlap', format('It overlaps programme %s, "%s", from %s to %s.', other.id, other.title,
		        to_char(other.start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		        to_char(other.end_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
	end if;
	if programme_id is null then
		insert into live.programme (channel_id, start_at, end_at, title, subtitle, synopsis, category, season, episode, min_age)
			values (on_channel, starts, ends, b ->> 'title', b ->> 'subtitle', b ->> 'synopsis', b ->> 'category',
			        (b ->> 'season')::int, (b ->> 'episode')::int, coalesce((b ->> 'min_age')::int, 0))
			returning id into saved;
	else
		update live.programme p
			set channel_id = on_channel, start_at = starts, end_at = ends, title = b ->> 'title',
			    subtitle = b ->> 'subtitle', synopsis = b ->> 'synopsis', category = b ->> 'category',
			    season = (b ->> 'season')::int, episode = (b ->> 'episode')::int,
			    min_age = coalesce((b ->> 'min_age')::int, 0), version = p.version + 1
			where p.id = programme_id and public.matched(p.version, wanted)
			returning p.id into saved;
	end if;
	return saved;
end $$;

-- Editors only: importers write thousands of rows and leave the version alone.
alter table live.programme add column version int not null default 1;

-- What is done as a whole and not row by row, such as an import.
alter table audit.entry
	drop constraint entry_action_known,
	add constraint entry_action_known check (action in ('insert', 'update', 'delete', 'import'));

create function audit.note(action text, kind text, target_id bigint, before jsonb) returns bigint
	language sql security definer set search_path = ''
	begin atomic
		insert into audit.entry (account_id, request_id, action, kind, target_id, before)
			values (audit.actor(), current_setting('tv.request', true), action, kind, target_id, before)
			returning id;
	end;
comment on function audit.note(text, text, bigint, jsonb) is 'begins an entry; complete() adds what came of it';

create function audit.complete(entry bigint, after jsonb) returns boolean
	language sql security definer set search_path = ''
	begin atomic
		update audit.entry e set after = complete.after
			where e.id = entry and e.account_id = audit.actor() and e.after is null
			returning true;
	end;
revoke execute on function audit.note(text, text, bigint, jsonb), audit.complete(bigint, jsonb) from public;
grant execute on function audit.note(text, text, bigint, jsonb), audit.complete(bigint, jsonb) to tv_livetv;

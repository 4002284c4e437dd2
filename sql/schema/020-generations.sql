-- Whoever changes what answers are made of says so to every node, whatever program or hand it is: kept answers end.

create function public.announce() returns trigger
	language plpgsql
	as $$ begin perform pg_notify(tg_argv[0], ''); return null; end $$;
comment on function public.announce() is 'a statement''s trigger; its argument is the tag of the answers that are over';

-- Items are of both: a channel's name stands in the guide, a film's does not.
create function content.announce_items() returns trigger
	language plpgsql
	as $$
begin
	if exists (select from changed c where c.kind = 'channel') then
		perform pg_notify('live', '');
	end if;
	if exists (select from changed c where c.kind <> 'channel') then
		perform pg_notify('content', '');
	end if;
	return null;
end $$;
create trigger item_announce_insert after insert on content.item
	referencing new table as changed
	for each statement execute function content.announce_items();
create trigger item_announce_update after update on content.item
	referencing new table as changed
	for each statement execute function content.announce_items();
create trigger item_announce_delete after delete on content.item
	referencing old table as changed
	for each statement execute function content.announce_items();

do $$
declare
	name text;
begin
	foreach name in array array['movie', 'series', 'season', 'episode', 'person', 'credit', 'genre', 'media'] loop
		execute format('create trigger %I after insert or update or delete or truncate on content.%I '
		               'for each statement execute function public.announce(%L)', name || '_announce', name, 'content');
	end loop;
	foreach name in array array['channel', 'channel_group', 'programme'] loop
		execute format('create trigger %I after insert or update or delete or truncate on live.%I '
		               'for each statement execute function public.announce(%L)', name || '_announce', name, 'live');
	end loop;
end $$;

-- Availability opens and closes without a write.
create index item_opens on content.item (available_from) where available_from is not null;
create index item_closes on content.item (available_until) where available_until is not null;

create function content.next_edge() returns double precision
	language sql stable security definer set search_path = ''
	begin atomic
		select extract(epoch from least(
			(select min(i.available_from) from content.item i where i.available_from > clock_timestamp()),
			(select min(i.available_until) from content.item i where i.available_until > clock_timestamp())
		) - clock_timestamp())::double precision;
	end;
comment on function content.next_edge() is 'seconds until something becomes available or ends; null: nothing is known to';
revoke execute on function content.next_edge() from public;
grant execute on function content.next_edge() to tv_system;

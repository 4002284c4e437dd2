-- What an external stream has shown is played from where its provider keeps it.

alter table live.source
	add column catchup text,
	add constraint source_catchup_form check (catchup ~ '^https?://[^[:space:]]+$' and length(catchup) <= 2000);
comment on column live.source.catchup is 'the template of the address of what was shown (lib/catchup.h); null: nobody is known to keep it';

-- What viewers are told of a channel's past depends on these.
create trigger source_announce after insert or update or delete or truncate on live.source
	for each statement execute function public.announce('live');
create trigger schedule_announce after insert or delete or truncate on live.schedule
	for each statement execute function public.announce('live');

create or replace function live.save_source(channel bigint, b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	source json := b -> 'source';
	items bigint[];
begin
	if channel is null or source is null then
		return channel;
	end if;
	if json_typeof(source) = 'object'
	   and (num_nonnulls(source ->> 'url', source ->> 'schedule') <> 1
	        or source ->> 'catchup' is not null and source ->> 'url' is null) then
		perform public.refuse(422, 'invalid_source');
	end if;
	delete from live.source s where s.channel_id = channel and source ->> 'url' is null;
	delete from live.schedule s where s.channel_id = channel and source ->> 'schedule' is null;
	if source ->> 'url' is not null then
		insert into live.source (channel_id, url, catchup) values (channel, source ->> 'url', source ->> 'catchup')
			on conflict on constraint source_pkey do update set url = excluded.url, catchup = excluded.catchup;
	elsif source ->> 'schedule' is not null then
		items := array(select json_array_elements_text(source -> 'schedule')::bigint);
		if exists (select from unnest(items) w
		           where not exists (select from content.item i where i.id = w and i.kind in ('movie', 'episode'))) then
			perform public.refuse(422, 'unknown_content');
		end if;
		insert into live.schedule (channel_id, content_ids) values (channel, items)
			on conflict on constraint schedule_pkey do update set content_ids = excluded.content_ids;
	end if;
	return channel;
end $$;

-- A provider is asked for the rest of a programme, else for four hours, which is what our own playlists reach.
create function live.shown_until(channel bigint, start timestamptz) returns timestamptz
	language plpgsql stable
	as $$
begin
	return coalesce((select p.end_at
	                 from live.programme p
	                 where p.channel_id = channel
	                   and p.start_at <= start
	                   and p.start_at > start - interval '24 hours'
	                   and p.end_at > start
	                 order by p.start_at desc
	                 limit 1), start + interval '4 hours');
end $$;
comment on function live.shown_until(bigint, timestamptz) is 'the end of what the channel showed at that instant';

-- --- who may see it

-- What plays from an instant on has reached, "playing" later, what was shown that much after it: what a provider sends may have no end.
drop function play.too_old_from(bigint, timestamptz, int);
create function play.too_old_from(channel bigint, start timestamptz, age int, playing interval default '0') returns timestamptz
	language plpgsql stable
	as $$
declare
	since timestamptz := coalesce(start, now() - interval '1 minute');
	until timestamptz := least(start + greatest(interval '4 hours', playing + play.address_life()), now() + play.address_life());
begin
	return (select min(greatest(p.start_at, since))
	        from live.programme p
	        where p.channel_id = channel
	          and p.start_at > since - interval '24 hours'
	          and p.start_at < until
	          and p.end_at > since
	          and p.min_age > age);
end $$;

create or replace function play.may_start(kind text, directory text, catchup_hours int, d rights.decision, age int,
                                          start_at timestamptz) returns text
	language plpgsql stable
	as $$
declare
	scheduled boolean;
	external boolean;
	kept boolean;
begin
	if not d.granted then
		return 'refused';
	elsif kind <> 'channel' then
		return case when directory is null then 'no_media' else 'ok' end;
	end if;
	select exists (select from live.schedule c where c.channel_id = d.content_id), s.channel_id is not null, s.catchup is not null
		into scheduled, external, kept
		from (values (1)) one (row)
		left join live.source s on s.channel_id = d.content_id;
	if not scheduled and not external then
		return 'no_stream';
	elsif start_at > now() then
		return 'invalid_start';
	elsif start_at < now() - make_interval(hours => catchup_hours) or start_at is not null and not scheduled and not kept then
		return 'no_catchup';
	elsif play.too_old_from(d.content_id, start_at, age) <= now() then
		return 'age_restricted';
	end if;
	return 'ok';
end $$;

create or replace function play.renew(s play.session, out d rights.decision, out until timestamptz)
	language plpgsql
	as $$
declare
	age int;
	rented timestamptz;
	playing interval := '0';
begin
	d := rights.decide(s.account_id, s.profile_id, s.item_id, null, now());
	if d.granted and exists (select from content.package k
	                         where k.directory = s.directory
	                           and (k.renditions -> 0 ->> 'height')::int > rights.quality_height(d.max_quality)) then
		d.granted := false;
		d.reason := 'no_rendition';
		d.max_quality := null;
	end if;
	if d.granted and d.rental_id is not null and d.rental_id is distinct from s.rental_id
	   and not rights.start_rental(d.rental_id) then
		d.granted := false;
		d.reason := 'rental_expired';
	end if;
	if d.granted then
		until := least(now() + play.address_life(), d.expires_at);
	end if;
	rented := rights.rental_until(s.rental_id);
	if rented is not null and (d.granted or d.reason in ('rental_expired', 'no_entitlement', 'no_rendition')) then
		until := greatest(until, least(now() + play.address_life(), rented + make_interval(secs => s.duration),
		                               (select r.closes from rights.subject(s.item_id) r)));
	end if;
	if s.group_id is null and until is not null then
		select p.max_age into age from users.profile p where p.id = s.profile_id;
		if not exists (select from live.schedule c where c.channel_id = s.item_id) then
			playing := now() - s.started_at;
		end if;
		until := least(until, play.too_old_from(s.item_id, s.start_at, age, playing));
		if until <= now() then
			d.reason := 'age_restricted';
		end if;
	end if;
	until := case when until > now() then date_trunc('second', until) end;
end $$;

-- --- players that come with a key

-- Also for what was shown from an instant on.
drop function play.player_until(bigint, bigint, bigint, int);
create function play.player_until(account bigint, profile bigint, channel bigint, age int, start timestamptz default null,
                                  out until timestamptz, out max_quality text)
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision := rights.decide(account, profile, channel, null, now());
	since timestamptz := coalesce(start, now());
begin
	max_quality := d.max_quality;
	until := case when d.granted then least(now() + interval '4 hours', d.expires_at, (
		select min(greatest(p.start_at, since))
		from live.programme p
		where p.channel_id = channel
		  and p.start_at > since - interval '1 day'
		  and p.start_at < since + interval '4 hours'
		  and p.end_at > since
		  and p.min_age > age)) end;
end $$;
revoke execute on function play.player_until(bigint, bigint, bigint, int, timestamptz) from public;
grant execute on function play.player_until(bigint, bigint, bigint, int, timestamptz) to tv_play, tv_livetv;

-- --- what is found

create or replace function search.showings(of_title text, age int)
	returns table (id bigint, start_at timestamptz, end_at timestamptz, channel_id bigint, channel text, logo text, icon text,
	               subtitle text, year smallint)
	language sql stable
	begin atomic
		with ahead as materialized (
			select p.id, p.start_at, p.end_at, i.id as channel_id, i.title, i.poster, p.icon, p.subtitle, p.year
			from search.showing n
			join live.programme p on p.id = n.programme_id and p.start_at = n.start_at
			join live.channel c on c.id = p.channel_id and not c.hidden
			cross join lateral search.open_item(p.channel_id, age) i
			where n.title_hash = hashtext(of_title) and p.title = of_title and p.min_age <= age
			  and n.start_at > now() - interval '24 hours' and p.end_at > now()
			order by n.start_at, n.programme_id
			limit 2
		)
		select a.id, a.start_at, a.end_at, a.channel_id, a.title, a.poster, a.icon, a.subtitle, a.year from ahead a
		union all
		(select p.id, p.start_at, p.end_at, i.id, i.title, i.poster, p.icon, p.subtitle, p.year
		 from search.showing n
		 join live.programme p on p.id = n.programme_id and p.start_at = n.start_at
		 join live.channel c on c.id = p.channel_id and not c.hidden
		 cross join lateral search.open_item(p.channel_id, age) i
		 where not exists (select from ahead)
		   and n.title_hash = hashtext(of_title) and p.title = of_title and p.min_age <= age
		   and n.start_at > now() - interval '768 hours' and p.end_at <= now()
		   and p.end_at > now() - make_interval(hours => c.catchup_hours)
		   and (exists (select from live.source s where s.channel_id = c.id and s.catchup is not null)
		        or exists (select from live.schedule s where s.channel_id = c.id))
		 order by n.start_at desc, n.programme_id desc
		 limit 1);
	end;

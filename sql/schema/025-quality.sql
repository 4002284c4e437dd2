-- What plays is no better than the right: the address names the quality, its signature covers that, and the web server keeps to it.
-- And what is asked for at every start and heartbeat has a plan that is kept: an SQL function that cannot be inlined is planned anew
-- by each statement that calls it.

create function rights.quality_height(quality text) returns int
	language sql immutable parallel safe
	return case quality when 'sd' then 576 when 'hd' then 1080 end;
comment on function rights.quality_height(text) is 'lines of the best rendition of that quality, as lib/media.c and conf/media.lua have it; null: any';

alter table play.session add column max_quality text;
comment on column play.session.max_quality is 'of the right when its last address was given out';

-- The length that players see is that of the media; the runtime is what the catalogue says, where there are none.
create or replace function play.start(account bigint, profile bigint, sign_in bigint, content bigint, kinds text[], start_at timestamptz,
                           takeover bigint, dry boolean,
                           out outcome text, out refusal json, out session_id bigint, out max_quality text,
                           out expires_at timestamptz, out place int, out duration int, out directory text, out markers jsonb, out subtitles jsonb,
                           out age int)
	language plpgsql security definer set search_path = ''
	as $$
declare
	d rights.decision := rights.decide(account, profile, content, null, now());
	it record;
	other play.session;
	device text;
begin
	select p.max_age into age from users.profile p where p.id = profile and p.account_id = account;
	select i.kind, coalesce(round(k.duration / 1000.0)::int, nullif(i.runtime, 0), 0) as duration,
	       case when i.kind <> 'channel' then coalesce(e.series_id, i.id) end as group_id,
	       (k.renditions -> 0 ->> 'height')::int as least_height, c.catchup_hours, m.directory, m.markers, m.subtitles
		into it
		from content.item i
		left join content.episode e on e.id = i.id
		left join content.media m on m.item_id = i.id
		left join content.package k on k.directory = m.directory
		left join live.channel c on c.id = i.id
		where i.id = content and i.kind = any (kinds);
	if not found or d.content_id is null or age is null or age < d.min_age then
		outcome := 'not_found';
		return;
	end if;
	outcome := play.may_start(it.kind, it.directory, it.catchup_hours, d, age, start_at);
	if outcome = 'age_restricted' then
		d.granted := false;
		d.reason := outcome;
		outcome := 'refused';
	end if;
	if outcome = 'refused' then
		refusal := play.refusal(d);
	end if;
	if outcome = 'ok' and it.least_height > rights.quality_height(d.max_quality) then
		outcome := 'no_rendition';
	end if;
	if outcome <> 'ok' then
		return;
	end if;

	if not dry then
		perform pg_advisory_xact_lock(hashint8extended(account, 7226823351));
		perform set_config('synchronous_commit', 'off', true);
	end if;
	if takeover is not null then
		select s.* into other from play.session s where s.id = takeover and s.account_id = account;
		if not found then
			outcome := 'not_found';
			return;
		end if;
	end if;
	if (select count(*) from play.session s
	    where s.account_id = account and s.ended_at is null and s.id is distinct from takeover
	      and s.seen_at > play.alive_since(clock_timestamp())) >= rights.stream_limit(account) then
		outcome := 'stream_limit';
		refusal := json_build_object('sessions', coalesce(play.sessions_json(account, age), '[]'));
		return;
	end if;

	max_quality := d.max_quality;
	expires_at := least(now() + play.address_life(), d.expires_at);
	if it.kind = 'channel' then
		expires_at := least(expires_at, play.too_old_from(content, start_at, age));
	end if;
	expires_at := date_trunc('second', expires_at);
	duration := it.duration;
	directory := it.directory;
	markers := coalesce(it.markers, '[]');
	subtitles := coalesce(it.subtitles, '[]');
	place := coalesce((select users.resume_position(g.position, g.duration) from users.progress g
	                   where g.profile_id = profile and g.item_id = content), 0);
	if dry then
		return;
	end if;
	select c.device_name into device from auth.session_card c where c.id = sign_in;
	if other.id is not null then
		perform play.finish(other, 'taken_over', now(), device, profile);
	end if;
	insert into play.session (account_id, profile_id, item_id, group_id, rental_id, device_name, start_at, started_at, seen_at,
	                          url_until, duration, directory, max_quality)
		values (account, profile, content, it.group_id, d.rental_id, device, start.start_at, now(), clock_timestamp(),
		        start.expires_at, it.duration, it.directory, d.max_quality)
		returning session.id into session_id;
end $$;

drop function play.heartbeat(bigint, bigint, int, bigint, text);
create function play.heartbeat(account bigint, session bigint, place int, number bigint, event text,
                               out outcome text, out refusal json, out expires_at timestamptz, out address boolean,
                               out item_id bigint, out live boolean, out directory text, out start_at timestamptz,
                               out max_quality text)
	language plpgsql security definer set search_path = ''
	as $$
declare
	me play.session;
	now_phase smallint;
	renewal record;
	renewed boolean := false;
	setting text; -- an assignment is evaluated directly, a perform is a statement
begin
	update play.session s
		set seen_at = now(), fresh = number > s.seq, seq = greatest(s.seq, number),
		    position = case when number > s.seq then least(place, nullif(s.duration, 0)) else s.position end
		where s.id = session and s.account_id = account and s.ended_at is null and s.seen_at > play.alive_since(now())
		returning s.* into me;
	if not found then
		select o.* into outcome, refusal, expires_at from play.over(account, session, number) o;
		return;
	end if;
	outcome := 'ok';
	-- positions of the last moments may be lost in a crash; the begin of a rental's clock may not
	if me.phase is not null or me.rental_id is null then
		setting := set_config('synchronous_commit', 'off', true);
	elsif not play.begin_rental(me) then
		me.url_until := now();
	end if;
	if me.url_until < now() + play.address_renewal() then
		renewed := true;
		select x.d, x.until into renewal from play.renew(me) x;
		if renewal.until is null then
			perform play.finish(me, 'refused', now());
			outcome := 'refused';
			refusal := play.refusal(renewal.d);
			return;
		end if;
		me.url_until := renewal.until;
		me.max_quality := coalesce((renewal.d).max_quality, me.max_quality);
		update play.session s
			set url_until = me.url_until, max_quality = me.max_quality, rental_id = coalesce((renewal.d).rental_id, s.rental_id)
			where s.id = me.id;
	end if;
	expires_at := me.url_until;
	item_id := me.item_id;
	live := me.group_id is null;
	directory := me.directory;
	start_at := me.start_at;
	max_quality := me.max_quality;
	address := renewed or me.url_until > now() + interval '4 minutes' or not me.fresh;

	if me.fresh then
		now_phase := case when me.group_id is null then 0 when event = 'ended' then 2 else play.phase(me.position, me.duration) end;
		if now_phase = me.phase and me.noted_at > now() - interval '5 minutes' and coalesce(event not in ('stop', 'ended'), true) then
			update users.progress g
				set position = me.position, updated_at = now()
				where g.profile_id = me.profile_id and g.item_id = me.item_id and me.group_id is not null;
		else
			perform play.note(me, now_phase);
		end if;
		if event in ('stop', 'ended') then
			perform play.finish(me, 'stopped', now());
			address := false;
		end if;
	end if;
end $$;

drop function play.player_until(bigint, bigint, bigint, int);
create function play.player_until(account bigint, profile bigint, channel bigint, age int,
                                  out until timestamptz, out max_quality text)
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision := rights.decide(account, profile, channel, null, now());
begin
	max_quality := d.max_quality;
	until := case when d.granted then least(now() + interval '4 hours', d.expires_at, (
		select min(p.start_at)
		from live.programme p
		where p.channel_id = channel
		  and p.start_at > now() - interval '1 day'
		  and p.start_at < now() + interval '4 hours'
		  and p.end_at > now()
		  and p.min_age > age)) end;
end $$;

revoke execute on function play.heartbeat(bigint, bigint, int, bigint, text), play.player_until(bigint, bigint, bigint, int) from public;
grant execute on function play.heartbeat(bigint, bigint, int, bigint, text) to tv_play;
grant execute on function play.player_until(bigint, bigint, bigint, int) to tv_play, tv_livetv;

-- --- the same as they were, with plans that are kept

create or replace function rights.plan_of(account bigint, at timestamptz default now()) returns setof rights.plan
	language plpgsql stable security definer set search_path = ''
	as $$
begin
	return query select p.*
		from rights.subscription s
		join rights.plan p on p.id = s.plan_id
		where s.account_id = plan_of.account
		  and s.status in ('trial', 'active', 'grace')
		  and rights.access_until(s) > at;
end $$;

create or replace function rights.stream_limit(account bigint) returns int
	language plpgsql stable security definer set search_path = ''
	as $$
begin
	return coalesce((select p.max_streams
	                 from rights.subscription s
	                 join rights.plan p on p.id = s.plan_id
	                 where s.account_id = stream_limit.account
	                   and s.status in ('trial', 'active', 'grace')
	                   and rights.access_until(s) > now()), 2);
end $$;

create or replace function content.next_episode(episode_id bigint) returns table (id bigint)
	language plpgsql stable security definer set search_path = ''
	as $$
begin
	return query select o.id
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
end $$;

create or replace function rights.rental_until(rental bigint) returns timestamptz
	language plpgsql stable security definer set search_path = ''
	as $$ begin return (select r.expires_at from rights.rental r where r.id = rental and r.closed_at is null); end $$;

create or replace function play.too_old_from(channel bigint, start timestamptz, age int) returns timestamptz
	language plpgsql stable
	as $$
declare
	since timestamptz := coalesce(start, now() - interval '1 minute');
	until timestamptz := least(start + interval '4 hours', now() + play.address_life());
begin
	return (select min(greatest(p.start_at, since))
	        from live.programme p
	        where p.channel_id = channel
	          and p.start_at > since - interval '24 hours'
	          and p.start_at < until
	          and p.end_at > since
	          and p.min_age > age);
end $$;

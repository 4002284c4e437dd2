-- Playing: who plays what where, how many at once, and how far a profile has got by it.

create schema play;
grant usage on schema play to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

-- A heartbeat changes no indexed column, so that its row stays on its page (heap-only tuples). There are no checks: each is
-- read and compiled anew for every heartbeat, which doubles what one costs; only the functions below write here.
create table play.session (
	id bigint generated always as identity,
	account_id bigint not null,
	profile_id bigint not null,
	item_id bigint not null,
	group_id bigint,
	rental_id bigint,
	history_id bigint,
	device_name text,
	start_at timestamptz,
	started_at timestamptz not null,
	seen_at timestamptz not null,
	url_until timestamptz not null,
	noted_at timestamptz,
	duration int not null,
	position int not null default 0,
	seq bigint not null default -1,
	fresh boolean not null default false,
	phase smallint,
	directory text,
	ended_at timestamptz,
	ended_how text,
	ended_device text,
	ended_profile_id bigint,
	constraint session_pkey primary key (id),
	constraint session_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint session_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint session_item_fkey foreign key (item_id) references content.item on delete cascade
) with (fillfactor = 40);
comment on column play.session.group_id is 'the movie, or the series of the episode; null: a channel';
comment on column play.session.rental_id is 'the rental that grants: its clock starts with the first heartbeat';
comment on column play.session.device_name is 'of the sign-in that started it';
comment on column play.session.start_at is 'of a channel: where catch-up or start-over began; null: live';
comment on column play.session.ended_how is 'stopped, deleted, taken_over, lapsed, refused; null: it runs';
comment on column play.session.url_until is 'when the last address that was given out ends';
comment on column play.session.noted_at is 'when the resume list and the history were written last';
comment on column play.session.seq is 'of the newest heartbeat; -1: there was none';
comment on column play.session.fresh is 'the last heartbeat to arrive was newer than those before';
comment on column play.session.phase is '0: below 5 %, 1: to be resumed, 2: from 95 % on; null before the first heartbeat';
comment on column play.session.directory is 'of the media; null: a channel';
create index session_running on play.session (account_id, id) where ended_at is null;
create index session_account on play.session (account_id);
create index session_over on play.session (ended_at) where ended_at is not null;
create index session_profile on play.session (profile_id);
create index session_item on play.session (item_id);

-- Its rows change at every heartbeat, too.
alter table users.progress
	set (fillfactor = 70),
	drop constraint progress_position_range;

-- Three missed heartbeats of 30 seconds end a session.
create function play.alive_since(at timestamptz) returns timestamptz
	language sql stable parallel safe
	return at - interval '90 seconds';

-- How long an address holds, and how long before its end a heartbeat brings the next one.
create function play.address_life() returns interval
	language sql immutable parallel safe
	return interval '5 minutes';
create function play.address_renewal() returns interval
	language sql immutable parallel safe
	return interval '2 minutes';

create function play.phase(place int, duration int) returns smallint
	language sql immutable parallel safe
	return case when duration <= 0 then case when place > 0 then 1 else 0 end
	            when place::bigint * 100 >= duration::bigint * 95 then 2
	            when place::bigint * 100 >= duration::bigint * 5 then 1
	            else 0 end::smallint;
comment on function play.phase(int, int) is '0: as good as not begun, 1: to be resumed, 2: seen; of an unknown duration nothing is the end';

create function users.resume_position(place int, duration int) returns int
	language sql immutable parallel safe
	return case when play.phase(place, duration) = 1 then place else 0 end;
comment on function users.resume_position(int, int) is 'where playback goes on: from 5 % to 95 % where it was, else at the beginning';

create function play.utc(at timestamptz) returns text
	language sql stable
	return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- What runs now. Who asks must compare effective_age with the profile's age before naming the content.
create view play.running as
	select s.id, s.account_id, s.profile_id, s.item_id, s.device_name, s.started_at, s.seen_at, s.position, s.start_at
	from play.session s
	where s.ended_at is null
	  and s.seen_at > play.alive_since(now());

create view play.session_card as
	select s.id, s.account_id, s.profile_id, s.item_id, s.device_name, s.position, s.started_at, s.seen_at
	from play.session s;
comment on view play.session_card is 'what is kept of playing, for the export of an account: a day after its end it is gone';

-- The decision's side of a refusal.
create function play.refusal(d rights.decision) returns json
	language sql stable
	return json_build_object('reason', d.reason, 'offers', coalesce((
		select json_agg(json_strip_nulls(json_build_object(
			'type', o.type, 'content_id', o.content, 'plan', o.plan,
			'price', json_build_object('amount', o.amount, 'currency', o.currency),
			'start_within', o.start_within, 'watch_within', o.watch_within)))
		from unnest(d.offer_type, d.offer_content, d.offer_plan, d.offer_amount, d.offer_currency, d.offer_start_within,
		            d.offer_watch_within) o (type, content, plan, amount, currency, start_within, watch_within)), '[]'));

-- The first instant at which a channel, played live (start null) or from an instant on, shows what is above the age, up to the
-- end of the next address. A playlist reaches a minute back, and at most four hours on from its start.
create function play.too_old_from(channel bigint, start timestamptz, age int) returns timestamptz
	language sql stable
	begin atomic
		select min(greatest(p.start_at, w.since))
		from (
			select coalesce(start, now() - interval '1 minute') as since,
			       least(start + interval '4 hours', now() + play.address_life()) as until
		) w
		join live.programme p
			on p.channel_id = channel
			and p.start_at > w.since - interval '24 hours'
			and p.start_at < w.until
			and p.end_at > w.since
			and p.min_age > age;
	end;

-- Until when a rental may be watched once its clock runs; null: it is none, it was refunded, or nobody has begun.
create function rights.rental_until(rental bigint) returns timestamptz
	language sql stable security definer set search_path = ''
	begin atomic
		select r.expires_at
		from rights.rental r
		where r.id = rental
		  and r.closed_at is null;
	end;
revoke execute on function rights.rental_until(bigint) from public;

-- --- how far a profile has got

create function play.finish(s play.session, how text, at timestamptz, device text default null, by_profile bigint default null)
	returns boolean
	language plpgsql
	as $$
begin
	update play.session p
		set ended_at = at, ended_how = how, ended_device = device, ended_profile_id = by_profile
		where p.id = s.id and p.ended_at is null;
	if not found then
		return false;
	end if;
	update users.history h set position = s.position where h.id = s.history_id;
	return true;
end $$;

-- Carries a session's position to the profile: history, progress, and the list of what to go on with. A title gets onto that
-- list with 5 %: before, another episode that waits there stays. What the viewer has hidden comes back with a session that
-- had not begun by then.
create function play.note(s play.session, now_phase smallint) returns void
	language plpgsql
	as $$
declare
	entry bigint := s.history_id;
	following bigint;
begin
	if entry is null then
		insert into users.history (profile_id, item_id, position)
			values (s.profile_id, s.item_id, s.position)
			returning history.id into entry;
	else
		update users.history h set position = s.position where h.id = entry;
	end if;
	update play.session p set phase = now_phase, noted_at = now(), history_id = entry where p.id = s.id;
	if s.group_id is null then
		return;
	end if;
	insert into users.progress (profile_id, item_id, position, duration, finished)
		values (s.profile_id, s.item_id, s.position, s.duration, now_phase = 2)
		on conflict on constraint progress_pkey
		do update set position = excluded.position, duration = excluded.duration, updated_at = now(),
		              finished = progress.finished or excluded.finished;
	following := case now_phase when 1 then s.item_id when 2 then (select n.id from content.next_episode(s.item_id) n) end;
	if following is not null then
		insert into users.resume (profile_id, group_id, item_id)
			values (s.profile_id, s.group_id, following)
			on conflict on constraint resume_pkey
			do update set item_id = excluded.item_id, updated_at = now(), hidden = resume.hidden and s.phase is not null;
	elsif now_phase = 2 then
		delete from users.resume r where r.profile_id = s.profile_id and r.group_id = s.group_id;
	else
		update users.resume r
			set updated_at = now(), hidden = r.hidden and s.phase is not null
			where r.profile_id = s.profile_id and r.group_id = s.group_id and r.item_id = s.item_id;
	end if;
end $$;

-- --- starting

create function play.sessions_json(account bigint, age int) returns json
	language sql stable
	begin atomic
		select json_agg(json_build_object(
			'id', r.id,
			'content', case when c.id is not null then json_build_object('id', c.id, 'kind', c.kind, 'title', c.title) end,
			'device_name', r.device_name,
			'started_at', play.utc(r.started_at)) order by r.started_at, r.id)
		from play.running r
		left join content.card c on c.id = r.item_id and c.effective_age <= age
		where r.account_id = account;
	end;

-- One start after another for each account: of two at the last free place one is refused. "dry" looks and makes nothing.
create function play.start(account bigint, profile bigint, sign_in bigint, content bigint, kinds text[], start_at timestamptz,
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
	select i.kind, coalesce(nullif(i.runtime, 0), k.duration / 1000, 0) as duration, case when i.kind <> 'channel' then coalesce(e.series_id, i.id) end as group_id,
	       c.catchup_hours, m.directory, m.markers, m.subtitles
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
	                          url_until, duration, directory)
		values (account, profile, content, it.group_id, d.rental_id, device, start.start_at, now(), clock_timestamp(),
		        start.expires_at, it.duration, it.directory)
		returning session.id into session_id;
end $$;

-- What stands before the number of streams: ok, refused (see the decision), age_restricted, or why there is nothing to play.
create function play.may_start(kind text, directory text, catchup_hours int, d rights.decision, age int,
                               start_at timestamptz) returns text
	language plpgsql stable
	as $$
begin
	if not d.granted then
		return 'refused';
	elsif kind <> 'channel' then
		return case when directory is null then 'no_media' else 'ok' end;
	elsif not exists (select from live.source s where s.channel_id = d.content_id)
	      and not exists (select from live.schedule s where s.channel_id = d.content_id) then
		return 'no_stream';
	elsif start_at > now() then
		return 'invalid_start';
	elsif start_at < now() - make_interval(hours => catchup_hours) then
		return 'no_catchup';
	elsif play.too_old_from(d.content_id, start_at, age) <= now() then
		return 'age_restricted';
	end if;
	return 'ok';
end $$;

-- --- heartbeats

-- Why a heartbeat finds no running session. Repeating the one that ended it is harmless.
create function play.over(account bigint, session bigint, number bigint,
                          out outcome text, out refusal json, out expires_at timestamptz)
	language plpgsql
	as $$
declare
	s play.session;
begin
	select p.* into s from play.session p where p.id = session and p.account_id = account for update;
	if not found then
		outcome := 'not_found';
		return;
	elsif s.ended_at is null then
		perform play.finish(s, 'lapsed', s.seen_at);
		s.ended_how := 'lapsed';
		s.ended_at := s.seen_at;
	elsif s.ended_how = 'stopped' and number <= s.seq then
		outcome := 'ok';
		expires_at := s.url_until;
		return;
	end if;
	outcome := case s.ended_how when 'taken_over' then 'taken_over' else 'session_over' end;
	refusal := json_build_object('ended', s.ended_how, 'ended_at', play.utc(s.ended_at), 'by',
		case when s.ended_how in ('taken_over', 'deleted') then json_build_object('device_name', s.ended_device, 'profile',
			(select json_build_object('id', p.id, 'name', p.name) from users.profile p where p.id = s.ended_profile_id)) end);
end $$;

-- The clock of a rental starts with the first heartbeat; a session that was started in time may finish.
create function play.begin_rental(s play.session) returns boolean
	language sql
	return rights.start_rental(s.rental_id) or coalesce(s.started_at < rights.rental_until(s.rental_id), false);

-- Asks for the decision again. How long the next address holds, in "until"; null: not any longer, and d says why.
create function play.renew(s play.session, out d rights.decision, out until timestamptz)
	language plpgsql
	as $$
declare
	age int;
	rented timestamptz;
begin
	d := rights.decide(s.account_id, s.profile_id, s.item_id, null, now());
	if d.granted and d.rental_id is not null and d.rental_id is distinct from s.rental_id
	   and not rights.start_rental(d.rental_id) then
		d.granted := false;
		d.reason := 'rental_expired';
	end if;
	if d.granted then
		until := least(now() + play.address_life(), d.expires_at);
	end if;
	rented := rights.rental_until(s.rental_id);
	if rented is not null and (d.granted or d.reason in ('rental_expired', 'no_entitlement')) then
		until := greatest(until, least(now() + play.address_life(), rented + make_interval(secs => s.duration),
		                               (select r.closes from rights.subject(s.item_id) r)));
	end if;
	if s.group_id is null and until is not null then
		select p.max_age into age from users.profile p where p.id = s.profile_id;
		until := least(until, play.too_old_from(s.item_id, s.start_at, age));
		if until <= now() then
			d.reason := 'age_restricted';
		end if;
	end if;
	until := case when until > now() then date_trunc('second', until) end;
end $$;

-- Takes the heartbeats of newer numbers, in whatever order they arrive. "address": the answer carries the address that holds
-- until expires_at; for a minute it is repeated, should the answer that brought it have been lost.
create function play.heartbeat(account bigint, session bigint, place int, number bigint, event text,
                               out outcome text, out refusal json, out expires_at timestamptz, out address boolean,
                               out item_id bigint, out live boolean, out directory text, out start_at timestamptz)
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
		update play.session s
			set url_until = me.url_until, rental_id = coalesce((renewal.d).rental_id, s.rental_id)
			where s.id = me.id;
	end if;
	expires_at := me.url_until;
	item_id := me.item_id;
	live := me.group_id is null;
	directory := me.directory;
	start_at := me.start_at;
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

-- --- ending

create function play.stop(account bigint, profile bigint, sign_in bigint, session bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	s play.session;
begin
	select p.* into s from play.session p
		where p.id = session and p.account_id = account and p.ended_at is null and p.seen_at > play.alive_since(now())
		for update;
	return found and play.finish(s, 'deleted', now(), (select c.device_name from auth.session_card c where c.id = sign_in), profile);
end $$;

-- A session that could not be given an address has never been.
create function play.drop_session(account bigint, session bigint) returns void
	language sql security definer set search_path = ''
	begin atomic
		delete from play.session s where s.id = session and s.account_id = account;
	end;

-- Ends what is not heard of any more, a batch at a time, and forgets what ended a day ago.
create function play.reap(out lapsed int, out forgotten int)
	language plpgsql security definer set search_path = ''
	as $$
declare
	s play.session;
begin
	lapsed := 0;
	for s in
		select p.* from play.session p
		where p.ended_at is null and p.seen_at <= play.alive_since(now())
		limit 10000
		for update skip locked
	loop
		lapsed := lapsed + play.finish(s, 'lapsed', s.seen_at)::int;
	end loop;
	delete from play.session p where p.ended_at < now() - interval '1 day';
	get diagnostics forgotten = row_count;
end $$;

-- --- players that come with a key

create function live.has_stream(channel bigint) returns boolean
	language sql stable
	return exists (select from live.source s where s.channel_id = channel)
	    or exists (select from live.schedule s where s.channel_id = channel);

-- Such a player sends no heartbeats: its address holds for four hours, no longer than the right, and only up to the first
-- programme above the age of the key's profile. Null: not at all.
create function play.player_until(account bigint, profile bigint, channel bigint, age int) returns timestamptz
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision := rights.decide(account, profile, channel, null, now());
begin
	return case when d.granted then least(now() + interval '4 hours', d.expires_at, (
		select min(p.start_at)
		from live.programme p
		where p.channel_id = channel
		  and p.start_at > now() - interval '1 day'
		  and p.start_at < now() + interval '4 hours'
		  and p.end_at > now()
		  and p.min_age > age)) end;
end $$;

do $$
declare
	f regprocedure;
begin
	for f in select p.oid from pg_proc p where p.pronamespace = 'play'::regnamespace and p.prosecdef loop
		execute format('revoke execute on function %s from public', f);
		execute format('grant execute on function %s to tv_play', f);
	end loop;
end $$;
grant execute on function play.player_until(bigint, bigint, bigint, int) to tv_livetv;
grant select on play.running to tv_play;
grant select on play.session_card to tv_users;
grant select on content.card to tv_play;

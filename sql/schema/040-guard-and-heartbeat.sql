-- What stands before everything that changes something, and what each player sends, costs less; what they do stays the same.

-- --- the guard: a part of the statement that asks, instead of a function with a statement in it

-- What programs may see of a session.
create view auth.live_session as
	select s.id, s.account_id, a.role, a.status
	from auth.session s
	join users.account a on a.id = s.account_id
	where s.ended_at is null
	  and s.expires_at > now();
grant select on auth.live_session to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

create function auth.refuse_session(status text) returns text
	language plpgsql
	as $$
begin
	if status is null then
		perform public.refuse(401, 'session_ended');
	elsif status <> 'active' then
		perform public.refuse(403, 'account_suspended');
	end if;
	perform public.refuse(401, 'role_changed');
end $$;

-- Stands before every statement that changes something or answers an administrator, in the same round trip and
-- transaction: an access token lives 15 minutes, an ended session or a taken role counts at once. It leaves the
-- administrator's name for the record; imports and cron leave none.
create function auth.guard(session_id bigint, account_id bigint, role text, request_id text) returns setof text
	language sql stable -- neither strict nor "security definer" nor with a setting: else it would not become a part of what asks
	begin atomic
		select case when s.status is null or s.status <> 'active' or s.role is distinct from guard.role
		                then auth.refuse_session(s.status)
		            when guard.role = 'admin'
		                then set_config('tv.actor', guard.account_id::text, true) || set_config('tv.request', guard.request_id, true) end
		from (values (1)) one (row)
		left join auth.live_session s on s.id = guard.session_id and s.account_id = guard.account_id;
	end;

-- As programs of before this ask.
create or replace function auth.require_session(session_id bigint, account_id bigint, role text, request_id text) returns void
	language plpgsql security definer set search_path = ''
	as $$ begin perform g from auth.guard(session_id, account_id, role, request_id) g; end $$;

-- --- a heartbeat: an answer with a type of its own, as that of "out" parameters is made anew at each call

create type play.beat as (
	outcome text,
	refusal json,
	expires_at timestamptz,
	address boolean,
	item_id bigint,
	live boolean,
	directory text,
	start_at timestamptz,
	max_quality text
);

-- Takes the heartbeats of newer numbers, in whatever order they arrive. "address": the answer carries the address that holds
-- until expires_at; for a minute it is repeated, should the answer that brought it have been lost.
drop function play.heartbeat(bigint, bigint, int, bigint, text);
create function play.heartbeat(account bigint, session bigint, place int, number bigint, event text) returns play.beat
	language plpgsql security definer set search_path = ''
	as $$
declare
	me play.session;
	b play.beat;
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
		select o.outcome, o.refusal, o.expires_at into b.outcome, b.refusal, b.expires_at from play.over(account, session, number) o;
		return b;
	end if;
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
			b.outcome := 'refused';
			b.refusal := play.refusal(renewal.d);
			return b;
		end if;
		me.url_until := renewal.until;
		me.max_quality := coalesce((renewal.d).max_quality, me.max_quality);
		update play.session s
			set url_until = me.url_until, max_quality = me.max_quality, rental_id = coalesce((renewal.d).rental_id, s.rental_id)
			where s.id = me.id;
	end if;
	b := ('ok', null, me.url_until, renewed or me.url_until > now() + interval '4 minutes' or not me.fresh, me.item_id,
	      me.group_id is null, me.directory, me.start_at, me.max_quality);

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
			b.address := false;
		end if;
	end if;
	return b;
end $$;
revoke execute on function play.heartbeat(bigint, bigint, int, bigint, text) from public;
grant execute on function play.heartbeat(bigint, bigint, int, bigint, text) to tv_play;

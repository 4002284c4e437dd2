-- Heartbeats that arrive at once are taken by one statement: most of them change nothing but how far it has played.

alter type play.beat add attribute durable boolean;
comment on column play.beat.durable is 'began the clock of a rental, which must not be lost in a crash; positions of the last moments may';

-- Whether such a heartbeat is for a session that runs and leaves everything but its position as it is.
create function play.goes_on(s play.session, place int, number bigint, event text) returns boolean
	language sql stable
	return s.ended_at is null
	   and s.seen_at > play.alive_since(now())
	   and number > s.seq
	   and s.url_until >= now() + play.address_renewal()
	   and s.noted_at > now() - interval '5 minutes'
	   and coalesce(event not in ('stop', 'ended'), true)
	   and s.phase = case when s.group_id is null then 0 else play.phase(least(place, nullif(s.duration, 0)), s.duration) end;

-- Takes the heartbeat of a newer number, in whatever order they arrive. "address": the answer carries the address that holds
-- until expires_at; for a minute it is repeated, should the answer that brought it have been lost.
create or replace function play.heartbeat(account bigint, session bigint, place int, number bigint, event text) returns play.beat
	language plpgsql security definer set search_path = ''
	as $$
declare
	me play.session;
	b play.beat;
	now_phase smallint;
	renewal record;
	renewed boolean := false;
	durable boolean := false;
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
	if me.phase is null and me.rental_id is not null then
		durable := true;
		if not play.begin_rental(me) then
			me.url_until := now();
		end if;
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
		durable := durable or (renewal.d).rental_id is distinct from me.rental_id;
		me.url_until := renewal.until;
		me.max_quality := coalesce((renewal.d).max_quality, me.max_quality);
		update play.session s
			set url_until = me.url_until, max_quality = me.max_quality, rental_id = coalesce((renewal.d).rental_id, s.rental_id)
			where s.id = me.id;
	end if;
	b := ('ok', null, me.url_until, renewed or me.url_until > now() + interval '4 minutes' or not me.fresh, me.item_id,
	      me.group_id is null, me.directory, me.start_at, me.max_quality, durable);

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
	if not durable then
		setting := set_config('synchronous_commit', 'off', true);
	end if;
	return b;
end $$;

-- Takes them as if each had come alone; answers a row for each, in their order.
create function play.heartbeats(accounts bigint[], sessions bigint[], places int[], numbers bigint[], events text[]) returns setof play.beat
	language plpgsql security definer set search_path = ''
	as $$
declare
	x record;
	b play.beat;
	durable boolean := false;
	before text := current_setting('synchronous_commit');
	setting text;
begin
	for x in
		with asked as (
			select *
			from unnest(accounts, sessions, places, numbers, events) with ordinality a (account, session, place, number, event, n)
			order by a.session -- in which they are locked
		), taken as (
			update play.session s
				set seen_at = now(), fresh = true, seq = a.number, position = least(a.place, nullif(s.duration, 0))
				from asked a
				where s.id = a.session and s.account_id = a.account and play.goes_on(s, a.place, a.number, a.event)
				returning a.n, s.*
		), noted as (
			update users.progress g
				set position = t.position, updated_at = now()
				from taken t
				where g.profile_id = t.profile_id and g.item_id = t.item_id and t.group_id is not null
		)
		select a.*, t.id, t.url_until, t.item_id, t.group_id, t.directory, t.start_at, t.max_quality
		from asked a
		left join taken t using (n)
		order by a.n
	loop
		if x.id is null then
			b := play.heartbeat(x.account, x.session, x.place, x.number, x.event);
			durable := durable or coalesce(b.durable, false);
		else
			b := ('ok', null, x.url_until, x.url_until > now() + interval '4 minutes', x.item_id, x.group_id is null, x.directory,
			      x.start_at, x.max_quality, false);
		end if;
		return next b;
	end loop;
	setting := set_config('synchronous_commit', case when durable then before else 'off' end, true);
	return;
end $$;
revoke execute on function play.heartbeats(bigint[], bigint[], int[], bigint[], text[]) from public;
grant execute on function play.heartbeats(bigint[], bigint[], int[], bigint[], text[]) to tv_play;

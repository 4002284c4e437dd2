-- --- who wants to pay in the grace, can

-- The payment for the period after the one that is over, of this plan.
create function rights.next_period(s rights.subscription, plan rights.plan) returns rights.payment
	language plpgsql stable
	as $$
declare
	wanted rights.payment;
begin
	if rights.access_until(s) <= now() then
		wanted := rights.first_period(s.id, plan, s.period + 1, now());
	else
		wanted := rights.first_period(s.id, plan, s.period + 1, s.period_end);
		if plan.id = s.plan_id then
			wanted.anchor_at := s.anchor_at;
		end if;
		wanted.period_end := rights.period_after(wanted.anchor_at, plan.period, greatest(s.period_end, now()));
	end if;
	wanted.renewal := true;
	wanted.method := s.method;
	return wanted;
end $$;

create or replace function rights.claim_renewal(provider text) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	s rights.subscription;
	plan rights.plan;
	wanted rights.payment;
begin
	select x.* into s
		from rights.subscription x
		where x.status in ('trial', 'active', 'grace')
		  and coalesce(x.retry_at, x.period_end) <= now()
		  and x.period_end <= now()
		  and not x.cancel_at_period_end
		  and (x.status <> 'grace' or rights.access_until(x) > now())
		  and not rights.being_paid(x.id)
		order by coalesce(x.retry_at, x.period_end)
		limit 1
		for update skip locked;
	if not found then
		return null;
	end if;
	-- Who saw it before this commits finds it changed.
	update rights.subscription x set retry_at = now() + interval '10 minutes' where x.id = s.id;
	select p.* into plan from rights.plan p where p.id = coalesce(s.next_plan_id, s.plan_id);
	wanted := rights.next_period(s, plan);
	wanted.provider := provider;
	return rights.ask_for(s.account_id, null, wanted);
end $$;

-- In its grace any plan that is not a better one is paid at once, as the renewal that failed would have been; declined, it is
-- tried again each day as before.
create or replace function rights.begin_subscription(account bigint, profile bigint, plan_id bigint, client_key text, hash bytea,
                                                     provider text, method text) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	said rights.checkout;
	plan rights.plan;
	old_plan rights.plan;
	s rights.subscription;
	wanted rights.payment;
begin
	perform rights.lock_account(account);
	said := rights.claim_key(account, client_key, hash);
	if said.state is not null then
		return said;
	end if;
	perform rights.refuse_kids(account, profile);
	perform rights.end_subscriptions(account);
	select x.* into s from rights.subscription x where x.account_id = account and x.status <> 'ended' for update;
	select p.* into plan from rights.plan p
		where p.id = begin_subscription.plan_id and (p.state = 'active' or p.id = s.plan_id);
	if plan.id is null then
		perform public.refuse(422, 'unknown_plan');
	elsif s.id is null then
		return rights.first_subscription(account, client_key, plan, provider, method);
	elsif rights.being_paid(s.id) then
		perform public.refuse(409, 'payment_pending');
	elsif s.plan_id = plan.id and not s.cancel_at_period_end and s.next_plan_id is null and s.status <> 'grace' then
		perform public.refuse(409, 'already_subscribed');
	end if;
	select p.* into old_plan from rights.plan p where p.id = s.plan_id;
	if plan.level > old_plan.level and plan.currency = old_plan.currency then
		return rights.upgrade(s, client_key, plan, provider, method);
	end if;
	update rights.subscription x
		set cancel_at_period_end = false, next_plan_id = nullif(plan.id, s.plan_id), method = coalesce(begin_subscription.method, x.method)
		where x.id = s.id
		returning x.* into s;
	if s.status = 'grace' then
		wanted := rights.next_period(s, plan);
		wanted.provider := provider;
		return rights.ask_for(account, client_key, wanted);
	end if;
	return rights.answer_now(account, client_key, 201, rights.subscription_json(s.id));
end $$;

-- --- a right that sinks below all that there is

-- Asks for the decision again. How long the next address holds, in "until"; null: not any longer, and d says why.
create or replace function play.renew(s play.session, out d rights.decision, out until timestamptz)
	language plpgsql
	as $$
declare
	age int;
	rented timestamptz;
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
		until := least(until, play.too_old_from(s.item_id, s.start_at, age));
		if until <= now() then
			d.reason := 'age_restricted';
		end if;
	end if;
	until := case when until > now() then date_trunc('second', until) end;
end $$;

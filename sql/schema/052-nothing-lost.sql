-- Changes of plan and of mind in any order, and grants that say what they are of.

-- --- what is left of a period is worth as much under a better plan

-- The end of so many periods from an instant.
create function rights.after_periods(starts timestamptz, period text, n int) returns timestamptz
	language sql immutable
	return (starts at time zone 'UTC' + n * ('1 ' || period)::interval) at time zone 'UTC';

-- A better plan counts at once: as many periods of it, at least one, as what is left of the old one pays for; what the last of
-- them lacks is charged.
create or replace function rights.upgrade(s rights.subscription, client_key text, plan rights.plan, provider text, method text)
	returns rights.checkout
	language plpgsql
	as $$
declare
	wanted rights.payment := rights.first_period(s.id, plan, s.period + 1, now());
	left_over bigint := 0;
	periods bigint;
begin
	if s.status = 'active' and s.period_end > now() and s.period_end > s.period_start and plan.price_amount > 0 then
		left_over := floor(s.worth * extract(epoch from s.period_end - now()) / extract(epoch from s.period_end - s.period_start));
		periods := least(ceil(left_over::numeric / plan.price_amount), 1000);
	end if;
	if periods > 1 then
		wanted.period_end := rights.after_periods(now(), plan.period, periods::int);
		wanted.amount := periods * plan.price_amount;
	end if;
	wanted.credit := least(wanted.amount, left_over);
	wanted.amount := wanted.amount - wanted.credit;
	wanted.provider := provider;
	wanted.method := coalesce(method, s.method);
	return rights.ask_for(s.account_id, client_key, wanted);
end $$;

-- --- who cancels after ordering has cancelled, whenever the order is paid

alter table rights.subscription add column cancelled_order bigint;
comment on column rights.subscription.cancelled_order is 'the payment that was on its way when it was cancelled: paid later, it does not take that back';

create or replace function rights.cancel_subscription(account bigint, profile bigint) returns setof rights.subscription_card
	language plpgsql security definer set search_path = ''
	as $$
declare
	s rights.subscription;
begin
	perform rights.lock_account(account);
	perform rights.refuse_kids(account, profile);
	perform rights.end_subscriptions(account);
	select x.* into s from rights.subscription x where x.account_id = account and x.status <> 'ended' for update;
	if s.status = 'pending' then
		perform public.refuse(409, 'payment_pending');
	end if;
	update rights.subscription x
		set cancel_at_period_end = true, next_plan_id = null,
		    cancelled_order = (select p.id from rights.payment p
		                       where p.subject = 'subscription' and p.subject_id = s.id and p.status = 'pending')
		where x.id = s.id;
	return query select c.* from rights.subscription_card c where c.id = s.id;
end $$;

-- And a first period begins when it is paid, however long the provider takes: before, there was nothing.
create or replace function rights.settle_subscription(p rights.payment, paid boolean) returns void
	language plpgsql
	as $$
begin
	if paid then
		update rights.subscription s
			set status = 'active', plan_id = p.plan_id, period = p.period,
			    started_at = case s.status when 'pending' then now() else s.started_at end,
			    anchor_at = case s.status when 'pending' then now() else p.anchor_at end,
			    period_start = case s.status when 'pending' then now() else p.period_start end,
			    period_end = case s.status when 'pending' then rights.period_after(now(), n.period, now()) else p.period_end end,
			    grace_days = n.grace_days, worth = p.amount + p.credit, retry_at = null, method = coalesce(p.method, s.method),
			    next_plan_id = case when p.renewal then nullif(s.next_plan_id, p.plan_id) end,
			    cancel_at_period_end = s.cancel_at_period_end and (p.renewal or p.id is not distinct from s.cancelled_order)
			from rights.plan n
			where s.id = p.subject_id and n.id = p.plan_id;
	elsif p.renewal then
		update rights.subscription s
			set status = 'grace', retry_at = now() + interval '1 day'
			where s.id = p.subject_id;
	else
		update rights.subscription s
			set status = 'ended', ended_at = s.started_at, period_end = s.period_start
			where s.id = p.subject_id and s.status = 'pending';
	end if;
end $$;

-- --- who is suspended has nothing of it, and pays nothing

-- An account that somebody else has, erasing it perhaps, is left for the next run: its owner locks it before the subscription.

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
		join users.account a on a.id = x.account_id and a.status <> 'suspended'
		where x.status in ('trial', 'active', 'grace')
		  and coalesce(x.retry_at, x.period_end) <= now()
		  and x.period_end <= now()
		  and not x.cancel_at_period_end
		  and (x.status <> 'grace' or rights.access_until(x) > now())
		  and not rights.being_paid(x.id)
		order by coalesce(x.retry_at, x.period_end)
		limit 1
		for key share of a skip locked
		for update of x skip locked;
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

-- --- a grant of everything is asked for by name

create or replace function rights.save_grant(given bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
	if num_nonnulls(b ->> 'content_id', b ->> 'genre', b ->> 'kind', nullif(b ->> 'everything', 'false')) <> 1 then
		perform public.refuse(422, 'invalid_target');
	end if;
	if given is null then
		insert into rights.grant (account_id, content_id, genre, kind, max_quality, valid_from, valid_until, note)
			values ((b ->> 'user_id')::bigint, (b ->> 'content_id')::bigint, b ->> 'genre', b ->> 'kind',
			        coalesce(b ->> 'max_quality', 'uhd'), (b ->> 'valid_from')::timestamptz, (b ->> 'valid_until')::timestamptz,
			        coalesce(b ->> 'note', ''))
			returning id into saved;
	else
		update rights.grant g
			set account_id = (b ->> 'user_id')::bigint, content_id = (b ->> 'content_id')::bigint, genre = b ->> 'genre',
			    kind = b ->> 'kind', max_quality = coalesce(b ->> 'max_quality', 'uhd'),
			    valid_from = (b ->> 'valid_from')::timestamptz, valid_until = (b ->> 'valid_until')::timestamptz,
			    note = coalesce(b ->> 'note', '')
			where g.id = given and public.matched(g.version, wanted)
			returning id into saved;
	end if;
	return saved;
end $$;

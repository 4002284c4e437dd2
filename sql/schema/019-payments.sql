-- Buying, renting, subscribing, refunding. Each is two statements with a provider between them: the first writes what is asked
-- for as a pending payment, rights.finish_payment settles it. Whoever dies in between leaves a pending payment behind, which
-- "rights settle" asks for again under the same reference: nothing is lost, nothing is charged twice.

create type rights.checkout as (
	state text,
	payment_id bigint,
	amount int,
	currency text,
	provider text,
	method text,
	provider_ref text,
	status int,
	answer text
);
comment on type rights.checkout is 'state: charge (ask the provider), running (another request has this key and is not done), answered (by this request), replay (by an earlier one). answer is JSON text below status 400, else the code of a problem';

-- --- words that answers are made of

create function rights.price_json(amount int, currency text) returns json
	language sql immutable
	return json_build_object('amount', amount, 'currency', currency);

-- One row a receipt, of purchases and rentals alike; for its owner, for operators and for exports.
create view rights.receipt_card as
	select 'purchase' as type, p.id, p.account_id, p.item_id, p.content_kind, coalesce(i.title, p.content_title) as content_title,
	       i.poster as content_poster, i.year as content_year, greatest(p.content_age, i.min_age) as content_age,
	       p.price_amount, p.currency, p.max_quality, p.rule_id,
	       case when p.refunded_at is not null then 'refunded' when p.paid_at is not null then 'paid'
	            when p.closed_at is not null then 'declined' else 'pending' end as status,
	       p.created_at, p.paid_at, p.valid_until, null::int as start_within, null::int as watch_within,
	       null::timestamptz as start_by, null::timestamptz as started_at, null::timestamptz as expires_at, p.refunded_at
	from rights.purchase p
	left join content.item i on i.id = p.item_id
	union all
	select 'rental', r.id, r.account_id, r.item_id, r.content_kind, coalesce(i.title, r.content_title),
	       i.poster, i.year, greatest(r.content_age, i.min_age),
	       r.price_amount, r.currency, r.max_quality, r.rule_id,
	       case when r.refunded_at is not null then 'refunded' when r.paid_at is not null then 'paid'
	            when r.closed_at is not null then 'declined' else 'pending' end,
	       r.created_at, r.paid_at, null, r.start_within, r.watch_within, r.start_by, r.started_at, r.expires_at, r.refunded_at
	from rights.rental r
	left join content.item i on i.id = r.item_id;
comment on view rights.receipt_card is 'titles are those of now, or of then when the content is gone';

-- As it stands, so that the first answer and its replays are the same bytes.
create function rights.receipt_json(receipt_type text, receipt bigint, payment rights.payment) returns text
	language sql stable
	return (
		select json_strip_nulls(json_build_object(
			'id', c.id, 'type', c.type,
			'content', json_build_object('id', c.item_id, 'kind', c.content_kind, 'title', c.content_title),
			'price', rights.price_json(c.price_amount, c.currency), 'status', c.status, 'max_quality', c.max_quality,
			'created_at', rights.instant(c.created_at), 'paid_at', rights.instant(c.paid_at),
			'valid_until', rights.instant(c.valid_until), 'start_within', c.start_within, 'watch_within', c.watch_within,
			'start_by', rights.instant(c.start_by),
			'payment', json_build_object('id', payment.id, 'provider', payment.provider,
			                             'test', payment.provider = 'sandbox')))::text
		from rights.receipt_card c
		where c.id = receipt and c.type = receipt_type);

create view rights.subscription_card as
	select s.id, s.account_id, s.status, s.started_at, s.ended_at, s.period_start, s.period_end,
	       p.id as plan_id, p.code as plan_code, p.name as plan_name,
	       case when s.cancel_at_period_end or s.status in ('pending', 'ended') then null else s.period_end end as renews_at,
	       case when s.status = 'ended' then s.ended_at
	            when s.cancel_at_period_end or s.status = 'grace' then rights.access_until(s) end as ends_at,
	       n.id as next_plan_id, n.code as next_plan_code, n.name as next_plan_name
	from rights.subscription s
	join rights.plan p on p.id = s.plan_id
	left join rights.plan n on n.id = s.next_plan_id;
comment on view rights.subscription_card is 'renews_at: the next charge; ends_at: when it stops unless something is done or paid';

-- What a plan has, in words that the front end knows: kind:movie, genre:drama, content:12; the first twenty.
create function rights.includes(plan bigint, age int) returns json
	language sql stable security definer set search_path = ''
	return (
		select coalesce(json_agg(x.word order by x.place, x.word), '[]')
		from (
			select distinct case when r.kind is not null then 1 when r.genre is not null then 2 else 3 end as place,
			       case when r.kind is not null then 'kind:' || r.kind when r.genre is not null then 'genre:' || r.genre
			            else 'content:' || r.content_id end as word
			from rights.rule r
			left join content.item i on i.id = r.content_id
			where r.plan_id = includes.plan
			  and r.type = 'subscription'
			  and (r.valid_until is null or r.valid_until > now())
			  and (r.content_id is null or i.min_age <= includes.age)
			order by 1, 2
			limit 20
		) x);

create function rights.subscription_json(subscription bigint) returns text
	language sql stable
	return (
		select json_build_object(
			'id', c.id, 'plan', json_build_object('id', c.plan_id, 'code', c.plan_code, 'name', c.plan_name), 'status', c.status,
			'started_at', rights.instant(c.started_at), 'renews_at', rights.instant(c.renews_at), 'ends_at', rights.instant(c.ends_at),
			'next_plan', case when c.next_plan_id is not null then
				json_build_object('id', c.next_plan_id, 'code', c.next_plan_code, 'name', c.next_plan_name) end)::text
		from rights.subscription_card c
		where c.id = subscription);

-- --- before the provider

-- What an account buys, it buys one thing after the other: what is checked then holds.
create function rights.lock_account(account bigint) returns void
	language plpgsql
	as $$ begin perform from users.account a where a.id = account for no key update; end $$;

-- Null: the key is this request's now (or there is none). A payment of it that nobody seems to be asking for is asked for again.
create function rights.claim_key(account bigint, client_key text, hash bytea) returns rights.checkout
	language plpgsql
	as $$
declare
	known rights.idempotency;
	said rights.checkout;
begin
	if client_key is null then
		return null;
	end if;
	delete from rights.idempotency i
		where i.account_id = account and i.key = client_key and i.created_at < now() - interval '24 hours';
	select i.* into known from rights.idempotency i where i.account_id = account and i.key = client_key;
	if not found then
		insert into rights.idempotency (account_id, key, request_hash) values (account, client_key, hash);
		return null;
	elsif known.request_hash <> hash then
		perform public.refuse(422, 'idempotency_key_reused');
	elsif known.status is not null then
		said.state := 'replay';
		said.status := known.status;
		said.answer := known.answer;
		return said;
	end if;
	update rights.payment p set asked_at = now()
		where p.id = known.payment_id and p.status = 'pending' and p.asked_at < now() - interval '5 seconds'
		returning 'charge', p.id, p.amount, p.currency, p.provider, p.method, p.provider_ref
		into said.state, said.payment_id, said.amount, said.currency, said.provider, said.method, said.provider_ref;
	said.state := coalesce(said.state, 'running');
	return said;
end $$;

create function rights.refuse_kids(account bigint, profile bigint) returns void
	language plpgsql
	as $$
begin
	if not exists (select from users.profile p where p.id = profile and p.account_id = account and not p.is_kids) then
		perform public.refuse(403, 'profile_not_allowed');
	end if;
end $$;

-- The payment that the provider is to be asked for, under its id.
create function rights.ask_for(account bigint, client_key text, wanted rights.payment) returns rights.checkout
	language plpgsql
	as $$
declare
	said rights.checkout;
begin
	insert into rights.payment (account_id, subject, subject_id, period, plan_id, anchor_at, period_start, period_end, renewal,
	                            amount, credit, currency, provider, method)
		values (account, wanted.subject, wanted.subject_id, coalesce(wanted.period, 0), wanted.plan_id, wanted.anchor_at,
		        wanted.period_start, wanted.period_end, coalesce(wanted.renewal, false), wanted.amount, coalesce(wanted.credit, 0),
		        wanted.currency, wanted.provider, wanted.method)
		returning 'charge', id, amount, currency, provider, method
		into said.state, said.payment_id, said.amount, said.currency, said.provider, said.method;
	update rights.idempotency i set payment_id = said.payment_id where i.account_id = account and i.key = client_key;
	return said;
end $$;

create function rights.answer_now(account bigint, client_key text, status int, answer text) returns rights.checkout
	language plpgsql
	as $$
declare
	said rights.checkout;
begin
	update rights.idempotency i set status = answer_now.status, answer = answer_now.answer
		where i.account_id = account and i.key = client_key;
	said.state := 'answered';
	said.status := status;
	said.answer := answer;
	return said;
end $$;

-- Refuses what is held or being paid already; closes what is over, so that it can be had again. The receipts are locked first: a
-- payment that is settled between two of these statements would be neither pending to the one nor paid to the other.
create function rights.refuse_held(receipt_type text, account bigint, content bigint, items bigint[]) returns void
	language plpgsql
	as $$
begin
	perform from rights.purchase p
		where p.account_id = account and p.item_id = any (items) and p.closed_at is null
		order by p.id
		for update;
	perform from rights.rental r
		where r.account_id = account and r.item_id = any (items) and r.closed_at is null
		order by r.id
		for update;
	if exists (select from rights.purchase p
	           where p.account_id = account and p.item_id = any (items) and p.paid_at is not null and p.closed_at is null
	             and (p.valid_until is null or p.valid_until > now())) then
		perform public.refuse(409, 'already_owned');
	elsif receipt_type = 'rental'
	      and exists (select from rights.rental r
	                  where r.account_id = account and r.item_id = any (items) and r.paid_at is not null and r.closed_at is null
	                    and coalesce(r.expires_at, r.start_by) > now()) then
		perform public.refuse(409, 'already_rented');
	elsif exists (select from rights.purchase p
	              where receipt_type = 'purchase' and p.account_id = account and p.item_id = content and p.paid_at is null
	                and p.closed_at is null
	              union all
	              select from rights.rental r
	              where receipt_type = 'rental' and r.account_id = account and r.item_id = content and r.paid_at is null
	                and r.closed_at is null) then
		perform public.refuse(409, 'payment_pending');
	end if;
	update rights.purchase p set closed_at = now()
		where receipt_type = 'purchase' and p.account_id = account and p.item_id = content and p.closed_at is null
		  and p.valid_until <= now();
	update rights.rental r set closed_at = now()
		where receipt_type = 'rental' and r.account_id = account and r.item_id = content and r.closed_at is null
		  and coalesce(r.expires_at, r.start_by) <= now();
end $$;

-- The receipt, with price, terms and window of the rule as they are now.
create function rights.write_receipt(receipt_type text, account bigint, content bigint, rule_id bigint) returns bigint
	language sql
	begin atomic
		with bought as (
			insert into rights.purchase (account_id, item_id, content_kind, content_title, content_age, rule_id, price_amount, currency,
			                             max_quality, outlives_window, valid_until, countries, excluded_countries)
			select account, i.id, i.kind, i.title, i.min_age, r.id, r.price_amount, r.currency, r.max_quality, r.outlives_window,
			       case when not r.outlives_window then r.valid_until end, r.countries, r.excluded_countries
			from rights.rule r, content.item i
			where receipt_type = 'purchase' and r.id = write_receipt.rule_id and i.id = content
			returning id
		), rented as (
			insert into rights.rental (account_id, item_id, content_kind, content_title, content_age, rule_id, price_amount, currency,
			                           max_quality, start_within, watch_within)
			select account, i.id, i.kind, i.title, i.min_age, r.id, r.price_amount, r.currency, r.max_quality, r.start_within,
			       r.watch_within
			from rights.rule r, content.item i
			where receipt_type = 'rental' and r.id = write_receipt.rule_id and i.id = content
			returning id
		)
		select id from bought union all select id from rented;
	end;

-- The rule of the offer that rights.decide would make for this very content: null, it is not sold.
create function rights.offered(receipt_type text, account bigint, content bigint, it rights.topic) returns bigint
	language plpgsql stable
	as $$
declare
	d rights.decision;
begin
	d := rights.offers(d, content, it, 99, (select a.country from users.account a where a.id = account), now());
	for n in 1 .. coalesce(array_length(d.offer_type, 1), 0) loop
		if d.offer_type[n] = receipt_type and d.offer_content[n] = content then
			return d.offer_rule[n];
		end if;
	end loop;
	return null;
end $$;

-- Buys or rents one thing, up to the provider.
create function rights.begin_purchase(receipt_type text, account bigint, profile bigint, age int, content bigint, client_key text,
                                      hash bytea, provider text, method text) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	said rights.checkout;
	it rights.topic;
	rule_id bigint;
	wanted rights.payment;
begin
	perform rights.lock_account(account);
	said := rights.claim_key(account, client_key, hash);
	if said.state is not null then
		return said;
	end if;
	it := rights.subject(content);
	if it.kind is null or it.min_age > age or now() < it.opens or now() >= it.closes then
		perform public.refuse(404, 'not_found');
	end if;
	perform rights.refuse_kids(account, profile);
	perform rights.refuse_held(receipt_type, account, content, it.items);
	rule_id := rights.offered(receipt_type, account, content, it);
	if rule_id is null then
		if receipt_type = 'purchase' then
			perform public.refuse(403, 'not_for_sale');
		end if;
		perform public.refuse(403, 'not_for_rent');
	end if;
	wanted.subject := receipt_type;
	wanted.subject_id := rights.write_receipt(receipt_type, account, content, rule_id);
	wanted.provider := provider;
	wanted.method := method;
	select r.price_amount, r.currency into wanted.amount, wanted.currency from rights.rule r where r.id = rule_id;
	return rights.ask_for(account, client_key, wanted);
end $$;

-- --- periods

-- The first end of a period after an instant. Months and years are counted from the anchor, so that what began on a 31st ends on
-- the last day of a short month and on a 31st again after it.
create function rights.period_after(anchor timestamptz, period text, after timestamptz) returns timestamptz
	language plpgsql immutable
	as $$
declare
	a timestamp := anchor at time zone 'UTC';
	t timestamp := after at time zone 'UTC';
	days int := case period when 'day' then 1 when 'week' then 7 end;
	months int := case period when 'year' then 12 else 1 end;
	n int;
begin
	if t < a then
		return anchor;
	elsif days is not null then
		n := floor(extract(epoch from t - a) / (86400 * days)) + 1;
		return (a + n * days * interval '1 day') at time zone 'UTC';
	end if;
	n := ((extract(year from t) - extract(year from a)) * 12 + extract(month from t) - extract(month from a))::int / months * months;
	if a + n * interval '1 month' <= t then
		n := n + months;
	end if;
	return (a + n * interval '1 month') at time zone 'UTC';
end $$;

create function rights.being_paid(subscription bigint) returns boolean
	language sql stable
	return exists (select from rights.payment p
	               where p.subject = 'subscription' and p.subject_id = subscription and p.status = 'pending');

-- A first subscription: a trial for who never had one, else the first period.
create function rights.first_subscription(account bigint, client_key text, plan rights.plan, provider text, method text)
	returns rights.checkout
	language plpgsql
	as $$
declare
	wanted rights.payment;
	trial boolean := false;
	made bigint;
begin
	if plan.trial_days > 0 then
		insert into rights.trial (account_id) values (account) on conflict on constraint trial_pkey do nothing;
		trial := found;
	end if;
	insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days, method)
		values (account, plan.id, case when trial then 'trial' else 'pending' end,
		        now() + case when trial then make_interval(days => plan.trial_days) else '0' end, now(),
		        now() + case when trial then make_interval(days => plan.trial_days) else '0' end, plan.grace_days, method)
		returning id into made;
	if trial then
		return rights.answer_now(account, client_key, 201, rights.subscription_json(made));
	end if;
	wanted := rights.first_period(made, plan, 1, now());
	wanted.provider := provider;
	wanted.method := method;
	return rights.ask_for(account, client_key, wanted);
end $$;

-- The payment for a period of a plan that begins a new count of periods.
create function rights.first_period(subscription bigint, plan rights.plan, period int, starts timestamptz) returns rights.payment
	language plpgsql stable
	as $$
declare
	wanted rights.payment;
begin
	wanted.subject := 'subscription';
	wanted.subject_id := subscription;
	wanted.period := period;
	wanted.plan_id := plan.id;
	wanted.anchor_at := starts;
	wanted.period_start := starts;
	wanted.period_end := rights.period_after(starts, plan.period, starts);
	wanted.amount := plan.price_amount;
	wanted.currency := plan.currency;
	return wanted;
end $$;

-- A better plan counts at once: its price, less what is left of the period that was paid.
create function rights.upgrade(s rights.subscription, client_key text, plan rights.plan, provider text, method text)
	returns rights.checkout
	language plpgsql
	as $$
declare
	wanted rights.payment := rights.first_period(s.id, plan, s.period + 1, now());
begin
	if s.status = 'active' and s.period_end > now() and s.period_end > s.period_start then
		wanted.credit := least(plan.price_amount, floor(s.worth * extract(epoch from s.period_end - now())
		                                                / extract(epoch from s.period_end - s.period_start)));
		wanted.amount := plan.price_amount - wanted.credit;
	end if;
	wanted.provider := provider;
	wanted.method := coalesce(method, s.method);
	return rights.ask_for(s.account_id, client_key, wanted);
end $$;

-- Subscribes, goes on with what was cancelled, or changes the plan; up to the provider.
create function rights.begin_subscription(account bigint, profile bigint, plan_id bigint, client_key text, hash bytea,
                                          provider text, method text) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	said rights.checkout;
	plan rights.plan;
	old_plan rights.plan;
	s rights.subscription;
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
	elsif s.plan_id = plan.id and not s.cancel_at_period_end and s.next_plan_id is null then
		perform public.refuse(409, 'already_subscribed');
	end if;
	select p.* into old_plan from rights.plan p where p.id = s.plan_id;
	if plan.level > old_plan.level and plan.currency = old_plan.currency then
		return rights.upgrade(s, client_key, plan, provider, method);
	end if;
	update rights.subscription x
		set cancel_at_period_end = false, next_plan_id = nullif(plan.id, s.plan_id), method = coalesce(begin_subscription.method, x.method)
		where x.id = s.id;
	return rights.answer_now(account, client_key, 201, rights.subscription_json(s.id));
end $$;

create function rights.cancel_subscription(account bigint, profile bigint) returns setof rights.subscription_card
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
	update rights.subscription x set cancel_at_period_end = true, next_plan_id = null where x.id = s.id;
	return query select c.* from rights.subscription_card c where c.id = s.id;
end $$;

-- Ends what is over, of one account or of all. One that is being paid waits for the answer.
create function rights.end_subscriptions(account bigint default null) returns bigint
	language sql security definer set search_path = ''
	begin atomic
		with gone as (
			update rights.subscription s
				set status = 'ended', ended_at = now()
				where s.status in ('trial', 'active', 'grace')
				  and (end_subscriptions.account is null or s.account_id = end_subscriptions.account)
				  and s.period_end <= now()
				  and (s.cancel_at_period_end or s.status = 'grace')
				  and rights.access_until(s) <= now()
				  and not rights.being_paid(s.id)
				returning 1
		)
		select count(*) from gone;
	end;

-- The next period of one subscription that is due, to be charged; null: none is. Several may ask at once. Were renewals away for
-- longer than the grace, the customer had nothing in between: the period begins now, and what is past is not charged.
create function rights.claim_renewal(provider text) returns rights.checkout
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
	if rights.access_until(s) <= now() then
		wanted := rights.first_period(s.id, plan, s.period + 1, now());
	else
		wanted := rights.first_period(s.id, plan, s.period + 1, s.period_end);
		if s.next_plan_id is null then
			wanted.anchor_at := s.anchor_at;
		end if;
		wanted.period_end := rights.period_after(wanted.anchor_at, plan.period, greatest(s.period_end, now()));
	end if;
	wanted.renewal := true;
	wanted.provider := provider;
	wanted.method := s.method;
	return rights.ask_for(s.account_id, null, wanted);
end $$;

-- --- after the provider

create function rights.settle_receipt(p rights.payment, paid boolean) returns void
	language plpgsql
	as $$
begin
	if p.subject = 'purchase' then
		update rights.purchase r
			set paid_at = case when paid then now() end, closed_at = case when not paid then now() end
			where r.id = p.subject_id and r.paid_at is null and r.closed_at is null;
	else
		update rights.rental r
			set paid_at = case when paid then now() end, closed_at = case when not paid then now() end,
			    start_by = case when paid then now() + make_interval(secs => r.start_within) end
			where r.id = p.subject_id and r.paid_at is null and r.closed_at is null;
	end if;
end $$;

-- A refused renewal is tried again each day while the grace lasts; a refused first period ends it as if it had not been.
create function rights.settle_subscription(p rights.payment, paid boolean) returns void
	language plpgsql
	as $$
begin
	if paid then
		update rights.subscription s
			set status = 'active', plan_id = p.plan_id, anchor_at = p.anchor_at, period = p.period, period_start = p.period_start,
			    period_end = p.period_end, grace_days = n.grace_days, worth = p.amount + p.credit, retry_at = null,
			    method = coalesce(p.method, s.method), next_plan_id = nullif(s.next_plan_id, p.plan_id),
			    cancel_at_period_end = s.cancel_at_period_end and p.renewal
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

create function rights.settle_refund(p rights.payment) returns void
	language plpgsql
	as $$
begin
	update rights.purchase r set refunded_at = now(), closed_at = coalesce(r.closed_at, now())
		where r.id = p.subject_id and r.refunded_at is null;
	update rights.rental r set refunded_at = now(), closed_at = coalesce(r.closed_at, now())
		where r.id = p.subject_id and r.refunded_at is null;
end $$;

-- Everything that becomes of a payment, once: payment, right and ledger together.
create function rights.settle(p rights.payment, outcome text, ref text) returns void
	language plpgsql
	as $$
begin
	update rights.payment x
		set status = outcome, settled_at = now(), provider_ref = coalesce(ref, x.provider_ref)
		where x.id = p.id;
	if outcome = 'paid' then
		insert into rights.ledger (account_id, payment_id, entry, subject, subject_id, amount, currency, provider)
			values (p.account_id, p.id, case when p.subject = 'refund' then 'refund' else 'charge' end, p.subject, p.subject_id,
			        p.amount, p.currency, p.provider);
	end if;
	if p.subject = 'refund' then
		if outcome = 'paid' then
			perform rights.settle_refund(p);
		end if;
	elsif p.subject = 'subscription' then
		perform rights.settle_subscription(p, outcome = 'paid');
	else
		perform rights.settle_receipt(p, outcome = 'paid');
	end if;
end $$;

create type rights.finished as (state text, status int, answer text);

-- What the provider said: paid, declined, pending (it will tell), unknown (it did not answer). Called by the request itself, by
-- the webhook and by "rights settle", in any order and as often as they like: the first that knows settles. The answer is the one
-- that the request's key keeps.
create function rights.finish_payment(payment bigint, outcome text, ref text) returns rights.finished
	language plpgsql security definer set search_path = ''
	as $$
declare
	p rights.payment;
	kept record;
	said rights.finished;
begin
	-- the account first, as who erases it does
	perform from users.account a where a.id = (select x.account_id from rights.payment x where x.id = payment) for key share;
	select x.* into p from rights.payment x where x.id = payment for update;
	if not found then
		return null;
	elsif p.status = 'pending' and outcome in ('paid', 'declined') then
		perform rights.settle(p, outcome, ref);
		p.status := outcome;
	elsif p.status = 'pending' then
		update rights.payment x set provider_ref = coalesce(ref, x.provider_ref), asked_at = now() where x.id = p.id;
	end if;
	said.state := p.status;
	said.status := case p.status when 'paid' then 201 when 'declined' then 402 else 202 end;
	said.answer := case when p.status = 'declined' then 'payment_declined'
	                    when p.subject = 'subscription' then rights.subscription_json(p.subject_id)
	                    else rights.receipt_json(p.subject, p.subject_id, p) end;
	update rights.idempotency i set status = said.status, answer = coalesce(said.answer, '{}')
		where i.payment_id = p.id and i.status is null;
	select i.status, i.answer into kept from rights.idempotency i where i.payment_id = p.id;
	if found then
		said.status := kept.status;
		said.answer := kept.answer;
	end if;
	return said;
end $$;

-- One payment that was asked for longer ago than that and has no answer; null: none. One that the provider calls pending itself
-- is asked about every five minutes: it will tell.
create function rights.claim_unsettled(older interval) returns rights.checkout
	language sql security definer set search_path = ''
	begin atomic
		update rights.payment p set asked_at = now()
			where p.id = (
				select x.id from rights.payment x
				where x.status = 'pending'
				  and x.asked_at <= now() - older
				  and (x.provider_ref is null or x.asked_at <= now() - greatest(older, interval '5 minutes'))
				order by x.asked_at
				limit 1
				for update skip locked)
			returning (p.subject, p.id, p.amount, p.currency, p.provider, p.method, p.provider_ref, null, null)::rights.checkout;
	end;

-- Null: the message came before. Unknown payments are refused, so that the provider tries again.
create function rights.take_event(provider text, event text, payment bigint, outcome text, ref text) returns rights.finished
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into rights.webhook_event (provider, event_id) values (take_event.provider, event)
		on conflict on constraint webhook_event_pkey do nothing;
	if not found then
		return null;
	elsif not exists (select from rights.payment p where p.id = payment and p.provider = take_event.provider) then
		perform public.refuse(404, 'not_found');
	end if;
	return rights.finish_payment(payment, outcome, ref);
end $$;

-- Gives a receipt's money back, up to the provider. Null: there is no such receipt.
create function rights.begin_refund(receipt bigint) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	c record;
	paid rights.payment;
	said rights.checkout;
	wanted rights.payment;
begin
	perform from rights.purchase p where p.id = receipt for update;
	perform from rights.rental r where r.id = receipt for update;
	select x.type, x.account_id, x.status, x.price_amount, x.currency into c from rights.receipt_card x where x.id = receipt;
	if not found then
		return null;
	elsif c.status = 'refunded' then
		perform public.refuse(409, 'already_refunded');
	elsif c.status <> 'paid' then
		perform public.refuse(409, 'not_paid');
	end if;
	select x.* into paid from rights.payment x where x.subject = c.type and x.subject_id = receipt and x.status = 'paid';
	update rights.payment x set asked_at = now()
		where x.subject = 'refund' and x.subject_id = receipt and x.status = 'pending'
		returning 'charge', x.id, x.amount, x.currency, x.provider
		into said.state, said.payment_id, said.amount, said.currency, said.provider;
	if not found then
		wanted.subject := 'refund';
		wanted.subject_id := receipt;
		wanted.amount := - c.price_amount;
		wanted.currency := c.currency;
		wanted.provider := paid.provider;
		said := rights.ask_for(c.account_id, null, wanted);
	end if;
	said.provider_ref := paid.provider_ref;
	return said;
end $$;

create trigger purchase_audit after update of refunded_at on rights.purchase
	for each row when (current_setting('tv.actor', true) <> '' and old.refunded_at is null and new.refunded_at is not null)
	execute function audit.record('id', 'account_id', 'content_title');
create trigger rental_audit after update of refunded_at on rights.rental
	for each row when (current_setting('tv.actor', true) <> '' and old.refunded_at is null and new.refunded_at is not null)
	execute function audit.record('id', 'account_id', 'content_title');

-- For cron: keys of more than a day ago, messages that no provider repeats any more.
create function rights.prune() returns void
	language sql security definer set search_path = ''
	begin atomic
		delete from rights.idempotency i where i.created_at < now() - interval '24 hours';
		delete from rights.webhook_event e where e.received_at < now() - interval '30 days';
	end;

-- --- what operators write (cgi-bin/rights-bodies.c checks the form of the bodies)

create function rights.save_plan(plan bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	n rights.plan;
	saved bigint;
begin
	n.code := b ->> 'code';
	n.name := b ->> 'name';
	n.price_amount := (b -> 'price' ->> 'amount')::int;
	n.currency := b -> 'price' ->> 'currency';
	n.period := coalesce(b ->> 'period', 'month');
	n.trial_days := coalesce((b ->> 'trial_days')::int, 0);
	n.grace_days := coalesce((b ->> 'grace_days')::int, 3);
	n.level := coalesce((b ->> 'level')::int, 0);
	n.max_streams := coalesce((b ->> 'max_streams')::int, 1);
	n.max_profiles := coalesce((b ->> 'max_profiles')::int, 5);
	n.max_quality := coalesce(b ->> 'max_quality', 'hd');
	n.state := coalesce(b ->> 'state', 'active');
	if plan is null then
		insert into rights.plan (code, name, price_amount, currency, period, trial_days, grace_days, level, max_streams, max_profiles,
		                         max_quality, state)
			values (n.code, n.name, n.price_amount, n.currency, n.period, n.trial_days, n.grace_days, n.level, n.max_streams,
			        n.max_profiles, n.max_quality, n.state)
			returning id into saved;
	else
		update rights.plan p
			set code = n.code, name = n.name, price_amount = n.price_amount, currency = n.currency, period = n.period,
			    trial_days = n.trial_days, grace_days = n.grace_days, level = n.level, max_streams = n.max_streams,
			    max_profiles = n.max_profiles, max_quality = n.max_quality, state = n.state
			where p.id = plan and public.matched(p.version, wanted)
			returning id into saved;
	end if;
	return saved;
end $$;

create function rights.texts(list json) returns text[]
	language sql immutable strict
	return array(select json_array_elements_text(list));

create function rights.rule_of(b json) returns rights.rule
	language plpgsql set search_path = ''
	as $$
declare
	n rights.rule;
begin
	n.type := b ->> 'type';
	n.content_id := (b ->> 'content_id')::bigint;
	n.genre := b ->> 'genre';
	n.kind := b ->> 'kind';
	n.plan_id := (b ->> 'plan_id')::bigint;
	n.price_amount := (b -> 'price' ->> 'amount')::int;
	n.currency := b -> 'price' ->> 'currency';
	n.valid_from := (b ->> 'valid_from')::timestamptz;
	n.valid_until := (b ->> 'valid_until')::timestamptz;
	n.countries := case when json_typeof(b -> 'countries') = 'array' then rights.texts(b -> 'countries') end;
	n.excluded_countries := coalesce(rights.texts(b -> 'excluded_countries'), '{}');
	n.max_quality := coalesce(b ->> 'max_quality', 'uhd');
	n.start_within := coalesce((b ->> 'start_within')::int, case when n.type = 'rental' then 30 * 86400 end);
	n.watch_within := coalesce((b ->> 'watch_within')::int, case when n.type = 'rental' then 2 * 86400 end);
	n.outlives_window := coalesce((b ->> 'outlives_window')::boolean, true);
	n.exclusive := coalesce((b ->> 'exclusive')::boolean, false);
	if n.plan_id is not null and not exists (select from rights.plan p where p.id = n.plan_id) then
		perform public.refuse(422, 'unknown_plan');
	end if;
	return n;
end $$;

create function rights.save_rule(rule bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	n rights.rule := rights.rule_of(b);
	saved bigint;
begin
	if rule is null then
		insert into rights.rule (type, content_id, genre, kind, plan_id, price_amount, currency, valid_from, valid_until, countries,
		                         excluded_countries, max_quality, start_within, watch_within, outlives_window, exclusive)
			values (n.type, n.content_id, n.genre, n.kind, n.plan_id, n.price_amount, n.currency, n.valid_from, n.valid_until,
			        n.countries, n.excluded_countries, n.max_quality, n.start_within, n.watch_within, n.outlives_window, n.exclusive)
			returning id into saved;
	else
		update rights.rule r
			set type = n.type, content_id = n.content_id, genre = n.genre, kind = n.kind, plan_id = n.plan_id,
			    price_amount = n.price_amount, currency = n.currency, valid_from = n.valid_from, valid_until = n.valid_until,
			    countries = n.countries, excluded_countries = n.excluded_countries, max_quality = n.max_quality,
			    start_within = n.start_within, watch_within = n.watch_within, outlives_window = n.outlives_window,
			    exclusive = n.exclusive
			where r.id = rule and public.matched(r.version, wanted)
			returning id into saved;
	end if;
	return saved;
end $$;

create function rights.save_grant(given bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
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

-- What the functions above do, only the rights program may ask for.
do $$
declare
	f text;
begin
	for f in select p.oid::regprocedure::text from pg_proc p
	         where p.pronamespace = 'rights'::regnamespace
	           and p.proname in ('begin_purchase', 'begin_subscription', 'cancel_subscription', 'end_subscriptions', 'claim_renewal',
	                             'finish_payment', 'claim_unsettled', 'take_event', 'begin_refund', 'prune') loop
		execute format('revoke execute on function %s from public', f);
		execute format('grant execute on function %s to tv_rights', f);
	end loop;
end $$;
grant select, insert, update, delete on rights.plan, rights.rule, rights.grant to tv_rights;
grant select on rights.receipt_card, rights.subscription_card to tv_rights, tv_users;
grant select on rights.payment, rights.ledger to tv_rights;

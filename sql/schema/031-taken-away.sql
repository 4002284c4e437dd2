-- What an administrator takes away ends at the next heartbeat, not with the address that was given out last.

create function play.ask_again(account bigint) returns void
	language sql
	begin atomic
		update play.session s set url_until = least(s.url_until, now())
			where s.account_id = account
			  and s.ended_at is null;
	end;
comment on function play.ask_again(bigint) is 'the next heartbeats of the account need a new address, and with it a new decision';

create function rights.grant_taken() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform play.ask_again(old.account_id);
	return null;
end $$;
create trigger grant_taken after update or delete on rights.grant
	for each row execute function rights.grant_taken();

-- Sessions, then the receipt, then the payment: in the order in which a first heartbeat and a second refund lock them.
create function rights.lock_refund(payment bigint) returns void
	language plpgsql
	as $$
declare
	p rights.payment;
begin
	select x.* into p from rights.payment x where x.id = payment and x.subject = 'refund' and x.status = 'pending';
	if found then
		perform play.ask_again(p.account_id);
		perform from rights.purchase r where r.id = p.subject_id for update;
		perform from rights.rental r where r.id = p.subject_id for update;
	end if;
end $$;

create or replace function rights.finish_payment(payment bigint, outcome text, ref text) returns rights.finished
	language plpgsql security definer set search_path = ''
	as $$
declare
	p rights.payment;
	kept record;
	said rights.finished;
begin
	-- the account first, as who erases it does
	perform from users.account a where a.id = (select x.account_id from rights.payment x where x.id = payment) for key share;
	perform rights.lock_refund(payment);
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

-- Who orders a better plan does not want the lesser one any more that was to come.
create or replace function rights.settle_subscription(p rights.payment, paid boolean) returns void
	language plpgsql
	as $$
begin
	if paid then
		update rights.subscription s
			set status = 'active', plan_id = p.plan_id, anchor_at = p.anchor_at, period = p.period, period_start = p.period_start,
			    period_end = p.period_end, grace_days = n.grace_days, worth = p.amount + p.credit, retry_at = null,
			    method = coalesce(p.method, s.method), next_plan_id = case when p.renewal then nullif(s.next_plan_id, p.plan_id) end,
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

-- Two statements, as who waited for another one's first heartbeat has to look again.
create or replace function rights.start_rental(rental bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
begin
	update rights.rental r
		set started_at = now(), expires_at = now() + make_interval(secs => r.watch_within)
		where r.id = start_rental.rental
		  and r.started_at is null
		  and r.closed_at is null
		  and now() < r.start_by;
	return found or exists (select from rights.rental r
	                        where r.id = start_rental.rental and r.closed_at is null and now() < r.expires_at);
end $$;

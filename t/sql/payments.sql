-- Periods, renewals, grace, and what settles a payment: by setting the dates of rows, not by waiting.
begin;
select no_plan();
set local timezone = 'Pacific/Auckland'; -- periods are those of UTC, whoever asks

select is(rights.period_after(c.anchor::timestamptz, c.period, c.after::timestamptz), c.expected::timestamptz, format('%s from %s, after %s', c.period, c.anchor, c.after))
	from (values
	('month', '2026-01-31 10:00Z', '2026-01-31 10:00Z', '2026-02-28 10:00Z'), ('month', '2026-01-31 10:00Z', '2026-02-28 09:59:59Z', '2026-02-28 10:00Z'),
	('month', '2026-01-31 10:00Z', '2026-02-28 10:00Z', '2026-03-31 10:00Z'), ('month', '2026-01-31 10:00Z', '2026-03-31 10:00Z', '2026-04-30 10:00Z'),
	('month', '2024-01-31 10:00Z', '2024-01-31 10:00Z', '2024-02-29 10:00Z'), ('month', '2024-01-30 10:00Z', '2024-02-29 10:00Z', '2024-03-30 10:00Z'),
	('month', '2026-01-15 00:00Z', '2026-01-15 00:00Z', '2026-02-15 00:00Z'), ('month', '2025-12-31 23:59:59Z', '2025-12-31 23:59:59Z', '2026-01-31 23:59:59Z'),
	('month', '2026-01-31 10:00Z', '2027-06-15 00:00Z', '2027-06-30 10:00Z'), ('year', '2024-02-29 00:00Z', '2024-02-29 00:00Z', '2025-02-28 00:00Z'),
	('year', '2024-02-29 00:00Z', '2027-02-28 00:00Z', '2028-02-29 00:00Z'), ('year', '2024-02-29 00:00Z', '2027-12-31 00:00Z', '2028-02-29 00:00Z'),
	('year', '2026-06-15 12:00Z', '2026-12-01 00:00Z', '2027-06-15 12:00Z'), ('week', '2026-03-28 12:00Z', '2026-03-28 12:00Z', '2026-04-04 12:00Z'),
	('day', '2026-03-28 12:00Z', '2026-04-02 11:59:59Z', '2026-04-02 12:00Z'), ('day', '2026-03-28 12:00Z', '2026-04-02 12:00Z', '2026-04-03 12:00Z'),
	('month', '2026-05-01 00:00Z', '2026-04-01 00:00Z', '2026-05-01 00:00Z')) c (period, anchor, after, expected);

insert into rights.plan (code, name, price_amount, currency, level, grace_days, trial_days, period) values
	('basic', 'Basic', 800, 'EUR', 1, 3, 0, 'month'), ('premium', 'Premium', 1300, 'EUR', 2, 3, 0, 'month'), ('trial', 'Trial', 900, 'EUR', 1, 3, 7, 'month'),
	('dollar', 'Dollar', 2000, 'USD', 9, 3, 0, 'month');
create temporary table who as select users.create_account('p' || n || '@example.org', 'P', 'user', null, null) as id, n from generate_series(1, 20) n;
create function pg_temp.who(n int) returns bigint language sql as $$ select w.id from who w where w.n = $1 $$;
create function pg_temp.plan(code text) returns bigint language sql as $$ select p.id from rights.plan p where p.code = $1 $$;
create function pg_temp.subscribe(n int, plan text, outcome text default 'paid', key text default null) returns text language plpgsql as $$
declare c rights.checkout;
begin
	c := rights.begin_subscription(pg_temp.who(n), (select min(p.id) from users.profile p where p.account_id = pg_temp.who(n)), pg_temp.plan(plan), key, sha256('x'), 'sandbox', 'tok_ok');
	if c.state = 'charge' then
		perform rights.finish_payment(c.payment_id, outcome, null);
		return c.state || ' ' || c.amount;
	end if;
	return c.state;
end $$;
create function pg_temp.state(n int) returns text language sql as $$
	select concat_ws(' ', s.status, p.code, s.period, (select count(*) || ' for ' || sum(l.amount) from rights.ledger l where l.account_id = s.account_id having count(*) > 0))
	from rights.subscription s join rights.plan p on p.id = s.plan_id where s.account_id = pg_temp.who(n) order by s.id desc limit 1 $$;
create function pg_temp.renew(outcome text default 'paid') returns text language plpgsql as $$
declare c rights.checkout := rights.claim_renewal('sandbox');
begin
	if c.payment_id is null then return null; end if;
	perform rights.finish_payment(c.payment_id, outcome, null);
	return c.amount;
end $$;
-- As if so much more time had passed for a subscription.
create function pg_temp.later(n int, by interval) returns void language sql as $$
	update rights.subscription s set started_at = started_at - by, anchor_at = anchor_at - by, period_start = period_start - by, period_end = period_end - by,
	                                 retry_at = retry_at - by where s.account_id = pg_temp.who(n) $$;

select is(pg_temp.subscribe(1, 'basic'), 'charge 800', 'a first period');
select is(pg_temp.state(1), 'active basic 1 1 for 800', '  is paid');
select is(pg_temp.renew(), null, 'nothing is due');
select pg_temp.later(1, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(1);
select is(pg_temp.renew(), '800', 'due');
select is(pg_temp.state(1), 'active basic 2 2 for 1600', '  renewed once');
select is(pg_temp.renew(), null, '  and no more');
select is((select s.period_start = now() - interval '1 second' and s.period_end > now() and s.anchor_at < s.period_start from rights.subscription s where s.account_id = pg_temp.who(1)), true, '  from the end of the old period');

-- a provider that does not answer: nobody asks for that period again, until it is known
select pg_temp.later(1, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(1);
select is(pg_temp.renew('unknown'), '800', 'no answer');
select is(pg_temp.renew(), null, '  is not asked for twice');
update rights.subscription set retry_at = null where account_id = pg_temp.who(1);
select is(pg_temp.renew(), null, '  however often it is due');
select throws_ok(format('insert into rights.payment (subject, subject_id, period, amount, currency, provider) select subject, subject_id, period, 1, %L, %L from rights.payment where status = %L', 'EUR', 'x', 'pending'),
	'23505', null, '  and could not be');
select is((rights.finish_payment(p.id, 'paid', null)).state, 'paid', '  found out') from rights.payment p where p.status = 'pending';
select is((rights.finish_payment(max(p.id), o, null)).state, 'paid', '  once: later it is ' || o) from rights.payment p, unnest(array['paid', 'declined', 'unknown']) o where p.account_id = pg_temp.who(1) group by o;
select is(pg_temp.state(1), 'active basic 3 3 for 2400', '  and charged once');

-- grace
select is(pg_temp.subscribe(2, 'basic'), 'charge 800', 'another one');
select pg_temp.later(2, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(2);
select is(pg_temp.renew('declined'), '800', 'declined');
select is(pg_temp.state(2), 'grace basic 1 1 for 800', '  in its grace');
select is(pg_temp.renew(), null, '  tried again not at once');
select pg_temp.later(2, interval '1 day');
select is(pg_temp.renew('declined'), '800', '  but the next day');
select is(rights.end_subscriptions(), 0::bigint, '  it goes on');
select pg_temp.later(2, interval '1 day');
select is(pg_temp.renew(), '800', '  and is paid on the third');
select is(pg_temp.state(2), 'active basic 2 2 for 1600', '  active again');
select pg_temp.later(2, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(2);
select is(pg_temp.renew('declined'), '800', 'declined again');
select pg_temp.later(2, interval '3 days');
select is(pg_temp.renew(), null, '  for as long as the grace');
select is(rights.end_subscriptions(), 1::bigint, '  then it ends');
select is(pg_temp.state(2), 'ended basic 2 2 for 1600', '  unpaid');
select is(pg_temp.subscribe(2, 'basic'), 'charge 800', '  and may begin anew');

-- paid in the grace by the customer: at once, the same or a lesser plan, for the period that could not be renewed
select is(pg_temp.subscribe(9, 'basic'), 'charge 800', 'a renewal fails');
select pg_temp.later(9, s.period_end - now() + interval '1 day') from rights.subscription s where s.account_id = pg_temp.who(9);
select is(pg_temp.renew('declined'), '800', '  it is declined');
select is(pg_temp.subscribe(9, 'basic', 'declined'), 'charge 800', 'ordered anew in its grace, and declined');
select is(pg_temp.state(9), 'grace basic 1 1 for 800', '  the grace goes on');
select is(pg_temp.subscribe(9, 'basic', 'unknown'), 'charge 800', '  once more, without an answer');
select throws_ok($$select pg_temp.subscribe(9, 'basic')$$, 'TV409', 'payment_pending', '  which is waited for');
select is((rights.finish_payment(p.id, 'paid', null)).state, 'paid', '  it was paid') from rights.payment p where p.account_id = pg_temp.who(9) and p.status = 'pending';
select is(pg_temp.state(9), 'active basic 2 2 for 1600', '  and the subscription is active again');
select is((select s.period_start = now() - interval '1 day' and s.period_end > now() and s.retry_at is null from rights.subscription s where s.account_id = pg_temp.who(9)), true, '  from the end of the old period');
select is(pg_temp.renew(), null, '  cron asks for nothing more');
select throws_ok($$select pg_temp.subscribe(9, 'basic')$$, 'TV409', 'already_subscribed', '  nor can it be ordered again');
select pg_temp.later(9, s.period_end - now() + interval '1 day') from rights.subscription s where s.account_id = pg_temp.who(9);
select is(pg_temp.renew('declined'), '800', 'another renewal fails');
insert into rights.plan (code, name, price_amount, currency, level, grace_days) values ('mini', 'Mini', 300, 'EUR', 0, 3);
select is(pg_temp.subscribe(9, 'mini'), 'charge 300', 'a lesser plan in the grace');
select is(pg_temp.state(9), 'active mini 3 3 for 1900', '  counts at once');

-- the first one declined
select is(pg_temp.subscribe(3, 'basic', 'declined'), 'charge 800', 'a first period that is declined');
select is(pg_temp.state(3), 'ended basic 0', '  is none');
select is(rights.stream_limit(pg_temp.who(3)), 2, '  and gives nothing');

-- cron away
select is(pg_temp.subscribe(4, 'basic'), 'charge 800', 'one more');
select pg_temp.later(4, s.period_end - now() + interval '100 days') from rights.subscription s where s.account_id = pg_temp.who(4);
select is(pg_temp.renew(), '800', 'cron was away for months: one charge');
select is(pg_temp.renew(), null, '  not one for each');
select is((select s.period_start = now() and s.anchor_at = now() and s.period_end >= now() + interval '28 days' from rights.subscription s where s.account_id = pg_temp.who(4)), true, '  for what is to come');
select pg_temp.later(4, s.period_end - now() + interval '2 days') from rights.subscription s where s.account_id = pg_temp.who(4);
select is(pg_temp.renew(), '800', 'cron was away within the grace');
select is((select s.period_start = now() - interval '2 days' from rights.subscription s where s.account_id = pg_temp.who(4)), true, '  the period follows the old one');

-- trial, cancelling, changing
select is(pg_temp.subscribe(5, 'trial'), 'answered', 'a trial');
select is(pg_temp.state(5), 'trial trial 0', '  costs nothing');
select pg_temp.later(5, interval '7 days 1 second');
select is(pg_temp.renew(), '900', '  then it is paid');
select is((select count(*) from rights.cancel_subscription(pg_temp.who(5), (select min(id) from users.profile where account_id = pg_temp.who(5)))), 1::bigint, 'cancelled');
select pg_temp.later(5, interval '32 days');
select is(pg_temp.renew(), null, '  is not renewed');
select is(rights.end_subscriptions(), 1::bigint, '  but ends');
select is(pg_temp.subscribe(5, 'trial'), 'charge 900', 'a trial once');
select is(pg_temp.subscribe(6, 'basic'), 'charge 800', 'to be changed');
update rights.subscription set period_start = now() - interval '10 days', period_end = now() + interval '10 days' where account_id = pg_temp.who(6);
select is(pg_temp.subscribe(6, 'premium', 'declined'), 'charge 900', 'half a period is left');
select is(pg_temp.state(6), 'active basic 1 1 for 800', '  declined: as before');
select is(pg_temp.subscribe(6, 'premium'), 'charge 900', '  again');
select is(pg_temp.state(6), 'active premium 2 2 for 1700', '  and it is the better plan');
select is(pg_temp.subscribe(6, 'dollar'), 'answered', 'a better one of another currency');
select is(pg_temp.state(6), 'active premium 2 2 for 1700', '  comes at the end of the period');
select is(pg_temp.subscribe(6, 'basic'), 'answered', 'a lesser one');
select pg_temp.later(6, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(6);
select is(pg_temp.renew(), '800', '  comes as well');
select is(pg_temp.state(6), 'active basic 3 3 for 2500', '  then');
select throws_ok($$select pg_temp.subscribe(6, 'basic')$$, 'TV409', 'already_subscribed', 'what one has');
select throws_ok($$insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days)
	select pg_temp.who(6), pg_temp.plan('basic'), 'active', now(), now(), now(), 0$$, '23505', null, 'one at a time');

select is(pg_temp.subscribe(7, 'premium'), 'charge 1300', 'to become less');
select is(pg_temp.subscribe(7, 'basic'), 'answered', '  at the end of the period');
insert into rights.plan (code, name, price_amount, currency, level) values ('best', 'Best', 2000, 'EUR', 3);
update rights.subscription set period_start = now() - interval '10 days', period_end = now() + interval '10 days' where account_id = pg_temp.who(7);
select is(pg_temp.subscribe(7, 'best', 'declined'), 'charge 1350', '  but more, declined');
select is((select s.next_plan_id from rights.subscription s where s.account_id = pg_temp.who(7)), pg_temp.plan('basic'), '  changes nothing');
select is(pg_temp.subscribe(7, 'best'), 'charge 1350', '  but more');
select is((select s.next_plan_id from rights.subscription s where s.account_id = pg_temp.who(7)), null, '  is what counts: the lesser plan does not come');
select is(pg_temp.subscribe(8, 'trial'), 'answered', 'a trial');
select is((select count(*) from rights.cancel_subscription(pg_temp.who(8), (select min(id) from users.profile where account_id = pg_temp.who(8)))), 1::bigint, '  cancelled');
select pg_temp.later(8, interval '7 days 1 second');
insert into rights.plan (code, name, price_amount, currency, trial_days) values ('other-trial', 'Other', 700, 'EUR', 30);
select is(pg_temp.subscribe(8, 'other-trial'), 'charge 700', '  and over: that of another plan is none');

-- what is left of a long period pays for as many of the better plan's as it is worth, and nothing of it is lost
insert into rights.plan (code, name, price_amount, currency, level, period) values ('annual', 'Annual', 12000, 'EUR', 1, 'year'), ('gift', 'Gift', 0, 'EUR', 4, 'month');
select is(pg_temp.subscribe(10, 'annual'), 'charge 12000', 'a year');
update rights.subscription set period_start = now() - interval '2400 hours', period_end = now() + interval '2400 hours' where account_id = pg_temp.who(10);
select is(pg_temp.subscribe(10, 'premium'), 'charge 500', '  half of which is left for a plan by the month: five months for the rest');
select is((select s.worth || ' ' || (s.period_end = rights.period_after(now(), 'month', now() + interval '4 months 1 hour')) from rights.subscription s where s.account_id = pg_temp.who(10)), '6500 true', '  five months');
select pg_temp.later(10, interval '40 days');
select is(pg_temp.renew(), null, '  nothing is due after one');
update rights.subscription set period_start = now() - interval '10 days', period_end = now() + interval '10 days' where account_id = pg_temp.who(10);
select is(pg_temp.subscribe(10, 'best'), 'charge 750', '  and of those as well');
update rights.subscription set period_start = now() - interval '10 days', period_end = now() + interval '10 days' where account_id = pg_temp.who(10);
select is(pg_temp.subscribe(10, 'gift'), 'charge 0', '  a better one that costs nothing');
select is((select s.worth || ' ' || (s.period_end <= now() + interval '31 days') from rights.subscription s where s.account_id = pg_temp.who(10)), '0 true', '  for a month');

-- cancelled while the answer about a better plan is on its way
create function pg_temp.cancel(n int) returns bigint language sql as $$
	select count(*) from rights.cancel_subscription(pg_temp.who(n), (select min(id) from users.profile where account_id = pg_temp.who(n))) $$;
create function pg_temp.settled(n int, outcome text) returns text language sql as $$
	select (rights.finish_payment(p.id, outcome, null)).state from rights.payment p where p.account_id = pg_temp.who(n) and p.status = 'pending' $$;
create function pg_temp.goes_on(n int) returns boolean language sql as $$ select not s.cancel_at_period_end from rights.subscription s where s.account_id = pg_temp.who(n) and s.status <> 'ended' $$;
select is(pg_temp.subscribe(11, 'basic'), 'charge 800', 'a plan');
select is(pg_temp.subscribe(11, 'premium', 'pending'), 'charge 500', '  a better one, which the provider thinks about');
select is(pg_temp.cancel(11), 1::bigint, '  meanwhile it is cancelled');
select is(pg_temp.settled(11, 'paid'), 'paid', '  then paid');
select is(pg_temp.state(11), 'active premium 2 2 for 1300', '  which is the better plan');
select is(pg_temp.goes_on(11), false, '  until the end of its period: it was cancelled after it had been ordered');
select is(pg_temp.subscribe(11, 'best', 'pending'), 'charge 700', '  ordered after it was cancelled');
select is(pg_temp.settled(11, 'paid'), 'paid', '  and paid');
select is(pg_temp.goes_on(11), true, '  takes the cancellation back');

-- what is paid days after it was ordered begins when it is paid, as it gave nothing before
select is(pg_temp.subscribe(13, 'basic', 'pending'), 'charge 800', 'a first period that the provider thinks about');
select pg_temp.later(13, interval '9 days');
update rights.payment set anchor_at = anchor_at - interval '9 days', period_start = period_start - interval '9 days', period_end = period_end - interval '9 days' where account_id = pg_temp.who(13);
select is(pg_temp.settled(13, 'paid'), 'paid', '  for days');
select is((select (s.started_at, s.anchor_at, s.period_start, s.period_end) = (now(), now(), now(), rights.period_after(now(), 'month', now())) from rights.subscription s where s.account_id = pg_temp.who(13)), true,
	'  lasts a month from then on');

-- who is suspended has nothing of it, and pays nothing
select is(pg_temp.subscribe(12, 'basic'), 'charge 800', 'a plan');
update users.account set status = 'suspended' where id = pg_temp.who(12);
select pg_temp.later(12, s.period_end - now() + interval '1 second') from rights.subscription s where s.account_id = pg_temp.who(12);
select is(pg_temp.renew(), null, '  is not renewed while the account is suspended');
select pg_temp.later(12, interval '20 days');
update users.account set status = 'active' where id = pg_temp.who(12);
select is(pg_temp.renew(), '800', '  but after that');
select is((select s.period_start = now() from rights.subscription s where s.account_id = pg_temp.who(12)), true, '  from then on');

-- the ledger
select throws_ok('update rights.ledger set amount = 1', 'P0001', 'the ledger is append-only', 'no entry is changed');
select throws_ok('delete from rights.ledger', 'P0001', 'the ledger is append-only', 'nor deleted');
select throws_ok('truncate rights.ledger', 'P0001', 'the ledger is append-only', 'nor all of them');
select is((select sum(amount) from rights.ledger), (select sum(amount) from rights.payment where status = 'paid'), 'it agrees with the payments');
select is(users.erase_account(pg_temp.who(6)), true, 'somebody leaves');
select is((select sum(amount) from rights.ledger), (select sum(amount) from rights.payment where status = 'paid'), '  and it still does');

select finish();
rollback;

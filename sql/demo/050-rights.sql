-- What the demonstration sells: two plans, most titles in both, some free, some only to rent and to buy, some channels for
-- subscribers. What exists already stays as it is, however it was changed since.

set client_min_messages = warning;

insert into rights.plan (code, name, price_amount, currency, trial_days, level, max_streams, max_quality) values
	('basic', 'Basic', 799, 'EUR', 7, 1, 1, 'hd'),
	('premium', 'Premium', 1299, 'EUR', 0, 2, 4, 'uhd')
	on conflict do nothing;

-- Only into an empty table: what an operator has made of it since is not added to.
do $$
begin
	if exists (select from rights.rule) then
		return;
	end if;
	insert into rights.rule (type, kind, plan_id)
		select 'subscription', k, p.id
		from rights.plan p, unnest(array['movie', 'series']) k
		where p.code in ('basic', 'premium');
	-- the oldest films are anybody's; the newest third is not in the plans yet
	insert into rights.rule (type, content_id)
		select 'free', i.id
		from (select i.id, ntile(6) over (order by i.year, i.id) as part from content.item i where i.kind = 'movie') i
		where i.part = 1;
	insert into rights.rule (type, content_id, price_amount, currency, exclusive)
		select 'purchase', i.id, 999, 'EUR', true
		from (select i.id, ntile(3) over (order by i.year, i.id) as part from content.item i where i.kind = 'movie') i
		where i.part = 3;
	insert into rights.rule (type, content_id, price_amount, currency, start_within, watch_within)
		select 'rental', r.content_id, 399, 'EUR', 30 * 86400, 2 * 86400
		from rights.rule r
		where r.type = 'purchase';
	insert into rights.rule (type, kind, price_amount, currency) values ('purchase', 'season', 1499, 'EUR');
	-- channels are free, those of films and of sport excepted
	insert into rights.rule (type, kind) values ('free', 'channel');
	insert into rights.rule (type, content_id, plan_id, exclusive)
		select 'subscription', c.id, p.id, true
		from live.channel c
		join rights.plan p on p.code = 'premium' or p.code = 'basic' and c.group_slug = 'movies'
		where c.group_slug in ('movies', 'sport');
end $$;

-- The demonstration's viewer begins with a subscription; one that was cancelled stays so.
create or replace function demo.subscribe(address text) returns void
	language plpgsql set search_path = ''
	as $$
declare
	who record;
	said rights.checkout;
begin
	select p.account_id, min(p.id) as profile_id into who
		from users.account a
		join users.profile p on p.account_id = a.id
		where lower(a.email) = lower(address)
		group by p.account_id;
	if who.account_id is null or exists (select from rights.subscription s where s.account_id = who.account_id) then
		return;
	end if;
	said := rights.begin_subscription(who.account_id, who.profile_id, (select p.id from rights.plan p where p.code = 'basic'),
	                                  null, null, 'sandbox', 'tok_ok');
	if said.state = 'charge' then
		perform rights.finish_payment(said.payment_id, 'paid', null);
	end if;
end $$;

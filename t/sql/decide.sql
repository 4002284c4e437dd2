-- rights.decide, case by case: every edge one second before it, at it, and one second after it.
begin;
select no_plan();
set local timezone = 'UTC';

create function pg_temp.t(seconds int default 0) returns timestamptz language sql immutable
	as $$ select '2026-06-15 12:00:00+00'::timestamptz + make_interval(secs => seconds) $$;
create temporary table thing (name text primary key, id bigint not null);
create function pg_temp.id(name text) returns bigint language plpgsql
	as $$ begin return (select t.id from thing t where t.name = $1); end $$;

insert into content.genre (slug, name) values ('drama', 'Drama'), ('war', 'War'), ('kids', 'Kids');

-- --- makers: each puts a row under a name

create function pg_temp.item(called text, kind text, opens int default null, closes int default null, genres text[] default '{}',
                             age int default 0, state text default 'published') returns bigint language plpgsql as $$
declare made bigint;
begin
	insert into content.item (kind, title, min_age, genres, available_from, available_until, state)
		values (item.kind, called, age, item.genres, pg_temp.t(opens), pg_temp.t(closes), item.state) returning content.item.id into made;
	insert into thing values (called, made);
	return made;
end $$;
create function pg_temp.show(called text, series_opens int, series_closes int, season_opens int, season_closes int, age int default 0,
                             series_state text default 'published', season_state text default 'published') returns void
	language plpgsql as $$
declare
	sr bigint := pg_temp.item(called || '/series', 'series', series_opens, series_closes, '{war}', age, series_state);
	se bigint := pg_temp.item(called || '/season', 'season', season_opens, season_closes, '{}', 0, season_state);
	e bigint := pg_temp.item(called || '/1', 'episode');
	f bigint := pg_temp.item(called || '/2', 'episode');
begin
	insert into content.series (id) values (sr);
	insert into content.season (id, series_id, number) values (se, sr, 1);
	insert into content.episode (id, series_id, season_id, season_number, number) values (e, sr, se, 1, 1), (f, sr, se, 1, 2);
end $$;
create function pg_temp.account(called text, country text default null, ages int[] default '{18}') returns bigint language plpgsql as $$
declare made bigint := users.create_account(replace(called, ' ', '.') || '@example.org', called, 'user', country, null);
begin
	update users.profile p set max_age = ages[1] where p.account_id = made;
	insert into users.profile (account_id, name, max_age) select made, 'P' || n, ages[n] from generate_series(2, array_length(ages, 1)) n;
	insert into thing values (called, made);
	return made;
end $$;
create function pg_temp.rule(type text, target text, from_t int default null, until_t int default null, plan text default null,
                             amount int default null, countries text[] default null, excluded text[] default '{}',
                             quality text default 'uhd', exclusive boolean default false) returns bigint language sql as $$
	insert into rights.rule (type, content_id, genre, kind, plan_id, price_amount, currency, valid_from, valid_until, countries,
	                         excluded_countries, max_quality, start_within, watch_within, exclusive)
		values (type, pg_temp.id(target), case when target like 'g:%' then substr(target, 3) end, case when target like 'k:%' then substr(target, 3) end,
		        (select id from rights.plan p where p.code = plan), amount, case when amount is not null then 'EUR' end, pg_temp.t(from_t),
		        pg_temp.t(until_t), countries, excluded, quality, case when type = 'rental' then 100 end, case when type = 'rental' then 50 end, exclusive)
		returning id $$;
create function pg_temp.bought(who text, what text, paid int default -1000, refunded int default null, outlives boolean default true,
                               until_t int default null, countries text[] default null, excluded text[] default '{}', quality text default 'hd')
	returns bigint language sql as $$
	insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, valid_until,
	                             countries, excluded_countries, paid_at, refunded_at, closed_at)
		values (pg_temp.id(who), pg_temp.id(what), 'x', 'x', 1, 'EUR', quality, outlives, pg_temp.t(until_t), countries, excluded, pg_temp.t(paid),
		        pg_temp.t(refunded), pg_temp.t(refunded)) returning id $$;
create function pg_temp.rented(who text, what text, start_by int, paid int default -1000, started int default null, expires int default null,
                               refunded int default null, quality text default 'hd') returns bigint language sql as $$
	insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within, watch_within, paid_at,
	                           start_by, started_at, expires_at, refunded_at, closed_at)
		values (pg_temp.id(who), pg_temp.id(what), 'x', 'x', 1, 'EUR', quality, 1, 1, pg_temp.t(paid), pg_temp.t(start_by), pg_temp.t(started),
		        pg_temp.t(expires), pg_temp.t(refunded), pg_temp.t(refunded)) returning id $$;
create function pg_temp.given(who text, target text, from_t int default null, until_t int default null, quality text default 'hd') returns bigint language sql as $$
	insert into rights.grant (account_id, content_id, genre, kind, valid_from, valid_until, max_quality)
		values (pg_temp.id(who), pg_temp.id(target), case when target like 'g:%' then substr(target, 3) end,
		        case when target like 'k:%' then substr(target, 3) end, pg_temp.t(from_t), pg_temp.t(until_t), quality) returning id $$;
create function pg_temp.subscribed(who text, plan text, status text, ends int, grace_days int default 0, cancelled boolean default false,
                                   started int default -100000, ended int default null) returns bigint language sql as $$
	insert into rights.subscription (account_id, plan_id, status, started_at, anchor_at, period_start, period_end, grace_days,
	                                 cancel_at_period_end, ended_at)
		select pg_temp.id(who), p.id, status, pg_temp.t(started), pg_temp.t(started), least(pg_temp.t(started), pg_temp.t(ends)), pg_temp.t(ends),
		       subscribed.grace_days, cancelled, pg_temp.t(ended)
		from rights.plan p where p.code = plan returning id $$;

-- What the decision says, in a word or a few; numbers of holdings are not compared.
create function pg_temp.said(who text, what text, country text, seconds int, profile int default null) returns text language sql as $$
	select coalesce((select case when d.granted then concat_ws(' ', d.reason, d.max_quality, extract(epoch from d.expires_at - pg_temp.t())::int)
	                             else d.reason end
	                 from rights.decide(pg_temp.id(who), (select id from users.profile p where p.account_id = pg_temp.id(who) and p.max_age = profile),
	                                    pg_temp.id(what), country, pg_temp.t(seconds)) d where d.content_id is not null), 'nothing') $$;

insert into rights.plan (code, name, price_amount, currency, level, max_quality, state) values
	('basic', 'Basic', 800, 'EUR', 1, 'hd', 'active'), ('premium', 'Premium', 1300, 'EUR', 2, 'uhd', 'active'),
	('old', 'Old', 500, 'EUR', 1, 'sd', 'retired');

-- --- windows and holdings, around an edge at T

do $$
declare
	d constant int := 86400;
begin
	perform pg_temp.account('nobody'), pg_temp.account('holder'), pg_temp.account('norse', 'NO'), pg_temp.account('swede', 'SE'),
	        pg_temp.account('family', null, '{18,12,6}'), pg_temp.account('teen', null, '{12}'), pg_temp.account('suspended');
	update users.account set status = 'suspended' where id = pg_temp.id('suspended');
	-- publisher's windows, under a free rule each
	perform pg_temp.item(n, 'movie', o, c), pg_temp.rule('free', n) from (values ('opens', 0, null), ('closes', null, 0)) v (n, o, c);
	perform pg_temp.show('series opens', 0, null, null, null), pg_temp.show('series closes', null, 0, null, null),
	        pg_temp.show('season opens', null, null, 0, null), pg_temp.show('season closes', null, null, null, 0),
	        pg_temp.show('both open', -5, null, 0, null), pg_temp.show('both close', null, 0, null, 5);
	perform pg_temp.rule('free', n || '/series') from unnest(array['series opens', 'series closes', 'season opens', 'season closes', 'both open', 'both close']) n;
	-- rules' windows
	perform pg_temp.item(n, 'movie') from unnest(array['rule begins', 'rule ends', 'free ends, sold on', 'plan begins', 'plan ends', 'bare']) n;
	perform pg_temp.rule('free', 'rule begins', 0), pg_temp.rule('free', 'rule ends', null, 0), pg_temp.rule('free', 'free ends, sold on', null, 0),
	        pg_temp.rule('purchase', 'free ends, sold on', amount => 900), pg_temp.rule('subscription', 'plan begins', 0, plan => 'basic'),
	        pg_temp.rule('subscription', 'plan ends', null, 0, plan => 'basic');
	perform pg_temp.account('subscriber'), pg_temp.subscribed('subscriber', 'basic', 'active', 30 * d);
	-- what is sold, for what is held on it
	perform pg_temp.item(n, 'movie'), pg_temp.rule('purchase', n, amount => 900)
		from unnest(array['paid', 'refunded', 'valid', 'rent paid', 'start by', 'begun', 'begun late', 'rent refunded', 'given from', 'given until', 'abroad']) n;
	perform pg_temp.item(n, 'movie', null, 0), pg_temp.rule('purchase', n, amount => 900)
		from unnest(array['outlives', 'outlives not', 'rental closes', 'grant closes', 'plan closes', 'valid after']) n;
	perform pg_temp.rule('subscription', 'plan closes', plan => 'basic');
	perform pg_temp.bought('holder', 'paid', 0), pg_temp.bought('holder', 'refunded', -9, 0), pg_temp.bought('holder', 'valid', outlives => false, until_t => 0),
	        pg_temp.bought('holder', 'outlives'), pg_temp.bought('holder', 'outlives not', outlives => false),
	        pg_temp.bought('holder', 'valid after', outlives => false, until_t => 5),
	        pg_temp.rented('holder', 'rent paid', 100, 0), pg_temp.rented('holder', 'start by', 0), pg_temp.rented('holder', 'begun', 500, -50, -10, 0),
	        pg_temp.rented('holder', 'begun late', 0, -50, -1, 40), pg_temp.rented('holder', 'rent refunded', 100, -9, null, null, 0),
	        pg_temp.rented('holder', 'rental closes', 100), pg_temp.given('holder', 'given from', 0), pg_temp.given('holder', 'given until', null, 0),
	        pg_temp.given('holder', 'grant closes');
	-- subscriptions, on a movie that two plans have
	perform pg_temp.item('planned', 'movie'), pg_temp.rule('subscription', 'planned', plan => 'basic'), pg_temp.rule('subscription', 'planned', plan => 'old');
	perform pg_temp.account(n) from unnest(array['s active', 's grace', 's trial', 's cancelled', 's begins', 's pending', 's ended', 's old', 's other', 's late', 's refused']) n;
	perform pg_temp.subscribed('s active', 'basic', 'active', 0, 0), pg_temp.subscribed('s grace', 'basic', 'grace', -3 * d, 3),
	        pg_temp.subscribed('s trial', 'basic', 'trial', 0, 0), pg_temp.subscribed('s cancelled', 'basic', 'active', 0, 3, true),
	        pg_temp.subscribed('s begins', 'basic', 'active', 9 * d, 0, false, 0), pg_temp.subscribed('s pending', 'basic', 'pending', 9 * d),
	        pg_temp.subscribed('s ended', 'basic', 'ended', 9 * d, 3, false, -100000, 0), pg_temp.subscribed('s old', 'old', 'active', 0, 0),
	        pg_temp.subscribed('s other', 'premium', 'active', 9 * d), pg_temp.subscribed('s late', 'basic', 'active', -3 * d, 3),
	        pg_temp.subscribed('s refused', 'basic', 'ended', -9, 3, false, -9, -9);
end $$;

select is(pg_temp.said(c.who, c.what, c.country, e.s), c.expected[e.s + 2], format('%s: %s, %s s', c.name, c.what, to_char(e.s, 'S9')))
	from (values
	('an item opens', 'nobody', 'opens', null, '{not_yet_available,free uhd,free uhd}'::text[]),
	('an item closes', 'nobody', 'closes', null, '{free uhd 0,no_longer_available,no_longer_available}'),
	('an episode''s series opens', 'nobody', 'series opens/1', null, '{not_yet_available,free uhd,free uhd}'),
	('a season''s series opens', 'nobody', 'series opens/season', null, '{not_yet_available,free uhd,free uhd}'),
	('the series itself opens', 'nobody', 'series opens/series', null, '{not_yet_available,free uhd,free uhd}'),
	('an episode''s series closes', 'nobody', 'series closes/1', null, '{free uhd 0,no_longer_available,no_longer_available}'),
	('an episode''s season opens', 'nobody', 'season opens/1', null, '{not_yet_available,free uhd,free uhd}'),
	('an episode''s season closes', 'nobody', 'season closes/1', null, '{free uhd 0,no_longer_available,no_longer_available}'),
	('the series of a closed season', 'nobody', 'season closes/series', null, '{free uhd,free uhd,free uhd}'),
	('the later opening counts', 'nobody', 'both open/1', null, '{not_yet_available,free uhd,free uhd}'),
	('the earlier closing counts', 'nobody', 'both close/1', null, '{free uhd 0,no_longer_available,no_longer_available}'),
	('a rule begins', 'nobody', 'rule begins', null, '{not_yet_available,free uhd,free uhd}'),
	('a rule ends', 'nobody', 'rule ends', null, '{free uhd 0,no_longer_available,no_longer_available}'),
	('one of two rules ends', 'nobody', 'free ends, sold on', null, '{free uhd 0,no_entitlement,no_entitlement}'),
	('a plan gets it', 'subscriber', 'plan begins', null, '{not_yet_available,subscription hd 2592000,subscription hd 2592000}'),
	('a plan loses it', 'subscriber', 'plan ends', null, '{subscription hd 0,no_longer_available,no_longer_available}'),
	('no rule at all', 'subscriber', 'bare', null, '{no_entitlement,no_entitlement,no_entitlement}'),
	('a purchase is paid', 'holder', 'paid', null, '{no_entitlement,purchase hd,purchase hd}'),
	('somebody else''s', 'nobody', 'paid', null, '{no_entitlement,no_entitlement,no_entitlement}'),
	('a purchase is refunded', 'holder', 'refunded', null, '{purchase hd,no_entitlement,no_entitlement}'),
	('a purchase ends', 'holder', 'valid', null, '{purchase hd 0,no_entitlement,no_entitlement}'),
	('a purchase outlives the window', 'holder', 'outlives', null, '{purchase hd,purchase hd,purchase hd}'),
	('one that does not', 'holder', 'outlives not', null, '{purchase hd 0,no_longer_available,no_longer_available}'),
	('nor with an end of its own', 'holder', 'valid after', null, '{purchase hd 0,no_longer_available,no_longer_available}'),
	('a rental is paid', 'holder', 'rent paid', null, '{no_entitlement,rental hd 100,rental hd 100}'),
	('a rental was not begun', 'holder', 'start by', null, '{rental hd 0,rental_expired,rental_expired}'),
	('a rental was begun', 'holder', 'begun', null, '{rental hd 0,rental_expired,rental_expired}'),
	('a rental was begun in the last second', 'holder', 'begun late', null, '{rental hd 40,rental hd 40,rental hd 40}'),
	('a rental is refunded', 'holder', 'rent refunded', null, '{rental hd 100,no_entitlement,no_entitlement}'),
	('a rental ends with the window', 'holder', 'rental closes', null, '{rental hd 0,no_longer_available,no_longer_available}'),
	('a grant begins', 'holder', 'given from', null, '{no_entitlement,grant hd,grant hd}'),
	('a grant ends', 'holder', 'given until', null, '{grant hd 0,no_entitlement,no_entitlement}'),
	('a grant ends with the window', 'holder', 'grant closes', null, '{grant hd 0,no_longer_available,no_longer_available}'),
	('a subscription ends with the window', 'subscriber', 'plan closes', null, '{subscription hd 0,no_longer_available,no_longer_available}'),
	('a subscription runs out', 's active', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('a subscription''s grace ends', 's grace', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('renewals are late, for as long as the grace', 's late', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('a trial ends', 's trial', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('a cancelled one has no grace', 's cancelled', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('a subscription begins', 's begins', 'planned', null, '{no_entitlement,subscription hd 777600,subscription hd 777600}'),
	('one that was never paid', 's pending', 'planned', null, '{no_entitlement,no_entitlement,no_entitlement}'),
	('one that was refused', 's refused', 'planned', null, '{no_entitlement,no_entitlement,no_entitlement}'),
	('one that has ended', 's ended', 'planned', null, '{subscription hd 0,no_entitlement,no_entitlement}'),
	('a retired plan goes on', 's old', 'planned', null, '{subscription sd 0,no_entitlement,no_entitlement}'),
	('a plan that does not have it', 's other', 'planned', null, '{no_entitlement,no_entitlement,no_entitlement}')
	) c (name, who, what, country, expected)
	cross join (values (-1), (0), (1)) e (s);

-- --- places, ages, accounts, and what is not there

do $$
begin
	perform pg_temp.item(n, 'movie') from unnest(array['only NO', 'not SE', 'nowhere', 'NO or SE not SE', 'free NO, sold SE', 'bought NO', 'bought not SE']) n;
	perform pg_temp.rule('free', 'only NO', countries => '{NO}'), pg_temp.rule('free', 'not SE', excluded => '{SE}'), pg_temp.rule('free', 'nowhere', countries => '{}'),
	        pg_temp.rule('free', 'NO or SE not SE', countries => '{NO,SE}', excluded => '{SE}'), pg_temp.rule('free', 'free NO, sold SE', countries => '{NO}'),
	        pg_temp.rule('purchase', 'free NO, sold SE', amount => 900, countries => '{SE}'), pg_temp.rule('purchase', 'bought NO', amount => 900),
	        pg_temp.rule('purchase', 'bought not SE', amount => 900);
	perform pg_temp.bought(w, 'bought NO', countries => '{NO}'), pg_temp.bought(w, 'bought not SE', excluded => '{SE}'), pg_temp.bought(w, 'only NO')
		from unnest(array['norse', 'swede', 'holder']) w;
	perform pg_temp.item('for ' || a, 'movie', age => a), pg_temp.rule('free', 'for ' || a) from unnest(array[6, 7, 12, 13, 18]) a;
	perform pg_temp.show('old show', null, null, null, null, 13), pg_temp.rule('free', 'old show/series');
	perform pg_temp.item('draft', 'movie', state => 'draft'), pg_temp.rule('free', 'draft');
	perform pg_temp.show('draft series', null, null, null, null, 0, 'draft'), pg_temp.rule('free', 'draft series/series');
	perform pg_temp.show('draft season', null, null, null, null, 0, 'published', 'draft'), pg_temp.rule('free', 'draft season/series');
	perform pg_temp.item(n, 'channel') from unnest(array['channel', 'hidden channel']) n;
	insert into live.channel (id, number, hidden) values (pg_temp.id('channel'), 1, false), (pg_temp.id('hidden channel'), 2, true);
	perform pg_temp.rule('free', 'k:channel');
	perform pg_temp.item('closed abroad', 'movie', null, -5, age => 18), pg_temp.rule('free', 'closed abroad', countries => '{NO}');
	perform pg_temp.item('abroad for adults', 'movie', age => 18), pg_temp.rule('free', 'abroad for adults', countries => '{NO}');
end $$;

select is(pg_temp.said(c.who, c.what, c.country, 0, c.profile), c.expected, format('%s, %s, %s, %s', c.who, c.what, coalesce(c.country, 'own country'), coalesce(c.profile::text, 'any profile')))
	from (values
	('norse', 'only NO', null, null::int, 'free uhd'), ('swede', 'only NO', null, null, 'territory'), ('nobody', 'only NO', null, null, 'territory'),
	('swede', 'only NO', 'NO', null, 'free uhd'), ('norse', 'only NO', 'SE', null, 'territory'), ('nobody', 'only NO', 'NO', null, 'free uhd'),
	('norse', 'not SE', null, null, 'free uhd'), ('swede', 'not SE', null, null, 'territory'), ('nobody', 'not SE', null, null, 'territory'),
	('norse', 'nowhere', null, null, 'territory'), ('nobody', 'nowhere', null, null, 'territory'),
	('norse', 'NO or SE not SE', null, null, 'free uhd'), ('swede', 'NO or SE not SE', null, null, 'territory'),
	('norse', 'free NO, sold SE', null, null, 'free uhd'), ('swede', 'free NO, sold SE', null, null, 'no_entitlement'), ('nobody', 'free NO, sold SE', 'DE', null, 'territory'),
	('norse', 'bought NO', null, null, 'purchase hd'), ('swede', 'bought NO', null, null, 'territory'), ('holder', 'bought NO', null, null, 'territory'),
	('norse', 'bought not SE', null, null, 'purchase hd'), ('swede', 'bought not SE', null, null, 'territory'), ('holder', 'bought not SE', 'DK', null, 'purchase hd'),
	('norse', 'bought not SE', 'SE', null, 'territory'), ('swede', 'only NO', null, 18, 'territory'),
	('family', 'for 18', null, null, 'free uhd'), ('family', 'for 18', null, 18, 'free uhd'), ('family', 'for 18', null, 12, 'age_restricted'),
	('family', 'for 13', null, 12, 'age_restricted'), ('family', 'for 12', null, 12, 'free uhd'), ('family', 'for 7', null, 6, 'age_restricted'),
	('family', 'for 6', null, 6, 'free uhd'), ('teen', 'for 13', null, null, 'age_restricted'), ('teen', 'for 12', null, null, 'free uhd'),
	('family', 'old show/1', null, 12, 'age_restricted'), ('family', 'old show/season', null, 12, 'age_restricted'), ('family', 'old show/1', null, 18, 'free uhd'),
	('suspended', 'for 6', null, null, 'account_suspended'), ('suspended', 'closes', null, null, 'account_suspended'),
	('nobody', 'draft', null, null, 'nothing'), ('nobody', 'draft series/1', null, null, 'nothing'), ('nobody', 'draft series/season', null, null, 'nothing'),
	('nobody', 'draft season/1', null, null, 'nothing'), ('nobody', 'draft season/series', null, null, 'free uhd'),
	('nobody', 'channel', null, null, 'free uhd'), ('nobody', 'hidden channel', null, null, 'nothing'), ('nobody', 'no such title', null, null, 'nothing'),
	('no such account', 'for 6', null, null, 'nothing'), ('teen', 'closed abroad', null, null, 'no_longer_available'), ('teen', 'abroad for adults', null, null, 'territory'),
	('teen', 'abroad for adults', 'NO', null, 'age_restricted')
	) c (who, what, country, profile, expected);
select is((rights.decide(pg_temp.id('family'), (select min(p.id) from users.profile p where p.account_id = pg_temp.id('teen')), pg_temp.id('for 6'), null, pg_temp.t())).reason,
	'age_restricted', 'a profile of somebody else');
select is((rights.decide(pg_temp.id('nobody'), null, pg_temp.id('opens'), null, null)).reason,
	case when now() < pg_temp.t() then 'not_yet_available' else 'free' end, 'no instant is now, not any time');

-- --- which way, when there are several; what covers what

do $$
begin
	perform pg_temp.account(n) from unnest(array['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8', 'c series', 'c season', 'c episode', 'c genre', 'c kind', 'c all']) n;
	perform pg_temp.item('free sd', 'movie'), pg_temp.rule('free', 'free sd', quality => 'sd'), pg_temp.rule('subscription', 'free sd', plan => 'premium'),
	        pg_temp.item('free uhd', 'movie'), pg_temp.rule('free', 'free uhd'), pg_temp.rule('subscription', 'free uhd', plan => 'premium'),
	        pg_temp.item('held', 'movie', genres => '{drama}'), pg_temp.rule('rental', 'held', amount => 300),
	        pg_temp.item('planned sd', 'movie'), pg_temp.rule('subscription', 'planned sd', plan => 'premium', quality => 'sd'),
	        pg_temp.item('planned twice', 'movie', genres => '{kids}'), pg_temp.rule('subscription', 'planned twice', plan => 'premium', quality => 'sd'),
	        pg_temp.rule('subscription', 'g:kids', plan => 'premium', quality => 'hd');
	perform pg_temp.subscribed('w1', 'premium', 'active', 100), pg_temp.subscribed('w7', 'premium', 'active', 100);
	perform pg_temp.rented('w2', 'held', 100, quality => 'uhd'), pg_temp.given('w2', 'held', quality => 'sd');
	perform pg_temp.bought('w3', 'held', quality => 'hd'), pg_temp.given('w3', 'held', quality => 'hd');
	perform pg_temp.bought('w4', 'held', quality => 'sd'), pg_temp.given('w4', 'held', quality => 'hd');
	perform pg_temp.rented('w5', 'held', 0, quality => 'uhd'), pg_temp.rented('w5', 'held', 100, quality => 'hd', refunded => 900);
	perform pg_temp.given('w6', 'held', null, 50), pg_temp.given('w6', 'held', null, 90);
	perform pg_temp.bought('w8', 'free uhd', quality => 'uhd');
	perform pg_temp.show('cover', null, null, null, null), pg_temp.rule('purchase', 'k:episode', amount => 200);
	perform pg_temp.bought('c series', 'cover/series'), pg_temp.bought('c season', 'cover/season'), pg_temp.bought('c episode', 'cover/1'),
	        pg_temp.given('c genre', 'g:war'), pg_temp.given('c kind', 'k:season'), pg_temp.given('c all', '*');
end $$;
select is(pg_temp.said(c.who, c.what, null, 0), c.expected, c.name)
	from (values
	('the best quality', 'w1', 'free sd', 'subscription uhd 100'), ('free, of two of a quality', 'w1', 'free uhd', 'free uhd'), ('free before a purchase', 'w8', 'free uhd', 'free uhd'),
	('a rental last of all', 'w2', 'held', 'grant sd'), ('a purchase before a grant', 'w3', 'held', 'purchase hd'), ('but quality first', 'w4', 'held', 'grant hd'),
	('one rental over, another one not', 'w5', 'held', 'rental hd 100'), ('the one that lasts longer', 'w6', 'held', 'grant hd 90'),
	('a plan''s quality is the rule''s at most', 'w7', 'planned sd', 'subscription sd 100'), ('the better of two rules', 'w7', 'planned twice', 'subscription hd 100'),
	('a series covers an episode', 'c series', 'cover/2', 'purchase hd'), ('  a season', 'c series', 'cover/season', 'purchase hd'), ('  itself', 'c series', 'cover/series', 'purchase hd'),
	('a season covers an episode', 'c season', 'cover/2', 'purchase hd'), ('  not the series', 'c season', 'cover/series', 'no_entitlement'),
	('an episode covers itself', 'c episode', 'cover/1', 'purchase hd'), ('  no other', 'c episode', 'cover/2', 'no_entitlement'), ('  nor the season', 'c episode', 'cover/season', 'no_entitlement'),
	('a grant of the series'' genre', 'c genre', 'cover/1', 'grant hd'), ('  not of another', 'c genre', 'held', 'no_entitlement'),
	('a grant of seasons', 'c kind', 'cover/1', 'grant hd'), ('  covers no series', 'c kind', 'cover/series', 'no_entitlement'), ('a grant of everything', 'c all', 'held', 'grant hd'),
	('  everything', 'c all', 'cover/2', 'grant hd')
	) c (name, who, what, expected);

-- --- offers and exclusive rules

create function pg_temp.offers(who text, what text, seconds int default 0, country text default null) returns text language sql as $$
	select coalesce((select string_agg(concat_ws(' ', o.type, coalesce(o.plan, (select t.name from thing t where t.id = o.content and t.name not like '%@%' and exists (select from content.item i where i.id = t.id and i.title = t.name))), o.amount), ', ' order by o.n)
	from rights.decide(pg_temp.id(who), null, pg_temp.id(what), country, pg_temp.t(seconds)) d,
	     unnest(d.offer_type, d.offer_plan, d.offer_content, d.offer_amount) with ordinality o (type, plan, content, amount, n)), '') $$;
do $$
begin
	perform pg_temp.item('x', 'movie', genres => '{drama}'), pg_temp.item('y', 'movie', genres => '{drama}'), pg_temp.item('z', 'movie', genres => '{drama}');
	perform pg_temp.rule('purchase', 'g:drama', amount => 700), pg_temp.rule('rental', 'g:drama', amount => 350), pg_temp.rule('subscription', 'g:drama', plan => 'premium'),
	        pg_temp.rule('subscription', 'g:drama', plan => 'basic'), pg_temp.rule('subscription', 'g:drama', plan => 'old'), pg_temp.rule('purchase', 'k:movie', amount => 100);
	perform pg_temp.rule('purchase', 'y', amount => 999), pg_temp.rule('purchase', 'y', amount => 888, countries => '{NO}'), pg_temp.rule('rental', 'y', 0, amount => 250);
	perform pg_temp.rule('purchase', 'z', amount => 1500, exclusive => true);
	perform pg_temp.show('w', null, null, null, null), pg_temp.rule('purchase', 'w/series', amount => 2500), pg_temp.rule('purchase', 'w/season', amount => 1200);
	perform pg_temp.item('ex', 'movie', genres => '{kids}'), pg_temp.rule('free', 'g:kids'), pg_temp.rule('purchase', 'ex', null, 0, amount => 1, exclusive => true);
	perform pg_temp.show('ex', null, null, null, null), pg_temp.rule('purchase', 'ex/series', amount => 5, exclusive => true);
end $$;
select is(pg_temp.offers(c.who, c.what, c.seconds, c.country), c.expected, c.name)
	from (values
	('plans by number, rental, purchase; the nearer rule; no retired plan', 'nobody', 'x', 0, null, 'subscription basic 800, subscription premium 1300, rental x 350, purchase x 700'),
	('a title''s own price', 'nobody', 'y', -1, null, 'subscription basic 800, subscription premium 1300, rental y 350, purchase y 999'),
	('  from when it counts', 'nobody', 'y', 0, null, 'subscription basic 800, subscription premium 1300, rental y 250, purchase y 999'),
	('  a country''s price before everybody''s', 'norse', 'y', 0, null, 'subscription basic 800, subscription premium 1300, rental y 250, purchase y 888'),
	('an exclusive rule hides those of genre and kind', 'nobody', 'z', 0, null, 'purchase z 1500'),
	('an episode: itself, its season, its series', 'nobody', 'w/1', 0, null, 'purchase w/series 2500, purchase w/season 1200, purchase w/1 200'),
	('nothing to offer for what is held', 'w3', 'held', 0, null, ''),
	('nor for what is not yet there', 'nobody', 'opens', -1, null, '')
	) c (name, who, what, seconds, country, expected);
do $$ begin perform pg_temp.rule('free', 'k:series'); end $$;
select is(pg_temp.said('nobody', 'ex', null, -1), 'no_entitlement', 'an exclusive rule: no free genre');
select is(pg_temp.said('nobody', 'ex', null, 0), 'no_longer_available', '  nor when it is over itself');
select is(pg_temp.said('nobody', 'ex/1', null, 0), 'no_entitlement', 'an exclusive rule of the series counts for its episodes');
select is(pg_temp.said('nobody', 'w/series', null, 0), 'free uhd', '  not for other series');
update content.item set min_age = 18 where id = pg_temp.id('w/season');
delete from rights.rule where kind = 'series';
select is((rights.decide(pg_temp.id('teen'), null, pg_temp.id('w/1'), null, pg_temp.t())).offer_content, array[pg_temp.id('w/series'), pg_temp.id('w/1')],
	'a season for adults is not offered to others');

-- --- the trace, and who may ask

select is((select string_agg(w || ': ' || s, ', ' order by n)
           from rights.decide(pg_temp.id('norse'), null, pg_temp.id('only NO'), 'SE', pg_temp.t(), true) d, unnest(d.trace_what, d.trace_said) with ordinality u (w, s, n)
           where w !~ '^(rule:\d+ (purchase|rental|subscription) kind|purchase)'),
	(select format('account: active, opens: always open, closes: never closes, territory: SE, age: 18, for 0 and older, rule:%s free content:%s: territory', r.id, r.content_id)
	 from rights.rule r where r.content_id = pg_temp.id('only NO')), 'every rule and what it said');
select is(array_agg(r order by r)::text, '{tv_livetv,tv_play,tv_rights}', 'who decides')
	from unnest(array['tv_auth', 'tv_users', 'tv_ondemand', 'tv_livetv', 'tv_rights', 'tv_play', 'tv_search', 'tv_system']) r
	where has_function_privilege(r, 'rights.decide(bigint, bigint, bigint, text, timestamptz, boolean)', 'execute');

select finish();
rollback;

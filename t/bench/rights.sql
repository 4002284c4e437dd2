-- What the bench of decisions stands on: 100,000 accounts, 21,000 things to watch, rules by kind, genre and title, and what
-- customers hold: half of them a subscription, purchases, rentals and some grants.
insert into content.genre (slug, name) select 'g' || n, 'Genre ' || n from generate_series(1, 20) n;
insert into users.account (email, name, country)
	select 'bench' || n || '@example.org', 'B', (array['NO', 'SE', 'DE', null])[1 + n % 4] from generate_series(1, 100000) n;
insert into users.profile (account_id, name) select id, 'Main' from users.account;
insert into content.item (kind, title, min_age, genres)
	select 'movie', 'Movie ' || n, (n % 4) * 6, array['g' || 1 + n % 20, 'g' || 1 + n / 20 % 20] from generate_series(1, 15000) n;
insert into content.movie (id) select id from content.item where kind = 'movie';
insert into content.item (kind, title, min_age, genres)
	select 'series', 'Series ' || n, 6, array['g' || 1 + n % 20] from generate_series(1, 100) n;
insert into content.series (id) select id from content.item where kind = 'series';
with made as (
	insert into content.item (kind, title, min_age)
		select 'season', 'Season ' || s.id, 6 from content.series s returning id, substr(title, 8)::bigint as series_id
)
insert into content.season (id, series_id, number) select id, series_id, 1 from made;
with made as (
	insert into content.item (kind, title, min_age)
		select 'episode', 'Episode ' || s.id || ' ' || n, 6 from content.season s, generate_series(1, 50) n
		returning id, split_part(title, ' ', 2)::bigint as season_id, split_part(title, ' ', 3)::int as number
)
insert into content.episode (id, series_id, season_id, season_number, number)
	select m.id, s.series_id, s.id, 1, m.number from made m join content.season s on s.id = m.season_id;
insert into content.item (kind, title, min_age) select 'channel', 'Channel ' || n, 0 from generate_series(1, 1000) n;
insert into live.channel (id, number) select id, row_number() over (order by id) from content.item where kind = 'channel';

insert into rights.plan (code, name, price_amount, currency, level) values
	('basic', 'Basic', 799, 'EUR', 1), ('premium', 'Premium', 1299, 'EUR', 2);
insert into rights.rule (type, kind, plan_id) select 'subscription', k, p.id
	from rights.plan p, unnest(array['movie', 'series', 'channel']) k where p.code = 'premium' or k <> 'movie';
insert into rights.rule (type, genre, plan_id) select 'subscription', 'g' || n, p.id
	from generate_series(1, 10) n, rights.plan p where p.code = 'basic';
insert into rights.rule (type, content_id, price_amount, currency, excluded_countries)
	select 'purchase', id, 999, 'EUR', case when id % 50 = 0 then '{DE}'::text[] else '{}' end from content.movie;
insert into rights.rule (type, content_id, price_amount, currency, start_within, watch_within)
	select 'rental', id, 399, 'EUR', 2592000, 172800 from content.movie;
insert into rights.rule (type, kind, price_amount, currency) values ('purchase', 'season', 1999, 'EUR');
insert into rights.rule (type, content_id) select 'free', id from content.movie where id % 20 = 0;

insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days)
	select a.id, p.id, 'active', now(), now(), now() + interval '30 days', 3
	from users.account a join rights.plan p on p.code = case when a.id % 4 = 0 then 'premium' else 'basic' end where a.id % 2 = 0;
insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window,
                             excluded_countries, paid_at)
	select a.id, m.id, 'movie', 'M', 999, 'EUR', 'uhd', true, '{}', now()
	from users.account a, generate_series(1, 3) n
	join lateral (select id from content.movie where id = (select min(id) from content.movie) + n * 37) m on true;
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
                           watch_within, paid_at, start_by)
	select a.id, m.id, 'movie', 'M', 399, 'EUR', 'hd', 2592000, 172800, now(), now() + interval '30 days'
	from users.account a, generate_series(1, 2) n
	join lateral (select id from content.movie where id = (select min(id) from content.movie) + n * 41) m on true;
insert into rights.grant (account_id, kind) select id, 'movie' from users.account where id % 100 = 1;
analyze;

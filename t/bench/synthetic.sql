-- As many rows as the peers' data has, always the same ones, where that is not there.
create function pg_temp.dice(n bigint, throw int, sides int) returns int
	language sql immutable
	return (hashint8(n * 1000003 + throw)::bigint + 2147483648) % sides;
create function pg_temp.words(n bigint, fewest int, most int) returns text
	language sql immutable
	return (select string_agg((array['night', 'river', 'last', 'house', 'winter', 'city', 'road', 'home', 'garden', 'story', 'north',
	                                 'summer', 'evening', 'friend', 'island', 'people', 'match', 'rain'])[1 + pg_temp.dice(n, i, 18)],
	                          ' ' order by i)
	        from generate_series(1, fewest + pg_temp.dice(n, 99, most - fewest + 1)) i);

insert into bench.person select n, initcap(pg_temp.words(n, 2, 2)) || ' ' || n from generate_series(1, 70000) n;
insert into bench.movie
	select n, initcap(pg_temp.words(n, 2, 5)), 1930 + pg_temp.dice(n, 1, 95),
	       array['Genre ' || pg_temp.dice(n, 2, 20), 'Genre ' || 20 + pg_temp.dice(n, 3, 20)],
	       (array[0, 7, 10, 13, 14, 16, 18])[1 + pg_temp.dice(n, 4, 7)], 61 + pg_temp.dice(n, 5, 80),
	       left(pg_temp.words(n, 30, 60), 300), '/images/posters/' || n || '.jpg'
	from generate_series(1, 26030) n;
insert into bench.series select n, initcap(pg_temp.words(n + 100000, 2, 4)) from generate_series(1, 4886) n;
insert into bench.series_cast
	select s, c, 1 + pg_temp.dice(s, c, 70000) from generate_series(1, 4886) s, generate_series(1, 7) c;
insert into bench.episode
	select n, 1 + (n - 1) % 4886, 1 + (n - 1) / 4886 / 8, 1 + (n - 1) / 4886 % 8, initcap(pg_temp.words(n + 200000, 2, 4)),
	       date '2010-01-01' + pg_temp.dice(n, 1, 5000), 22 + pg_temp.dice(n, 2, 37), left(pg_temp.words(n, 30, 60), 300)
	from generate_series(1, 69665) n;
insert into bench.channel select n, initcap(pg_temp.words(n + 300000, 1, 2)) || ' ' || n from generate_series(1, 2000) n;
insert into bench.programme
	select c, at, at + length, initcap(pg_temp.words(c * 1000 + n, 2, 4)),
	       case when n % 5 > 0 then initcap(pg_temp.words(c * 1000 + n, 2, 3)) end, (array['News', 'Drama', 'Comedy', 'Sports'])[1 + c % 4]
	from generate_series(1, 2000) c, generate_series(0, 218) n
	cross join lateral (select timestamptz '2026-11-23 00:00Z' + n * interval '46 minutes' as at, interval '46 minutes' as length) p;
insert into bench.account
	select n, 'user' || n || '@example.com', '$2b$10$WFGXSSXrjAyjqKoL4bGpfeicA5fraD76S0ss58cTwWK7545QV6dyS',
	       (array['DE', 'FR', 'GB', 'US', 'IT', 'ES', 'AT', 'CH', 'PL', 'NL'])[1 + pg_temp.dice(n, 1, 10)],
	       (array[18, 18, 18, 18, 18, 18, 16, 12, 7])[1 + pg_temp.dice(n, 2, 9)]
	from generate_series(1, 100000) n;
insert into bench.subscription
	select n, 1 + pg_temp.dice(n, 1, 100000), (array[1, 1, 1, 2, 2, 3])[1 + pg_temp.dice(n, 2, 6)], now() - interval '90 days',
	       now() + case when n % 5 > 0 then interval '1900 days' else interval '-30 days' end
	from generate_series(1, 128866) n;
insert into bench.purchase
	select distinct 1 + pg_temp.dice(n, 3, 100000), 1 + pg_temp.dice(n, 4, 26030), now() - interval '1 day' from generate_series(1, 150000) n;
insert into bench.rental
	select n, 1 + pg_temp.dice(n, 5, 100000), 1 + pg_temp.dice(n, 6, 26030), now() - interval '1 day',
	       now() + case when n % 4 = 0 then interval '364 days' else interval '1 day' end
	from generate_series(1, 200000) n;
insert into bench.content_rule
	select id, (array[1, 1, 1, 2, 2, 3, null])[1 + pg_temp.dice(id, 7, 7)], min_age, '{}', now() - interval '100 days',
	       now() + interval '4900 days'
	from bench.movie;

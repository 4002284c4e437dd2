-- The product's tables, filled from the schema bench by the product's own triggers. Ids: movies as they are, series from 100,000,
-- seasons from 200,000, episodes from 300,000, channels from 400,000.
begin;
create function pg_temp.slug(name text) returns text
	language sql immutable
	return trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'));

insert into content.genre (slug, name)
	select pg_temp.slug(g), min(g) from bench.movie m, unnest(m.genres) g where pg_temp.slug(g) <> '' group by pg_temp.slug(g);
insert into content.item (id, kind, title, year, genres, min_age, runtime, synopsis, poster, popularity)
	overriding system value
	select m.id, 'movie', left(m.title, 300), case when m.year between 1870 and 2200 then m.year end,
	       array(select pg_temp.slug(g) from unnest(m.genres) with ordinality u (g, n) where pg_temp.slug(g) <> ''
	             group by pg_temp.slug(g) order by min(n)),
	       m.min_age, m.runtime * 60, m.synopsis, m.poster, hashint4(m.id) & 65535
	from bench.movie m;
insert into content.movie (id) select id from bench.movie;
insert into content.person (id, name) overriding system value select id, name from bench.person;

insert into content.item (id, kind, title, min_age) overriding system value select 100000 + id, 'series', title, 0 from bench.series;
insert into content.series (id) select 100000 + id from bench.series;
create temp table season as
	select 200000 + row_number() over (order by series_id, season) as id, series_id, season
	from bench.episode group by series_id, season;
insert into content.item (id, kind, title, min_age) overriding system value select id, 'season', 'Season ' || season, 0 from season;
insert into content.season (id, series_id, number) select id, 100000 + series_id, season from season;
insert into content.item (id, kind, title, min_age, runtime, synopsis) overriding system value
	select 300000 + id, 'episode', left(coalesce(nullif(title, ''), 'Untitled'), 300), 0, runtime * 60, synopsis from bench.episode;
insert into content.episode (id, series_id, season_id, season_number, number, air_date)
	select 300000 + e.id, 100000 + e.series_id, s.id, e.season, e.number, e.air_date
	from bench.episode e join season s on s.series_id = e.series_id and s.season = e.season;
-- An episode's answer has a cast, as the peers' has its series'.
insert into content.credit (item_id, person_id, role, position)
	select 100000 + series_id, person_id, 'actor', position from bench.series_cast;
insert into content.credit (item_id, person_id, role, position)
	select 300000 + e.id, c.person_id, 'actor', c.position from bench.episode e join bench.series_cast c on c.series_id = e.series_id;
insert into content.credit (item_id, person_id, role, position)
	select m.id, 1 + (m.id * 7919 + n * 104729) % (select max(id) from bench.person), case when n = 1 then 'director' else 'actor' end, n
	from bench.movie m, generate_series(1, 8) n;

insert into content.item (id, kind, title, min_age) overriding system value select 400000 + id, 'channel', name, 0 from bench.channel;
insert into live.channel (id, number) select 400000 + id, id from bench.channel;
select set_config('tv.importing', 'on', true), set_config('tv.pages', 'made', true);
insert into live.programme (channel_id, start_at, end_at, title, subtitle, category)
	select 400000 + channel_id, start, stop, left(title, 300), left(nullif(sub_title, ''), 300), category from bench.programme order by channel_id, start;
select live.lay_out(array_agg(distinct p.channel_id), min(p.start_at), max(p.end_at)) from live.programme p;
insert into live.guide_state (channel_id, digest) select id, '' from live.channel;

insert into users.account (id, email, name, country) overriding system value select id, email, 'User ' || id, country from bench.account;
insert into users.profile (id, account_id, name, max_age) overriding system value select id, id, 'Main', max_age from bench.account;
insert into auth.credential (account_id, password_hash) select id, password_hash from bench.account;
insert into auth.session (id, account_id, profile_id, refresh_hash, expires_at) overriding system value
	select id, id, id, sha256(id::text::bytea), now() + interval '30 days' from bench.account where id <= 30000;

insert into rights.plan (code, name, price_amount, currency, level, max_streams)
	select 'plan-' || n, 'Plan ' || n, n * 500, 'EUR', n, 4 from generate_series(1, 3) n;
insert into rights.rule (type, content_id, plan_id, valid_from, valid_until, excluded_countries)
	select 'subscription', r.content_id, p.id, r.available_from, r.available_to, r.blocked
	from bench.content_rule r join rights.plan p on p.level >= r.plan_level;
insert into rights.rule (type, content_id) select 'free', id from bench.movie where id % 100 = 0;
insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days, ended_at)
	select s.account_id, p.id, case when s.live = 1 then 'active' else 'ended' end, s.valid_from, s.valid_from, s.valid_to, 3,
	       case when s.live > 1 then s.valid_to end
	from (select s.*, row_number() over (partition by s.account_id order by s.valid_to desc, s.id) + (s.valid_to < now())::int as live
	      from bench.subscription s) s
	join rights.plan p on p.level = s.plan_level;
insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window,
                             excluded_countries, paid_at)
	select account_id, content_id, 'movie', 'Movie', 999, 'EUR', 'uhd', true, '{}', bought_at from bench.purchase;
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
                           watch_within, paid_at, start_by, started_at, expires_at)
	select distinct on (account_id, content_id) account_id, content_id, 'movie', 'Movie', 399, 'EUR', 'hd', 2592000,
	       extract(epoch from least(ends - starts, interval '364 days'))::int, starts, starts + interval '30 days', starts, ends
	from bench.rental order by account_id, content_id, starts desc;

-- Films that anybody may play, and 8,000 people who do.
insert into content.package (directory, segments, renditions) values ('bench', '{4000,4000}', '[{"path": "x.m3u8"}]');
insert into content.media (item_id, directory) select id, 'bench' from bench.movie where id % 100 = 0;
insert into play.session (account_id, profile_id, item_id, group_id, directory, started_at, seen_at, url_until, duration)
	select n, n, 100 * (1 + n % 200), 100 * (1 + n % 200), 'bench', now(), now() + interval '6 hours', now() + interval '6 hours', 6000
	from generate_series(1, 8000) n;
-- Somebody who watched a lot.
insert into users.history (profile_id, item_id, position, watched_at)
	select 7000, 100 * (1 + n % 200), n % 6000, now() - n * interval '1 minute' from generate_series(1, 100000) n;
insert into users.progress (profile_id, item_id, position, duration)
	select 7000, 100 * n, 3000, 6000 from generate_series(1, 200) n;
insert into users.resume (profile_id, group_id, item_id, updated_at)
	select 7000, 100 * n, 100 * n, now() - n * interval '1 minute' from generate_series(1, 200) n;
select content.count_genres();
select setval(pg_get_serial_sequence(name, 'id'), 1000000) from unnest(array['content.item', 'content.person', 'users.account',
	'users.profile', 'auth.session']) name;
commit;

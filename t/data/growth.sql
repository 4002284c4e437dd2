-- Generated data for t/http/growth.t, which puts numbers for {titles}, {episodes}, {channels}, {programmes} (a channel) and
-- {entries}. Whatever a page touches is spread the same way at every size: only there is more of it.
create function pg_temp.dice(n int, throw int, sides int) returns int
	language sql immutable
	return (hashint8(n * 1000003::bigint + throw)::bigint + 2147483648) % sides;

insert into content.genre (slug, name) select 'g' || n, 'Genre ' || n from generate_series(0, 19) n;
insert into content.person (name) select 'Person ' || lpad(n::text, 6, '0') from generate_series(1, {titles}) n;
with i as (
	insert into content.item (kind, title, year, genres, min_age, popularity, added_at, runtime, synopsis, state)
	select 'movie', md5(n::text), 1930 + pg_temp.dice(n, 1, 95),
	       array['g' || pg_temp.dice(n, 2, 10), 'g' || 10 + pg_temp.dice(n, 3, 10)],
	       (array[0, 7, 12, 15, 18])[1 + pg_temp.dice(n, 4, 5)], pg_temp.dice(n, 5, 100000), now() - n * interval '7 minutes',
	       5400, repeat('Synopsis. ', 12), case when n % ({titles} / 30) = 7 then 'draft' else 'published' end
	from generate_series(1, {titles}) n
	returning id
), m as (
	insert into content.movie (id) select id from i
)
-- the last person has 60 titles, all over the catalogue
insert into content.credit (item_id, person_id, role, position)
select i.id, case when c = 1 and i.id % ({titles} / 60) = 0 then p.last else p.first + pg_temp.dice(i.id::int, c, {titles} - 1) end, 'actor', c
from i, generate_series(1, 3) c, (select min(id) as first, max(id) as last from content.person) p;

insert into content.item (kind, title, min_age, added_at) values ('series', 'The Long Series', 0, now()), ('season', 'Season 1', 0, now());
insert into content.series (id) select id from content.item where kind = 'series';
insert into content.season (id, series_id, number)
select i.id, s.id, 1 from content.item i, content.series s where i.kind = 'season';
with i as (
	insert into content.item (kind, title, min_age)
	select 'episode', 'Episode ' || n, 0 from generate_series(1, {episodes}) n
	returning id, substr(title, 9)::int as n
)
insert into content.episode (id, series_id, season_id, season_number, number)
select i.id, s.series_id, s.id, 1, i.n from i, content.season s;
select content.count_genres();

-- as many accounts as titles: each has bought one and rented one; a plan has all titles, by a rule each
insert into users.account (email, name) select 'viewer' || n || '@example.com', 'Viewer ' || n from generate_series(1, {titles}) n;
insert into rights.plan (code, name, price_amount, currency, level) values ('all', 'All', 999, 'EUR', 1);
insert into rights.rule (type, content_id, plan_id) select 'subscription', m.id, p.id from content.movie m, rights.plan p;
with pair as (
	select a.id as account, m.id as movie
	from (select id, row_number() over (order by id) as n from users.account) a
	join (select id, row_number() over (order by id) as n from content.movie) m using (n)
), bought as (
	insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries, paid_at)
	select account, movie, 'movie', 'Movie', 999, 'EUR', 'hd', true, '{}', now() from pair
)
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
                           watch_within, paid_at, start_by)
select account, movie, 'movie', 'Movie', 399, 'EUR', 'hd', 2592000, 172800, now(), now() + interval '30 days' from pair;

-- somebody has seen, kept, bought and rented a tenth of all
with a as (
	insert into users.account (email, name) values ('eager@example.com', 'Eager') returning id
)
insert into users.profile (account_id, name) select id, 'Eager' from a;
create temporary table eager as
	select p.account_id as account, p.id as profile, m.id as movie, row_number() over (order by m.id) as n
	from users.profile p, content.movie m
	where p.name = 'Eager' and m.id % 10 = 3;
insert into users.watchlist (profile_id, item_id, added_at) select profile, movie, now() - n * interval '1 minute' from eager;
insert into users.progress (profile_id, item_id, position, duration) select profile, movie, 600, 5400 from eager;
insert into users.resume (profile_id, group_id, item_id, updated_at) select profile, movie, movie, now() - n * interval '1 minute' from eager;
insert into users.history (profile_id, item_id, watched_at) select profile, movie, now() - n * interval '1 minute' from eager;
insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries, paid_at)
select account, movie, 'movie', 'Movie', 999, 'EUR', 'hd', true, '{}', now() from eager;
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
                           watch_within, paid_at, start_by)
select account, movie, 'movie', 'Movie', 399, 'EUR', 'hd', 2592000, 172800, now(), now() + interval '30 days' from eager;
insert into rights.grant (account_id, content_id) select account, movie from eager;

insert into live.channel_group (slug, name) select 'g' || n, 'Group ' || n from generate_series(0, 19) n;
with i as (
	insert into content.item (kind, title, min_age) select 'channel', 'Channel ' || n, (array[0, 0, 18])[1 + n % 3] from generate_series(1, {channels}) n
	returning id, substr(title, 9)::int as n
)
insert into live.channel (id, number, group_slug, country, languages, hidden)
select id, n, 'g' || n % 20, (array['NO', 'SE', 'DK', 'FI', 'IS'])[1 + n / 20 % 5], array[(array['nor', 'swe', 'dan'])[1 + n / 100 % 3], 'eng'],
       n % ({channels} / 40) = 3
from i;

-- half hours around now; without triggers, which look at each row
set local session_replication_role = replica;
insert into live.programme (channel_id, start_at, end_at, title, synopsis)
select c.id, p.start_at, p.start_at + interval '30 minutes', 'Programme ' || n, repeat('Synopsis. ', 8)
from live.channel c
cross join generate_series(0, {programmes} - 1) n
cross join lateral (select date_trunc('hour', now()) + (n - {programmes} / 2 + 4) * interval '30 minutes' as start_at) p
order by c.number, n;
select live.lay_out(array_agg(distinct p.channel_id), min(p.start_at), max(p.end_at)) from live.programme p;
insert into audit.entry (action, kind, target_id, at)
select 'update', (array['content.item', 'live.programme', 'content.person'])[1 + n % 3], n % ({entries} / 10), now() - n * interval '1 second'
from generate_series({entries}, 1, -1) n;
insert into rights.ledger (at, account_id, payment_id, entry, subject, subject_id, amount, currency, provider)
select now() - n * interval '1 minute', case when n % 10 = 3 then (select account_id from users.profile where name = 'Eager') else n end,
       n, 'charge', 'purchase', n, 999, 'EUR', 'sandbox'
from generate_series({titles}, 1, -1) n;

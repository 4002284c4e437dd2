-- One of everything, for all ages and for adults; answers name|id rows.
insert into content.genre (slug, name) values ('drama', 'Drama'), ('war', 'War');
insert into live.channel_group (slug, name) values ('news', 'News');
with people as (
	insert into content.person (name) values ('Åse Ås') returning id
), items as (
	insert into content.item (kind, title, year, genres, min_age, synopsis)
	values ('movie', 'The Seed Movie', 1999, '{drama}', 0, 'About a seed.'),
	       ('movie', 'Adult Movie', 2001, '{drama,war}', 18, null),
	       ('series', 'A Seed Series', 2010, '{drama}', 0, null),
	       ('series', 'Adult Series', 2011, '{war}', 18, null),
	       ('season', 'Season 1', null, '{}', 0, null),
	       ('season', 'Adult Season 1', null, '{}', 18, null),
	       ('episode', 'Seed Pilot', null, '{}', 0, null),
	       ('episode', 'Adult Pilot', null, '{}', 18, null),
	       ('channel', 'Seed One', null, '{}', 0, null),
	       ('channel', 'Adult One', null, '{}', 18, null)
	returning id, kind, min_age
), named as (
	select case when min_age = 18 then 'adult_' else '' end || kind as name, id from items
	union all select 'person', id from people
), id (movie, adult_movie, series, adult_series, season, adult_season, episode, adult_episode, channel, adult_channel,
       person) as (
	select max(id) filter (where name = 'movie'), max(id) filter (where name = 'adult_movie'),
	       max(id) filter (where name = 'series'), max(id) filter (where name = 'adult_series'),
	       max(id) filter (where name = 'season'), max(id) filter (where name = 'adult_season'),
	       max(id) filter (where name = 'episode'), max(id) filter (where name = 'adult_episode'),
	       max(id) filter (where name = 'channel'), max(id) filter (where name = 'adult_channel'),
	       max(id) filter (where name = 'person')
	from named
), movies as (
	insert into content.movie (id, countries) select movie, '{NO}'::text[] from id union all select adult_movie, '{}' from id
), series as (
	insert into content.series (id) select series from id union all select adult_series from id
), seasons as (
	insert into content.season (id, series_id, number)
	select season, series, 1 from id union all select adult_season, adult_series, 1 from id
), episodes as (
	insert into content.episode (id, series_id, season_id, season_number, number)
	select episode, series, season, 1, 1 from id union all select adult_episode, adult_series, adult_season, 1, 1 from id
), credits as (
	insert into content.credit (item_id, person_id, role, position)
	select movie, person, 'actor', 1 from id union all select adult_movie, person, 'director', 1 from id
), channels as (
	insert into live.channel (id, number, group_slug, country, languages, catchup_hours)
	select channel, 1, 'news', 'NO', '{nor}'::text[], 24 from id
	union all select adult_channel, 2, 'news', 'SE', '{swe}', 0 from id
), feeds as (
	insert into live.feed (name, url, format) values ('Seed', 'https://guide.example/seed.xml', 'xmltv') returning id
), feed_states as (
	insert into live.feed_state (feed_id, next_at) select id, now() + interval '1 day' from feeds
), programmes as (
	insert into live.programme (channel_id, start_at, end_at, title, min_age)
	select c, date_trunc('hour', now()) + n * interval '1 hour', date_trunc('hour', now()) + (n + 1) * interval '1 hour',
	       'Hour ' || n, case when c = adult_channel then 18 else 0 end
	from id, unnest(array[channel, adult_channel]) c, generate_series(-3, 24) n
	returning id, channel_id, start_at
)
select name, id from named
union all select 'feed', id from feeds
union all select 'programme', p.id from programmes p, id where p.channel_id = id.channel and start_at = date_trunc('hour', now())
union all select 'adult_programme', p.id from programmes p, id
	where p.channel_id = id.adult_channel and start_at = date_trunc('hour', now());

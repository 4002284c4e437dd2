-- What the benchmark's tables are filled from: the shape of the peers' data (../shared/peers/schema.sql), or generated.
create schema bench;
create unlogged table bench.movie (
	id int, title text, year int, genres text[], min_age int, runtime int, synopsis text, poster text);
create unlogged table bench.person (id int, name text);
create unlogged table bench.series (id int, title text);
create unlogged table bench.series_cast (series_id int, position int, person_id int);
create unlogged table bench.episode (
	id int, series_id int, season int, number int, title text, air_date date, runtime int, synopsis text);
create unlogged table bench.channel (id int, name text);
create unlogged table bench.programme (
	channel_id int, start timestamptz, stop timestamptz, title text, sub_title text, category text);
create unlogged table bench.account (id int, email text, password_hash text, country text, max_age int);
create unlogged table bench.subscription (id int, account_id int, plan_level int, valid_from timestamptz, valid_to timestamptz);
create unlogged table bench.purchase (account_id int, content_id int, bought_at timestamptz);
create unlogged table bench.rental (id int, account_id int, content_id int, starts timestamptz, ends timestamptz);
create unlogged table bench.content_rule (
	content_id int, plan_level int, min_age int, blocked text[], available_from timestamptz, available_to timestamptz);

-- Catalogue tables: constraints, the folding functions, and the listing that follows its items.
begin;
select no_plan();

select is(public.fold('ÅSE Østby Éa'), 'ase ostby ea', 'fold: lower case without accents');
select is(public.fold('Œuvre ﬁlm ß'), 'oeuvre film ss', 'fold: ligatures');
select is(public.slug(name), slug, 'slug: ' || name) from (values
	('Sci-Fi & Fantasy', 'sci-fi-and-fantasy'), ('  Action / Adventure!', 'action-adventure'), ('Ångström', 'angstrom'),
	('日本', '')) v (name, slug);
select is(content.sort_title(title), sorted, 'sort_title: ' || title) from (values
	('The Matrix', 'matrix'), ('A Bug''s Life', 'bug''s life'), ('An Éclair', 'eclair'), ('Theatre', 'theatre'),
	('"The" Quoted', 'the" quoted'), ('...And Justice', 'and justice'), ('A', 'a')) v (title, sorted);
select is(public.fold(null), null, 'fold of null');

insert into content.genre (slug, name) values ('drama', 'Drama'), ('war', 'War');

prepare item (text, text) as insert into content.item (kind, title) values ($1, $2);
select throws_ok($$execute item('film', 'x')$$, '23514', null, 'an unknown kind');
select throws_ok($$execute item('movie', '')$$, '23514', null, 'an empty title');
select throws_ok($$execute item('movie', repeat('x', 301))$$, '23514', null, 'a title of 301 characters');
select throws_ok($$insert into content.item (kind, title, available_from) values ('movie', 'x', 'infinity')$$, '23514', null,
	'a window that never opens');
select throws_ok($$insert into content.item (kind, title, available_from, available_until) values ('movie', 'x', now(), now())$$,
	'23514', null, 'an empty window');
select throws_ok($$insert into content.item (kind, title, min_age) values ('movie', 'x', 19)$$, '23514', null, 'an age of 19');
select throws_ok($$insert into content.item (kind, title, genres) values ('movie', 'x', '{drama,no-such}')$$, '23503', null,
	'a genre that does not exist');
select throws_ok($$insert into content.genre (slug, name) values ('Not A Slug', 'x')$$, '23514', null, 'a slug in capitals');

-- the listing
create function pg_temp.listed(title text) returns text language sql as $$
	select string_agg(l.genre || ':' || l.min_age || ':' || l.year, ' ' order by l.genre)
	from content.listing l join content.item i on i.id = l.item_id where i.title = $1 $$;
insert into content.item (kind, title, genres, min_age, year) values ('movie', 'M', '{drama,war}', 7, 1999);
select is(pg_temp.listed('M'), ':7:1999 drama:7:1999 war:7:1999', 'a movie is listed for all and for each genre');
update content.item set genres = '{war}', min_age = 12 where title = 'M';
select is(pg_temp.listed('M'), ':12:1999 war:12:1999', 'and follows its item');
update content.item set state = 'draft' where title = 'M';
select is(pg_temp.listed('M'), null, 'a draft is not listed');
update content.item set state = 'published', available_until = '2100-01-01Z' where title = 'M';
select is(pg_temp.listed('M'), ':12:1999 war:12:1999', 'published again it is');
select is((select count(*) from content.listing where available_until = '2100-01-01Z'), 2::bigint, 'with its window');
update content.item set title = 'The N', popularity = 5, added_at = '2020-01-01Z' where title = 'M';
select is((select distinct (sort_title, popularity, added_at = '2020-01-01Z')::text from content.listing), '(n,5,t)',
	'title, popularity and date are those of the item');
update content.item
	set original_title = 'Le N', runtime = 60, rating_code = 'R', poster = '/n', synopsis = repeat('ä', 301)
	where title = 'The N';
select is((select distinct (l.title, l.original_title, l.runtime, l.genres, l.rating_code, l.poster)::text from content.listing l),
	'("The N","Le N",60,{war},R,/n)', 'what its card shows is that of the item');
select is((select distinct synopsis from content.listing), repeat('ä', 300), 'with the beginning of its synopsis');
select is((select version from content.item where title = 'The N'), 6, 'each change is a new version');
delete from content.item where title = 'The N';
select is((select count(*) from content.listing), 0::bigint, 'a deleted item is not listed');
insert into content.item (kind, title) values ('episode', 'E'), ('season', 'S'), ('channel', 'C');
select is((select count(*) from content.listing), 0::bigint, 'only movies and series are');
insert into content.item (kind, title, genres) values ('series', 'Twice', '{drama,drama}');
select is(pg_temp.listed('Twice'), ':18:0 drama:18:0', 'a genre named twice is listed once');

-- what genres have, by the tally and counted anew, now and at other times
create function pg_temp.tallied(instant timestamptz, age int) returns text language sql as $$
	select string_agg(t.genre || ':' || t.kind || ':' || t.n, ' ' order by t.genre, t.kind)
	from (select genre, kind, sum(n) as n from content.genre_tally where at <= instant and min_age <= age group by 1, 2 having sum(n) <> 0) t $$;
create function pg_temp.counted(instant timestamptz, age int) returns text language sql as $$
	select string_agg(t.genre || ':' || t.kind || ':' || t.n, ' ' order by t.genre, t.kind)
	from (select genre, kind, count(*) as n from content.listing
	      where genre <> '' and min_age <= age and (available_from is null or available_from <= instant)
	        and (available_until is null or available_until > instant) group by 1, 2) t $$;
create function pg_temp.tally_holds(what text) returns setof text language sql as $$
	select is(pg_temp.tallied(i, a), pg_temp.counted(i, a), what || format(', age %s, %s', a, i - now()))
	from unnest(array[7, 18]) a, unnest(array[now(), now() + interval '1 day', now() + interval '10 days', '2150-01-01Z']) i $$;
insert into content.item (kind, title, genres, min_age, available_from, available_until)
	select (array['movie', 'series'])[1 + n % 2], 'T' || n, (array['{drama}', '{war}', '{drama,war}', '{war,war}', '{}']::text[])[1 + n % 5]::text[],
	       (array[0, 7, 16])[1 + n % 3], (array[null, now() - interval '1 day', now() + interval '1 hour', now() + interval '5 days'])[1 + n % 4],
	       (array[null, null, now() + interval '8 days'])[1 + n / 4 % 3]
	from generate_series(1, 60) n;
select pg_temp.tally_holds('titles that are made');
select is(pg_temp.tallied(now(), 18) like '%drama:movie:%', true, '  are something');
create temporary table tally_was as select count(*) as rows from content.genre_tally;
update content.item set popularity = 9, title = title || '!' where title like 'T_%';
select is((select count(*) from content.genre_tally), (select rows from tally_was), 'what does not count adds nothing');
update content.item set genres = '{war}', min_age = 7 where title like 'T1_!';
update content.item set state = 'draft' where title like 'T2_!';
update content.item set available_from = now() - interval '1 hour', available_until = null where title like 'T3_!';
select pg_temp.tally_holds('titles that are changed');
update content.item set state = 'published' where title like 'T2_!';
delete from content.item where title like 'T4_!';
select pg_temp.tally_holds('titles that come back and go');
select content.count_genres();
select pg_temp.tally_holds('counted anew');
select is((select count(*) from content.genre_tally where at <= now() and at <> '-infinity'), 0::bigint, '  what is over is put together');
update content.item set genres = '{drama}' where title like 'T_%';
delete from content.item where title like 'T5_!';
select pg_temp.tally_holds('changed after that');
delete from content.item where kind in ('movie', 'series');
select is(pg_temp.tallied('2150-01-01Z', 18), null, 'nothing is left of titles that are gone');

select finish();
rollback;

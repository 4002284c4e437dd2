-- Documents that can be searched: that triggers keep them in step, and the order of what is found.
begin;
select plan(71);

create function pg_temp.item(kind text, title text, age int default 0) returns bigint
	language sql
	as $$ insert into content.item (kind, title, min_age) values (kind, title, age) returning id $$;
create function pg_temp.has(of_kind text, of_title text) returns boolean
	language sql
	as $$ select exists (select from search.document d where d.kind = of_kind::search.kind and d.title = of_title and d.gone_at is null) $$;
create function pg_temp.found(typed text, age int default 18) returns text[]
	language sql
	as $$ select array(select d.title from search.find(typed, enum_range(null::search.kind), age, 20) with ordinality f (kind, ref_id, score, matches, n)
	                   join search.document d on d.kind = f.kind and d.ref_id = f.ref_id order by f.n) $$;

-- text
select is(search.fold('  L''Été, à Paris!  '), 'l ete a paris', 'accents, marks and blanks');
select is(search.fold('Don''t Stop'), 'dont stop', 'a letter after an apostrophe belongs to its word');
select is(search.fold('ŒUVRE Straße Æsir'), 'oeuvre strasse aesir', 'ligatures');
select is(search.fold('Fast & Furious'), 'fast and furious', 'ampersand');
select is(search.fold('S.W.A.T.'), 'swat', 'letters with full stops');
select is(search.fold('千と千尋 2'), '千 と 千 尋 2', 'signs are words');
select is(search.fold('ТЁТЯ'), search.fold('тетя'), 'Cyrillic');
select is(search.fold('أَحمد'), 'احمد', 'Arabic without vowel signs');
select is(search.fold(U&'e\0301t\0065\0301'), 'ete', 'accents of their own');
select is(search.fold('???'), '???', 'nothing but marks');
select is(search.digits('rocky iii and the seven'), 'rocky 3 and the 7', 'numbers');
select is(search.without_article('the end'), 'end', 'without its article');
select is(search.without_article('the'), null, 'which is no article when it is all');
select is(search.errors('jaws', 'jwas'), 1, 'letters swapped are one error');
select is(search.errors('jaws', 'jzwz'), 2, 'others count');
select ok(search.deletes('abc') @> '{abc,ab,ac,bc}', 'without one letter');

-- triggers
create temporary table id as select pg_temp.item('movie', 'Glass Harbour') as movie, pg_temp.item('series', 'Stone Bridge') as series;
select ok(pg_temp.has('movie', 'Glass Harbour') and pg_temp.has('series', 'Stone Bridge'), 'new items');
update content.item set title = 'Glass Harbor', alternative_titles = '{Verre}' where id = (select movie from id);
select ok(pg_temp.has('movie', 'Glass Harbor') and not pg_temp.has('movie', 'Glass Harbour'), 'a new title');
select is(pg_temp.found('verre'), '{Glass Harbor}', 'also by another title');
select is(pg_temp.found('harbour'), '{Glass Harbor}', 'and nearly by the old one');

select version as v from search.document where title = 'Glass Harbor' \gset
update content.item set synopsis = 'Other.' where id = (select movie from id);
select is((select version from search.document where title = 'Glass Harbor'), :v::bigint, 'what is not searched is no new version');
update content.item set popularity = 5 where id = (select movie from id);
select cmp_ok((select version from search.document where title = 'Glass Harbor'), '>', :v::bigint, 'what is searched is');

insert into content.series (id) select series from id;
insert into content.movie (id) select movie from id;
create temporary table part as select pg_temp.item('season', 'Season 1') as season, pg_temp.item('episode', 'Low Tide') as episode;
insert into content.season (id, series_id, number) select season, series, 1 from part, id;
insert into content.episode (id, series_id, season_id, season_number, number) select episode, series, season, 1, 1 from part, id;
select ok(pg_temp.has('episode', 'Low Tide'), 'an episode');
update content.item set state = 'draft' where id = (select season from part);
select ok(not pg_temp.has('episode', 'Low Tide'), 'not without its season');
update content.item set state = 'published', min_age = 12 where id = (select season from part);
select is(pg_temp.found('low tide', 11), '{}', 'nor for whom the season is not');
update content.item set min_age = 0, available_until = now() where id = (select season from part);
select is(pg_temp.found('low tide'), '{}', 'nor when the season has closed');
update content.item set available_until = null where id = (select season from part);
update content.item set min_age = 14 where id = (select series from id);
select is(pg_temp.found('low tide', 13), '{}', 'nor for whom the series is not');
select is(pg_temp.found('low tide', 14), '{"Low Tide"}', 'but for others');

create temporary table person as with p as (insert into content.person (name) values ('Ida Grey') returning id) select id from p;
select ok(not pg_temp.has('person', 'Ida Grey'), 'nobody without a credit');
insert into content.credit (item_id, person_id, role, position) select series, person.id, 'actor', 1 from id, person;
select is(pg_temp.found('ida grey', 13) || pg_temp.found('ida grey', 14), '{"Ida Grey"}', 'somebody for whom the title is');
insert into content.credit (item_id, person_id, role, position) select movie, person.id, 'actor', 1 from id, person;
select is(pg_temp.found('ida grey', 0), '{"Ida Grey"}', 'or one of them');
update content.item set state = 'draft' where id = (select movie from id);
select is(pg_temp.found('ida grey', 13), '{}', 'as long as it is published');
update content.person set name = 'Ida Green';
select is(pg_temp.found('ida gree', 14), '{"Ida Green"}', 'renamed');
delete from content.credit;
select ok(not pg_temp.has('person', 'Ida Green'), 'without credits nobody again');

create temporary table channel as select pg_temp.item('channel', 'Harbour TV') as id;
insert into live.channel (id, number, alt_names) select id, 1, '{HTV}' from channel;
select is(pg_temp.found('htv'), '{"Harbour TV"}', 'a channel by another name');
insert into live.programme (channel_id, start_at, end_at, title, min_age)
	select id, now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour', 'Evening Tides', 16 - n from channel, generate_series(0, 3) n;
select is((select count(*) from search.document where kind = 'programme'), 1::bigint, 'one document for a title');
select is((select min_age from search.document where kind = 'programme'), 13::smallint, 'for the youngest that may see one of them');
select is((select array_agg(i.begins order by i.begins) from search.items('{programme}', array(select id from search.show), '{1}', 14, 'e', 9) i),
	array[now() + interval '2 hours', now() + interval '3 hours'], 'of which an age sees its own');
update live.channel set hidden = true;
select is(pg_temp.found('htv'), '{}', 'a hidden channel is not found');
select is_empty($$ select i.id from search.items('{programme}', array(select id from search.show), '{1}', 18, 'e', 9) i $$, 'nor are its programmes');
delete from live.programme;
update search.document set gone_at = now() - interval '2 days' where kind = 'programme';
select search.prune();
select is((select count(*) from search.show) + (select count(*) from search.document where kind = 'programme'), 0::bigint, 'titles without programmes are forgotten');

-- bulk writes are noted, and worked off after them
create function pg_temp.catch_up() returns int language plpgsql as $$
	declare n int := 0; begin while search.catch_up() loop n := n + 1; end loop; return n; end $$;
insert into content.item (kind, title, min_age) select 'movie', 'Bulk Number ' || n, 0 from generate_series(1, 450) n;
select ok(not pg_temp.has('movie', 'Bulk Number 450'), 'of many rows no document is made by their writer');
select is((select array_agg(cardinality(ref_ids) order by id) from search.stale), '{200,200,50}', 'they are noted');
update content.item set title = 'Bulk Renamed' where title = 'Bulk Number 7';
select ok(pg_temp.has('movie', 'Bulk Renamed'), 'a single write meanwhile is found at once');
select is((select count(*) from search.stale), 4::bigint, 'and noted after the others, which may have been read before it');
select is(pg_temp.catch_up(), 4, 'worked off');
select is((select count(*) from search.document where title like 'Bulk Number%'), 449::bigint, 'all are there');
select is((select count(*) from search.stale), 0::bigint, 'nothing is noted any more');
delete from content.item where title like 'Bulk%';
select is(pg_temp.catch_up(), 3, 'a bulk delete is noted, too');
select is((select count(*) from search.document where title like 'Bulk%' and gone_at is null), 0::bigint, 'and worked off');

-- a guide that is imported
update live.channel set hidden = false;
set local tv.importing = on; set local tv.pages = made;
insert into live.programme (channel_id, start_at, end_at, title, min_age)
	select id, now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour', 'Imported ' || n % 250, 6 from channel, generate_series(0, 499) n;
select is_empty('select from search.stale', 'an import of programmes is not looked at');
insert into live.guide_state (channel_id, digest) select id, 'x' from channel;
set local tv.importing = off; set local tv.pages = '';
select results_eq('select kind::text, ref_ids from search.stale', 'select null::text, array[id] from channel', 'but which guides it has changed is noted');
insert into search.stale (ref_ids) select ref_ids from search.stale;
select is(pg_temp.catch_up(), 4, 'guides are read, and their titles are made in steps, once');
select is((select count(*) from search.document where kind = 'programme' and gone_at is null), 250::bigint, 'one document for each title');
update live.guide_state set digest = 'y';
select is(pg_temp.catch_up(), 1, 'the same titles again');
select is(pg_temp.found('imported 77'), '{"Imported 77"}', 'found');
create function pg_temp.shown(text) returns bigint language sql as $$
	select count(*) from search.showings($1, 18) s $$;
set local tv.importing = on; set local tv.pages = made;
update live.programme set title = 'Imported Anew' where start_at = now() + interval '7 hours';
update live.programme set start_at = start_at + interval '1 minute' where start_at = now() + interval '8 hours';
delete from live.programme where start_at = now() + interval '9 hours';
set local tv.importing = off; set local tv.pages = '';
select is(array(select pg_temp.shown(t) from unnest('{Imported 7,Imported 8,Imported 9}'::text[]) t), '{1,1,1}',
	'a showing that an import has changed or removed is not shown');
select is(pg_temp.shown('Imported Anew'), 0::bigint, 'what it became is not known yet');
update live.guide_state set digest = 'z';
select is(pg_temp.catch_up(), 1, 'the guide is read again');
select is((select array_agg(begins) from search.items('{programme}', array(select id from search.show where title = 'Imported Anew'),
	'{1}', 18, 'i', 9) i), array[now() + interval '7 hours'], 'and it is shown');
select is(pg_temp.shown('Imported 8'), 2::bigint, 'so is what begins at another time');
update live.programme set title = 'Imported By Hand' where start_at = now() + interval '10 hours';
select is(pg_temp.shown('Imported By Hand'), 1::bigint, 'one programme that an editor changes is shown at once');
select search.prune();
select is((select count(*) from search.showing), (select count(*) from live.programme), 'what was before is pruned');
insert into live.programme (channel_id, start_at, end_at, title, min_age)
	select id, now() + interval '600 hours', now() + interval '601 hours', 'Imported 77', 3 from channel;
select is((select min_age from search.document where title = 'Imported 77'), 3::smallint, 'one programme is looked at when it is written');
delete from live.programme;
update search.document set gone_at = now() where kind = 'programme';

-- the queue
select is((select count(*) from search.queue), 0::bigint, 'nobody empties the queue: nothing is queued');
update search.sync set queueing = true;
update content.item set state = 'published' where id = (select movie from id);
delete from content.item where id = (select series from id);
select set_eq('select kind::text, ref_id from search.queue', $$ select 'movie', movie from id union select 'series', series from id
	union select 'episode', episode from part $$, 'what has changed is queued');
select is((select count(*) from search.document where gone_at is not null and kind in ('series', 'episode')), 2::bigint, 'what is gone leaves its version');
select is(kinds::jsonb, (select jsonb_object_agg(d.kind, d.n) from (select kind, count(*) as n from search.document where gone_at is null group by kind) d),
	'and is not counted') from search.state;
select ok(not kinds::jsonb ? 'series' and kinds::jsonb ? 'channel', 'nor is its kind, when it was the last') from search.state;

-- order
select is(pg_temp.found('fog'), '{}', 'nothing yet');
select pg_temp.item('movie', t) from unnest('{Fog,Fog Lights,Fogbound,The Fog,Into the Fog,Frog}'::text[]) t;
select is(pg_temp.found('fog'), '{Fog,"The Fog","Fog Lights",Fogbound,"Into the Fog"}', 'the whole title, its first word, its beginning, another word');

select * from finish();
rollback;

-- rights.topic is what content.item and its parts say, whatever happens to them: compared with the view that it is made of.
begin;
select no_plan();

create temporary table thing (name text primary key, id bigint not null);
create function pg_temp.id(name text) returns bigint language sql as $$ select t.id from thing t where t.name = $1 $$;
create function pg_temp.item(called text, kind text) returns bigint language plpgsql as $$
declare made bigint;
begin
	insert into content.item (kind, title, min_age) values (item.kind, called, 0) returning id into made;
	insert into thing values (called, made);
	return made;
end $$;
create function pg_temp.apart() returns bigint language sql as $$
	select count(*) from ((table rights.topic except table rights.topic_now) union all (table rights.topic_now except table rights.topic)) t $$;
create function pg_temp.topic(called text) returns text language sql as $$
	select concat_ws(' ', case when t.published then 'published' end, t.min_age, array_to_string(t.targets, ','))
	from rights.topic t where t.item_id = pg_temp.id(called) $$;
create function pg_temp.targets(variadic names text[]) returns text language sql as $$
	select string_agg(case when n like 'c:%' then 'c:' || pg_temp.id(substr(n, 3)) else n end, ',' order by o) from unnest(names) with ordinality u (n, o) $$;

insert into content.genre (slug, name) values ('drama', 'Drama'), ('war', 'War');
select pg_temp.item(n, 'movie') from unnest(array['film', 'gone']) n;
select is(pg_temp.topic('film'), 'published 0 ' || pg_temp.targets('c:film', 'k:movie', '*'), 'a film');
select pg_temp.item('show', 'series'), pg_temp.item('season', 'season'), pg_temp.item('episode', 'episode'), pg_temp.item('other', 'series'),
       pg_temp.item('channel', 'channel');
select is(pg_temp.topic('episode'), null, 'an episode of nothing is no topic');
insert into content.series (id) values (pg_temp.id('show')), (pg_temp.id('other'));
insert into content.season (id, series_id, number) values (pg_temp.id('season'), pg_temp.id('show'), 1);
insert into content.episode (id, series_id, season_id, season_number, number) values (pg_temp.id('episode'), pg_temp.id('show'), pg_temp.id('season'), 1, 1);
insert into live.channel (id, number) values (pg_temp.id('channel'), 1);
select is(pg_temp.topic('episode'), 'published 0 ' || pg_temp.targets('c:episode', 'k:episode', 'k:series', 'c:show', 'k:season', 'c:season', '*'), 'an episode');
select is(pg_temp.topic('season'), 'published 0 ' || pg_temp.targets('c:season', 'k:season', 'k:series', 'c:show', '*'), 'a season');
select is(pg_temp.apart(), 0::bigint, 'made');
update content.item set genres = '{drama,war}', min_age = 12, available_until = now() + interval '1 day' where id = pg_temp.id('show');
select is(pg_temp.topic('episode'), 'published 12 ' || pg_temp.targets('c:episode', 'k:episode', 'k:series', 'c:show', 'g:drama', 'g:war', 'k:season', 'c:season', '*'),
	'what a series is, its episodes are');
select is((select t.closes from rights.topic t where t.item_id = pg_temp.id('season')), now() + interval '1 day', '  and its seasons');
select is(pg_temp.apart(), 0::bigint, 'changed');
update content.item set state = 'draft' where id = pg_temp.id('season');
select is(pg_temp.topic('episode') like 'published%', false, 'without its season no episode is there');
update content.item set state = 'published' where id = pg_temp.id('season');
select is(pg_temp.topic('episode') like 'published%', true, '  until it is');
update live.channel set hidden = true;
select is(pg_temp.topic('channel'), '0 ' || pg_temp.targets('c:channel', 'k:channel', '*'), 'a hidden channel is not published');
update content.genre set slug = 'dramas' where slug = 'drama';
update content.season set series_id = pg_temp.id('other') where id = pg_temp.id('season');
update content.episode set series_id = pg_temp.id('other') where id = pg_temp.id('episode');
select is(pg_temp.topic('episode'), 'published 0 ' || pg_temp.targets('c:episode', 'k:episode', 'k:series', 'c:other', 'k:season', 'c:season', '*'), 'moved to another series');
select is(pg_temp.apart(), 0::bigint, 'moved');
update content.season set number = 3 where id = pg_temp.id('season');
update content.episode set season_number = 3, number = 7 where id = pg_temp.id('episode');
select is((select format('%s x %s', t.season_number, t.number) from rights.topic t where t.item_id = pg_temp.id('episode')), '3 x 7', 'another place in it');
delete from content.item where id in (pg_temp.id('gone'), pg_temp.id('other'));
select is(pg_temp.topic('gone'), null, 'gone');
select is(pg_temp.apart(), 0::bigint, 'and all with it');
select finish();
rollback;

-- Channels, programmes, and the line-up that follows them.
begin;
select no_plan();

insert into live.channel_group (slug, name) values ('news', 'News'), ('film', 'Film');
insert into content.item (kind, title, min_age) values ('channel', 'One', 6);
insert into live.channel (id, number, group_slug, country, languages)
	select id, 5, 'news', 'NO', '{nor,sme}' from content.item where title = 'One';

create function pg_temp.lined_up() returns text language sql as $$
	select string_agg(facet || '=' || number || '/' || min_age, ' ' order by facet collate "C") from live.lineup $$;
select is(pg_temp.lined_up(), '=5/6 c:NO=5/6 c:NO l:nor=5/6 c:NO l:sme=5/6 g:news=5/6 g:news c:NO=5/6 g:news c:NO l:nor=5/6 '
	|| 'g:news c:NO l:sme=5/6 g:news l:nor=5/6 g:news l:sme=5/6 l:nor=5/6 l:sme=5/6', 'a row for each combination of group, country and a language');
update live.channel set number = 7, group_slug = 'film', languages = '{}';
select is(pg_temp.lined_up(), '=7/6 c:NO=7/6 g:film=7/6 g:film c:NO=7/6', 'it follows the channel');
update content.item set min_age = 18 where title = 'One';
select is(pg_temp.lined_up(), '=7/18 c:NO=7/18 g:film=7/18 g:film c:NO=7/18', 'and the age of its item');
update live.channel set hidden = true;
select is(pg_temp.lined_up(), null, 'hidden, it is in none');
update live.channel set hidden = false, country = null, group_slug = null;
select is(pg_temp.lined_up(), '=7/18', 'shown again');
update content.item set state = 'draft' where title = 'One';
select is(pg_temp.lined_up(), null, 'a draft is in none');
update content.item set state = 'published' where title = 'One';
select is(pg_temp.lined_up(), '=7/18', 'published again');
update content.item set title = 'Two', poster = '/two' where title = 'One';
select is((select (name, logo)::text from live.lineup), '(Two,/two)', 'name and logo are those of the item');
update content.item set title = 'One', poster = null where title = 'Two';
select is((select (name, logo)::text from live.lineup), '(One,)', '  and follow it');

prepare programme (text, text) as
	insert into live.programme (channel_id, start_at, end_at, title)
	select id, $1::timestamptz, $2::timestamptz, 'P' from live.channel;
select lives_ok($$execute programme('2026-01-01 10:00Z', '2026-01-01 11:00Z')$$, 'a programme');
select throws_ok($$execute programme('2026-01-01 10:00Z', '2026-01-01 12:00Z')$$, '23505', null, 'another at the same time');
select throws_ok($$execute programme('2026-01-02 10:00Z', '2026-01-02 10:00Z')$$, '23514', null, 'one without length');
select throws_ok($$execute programme('2026-01-02 10:00Z', '2026-01-02 09:00Z')$$, '23514', null, 'one that ends before it starts');
select throws_ok($$execute programme('2026-01-02 10:00Z', '2026-01-03 10:01Z')$$, '23514', null, 'one of more than a day');
select throws_ok($$execute programme('-infinity', '2026-01-03 10:01Z')$$, '23514', null, 'one since ever');
select throws_ok($$update live.channel set country = 'Norway'$$, '23514', null, 'a country that is no code');
select throws_ok($$update live.channel set number = -1$$, '23514', null, 'a negative number');
select throws_ok($$update live.channel set group_slug = 'no-such'$$, '23503', null, 'an unknown group');

create function pg_temp.paged() returns int language sql as $$ select sum(cardinality(start_at))::int from live.guide_page $$;
select is(pg_temp.paged(), 1, 'a programme is on a page of the guide');
set local tv.importing = on; -- all that an importer of before the pages says
select lives_ok($$execute programme('2026-01-01 12:00Z', '2026-01-01 13:00Z')$$, 'another one, imported');
select is(pg_temp.paged(), 2, '  is on it as well');
delete from live.programme where start_at = '2026-01-01 12:00Z';
select is(pg_temp.paged(), 1, '  until it is deleted');
set local tv.importing = off;

delete from content.item where title = 'One';
select is((select count(*) from live.channel) + (select count(*) from live.programme) + (select count(*) from live.lineup)
          + (select count(*) from live.guide_page), 0::bigint,
	'with its item everything of a channel goes');

select finish();
rollback;

-- content.credit_list is what credits and people say, whatever happens to them: compared with the view that it is made of.
begin;
select no_plan();

create temporary table thing (name text primary key, id bigint not null);
create function pg_temp.id(name text) returns bigint language sql as $$ select t.id from thing t where t.name = $1 $$;
create function pg_temp.apart() returns bigint language sql as $$
	select count(*) from ((table content.credit_list except table content.credit_list_now)
	                      union all (table content.credit_list_now except table content.credit_list)) l $$;
create function pg_temp.by(title text) returns text language sql as $$
	select concat_ws('; ', array_to_string(l.actor_names, ','), array_to_string(l.characters, ','), array_to_string(l.crew_names, ','),
	                 array_to_string(l.crew_roles, ','))
	from content.credit_list l where l.item_id = pg_temp.id(title) $$;

with made as (insert into content.item (kind, title, min_age) select 'movie', n, 0 from unnest(array['film', 'sequel', 'bare']) n returning id, title)
	insert into thing select title, id from made;
with made as (insert into content.person (name) select n from unnest(array['Ann', 'Bo', 'Cy']) n returning id, name)
	insert into thing select name, id from made;
select is(pg_temp.by('film'), null, 'by nobody: no row');

insert into content.credit (item_id, person_id, role, character, position)
	select pg_temp.id(f), pg_temp.id(p), r, c, n
	from (values ('film', 'Bo', 'actor', 'Sam', 2), ('film', 'Ann', 'actor', 'Eve', 1), ('film', 'Ann', 'writer', '', 1), ('film', 'Cy', 'director', '', 1),
	             ('sequel', 'Ann', 'actor', 'Eve', 1)) v (f, p, r, c, n);
select is(pg_temp.by('film'), 'Ann,Bo; Eve,Sam; Cy,Ann; director,writer', 'actors in order, then the others');
select is(pg_temp.by('sequel'), 'Ann; Eve', '  and the other title');
select is(pg_temp.apart(), 0::bigint, 'made');
update content.person set name = 'Anne' where id = pg_temp.id('Ann');
select is(pg_temp.by('film') || '|' || pg_temp.by('sequel'), 'Anne,Bo; Eve,Sam; Cy,Anne; director,writer|Anne; Eve', 'another name, in all titles');
update content.credit set character = 'Max' where (item_id, role, position) = (pg_temp.id('film'), 'actor', 2);
select is(pg_temp.by('film'), 'Anne,Bo; Eve,Max; Cy,Anne; director,writer', 'another character');
update content.credit set item_id = pg_temp.id('bare') where item_id = pg_temp.id('sequel');
select is(pg_temp.by('bare') || coalesce(pg_temp.by('sequel'), ' none'), 'Anne; Eve none', 'moved to another title');
select is(pg_temp.apart(), 0::bigint, 'changed');
delete from content.person where id = pg_temp.id('Ann');
select is(pg_temp.by('film'), 'Bo; Max; Cy; director', 'somebody gone');
select is(pg_temp.by('bare'), null, '  from a title of nobody else');
select content.save_credits(pg_temp.id('film'), '[]');
select is(pg_temp.by('film'), null, 'all credits taken away');
select content.save_credits(pg_temp.id('film'), format('[{"person_id": %s, "role": "host"}]', pg_temp.id('Cy'))::json);
select is(pg_temp.by('film'), 'Cy; host', 'only others');
delete from content.item where id = pg_temp.id('film');
select is(pg_temp.apart(), 0::bigint, 'a title gone');
select finish();
rollback;

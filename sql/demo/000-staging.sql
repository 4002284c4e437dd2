-- What the other files of the demonstration share: the table that they put titles into, and the
-- function that moves these into content. Nothing of it is granted to any program.
-- What exists already stays as it is, however it was changed since. Bodies are strings, so that
-- no migration of content finds them in its way.

-- What exists already is no news.
set client_min_messages = warning;

create schema if not exists demo;

create table if not exists demo.title (
	key text not null,
	id bigint,
	kind text not null,
	series_key text,
	season_key text,
	season_number int,
	number int,
	title text not null,
	original_title text,
	year int,
	minutes int,
	genres text not null default '',
	rating text not null,
	countries text not null default '',
	popularity int not null default 0,
	air_date date,
	opens_in int,
	closes_in int,
	crew text not null default '',
	players text not null default '',
	synopsis text,
	constraint title_pkey primary key (key)
);
comment on table demo.title is 'titles on their way into content; empty between the files';
comment on column demo.title.key is 'content.external_id.value of scheme demo';
comment on column demo.title.genres is 'slugs, "comedy, silent"; countries likewise';
comment on column demo.title.rating is 'a code of the system age';
comment on column demo.title.opens_in is 'days from the first load to available_from';
comment on column demo.title.closes_in is 'days from the first load to available_until';
comment on column demo.title.crew is '"director: Buster Keaton; writer: Clyde Bruckman"';
comment on column demo.title.players is '"Max Schreck = Count Orlok; Greta Schröder = Ellen"';

create or replace view demo.title_credit as
	select t.id as item_id, 'actor' as role, trim(split_part(p.entry, '=', 1)) as name,
	       trim(split_part(p.entry, '=', 2)) as part, p.n::int as position
	from demo.title t
	cross join string_to_table(nullif(t.players, ''), ';') with ordinality p (entry, n)
	union all
	select t.id, trim(split_part(c.entry, ':', 1)), trim(split_part(c.entry, ':', 2)), '', c.n::int
	from demo.title t
	cross join string_to_table(nullif(t.crew, ''), ';') with ordinality c (entry, n);
comment on view demo.title_credit is 'crew and players of demo.title, one person a row';

create or replace function demo.days_ago(key text) returns int
	language sql immutable strict
	return 1 + ('x' || left(md5(split_part(key, '/', 1)), 7))::bit(28)::int % 240;
comment on function demo.days_ago(text) 
	is 'spreads titles over eight months; the same for a series and its episodes';

create or replace procedure demo.add_items()
	language sql set search_path = ''
	as $$
		insert into content.item (id, kind, title, original_title, year, runtime, synopsis, genres,
		                          rating_code, min_age, popularity, added_at,
		                          available_from, available_until)
			overriding system value
			select t.id, t.kind, t.title, t.original_title, t.year, t.minutes * 60, t.synopsis,
			       string_to_array(replace(t.genres, ' ', ''), ','),
			       t.rating, r.min_age, t.popularity,
			       d.today - demo.days_ago(t.key) * interval '1 day',
			       d.today + t.opens_in * interval '1 day',
			       d.today + t.closes_in * interval '1 day'
			from demo.title t
			left join content.rating r on r.system = 'age' and r.code = t.rating
			cross join (select date_trunc('day', now(), 'UTC') as today) d
			order by t.id;
		insert into content.external_id (scheme, value, item_id)
			select 'demo', t.key, t.id
			from demo.title t;
$$;

create or replace procedure demo.add_kinds()
	language sql set search_path = ''
	as $$
		insert into content.movie (id, countries)
			select t.id, string_to_array(replace(t.countries, ' ', ''), ',')
			from demo.title t
			where t.kind = 'movie';
		insert into content.series (id, countries)
			select t.id, string_to_array(replace(t.countries, ' ', ''), ',')
			from demo.title t
			where t.kind = 'series';
		insert into content.season (id, series_id, number)
			select t.id, e.item_id, t.number
			from demo.title t
			join content.external_id e on e.scheme = 'demo' and e.value = t.series_key
			where t.kind = 'season';
		insert into content.episode (id, series_id, season_id, season_number, number, air_date)
			select t.id, e.item_id, s.item_id, t.season_number, t.number, t.air_date
			from demo.title t
			join content.external_id e on e.scheme = 'demo' and e.value = t.series_key
			join content.external_id s on s.scheme = 'demo' and s.value = t.season_key
			where t.kind = 'episode';
$$;

create or replace procedure demo.add_credits()
	language sql set search_path = ''
	as $$
		insert into content.person (name)
			select c.name
			from demo.title_credit c
			where not exists (select from content.person p where p.name = c.name)
			group by c.name
			order by min(c.item_id), c.name;
		insert into content.credit (item_id, person_id, role, character, position)
			select c.item_id, p.id, c.role, c.part, c.position
			from demo.title_credit c
			join (select name, min(id) as id
			      from content.person
			      group by name) p on p.name = c.name;
$$;

create or replace procedure demo.add_titles()
	language plpgsql set search_path = ''
	as $$
begin
	delete from demo.title t
		using content.external_id e
		where e.scheme = 'demo' and e.value = t.key;
	update demo.title t
		set id = n.id
		from (select o.key, nextval(pg_get_serial_sequence('content.item', 'id')) as id
		      from (select key from demo.title order by key collate "C") o) n
		where n.key = t.key;
	call demo.add_items();
	call demo.add_kinds();
	call demo.add_credits();
	delete from demo.title;
end $$;
comment on procedure demo.add_titles()
	is 'moves demo.title into content, leaving out what is there already';

-- Genres are known by their slug, which is made of the name as everywhere.
insert into content.genre (slug, name)
	select public.slug(g.name), g.name
	from unnest(array[
		'Adventure', 'Animation', 'Biography', 'Children', 'Comedy', 'Crime', 'Documentary',
		'Drama', 'Family', 'Fantasy', 'Film Noir', 'History', 'Horror', 'Musical', 'Mystery',
		'Nature', 'Romance', 'Science Fiction', 'Short', 'Silent', 'Thriller', 'War', 'Western'
	]) g (name)
	on conflict do nothing;

-- Everything that can be watched has one row in content.item; a table a kind holds what the others do not have.

create table content.rating (
	system text not null,
	code text not null,
	min_age smallint not null,
	constraint rating_pkey primary key (system, code),
	constraint rating_min_age_range check (min_age between 0 and 18)
);
comment on table content.rating is 'rating codes by system: MPA films, US television, and age marks of streaming services';
insert into content.rating (system, code, min_age) values
	('mpa', 'G', 0), ('mpa', 'PG', 8), ('mpa', 'PG-13', 13), ('mpa', 'R', 17), ('mpa', 'NC-17', 18),
	('ustv', 'TV-Y', 0), ('ustv', 'TV-Y7', 7), ('ustv', 'TV-Y7-FV', 7), ('ustv', 'TV-G', 0),
	('ustv', 'TV-PG', 8), ('ustv', 'TV-14', 14), ('ustv', 'TV-MA', 17),
	('age', 'ALL', 0), ('age', 'ALL_AGES', 0), ('age', '0+', 0), ('age', '6+', 6), ('age', '7+', 7), ('age', '9+', 9),
	('age', '12+', 12), ('age', '13+', 13), ('age', '15+', 15), ('age', '16', 16), ('age', '16+', 16),
	('age', 'AGES_16_', 16), ('age', '18', 18), ('age', '18+', 18), ('age', 'AGES_18_', 18);

create table content.genre (
	slug text not null,
	name text not null,
	version int not null default 1,
	updated_at timestamptz not null default now(),
	id bigint generated always as identity,
	constraint genre_pkey primary key (slug),
	constraint genre_id_key unique (id),
	constraint genre_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60),
	constraint genre_name_length check (length(name) between 1 and 60)
);
create trigger genre_touch before update on content.genre
	for each row execute function public.touch();

create function content.sort_title(title text) returns text
	language sql immutable strict parallel safe
	return regexp_replace(regexp_replace(public.fold(title), '^[^[:alnum:]]+', ''), '^(the|an|a) +', '');
comment on function content.sort_title(text) is 'what a title is sorted by: folded, without a leading English article';

create table content.item (
	id bigint generated always as identity,
	kind text not null,
	title text not null,
	original_title text,
	sort_title text not null generated always as (content.sort_title(title)) stored,
	year smallint,
	runtime int,
	synopsis text,
	genres text[] not null default '{}',
	rating_code text,
	min_age smallint not null default 18,
	poster text,
	state text not null default 'published',
	available_from timestamptz,
	available_until timestamptz,
	added_at timestamptz not null default now(),
	popularity int not null default 0,
	version int not null default 1,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint item_pkey primary key (id),
	constraint item_kind_known check (kind in ('movie', 'series', 'season', 'episode', 'channel')),
	constraint item_title_length check (length(title) between 1 and 300),
	constraint item_year_range check (year between 1870 and 2200),
	constraint item_runtime_range check (runtime between 0 and 360000),
	constraint item_min_age_range check (min_age between 0 and 18),
	constraint item_state_known check (state in ('draft', 'published')),
	constraint item_window_finite check (isfinite(available_from) and isfinite(available_until)),
	constraint item_window_order check (available_from < available_until),
	constraint item_added_finite check (isfinite(added_at)),
	constraint item_genres_no_null check (array_position(genres, null) is null)
);
comment on column content.item.runtime is 'seconds';
comment on column content.item.min_age is 'the youngest age this is for; a title without a known rating is for adults';
comment on column content.item.genres is 'slugs of content.genre, the most telling first';
comment on column content.item.poster is 'a path on this server or an https URL; stored, never fetched';
create trigger item_touch before update on content.item
	for each row execute function public.touch();

create table content.movie (
	id bigint not null,
	countries text[] not null default '{}',
	constraint movie_pkey primary key (id),
	constraint movie_item_fkey foreign key (id) references content.item on delete cascade
);

create table content.series (
	id bigint not null,
	countries text[] not null default '{}',
	constraint series_pkey primary key (id),
	constraint series_item_fkey foreign key (id) references content.item on delete cascade
);

create table content.season (
	id bigint not null,
	series_id bigint not null,
	number int not null,
	constraint season_pkey primary key (id),
	constraint season_item_fkey foreign key (id) references content.item on delete cascade,
	constraint season_series_fkey foreign key (series_id) references content.series on delete cascade,
	constraint season_number_key unique (series_id, number),
	constraint season_number_range check (number between 0 and 9999)
);

create table content.episode (
	id bigint not null,
	series_id bigint not null,
	season_id bigint not null,
	season_number int not null,
	number int not null,
	air_date date,
	constraint episode_pkey primary key (id),
	constraint episode_item_fkey foreign key (id) references content.item on delete cascade,
	constraint episode_series_fkey foreign key (series_id) references content.series on delete cascade,
	constraint episode_season_fkey foreign key (season_id) references content.season on delete cascade,
	constraint episode_number_key unique (series_id, season_number, number),
	constraint episode_number_range check (number between 0 and 99999),
	constraint episode_air_date_finite check (isfinite(air_date))
);
create index episode_season on content.episode (season_id);

create table content.person (
	id bigint generated always as identity,
	name text not null,
	version int not null default 1,
	updated_at timestamptz not null default now(),
	constraint person_pkey primary key (id),
	constraint person_name_length check (length(name) between 1 and 200)
);
comment on table content.person is 'people may share a name; imports without ids take the oldest of that name';
create index person_name on content.person (name, id);
create trigger person_touch before update on content.person
	for each row execute function public.touch();

create table content.credit (
	item_id bigint not null,
	person_id bigint not null,
	role text not null,
	character text not null default '',
	position int not null,
	constraint credit_pkey primary key (item_id, role, position),
	constraint credit_item_fkey foreign key (item_id) references content.item on delete cascade,
	constraint credit_person_fkey foreign key (person_id) references content.person on delete cascade,
	constraint credit_role_known check (role in ('actor', 'director', 'writer', 'producer', 'composer', 'host', 'guest')),
	constraint credit_character_length check (length(character) <= 200)
);
create index credit_person on content.credit (person_id, item_id);

create table content.external_id (
	scheme text not null,
	value text not null,
	item_id bigint not null,
	row_hash bytea,
	constraint external_id_pkey primary key (scheme, value),
	constraint external_id_item_fkey foreign key (item_id) references content.item on delete cascade
);
comment on column content.external_id.row_hash is 'of the imported row: an unchanged row of the next import writes nothing';
create index external_id_item on content.external_id (item_id);

-- What lists walk: for each published movie and series a row for the whole catalogue (genre '') and one for each of its
-- genres, in the orders that lists have. A page costs the same at any depth, with and without a genre.
create table content.listing (
	item_id bigint not null,
	genre text not null,
	kind text not null,
	min_age smallint not null,
	year smallint not null,
	sort_title text not null,
	added_at timestamptz not null,
	popularity int not null,
	available_from timestamptz,
	available_until timestamptz,
	constraint listing_pkey primary key (item_id, genre),
	constraint listing_item_fkey foreign key (item_id) references content.item on delete cascade,
	constraint listing_genre_check check (genre is not null)
);
create index listing_newest on content.listing (kind, genre, added_at desc, item_id desc);
create index listing_title on content.listing (kind, genre, sort_title, item_id);
create index listing_year on content.listing (kind, genre, year desc, item_id desc);
create index listing_popular on content.listing (kind, genre, popularity desc, item_id desc);

-- Imports make thousands of items in a statement: one insert for all of them.
create function content.list_new_items() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into content.listing (item_id, genre, kind, min_age, year, sort_title, added_at, popularity,
	                             available_from, available_until)
		select i.id, g.genre, i.kind, i.min_age, coalesce(i.year, 0), i.sort_title, i.added_at, i.popularity,
		       i.available_from, i.available_until
		from made i
		cross join lateral (select '' as genre union select unnest(i.genres)) g
		where i.state = 'published'
		  and i.kind in ('movie', 'series');
	return null;
end $$;
create trigger item_list_new after insert on content.item
	referencing new table as made
	for each statement execute function content.list_new_items();

create function content.list_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if (old.genres, old.min_age, old.year, old.title, old.added_at, old.popularity, old.state,
	    old.available_from, old.available_until)
	   is not distinct from
	   (new.genres, new.min_age, new.year, new.title, new.added_at, new.popularity, new.state,
	    new.available_from, new.available_until) then
		return null;
	end if;
	delete from content.listing l where l.item_id = new.id;
	if new.state = 'published' then
		insert into content.listing (item_id, genre, kind, min_age, year, sort_title, added_at, popularity,
		                             available_from, available_until)
			select new.id, g.genre, new.kind, new.min_age, coalesce(new.year, 0), new.sort_title, new.added_at,
			       new.popularity, new.available_from, new.available_until
			from (select '' as genre union select unnest(new.genres)) g;
	end if;
	return null;
end $$;
create trigger item_list after update on content.item
	for each row when (new.kind in ('movie', 'series')) execute function content.list_item();

-- A genre that does not exist is refused; genres with titles stay.
create function content.check_genres() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if (select count(*) from content.genre where slug = any (new.genres))
	   < (select count(distinct g) from unnest(new.genres) g) then
		raise foreign_key_violation using constraint = 'item_genres_fkey', message = 'unknown genre';
	end if;
	return new;
end $$;
create trigger item_genres before insert or update of genres on content.item
	for each row when (new.genres <> '{}') execute function content.check_genres();

grant select, insert, update, delete on
	content.item, content.movie, content.series, content.season, content.episode, content.person, content.credit,
	content.genre, content.external_id to tv_ondemand;
grant select on content.rating, content.listing to tv_ondemand;

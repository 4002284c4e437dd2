-- What a list shows of a title stands beside its place in the order: a page is one walk, without a look-up for each title.
-- Titles are read while this runs, and written after it.
lock table content.item in share row exclusive mode;

create table content.listing_made (
	item_id bigint not null,
	added_at timestamptz not null,
	popularity int not null,
	year smallint not null,
	min_age smallint not null,
	kind text not null,
	genre text not null,
	sort_title text not null,
	title text not null,
	genres text[] not null,
	original_title text,
	runtime int,
	rating_code text,
	poster text,
	synopsis text,
	available_from timestamptz,
	available_until timestamptz
);
comment on column content.listing_made.synopsis is 'the first 300 characters';
comment on column content.listing_made.year is '0: none';

-- The rows of a title, in the order of the table's columns.
create function content.listing_of(i content.item) returns setof content.listing_made
	language sql stable
	begin atomic
		select i.id, i.added_at, i.popularity, coalesce(i.year, 0::smallint), i.min_age, i.kind, g.genre, i.sort_title, i.title,
		       i.genres, i.original_title, i.runtime, i.rating_code, i.poster, i.synopsis::varchar(300),
		       i.available_from, i.available_until
		from (select '' as genre union select unnest(i.genres)) g
		where i.state = 'published'
		  and i.kind in ('movie', 'series');
	end;

insert into content.listing_made
	select l.* from content.item i cross join lateral content.listing_of(i) l order by i.id;
alter table content.listing_made
	add constraint listing_made_pkey primary key (item_id, genre),
	add constraint listing_made_item_fkey foreign key (item_id) references content.item on delete cascade;
create index listing_made_newest on content.listing_made (kind, genre, added_at desc, item_id desc)
	include (min_age, available_from, available_until);
create index listing_made_title on content.listing_made (kind, genre, sort_title, item_id)
	include (min_age, available_from, available_until);
create index listing_made_year on content.listing_made (kind, genre, year desc, item_id desc)
	include (min_age, available_from, available_until);
create index listing_made_popular on content.listing_made (kind, genre, popularity desc, item_id desc)
	include (min_age, available_from, available_until);
create index listing_made_coming on content.listing_made (available_from, item_id) where genre = '' and available_from is not null;
create index listing_made_leaving on content.listing_made (available_until, item_id) where genre = '' and available_until is not null;
analyze content.listing_made;
grant select on content.listing_made to tv_ondemand;

create or replace function content.count_genres() returns void
	language sql security definer set search_path = ''
	begin atomic
		update content.genre g set titles = n.titles
			from (select o.slug, count(l.item_id)::int as titles
			      from content.genre o left join content.listing_made l on l.genre = o.slug
			      group by o.slug) n
			where n.slug = g.slug and n.titles <> g.titles;
	end;

drop table content.listing;
alter table content.listing_made rename to listing;
alter table content.listing rename constraint listing_made_pkey to listing_pkey;
alter table content.listing rename constraint listing_made_item_fkey to listing_item_fkey;
alter index content.listing_made_newest rename to listing_newest;
alter index content.listing_made_title rename to listing_title;
alter index content.listing_made_year rename to listing_year;
alter index content.listing_made_popular rename to listing_popular;
alter index content.listing_made_coming rename to listing_coming;
alter index content.listing_made_leaving rename to listing_leaving;

create or replace function content.list_new_items() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into content.listing select l.* from made i cross join lateral content.listing_of(i) l;
	return null;
end $$;

create or replace function content.list_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if (old.genres, old.min_age, old.year, old.title, old.original_title, old.runtime, old.rating_code, old.poster, old.synopsis,
	    old.added_at, old.popularity, old.state, old.available_from, old.available_until)
	   is not distinct from
	   (new.genres, new.min_age, new.year, new.title, new.original_title, new.runtime, new.rating_code, new.poster, new.synopsis,
	    new.added_at, new.popularity, new.state, new.available_from, new.available_until) then
		return null;
	end if;
	delete from content.listing l where l.item_id = new.id;
	insert into content.listing select l.* from content.listing_of(new) l;
	return null;
end $$;

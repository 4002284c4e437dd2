-- How many titles a genre has is counted when titles change, and not by everybody who asks.
-- Titles are read while this runs, and written after it.
lock table content.item in share row exclusive mode;

create table content.genre_tally (
	genre text not null,
	kind text not null,
	min_age smallint not null,
	at timestamptz not null,
	n int not null
);
comment on table content.genre_tally is
	'what has happened by an instant adds up to the open titles: one more at the opening of each, one less at its end. '
	'Writers append, so that none waits for another one; count_genres() puts it together';
grant select on content.genre_tally to tv_ondemand;

create function content.tally_of(i content.item) returns setof content.genre_tally
	language sql stable
	begin atomic
		select l.genre, l.kind, l.min_age, t.at, t.n
		from content.listing_of(i) l
		cross join lateral (values (coalesce(l.available_from, '-infinity'), 1), (l.available_until, -1)) t (at, n)
		where l.genre <> ''
		  and t.at is not null;
	end;

create or replace function content.list_new_items() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into content.listing select l.* from made i cross join lateral content.listing_of(i) l;
	insert into content.genre_tally
		select t.genre, t.kind, t.min_age, t.at, sum(t.n) from made i cross join lateral content.tally_of(i) t group by 1, 2, 3, 4;
	return null;
end $$;

create function content.tally_changed_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into content.genre_tally
		select t.genre, t.kind, t.min_age, t.at, sum(t.n)
		from (select o.genre, o.kind, o.min_age, o.at, -o.n as n from content.tally_of(old) o
		      union all
		      select w.* from content.tally_of(new) w) t
		group by 1, 2, 3, 4
		having sum(t.n) <> 0;
	return null;
end $$;
create trigger item_tally_changed after update on content.item
	for each row
	when ((old.genres, old.kind, old.min_age, old.state, old.available_from, old.available_until)
	      is distinct from (new.genres, new.kind, new.min_age, new.state, new.available_from, new.available_until))
	execute function content.tally_changed_item();

create function content.tally_gone_items() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into content.genre_tally
		select t.genre, t.kind, t.min_age, t.at, -sum(t.n) from gone i cross join lateral content.tally_of(i) t group by 1, 2, 3, 4;
	return null;
end $$;
create trigger item_tally_gone after delete on content.item
	referencing old table as gone
	for each statement execute function content.tally_gone_items();

-- What a writer appends meanwhile is not seen by the second statement, and stays.
create or replace function content.count_genres() returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(hashtext('content.count_genres')); -- two of them would count everything twice
	with put_together as (delete from content.genre_tally)
	insert into content.genre_tally
		select t.genre, t.kind, t.min_age, case when t.at > now() then t.at else '-infinity' end, sum(t.n)
		from content.item i cross join lateral content.tally_of(i) t
		group by 1, 2, 3, 4
		having sum(t.n) <> 0;
	update content.genre g set titles = n.titles
		from (select o.slug, coalesce(sum(t.n) filter (where t.at <= now()), 0)::int as titles
		      from content.genre o left join content.genre_tally t on t.genre = o.slug
		      group by o.slug) n
		where n.slug = g.slug and n.titles <> g.titles;
end $$;
comment on function content.count_genres() is 'for cron: how many titles each genre has';

select content.count_genres();
analyze content.genre_tally;

-- When a title is on. An index of titles on live.programme cost a guide's import two fifths of its time in the database
-- (1.6 of 3.9 s for 500,000 rows) and held up its readers; here the rows of a guide come after its commit, with its documents.

-- What is here need not be so any more: whoever finds it looks at the programme. What is over is pruned at night.
create table search.showing (
	title_hash int not null,
	start_at timestamptz not null,
	programme_id bigint not null
);
comment on table search.showing is 'a row for each programme, since its guide was read; also for what a programme was before it was changed';
comment on column search.showing.title_hash is 'hashtext() of its title';
insert into search.showing (title_hash, start_at, programme_id)
	select hashtext(p.title), p.start_at, p.id from live.programme p order by 1, 2, 3;
alter table search.showing add constraint showing_pkey primary key (title_hash, start_at, programme_id);
drop index live.programme_title;

-- A programme's title; which of them is on when is looked up by whoever finds it. The longest catch-up window is 744 hours.
create or replace function search.source_shows(ids bigint[]) returns setof search.source
	language sql stable
	begin atomic
		select s.id, s.title, array[s.title], null::smallint, search.weigh('programme', 0, null), p.min_age, null::timestamptz,
		       null::timestamptz
		from (
			select s.id, min(greatest(p.min_age, i.min_age)) as min_age
			from unnest(ids) w (id)
			cross join lateral (select s.id, s.title from search.show s where s.id = w.id offset 0) s
			cross join lateral (
				select p.channel_id, p.min_age
				from search.showing n
				join live.programme p on p.id = n.programme_id
				where n.title_hash = hashtext(s.title) and p.title = s.title
				  and p.end_at > now() - interval '744 hours'
				offset 0
			) p
			join content.item i on i.id = p.channel_id
			group by s.id
		) p
		join search.show s on s.id = p.id;
	end;

-- The next showings of a programme's title that this age may see, on two channels at most; else the last one that can
-- still be caught up with.
create or replace function search.showings(of_title text, age int)
	returns table (id bigint, start_at timestamptz, end_at timestamptz, channel_id bigint, channel text, logo text, icon text,
	               subtitle text, year smallint)
	language sql stable
	begin atomic
		with ahead as materialized (
			select p.id, p.start_at, p.end_at, i.id as channel_id, i.title, i.poster, p.icon, p.subtitle, p.year
			from search.showing n
			join live.programme p on p.id = n.programme_id and p.start_at = n.start_at
			join live.channel c on c.id = p.channel_id and not c.hidden
			cross join lateral search.open_item(p.channel_id, age) i
			where n.title_hash = hashtext(of_title) and p.title = of_title and p.min_age <= age
			  and n.start_at > now() - interval '24 hours' and p.end_at > now()
			order by n.start_at, n.programme_id
			limit 2
		)
		select a.id, a.start_at, a.end_at, a.channel_id, a.title, a.poster, a.icon, a.subtitle, a.year from ahead a
		union all
		(select p.id, p.start_at, p.end_at, i.id, i.title, i.poster, p.icon, p.subtitle, p.year
		 from search.showing n
		 join live.programme p on p.id = n.programme_id and p.start_at = n.start_at
		 join live.channel c on c.id = p.channel_id and not c.hidden
		 cross join lateral search.open_item(p.channel_id, age) i
		 where not exists (select from ahead)
		   and n.title_hash = hashtext(of_title) and p.title = of_title and p.min_age <= age
		   and n.start_at > now() - interval '768 hours' and p.end_at <= now()
		   and p.end_at > now() - make_interval(hours => c.catchup_hours)
		 order by n.start_at desc, n.programme_id desc
		 limit 1);
	end;

-- Row by row: a transition table would cost an import its time, although the import says by tv.importing = on that it is not to be
-- looked at, and by its digests which guides are others now.
create or replace function search.programme_written() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into search.showing (title_hash, start_at, programme_id) values (hashtext(new.title), new.start_at, new.id)
		on conflict on constraint showing_pkey do nothing;
	perform search.touch('programme', search.shows_behind(array[new.title], array[greatest(new.min_age, i.min_age)]))
		from content.item i
		where i.id = new.channel_id;
	return null;
end $$;

-- The programmes in these channels' guides: when they are on, and which titles are work, which is noted.
create or replace function search.read_guides(channels bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	titles text[];
	ages smallint[];
	behind bigint[];
begin
	insert into search.showing (title_hash, start_at, programme_id)
		select hashtext(p.title), p.start_at, p.id
		from unnest(channels) w (id)
		join live.programme p on p.channel_id = w.id
		where p.end_at > now() - interval '744 hours'
		order by 1, 2, 3
		on conflict on constraint showing_pkey do nothing;
	select array_agg(t.title), array_agg(t.age) into titles, ages
		from (select p.title, min(greatest(p.min_age, i.min_age)) as age
		      from unnest(channels) w (id)
		      join content.item i on i.id = w.id
		      join live.programme p on p.channel_id = w.id
		      where p.end_at > now() - interval '744 hours'
		      group by p.title) t;
	-- guides come one after the other, and the notes of their titles after them: what waits there is not noted again
	behind := array(select unnest(search.shows_behind(titles, ages))
	                except select unnest(s.ref_ids) from search.stale s where s.kind = 'programme');
	if cardinality(behind) > 200 then
		perform search.touch('programme', behind);
	else
		perform search.refresh('programme', behind);
	end if;
end $$;

-- The next so many things of a kind after an id, as documents; answers the last id, null when there are no more.
create or replace function search.reindex(of_kind search.kind, after_id bigint, how_many int) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	ids bigint[];
begin
	perform pg_advisory_xact_lock(hashtext('search.catch_up'));
	if of_kind = 'programme' and after_id = 0 then
		insert into search.show (title)
			select distinct p.title from live.programme p
			where not exists (select from search.show s where s.title = p.title)
			order by p.title
			on conflict on constraint show_title_key do nothing;
		insert into search.showing (title_hash, start_at, programme_id)
			select hashtext(p.title), p.start_at, p.id from live.programme p
			where not exists (select from search.showing n
			                  where n.title_hash = hashtext(p.title) and n.start_at = p.start_at and n.programme_id = p.id)
			order by 1, 2, 3
			on conflict on constraint showing_pkey do nothing;
	end if;
	select array_agg(n.id order by n.id) into ids
		from (select u.id
		      from ((select i.id from content.item i
		             where i.kind = of_kind::text and i.id > after_id order by i.id limit how_many)
		            union
		            (select p.id from content.person p
		             where of_kind = 'person' and p.id > after_id order by p.id limit how_many)
		            union
		            (select s.id from search.show s
		             where of_kind = 'programme' and s.id > after_id order by s.id limit how_many)
		            union
		            (select d.ref_id from search.document d
		             where d.kind = of_kind and d.ref_id > after_id order by d.ref_id limit how_many)) u (id)
		      order by u.id
		      limit how_many) n;
	perform search.refresh(of_kind, ids);
	return ids[cardinality(ids)];
end $$;

-- Titles that no programme has any more, what is over, and what has been gone for a day.
create or replace function search.prune() returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	shows bigint[];
begin
	perform pg_advisory_xact_lock(hashtext('import'));
	delete from search.showing n
		where not exists (select from live.programme p
		                  where p.id = n.programme_id and p.start_at = n.start_at and hashtext(p.title) = n.title_hash
		                    and p.end_at > now() - interval '744 hours');
	select array_agg(s.id) into shows
		from search.show s
		where not exists (select from search.showing n
		                  join live.programme p on p.id = n.programme_id
		                  where n.title_hash = hashtext(s.title) and p.title = s.title);
	perform search.refresh('programme', shows);
	delete from search.show s where s.id = any (shows);
	delete from search.document d where d.gone_at < now() - interval '1 day';
end $$;

-- A file of another size than all that are known is none of them: it is hashed while it is read.
alter table live.guide_file add column size bigint;
comment on column live.guide_file.size is 'bytes; null: not known';

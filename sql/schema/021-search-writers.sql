-- Who keeps documents up to date. A write of some rows makes their documents again in its own transaction, so that it is found
-- when it is answered; a write of many, or of a whole guide, only notes which, in its transaction, and the program search makes
-- the documents from when it is committed.

-- Makes the documents of these ids again. As long as something noted waits, or is being worked off from what was there before
-- this write, ids are noted besides: they are looked at once more when this is committed.
create function search.touch(of_kind search.kind, ids bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	many boolean := cardinality(ids) > 200;
begin
	if coalesce(cardinality(ids), 0) = 0 then
		return;
	end if;
	if not many then
		perform search.refresh(of_kind, ids);
	end if;
	if many or exists (select from search.stale) then
		insert into search.stale (kind, ref_ids)
			select of_kind, array_agg(w.id order by w.id)
			from (select w.id, (row_number() over (order by w.id) - 1) / 200 as batch from unnest(ids) w (id)) w
			group by w.batch
			order by w.batch;
	end if;
end $$;

create function search.wake() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform pg_notify('search', ''); return null; end $$;
create trigger stale_wake after insert on search.stale
	for each statement execute function search.wake();

create function search.episodes_of(items bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(distinct e.id)
	        from unnest(items) w (id)
	        cross join lateral (select e.id from content.episode e where e.id = w.id
	                            union all select e.id from content.episode e where e.season_id = w.id
	                            union all select e.id from content.episode e where e.series_id = w.id) e);

create function search.people_of(items bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(distinct c.person_id) from unnest(items) w (id) join content.credit c on c.item_id = w.id);

create index episode_series on content.episode (series_id);

create function search.shows_of(channels bigint[]) returns bigint[]
	language sql stable
	return (select array_agg(s.id)
	        from search.show s
	        where s.title in (select p.title from unnest(channels) w (id) join live.programme p on p.channel_id = w.id
	                          where p.end_at > now() - interval '744 hours'));

-- closing: those of the items whose age, window or state has changed; what belongs to them changes with them.
create function search.refresh_items(items bigint[], closing bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	episodes bigint[] := search.episodes_of(closing);
begin
	perform search.touch(k.kind, array(select i.id from unnest(items) w (id) join content.item i on i.id = w.id
		                                     where i.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series', 'channel');
	perform search.touch('episode', array(select e.id from unnest(items) w (id) join content.episode e on e.id = w.id
	                                        union select unnest(episodes)));
	perform search.touch('person', search.people_of(closing || episodes));
	perform search.touch('programme',
	                       search.shows_of(array(select c.id from unnest(closing) w (id) join live.channel c on c.id = w.id)));
end $$;

create function search.items_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.touch(k.kind, array(select m.id from made m where m.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series');
	return null;
end $$;
create trigger item_search_made after insert on content.item
	referencing new table as made
	for each statement execute function search.items_made();

create function search.items_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	items bigint[];
	closing bigint[];
begin
	select array_agg(n.id),
	       array_agg(n.id) filter (where (o.state, o.min_age, o.available_from, o.available_until)
	                                     is distinct from (n.state, n.min_age, n.available_from, n.available_until))
		into items, closing
		from was o
		join made n on n.id = o.id
		where (o.title, o.original_title, o.alternative_titles, o.year, o.popularity, o.state, o.min_age,
		       o.available_from, o.available_until)
		      is distinct from
		      (n.title, n.original_title, n.alternative_titles, n.year, n.popularity, n.state, n.min_age,
		       n.available_from, n.available_until);
	if items is not null then
		perform search.refresh_items(items, closing);
	end if;
	return null;
end $$;
create trigger item_search_changed after update on content.item
	referencing old table as was new table as made
	for each statement execute function search.items_changed();

create function search.items_gone() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.touch(k.kind, array(select o.id from was o where o.kind = k.kind::text))
		from unnest(enum_range(null::search.kind)) k (kind)
		where k.kind in ('movie', 'series', 'channel', 'episode');
	return null;
end $$;
create trigger item_search_gone after delete on content.item
	referencing old table as was
	for each statement execute function search.items_gone();

create function search.episodes_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	episodes bigint[] := array(select m.id from made m);
begin
	perform search.touch('episode', episodes), search.touch('person', search.people_of(episodes));
	return null;
end $$;
create trigger episode_search_made after insert on content.episode
	referencing new table as made
	for each statement execute function search.episodes_made();
create trigger episode_search_changed after update on content.episode
	referencing new table as made
	for each statement execute function search.episodes_made();

create function search.credits_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.touch('person', array(select distinct m.person_id from made m)); return null; end $$;
create function search.credits_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.touch('person', array(select m.person_id from made m union select o.person_id from was o));
	return null;
end $$;
create trigger credit_search_made after insert on content.credit
	referencing new table as made
	for each statement execute function search.credits_made();
create trigger credit_search_gone after delete on content.credit
	referencing old table as made
	for each statement execute function search.credits_made();
create trigger credit_search_changed after update on content.credit
	referencing old table as was new table as made
	for each statement execute function search.credits_changed();

-- Somebody without credits is not found, so a new person is nothing to do.
create function search.people_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.touch('person', array(select m.id from made m)); return null; end $$;
create trigger person_search_changed after update on content.person
	referencing new table as made
	for each statement execute function search.people_changed();
create trigger person_search_gone after delete on content.person
	referencing old table as made
	for each statement execute function search.people_changed();

create function search.channels_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform search.touch('channel', array(select m.id from made m)); return null; end $$;
create trigger channel_search_made after insert on live.channel
	referencing new table as made
	for each statement execute function search.channels_changed();
create trigger channel_search_changed after update on live.channel
	referencing new table as made
	for each statement execute function search.channels_changed();

-- Of a guide, only titles that are new, or are for younger people than before, are work.
create function search.shows_behind(titles text[], ages smallint[]) returns bigint[]
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into search.show (title)
		select t.title from unnest(titles) t (title)
		where not exists (select from search.show s where s.title = t.title)
		order by t.title
		on conflict on constraint show_title_key do nothing;
	return array(
		select s.id
		from unnest(titles, ages) t (title, age)
		join search.show s on s.title = t.title
		left join search.document d on d.kind = 'programme' and d.ref_id = s.id and d.gone_at is null
		where d.ref_id is null or d.min_age > t.age);
end $$;

-- Row by row: a transition table would cost an import its time, although the import says by tv.importing = on that it is not to be
-- looked at, and by its digests which guides are others now.
create function search.programme_written() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform search.touch('programme', search.shows_behind(array[new.title], array[greatest(new.min_age, i.min_age)]))
		from content.item i
		where i.id = new.channel_id;
	return null;
end $$;
create trigger programme_search after insert or update on live.programme
	for each row when (current_setting('tv.importing', true) is distinct from 'on')
	execute function search.programme_written();

create function search.guides_imported() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into search.stale (ref_ids)
		select array_agg(m.channel_id)
		from (select m.channel_id, (row_number() over (order by m.channel_id) - 1) / 50 as batch from made m) m
		group by m.batch
		order by m.batch;
	return null;
end $$;
create trigger guide_search_made after insert on live.guide_state
	referencing new table as made
	for each statement execute function search.guides_imported();
create trigger guide_search_changed after update on live.guide_state
	referencing new table as made
	for each statement execute function search.guides_imported();

-- The titles in these channels' guides; those that are work are noted.
create function search.read_guides(channels bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	titles text[];
	ages smallint[];
	behind bigint[];
begin
	select array_agg(t.title), array_agg(t.age) into titles, ages
		from (select p.title, min(greatest(p.min_age, i.min_age)) as age
		      from unnest(channels) w (id)
		      join content.item i on i.id = w.id
		      join live.programme p on p.channel_id = w.id
		      where p.end_at > now() - interval '744 hours'
		      group by p.title) t;
	behind := search.shows_behind(titles, ages);
	if cardinality(behind) > 200 then
		perform search.touch('programme', behind);
	else
		perform search.refresh('programme', behind);
	end if;
end $$;

-- One step of what is left to do after bulk writes: the oldest that was noted. False when nothing is. One at a time: a second
-- one would make documents of what was there before.
create function search.catch_up() returns boolean
	language plpgsql security definer set search_path = '' set lock_timeout = '5s'
	as $$
declare
	noted search.stale;
begin
	perform pg_advisory_xact_lock(hashtext('search.catch_up'));
	delete from search.stale s
		where s.id = (select min(o.id) from search.stale o)
		returning s.* into noted;
	if noted.id is null then
		return false;
	end if;
	if noted.kind is null then
		perform search.read_guides(noted.ref_ids);
	else
		perform search.refresh(noted.kind, noted.ref_ids);
	end if;
	return true;
end $$;

-- --- keeping

-- The next so many things of a kind after an id, as documents; answers the last id, null when there are no more.
create function search.reindex(of_kind search.kind, after_id bigint, how_many int) returns bigint
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

-- Titles that no programme has any more, and what has been gone for a day.
create function search.prune() returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	shows bigint[];
begin
	perform pg_advisory_xact_lock(hashtext('import'));
	select array_agg(s.id) into shows
		from search.show s
		where not exists (select from live.programme p
		                  where hashtext(p.title) = hashtext(s.title) and p.title = s.title
		                    and p.end_at > now() - interval '744 hours');
	perform search.refresh('programme', shows);
	delete from search.show s where s.id = any (shows);
	delete from search.document d where d.gone_at < now() - interval '1 day';
end $$;

-- What is here already is made into documents by cron's first minute.
update search.sync s set reindex_at = now() where exists (select from content.item);

revoke execute on all functions in schema search from public;
grant execute on function search.catch_up(), search.reindex(search.kind, bigint, int), search.prune() to tv_search;

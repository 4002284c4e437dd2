-- What is kept of several rows is right also when those rows change at once: of two who change them the second one waits, and
-- looks after that.

-- --- rights.topic

drop trigger item_topic_made on content.item;
drop trigger item_topic_changed on content.item;
do $$
declare
	t regclass;
begin
	foreach t in array array['content.season', 'content.episode', 'live.channel']::regclass[] loop
		execute format('drop trigger topic_made on %s', t);
		execute format('drop trigger topic_changed on %s', t);
	end loop;
end $$;
drop function rights.topics_made();
drop function rights.topics_changed();
drop function rights.keep_topics(bigint[]);

create function rights.write_topics(ids bigint[]) returns void
	language plpgsql -- plans the first times for as many as there are
	as $$
begin
	insert into rights.topic
		select n.* from unnest(ids) w (id) join rights.topic_now n on n.item_id = w.id
		on conflict on constraint topic_pkey do update
			set kind = excluded.kind, published = excluded.published, season_id = excluded.season_id, series_id = excluded.series_id,
			    genres = excluded.genres, min_age = excluded.min_age, opens = excluded.opens, closes = excluded.closes,
			    items = excluded.items, targets = excluded.targets
			where topic.* is distinct from excluded.*;
end $$;

-- Whoever changes something holds the topics of it, of its parts and of its series until the end. A new part is seen by nobody
-- else: its series is what they meet at. While one waits, parts come, go and move: then those are held as well.
create function rights.keep_topics(changed bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	ids bigint[];
	held bigint[];
begin
	loop
		ids := array(
			select unnest(changed)
			union select s.id from content.season s where s.series_id = any (changed)
			union select e.id from content.episode e where e.series_id = any (changed)
			union select e.id from content.episode e where e.season_id = any (changed)
			union select s.series_id from content.season s where s.id = any (changed)
			union select e.series_id from content.episode e where e.id = any (changed)
			order by 1);
		exit when ids = held;
		perform from rights.topic t where t.item_id = any (ids) order by t.item_id for no key update;
		held := ids;
	end loop;
	perform rights.write_topics(ids);
end $$;

-- What writes in several statements holds the topics of all series that these are, or are part of, before the first of them, so that
-- two do not wait for each other. What has moved meanwhile is let go, and all is held anew in order.
create function rights.series_of(ids bigint[]) returns bigint[]
	language plpgsql stable
	as $$
begin
	return array(
		select s.id from content.series s where s.id = any (ids)
		union select s.series_id from content.season s where s.id = any (ids)
		union select e.series_id from content.episode e where e.id = any (ids)
		order by 1);
end $$;
create function rights.hold_topics(changing bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	series bigint[];
begin
	loop
		series := rights.series_of(changing);
		begin
			perform from rights.topic t where t.item_id = any (series) order by t.item_id for no key update;
			exit when rights.series_of(changing) = series;
			raise serialization_failure;
		exception when serialization_failure then
			null;
		end;
	end loop;
end $$;
revoke execute on function rights.hold_topics(bigint[]) from public;
grant execute on function rights.hold_topics(bigint[]) to tv_ondemand;

create function rights.topics_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform rights.write_topics(array(select m.id from made m)); return null; end $$;
create function rights.part_topics_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform from rights.topic t where t.item_id in (select m.series_id from made m) order by t.item_id for no key update;
	perform rights.write_topics(array(select m.id from made m));
	return null;
end $$;
-- Arguments: the columns that topics are made of.
create function rights.topics_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	changed bigint[];
begin
	execute format('select array(select m.id from made m join was w on w.id = m.id where (%s) is distinct from (%s))',
	               'm.' || array_to_string(tg_argv, ', m.'), 'w.' || array_to_string(tg_argv, ', w.'))
		into changed;
	if changed <> '{}' then
		perform rights.keep_topics(changed);
	end if;
	return null;
end $$;

-- Triggers fire in the order of their names. These come before those of search: who makes documents of what changes with a series
-- holds its topic by then, so that these are right, too, and nobody waits the other way round.
create trigger before_others_topic_made after insert on content.item
	referencing new table as made for each statement execute function rights.topics_made();
create trigger before_others_topic_made after insert on content.season
	referencing new table as made for each statement execute function rights.part_topics_made();
create trigger before_others_topic_made after insert on content.episode
	referencing new table as made for each statement execute function rights.part_topics_made();
create trigger before_others_topic_made after insert on live.channel
	referencing new table as made for each statement execute function rights.topics_made();
create trigger before_others_topic_changed after update on content.item
	referencing old table as was new table as made for each statement
	execute function rights.topics_changed('kind', 'state', 'genres', 'min_age', 'available_from', 'available_until');
create trigger before_others_topic_changed after update on content.season
	referencing old table as was new table as made for each statement execute function rights.topics_changed('series_id');
create trigger before_others_topic_changed after update on content.episode
	referencing old table as was new table as made for each statement execute function rights.topics_changed('series_id', 'season_id');
create trigger before_others_topic_changed after update on live.channel
	referencing old table as was new table as made for each statement execute function rights.topics_changed('hidden');
select rights.write_topics(array(select i.id from content.item i));

-- --- live.lineup

-- Who changes the channel itself has its row already.
create or replace function live.line_up_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform from live.channel c where c.id = new.id for no key update;
	perform live.line_up(array[new.id]);
	return null;
end $$;
select live.line_up(array(select c.id from live.channel c));

-- --- editing

create or replace function content.save_series(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
	perform rights.hold_topics(array[save_series.id]);
	saved := content.save_item('series', id, wanted, b);
	if saved is not null then
		insert into content.series (id, countries) values (saved, array(select json_array_elements_text(b -> 'countries')))
			on conflict on constraint series_pkey do update set countries = excluded.countries;
		perform content.save_parts(saved, b);
	end if;
	return saved;
end $$;

create or replace function content.save_season(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	saved bigint;
begin
	perform rights.hold_topics(array[save_season.id, (b ->> 'series_id')::bigint]);
	if not exists (select from content.series s where s.id = (b ->> 'series_id')::bigint) then
		perform public.refuse(422, 'unknown_series');
	end if;
	saved := content.save_item('season', id, wanted, b);
	if saved is not null then
		insert into content.season (id, series_id, number)
			values (saved, (b ->> 'series_id')::bigint, (b ->> 'number')::int)
			on conflict on constraint season_pkey do update set series_id = excluded.series_id, number = excluded.number;
		update content.episode e set series_id = s.series_id, season_number = s.number
			from content.season s
			where s.id = saved and e.season_id = saved
			  and (e.series_id, e.season_number) <> (s.series_id, s.number);
	end if;
	return saved;
end $$;

create or replace function content.save_episode(id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	of_season content.season;
	saved bigint;
begin
	perform rights.hold_topics(array[save_episode.id, (b ->> 'season_id')::bigint]);
	select * into of_season from content.season s where s.id = (b ->> 'season_id')::bigint for share;
	if not found then
		perform public.refuse(422, 'unknown_season');
	end if;
	saved := content.save_item('episode', id, wanted, b);
	if saved is not null then
		insert into content.episode (id, series_id, season_id, season_number, number, air_date)
			values (saved, of_season.series_id, of_season.id, of_season.number, (b ->> 'number')::int,
			        (b ->> 'air_date')::date)
			on conflict on constraint episode_pkey
			do update set series_id = excluded.series_id, season_id = excluded.season_id,
			              season_number = excluded.season_number, number = excluded.number,
			              air_date = excluded.air_date;
		perform content.save_parts(saved, b);
	end if;
	return saved;
end $$;

create function content.remove(item_kind text, item_id bigint, wanted int[]) returns boolean
	language plpgsql set search_path = ''
	as $$
begin
	perform rights.hold_topics(array[item_id]);
	delete from content.item i
		where i.id = item_id
		  and i.kind = item_kind
		  and public.matched(i.version, wanted);
	return found;
end $$;

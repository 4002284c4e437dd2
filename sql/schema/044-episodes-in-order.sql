-- An episode's place stands with what counts for customers of it and of all that it is part of: the next one and the one before are
-- a step along one index, and a card is an item and its topic, without its season and series.
create or replace view rights.topic_now as
	select i.id as item_id, i.kind,
	       i.state = 'published' and coalesce(se.state, 'published') = 'published' and coalesce(sr.state, 'published') = 'published'
	           and not coalesce(c.hidden, false) as published,
	       se.id as season_id, sr.id as series_id, i.genres, greatest(i.min_age, sr.min_age) as min_age,
	       greatest(i.available_from, se.available_from, sr.available_from) as opens,
	       least(i.available_until, se.available_until, sr.available_until) as closes,
	       array_remove(array[i.id, se.id, sr.id], null) as items,
	       string_to_array(concat_ws(',', 'c:' || i.id, 'k:' || i.kind, 'g:' || nullif(array_to_string(i.genres, ',g:'), ''),
	                                 'k:series,c:' || sr.id, 'g:' || nullif(array_to_string(sr.genres, ',g:'), ''),
	                                 'k:season,c:' || se.id, '*'), ',') collate "C" as targets,
	       e.season_number, e.number
	from content.item i
	left join content.season s on s.id = i.id
	left join content.episode e on e.id = i.id
	left join content.item se on se.id = e.season_id
	left join content.item sr on sr.id = coalesce(e.series_id, s.series_id)
	left join live.channel c on c.id = i.id
	where case i.kind when 'channel' then c.id is not null when 'season' then s.id is not null when 'episode' then e.id is not null
	                  else true end;

alter table rights.topic add column season_number int, add column number int;
comment on column rights.topic.number is 'of an episode, in its season';
create or replace function rights.write_topics(ids bigint[]) returns void
	language plpgsql -- plans the first times for as many as there are
	as $$
begin
	insert into rights.topic
		select n.* from unnest(ids) w (id) join rights.topic_now n on n.item_id = w.id
		on conflict on constraint topic_pkey do update
			set kind = excluded.kind, published = excluded.published, season_id = excluded.season_id, series_id = excluded.series_id,
			    genres = excluded.genres, min_age = excluded.min_age, opens = excluded.opens, closes = excluded.closes,
			    items = excluded.items, targets = excluded.targets, season_number = excluded.season_number, number = excluded.number
			where topic.* is distinct from excluded.*;
end $$;
drop trigger before_others_topic_changed on content.episode;
create trigger before_others_topic_changed after update on content.episode
	referencing old table as was new table as made for each statement
	execute function rights.topics_changed('series_id', 'season_id', 'season_number', 'number');
select rights.write_topics(array(select e.id from content.episode e));
create index topic_episode on rights.topic (series_id, season_number, number) where number is not null;
analyze rights.topic;
grant select on rights.topic to tv_ondemand;

create or replace view content.card as
	select i.id, i.kind, i.title, i.original_title, i.year, i.runtime, i.genres, i.rating_code, i.min_age, i.poster,
	       i.synopsis::varchar(300)::text as synopsis, i.available_from, i.available_until,
	       t.min_age as effective_age,
	       case when t.number is not null then t.series_id end as series_id, t.season_number, t.number as episode_number
	from rights.topic t
	join content.item i on i.id = t.item_id
	where t.published
	  and (t.opens is null or t.opens <= now())
	  and (t.closes is null or t.closes > now());
comment on view content.card is 'published items whose window is open now; a part also needs that of what it is part of';

create or replace function content.next_episode(episode_id bigint) returns table (id bigint)
	language plpgsql stable strict security definer set search_path = ''
	as $$
begin
	return query select n.item_id
		from rights.topic e
		join rights.topic n on n.series_id = e.series_id
			and n.number is not null
			and (n.season_number, n.number) > (e.season_number, e.number)
		where e.item_id = episode_id
		  and n.published
		  and (select (t.available_from is null or t.available_from <= now())
		              and (t.available_until is null or t.available_until > now())
		       from content.item t
		       where t.id = n.season_id)
		order by n.season_number, n.number
		limit 1;
end $$;

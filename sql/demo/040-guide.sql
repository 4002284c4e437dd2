-- The guide of the demonstration's channels, which cron keeps a week ahead: live.demo_guide().
-- The same channel and day always give the same programmes. Days are those of UTC.

-- One day of a channel with a plan.
create or replace function demo.planned_day(channel_template text, day date)
	returns table (start_at timestamptz, end_at timestamptz, title text, subtitle text,
	               synopsis text, category text, season int, episode int, min_age int)
	language sql stable set search_path = ''
	as $$
		with slot as (
			select left(s.entry, 4) as clock, substr(s.entry, 6) as slug
			from demo.day_plan p
			cross join string_to_table(p.plan, ', ') s (entry)
			where p.template = channel_template
			  and p.days = case when extract(isodow from day) < 6 then 'weekday' else 'weekend' end
		), timed as (
			select day + make_time(left(clock, 2)::int, right(clock, 2)::int, 0) as at, slug
			from slot
		), spanned as (
			select at, lead(at, 1, (day + 1)::timestamp) over (order by at) as until, slug
			from timed
		)
		select s.at at time zone 'UTC', s.until at time zone 'UTC', w.title,
		       t.subtitles[1 + n.number % nullif(array_length(t.subtitles, 1), 0)],
		       w.synopsis, w.category, 1 + n.number / w.episodes % w.seasons,
		       1 + n.number % w.episodes, w.min_age
		from spanned s
		left join demo.show w on w.template = channel_template and w.slug = s.slug
		-- From a Monday, so that what comes weekly moves on between two weeks.
		cross join lateral (select (day - date '2019-12-30') / w.every as number) n
		cross join lateral (select string_to_array(w.subtitles, ';') as subtitles) t;
$$;

-- One day of a channel that shows the films of the demonstration: any that fits, in an order of its
-- own for each channel and day, those for older viewers at night only. A magazine fills the rest.
drop function if exists demo.film_day(text, date);
create function demo.film_day(channel_key text, day date)
	returns table (start_at timestamptz, end_at timestamptz, title text, subtitle text,
	               synopsis text, category text, season int, episode int, min_age int,
	               content_id bigint)
	language plpgsql stable set search_path = ''
	as $$
declare
	at timestamptz := day::timestamp at time zone 'UTC';
	midnight timestamptz := (day + 1)::timestamp at time zone 'UTC';
	film record;
	shown bigint[] := '{}';
begin
	loop
		select i.id, i.title, i.year, i.synopsis, i.min_age,
		       ceil(i.runtime / 300.0) * interval '5 minutes' as length
			into film
			from content.external_id e
			join content.item i on i.id = e.item_id
			where e.scheme = 'demo' and e.value ~ '^film:' and i.kind = 'movie' and i.runtime > 0
			  and i.id <> all (shown)
			  and at + ceil(i.runtime / 300.0) * interval '5 minutes' <= midnight
			  and (i.min_age < 16 or extract(hour from at at time zone 'UTC') not between 5 and 19)
			order by md5(channel_key || day || e.value)
			limit 1;
		exit when not found;
		return query select at, at + film.length, film.title, film.year::text, film.synopsis,
		                    'Film', null::int, null::int, film.min_age::int, film.id;
		at := at + film.length;
		shown := shown || film.id;
	end loop;
	if at < midnight then
		return query select at, midnight, 'Between the Reels', null::text,
		                    'What to see tomorrow, and why.', 'Magazine', null::int, null::int, 0,
		                    null::bigint;
	end if;
end $$;

-- A channel's guide from where it ends (two days ago, if it is empty) to the last day wanted. Where
-- somebody has put something else at the end, the first new programme starts after it.
create or replace function demo.extend_guide(channel bigint, station_key text, last_day date)
	returns void
	language sql set search_path = ''
	as $$
		insert into live.programme (channel_id, start_at, end_at, title, subtitle, synopsis,
		                            category, season, episode, min_age, content_id)
			select channel, greatest(p.start_at, k.known), p.end_at, p.title, p.subtitle,
			       p.synopsis, p.category, p.season, p.episode, greatest(p.min_age, k.min_age),
			       p.content_id
			from (select s.template, i.min_age,
			             greatest((select max(end_at)
			                       from live.programme
			                       where channel_id = channel),
			                      date_trunc('day', now() - interval '2 days', 'UTC')) as known
			      from demo.station s
			      join content.item i on i.id = channel
			      where s.key = station_key) k
			cross join lateral generate_series((k.known at time zone 'UTC')::date, last_day,
			                                   interval '1 day') d (day)
			cross join lateral (
				select f.start_at, f.end_at, f.title, f.subtitle, f.synopsis,
				       f.category, f.season, f.episode, f.min_age, f.content_id
				from demo.film_day(station_key, d.day::date) f
				where k.template = 'films'
				union all
				select t.start_at, t.end_at, t.title, t.subtitle, t.synopsis,
				       t.category, t.season, t.episode, t.min_age, null::bigint
				from demo.planned_day(k.template, d.day::date) t
				where k.template <> 'films'
			) p
			where p.end_at > k.known
			order by p.start_at;
$$;

-- Whoever writes to a channel's guide locks the channel first; its pages are made once, not with each
-- programme. To compile the query (jit) would take longer than all the rest.
create or replace function live.demo_guide() returns void
	language plpgsql security definer set search_path = '' set timezone = 'UTC' set jit = off
	as $$
declare
	last_day date := ((now() + interval '7 days') at time zone 'UTC')::date;
	station record;
begin
	perform set_config('tv.pages', 'made', true);
	for station in
		select c.id, s.key
			from demo.station s
			join content.external_id e on e.scheme = 'demo' and e.value = s.key
			join live.channel c on c.id = e.item_id
			order by c.id
			for update of c
	loop
		delete from live.programme p
			where p.channel_id = station.id and p.end_at < now() - interval '8 days';
		perform demo.extend_guide(station.id, station.key, last_day);
		delete from live.guide_state g where g.channel_id = station.id;
		perform live.lay_out(array[station.id], min(g.starts), now() + interval '10 days')
			from (select now() - interval '10 days' as starts
			      union all
			      select p.starts from live.guide_page p where p.channel_id = station.id) g;
	end loop;
	perform set_config('tv.pages', '', true);
end $$;
revoke execute on function live.demo_guide() from public;
grant execute on function live.demo_guide() to tv_livetv;
comment on function live.demo_guide()
	is 'of the demonstration: drops what is over eight days old, adds what is missing at the end';

select live.demo_guide();

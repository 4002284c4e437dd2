-- The guide in pages: what a channel shows in eight hours is one row, in the very words of the answer. A window of 25 channels
-- is one or two rows of each, not one of each programme. Programmes are read while this runs, and written after it.
lock table live.programme in share row exclusive mode;

create table live.guide_page (
	channel_id bigint not null,
	starts timestamptz not null,
	max_age smallint not null,
	carried smallint not null,
	start_at timestamptz[] not null,
	end_at timestamptz[] not null,
	min_age smallint[] not null,
	cuts int[] not null,
	body bytea not null
) with (toast_tuple_target = 8160);
alter table live.guide_page alter body set storage external;
comment on table live.guide_page is 'programmes that a channel shows in the eight hours from starts on, in their order; none: no row';
comment on column live.guide_page.max_age is 'the highest of their min_age';
comment on column live.guide_page.carried is 'how many of them began before: they are on the page before this one, too';
comment on column live.guide_page.body is 'each as JSON, with a comma after it';
comment on column live.guide_page.cuts is 'where in body each of them begins, and the end; from 0';

create function live.page_start(at timestamptz) returns timestamptz
	language sql immutable parallel safe
	return date_bin('8 hours', at, '2000-01-01 00:00Z');

create function live.instant(at timestamptz) returns text
	language sql stable parallel safe
	return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS' || case when date_trunc('second', at) = at then '"Z"' else '.US"Z"' end);

-- The pages of these channels that begin in [since, till], as they must be; the importer makes the same of a programme
-- (cgi-bin/livetv-guide-pages.c). Each is made once (offset 0), and a channel's are never more than fit into memory.
create function live.guide_pages_of(channels bigint[], since timestamptz, till timestamptz) returns setof live.guide_page
	language sql stable
	begin atomic
		select c.id, m.starts, m.max_age, m.carried, m.start_at, m.end_at, m.min_age, m.cuts, m.body
		from unnest(channels) c (id)
		cross join lateral (
			select o.starts, max(o.min_age) as max_age, (count(*) filter (where o.start_at < o.starts))::smallint as carried,
			       array_agg(o.start_at) as start_at, array_agg(o.end_at) as end_at, array_agg(o.min_age) as min_age,
			       0 || array_agg(o.cut) as cuts, convert_to(string_agg(o.piece, ''), 'UTF8') as body
			from (
				select g.starts, j.start_at, j.end_at, j.min_age, j.piece,
				       (sum(octet_length(j.piece)) over (partition by g.starts order by j.start_at))::int as cut
				from (
					select p.start_at, p.end_at, p.min_age, row_to_json(x)::text || ',' as piece
					from live.programme p
					cross join lateral (
						select p.id, p.title, p.subtitle, live.instant(p.start_at) as start, live.instant(p.end_at) as "end",
						       p.category, p.season, p.episode, p.min_age
					) x
					where p.channel_id = c.id
					  and p.start_at > since - interval '24 hours'
					  and p.start_at < till + interval '8 hours'
					  and p.end_at > since
					offset 0
				) j
				cross join lateral generate_series(greatest(live.page_start(j.start_at), since), least(j.end_at - interval '1 us', till),
				                                   interval '8 hours') g (starts)
				order by g.starts, j.start_at
			) o
			group by o.starts
		) m;
	end;
comment on function live.guide_pages_of(bigint[], timestamptz, timestamptz) is 'since and till are where pages begin';

-- What of these channels' pages overlaps [since, till] is made anew, some channels at a time, so that it fits into memory; a page
-- that stays as it is is not written.
create function live.lay_out(channels bigint[], since timestamptz, till timestamptz) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	many constant int := 50;
	pages timestamptz[] := array(select generate_series(live.page_start(since), till, interval '8 hours'));
	few bigint[];
begin
	for n in 1 .. cardinality(channels) by many loop
		few := channels[n : n + many - 1];
		with made as materialized (
			select * from live.guide_pages_of(few, live.page_start(since), live.page_start(till))
		), gone as (
			delete from live.guide_page g
				where g.starts = any (pages)
				  and g.channel_id = any (few)
				  and not exists (select from made m where m.channel_id = g.channel_id and m.starts = g.starts)
		)
		insert into live.guide_page (channel_id, starts, max_age, carried, start_at, end_at, min_age, cuts, body)
			select m.channel_id, m.starts, m.max_age, m.carried, m.start_at, m.end_at, m.min_age, m.cuts, m.body
			from made m
			on conflict on constraint guide_page_pkey do update
				set max_age = excluded.max_age, carried = excluded.carried, start_at = excluded.start_at, end_at = excluded.end_at,
				    min_age = excluded.min_age, cuts = excluded.cuts, body = excluded.body
				where (guide_page.start_at, guide_page.end_at, guide_page.min_age, guide_page.body)
				      is distinct from (excluded.start_at, excluded.end_at, excluded.min_age, excluded.body);
	end loop;
end $$;
comment on function live.lay_out(bigint[], timestamptz, timestamptz) is
	'called by whoever has locked these channels and written their programmes: by the trigger, and by who says tv.pages = made';

-- Of a page those after the first so many, up to so many, that are for this age.
create function live.fitting(body bytea, cuts int[], min_age smallint[], age int, first int, past int) returns bytea
	language sql immutable parallel safe
	return (select string_agg(substr(body, 1 + cuts[n], cuts[n + 1] - cuts[n]), '' order by n)
	        from generate_series(first + 1, past) n
	        where min_age[n] <= age);

insert into live.guide_page (channel_id, starts, max_age, carried, start_at, end_at, min_age, cuts, body)
	select g.channel_id, g.starts, g.max_age, g.carried, g.start_at, g.end_at, g.min_age, g.cuts, g.body
	from (select min(p.start_at) as first, max(p.end_at) as last from live.programme p) s
	cross join lateral live.guide_pages_of(array(select c.id from live.channel c), live.page_start(s.first), live.page_start(s.last)) g
	order by g.channel_id, g.starts;
alter table live.guide_page add constraint guide_page_pkey primary key (starts, channel_id);
analyze live.guide_page;

-- The channel's row is locked: of two who write to its guide the second one lays out what the first one wrote, too.
create or replace function live.programme_written() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if tg_op <> 'DELETE' then
		perform from live.channel where id = new.channel_id for no key update;
		if not found then
			raise foreign_key_violation
				using constraint = 'programme_channel_fkey', message = 'the programme''s channel does not exist';
		end if;
		delete from live.guide_state where channel_id = new.channel_id;
		perform live.lay_out(array[new.channel_id], new.start_at, new.end_at);
	end if;
	if tg_op <> 'INSERT' then
		perform from live.channel where id = old.channel_id for no key update;
		delete from live.guide_state where channel_id = old.channel_id;
		perform live.lay_out(array[old.channel_id], old.start_at, old.end_at);
	end if;
	return null;
end $$;

-- Who makes the pages as well says so; an importer of before, which knows none, has them made row by row.
drop trigger programme_written on live.programme;
create trigger programme_written after insert or update or delete on live.programme
	for each row when (current_setting('tv.pages', true) is distinct from 'made')
	execute function live.programme_written();

-- A channel that is gone takes its guide along: its pages first, so that they are not made anew for each programme that goes.
create or replace function live.drop_programmes() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	said text := coalesce(current_setting('tv.pages', true), '');
begin
	delete from live.guide_page g
		where g.channel_id = old.id
		  and g.starts = any (array(select live.page_start(p.start_at) + n * interval '8 hours'
		                            from live.programme p
		                            cross join generate_series(0, 3) n
		                            where p.channel_id = old.id));
	perform set_config('tv.pages', 'made', true);
	delete from live.programme where channel_id = old.id;
	perform set_config('tv.pages', said, true);
	return null;
end $$;

grant select, insert, delete on live.guide_page to tv_livetv;
grant usage on sequence live.programme_id_seq to tv_livetv;

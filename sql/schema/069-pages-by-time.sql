-- Pages are written in order of time: a window of the guide finds those of neighbouring channels in a few blocks. Those that are
-- there are as they were; the guide moves on.

create or replace function live.lay_out(channels bigint[], since timestamptz, till timestamptz) returns void
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
			order by m.starts, m.channel_id
			on conflict on constraint guide_page_pkey do update
				set max_age = excluded.max_age, carried = excluded.carried, start_at = excluded.start_at, end_at = excluded.end_at,
				    min_age = excluded.min_age, cuts = excluded.cuts, body = excluded.body
				where (guide_page.start_at, guide_page.end_at, guide_page.min_age, guide_page.body)
				      is distinct from (excluded.start_at, excluded.end_at, excluded.min_age, excluded.body);
	end loop;
end $$;

-- Many titles and channels for t/browser/scale.t, which puts numbers for {titles} and {channels}.
with i as (
	insert into content.item (kind, title, year, genres, min_age, popularity, added_at, runtime, state)
	select 'movie', 'Title ' || lpad(n::text, 6, '0'), 1930 + n % 95, '{}', 0, n, now() - n * interval '1 minute', 5400, 'published'
	from generate_series(1, {titles}) n
	returning id
)
insert into content.movie (id) select id from i;

with i as (
	insert into content.item (kind, title, min_age, state)
	select 'channel', 'Channel ' || lpad(n::text, 6, '0'), 0, 'published'
	from generate_series(1, {channels}) n
	returning id, title
)
insert into live.channel (id, number) select id, right(title, 6)::int from i;

-- nobody searches here: documents of so many titles, made one by one, would take most of the test's time
set tv.importing = on;
set tv.pages = made;
insert into live.programme (channel_id, title, start_at, end_at, min_age)
select c.id, 'Programme ' || c.number || '/' || n, date_trunc('hour', now()) - interval '6 hours' + n * interval '3 hours',
       date_trunc('hour', now()) - interval '6 hours' + (n + 1) * interval '3 hours', 0
from live.channel c, generate_series(0, 5) n;
select live.lay_out(array_agg(distinct p.channel_id), min(p.start_at), max(p.end_at)) from live.programme p;
analyze;

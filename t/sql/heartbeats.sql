-- Heartbeats that one statement takes: each as if it had come alone, whatever the others are.
begin;
select no_plan();
select setseed(0.20261128);

create temporary table made as
	select users.create_account('beat' || n || '@example.org', 'Beat', 'user', null, null) as id from generate_series(1, 4) n;
create temporary table person as select made.id as account_id, p.id as profile_id from made join users.profile p on p.account_id = made.id;
insert into content.item (kind, title, min_age, runtime) select 'movie', 'Beat ' || n, 0, 100 from generate_series(1, 8) n;
insert into content.movie (id) select id from content.item where title like 'Beat _';
insert into content.item (kind, title, min_age) values ('channel', 'Beat', 0);
insert into live.channel (id, number) select id, 1 from content.item where title = 'Beat';
insert into rights.rule (type, kind) values ('free', 'channel');
insert into rights.rule (type, content_id) select 'free', id from content.item where title ~ '^Beat [1-6]$'; -- not the last two

insert into users.progress (profile_id, item_id, position, duration)
	select p.profile_id, i.id, 1, 100 from person p, content.item i where i.title like 'Beat _';

-- Sessions of all kinds: new, under way, near the end of their address, of a rental, of a channel, over, lapsed.
create function pg_temp.make_sessions(how_many int) returns void language sql as $$
	insert into play.session (account_id, profile_id, item_id, group_id, history_id, device_name, start_at, started_at, seen_at, url_until,
	                          noted_at, duration, position, seq, phase, directory, ended_at, ended_how)
	select p.account_id, p.profile_id, i.id, case when i.kind <> 'channel' then i.id end, null, 'tv', null, now() - interval '1 hour',
	       now() - (random() * 100) * interval '1 second',
	       date_trunc('second', now()) + (random() * 400) * interval '1 second',
	       case when random() < 0.9 then now() - random() * interval '6 minutes' end,
	       case when i.kind = 'channel' then 0 when random() < 0.1 then 0 else 100 end,
	       floor(random() * 100)::int, 5,
	       case when i.kind = 'channel' then 0 when random() < 0.8 then floor(random() * 3)::int end,
	       case when i.kind <> 'channel' then 'test' end,
	       e.at, case when e.at is not null then (array['stopped', 'taken_over', 'lapsed'])[1 + floor(random() * 3)::int] end
	from generate_series(1, how_many) n
	cross join lateral (select * from person where n > 0 order by random() limit 1) p
	cross join lateral (select * from content.item c where c.title like 'Beat%' and n > 0 order by random() limit 1) i
	cross join lateral (select case when random() < 0.1 and n > 0 then now() - interval '1 minute' end as at) e $$;

create function pg_temp.state() returns text language sql as $$
	select (select string_agg(s::text, e'\n' order by s.id) from (
	          select id, seen_at, url_until, noted_at, position, seq, fresh, phase, ended_at, ended_how, max_quality, history_id is null
	          from play.session) s) || e'\n'
	       || coalesce((select string_agg((profile_id, item_id, position, duration, finished)::text, e'\n' order by profile_id, item_id)
	                    from users.progress), '') || e'\n'
	       || coalesce((select string_agg((profile_id, group_id, item_id, hidden)::text, e'\n' order by profile_id, group_id) from users.resume), '')
	       || e'\n' || coalesce((select string_agg((profile_id, item_id, position)::text, e'\n' order by profile_id, item_id, position)
	                             from users.history), '') $$;

-- What is done is undone by the exception; what it was is its message.
create function pg_temp.said(a bigint[], s bigint[], p int[], n bigint[], e text[], together boolean) returns text language plpgsql as $$
declare
	answers text;
begin
	begin
		if together then
			select string_agg((outcome, refusal, expires_at, address, item_id, live, directory, start_at, max_quality, durable)::text, e'\n'
			                  order by ordinality)
				into answers from play.heartbeats(a, s, p, n, e) with ordinality;
		else
			for i in 1 .. cardinality(a) loop
				answers := concat_ws(e'\n', answers, (select (h.*)::text from play.heartbeat(a[i], s[i], p[i], n[i], e[i]) h));
			end loop;
		end if;
		raise 'said %', answers || e'\n\n' || pg_temp.state();
	exception when raise_exception then
		answers := sqlerrm;
	end;
	return answers;
end $$;

create temporary table batch (n int, together text, alone text, usual bigint);
create function pg_temp.try(batches int) returns void language plpgsql as $$
declare
	a bigint[]; s bigint[]; p int[]; n bigint[]; e text[];
	usual bigint;
begin
	for i in 1 .. batches loop
		select array_agg(case when random() < 0.05 then -1 else x.account_id end), array_agg(x.id),
		       array_agg(floor(random() * 120)::int), array_agg(5 + floor(random() * 3)::bigint),
		       array_agg(case when random() < 0.6 then (array['progress', 'pause', 'stop', 'ended'])[1 + floor(random() * 4)::int] end)
			into a, s, p, n, e
			from (select distinct on (profile_id, item_id) account_id, id -- two of one title: who comes last is right
			      from (select * from play.session order by random() limit 1 + floor(random() * 8)::int) y) x;
		select count(*) into usual from unnest(a, s, p, n, e) q (a, s, p, n, e) join play.session x on x.id = q.s and x.account_id = q.a
			where play.goes_on(x, q.p, q.n, q.e);
		insert into batch values (i, pg_temp.said(a, s, p, n, e, true), pg_temp.said(a, s, p, n, e, false), usual);
	end loop;
end $$;

select pg_temp.make_sessions(400);
select pg_temp.try(400);
select is((select string_agg(n || ': ' || line, e'\n') from (select n, regexp_split_to_table(together, e'\n') as line from batch
                                                           except select n, regexp_split_to_table(alone, e'\n') from batch) x),
	null, 'answers and what is stored are the same');
select is((select count(*) from batch where together = alone), 400::bigint, '  in all batches');
select cmp_ok((select sum(usual)::bigint from batch), '>', 100::bigint, 'heartbeats that change nothing but a position');
select cmp_ok((select count(*) from batch where together ~ ('\n?\(' || word)), '>', 5::bigint, '  and some are ' || word)
from unnest(array['ok', 'refused', 'session_over', 'taken_over', 'not_found']) word;

-- One session twice, in both orders.
create temporary table twin as
	select account_id, id, 10 as place from play.session s
	where play.goes_on(s, 10, 9, null) and group_id is not null order by id limit 1;
select is((select count(*) from twin), 1::bigint, 'a session that runs');
select is(array_agg(h.outcome order by h.ordinality), '{ok,ok}', 'two heartbeats of one session')
from twin, play.heartbeats(array[account_id, account_id], array[id, id], array[11, 12], array[11, 12], array[null, null]::text[])
	with ordinality h;
select is((select (position, seq)::text from play.session where id = (select id from twin)), '(12,12)', '  leave it at the newer one');
select is(array_agg(h.outcome order by h.ordinality), '{ok,ok}', '  also if that is first')
from twin, play.heartbeats(array[account_id, account_id], array[id, id], array[14, 13], array[14, 13], array[null, null]::text[])
	with ordinality h;
select is((select (position, seq)::text from play.session where id = (select id from twin)), '(14,14)', '  which it stays');

-- The clock of a rental is not begun in vain, whoever comes beside it.
set local synchronous_commit = on;
select is((select count(*) from twin, play.heartbeats(array[account_id], array[id], array[15], array[15], array['progress'])), 1::bigint, 'one more');
select is(current_setting('synchronous_commit'), 'off', '  need not be on disk');
with rented as (
	insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
	                           watch_within, start_by, paid_at)
	select p.account_id, i.id, 'movie', 'M', 399, 'EUR', 'hd', 2592000, 172800, now() + interval '30 days', now()
	from (select * from person limit 1) p, content.item i where i.title = 'Beat 7'
	returning id, account_id, item_id
)
insert into play.session (account_id, profile_id, item_id, group_id, rental_id, started_at, seen_at, url_until, duration, directory)
	select r.account_id, p.profile_id, r.item_id, r.item_id, r.id, now(), now(), now() + interval '5 minutes', 100, 'test'
	from rented r join person p using (account_id);
set local synchronous_commit = on;
select is((select array_agg(h.outcome || ' ' || h.durable) from twin t, play.session s,
	play.heartbeats(array[t.account_id, s.account_id, t.account_id], array[t.id, s.id, t.id], array[16, 1, 17], array[16, 1, 17],
	                array[null, null, null]::text[]) h
	where s.rental_id is not null), '{"ok false","ok true","ok false"}', 'the first one of a rental between others');
select is(current_setting('synchronous_commit'), 'on', '  has to be on disk');
select is((select count(*) from rights.rental where started_at is not null), 1::bigint, '  with its clock');

select finish();
rollback;

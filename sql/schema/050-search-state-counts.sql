-- How many documents there are of each kind, read from the primary key alone: all of them less the few that are gone. Reading
-- the table for it read every title and word.
create or replace view search.state as
	select s.queueing, s.reindex_at, q.waiting, q.oldest_at, d.kinds
	from search.sync s
	cross join lateral (select count(*) as waiting, min(q.queued_at) as oldest_at from search.queue q) q
	cross join lateral (
		select json_object_agg(k.kind, k.n - k.gone) filter (where k.n > k.gone) as kinds
		from (
			select d.kind, count(*) as n,
			       (select count(*) from search.document g where g.gone_at is not null and g.kind = d.kind) as gone
			from search.document d
			group by d.kind
		) k
	) d;

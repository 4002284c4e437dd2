-- What is not found yet although it is written, for operators and their alerts.

create view search.backlog as
	select q.waiting, q.due, q.oldest_at, q.refused, n.noted
	from (
		select count(*) filter (where q.parked_at is null) as waiting,
		       count(*) filter (where q.parked_at is null and q.due_at <= now()) as due,
		       min(q.queued_at) filter (where q.parked_at is null) as oldest_at,
		       count(*) filter (where q.parked_at is not null) as refused
		from search.queue q
	) q
	cross join (select count(*) as noted from search.stale s) n;
comment on column search.backlog.waiting is 'changes that the index has not been told of';
comment on column search.backlog.due is 'of these, what no sender has claimed and nothing has put off';
comment on column search.backlog.refused is 'what the index refuses for good';
comment on column search.backlog.noted is 'bulk writes in batches whose documents are not made yet';

grant usage on schema search to tv_system;
grant select on search.backlog to tv_search, tv_system;

-- How the queue is worked off: claims that lapse, retries, rows that cannot be sent, and how far a rebuild has come.

alter table search.queue
	add column due_at timestamptz not null default now(),
	add column tries int not null default 0,
	add column parked_at timestamptz,
	add column reason text,
	add constraint queue_due_finite check (isfinite(due_at)),
	add constraint queue_reason_length check (length(reason) <= 500);
comment on column search.queue.due_at is 'not to be sent before: claimed by a sender that may have died, or put off';
comment on column search.queue.parked_at is 'refused for good: waits for somebody to look, and for the next write of the same document';
create index queue_due on search.queue (id) where parked_at is null;
create index queue_document on search.queue (kind, ref_id);

alter table search.sync
	add column index_name text,
	add column filled_kind search.kind,
	add column filled_id bigint,
	add column begun_at timestamptz,
	add column begun_version bigint,
	add column rebuilt_at timestamptz,
	add column reconciled_at timestamptz;
comment on column search.sync.index_name is 'the index that a rebuild fills; after a crash it goes on behind filled_kind, filled_id';
comment on column search.sync.begun_version is 'what has a later version changed since the rebuild began';

-- The titles that an index knows: also with what hyphens and apostrophes divide as one word, without a leading article, and
-- with numbers as digits.
create function search.index_titles(titles text[]) returns text[]
	language sql immutable parallel safe
	begin atomic
		select titles || array(
			select regexp_replace(t, U&'[-''\2010-\2015\2019\2018]', '', 'g')
			from unnest(titles) t
			where t ~ U&'[[:alnum:]][-''\2010-\2015\2019\2018][[:alnum:]]'
			union
			select search.without_article(search.fold(t))
			from unnest(titles) t
			where search.without_article(search.fold(t)) is not null
			union
			select search.digits(search.fold(t))
			from unnest(titles) t
			where search.digits(search.fold(t)) <> search.fold(t)
		);
	end;

-- Claims up to so many rows for so many seconds, the newest first: a writer's own. One row a document, as it is now; what
-- is not known any more is gone. The document is read in the snapshot that saw the queue's row, and brings its own
-- version: whichever of two senders comes last, the newer one stays.
create function search.claim(most int, lease int)
	returns table (queued bigint[], kind text, id bigint, version bigint, gone boolean, titles text[], year smallint,
	               weight int, min_age smallint, open_from timestamptz, open_until timestamptz)
	language sql security definer set search_path = ''
	begin atomic
		with found as (
			select q.id
			from search.queue q
			where q.parked_at is null
			  and q.due_at <= now()
			order by q.id desc
			limit most
			for update skip locked
		), claimed as (
			update search.queue q
			set due_at = now() + make_interval(secs => lease)
			from found f
			where q.id = f.id
			returning q.id, q.kind, q.ref_id
		), documents as (
			select array_agg(c.id) as queued, c.kind, c.ref_id
			from claimed c
			group by c.kind, c.ref_id
		)
		select c.queued, c.kind::text, c.ref_id, coalesce(d.version, nextval('search.version')),
		       d.kind is null or d.gone_at is not null, search.index_titles(d.titles), d.year, d.weight, d.min_age, d.open_from, d.open_until
		from documents c
		left join search.document d on d.kind = c.kind and d.ref_id = c.ref_id;
	end;

-- What came of claimed rows: sent ones go, with older parked ones of the same documents; released ones may be sent at once;
-- put-off ones wait longer each time; refused ones are parked with the reason.
create function search.settle(sent bigint[], released bigint[], put_off bigint[], refused bigint[], reasons text[])
	returns boolean
	language sql security definer set search_path = ''
	begin atomic
		with gone as (
			delete from search.queue q where q.id = any (sent) returning q.kind, q.ref_id
		)
		delete from search.queue q
			using gone g
			where q.kind = g.kind and q.ref_id = g.ref_id and q.parked_at is not null;
		update search.queue q set due_at = now() where q.id = any (released);
		update search.queue q
			set due_at = now() + make_interval(secs => least(power(2, q.tries), 60)), tries = least(q.tries + 1, 30)
			where q.id = any (put_off);
		update search.queue q
			set parked_at = now(), reason = left(x.reason, 500)
			from unnest(refused, reasons) x (id, reason)
			where q.id = x.id;
		select true;
	end;

-- Documents that an index does not have as they are here: they are queued again. Where the index has a newer version than we
-- (somebody else wrote to it, or this database is a restored one), or has forgotten what it deleted, the documents become newer.
create function search.repair(of_kind search.kind, ids bigint[], above bigint) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	n bigint;
begin
	if above is not null then
		perform setval('search.version', greatest(nextval('search.version'), above) + 1000);
		perform from search.document d where d.kind = of_kind and d.ref_id = any (ids) order by d.ref_id for update;
		update search.document d set version = nextval('search.version') where d.kind = of_kind and d.ref_id = any (ids);
	end if;
	insert into search.queue (kind, ref_id) select of_kind, unnest(ids);
	get diagnostics n = row_count;
	return n;
end $$;

revoke execute on function search.claim(int, int), search.index_titles(text[]), search.repair(search.kind, bigint[], bigint),
	search.settle(bigint[], bigint[], bigint[], bigint[], text[]) from public;
-- Writers send what they queued.
grant usage on schema search to tv_ondemand, tv_livetv;
grant execute on function search.claim(int, int),
	search.settle(bigint[], bigint[], bigint[], bigint[], text[]) to tv_search, tv_ondemand, tv_livetv;
grant execute on function search.repair(search.kind, bigint[], bigint), search.index_titles(text[]),
	search.fold(text), search.digits(text), search.without_article(text) to tv_search;
grant usage on sequence search.version to tv_search;
create index document_version on search.document (version);

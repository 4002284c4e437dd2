-- The index of Elasticsearch as a whole: filling a new one, comparing, and what is still to be sent.

-- part: document
d.version as _version, d.kind::text as kind, d.ref_id as id, search.index_titles(d.titles) as titles, d.year, d.weight,
d.min_age, d.open_from, d.open_until

-- name: index_lock
-- One rebuild or comparison at a time; ends with the connection.
select pg_try_advisory_lock(hashtext('search.index'))::int as locked

-- name: index_state
select s.queueing::int as queueing, (s.reindex_at is not null)::int as wanted, coalesce(s.index_name, '') as index_name,
       coalesce(s.filled_kind::text, '') as filled_kind, coalesce(s.filled_id, 0) as filled_id,
       coalesce(s.begun_version, 0) as begun_version,
       (s.begun_at > now() - interval '6 hours')::int as recent
from search.sync s

-- name: index_queueing
-- $1 on or off; answers whether it was another
update search.sync s
set queueing = $1::boolean
where s.queueing <> $1::boolean
returning 1 as changed

-- name: index_forget
-- Nobody will send it; a later Elasticsearch is filled and compared.
delete from search.queue q

-- name: index_begin
-- $1 name of the index to fill
update search.sync s
set index_name = $1::text, filled_kind = null, filled_id = 0, begun_at = now(),
    begun_version = nextval('search.version')
returning s.begun_version

-- name: index_page
-- $1 kind, $2 after this id, $3 how many
select @document@, false as _gone
from search.document d
where d.kind = $1::search.kind
  and d.ref_id > $2::bigint
  and d.gone_at is null
order by d.ref_id
limit $3::int

-- name: index_filled
-- $1 kind, $2 id: up to here
update search.sync s
set filled_kind = $1::search.kind, filled_id = $2::bigint

-- name: index_changed
-- $1 after this version, $2 how many: what was written meanwhile
select @document@, d.gone_at is not null as _gone
from search.document d
where d.version > $1::bigint
order by d.version
limit $2::int

-- name: index_finish
-- What could not be sent while there was no index can be now.
with due as (
	update search.queue q set due_at = now() where q.parked_at is null and q.due_at > now()
)
update search.sync s
set index_name = null, filled_kind = null, filled_id = null, rebuilt_at = now()

-- name: index_versions
-- $1 kind, $2 after this id, $3 up to this id, $4 how many
select d.ref_id as id, d.version, d.gone_at is not null as gone
from search.document d
where d.kind = $1::search.kind
  and d.ref_id > $2::bigint
  and d.ref_id <= $3::bigint
order by d.ref_id
limit $4::int

-- name: index_repair
-- $1 kind, $2 ids, $3 above this version; null: their versions stay
select search.repair($1::search.kind, $2, $3) as n

-- name: index_reconciled
update search.sync s
set reconciled_at = now()

-- name: index_waiting
-- What is not sent yet: how many, how many of it can be now, how long the oldest waits, how many are refused.
select b.waiting, b.due, coalesce(extract(epoch from now() - b.oldest_at)::bigint, 0) as oldest, b.refused
from search.backlog b

-- name: index_behind
-- Whether the index lacks something that was written more than a moment ago.
select q.queued_at < now() - interval '1500 milliseconds' as behind
from search.queue q
where q.parked_at is null
order by q.id
limit 1

-- name: index_total
select count(*) as documents
from search.document d
where d.gone_at is null

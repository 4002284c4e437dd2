-- name: ping
-- Nothing but a round trip: whether PostgreSQL answers.
select 1 as one

-- name: table_sizes
-- Estimates that cost nothing: sessions that are kept, and what waits to be searchable.
select t.schemaname || '.' || t.relname as name, t.n_live_tup as rows
from pg_stat_user_tables t
where (t.schemaname, t.relname) in (('auth', 'session'), ('search', 'queue'))
order by 1

-- name: audit
-- $1 account, $2 kind, $3 target, $4 from, $5 to, $6 limit, $7 cursor (id)
select e.id, e.at, e.account_id, e.request_id, e.action, e.kind, e.target_id, e.before, e.after, e.id as _1
from audit.entry e
where ($1::bigint is null or e.account_id = $1)
  and ($2::text is null or e.kind = $2)
  and ($3::bigint is null or e.target_id = $3)
  and ($4::timestamptz is null or e.at >= $4)
  and ($5::timestamptz is null or e.at < $5)
  and e.id < coalesce($7::bigint, 9223372036854775807)
order by e.id desc
limit $6::int + 1

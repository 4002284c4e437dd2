-- name: ping
-- Nothing but a round trip: whether PostgreSQL answers.
select 1 as one

-- part: entry
e.id, e.at, e.account_id, e.request_id, e.action, e.kind, e.target_id, e.before, e.after

-- part: begins
coalesce($4::timestamptz, '-infinity')

-- part: ends
coalesce(least($7::timestamptz, $5::timestamptz), 'infinity'), coalesce($8::bigint, 0)
-- name: table_sizes
-- Estimates that cost nothing: sessions that are kept.
select t.schemaname || '.' || t.relname as name, t.n_live_tup as rows
from pg_stat_user_tables t
where (t.schemaname, t.relname) in (('auth', 'session'))
order by 1

-- name: search_backlog
-- How far searching is behind.
select b.waiting, coalesce(extract(epoch from now() - b.oldest_at)::bigint, 0) as oldest, b.refused, b.noted
from search.backlog b

-- name: audit
-- $1 account, $2 kind, $3 target, $4 from, $5 to, $6 limit, $7 cursor (at, id): newest first. One of the arms runs, and walks the
-- entries of one thing, account or kind only: as a range, for with equality the index of all entries is in the same order.
select e.id, e.at, e.account_id, (select u.email from users.contact u where u.account_id = e.account_id) as account_email,
       e.request_id, e.action, e.kind, e.target_id, e.before, e.after, e.at as _1, e.id as _2
from (
	(select @entry@
	 from audit.entry e
	 where $3::bigint is not null
	   and ($1::bigint is null or e.account_id = $1)
	   and ($2::text is null or e.kind = $2)
	   and (e.target_id, e.at) >= ($3, @begins@)
	   and (e.target_id, e.at, e.id) < ($3, @ends@)
	 order by e.target_id desc, e.at desc, e.id desc
	 limit $6::int + 1)
	union all
	(select @entry@
	 from audit.entry e
	 where $3::bigint is null
	   and $1::bigint is not null
	   and ($2::text is null or e.kind = $2)
	   and (e.account_id, e.at) >= ($1, @begins@)
	   and (e.account_id, e.at, e.id) < ($1, @ends@)
	 order by e.account_id desc, e.at desc, e.id desc
	 limit $6::int + 1)
	union all
	(select @entry@
	 from audit.entry e
	 where $3::bigint is null
	   and $1::bigint is null
	   and $2::text is not null
	   and (e.kind, e.at) >= ($2, @begins@)
	   and (e.kind, e.at, e.id) < ($2, @ends@)
	 order by e.kind desc, e.at desc, e.id desc
	 limit $6::int + 1)
	union all
	(select @entry@
	 from audit.entry e
	 where $3::bigint is null
	   and $1::bigint is null
	   and $2::text is null
	   and e.at >= @begins@
	   and (e.at, e.id) < (@ends@)
	 order by e.at desc, e.id desc
	 limit $6::int + 1)
) e
order by e.at desc, e.id desc
limit $6::int + 1

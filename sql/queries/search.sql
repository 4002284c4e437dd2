-- What is found. Age and availability are conditions of the search itself, and again of what is shown.

-- part: item
i.kind, i.id, i.title, i.subtitle, i.year, i.poster, i.starts as "highlight[].start", i.lengths as "highlight[].length",
i.score, i.begins as "showing.start", i.ends as "showing.end", i.channel_id as "showing.channel.id",
i.channel_name as "showing.channel.name"

-- name: find
-- $1 text, $2 kinds, $3 age, $4 limit. A few more are looked for than are shown: a title's programmes may all be over.
with found as materialized (
	select f.kind, f.ref_id, f.score, f.matches from search.find($1, $2::text[]::search.kind[], $3::int, $4::int + 10) f
)
select @item@,
       (select json_object_agg(g.kind, g.matches) from (select distinct f.kind, f.matches from found f) g) as _groups
from search.items((select array_agg(f.kind) from found f), (select array_agg(f.ref_id) from found f),
                  (select array_agg(f.score) from found f), $3::int, $1, $4::int) i

-- name: show
-- What another engine has found. $1 text, $2 kinds, $3 ids, $4 scores, $5 age, $6 limit
select @item@, null::json as _groups
from search.items($2::text[]::search.kind[], $3::bigint[], $4::real[], $5::int, $1, $6::int) i

-- name: state
select b.waiting as "queue.length", b.oldest_at as "queue.oldest_at", b.refused as "queue.refused", b.noted as "queue.noted",
       s.kinds as documents, s.reindex_at, y.reconciled_at, y.rebuilt_at as "rebuild.ended_at",
       case when y.index_name is not null then (
           select round(count(*) filter (where (d.kind, d.ref_id) <= (y.filled_kind, y.filled_id))
                        / greatest(count(*), 1)::numeric, 3)::float8
           from search.document d
           where d.gone_at is null
       ) end as "rebuild.share"
from search.state s
cross join search.backlog b
cross join search.sync y

-- name: ask_reindex
update search.sync s
set reindex_at = coalesce(s.reindex_at, now())
returning s.reindex_at

-- name: reindex_begin
-- $1 only when it was asked for. One at a time; the lock ends with the connection.
select s.reindex_at
from search.sync s
where (not $1::boolean or s.reindex_at is not null)
  and pg_try_advisory_lock(hashtext('search.reindex'))

-- name: reindex_end
-- $1 since when it was asked for; a later wish stays
update search.sync s
set reindex_at = null
where s.reindex_at <= $1::timestamptz
returning 1 as done

-- name: reindex
-- $1 kind, $2 after this id, $3 how many
select search.reindex($1::text::search.kind, $2::bigint, $3::int)

-- name: catch_up
select search.catch_up()

-- name: listen
listen search

-- name: prune
select search.prune()

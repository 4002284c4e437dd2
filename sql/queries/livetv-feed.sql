-- Feeds: what editors write of them, and the course of a fetch.

-- part: feed
f.id, f.name, f.address as url, f.format, f.priority, f.period, f.enabled, f.language, f.history_days, f.only_known,
f.max_mib, f.timeout, f.created_at, f.updated_at,
s.status as "status.last_status", s.started_at as "status.last_started_at", s.fetched_at as "status.last_fetched_at",
s.succeeded_at as "status.last_succeeded_at", s.http_status as "status.http_status", s.error as "status.last_error",
s.failures as "status.failures", case when f.enabled then s.next_at end as "status.next_at", s.report as "status.report"

-- name: admin_feed_list
-- $1 limit, $2 cursor (id)
select @feed@, f.id as _1
from live.feed f
join live.feed_state s on s.feed_id = f.id
where f.id > coalesce($2::bigint, 0)
order by f.id
limit $1::int + 1

-- name: admin_feed
select @feed@, live.feed_tag(f.version, s.changes) as _etag
from live.feed f
join live.feed_state s on s.feed_id = f.id
where f.id = $1

-- name: admin_feed_create
select live.save_feed(null, null, $1)

-- name: admin_feed_replace
-- $1 id, $2 versions that If-Match names, $3 body
select live.save_feed($1, $2, $3)

-- name: admin_feed_delete
delete from live.feed f
where f.id = $1
  and public.matched(f.version, live.feed_versions($2))
returning 1 as done

-- name: admin_feed_request
select live.request_feed($1)

-- name: feed_due
-- Those tried longest ago first: one that ends its fetcher each time keeps no other waiting.
select s.feed_id
from live.feed_state s
join live.feed f on f.id = s.feed_id
where f.enabled
  and s.next_at <= now()
order by s.started_at nulls first, s.feed_id
limit 1000

-- name: feed_lock
-- $1 the feed: until this transaction ends, which it does with the fetcher, however that ends
select pg_try_advisory_xact_lock(hashtext('feed'), hashtext($1)),
       set_config('idle_in_transaction_session_timeout', '0', true)

-- name: feed_locked
select true

-- name: feed_take
-- $1 the feed, if it is still due. What was left to others must be read again when they are no longer before it.
update live.feed_state s
set started_at = clock_timestamp(), changes = s.changes + 1
from live.feed f
where s.feed_id = $1
  and f.id = s.feed_id
  and f.enabled
  and s.next_at <= now()
returning f.name, f.url, f.format, f.language, f.history_days, f.only_known, f.max_mib, f.timeout,
          case when s.left_to <@ array(select b.id from live.feeds_before(f.id) b) then s.etag end as etag,
          case when s.left_to <@ array(select b.id from live.feeds_before(f.id) b) then s.modified end as modified

-- name: feed_end
-- $1 the feed, $2 status, $3 of HTTP, $4 error, $5 report, $6 ETag, $7 Last-Modified, $8 seconds that the server asks to wait.
-- Failures are 1, 2, 4 … minutes apart, at most a period or an hour; what was asked for meanwhile is next.
update live.feed_state s
set status = $2, http_status = $3, error = $4,
    fetched_at = now(),
    succeeded_at = case when $2 in ('imported', 'not_modified') then now() else s.succeeded_at end,
    failures = case $2 when 'failed' then s.failures + 1 when 'busy' then s.failures else 0 end,
    report = case when $2 = 'imported' then $5::json else s.report end,
    etag = case when s.requested_at > s.started_at then null when $2 = 'imported' then $6 else s.etag end,
    modified = case when s.requested_at > s.started_at then null when $2 = 'imported' then $7 else s.modified end,
    next_at = case
	    when s.requested_at > s.started_at or $2 = 'busy' then now()
	    when $2 = 'failed' then now() + make_interval(secs => greatest($8::int,
	        least(60 * power(2, least(s.failures, 20)), greatest(f.period, 3600)) * (0.9 + random() * 0.2)))
	    else now() + f.period * interval '1 second'
    end,
    changes = s.changes + 1
from live.feed f
where s.feed_id = $1
  and f.id = s.feed_id

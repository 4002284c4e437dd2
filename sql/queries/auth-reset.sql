-- name: reset_ask
-- $1 email. Three mails an hour for an account. Whether there is one must not show in the time: no commit waits for the disk.
with account as (
	select a.id
	from users.account_card a
	where lower(a.email) = lower($1)
	  and a.status = 'active'
	limit 1
), asked as (
	insert into auth.reset (account_id)
	select a.id
	from account a
	where (select count(*) from auth.reset r where r.account_id = a.id and r.kind = 'password' and r.asked_at > now() - interval '1 hour') < 3
	returning pg_notify('reset', '')
)
select set_config('synchronous_commit', 'off', true) as commits, (select count(*) from asked) as asked

-- name: reset_link
-- $1 email, $2 hash of the token, $3 seconds that it is good for: by an operator, who passes the link on
insert into auth.reset (account_id, token_hash, expires_at, sent_at)
select a.id, $2, now() + make_interval(secs => $3::int), now()
from users.account_card a
where lower(a.email) = lower($1)
limit 1
returning id

-- name: reset_known
-- $1 hash of a token
select r.id
from auth.reset r
where r.token_hash = $1
  and r.kind = 'password'
  and r.expires_at > now()

-- name: reset_password
-- $1 hash of the token, $2 hash of the new password. Of two at once one finds the token; all links and sessions end.
with used as (
	delete from auth.reset r
	where r.token_hash = $1
	  and r.kind = 'password'
	  and r.expires_at > now()
	returning r.id, r.account_id
), others as (
	delete from auth.reset r
	using used u
	where r.account_id = u.account_id
	  and r.id <> u.id
), changed as (
	update auth.credential c
	set password_hash = $2, changed_at = now()
	from used u
	where c.account_id = u.account_id
	returning c.account_id
)
select (select a.email from users.account_card a where a.id = c.account_id limit 1) as email, auth.end_sessions(c.account_id, null) as ended
from changed c

-- name: reset_listen
listen reset

-- name: reset_claim
-- $1 hash of the token, $2 seconds that it is good for. Who takes one and dies leaves it to be tried again; for what was asked
-- an hour ago nobody waits any more.
with waiting as (
	select r.id
	from auth.reset r
	where r.sent_at is null
	  and r.next_try_at <= now()
	  and r.asked_at > now() - interval '1 hour'
	order by r.next_try_at
	limit 1
	for update skip locked
), claimed as (
	update auth.reset r
	set token_hash = $1, expires_at = now() + make_interval(secs => $2::int), tries = r.tries + 1,
	    next_try_at = now() + interval '40 seconds' * 2 ^ r.tries
	from waiting w
	where r.id = w.id
	returning r.id, r.account_id, r.tries, r.kind, r.email
)
select c.id, c.tries, coalesce(c.email, a.email), a.locale, a.status, c.kind
from claimed c
cross join lateral (
	select a.email, a.locale, a.status
	from users.account_card a
	where a.id = c.account_id
	limit 1
) a

-- name: reset_sent
-- $1 id
update auth.reset set sent_at = now() where id = $1

-- name: reset_drop
-- $1 id
delete from auth.reset where id = $1

-- name: reset_prune
-- Not what counts for the limit of an hour.
delete from auth.reset where asked_at < now() - interval '1 day'

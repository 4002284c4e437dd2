-- name: email_ask
-- $1 account, $2 new address: nobody else's, as in register. The link that was asked for before is good no more: it may have gone to a
-- stranger. Three an hour, by the words to the old address; what is left of the hour says why there is none. Of two at once one is refused.
with taken as (
	select a.id
	from users.account_card a
	where lower(a.email) = lower($2)
	  and a.id <> $1
	limit 1
), recent as (
	select count(*) as n, min(r.asked_at) as since
	from auth.reset r
	where r.account_id = $1
	  and r.kind = 'notice'
	  and r.asked_at > now() - interval '1 hour'
), good as (
	select 1 as yes
	from recent
	where recent.n < 3
	  and not exists (select from taken)
), over as (
	delete from auth.reset r
	using good
	where r.account_id = $1
	  and r.kind = 'address'
	returning r.id
), asked as (
	insert into auth.reset (account_id, kind, email)
	select $1::bigint, k.kind, k.email
	from good
	cross join (select count(*) from over) o
	cross join (values ('address', $2::text), ('notice', null)) k (kind, email)
	returning pg_notify('reset', '')
)
select (select count(*) from asked) > 0 as asked, exists (select from taken) as taken,
       ceil(extract(epoch from recent.since + interval '1 hour' - now()))::int as wait
from recent

-- name: email_confirm
-- $1 hash of the token. Of two at once one finds it. Links that were sent to the old address are over.
with used as (
	delete from auth.reset r
	where r.token_hash = $1
	  and r.kind = 'address'
	  and r.expires_at > now()
	returning r.id, r.account_id, r.email
), others as (
	delete from auth.reset r
	using used u
	where r.account_id = u.account_id
	  and r.id <> u.id
)
select users.change_email(u.account_id, u.email) as id
from used u

-- name: profile_secret
-- $1 account, $2 profile
select p.pin_hash, p.max_age, p.version, p.is_kids
from users.profile p
where p.account_id = $1
  and p.id = $2

-- name: profile_select
-- $1 account, $2 session, $3 profile, $4 seed of the next refresh token, which comes of it and of the old one, as in auth-tokens.c: a browser
-- does not send that one here. It is spent.
with old as (
	select s.id, s.refresh_hash,
	       translate(encode(sha256(convert_to($4 || '.' || encode(s.refresh_hash, 'hex'), 'UTF8')), 'base64'), '+/=', '-_') as next
	from auth.session s
	where s.id = $2
	  and s.account_id = $1
	  and s.ended_at is null
	  and s.expires_at > now()
	for update
), changed as (
	update auth.session s
	set profile_id = p.id, refresh_hash = sha256(convert_to(old.next, 'UTF8')), last_used_at = now()
	from old, users.profile p
	where s.id = old.id
	  and p.id = $3
	  and p.account_id = $1
	returning s.account_id, s.id, s.profile_id, p.max_age, s.expires_at, old.refresh_hash, old.next
), spent as (
	insert into auth.spent_refresh (hash, session_id)
	select refresh_hash, id from changed
)
select c.account_id, c.id, c.profile_id, c.max_age, a.role, extract(epoch from c.expires_at - now())::int, c.next
from changed c
join users.account_card a on a.id = c.account_id and a.profile_id = c.profile_id

-- name: profile_create
-- $1 account, $2 name, $3 avatar, $4 is_kids, $5 max_age, $6 language, $7 PIN's hash
select @profile@, '/users/profiles/' || id as _location
from users.create_profile($1, $2, $3, $4, $5, $6, $7)

-- name: profile_change
-- $1 account, $2 profile, $3 version that was looked at, $4 name, $5 avatar, $6 is_kids, $7 max_age, $8 language,
-- $9 whether the PIN changes, $10 its hash. Another change in between makes this one nothing, and the caller says so.
update users.profile
set name = $4, avatar = $5, is_kids = $6, max_age = $7, language = $8,
    pin_hash = case when $9::boolean then $10 else pin_hash end
where account_id = $1
  and id = $2
  and version = $3
returning @profile@

-- name: profile_delete
-- $1 account, $2 age of the caller, $3 id
select d.done
from users.delete_profile($1, $2, $3) as d (done)
where d.done

-- part: user
id, email, name, role, country, locale, created_at,
profile_id as "profile.id", profile_name as "profile.name", profile_max_age as "profile.max_age",
profile_is_kids as "profile.is_kids"

-- part: profile
id, name, avatar, is_kids, max_age, language, pin_hash is not null as has_pin, created_at

-- name: register
-- $1 email, $2 password hash, $3 name, $4 country, $5 locale
select @user@
from auth.register($1, $2, $3, 'user', $4, $5)

-- name: credential
-- $1 email: what a sign-in needs to know; the first profile speaks until another is selected
select a.id, c.password_hash, a.status, a.role, a.profile_id, a.profile_max_age
from users.account_card a
join auth.credential c on c.account_id = a.id
where lower(a.email) = lower($1)
order by a.profile_id
limit 1

-- name: password_of
-- $1 account
select c.password_hash
from auth.credential c
where c.account_id = $1

-- name: rehash
-- $1 account, $2 new hash, $3 the hash that it replaces: a password changed meanwhile stays
update auth.credential
set password_hash = $2
where account_id = $1
  and password_hash = $3
returning password_hash

-- name: session_start
-- $1 account, $2 profile, $3 hash of the refresh token, $4 device name, $5 address, $6 seconds to live, $7 the hash that the password was
-- compared with: it takes its time, and one that is another by now lets nobody in. Who changes it waits for this one, and ends it.
insert into auth.session (account_id, profile_id, refresh_hash, device_name, ip, expires_at)
select $1, $2, $3, $4, $5, now() + make_interval(secs => $6::int)
from auth.credential c
where c.account_id = $1
  and c.password_hash = $7
for share
returning id

-- name: refresh
-- $1 hash of the token, $2 hash of the next one
select account_id, session_id, profile_id, age, role, expires_in
from auth.refresh_session($1, $2)

-- name: logout
-- $1 hash of a refresh token, the one in force or a spent one
with ended as (
	update auth.session s
	set ended_at = now()
	where s.ended_at is null
	  and (s.refresh_hash = $1 or s.id = (select r.session_id from auth.spent_refresh r where r.hash = $1))
)
select 1 as done

-- name: session_list
-- $1 account, $2 current session
select s.id, s.device_name, s.ip, s.created_at, s.last_used_at, s.expires_at, s.id = $2 as current
from auth.session s
where s.account_id = $1
  and s.ended_at is null
  and s.expires_at > now()
order by s.last_used_at desc, s.id desc
limit 1000

-- name: session_end
-- $1 account, $2 session
update auth.session s
set ended_at = now()
where s.account_id = $1
  and s.id = $2
  and s.ended_at is null
  and s.expires_at > now()
returning 1 as done

-- name: session_end_others
-- $1 account, $2 current session
with ended as (
	update auth.session s
	set ended_at = now()
	where s.account_id = $1
	  and s.id <> $2
	  and s.ended_at is null
)
select 1 as done

-- name: password_change
-- $1 account, $2 current session, $3 new hash, $4 the hash that was checked: of two changes at once one wins
with changed as (
	update auth.credential c
	set password_hash = $3, changed_at = now()
	where c.account_id = $1
	  and c.password_hash = $4
	returning c.account_id
), unlinked as (
	delete from auth.reset r
	using changed c
	where r.account_id = c.account_id
)
select 1 as done, auth.end_sessions(c.account_id, $2) as ended
from changed c

-- name: erase
-- $1 account
select e.done
from users.erase_account($1) as e (done)
where e.done

-- name: revoke
-- $1 email: ends every session of the account, its players' keys, and every link for a new password
with account as (
	select a.id from users.account_card a where lower(a.email) = lower($1) limit 1
), unlinked as (
	delete from auth.reset r
	using account a
	where r.account_id = a.id
)
select count(*) as accounts, sum(auth.end_sessions(a.id, null)) as sessions
from account a

-- name: prune
-- Sessions that ended or expired a week ago, with their spent tokens.
delete from auth.session
where expires_at < now() - interval '7 days'
   or ended_at < now() - interval '7 days'

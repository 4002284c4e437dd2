-- name: register
-- $1 email, $2 password hash, $3 name, $4 country, $5 locale
select id, email, name, role, country, locale, created_at,
       profile_id as "profile.id", profile_name as "profile.name", profile_max_age as "profile.max_age",
       profile_is_kids as "profile.is_kids"
from auth.register($1, $2, $3, 'user', $4, $5)

-- name: credential
-- $1 email: what a sign-in needs to know; the first profile speaks until another is selected
select a.id, c.password_hash, a.status, a.role, a.profile_id, a.profile_max_age
from users.account_card a
join auth.credential c on c.account_id = a.id
where lower(a.email) = lower($1)
order by a.profile_id
limit 1

-- name: session_start
-- $1 account, $2 profile, $3 hash of the refresh token, $4 device name, $5 address, $6 seconds to live
insert into auth.session (account_id, profile_id, refresh_hash, device_name, ip, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::int))
returning id

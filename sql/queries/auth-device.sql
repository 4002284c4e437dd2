-- name: device_ask
-- $1 hash of the device code, $2 user code, $3 device name, $4 address, $5 seconds that they are good for. Nothing: another device has
-- that user code.
insert into auth.device (device_hash, user_code, device_name, ip, expires_at)
values ($1, $2, $3, $4, now() + make_interval(secs => $5::int))
on conflict on constraint device_user_code_key do nothing
returning id

-- name: device_lookup
-- $1 user code
select overlay(d.user_code placing '-' from 5 for 0) as user_code, d.device_name, d.ip, d.asked_at, d.expires_at
from auth.device d
where d.user_code = $1
  and d.expires_at > now()
  and d.session_id is null
  and not d.denied

-- name: device_approve
-- $1 account, $2 session, $3 profile, $4 user code. Who has approved may do it once more, and it is the same.
update auth.device d
set session_id = $2, profile_id = p.id, password_at = c.changed_at
from users.profile p
join auth.credential c on c.account_id = p.account_id
where d.user_code = $4
  and d.expires_at > now()
  and (d.session_id is null or d.session_id = $2)
  and not d.denied
  and p.id = $3
  and p.account_id = $1
returning 1 as done

-- name: device_deny
-- $1 session, $2 user code. Also by who has approved, as long as the device has not come for it.
update auth.device d
set denied = true, session_id = null, profile_id = null, password_at = null
where d.user_code = $2
  and d.expires_at > now()
  and (d.session_id is null or d.session_id = $1)
returning 1 as done

-- name: device_token
-- $1 hash of the device code, $2 hash of the refresh token, $3 address, $4 seconds that the session lives. Of several at once the row's
-- lock lets one through, and the others find it gone. Who changes the password waits for this one, and ends its session.
with asked as (
	select d.id, d.device_name, d.denied, d.session_id, d.profile_id, d.password_at, d.interval_seconds,
	       coalesce(d.polled_at > now() - make_interval(secs => d.interval_seconds - 1), false) as early
	from auth.device d
	where d.device_hash = $1
	  and d.expires_at > now()
	for update
), polled as (
	update auth.device d
	set polled_at = now(), interval_seconds = case when a.early then least(a.interval_seconds + 5, 60) else a.interval_seconds end
	from asked a
	where d.id = a.id
	  and a.session_id is null
	returning d.interval_seconds
), spent as (
	delete from auth.device d
	using asked a
	where d.id = a.id
	  and a.session_id is not null
), good as (
	select a.device_name, c.account_id, k.profile_id, k.profile_max_age, k.role
	from asked a
	join auth.session s on s.id = a.session_id
	join auth.credential c on c.account_id = s.account_id
	join users.account_card k on k.id = s.account_id and k.profile_id = a.profile_id
	where s.ended_at is null
	  and s.expires_at > now()
	  and c.changed_at = a.password_at
	  and k.status = 'active'
	for share of c
), started as (
	insert into auth.session (account_id, profile_id, refresh_hash, device_name, ip, expires_at)
	select g.account_id, g.profile_id, $2, g.device_name, $3, now() + make_interval(secs => $4::int)
	from good g
	returning id
)
select a.denied or a.session_id is not null as decided, a.early, p.interval_seconds, s.id, g.account_id, g.profile_id, g.profile_max_age, g.role
from asked a
left join polled p on true
left join started s on true
left join good g on true

-- name: device_prune
delete from auth.device where asked_at < now() - interval '1 day'

-- name: me
-- $1 account, $2 profile
select id, email, name, role, country, locale, created_at,
       profile_id as "profile.id", profile_name as "profile.name", profile_max_age as "profile.max_age",
       profile_is_kids as "profile.is_kids"
from users.account_card
where id = $1
  and profile_id = $2

-- name: account_create
-- $1 email, $2 password hash, $3 name, $4 role, $5 country, $6 locale
select id, email, name, role, country, locale, created_at,
       profile_id as "profile.id", profile_name as "profile.name", profile_max_age as "profile.max_age",
       profile_is_kids as "profile.is_kids"
from auth.register($1, $2, $3, $4, $5, $6)

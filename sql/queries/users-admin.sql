-- part: account
a.id, a.email, a.name, a.role, a.status, a.country, a.locale, a.created_at, a.updated_at

-- part: holds_text
lower(a.email || ' ' || a.name) like '%' || replace(replace(replace(lower($1), '\', '\\'), '%', '\%'), '_', '\_') || '%'

-- name: admin_user_list
-- $1 text in address or name, $2 limit, $3 cursor (id). What is in many is soon found by going through them; what is in few, by one
-- of two indexes: of letters and pairs, or of three and more.
with near as materialized (
	select a.id
	from (select a.id, a.email, a.name from users.account a where a.id > coalesce($3::bigint, 0) order by a.id limit 1000) a
	where $1::text is null or @holds_text@
	order by a.id
	limit $2::int + 1
), enough as materialized (
	select $1 is null or count(*) > $2 as said from near
), far as materialized (
	select a.id from users.account a
	where not (select said from enough) and length(lower($1)) < 3
	  and users.pairs(lower(a.email || ' ' || a.name)) @> array[lower($1)]
	union all
	select a.id from users.account a
	where not (select said from enough) and length(lower($1)) >= 3 and @holds_text@
)
select @account@, a.id as _1
from (
	(select near.id from near where (select said from enough))
	union all
	(select far.id from far where far.id > coalesce($3::bigint, 0) order by far.id limit $2::int + 1)
) f
cross join lateral (select a.* from users.account a where a.id = f.id limit 1) a
order by a.id

-- name: admin_user
-- $1 id
select @account@, a.version as _etag,
       p.ids as "profiles[].id", p.names as "profiles[].name", p.ages as "profiles[].max_age", p.kids as "profiles[].is_kids"
from users.account a
cross join lateral (
	select array_agg(p.id order by p.id) as ids, array_agg(p.name order by p.id) as names,
	       array_agg(p.max_age order by p.id) as ages, array_agg(p.is_kids order by p.id) as kids
	from users.profile p
	where p.account_id = a.id
) p
where a.id = $1

-- name: admin_user_change
-- $1 id, $2 versions that If-Match names, $3 body
update users.account a
set name = b.name, role = b.role, status = b.status, country = b.country
from json_to_record($3) as b (name text, role text, status text, country text)
where a.id = $1
  and public.matched(a.version, $2)
returning @account@, a.version as _etag

-- name: admin_user_erase
-- $1 id, $2 versions that If-Match names
select users.erase_account(a.id) as done
from users.account a
where a.id = $1
  and public.matched(a.version, $2)

-- name: grant_admin
-- $1 email
update users.account a
set role = 'admin'
where lower(a.email) = lower($1)
returning a.id

-- What operators read and write. Reads carry the row's version as their ETag.

-- part: plan
p.id, p.code, p.name, p.price_amount as "price.amount", p.currency as "price.currency", p.period, p.trial_days, p.grace_days,
p.level, p.max_streams, p.max_profiles, p.max_quality, p.state, p.updated_at

-- name: admin_plan_list
-- $1 limit, $2 cursor (id)
select @plan@, p.id as _1
from rights.plan p
where p.id > coalesce($2::bigint, 0)
order by p.id
limit $1::int + 1

-- name: admin_plan
select @plan@, p.version as _etag
from rights.plan p
where p.id = $1

-- name: admin_plan_create
select rights.save_plan(null, null, $1)

-- name: admin_plan_replace
-- $1 id, $2 versions that If-Match names, $3 body
select rights.save_plan($1, $2, $3)

-- name: admin_plan_delete
delete from rights.plan p
where p.id = $1
  and public.matched(p.version, $2)
returning 1 as done

-- part: rule
r.id, r.type, r.content_id, (select i.title from content.item i where i.id = r.content_id) as content_title, r.genre, r.kind,
r.plan_id, (select p.name from rights.plan p where p.id = r.plan_id) as plan_name,
r.price_amount as "price.amount", r.currency as "price.currency",
r.valid_from, r.valid_until, r.countries, r.excluded_countries, r.max_quality, r.start_within, r.watch_within, r.outlives_window,
r.exclusive, r.updated_at

-- name: admin_rule_list
-- $1 content, $2 plan, $3 limit, $4 cursor (id). One of the arms runs.
select @rule@, r.id as _1
from (
	(select o.id from rights.rule o
	 where $1::bigint is null and $2::bigint is null and o.id > coalesce($4::bigint, 0)
	 order by o.id
	 limit $3::int + 1)
	union all
	(select o.id from rights.rule o
	 where $1::bigint is not null and o.target = 'c:' || $1 and ($2::bigint is null or o.plan_id = $2) and o.id > coalesce($4::bigint, 0)
	 order by o.id
	 limit $3::int + 1)
	union all
	(select o.id from rights.rule o
	 where $1::bigint is null and $2::bigint is not null and o.plan_id = $2 and o.id > coalesce($4::bigint, 0)
	 order by o.id
	 limit $3::int + 1)
) f
cross join lateral (select o.* from rights.rule o where o.id = f.id limit 1) r -- looked up, and not met on a walk from the first
order by f.id

-- name: admin_rule
select @rule@, r.version as _etag
from rights.rule r
where r.id = $1

-- name: admin_rule_create
select rights.save_rule(null, null, $1)

-- name: admin_rule_replace
-- $1 id, $2 versions that If-Match names, $3 body
select rights.save_rule($1, $2, $3)

-- name: admin_rule_delete
delete from rights.rule r
where r.id = $1
  and public.matched(r.version, $2)
returning 1 as done

-- part: grant
g.id, g.account_id as user_id, (select u.email from users.contact u where u.account_id = g.account_id) as user_email,
g.content_id, (select i.title from content.item i where i.id = g.content_id) as content_title, g.genre, g.kind,
g.target = '*' as everything, g.max_quality,
g.valid_from, g.valid_until, g.note, g.updated_at

-- name: admin_grant_list
-- $1 account, $2 limit, $3 cursor (id). One of the arms runs.
select @grant@, g.id as _1
from (
	(select o.id from rights.grant o
	 where $1::bigint is null and o.id > coalesce($3::bigint, 0)
	 order by o.id
	 limit $2::int + 1)
	union all
	(select o.id from rights.grant o
	 where $1::bigint is not null and o.account_id = $1 and o.id > coalesce($3::bigint, 0)
	 order by o.id
	 limit $2::int + 1)
) f
cross join lateral (select o.* from rights.grant o where o.id = f.id limit 1) g
order by f.id

-- name: admin_grant
select @grant@, g.version as _etag
from rights.grant g
where g.id = $1

-- name: admin_grant_create
select rights.save_grant(null, null, $1)

-- name: admin_grant_replace
-- $1 id, $2 versions that If-Match names, $3 body
select rights.save_grant($1, $2, $3)

-- name: admin_grant_delete
delete from rights.grant g
where g.id = $1
  and public.matched(g.version, $2)
returning 1 as done

-- part: admin_receipt
c.id, c.type, c.account_id as user_id, (select u.email from users.contact u where u.account_id = c.account_id) as user_email,
c.item_id as "content.id", c.content_kind as "content.kind", c.content_title as "content.title",
c.price_amount as "price.amount", c.currency as "price.currency", c.max_quality, c.rule_id, c.status,
c.created_at, c.paid_at, c.valid_until, c.start_by, c.started_at, c.expires_at, c.refunded_at

-- name: admin_receipt_list
-- $1 account, $2 limit, $3 cursor (id): purchases and rentals, the latest first. Two of the arms run.
select @admin_receipt@, c.id as _1
from (
	select o.id, o.type
	from (
		(select p.id, 'purchase' as type from rights.purchase p
		 where $1::bigint is null and p.id < coalesce($3::bigint, 9223372036854775807)
		 order by p.id desc
		 limit $2::int + 1)
		union all
		(select r.id, 'rental' from rights.rental r
		 where $1::bigint is null and r.id < coalesce($3::bigint, 9223372036854775807)
		 order by r.id desc
		 limit $2::int + 1)
		union all
		(select p.id, 'purchase' from rights.purchase p
		 where p.account_id = $1 and p.id < coalesce($3::bigint, 9223372036854775807)
		 order by p.id desc
		 limit $2::int + 1)
		union all
		(select r.id, 'rental' from rights.rental r
		 where r.account_id = $1 and r.id < coalesce($3::bigint, 9223372036854775807)
		 order by r.id desc
		 limit $2::int + 1)
	) o
	order by o.id desc
	limit $2::int + 1
) f
cross join lateral (select c.* from rights.receipt_card c where c.id = f.id and c.type = f.type limit 1) c
order by f.id desc

-- name: admin_receipt
-- $1 receipt
select @admin_receipt@
from rights.receipt_card c
where c.id = $1

-- name: admin_ledger
-- $1 account, $2 from, $3 to, $4 limit, $5 cursor (at, id): the latest first. One of the arms runs.
select l.id, l.at, l.account_id as user_id, l.payment_id, l.entry, l.subject, l.subject_id, l.amount as "price.amount",
       l.currency as "price.currency", l.provider, l.at as _1, l.id as _2
from (
	(select o.id, o.at from rights.ledger o
	 where $1::bigint is null
	   and o.at >= coalesce($2::timestamptz, '-infinity') and o.at < coalesce($3::timestamptz, 'infinity')
	   and (o.at, o.id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6::bigint, 9223372036854775807))
	 order by o.at desc, o.id desc
	 limit $4::int + 1)
	union all
	(select o.id, o.at from rights.ledger o
	 where $1::bigint is not null and o.account_id = $1
	   and o.at >= coalesce($2::timestamptz, '-infinity') and o.at < coalesce($3::timestamptz, 'infinity')
	   and (o.at, o.id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6::bigint, 9223372036854775807))
	 order by o.at desc, o.id desc
	 limit $4::int + 1)
) f
cross join lateral (select o.* from rights.ledger o where o.id = f.id limit 1) l
order by f.at desc, f.id desc

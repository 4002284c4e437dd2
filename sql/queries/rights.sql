-- part: decision
d.content_id, d.granted, d.reason, d.source, d.max_quality, d.expires_at,
d.offer_type as "offers[].type", d.offer_content as "offers[].content_id",
d.offer_plan_id as "offers[].plan.id", d.offer_plan as "offers[].plan.code", d.offer_plan_name as "offers[].plan.name",
d.offer_amount as "offers[].price.amount", d.offer_currency as "offers[].price.currency",
d.offer_start_within as "offers[].start_within", d.offer_watch_within as "offers[].watch_within"

-- name: check_access
-- together: bigint, bigint, bigint, timestamptz, text
-- $1 account, $2 content, $3 profile, $4 at, $5 country; no row: there is no such account or content
select @decision@
from rights.decisions($1, $3, $2, $5, $4::timestamptz) d

-- name: access_list
-- $1 account, $2 profile, $3 age, $4 ids: in their order; what the profile may not see does not exist for it
select @decision@
from unnest($4::bigint[]) with ordinality w (id, n)
cross join lateral rights.decisions($1, $2, w.id, null, now()) d
where d.min_age <= $3::int
order by w.n

-- name: simulate
-- $1 account, $2 profile, $3 content, $4 country, $5 at
select @decision@, d.trace_what as "trace[].looked_at", d.trace_said as "trace[].said"
from rights.decisions($1, $2, $3, $4, $5::timestamptz, true) d

-- part: subscription
s.id as "current.id", s.plan_id as "current.plan.id", s.plan_code as "current.plan.code", s.plan_name as "current.plan.name",
s.status as "current.status", s.started_at as "current.started_at", s.renews_at as "current.renews_at",
s.ends_at as "current.ends_at", s.next_plan_id as "current.next_plan.id", s.next_plan_code as "current.next_plan.code",
s.next_plan_name as "current.next_plan.name"

-- name: subscriptions
-- $1 account, $2 age: what plans include names no title above it
select @subscription@, p.plans
from (values (1)) one (row)
left join rights.subscription_card s on s.account_id = $1 and s.status <> 'ended'
cross join lateral (
	select coalesce(json_agg(json_build_object(
	           'id', p.id, 'code', p.code, 'name', p.name, 'price', rights.price_json(p.price_amount, p.currency),
	           'period', p.period, 'trial_days', p.trial_days, 'max_streams', p.max_streams, 'max_profiles', p.max_profiles,
	           'max_quality', p.max_quality, 'includes', rights.includes(p.id, $2::int))
	           order by p.level, p.price_amount, p.id), '[]') as plans
	from rights.plan p
	where p.state = 'active'
) p

-- name: plans_on_sale
-- $1 age: what plans include names no title above it
select p.id, p.code, p.name, p.price_amount as "price.amount", p.currency as "price.currency", p.period, p.trial_days,
       p.max_streams, p.max_profiles, p.max_quality, rights.includes(p.id, $1::int) as includes
from rights.plan p
where p.state = 'active'
order by p.level, p.price_amount, p.id

-- part: checkout
c.state, c.payment_id, c.amount, c.currency, c.method, c.provider_ref, c.status, c.answer, c.provider

-- name: begin_purchase
-- $1 purchase or rental, $2 account, $3 profile, $4 age, $5 content, $6 key, $7 hash of the request, $8 provider, $9 method,
-- $10 the price as it was shown
select @checkout@
from rights.begin_purchase($1, $2, $3, $4, $5, $6, $7::bytea, $8, $9) c
where c.state in ('replay', 'running') or rights.as_shown(c.amount, c.currency, $10::json)

-- name: begin_subscription
-- $1 account, $2 profile, $3 plan, $4 key, $5 hash of the request, $6 provider, $7 method, $8 the plan's price as it was shown
-- The plan is locked first: one that is just being deleted is none.
select @checkout@
from rights.begin_subscription($1, $2, (select p.id from rights.plan p where p.id = $3 for key share), $4, $5::bytea, $6, $7) c
where c.state in ('replay', 'running') or rights.plan_as_shown($3, $8::json)

-- name: begin_refund
-- $1 receipt
select @checkout@
from rights.begin_refund($1) c
where c.state is not null

-- name: finish_payment
-- $1 payment, $2 outcome, $3 the provider's reference
select f.state, f.status, f.answer
from rights.finish_payment($1, $2, $3) f

-- name: subscription_cancel
-- $1 account, $2 profile
select s.id, s.plan_id as "plan.id", s.plan_code as "plan.code", s.plan_name as "plan.name", s.status, s.started_at, s.renews_at,
       s.ends_at, s.next_plan_id as "next_plan.id", s.next_plan_code as "next_plan.code", s.next_plan_name as "next_plan.name"
from rights.cancel_subscription($1, $2) s

-- part: receipt
c.id, c.item_id as "content.id", c.content_kind as "content.kind", c.content_title as "content.title",
c.content_year as "content.year", c.content_poster as "content.poster",
c.price_amount as "price.amount", c.currency as "price.currency", c.max_quality, c.created_at, c.paid_at

-- name: purchase_list
-- $1 account, $2 age, $3 limit, $4 cursor (id)
select @receipt@, c.status, c.valid_until, c.refunded_at, c.id as _1
from (
	select p.id from rights.purchase p
	where p.account_id = $1 and p.id < coalesce($4::bigint, 9223372036854775807)
	order by p.id desc
) w
cross join lateral (select o.* from rights.receipt_card o where o.id = w.id and o.type = 'purchase' limit 1) c
where c.status <> 'declined'
  and c.content_age <= $2::int
order by w.id desc
limit $3::int + 1

-- name: rental_list
-- $1 account, $2 age, $3 limit, $4 cursor (id)
select @receipt@,
       case when c.status = 'pending' then 'pending'
            when c.status = 'refunded' or coalesce(c.expires_at, c.start_by) <= now() then 'expired'
            when c.started_at is not null then 'watching'
            else 'ready' end as status,
       c.start_by, c.started_at, c.expires_at, c.start_within, c.watch_within, c.refunded_at, c.id as _1
from (
	select p.id from rights.rental p
	where p.account_id = $1 and p.id < coalesce($4::bigint, 9223372036854775807)
	order by p.id desc
) w
cross join lateral (select o.* from rights.receipt_card o where o.id = w.id and o.type = 'rental' limit 1) c
where c.status <> 'declined'
  and c.content_age <= $2::int
order by w.id desc
limit $3::int + 1

-- name: take_event
-- $1 provider, $2 its id of the message, $3 payment, $4 outcome, $5 its reference
select f.state
from rights.take_event($1, $2, $3, $4, $5) f

-- name: claim_unsettled
-- $1 seconds
select @checkout@, (select p.account_id is null from rights.payment p where p.id = c.payment_id) as abandoned
from rights.claim_unsettled(make_interval(secs => $1::int)) c
where c.payment_id is not null

-- name: refunded_ref
-- $1 a refund: the provider's reference of what is given back
select p.provider_ref
from rights.payment r
join rights.payment p on p.subject in ('purchase', 'rental') and p.subject_id = r.subject_id and p.status = 'paid'
where r.id = $1

-- name: claim_renewal
-- $1 provider
select @checkout@, false as abandoned
from rights.claim_renewal($1) c
where c.payment_id is not null

-- name: end_subscriptions
select rights.end_subscriptions() as ended

-- name: prune
select rights.prune()

-- part: user
id, email, name, role, country, locale, created_at,
profile_id as "profile.id", profile_name as "profile.name", profile_max_age as "profile.max_age",
profile_is_kids as "profile.is_kids"

-- part: profile
p.id, p.name, p.avatar, p.is_kids, p.max_age, p.language, p.pin_hash is not null as has_pin, p.created_at

-- name: me
-- $1 account, $2 profile
select @user@
from users.account_card
where id = $1
  and profile_id = $2

-- name: me_change
-- $1 account, $2 profile, $3 body
with body as (
	select name, country, locale
	from json_to_record($3) as b (name text, country text, locale text)
), changed as (
	update users.account a
	set name = coalesce(b.name, a.name),
	    country = case when $3::jsonb ? 'country' then b.country else a.country end,
	    locale = case when $3::jsonb ? 'locale' then b.locale else a.locale end
	from body b
	where a.id = $1
	returning a.id, a.email, a.name, a.role, a.country, a.locale, a.created_at
)
select c.id, c.email, c.name, c.role, c.country, c.locale, c.created_at,
       p.id as "profile.id", p.name as "profile.name", p.max_age as "profile.max_age", p.is_kids as "profile.is_kids"
from changed c
join users.profile p on p.account_id = c.id and p.id = $2

-- name: account_create
-- $1 email, $2 password hash, $3 name, $4 role, $5 country, $6 locale
select @user@, '/admin/users/' || id as _location
from auth.register($1, $2, $3, $4, $5, $6)

-- Everything that is kept about the caller.
-- name: export
-- $1 account, $2 age of the caller: it names what all profiles watch, so it is for the oldest
select a.id, a.email, a.name, a.role, a.status, a.country, a.locale, a.created_at, a.updated_at,
       p.ids as "profiles[].id", p.names as "profiles[].name", p.avatars as "profiles[].avatar",
       p.kids as "profiles[].is_kids", p.ages as "profiles[].max_age", p.languages as "profiles[].language",
       p.pins as "profiles[].has_pin", p.times as "profiles[].created_at",
       s.ids as "sessions[].id", s.devices as "sessions[].device_name", s.ips as "sessions[].ip",
       s.created as "sessions[].created_at", s.used as "sessions[].last_used_at",
       w.profiles as "watchlist[].profile_id", w.items as "watchlist[].content_id", w.titles as "watchlist[].title",
       w.times as "watchlist[].added_at",
       g.profiles as "progress[].profile_id", g.items as "progress[].content_id", g.titles as "progress[].title",
       g.positions as "progress[].position", g.durations as "progress[].duration", g.seen as "progress[].seen", g.times as "progress[].updated_at",
       h.profiles as "history[].profile_id", h.items as "history[].content_id", h.titles as "history[].title",
       h.positions as "history[].position", h.times as "history[].watched_at",
       l.ids as "play_sessions[].id", l.profiles as "play_sessions[].profile_id", l.items as "play_sessions[].content_id",
       l.devices as "play_sessions[].device_name", l.positions as "play_sessions[].position",
       l.started as "play_sessions[].started_at", l.seen as "play_sessions[].last_heard_at",
       b.ids as "purchases[].id", b.items as "purchases[].content_id", b.titles as "purchases[].content_title",
       b.amounts as "purchases[].amount", b.currencies as "purchases[].currency", b.times as "purchases[].paid_at",
       t.ids as "rentals[].id", t.items as "rentals[].content_id", t.titles as "rentals[].content_title",
       t.amounts as "rentals[].amount", t.currencies as "rentals[].currency", t.times as "rentals[].paid_at",
       u.plans as "subscriptions[].plan", u.statuses as "subscriptions[].status", u.started as "subscriptions[].started_at",
       u.until as "subscriptions[].period_end", u.ended as "subscriptions[].ended_at"
from users.account a
cross join lateral (
	select array_agg(p.id order by p.id) as ids, array_agg(p.name order by p.id) as names,
	       array_agg(p.avatar order by p.id) as avatars, array_agg(p.is_kids order by p.id) as kids,
	       array_agg(p.max_age order by p.id) as ages, array_agg(p.language order by p.id) as languages,
	       array_agg(p.pin_hash is not null order by p.id) as pins, array_agg(p.created_at order by p.id) as times
	from users.profile p
	where p.account_id = a.id
) p
cross join lateral (
	select array_agg(s.id order by s.id) as ids, array_agg(s.device_name order by s.id) as devices,
	       array_agg(host(s.ip) order by s.id) as ips, array_agg(s.created_at order by s.id) as created,
	       array_agg(s.last_used_at order by s.id) as used
	from auth.session_card s
	where s.account_id = a.id
) s
cross join lateral (
	select array_agg(w.profile_id order by w.added_at, w.item_id) as profiles,
	       array_agg(w.item_id order by w.added_at, w.item_id) as items,
	       array_agg(c.title order by w.added_at, w.item_id) as titles,
	       array_agg(w.added_at order by w.added_at, w.item_id) as times
	from users.profile o
	join users.watchlist w on w.profile_id = o.id
	left join content.card c on c.id = w.item_id
	where o.account_id = a.id
) w
cross join lateral (
	select array_agg(g.profile_id order by g.updated_at, g.item_id) as profiles,
	       array_agg(g.item_id order by g.updated_at, g.item_id) as items,
	       array_agg(c.title order by g.updated_at, g.item_id) as titles,
	       array_agg(g.position order by g.updated_at, g.item_id) as positions,
	       array_agg(g.duration order by g.updated_at, g.item_id) as durations,
	       array_agg(g.finished order by g.updated_at, g.item_id) as seen,
	       array_agg(g.updated_at order by g.updated_at, g.item_id) as times
	from users.profile o
	join users.progress g on g.profile_id = o.id
	left join content.card c on c.id = g.item_id
	where o.account_id = a.id
) g
cross join lateral (
	select array_agg(h.profile_id order by h.id) as profiles, array_agg(h.item_id order by h.id) as items,
	       array_agg(c.title order by h.id) as titles, array_agg(h.position order by h.id) as positions,
	       array_agg(h.watched_at order by h.id) as times
	from users.profile o
	join users.history h on h.profile_id = o.id
	left join content.card c on c.id = h.item_id
	where o.account_id = a.id
) h
cross join lateral (
	select array_agg(l.id order by l.id) as ids, array_agg(l.profile_id order by l.id) as profiles,
	       array_agg(l.item_id order by l.id) as items, array_agg(l.device_name order by l.id) as devices,
	       array_agg(l.position order by l.id) as positions, array_agg(l.started_at order by l.id) as started,
	       array_agg(l.seen_at order by l.id) as seen
	from play.session_card l
	where l.account_id = a.id
) l
cross join lateral (
	select array_agg(c.id order by c.id) as ids, array_agg(c.item_id order by c.id) as items,
	       array_agg(c.content_title order by c.id) as titles, array_agg(c.price_amount order by c.id) as amounts,
	       array_agg(c.currency order by c.id) as currencies, array_agg(c.paid_at order by c.id) as times
	from rights.receipt_card c
	where c.account_id = a.id
	  and c.type = 'purchase'
) b
cross join lateral (
	select array_agg(c.id order by c.id) as ids, array_agg(c.item_id order by c.id) as items,
	       array_agg(c.content_title order by c.id) as titles, array_agg(c.price_amount order by c.id) as amounts,
	       array_agg(c.currency order by c.id) as currencies, array_agg(c.paid_at order by c.id) as times
	from rights.receipt_card c
	where c.account_id = a.id
	  and c.type = 'rental'
) t
cross join lateral (
	select array_agg(s.plan_code order by s.id) as plans, array_agg(s.status order by s.id) as statuses,
	       array_agg(s.started_at order by s.id) as started, array_agg(s.period_end order by s.id) as until,
	       array_agg(s.ended_at order by s.id) as ended
	from rights.subscription_card s
	where s.account_id = a.id
) u
where a.id = $1
  and users.speaks_for_all(a.id, $2)

-- name: profile_list
-- $1 account
select @profile@
from users.profile p
where p.account_id = $1
order by p.id

-- name: profile
-- $1 account, $2 id
select @profile@
from users.profile p
where p.account_id = $1
  and p.id = $2

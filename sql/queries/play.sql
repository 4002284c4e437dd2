-- Where the channel x.channel plays (null: nowhere), and what of it is to be played from x.start on: no other statement has to be
-- asked for that, which could not be while one is on its way (lib/together.h).
-- part: origin_columns
o.url as _url, o.catchup as _catchup, o.scheduled as _scheduled, x.start > x.began - interval '30 seconds' as _on_now,
extract(epoch from x.start)::bigint as _from, extract(epoch from o.until)::bigint as _until, extract(epoch from x.began)::bigint as _began

-- part: origin
left join lateral (
	select s.url, s.catchup, p.channel_id is not null as scheduled,
	       case when s.catchup is not null and x.start is not null then live.shown_until(c.id, x.start) end as until
	from live.channel c
	left join live.source s on s.channel_id = c.id
	left join live.schedule p on p.channel_id = c.id
	where c.id = x.channel
) o on true

-- name: start
-- $1 account, $2 profile, $3 sign-in, $4 content, $5 kinds, $6 instant to start a channel at, $7 session to take over,
-- $8 only look
select s.outcome as _outcome, s.refusal as _refusal, s.directory as _directory, s.max_quality as _quality, s.session_id, s.expires_at,
       30 as heartbeat_seconds, s.place as position, s.duration, s.max_quality,
       n.id as "next_episode.id", n.title as "next_episode.title", n.season_number as "next_episode.season",
       n.episode_number as "next_episode.number",
       s.markers, s.subtitles, k.thumbnails as _thumbnails, $6::timestamptz as start, @origin_columns@
from play.start($1, $2, $3, $4, $5::text[], $6, $7, $8) s
cross join lateral (
	select case when s.outcome = 'ok' and $5::text[] = '{channel}' then $4::bigint end as channel, $6::timestamptz as start, now() as began
) x
@origin@
left join content.package k on k.directory = s.directory
left join lateral (
	select c.id, c.title, c.season_number, c.episode_number
	from content.next_episode($4) x
	join content.card c on c.id = x.id and c.effective_age <= s.age
) n on s.outcome = 'ok'

-- part: beat
h.outcome as _outcome, h.refusal as _refusal, h.directory as _directory, h.max_quality as _quality, h.address as _address, h.item_id as _item,
h.live as _live, h.start_at as _start, h.expires_at, @origin_columns@

-- The session is b.session; what it plays from is the same address from its beginning on.
-- part: beat_origin
cross join lateral (
	select case when h.live and h.address then h.item_id end as channel, h.start_at as start,
	       case when h.live and h.address and h.start_at is not null
	            then coalesce((select r.started_at from play.running r where r.id = b.session), now()) end as began
) x
@origin@

-- name: heartbeat
-- together: heartbeat_together
-- $1 account, $2 session, $3 position, $4 number, $5 event
select @beat@
from play.heartbeat($1, $2, $3, $4, $5) h
cross join (select $2::bigint as session) b
@beat_origin@

-- name: heartbeat_together
-- a row for each, in their order
select h.ordinality as _n, @beat@
from play.heartbeats($1, $2, $3, $4, $5) with ordinality h
cross join lateral (select ($2::bigint[])[h.ordinality] as session) b
@beat_origin@

-- name: session_list
-- $1 account, $2 age: what is above it is there, but not named
select s.id, c.id as "content.id", c.kind as "content.kind", c.title as "content.title", s.device_name, s.profile_id,
       s.position, s.started_at
from play.running s
left join content.card c on c.id = s.item_id and c.effective_age <= $2
where s.account_id = $1
order by s.started_at, s.id

-- name: stop
-- $1 account, $2 profile, $3 sign-in, $4 session
select 1 as done
where play.stop($1, $2, $3, $4)

-- name: drop_session
-- $1 account, $2 session: it was begun, but there is nothing to play it from
select play.drop_session($1, $2)

-- name: reap
select r.lapsed, r.forgotten
from play.reap() r

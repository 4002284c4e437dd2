-- part: card
c.id as "content.id", c.kind as "content.kind", c.title as "content.title", c.original_title as "content.original_title",
c.year as "content.year", c.runtime as "content.runtime", c.genres as "content.genres",
c.rating_code as "content.rating.code", c.min_age as "content.rating.min_age", c.poster as "content.poster",
c.synopsis as "content.synopsis"

-- part: of_series
sr.id as "series.id", sr.title as "series.title", c.season_number as season, c.episode_number as number

-- name: watchlist
-- $1 profile, $2 age, $3 limit, $4 cursor (added_at, id)
select @card@, w.added_at, w.added_at as _1, w.item_id as _2
from users.watchlist w
join content.card c on c.id = w.item_id and c.effective_age <= $2
where w.profile_id = $1
  and (w.added_at, w.item_id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::bigint, 9223372036854775807))
order by w.added_at desc, w.item_id desc
limit $3::int + 1

-- name: watchlist_add
-- $1 profile, $2 age, $3 content; what the profile may not see does not exist for it
with visible as (
	select c.id from content.card c where c.id = $3 and c.effective_age <= $2 and c.kind <> 'season'
), added as (
	insert into users.watchlist (profile_id, item_id)
	select $1, v.id from visible v
	on conflict on constraint watchlist_pkey do nothing
)
select v.id from visible v

-- name: watchlist_remove
-- $1 profile, $2 content: gone afterwards, whether it was there or not
with removed as (
	delete from users.watchlist w where w.profile_id = $1 and w.item_id = $2
)
select 1 as done

-- name: resume_list
-- together: bigint, int, int, timestamptz, bigint
-- $1 profile, $2 age, $3 limit, $4 cursor (updated_at, id)
select @card@, coalesce(users.resume_position(g.position, g.duration), 0) as position,
       coalesce(g.duration, c.runtime, 0) as duration,
       case when g.duration > 0 then users.resume_position(g.position, g.duration)::real / g.duration else 0 end as progress,
       r.updated_at as watched_at,
       n.id as "next_episode.id", n.title as "next_episode.title", n.season_number as "next_episode.season",
       n.episode_number as "next_episode.number", @of_series@,
       r.updated_at as _1, r.group_id as _2
from users.resume r
join content.card c on c.id = r.item_id and c.effective_age <= $2
left join content.item sr on sr.id = c.series_id
left join users.progress g on g.profile_id = r.profile_id and g.item_id = r.item_id
left join lateral (
	select o.id, o.title, o.season_number, o.episode_number
	from content.next_episode(case c.kind when 'episode' then c.id end) x
	join content.card o on o.id = x.id and o.effective_age <= $2
) n on true
where r.profile_id = $1
  and not r.hidden
  and (r.updated_at, r.group_id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::bigint, 9223372036854775807))
order by r.updated_at desc, r.group_id desc
limit $3::int + 1

-- name: resume_hide
-- $1 profile, $2 content: the movie, the series, or the episode that stands for its series
update users.resume r
set hidden = true
where r.profile_id = $1
  and (r.group_id = $2 or r.item_id = $2)
returning 1 as done

-- name: history_list
-- $1 profile, $2 age, $3 limit, $4 cursor (watched_at, id)
select h.id, @card@, h.watched_at, h.position, @of_series@, h.watched_at as _1, h.id as _2
from users.history h
join content.card c on c.id = h.item_id and c.effective_age <= $2
left join content.item sr on sr.id = c.series_id
where h.profile_id = $1
  and (h.watched_at, h.id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::bigint, 9223372036854775807))
order by h.watched_at desc, h.id desc
limit $3::int + 1

-- name: history_seen
-- $1 account, $2 profile, $3 age, $4 content
select 1 as done
where users.mark_seen($1, $2, $3, $4)

-- name: history_remove
-- $1 account, $2 profile, $3 content: gone afterwards, whether it was there or not
select users.forget($1, $2, $3) as done

-- name: history_clear
-- $1 account, $2 profile
select users.forget_all($1, $2) as done

-- name: progress_list
-- $1 profile, $2 age, $3 ids: in their order; what the profile may not see does not exist for it
select c.id as content_id, p.episodes > 0 and p.seen = p.episodes as seen,
       coalesce(users.resume_position(g.position, g.duration), 0) as position, coalesce(g.duration, c.runtime, 0) as duration,
       case when g.duration > 0 then users.resume_position(g.position, g.duration)::real / g.duration else 0 end as progress,
       case when c.kind in ('series', 'season') then p.episodes end as "episodes.count",
       case when c.kind in ('series', 'season') then p.seen end as "episodes.seen",
       o.id as "next_episode.id", o.title as "next_episode.title", o.season_number as "next_episode.season",
       o.episode_number as "next_episode.number"
from unnest($3::bigint[]) with ordinality w (id, n)
join content.card c on c.id = w.id and c.effective_age <= $2 and c.kind <> 'channel'
left join users.progress g on g.profile_id = $1 and g.item_id = c.id
left join users.resume r on r.profile_id = $1 and r.group_id = c.id and c.kind = 'series'
left join content.card o on o.id = r.item_id and o.effective_age <= $2
cross join lateral (
	select count(*) as episodes, count(*) filter (where f.finished) as seen
	from content.part e
	left join users.progress f on f.profile_id = $1 and f.item_id = e.id
	where e.whole_id = c.id and e.published and content.is_open(e.opens, e.closes) and e.effective_age <= $2
) p
order by w.n

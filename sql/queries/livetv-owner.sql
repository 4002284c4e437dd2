-- Which feed supplies a channel's guide: two steps of a guide import on behalf of a feed.

-- name: owner_leave
-- $1 the feed: takes out the channels that a feed before it supplies.
with gone as (
	delete from guide_channel g
	using live.guide_owner o
	join live.feeds_before($1) b on b.id = o.feed_id
	where o.channel_id = g.id
	returning g.n, o.feed_id
)
select n, feed_id from gone order by feed_id, n

-- name: owner_lock
-- $1 the feed: before its state, as those who delete it lock them
select f.id from live.feed f where f.id = $1 for key share

-- name: owner_take
-- $1 the feed, $2 channels that the file has programmes of, $3 the feeds to which others were left. Channels that it no
-- longer has are free. Whose channels are taken, and who has left one to it that is free now, reads its file again.
with mine as (
	select m.id from unnest($2::bigint[]) m (id)
), freed as (
	delete from live.guide_owner o
	where o.feed_id = $1
	  and not exists (select from mine m where m.id = o.channel_id)
	returning o.channel_id
), again as (
	update live.feed_state s
	set etag = null, modified = null
	where s.feed_id <> $1
	  and (s.feed_id in (select o.feed_id from live.guide_owner o join mine m on m.id = o.channel_id)
	       or $1 = any (s.left_to) and exists (select from freed))
), noted as (
	update live.feed_state s
	set left_to = $3::bigint[]
	where s.feed_id = $1
)
insert into live.guide_owner (channel_id, feed_id)
select m.id, $1
from mine m
order by m.id
on conflict on constraint guide_owner_pkey do update set feed_id = excluded.feed_id
where guide_owner.feed_id <> excluded.feed_id

-- play add-media, add-thumbnails, link-media and prune-media.

-- name: media_target
-- $1 content: a film or an episode
select i.title
from content.item i
where i.id = $1
  and i.kind in ('movie', 'episode')

-- name: media_add
-- $1 directory, $2 segments, $3 renditions, $4 subtitles, $5 thumbnails
select content.add_package($1, $2, $3, $4, $5)

-- name: media_use
-- $1 content, $2 directory
select content.use_package($1, $2) as used

-- name: media_of
-- $1 content (null: of every title that plays), $2 whether only those without thumbnails
select p.directory
from content.package p
where exists (select from content.media m where m.directory = p.directory and ($1::bigint is null or m.item_id = $1))
  and not ($2 and p.thumbnails is not null)
order by p.created_at, p.directory

-- name: media_thumbnails
-- $1 directory: how its first rendition, of which they are made, is laid out
select p.thumbnails, p.renditions -> 0 ->> 'path' as path, p.duration, (select max(s) from unnest(p.segments) s) as longest,
       p.renditions -> 0 ->> 'width' as width, p.renditions -> 0 ->> 'height' as height
from content.package p
where p.directory = $1

-- name: media_thumbnails_add
-- $1 directory, $2 path
select content.add_thumbnails($1, $2) as added

-- name: media_unused
select u.directory
from content.unused_packages() u (directory)
order by 1

-- name: media_remove
-- $1 directory
select content.remove_package($1) as removed

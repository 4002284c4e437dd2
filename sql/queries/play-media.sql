-- play add-media, link-media and prune-media.

-- name: media_target
-- $1 content: a film or an episode
select i.title
from content.item i
where i.id = $1
  and i.kind in ('movie', 'episode')

-- name: media_add
-- $1 directory, $2 segments, $3 renditions, $4 subtitles
select content.add_package($1, $2, $3, $4)

-- name: media_use
-- $1 content, $2 directory
select content.use_package($1, $2) as used

-- name: media_unused
select u.directory
from content.unused_packages() u (directory)
order by 1

-- name: media_remove
-- $1 directory
select content.remove_package($1) as removed

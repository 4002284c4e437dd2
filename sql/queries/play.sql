-- name: session_list
-- $1 account, $2 age: what is above it is there, but not named
select s.id, c.id as "content.id", c.kind as "content.kind", c.title as "content.title", s.device_name, s.started_at
from play.running s
left join content.card c on c.id = s.item_id and c.effective_age <= $2
where s.account_id = $1
order by s.started_at, s.id

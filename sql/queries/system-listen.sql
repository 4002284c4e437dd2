-- name: listen_content
listen content

-- name: listen_live
listen live

-- name: listen_plans
listen plans

-- name: next_edge
-- Also the sign of life that is asked for now and then.
select content.next_edge() as seconds

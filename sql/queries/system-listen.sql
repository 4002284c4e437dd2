-- name: listen_content
listen content

-- name: listen_live
listen live

-- name: listen_plans
listen plans

-- name: listen_node
listen node

-- name: node_join
-- $1 the node that it was before, or 0
select j.id, j.number from node.join($1) j

-- name: node_renew
-- $1 node, $2 the highest number it has heard
select r.slowest, r.edge from node.renew($1, $2) r where r.there

-- name: node_leave
-- $1 node
select node.leave($1)

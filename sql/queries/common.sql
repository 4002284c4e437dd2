-- What every program asks: these stand first in each program's table, so the library knows their numbers.

-- name: require_session
-- together: bigint, bigint, text, text
-- $1 session, $2 account, $3 role, $4 request id
select g.said
from auth.guard($1, $2, $3, $4) g (said)

-- name: schema_version
select coalesce(max(version), 0)::int from public.schema_migration

-- name: settings
-- $1 statement time-out, $2 application name. The room: libpq's buffer grows with the largest row that it was sent, and takes a page of
-- the guide in one reading then, not in two or three.
select set_config('statement_timeout', $1, false),
       set_config('timezone', 'UTC', false),
       set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('jit', 'off', false),
       set_config('search_path', 'public', false),
       set_config('application_name', $2, false),
       repeat(' ', 40000) as room

-- name: tell_nodes
-- $1 this node: null when there is no other
select node.tell($1)

-- name: slowest_node
-- $1 this node
select node.slowest($1)

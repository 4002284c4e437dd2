-- name: ping
-- Nothing but a round trip: whether PostgreSQL answers.
select 1 as one

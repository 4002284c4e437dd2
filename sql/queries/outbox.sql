-- What programs that write searchable things ask after a write (lib/outbox.c).

-- name: outbox_claim
-- $1 how many, $2 seconds
select c.queued as _queued, c.version as _version, c.gone as _gone, c.kind, c.id, c.titles, c.year, c.weight, c.min_age,
       c.open_from, c.open_until
from search.claim($1, $2) c

-- name: outbox_settle
-- $1 sent, $2 released, $3 put off, $4 refused, $5 why
select search.settle($1, $2, $3, $4, $5) as done

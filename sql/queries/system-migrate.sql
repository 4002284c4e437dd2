-- The migration runner's own statements.

-- name: migration_lock
-- One runner at a time; others wait as long as their lock time-out says.
select pg_advisory_lock(7226823341)

-- name: migration_table
create table if not exists public.schema_migration (
	version int not null,
	name text not null,
	sha256 text not null,
	applied_at timestamptz not null default now(),
	constraint schema_migration_pkey primary key (version)
)

-- name: migration_grant
grant select on public.schema_migration to public

-- name: migration_newest
select version, name from public.schema_migration order by version desc limit 1

-- name: migration_applied
-- $1 version
select name, sha256 from public.schema_migration where version = $1

-- name: migration_record
-- $1 version, $2 name, $3 sha256
insert into public.schema_migration (version, name, sha256) values ($1, $2, $3)

-- name: migration_timeouts
select set_config('lock_timeout', '60s', false), set_config('client_min_messages', 'warning', false)

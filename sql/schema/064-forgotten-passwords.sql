-- Whoever forgot a password asks for a mail with a link that is good for an hour and one new password. The token in it is made
-- when the mail is sent, and only its hash is here; what waits to be sent has none.

create table auth.reset (
	id bigint generated always as identity,
	account_id bigint not null,
	asked_at timestamptz not null default now(),
	tries smallint not null default 0,
	next_try_at timestamptz not null default now(),
	sent_at timestamptz,
	token_hash bytea,
	expires_at timestamptz,
	constraint reset_pkey primary key (id),
	constraint reset_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint reset_token_hash_key unique (token_hash),
	constraint reset_token_hash_length check (octet_length(token_hash) = 32),
	constraint reset_expires check (token_hash is null or expires_at is not null)
);
comment on table auth.reset is 'links for a new password, asked for or given out';
create index reset_account on auth.reset (account_id, asked_at);
create index reset_waiting on auth.reset (next_try_at) where sent_at is null;
create index reset_asked on auth.reset (asked_at);
grant select, insert, update, delete on auth.reset to tv_auth;

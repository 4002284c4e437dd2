-- A television set is signed in by somebody who is signed in elsewhere (RFC 8628): it shows one code, which is typed there, and comes back
-- with another one, of which only the hash is here. What was approved holds as long as what it was approved with does: that session,
-- that profile, that password.

create table auth.device (
	id bigint generated always as identity,
	device_hash bytea not null,
	user_code text not null,
	device_name text,
	ip inet,
	asked_at timestamptz not null default now(),
	expires_at timestamptz not null,
	interval_seconds smallint not null default 5,
	polled_at timestamptz,
	denied boolean not null default false,
	session_id bigint,
	profile_id bigint,
	password_at timestamptz,
	constraint device_pkey primary key (id),
	constraint device_hash_key unique (device_hash),
	constraint device_hash_length check (octet_length(device_hash) = 32),
	constraint device_user_code_key unique (user_code),
	constraint device_user_code_form check (user_code ~ '^[BCDFGHJKLMNPQRSTVWXZ]{8}$'),
	constraint device_name_length check (length(device_name) <= 100),
	constraint device_expires_finite check (isfinite(expires_at)),
	constraint device_session_fkey foreign key (session_id) references auth.session on delete cascade,
	constraint device_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint device_approved_whole check (num_nulls(session_id, profile_id, password_at) in (0, 3)),
	constraint device_decided_once check (not denied or session_id is null)
);
comment on table auth.device is 'television sets and the like that wait to be signed in';
comment on column auth.device.session_id is 'of who approved; null: nobody has';
comment on column auth.device.profile_id is 'as whom, and so it begins: another one may take a PIN';
comment on column auth.device.password_at is 'changed_at of the account''s password at that time';
create index device_session on auth.device (session_id);
create index device_profile on auth.device (profile_id);
create index device_asked on auth.device (asked_at);
grant select, insert, update, delete on auth.device to tv_auth;

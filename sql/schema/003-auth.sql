-- Passwords and sessions. Only the auth program reads these tables; others go through the functions.

create table auth.credential (
	account_id bigint not null,
	password_hash text not null,
	changed_at timestamptz not null default now(),
	constraint credential_pkey primary key (account_id),
	constraint credential_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint credential_hash_form check (password_hash ~ '^\$2b\$' and length(password_hash) = 60)
);
comment on column auth.credential.password_hash is 'bcrypt; a setting that libcrypt does not know would silently be DES, hence the check';

create table auth.session (
	id bigint generated always as identity,
	account_id bigint not null,
	profile_id bigint not null,
	refresh_hash bytea not null,
	device_name text,
	ip inet,
	created_at timestamptz not null default now(),
	last_used_at timestamptz not null default now(),
	expires_at timestamptz not null,
	ended_at timestamptz,
	constraint session_pkey primary key (id),
	constraint session_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint session_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint session_refresh_hash_key unique (refresh_hash),
	constraint session_refresh_hash_length check (octet_length(refresh_hash) = 32),
	constraint session_device_name_length check (length(device_name) <= 100),
	constraint session_expires_finite check (isfinite(expires_at))
);
comment on column auth.session.refresh_hash is 'SHA-256 of the refresh token that is valid now';
create index session_account on auth.session (account_id, id);
create index session_profile on auth.session (profile_id);
create index session_expires on auth.session (expires_at);

create table auth.spent_refresh (
	hash bytea not null,
	session_id bigint not null,
	spent_at timestamptz not null default now(),
	constraint spent_refresh_pkey primary key (hash),
	constraint spent_refresh_session_fkey foreign key (session_id) references auth.session on delete cascade
);
comment on table auth.spent_refresh is 'refresh tokens that were exchanged: one that comes again has been stolen, from us or from them';
create index spent_refresh_session on auth.spent_refresh (session_id);

-- Exchanges a refresh token, and perhaps the profile of its session. Of several calls with the same token the row lock lets one
-- through; the others find it spent, which ends the session: who holds the newer token cannot be told from who stole it.
create function auth.refresh_session(old_hash bytea, new_hash bytea)
	returns table (session_id bigint, account_id bigint, profile_id bigint, role text, age smallint, expires_in int)
	language plpgsql security definer set search_path = ''
	as $$
declare
	live auth.session;
	account users.account;
begin
	update auth.session s set refresh_hash = new_hash, last_used_at = now()
		where s.refresh_hash = old_hash and s.ended_at is null and s.expires_at > now()
		returning * into live;
	if not found then
		update auth.session s set ended_at = now()
			where s.id = (select r.session_id from auth.spent_refresh r where r.hash = old_hash) and s.ended_at is null;
		return;
	end if;
	insert into auth.spent_refresh (hash, session_id) values (old_hash, live.id);
	select a.* into account from users.account a where a.id = live.account_id;
	if account.status <> 'active' then
		perform public.refuse(403, 'account_suspended');
	end if;
	return query
		select live.id, live.account_id, live.profile_id, account.role, p.max_age,
		       extract(epoch from live.expires_at - now())::int
		from users.profile p where p.id = live.profile_id;
end $$;
revoke execute on function auth.refresh_session(bytea, bytea) from public;
grant execute on function auth.refresh_session(bytea, bytea) to tv_auth;

-- The sessions of an account without their secrets, for its export.
create view auth.session_card as
	select s.id, s.account_id, s.device_name, s.ip, s.created_at, s.last_used_at, s.expires_at
	from auth.session s
	where s.ended_at is null
	  and s.expires_at > now();
grant select on auth.session_card to tv_users;

create function auth.set_password(account_id bigint, password_hash text) returns void
	language sql security definer set search_path = ''
	begin atomic
		insert into auth.credential (account_id, password_hash) values (set_password.account_id, set_password.password_hash)
			on conflict on constraint credential_pkey
			do update set password_hash = excluded.password_hash, changed_at = now();
	end;
revoke execute on function auth.set_password(bigint, text) from public;
grant execute on function auth.set_password(bigint, text) to tv_users;

-- Account, first profile and password at once; the rows are what the caller may see of it.
create function auth.register(email text, password_hash text, name text, role text, country text, locale text)
	returns setof users.account_card
	language plpgsql security definer set search_path = ''
	as $$
declare
	new_id bigint := users.create_account(email, name, role, country, locale);
begin
	perform auth.set_password(new_id, register.password_hash);
	return query select c.* from users.account_card c where c.id = new_id;
end $$;
revoke execute on function auth.register(text, text, text, text, text, text) from public;
grant execute on function auth.register(text, text, text, text, text, text) to tv_auth, tv_users;

grant select, insert, update, delete on auth.credential, auth.session, auth.spent_refresh to tv_auth;

-- Accounts and their profiles.

create table users.account (
	id bigint generated always as identity,
	email text not null,
	name text not null default '',
	role text not null default 'user',
	status text not null default 'active',
	country text,
	locale text,
	version int not null default 1,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint account_pkey primary key (id),
	constraint account_email_form check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(email) <= 254),
	constraint account_name_length check (length(name) <= 100),
	constraint account_role_known check (role in ('user', 'admin')),
	constraint account_status_known check (status in ('active', 'suspended')),
	constraint account_country_form check (country ~ '^[A-Z]{2}$'),
	constraint account_locale_length check (length(locale) <= 35)
);
comment on column users.account.country is 'ISO 3166-1 alpha-2';
comment on column users.account.locale is 'BCP 47';
create unique index account_email_key on users.account (lower(email));
create trigger account_touch before update on users.account
	for each row execute function public.touch();

create index account_search on users.account using gin (lower(email || ' ' || name) gin_trgm_ops);

-- Somebody must be able to let others in.
create function users.keep_an_admin() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(7226823342);
	if not exists (select from users.account a where a.role = 'admin' and a.status = 'active' and a.id <> old.id) then
		perform public.refuse(409, 'last_admin');
	end if;
	return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger account_last_admin_changed before update of role, status on users.account
	for each row when (old.role = 'admin' and old.status = 'active' and (new.role <> 'admin' or new.status <> 'active'))
	execute function users.keep_an_admin();
create trigger account_last_admin_deleted before delete on users.account
	for each row when (old.role = 'admin' and old.status = 'active')
	execute function users.keep_an_admin();

create table users.profile (
	id bigint generated always as identity,
	account_id bigint not null,
	name text not null,
	avatar text,
	is_kids boolean not null default false,
	max_age smallint not null default 18,
	language text,
	pin_hash text,
	version int not null default 1,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint profile_pkey primary key (id),
	constraint profile_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint profile_name_length check (length(name) between 1 and 50),
	constraint profile_max_age_range check (max_age between 0 and 18),
	constraint profile_kids_age check (not is_kids or max_age <= 12),
	constraint profile_pin_form check (pin_hash ~ '^\$2b\$' and length(pin_hash) = 60)
);
comment on column users.profile.max_age is 'the highest age rating this profile may see, in years';
create unique index profile_name_key on users.profile (account_id, lower(name));
create index profile_account on users.profile (account_id, id);
create trigger profile_touch before update on users.profile
	for each row execute function public.touch();

-- The only way to an account; answers its id. The first profile comes with it.
create function users.create_account(email text, name text, role text, country text, locale text) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	new_id bigint;
begin
	insert into users.account (email, name, role, country, locale)
		values (email, coalesce(name, ''), coalesce(role, 'user'), country, locale)
		returning account.id into new_id;
	insert into users.profile (account_id, name)
		values (new_id, coalesce(nullif(left(name, 50), ''), 'Main'));
	return new_id;
end $$;
revoke execute on function users.create_account(text, text, text, text, text) from public;
grant execute on function users.create_account(text, text, text, text, text) to tv_auth, tv_users;

-- How many profiles an account may have.
create function users.profile_limit(account_id bigint) returns int
	language sql stable
	return 5;

-- A row for an account's new profile, its number checked with the account locked: two at once must not both be the last one.
create function users.create_profile(account_id bigint, name text, avatar text, is_kids boolean, max_age int, language text,
                                     pin_hash text) returns users.profile
	language plpgsql security definer set search_path = ''
	as $$
declare
	made users.profile;
begin
	perform from users.account a where a.id = create_profile.account_id for update;
	if (select count(*) from users.profile p where p.account_id = create_profile.account_id)
	   >= users.profile_limit(create_profile.account_id) then
		perform public.refuse(409, 'profile_limit');
	end if;
	insert into users.profile (account_id, name, avatar, is_kids, max_age, language, pin_hash)
		values (create_profile.account_id, create_profile.name, create_profile.avatar, create_profile.is_kids,
		        create_profile.max_age, create_profile.language, create_profile.pin_hash)
		returning * into made;
	return made;
end $$;
revoke execute on function users.create_profile(bigint, text, text, boolean, int, text, text) from public;
grant execute on function users.create_profile(bigint, text, text, boolean, int, text, text) to tv_auth;

-- Deletes a profile of the account that the caller's profile is old enough for; false when there is none of that id.
create function users.delete_profile(account_id bigint, caller_age int, profile_id bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	target_age int;
begin
	perform from users.account a where a.id = delete_profile.account_id for update;
	select p.max_age into target_age from users.profile p
		where p.id = delete_profile.profile_id and p.account_id = delete_profile.account_id;
	if not found then
		return false;
	elsif target_age > caller_age then
		perform public.refuse(403, 'profile_not_allowed');
	elsif (select count(*) from users.profile p where p.account_id = delete_profile.account_id) = 1 then
		perform public.refuse(409, 'last_profile');
	end if;
	delete from users.profile p where p.id = delete_profile.profile_id;
	return true;
end $$;
revoke execute on function users.delete_profile(bigint, int, bigint) from public;
grant execute on function users.delete_profile(bigint, int, bigint) to tv_auth;

-- The person and everything that is the person's; whatever must outlive it refers to accounts with "on delete set null".
create function users.erase_account(account_id bigint) returns boolean
	language sql security definer set search_path = ''
	begin atomic
		with gone as (delete from users.account a where a.id = account_id returning 1)
		select exists (select from gone);
	end;
revoke execute on function users.erase_account(bigint) from public;
grant execute on function users.erase_account(bigint) to tv_auth, tv_users;

-- True, or a refusal when another profile of the account may see more.
create function users.speaks_for_all(account_id bigint, age int) returns boolean
	language plpgsql stable security definer set search_path = ''
	as $$
begin
	if exists (select from users.profile p where p.account_id = speaks_for_all.account_id and p.max_age > age) then
		perform public.refuse(403, 'profile_not_allowed');
	end if;
	return true;
end $$;

-- The account as clients see it, with the profile that speaks.
create view users.account_card as
	select a.id, a.email, a.name, a.role, a.status, a.country, a.locale, a.created_at, a.version,
	       p.id as profile_id, p.name as profile_name, p.max_age as profile_max_age, p.is_kids as profile_is_kids
	from users.account a
	join users.profile p on p.account_id = a.id;
comment on view users.account_card is 'a row for each profile of each account';

grant select on users.account_card to tv_auth, tv_users;
grant select, update on users.account to tv_users;
grant select on users.profile to tv_users;
-- auth decides what takes a password or a PIN: selecting a profile and changing one.
grant select, update on users.profile to tv_auth;

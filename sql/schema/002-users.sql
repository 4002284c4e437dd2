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

-- The account as clients see it, with the profile that speaks.
create view users.account_card as
	select a.id, a.email, a.name, a.role, a.status, a.country, a.locale, a.created_at, a.version,
	       p.id as profile_id, p.name as profile_name, p.max_age as profile_max_age, p.is_kids as profile_is_kids
	from users.account a
	join users.profile p on p.account_id = a.id;
comment on view users.account_card is 'a row for each profile of each account';

grant select on users.account_card to tv_auth, tv_users;
grant select, update, delete on users.account to tv_users;
grant select, insert, update, delete on users.profile to tv_users;

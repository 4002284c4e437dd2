-- Players that know no sign-in (IPTV players, television sets) come with a key in the address: one a profile, replaced or
-- taken away at any time.

create table live.player_key (
	profile_id bigint not null,
	key_hash bytea not null,
	created_at timestamptz not null default now(),
	constraint player_key_pkey primary key (profile_id),
	constraint player_key_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint player_key_hash_key unique (key_hash),
	constraint player_key_hash_length check (octet_length(key_hash) = 32)
);
comment on column live.player_key.key_hash is 'SHA-256 of the key';

-- Whom a key speaks for: no row when it is unknown, or its account suspended.
create function live.player(key_hash bytea) returns table (profile_id bigint, account_id bigint, age smallint)
	language sql stable security definer set search_path = ''
	begin atomic
		select p.id, a.id, p.max_age
		from live.player_key k
		join users.profile p on p.id = k.profile_id
		join users.account a on a.id = p.account_id
		where k.key_hash = player.key_hash
		  and a.status = 'active';
	end;
revoke execute on function live.player(bytea) from public;
grant execute on function live.player(bytea) to tv_livetv;
grant select, insert, update, delete on live.player_key to tv_livetv;

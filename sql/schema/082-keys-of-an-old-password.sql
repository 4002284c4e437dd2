-- Who knew a password could make keys for players, which went on when it was changed: they end with the sessions now.

create or replace function auth.end_sessions(account bigint, but_not bigint) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	n bigint;
begin
	update auth.session s set ended_at = now()
		where s.account_id = account and s.id is distinct from but_not and s.ended_at is null;
	get diagnostics n = row_count;
	delete from live.player_key k
		using users.profile p
		where p.account_id = account and k.profile_id = p.id;
	return n;
end $$;
comment on function auth.end_sessions(bigint, bigint) is 'of an account, all but one, and the keys of its players; how many sessions';

-- The key of a profile from now on; the one before is over. Who ends sessions waits for it and then sees it, or it sees that its own is over.
create function live.make_player_key(session bigint, profile bigint, hash bytea) returns timestamptz
	language plpgsql security definer set search_path = ''
	as $$
declare
	made timestamptz;
begin
	perform from auth.session s where s.id = session and s.ended_at is null for share;
	if not found then
		perform auth.refuse_session(null);
	end if;
	insert into live.player_key as k (profile_id, key_hash) values (profile, hash)
		on conflict on constraint player_key_pkey do update set key_hash = excluded.key_hash, created_at = excluded.created_at
		returning k.created_at into made;
	return made;
end $$;
comment on function live.make_player_key(bigint, bigint, bytea) is 'hash: SHA-256 of the key';
revoke execute on function live.make_player_key(bigint, bigint, bytea) from public;
grant execute on function live.make_player_key(bigint, bigint, bytea) to tv_livetv;

-- An exchange of a refresh token whose answer was lost can be asked for again, with the same next token: nobody else knows that
-- one. What a server that hung does later, when everybody was told that it is away, is then the same exchange as well.

create or replace function auth.refresh_session(old_hash bytea, new_hash bytea)
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
	if found then
		insert into auth.spent_refresh (hash, session_id) values (old_hash, live.id);
	else
		select s.* into live from auth.session s join auth.spent_refresh r on r.session_id = s.id
			where r.hash = old_hash and s.refresh_hash = new_hash and s.ended_at is null and s.expires_at > now();
		if not found then
			update auth.session s set ended_at = now()
				where s.id = (select r.session_id from auth.spent_refresh r where r.hash = old_hash) and s.ended_at is null;
			return;
		end if;
	end if;
	select a.* into account from users.account a where a.id = live.account_id;
	if account.status <> 'active' then
		perform public.refuse(403, 'account_suspended');
	end if;
	return query
		select live.id, live.account_id, live.profile_id, account.role, p.max_age,
		       extract(epoch from live.expires_at - now())::int
		from users.profile p where p.id = live.profile_id;
end $$;

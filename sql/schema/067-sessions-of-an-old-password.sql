-- Who signs in while the password is changed has a session that the change, which waits for it, did not see when it began: a function looks
-- for itself.

create function auth.end_sessions(account bigint, but_not bigint) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	n bigint;
begin
	update auth.session s set ended_at = now()
		where s.account_id = account and s.id is distinct from but_not and s.ended_at is null;
	get diagnostics n = row_count;
	return n;
end $$;
comment on function auth.end_sessions(bigint, bigint) is 'of an account, all but one; how many';
revoke execute on function auth.end_sessions(bigint, bigint) from public;
grant execute on function auth.end_sessions(bigint, bigint) to tv_auth;

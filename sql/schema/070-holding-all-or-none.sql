-- Who erases waits for heartbeats without holding a session that the same statement of theirs may want next.

create or replace function play.hold(account bigint) returns void
	language plpgsql set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(hashint8extended(account, 7226823351)); -- no other one starts, or takes one of these over
	perform from users.account a where a.id = account for update;
	for attempt in 1 .. 100 loop
		begin
			perform from play.session s where s.account_id = account order by s.id for update nowait;
			return;
		exception when lock_not_available then -- those that were locked are not any more
			perform pg_sleep(0.005);
		end;
	end loop;
	perform from play.session s where s.account_id = account order by s.id for update;
end $$;

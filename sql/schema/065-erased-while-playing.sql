-- Who erases an account or a profile locks its sessions before what they write to, as heartbeats do. Each held what the other
-- wanted, and one of the two failed after a second.

create function play.hold(account bigint) returns void
	language plpgsql set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(hashint8extended(account, 7226823351)); -- no other one starts, or takes one of these over
	perform from users.account a where a.id = account for update;
	perform from play.session s where s.account_id = account order by s.id for update;
end $$;
revoke execute on function play.hold(bigint) from public;

create or replace function users.erase_account(account_id bigint) returns boolean
	language sql security definer set search_path = ''
	begin atomic
		select play.hold(account_id);
		with gone as (delete from users.account a where a.id = account_id returning 1)
		select exists (select from gone);
	end;

create or replace function users.delete_profile(account_id bigint, caller_age int, profile_id bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	target_age int;
begin
	perform play.hold(delete_profile.account_id);
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

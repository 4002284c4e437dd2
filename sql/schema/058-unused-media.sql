-- Media that nothing plays any more: no title has them, no channel shows or has shown them as far back as one may go, and no session
-- of the last day played them.

create function content.unused_packages() returns setof text
	language sql stable security definer set search_path = ''
	as $$
	select p.directory
	from content.package p
	where not exists (select from content.media m where m.directory = p.directory)
	  and not exists (select from live.run r where p.directory = any (r.directories))
	  and not exists (select from play.session s where s.directory = p.directory)
	$$;

create function content.remove_package(package text) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
begin
	delete from content.package p
		where p.directory = package
		  and p.directory in (select u.directory from content.unused_packages() u (directory));
	return found;
exception when foreign_key_violation then
	return false; -- a title has just taken it
end $$;
revoke execute on function content.unused_packages(), content.remove_package(text) from public;
grant execute on function content.unused_packages(), content.remove_package(text) to tv_play;

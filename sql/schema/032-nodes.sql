-- Which nodes give out kept answers, and what they have heard of: a write is answered when all of them have ended theirs (lib/nodes.h).
-- A crash or a promotion empties what is not logged; that is known by the row 0 being gone.

create schema node;
grant usage on schema node
	to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

create unlogged table node.member (
	id bigint primary key,
	until timestamptz not null check (isfinite(until)),
	seen bigint not null
);
comment on table node.member is 'a row a node; row 0 stands for those that a database which lost this table does not know';
comment on column node.member.id is 'made up by chance at each join';
comment on column node.member.until is 'when the node is taken for gone; it stopped giving out kept answers before';
comment on column node.member.seen is 'what was committed before this number was taken from node.number, the node has heard of';
insert into node.member (id, until, seen) values (0, now(), 0);

create sequence node.number;

create function node.lease() returns interval
	language sql immutable parallel safe
	return interval '3 s';
comment on function node.lease() is 'LEASE_US of lib/lease.h';

-- Rows are deleted, not passed over: a node that comes back late must find that it is none any more.
create function node.slowest(beside bigint) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
begin
	insert into node.member (id, until, seen) values (0, clock_timestamp() + node.lease(), 0) on conflict (id) do nothing;
	delete from node.member m where m.id <> 0 and m.until < clock_timestamp();
	return (select min(m.seen)
	        from node.member m
	        where case m.id when 0 then m.until > clock_timestamp() else m.id <> beside end);
end $$;
comment on function node.slowest(bigint) is 'the least that any node but this one has seen; null: there is no other';

create function node.tell(beside bigint) returns bigint
	language plpgsql security definer set search_path = ''
	as $$
declare
	taken bigint;
begin
	if node.slowest(beside) is null then
		return null;
	end if;
	taken := nextval('node.number');
	perform pg_notify('node', 'told ' || taken);
	return taken;
end $$;
comment on function node.tell(bigint) is 'a number for the nodes but this one to see, after a commit; null: there is no other';

create type node.joined as (id bigint, number bigint);
create function node.join(replaces bigint) returns node.joined
	language plpgsql security definer set search_path = ''
	as $$
declare
	made node.joined;
begin
	delete from node.member m where m.id = replaces and m.id <> 0;
	-- 60 bits
	made.id := ('x' || left(translate(gen_random_uuid()::text, '-', ''), 15))::bit(60)::bigint;
	made.number := nextval('node.number');
	insert into node.member (id, until, seen) values (made.id, clock_timestamp() + node.lease(), made.number);
	perform pg_notify('node', 'told ' || made.number);
	return made;
end $$;
comment on function node.join(bigint) is 'a new node, in place of that one; it knows what was before its number, and the others see it';

create type node.round as (there boolean, slowest bigint, edge double precision);
create function node.renew(member bigint, heard bigint) returns node.round
	language plpgsql security definer set search_path = ''
	as $$
declare
	said node.round;
begin
	update node.member m
		set until = clock_timestamp() + node.lease(), seen = greatest(m.seen, heard)
		where m.id = member;
	said.there := found;
	if found then
		perform pg_notify('node', 'here ' || member);
		said.slowest := node.slowest(member);
		said.edge := content.next_edge();
	end if;
	return said;
end $$;
comment on function node.renew(bigint, bigint) is 'the node lives and has heard so much; its own notice comes after all that was committed before';

create function node.leave(member bigint) returns void
	language sql security definer set search_path = ''
	begin atomic
		delete from node.member m where m.id = member and m.id <> 0;
	end;

revoke execute on all functions in schema node from public;
grant execute on function node.join(bigint), node.renew(bigint, bigint), node.leave(bigint) to tv_system;
-- whose writes end kept answers
grant execute on function node.tell(bigint), node.slowest(bigint) to tv_ondemand, tv_livetv, tv_rights;

-- node.member: who waits for whom, and who may do what.
begin;
select no_plan();

create function pg_temp.may(role name) returns text language sql as $$
	select coalesce(string_agg(p.proname, ' ' order by p.proname), 'nothing')
	from pg_proc p
	where p.pronamespace = 'node'::regnamespace and has_function_privilege(role, p.oid, 'execute') $$;
select is(pg_temp.may('tv_system'), 'join leave renew', 'the listener is a node');
select is(pg_temp.may(r), 'slowest tell', r || ' asks for the others') from unnest(array['tv_ondemand', 'tv_livetv', 'tv_rights']) r;
select is(pg_temp.may(r), 'nothing', r || ' has nothing to do with nodes') from unnest(array['tv_auth', 'tv_users', 'tv_play', 'tv_search']) r;
select is(count(*), 0::bigint, 'nobody touches the table or the numbers')
	from pg_roles r
	where r.rolname like 'tv\_%' and r.rolname <> 'tv_owner'
	  and (has_any_column_privilege(r.oid, 'node.member', 'select, insert, update') or has_table_privilege(r.oid, 'node.member', 'delete, truncate')
	       or has_sequence_privilege(r.oid, 'node.number', 'usage, select, update'));
select is(node.lease(), interval '3 s', 'LEASE_US of lib/lease.h');
select is((select relpersistence from pg_class where oid = 'node.member'::regclass), 'u', 'a crash or a promotion empties the table');

-- row 0 of the template is over
delete from node.member where id <> 0;
update node.member set until = now() - interval '1 s';
select is(node.tell(0), null, 'nobody is there to be told');
create temporary table a as select * from node.join(0);
create temporary table b as select * from node.join(0);
select is(node.slowest((select id from a)), (select number from b), 'a new node knows what was before its number');
select is((node.renew((select id from a), (select number from b))).slowest, (select number from b), 'the second one is known by its number');
select is((node.renew((select id from b), (select number from b))).slowest, (select number from b), 'when the first one has heard of it');
create temporary table told as select node.tell((select id from a)) as number;
select cmp_ok((select number from told), '>', (select number from b), 'numbers grow');
select is(node.slowest((select id from a)), (select number from b), 'it is waited for');
select is((node.renew((select id from b), (select number from told))).there, true, 'until it says that it has heard');
select is(node.slowest((select id from a)), (select number from told), 'and not longer');
select is((node.renew((select id from b), 0)).there, true, 'a renewal that heard less');
select is(node.slowest((select id from a)), (select number from told), 'takes nothing back');
select is(node.slowest(0), (select number from b), 'without a store of its own the writer waits for all');

update node.member set until = clock_timestamp() - interval '1 ms' where id = (select id from b);
select is(node.slowest((select id from a)), null, 'a node that did not renew is none');
select is((node.renew((select id from b), (select number from told))).there, false, 'and is told so when it comes back');
create temporary table c as select * from node.join((select id from a));
select is((node.renew((select id from a), 0)).there, false, 'a new process takes the place of the one before');
select is(node.slowest((select id from c)), null, 'and is one node');
select lives_ok(format('select node.leave(%s)', (select id from c)), 'it leaves');
select is((select string_agg(id::text, ' ') from node.member), '0', 'and is gone');

delete from node.member;
select is(node.tell(0) is not null, true, 'a database that lost the table');
select is(node.slowest(0), 0::bigint, 'takes for a lease that there are nodes which have heard nothing');
select is((node.renew(1, 1)).there, false, 'nobody is that one');
select is((select until between clock_timestamp() and clock_timestamp() + node.lease() from node.member where id = 0), true, 'for one lease');
select lives_ok('select node.leave(0), node.join(0)', 'it cannot be made to leave');
select is((select count(*) from node.member where id = 0), 1::bigint, 'or be replaced');
select * from finish();
rollback;

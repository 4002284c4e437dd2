-- rights.viewer is what users.account and users.profile say, whatever happens to them: compared with the view that it is made of.
begin;
select no_plan();

create temporary table had as
	select users.create_account('viewer@example.org', 'Viewer', 'user', 'NO', null) as account,
	       users.create_account('other@example.org', 'Other', 'user', null, null) as other;
create function pg_temp.apart() returns bigint language sql as $$
	select count(*) from ((table rights.viewer except table rights.viewer_now) union all (table rights.viewer_now except table rights.viewer)) v $$;
create function pg_temp.viewer() returns text language sql as $$
	select concat_ws(' ', v.status, v.country, v.max_age, array_to_string(v.ages, ',')) from rights.viewer v, had where v.account_id = had.account $$;

select is(pg_temp.viewer(), 'active NO 18 18', 'an account');
select is(pg_temp.apart(), 0::bigint, 'made');
insert into users.profile (account_id, name, max_age) select account, 'Child ' || n, n from had, unnest(array[6, 12]) n;
select is(pg_temp.viewer(), 'active NO 18 18,6,12', 'more profiles');
update users.profile p set max_age = 9 from had where p.account_id = had.account and p.max_age = 18;
select is(pg_temp.viewer(), 'active NO 12 9,6,12', 'another one is the oldest');
update users.account a set status = 'suspended', country = 'SE' from had where a.id = had.account;
select is(pg_temp.viewer(), 'suspended SE 12 9,6,12', 'the account itself');
select is(pg_temp.apart(), 0::bigint, 'changed');
delete from users.profile p using had where p.account_id = had.account and p.max_age = 12;
select is(pg_temp.viewer(), 'suspended SE 9 9,6', 'one less');
delete from users.account a using had where a.id = had.account;
select is(pg_temp.viewer(), null, 'gone');
select is((select count(*) from rights.viewer v, had where v.account_id = had.other), 1::bigint, '  the other one not');
select is(pg_temp.apart(), 0::bigint, 'all of them');
select finish();
rollback;

-- Accounts, profiles, credentials and sessions: constraints, create_account, the guard, and who may read what.
begin;
select no_plan();

select isnt(users.create_account('Ann@example.org', 'Ann', null, 'NO', 'nb-NO'), null, 'an account is made');
create temporary table t as select id as account_id, (select p.id from users.profile p where p.account_id = a.id) as profile_id from users.account a;
select is((select (email, name, role, status, country, locale)::text from users.account),
	'(Ann@example.org,Ann,user,active,NO,nb-NO)', 'with what was said');
select is((select (name, max_age, is_kids)::text from users.profile), '(Ann,18,f)', 'and a first profile');
select throws_ok($$select users.create_account('ANN@EXAMPLE.ORG', null, null, null, null)$$, '23505', null, 'the address is unique in any case');
select throws_ok($$select users.create_account($$ || quote_literal(email) || $$, null, null, null, null)$$, '23514', null, 'no address: ' || email)
	from (values ('x'), ('@x'), ('x@'), ('a b@x'), ('a@b@c')) v (email);
select throws_ok($$select users.create_account('b@x', null, 'root', null, null)$$, '23514', null, 'an unknown role');
select throws_ok($$select users.create_account('b@x', null, null, 'Norway', null)$$, '23514', null, 'an unknown form of country');
select is(users.create_account('long@x', repeat('n', 100), null, null, null) > 0, true, 'a long name');
select is((select max(length(name)) from users.profile), 50, '  gives a profile of 50 characters');
select throws_ok($$update users.profile set max_age = 19$$, '23514', null, 'an age of 19');
select throws_ok($$update users.profile set is_kids = true$$, '23514', null, 'a child of 18');
select throws_ok($$insert into users.profile (account_id, name) select account_id, 'aNN' from t$$, '23505', null, 'two profiles of a name');
select throws_ok($$insert into auth.credential select account_id, 'rl4T.8Fr.NBVk' from t$$, '23514', null, 'a DES hash is refused');

insert into auth.session (account_id, profile_id, refresh_hash, expires_at)
	select account_id, profile_id, sha256('x'), now() + interval '1 day' from t;
select throws_ok($$insert into auth.session (account_id, profile_id, refresh_hash, expires_at)
	select account_id, profile_id, sha256('y'), 'infinity' from t$$, '23514', null, 'a session for ever');
select throws_ok($$insert into auth.session (account_id, profile_id, refresh_hash, expires_at)
	select account_id, profile_id, 'short', now() from t$$, '23514', null, 'a hash that is none');

prepare require (text) as select g from auth.guard((select id from auth.session), (select account_id from t), $1, 'request') g;
select lives_ok($$execute require('user')$$, 'a session that holds');
select is(current_setting('tv.actor', true) is distinct from (select account_id::text from t), true, '  leaves no name');
select users.create_account('chief@example.org', 'Chief', 'admin', null, null); -- so that the other one may become none again
update users.account set role = 'admin' where id = (select account_id from t);
select lives_ok($$execute require('admin')$$, 'an administrator''s');
select is(current_setting('tv.actor', true) || current_setting('tv.request', true), (select account_id || 'request' from t), '  leaves the name and the request');
select throws_ok($$execute require('user')$$, 'TV401', 'role_changed', '  who was none before');
update users.account set role = 'user' where id = (select account_id from t);
select throws_ok($$execute require('admin')$$, 'TV401', 'role_changed', 'another role than the token says');
select throws_ok($$select auth.guard(id, account_id + 1, 'user', 'request') from auth.session$$, 'TV401', 'session_ended', 'of another account');
select throws_ok($$select auth.guard(id + 1, account_id, 'user', 'request') from auth.session$$, 'TV401', 'session_ended', 'an unknown session');
select throws_ok($$select auth.guard(null, null, null, null)$$, 'TV401', 'session_ended', 'none at all');
update users.account set status = 'suspended' where id = (select account_id from t);
select throws_ok($$execute require('user')$$, 'TV403', 'account_suspended', 'a suspended account');
update users.account set status = 'active' where id = (select account_id from t);
update auth.session set expires_at = now() - interval '1 second';
select throws_ok($$execute require('user')$$, 'TV401', 'session_ended', 'an expired session');
update auth.session set expires_at = now() + interval '1 day', ended_at = now();
select throws_ok($$execute require('user')$$, 'TV401', 'session_ended', 'an ended session');

-- Only the auth program reads secrets.
select is(array_agg(r order by r)::text, '{tv_auth}', 'only tv_auth reads ' || what) from (values
	('auth.credential'), ('auth.session')) v (what), unnest(array['tv_auth', 'tv_users', 'tv_ondemand', 'tv_livetv', 'tv_rights',
	'tv_play', 'tv_search', 'tv_system']) r where has_table_privilege(r, what, 'select') group by what;
select is(has_function_privilege('tv_livetv', 'users.create_account(text, text, text, text, text)', 'execute'), false,
	'not everybody makes accounts');
select is(has_schema_privilege('tv_auth', 'public', 'create'), false, 'no program creates tables');

delete from users.account where id = (select account_id from t);
select is((select count(*) from auth.session) + (select count(*) from users.profile p, t where p.account_id = t.account_id), 0::bigint,
	'with the account its profiles and sessions go');

select finish();
rollback;

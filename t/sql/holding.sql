-- rights.holding has a row for each right that an account holds, whatever happens to it.
begin;
select no_plan();
set local timezone = 'UTC';

insert into content.genre (slug, name) values ('drama', 'Drama');
create temporary table had as
	select users.create_account('holder@example.org', 'Holder', 'user', null, null) as account;
create temporary table film (id bigint);
with i as (insert into content.item (kind, title, min_age) select 'movie', 'Film ' || n, 0 from generate_series(1, 2) n returning id)
insert into film select id from i;
insert into rights.plan (code, name, price_amount, currency) values ('one', 'One', 100, 'EUR'), ('two', 'Two', 200, 'EUR');

create function pg_temp.held() returns text language sql as $$
	select coalesce(string_agg(concat_ws(' ', h.source, replace(h.target, (select min(id) from film)::text, 'FILM'),
	                                     case when h.refunded_at is not null then 'refunded' end,
	                                     extract(epoch from h.until - now())::int, extract(epoch from h.start_by - now())::int),
	                           ', ' order by h.source, h.target), 'nothing')
	from rights.holding h, had where h.account_id = had.account $$;
-- the table against what it is made of
create function pg_temp.mirrored() returns bigint language sql as $$
	with made as (
		select (h).* from (select rights.holding_of(t) as h from rights.purchase t
		                   union all select rights.holding_of(t) from rights.rental t
		                   union all select rights.holding_of(t) from rights.grant t
		                   union all select rights.holding_of(t) from rights.subscription t) x
		where (h).since is not null and (h).account_id is not null and (h).target is not null)
	select (select count(*) from (table rights.holding except table made) a) + (select count(*) from (table made except table rights.holding) b) $$;

insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries)
	select account, (select min(id) from film), 'movie', 'Film', 1, 'EUR', 'hd', true, '{}' from had;
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within, watch_within)
	select account, (select min(id) from film), 'movie', 'Film', 1, 'EUR', 'hd', 100, 50 from had;
select is(pg_temp.held(), 'nothing', 'what is not paid is not held');
update rights.purchase set paid_at = now();
update rights.rental set paid_at = now(), start_by = now() + interval '100 s';
select is(pg_temp.held(), 'purchase c:FILM, rental c:FILM 100', 'what is paid is');
update rights.rental set started_at = now(), expires_at = now() + interval '50 s';
select is(pg_temp.held(), 'purchase c:FILM, rental c:FILM 50 100', 'a rental begins');
update rights.rental set refunded_at = now(), closed_at = now();
select is(pg_temp.held(), 'purchase c:FILM, rental c:FILM refunded 50 100', 'what is refunded says so: it was held before');
insert into rights.grant (account_id, genre) select account, 'drama' from had;
insert into rights.grant (account_id, valid_until) select account, now() + interval '10 s' from had;
update content.genre set slug = 'dramas' where slug = 'drama';
select is(pg_temp.held(), 'grant * 10, grant g:dramas, purchase c:FILM, rental c:FILM refunded 50 100', 'a grant follows its genre''s name');
insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days)
	select account, p.id, 'pending', now(), now(), now() + interval '30 s', 0 from had, rights.plan p where p.code = 'one';
delete from rights.grant;
select is(pg_temp.held(), 'purchase c:FILM, rental c:FILM refunded 50 100', 'a subscription that is not paid is not held; a grant that is gone is not');
update rights.subscription set status = 'active';
select is(pg_temp.held(), 'purchase c:FILM, rental c:FILM refunded 50 100, subscription * 30', 'a paid one is');
update rights.subscription set plan_id = (select id from rights.plan where code = 'two'), cancel_at_period_end = true, grace_days = 3;
select is((select p.code from rights.holding h join rights.plan p on p.id = h.plan_id), 'two', 'with its plan');
select is(pg_temp.mirrored(), 0::bigint, 'the table is what it is made of');
delete from content.item where id = (select min(id) from film);
select is(pg_temp.held(), 'subscription * 30', 'nothing is held on a title that is gone');
select is(pg_temp.mirrored(), 0::bigint, 'the table is what it is made of');
insert into rights.purchase (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries, paid_at)
	select account, (select max(id) from film), 'movie', 'Film', 1, 'EUR', 'hd', true, '{}', now() from had;
insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within, watch_within, paid_at, start_by)
	select account, (select max(id) from film), 'movie', 'Film', 1, 'EUR', 'hd', 100, 50, now(), now() + interval '100 s' from had;
insert into rights.grant (account_id, kind) select account, 'movie' from had;
select is((select count(*) from rights.holding), 4::bigint, 'one of each');
select ok(users.erase_account(account), 'the account is erased') from had;
select is((select count(*) from rights.holding), 0::bigint, 'nothing is held by nobody');
select finish();
rollback;

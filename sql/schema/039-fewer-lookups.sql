-- Fewer look-ups for a decision: an account is one row, offers are made of the topic that was read, and the best way in is a
-- maximum.

drop function rights.decisions(bigint, bigint, bigint, text, timestamptz, boolean);
drop function rights.offers(bigint, int, text, timestamptz);
drop view rights.viewer, rights.viewer_profile;

-- --- an account, as decisions need it

create view rights.viewer_now as
	select a.id as account_id, a.status, a.country,
	       (select max(p.max_age) from users.profile p where p.account_id = a.id) as max_age,
	       array(select p.id from users.profile p where p.account_id = a.id order by p.id) as profiles,
	       array(select p.max_age from users.profile p where p.account_id = a.id order by p.id) as ages
	from users.account a;

create table rights.viewer (
	account_id bigint not null,
	status text not null,
	country text,
	max_age smallint,
	profiles bigint[] not null,
	ages smallint[] not null,
	constraint viewer_pkey primary key (account_id),
	constraint viewer_account_fkey foreign key (account_id) references users.account on delete cascade
);
comment on table rights.viewer is 'rights.viewer_now, a row for each account; triggers write it, nothing else does';
comment on column rights.viewer.max_age is 'of the oldest profile';
comment on column rights.viewer.ages is 'max_age of each of the profiles';
insert into rights.viewer select n.* from rights.viewer_now n;

-- Of two that change an account and its profiles at once, the second one waits, and looks after that.
create function rights.keep_viewers(accounts bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform from rights.viewer v where v.account_id = any (accounts) order by v.account_id for no key update;
	insert into rights.viewer
		select n.* from rights.viewer_now n where n.account_id = any (accounts)
		on conflict on constraint viewer_pkey do update
			set status = excluded.status, country = excluded.country, max_age = excluded.max_age, profiles = excluded.profiles,
			    ages = excluded.ages
			where viewer.* is distinct from excluded.*;
end $$;

create function rights.accounts_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform rights.keep_viewers(array(select m.id from made m)); return null; end $$;
create function rights.accounts_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	changed bigint[] := array(
		select m.id from made m join was w on w.id = m.id where (m.status, m.country) is distinct from (w.status, w.country));
begin
	if changed <> '{}' then
		perform rights.keep_viewers(changed);
	end if;
	return null;
end $$;
create function rights.profiles_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform rights.keep_viewers(array(select distinct c.account_id from changed c)); return null; end $$;
create trigger account_viewer_made after insert on users.account
	referencing new table as made for each statement execute function rights.accounts_made();
create trigger account_viewer_changed after update on users.account
	referencing old table as was new table as made for each statement execute function rights.accounts_changed();
create trigger profile_viewer_made after insert on users.profile
	referencing new table as changed for each statement execute function rights.profiles_changed();
create trigger profile_viewer_changed after update on users.profile
	referencing new table as changed for each statement execute function rights.profiles_changed();
create trigger profile_viewer_gone after delete on users.profile
	referencing old table as changed for each statement execute function rights.profiles_changed();

-- --- what would help

-- Each plan once, and for each thing that is sold the price of the most telling rule (this very content, its season, its series,
-- a genre, a kind). A season or series that is itself for older viewers is not offered.
create function rights.offers(it rights.topic, exclusive boolean, age int, place text, at timestamptz) returns rights.offers
	language plpgsql stable
	as $$
begin
	return (
		select row(array_agg(o.type), array_agg(o.id), array_agg(o.sold), array_agg(o.code), array_agg(o.name), array_agg(o.plan_id),
		           array_agg(o.amount), array_agg(o.currency), array_agg(o.start_within), array_agg(o.watch_within))::rights.offers
		from (
			select distinct on (o.place_in_list, o.sold, o.plan_id)
			       o.type, o.id, o.sold, o.code, o.name, o.plan_id, o.amount, o.currency, o.start_within, o.watch_within
			from (
				select r.id, r.type, r.plan_id, p.code, p.name, rights.nearness(r, it.item_id, it.season_id) as nearness,
				       r.countries is null as anywhere, coalesce(r.price_amount, p.price_amount) as amount,
				       coalesce(r.currency, p.currency) as currency, r.start_within, r.watch_within,
				       case r.type when 'subscription' then 1 when 'purchase' then 3 else 2 end as place_in_list,
				       case when r.type = 'subscription' then it.item_id
				            when r.content_id is not null then r.content_id
				            when r.kind = 'season' then coalesce(it.season_id, it.item_id)
				            when r.kind = 'series' or r.genre is not null and r.genre <> all (it.genres) then coalesce(it.series_id, it.item_id)
				            else it.item_id end as sold
				from rights.rule r
				left join rights.plan p on p.id = r.plan_id
				where r.target = any (it.targets)
				  and (r.content_id is not null or not offers.exclusive)
				  and r.type <> 'free'
				  and (p.id is null or p.state = 'active')
				  and rights.ruling(r, place, at) = 'applies'
				offset 0 -- computed once, not where each is used
			) o
			where o.sold = it.item_id
			   or exists (select from rights.topic i where i.item_id = o.sold and i.min_age <= offers.age)
			order by o.place_in_list, o.sold, o.plan_id, o.nearness, o.anywhere, o.amount, o.id
		) o);
end $$;

create or replace function rights.offered(receipt_type text, account bigint, content bigint, it rights.topic) returns bigint
	language plpgsql stable
	as $$
declare
	o rights.offers := rights.offers(it, exists (select from rights.rule r where r.exclusive and r.target = any (it.targets)), 99,
	                                 (select a.country from users.account a where a.id = account), now());
begin
	return (select u.rule from unnest(o.type, o.rule, o.content) u (type, rule, content)
	        where u.type = receipt_type and u.content = offered.content);
end $$;

-- --- the decision

create function rights.quality_name(rank int) returns text
	language sql immutable
	return (array['sd', 'hd', 'uhd'])[rank];

create type rights.way as (
	standing rights.standing,
	rank int,
	until timestamptz,
	older bigint,
	source text,
	name text,
	quality smallint,
	rental bigint
);
comment on type rights.way is 'what may be watched by. They are compared member by member, and the greatest is the best: what holds, the quality, how long (null: for ever), and then which is the older one (id, negative)';

-- Whether somebody may watch something at an instant, why, until when, and if not, what would help. No row: there is no such
-- account or content.
--
-- profile null: nobody in particular, so the age of the account's oldest profile counts; country null: the account's own;
-- at null: now.
--
-- The ways in are free rules and plans' rules that apply, the latter where the account is subscribed to the plan, and what else is
-- held at that instant; refunds and later payments are seen as they were then. Of those that hold the best one counts, of others
-- the one that says most.
create function rights.decisions(account bigint, profile bigint, content bigint, country text, at timestamptz,
                                 explain boolean default false)
	returns setof rights.decision
	language sql stable -- neither strict nor "security definer" nor with a setting: else it would not become a part of what asks
	begin atomic
		select f.item_id, f.granted, coalesce((f.way).source, f.reason), (f.way).name, rights.quality_name((f.way).quality),
		       (f.way).until, (f.way).rental, f.min_age, (f.o).type, (f.o).rule, (f.o).content, (f.o).plan, (f.o).plan_name,
		       (f.o).plan_id, (f.o).amount, (f.o).currency, (f.o).start_within, (f.o).watch_within,
		       case when explain then (rights.trace(decisions.account, f.status, f.age, f.item_id, f.place, f.at)).what end,
		       case when explain then (rights.trace(decisions.account, f.status, f.age, f.item_id, f.place, f.at)).said end
		from (
			select v.item_id, v.min_age, v.status, v.age, v.place, v.at, v.reason, v.reason = 'granted' as granted,
			       case v.reason when 'granted' then v.best[1] end as way,
			       case when v.reason in ('no_entitlement', 'rental_expired')
			                then rights.offers(v.t, coalesce(v.exclusive, false), v.age, v.place, v.at) end as o
			from (
				select t, t.item_id, t.min_age, a.status, a.age, a.place, a.at, r.exclusive, h.best,
				       rights.verdict(a.status, t.opens, t.closes, t.min_age, a.age, case when r.exclusive then r.own_said else r.said end,
				                      (h.best[1]).standing, a.at) as reason
				from rights.topic t
				cross join (
					select x.status, coalesce(decisions.country, x.country) as place, coalesce(decisions.at, now()) as at,
					       case when decisions.profile is null then x.max_age
					            else x.ages[array_position(x.profiles, decisions.profile)] end as age
					from rights.viewer x
					where x.account_id = decisions.account
					offset 0
				) a
				cross join lateral (
					select bool_or(r.exclusive) as exclusive, max(r.said) as said, max(r.way) as best,
					       max(r.said) filter (where r.own) as own_said, max(r.way) filter (where r.own) as own_best
					from (
						select r.said, r.exclusive, r.own,
						       case when r.said <> 'applies' or a.at >= t.closes then null
						            when r.type = 'free'
						                then array[row('holds', r.quality * 10 + 5, least(r.valid_until, t.closes), -r.id, 'free', 'rule:' || r.id,
						                               r.quality, null)::rights.way]
						            when h.id is not null
						                then array[row('holds', least(p.quality, r.quality) * 10 + 2, least(h.until, r.valid_until, t.closes), -h.id,
						                               'subscription', 'subscription:' || p.code, least(p.quality, r.quality), null)::rights.way] end as way
						from (
							select r.id, r.type, r.plan_id, r.quality, r.valid_until, r.exclusive, r.content_id is not null as own,
							       rights.ruling(r, a.place, a.at) as said
							from rights.rule r
							where r.target = any (t.targets)
							offset 0
						) r
						left join (rights.holding h join rights.plan p on p.id = h.plan_id)
							on h.account_id = decisions.account
							and h.target = '*'
							and h.plan_id = r.plan_id
							and h.since <= a.at
							and a.at < h.until
						offset 0
					) r
				) r
				cross join lateral (
					select greatest(case when r.exclusive then r.own_best else r.best end, max(array[
					           row(rights.standing(h, true, rights.ends(h, a.at), t.closes, a.place, a.at),
					               case h.prefer when 1 then 1 else h.quality * 10 + h.prefer end,
					               case when h.outlives_window then rights.ends(h, a.at) else least(rights.ends(h, a.at), t.closes) end,
					               -h.id, h.source, h.source || ':' || h.id, h.quality,
					               case h.source when 'rental' then h.id end)::rights.way])) as best
					from rights.holding h
					where h.account_id = decisions.account
					  and h.target = any (t.targets)
					  and h.plan_id is null
					  and h.since <= a.at
					  and (h.refunded_at is null or h.refunded_at > a.at)
				) h
				where t.item_id = decisions.content
				  and t.published
				offset 0 -- computed once, not where each is used
			) v
			offset 0
		) f;
	end;
revoke execute on function rights.decisions(bigint, bigint, bigint, text, timestamptz, boolean) from public;
grant execute on function rights.decisions(bigint, bigint, bigint, text, timestamptz, boolean) to tv_rights;
grant select on rights.viewer to tv_rights;

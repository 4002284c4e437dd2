-- A decision is one plain statement, which is made part of the statement that asks. What it reads is kept as it is needed: each
-- node, column and expression of a statement costs something at each start, whether it runs or not.

-- Those of before; programs call none of them but rights.decide, which stays.
drop function rights.offers(rights.decision, bigint, rights.topic, rights.rule[], boolean, int, text, timestamptz);
drop function rights.trace(rights.decision, text, int, bigint, rights.topic, rights.rule[], rights.say, rights.holding[], text, timestamptz);
drop function rights.way(rights.holding, rights.say, timestamptz, text, timestamptz);
drop function rights.free_way(rights.say, timestamptz, timestamptz);
drop function rights.say(rights.rule[], text, timestamptz);
drop function rights.ruling(rights.rule, boolean, text, timestamptz);
drop function rights.rules_about(text[]);
drop function rights.held_on(bigint, text[], timestamptz);
drop function rights.held(timestamptz, timestamptz, timestamptz, boolean);
drop function rights.offered(text, bigint, bigint, rights.topic);
drop function rights.subject(bigint);
drop function rights.verdict(text, timestamptz, timestamptz, int, int, boolean, boolean, boolean, boolean, text, text, timestamptz);
drop type rights.way, rights.say, rights.topic;

-- --- what a decision is about

create view rights.topic_now as
	select i.id as item_id, i.kind,
	       i.state = 'published' and coalesce(se.state, 'published') = 'published' and coalesce(sr.state, 'published') = 'published'
	           and not coalesce(c.hidden, false) as published,
	       se.id as season_id, sr.id as series_id, i.genres, greatest(i.min_age, sr.min_age) as min_age,
	       greatest(i.available_from, se.available_from, sr.available_from) as opens,
	       least(i.available_until, se.available_until, sr.available_until) as closes,
	       array_remove(array[i.id, se.id, sr.id], null) as items,
	       string_to_array(concat_ws(',', 'c:' || i.id, 'k:' || i.kind, 'g:' || nullif(array_to_string(i.genres, ',g:'), ''),
	                                 'k:series,c:' || sr.id, 'g:' || nullif(array_to_string(sr.genres, ',g:'), ''),
	                                 'k:season,c:' || se.id, '*'), ',') collate "C" as targets
	from content.item i
	left join content.season s on s.id = i.id
	left join content.episode e on e.id = i.id
	left join content.item se on se.id = e.season_id
	left join content.item sr on sr.id = coalesce(e.series_id, s.series_id)
	left join live.channel c on c.id = i.id
	where case i.kind when 'channel' then c.id is not null when 'season' then s.id is not null when 'episode' then e.id is not null
	                  else true end;

create table rights.topic (
	item_id bigint not null,
	kind text not null,
	published boolean not null,
	season_id bigint,
	series_id bigint,
	genres text[] not null,
	min_age smallint not null,
	opens timestamptz,
	closes timestamptz,
	items bigint[] not null,
	targets text[] collate "C" not null,
	constraint topic_pkey primary key (item_id),
	constraint topic_item_fkey foreign key (item_id) references content.item on delete cascade
);
comment on table rights.topic is 'rights.topic_now, a row for each item that is whole; triggers write it, nothing else does';
comment on column rights.topic.published is 'and what it is part of: else it does not exist for customers';
comment on column rights.topic.min_age is 'its own or that of its series, whichever is higher; opens and closes likewise, of all that it is part of';
comment on column rights.topic.items is 'on which a right to it may be held';
comment on column rights.topic.targets is 'of the rules and holdings that are about it: c:CONTENT, g:GENRE, k:KIND, *';
insert into rights.topic select t.* from rights.topic_now t;

-- Of two that change an item and what it is part of at once, the second one waits, and looks after that.
create function rights.keep_topics(changed bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
declare
	ids bigint[] := array(
		select unnest(changed)
		union select s.id from content.season s where s.series_id = any (changed)
		union select e.id from content.episode e where e.series_id = any (changed)
		union select e.id from content.episode e where e.season_id = any (changed));
begin
	perform from rights.topic t
		where t.item_id = any (ids)
		   or t.item_id in (select unnest(array[e.season_id, e.series_id]) from content.episode e where e.id = any (ids)
		                    union select s.series_id from content.season s where s.id = any (ids))
		order by t.item_id
		for no key update;
	insert into rights.topic
		select n.* from unnest(ids) w (id) join rights.topic_now n on n.item_id = w.id
		on conflict on constraint topic_pkey do update
			set kind = excluded.kind, published = excluded.published, season_id = excluded.season_id, series_id = excluded.series_id,
			    genres = excluded.genres, min_age = excluded.min_age, opens = excluded.opens, closes = excluded.closes,
			    items = excluded.items, targets = excluded.targets
			where topic.* is distinct from excluded.*;
end $$;

create function rights.topics_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform rights.keep_topics(array(select m.id from made m)); return null; end $$;
create function rights.topics_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	changed bigint[] := array(
		select m.id from made m join was w on w.id = m.id
		where (m.kind, m.state, m.genres, m.min_age, m.available_from, m.available_until)
		      is distinct from (w.kind, w.state, w.genres, w.min_age, w.available_from, w.available_until));
begin
	if changed <> '{}' then
		perform rights.keep_topics(changed);
	end if;
	return null;
end $$;
create trigger item_topic_made after insert on content.item
	referencing new table as made for each statement execute function rights.topics_made();
create trigger item_topic_changed after update on content.item
	referencing old table as was new table as made for each statement execute function rights.topics_changed();
do $$
declare
	t regclass;
begin
	foreach t in array array['content.season', 'content.episode', 'live.channel']::regclass[] loop
		execute format('create trigger topic_made after insert on %s referencing new table as made '
		               'for each statement execute function rights.topics_made()', t);
		execute format('create trigger topic_changed after update on %s referencing new table as made '
		               'for each statement execute function rights.topics_made()', t);
	end loop;
end $$;

create function rights.subject(content bigint) returns rights.topic
	language plpgsql stable
	as $$ begin return (select t from rights.topic t where t.item_id = content and t.published); end $$;
comment on function rights.subject(bigint) is 'null: it does not exist for customers';

-- --- what is held, and what rules say

alter table rights.rule
	add column quality smallint not null generated always as (rights.quality_rank(max_quality)) stored,
	add column limited boolean not null generated always as (countries is not null or excluded_countries <> '{}') stored;
alter table rights.plan
	add column quality smallint not null generated always as (rights.quality_rank(max_quality)) stored;
alter table rights.holding
	add column quality smallint,
	add column prefer smallint not null default 0,
	add column limited boolean not null default false;
comment on column rights.rule.limited is 'to some countries';
comment on column rights.holding.quality is 'max_quality as a number; null: that of the plan';
comment on column rights.holding.prefer is 'among ways of one quality: (5 free,) 4 purchase, 3 grant, 2 subscription; 1 rental, after all others whatever their quality, so that its clock is not started while something else would do';

create or replace function rights.holding_of(p rights.purchase) returns rights.holding
	language sql stable
	return row('purchase', p.id, p.account_id, 'c:' || p.item_id, null::bigint, p.max_quality, p.paid_at, p.refunded_at, null, null,
	           p.valid_until, p.outlives_window, p.countries, p.excluded_countries, rights.quality_rank(p.max_quality), 4,
	           p.countries is not null or p.excluded_countries <> '{}')::rights.holding;
create or replace function rights.holding_of(r rights.rental) returns rights.holding
	language sql stable
	return row('rental', r.id, r.account_id, 'c:' || r.item_id, null, r.max_quality, r.paid_at, r.refunded_at, r.start_by,
	           r.started_at, r.expires_at, false, null, null, rights.quality_rank(r.max_quality), 1, false)::rights.holding;
create or replace function rights.holding_of(g rights.grant) returns rights.holding
	language sql stable
	return row('grant', g.id, g.account_id, g.target, null, g.max_quality, coalesce(g.valid_from, '-infinity'), null, null, null,
	           g.valid_until, false, null, null, rights.quality_rank(g.max_quality), 3, false)::rights.holding;
create or replace function rights.holding_of(s rights.subscription) returns rights.holding
	language sql stable
	return row('subscription', s.id, s.account_id, '*', s.plan_id, null,
	           case when s.status <> 'pending' then s.started_at end, null, null, null,
	           rights.access_until(s), false, null, null, null, 2, false)::rights.holding;
update rights.holding h
	set quality = rights.quality_rank(h.max_quality), limited = h.countries is not null or coalesce(h.excluded_countries <> '{}', false),
	    prefer = case h.source when 'purchase' then 4 when 'grant' then 3 when 'subscription' then 2 else 1 end;

-- Called only for what is limited: spelt out in each statement, it would cost where nothing is.
create or replace function rights.in_territory(country text, countries text[], excluded text[]) returns boolean
	language plpgsql immutable parallel safe
	as $$
begin
	return case when countries is null and coalesce(excluded, '{}') = '{}' then true
	            when country is null then false
	            else (countries is null or country = any (countries)) and not country = any (coalesce(excluded, '{}')) end;
end $$;

create type rights.ruling as enum ('territory', 'no_longer', 'not_yet', 'applies');
comment on type rights.ruling is 'what a rule says in some place at some instant. Of several rules the last of these words is the answer';
create function rights.ruling(r rights.rule, place text, at timestamptz) returns rights.ruling
	language sql immutable
	return case when r.limited and not rights.in_territory(place, r.countries, r.excluded_countries) then 'territory'::rights.ruling
	            when at < r.valid_from then 'not_yet'
	            when at >= r.valid_until then 'no_longer'
	            else 'applies' end;

create type rights.standing as enum ('not_covered', 'closed', 'over', 'expired', 'territory', 'holds');
comment on type rights.standing is 'of what is held: it holds, or why it does not. Of several that do not, the last of these words says most. expired: a rental that is over; not_covered: no rule names the plan';
create function rights.standing(h rights.holding, covered boolean, ends timestamptz, closes timestamptz, place text, at timestamptz)
	returns rights.standing
	language sql immutable
	return case when h.plan_id is not null and not covered then 'not_covered'::rights.standing
	            when h.limited and not rights.in_territory(place, h.countries, h.excluded_countries) then 'territory'
	            when at >= ends then case h.source when 'rental' then 'expired'::rights.standing else 'over' end
	            when at >= closes and not h.outlives_window then 'closed'
	            else 'holds' end;

-- Until when a rental may be begun, and once it has been, until when it may be watched.
create function rights.ends(h rights.holding, at timestamptz) returns timestamptz
	language sql immutable
	return case when h.start_by is null or h.started_at <= at then h.until else h.start_by end;

create or replace function rights.nearness(r rights.rule, content bigint, season bigint) returns int
	language sql immutable
	return case when r.content_id = content then 1 when r.content_id = season then 2 when r.content_id is not null then 3
	            when r.genre is not null then 4 else 5 end;

-- The word for what was found out, in the order that counts: the account, the publisher's window, territory, age, then what the
-- customer holds, then what the rules say. No rule: nobody sells it.
create function rights.verdict(status text, opens timestamptz, closes timestamptz, min_age int, age int, rules rights.ruling,
                               way rights.standing, at timestamptz) returns text
	language sql immutable
	return case
		when status <> 'active' then 'account_suspended'
		when at < opens then 'not_yet_available'
		when at >= closes and way is distinct from 'holds' then 'no_longer_available'
		when rules = 'territory' or way = 'territory' then 'territory'
		when age is null or age < min_age then 'age_restricted'
		when way = 'holds' then 'granted'
		when way = 'expired' then 'rental_expired'
		when rules = 'applies' or rules is null then 'no_entitlement'
		when rules = 'not_yet' then 'not_yet_available'
		else 'no_longer_available' end;

-- --- what would help

create type rights.offers as (
	type text[],
	rule bigint[],
	content bigint[],
	plan text[],
	plan_name text[],
	plan_id bigint[],
	amount int[],
	currency text[],
	start_within int[],
	watch_within int[]
);

-- Each plan once, and for each thing that is sold the price of the most telling rule (this very content, its season, its series,
-- a genre, a kind). A season or series that is itself for older viewers is not offered.
create function rights.offers(content bigint, age int, place text, at timestamptz) returns rights.offers
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
				select r.id, r.type, r.plan_id, p.code, p.name, rights.nearness(r, t.item_id, t.season_id) as nearness,
				       r.countries is null as anywhere, r.content_id is not null as own, bool_or(r.exclusive) over () as exclusive,
				       coalesce(r.price_amount, p.price_amount) as amount, coalesce(r.currency, p.currency) as currency,
				       r.start_within, r.watch_within,
				       case r.type when 'subscription' then 1 when 'purchase' then 3 else 2 end as place_in_list,
				       case when r.type = 'subscription' then t.item_id
				            when r.content_id is not null then r.content_id
				            when r.kind = 'season' then coalesce(t.season_id, t.item_id)
				            when r.kind = 'series' or r.genre is not null and r.genre <> all (t.genres) then coalesce(t.series_id, t.item_id)
				            else t.item_id end as sold,
				       r.type <> 'free' and coalesce(p.state, 'active') = 'active' and rights.ruling(r, place, at) = 'applies' as sells
				from rights.topic t
				join rights.rule r on r.target = any (t.targets)
				left join rights.plan p on p.id = r.plan_id
				where t.item_id = offers.content
			) o
			where o.sells
			  and (o.own or not o.exclusive)
			  and (o.sold = offers.content or exists (select from rights.topic i where i.item_id = o.sold and i.min_age <= offers.age))
			order by o.place_in_list, o.sold, o.plan_id, o.nearness, o.anywhere, o.amount, o.id
		) o);
end $$;

-- The rule of the offer that a decision would make for this very content: null, it is not sold.
create function rights.offered(receipt_type text, account bigint, content bigint, it rights.topic) returns bigint
	language plpgsql stable
	as $$
declare
	o rights.offers := rights.offers(it.item_id, 99, (select a.country from users.account a where a.id = account), now());
begin
	return (select u.rule from unnest(o.type, o.rule, o.content) u (type, rule, content)
	        where u.type = receipt_type and u.content = offered.content);
end $$;

-- --- the decision

-- What programs may see of what it reads.
create view rights.viewer as
	select a.id as account_id, a.status, a.country from users.account a;
create view rights.viewer_profile as
	select p.id as profile_id, p.account_id, p.max_age from users.profile p;

-- Every rule and every holding that was looked at, in order, and what it said.
create type rights.trace as (what text[], said text[]);
create function rights.trace(account bigint, status text, age int, content bigint, place text, at timestamptz) returns rights.trace
	language plpgsql stable
	as $$
declare
	it rights.topic := rights.subject(content);
begin
	return (
		with rule as (
			select r, p.code, bool_or(r.exclusive) over () and r.content_id is null as hidden, rights.ruling(r, place, at) as said
			from rights.rule r
			left join rights.plan p on p.id = r.plan_id
			where r.target = any (it.targets)
		)
		select row(array['account', 'opens', 'closes', 'territory', 'age'] || array_agg(t.what order by t.place_in_list, t.what),
		           array[status, coalesce(rights.instant(it.opens), 'always open'), coalesce(rights.instant(it.closes), 'never closes'),
		                 coalesce(place, 'unknown'), format('%s, for %s and older', coalesce(age::text, 'no such profile'), it.min_age)]
		           || array_agg(t.said order by t.place_in_list, t.what))::rights.trace
		from (
			select rights.nearness(o.r, it.item_id, it.season_id) as place_in_list,
			       concat_ws(' ', 'rule:' || (o.r).id, (o.r).type,
			                 coalesce('content:' || (o.r).content_id, 'genre:' || (o.r).genre, 'kind:' || (o.r).kind), o.code) as what,
			       case when o.hidden then 'hidden' else o.said::text end as said
			from rule o
			union all
			select 10, coalesce('subscription:' || p.code, h.source || ':' || h.id),
			       replace(rights.standing(h, exists (select from rule o
			                                          where (o.r).plan_id = h.plan_id and o.said = 'applies' and not o.hidden),
			                               rights.ends(h, at), it.closes, place, at)::text, 'expired', 'over')
			from rights.holding h
			left join rights.plan p on p.id = h.plan_id
			where h.account_id = account
			  and h.target = any (it.targets)
			  and h.since <= at
			  and (h.refunded_at is null or h.refunded_at > at)
		) t);
end $$;

-- Whether somebody may watch something at an instant, why, until when, and if not, what would help. No row: there is no such
-- account or content.
--
-- profile null: nobody in particular, so the age of the account's oldest profile counts; country null: the account's own;
-- at null: now.
--
-- The ways in are free rules that apply, and what is held at that instant; refunds and later payments are seen as they were then.
-- Of those that hold the best one counts, of others the one that says most. A subscription is one where a rule names its plan.
create function rights.decisions(account bigint, profile bigint, content bigint, country text, at timestamptz,
                                 explain boolean default false)
	returns setof rights.decision
	language sql stable -- neither strict nor "security definer" nor with a setting: else it would not become a part of what asks
	begin atomic
		select f.item_id, f.reason = 'granted', case f.reason when 'granted' then f.source else f.reason end,
		       case f.reason when 'granted' then case f.source when 'subscription' then 'subscription:' || f.plan
		                                                       when 'free' then 'rule:' || f.id
		                                                       else f.source || ':' || f.id end end,
		       case f.reason when 'granted' then case f.quality when 1 then 'sd' when 2 then 'hd' else 'uhd' end end,
		       case f.reason when 'granted' then f.until end,
		       case when f.reason = 'granted' and f.source = 'rental' then f.id end,
		       f.min_age, (f.o).type, (f.o).rule, (f.o).content, (f.o).plan, (f.o).plan_name, (f.o).plan_id, (f.o).amount,
		       (f.o).currency, (f.o).start_within, (f.o).watch_within,
		       case when explain then (rights.trace(decisions.account, f.status, f.age, f.item_id, f.place, f.at)).what end,
		       case when explain then (rights.trace(decisions.account, f.status, f.age, f.item_id, f.place, f.at)).said end
		from (
			select t.item_id, t.min_age, a.status, a.age, a.place, a.at, w.source, w.id, w.plan, w.quality, w.until, v.reason,
			       case when v.reason in ('no_entitlement', 'rental_expired') then rights.offers(t.item_id, a.age, a.place, a.at) end as o
			from rights.topic t
			cross join (
				select x.status, coalesce(decisions.country, x.country) as place, coalesce(decisions.at, now()) as at,
				       (select p.max_age
				        from rights.viewer_profile p
				        where p.account_id = x.account_id and (decisions.profile is null or p.profile_id = decisions.profile)
				        order by p.max_age desc
				        limit 1) as age
				from rights.viewer x
				where x.account_id = decisions.account
				offset 0
			) a
			cross join lateral (
				with rule as materialized (
					select r.id, r.type, r.plan_id, r.quality, r.valid_until, r.exclusive, r.content_id is not null as own,
					       rights.ruling(r, a.place, a.at) as said
					from rights.rule r
					where r.target = any (t.targets)
				)
				select case when s.exclusive then s.own_rules else s.rules end as rules,
				       w.source, w.id, w.plan, w.quality, w.until, w.standing
				from (select bool_or(r.exclusive) as exclusive, max(r.said) as rules, max(r.said) filter (where r.own) as own_rules
				      from rule r) s
				left join lateral (
					select w.source, w.id, w.plan, w.quality, w.until, w.standing
					from (
						select 'free' as source, r.id, null::text as plan, 5 as prefer, r.quality, least(r.valid_until, t.closes) as until,
						       'holds'::rights.standing as standing
						from rule r
						where r.type = 'free'
						  and r.said = 'applies'
						  and (r.own or not s.exclusive)
						  and (t.closes is null or a.at < t.closes)
						union all
						select h.source, h.id, p.code, h.prefer, least(h.quality, p.quality, r.quality),
						       case when h.outlives_window then rights.ends(h, a.at)
						            else least(rights.ends(h, a.at), r.valid_until, t.closes) end,
						       rights.standing(h, r.id is not null, rights.ends(h, a.at), t.closes, a.place, a.at)
						from rights.holding h
						left join rights.plan p on p.id = h.plan_id
						left join rule r on r.plan_id = h.plan_id and r.said = 'applies' and (r.own or not s.exclusive)
						where h.account_id = decisions.account
						  and h.target = any (t.targets)
						  and h.since <= a.at
						  and (h.refunded_at is null or h.refunded_at > a.at)
					) w
					order by w.standing desc, case w.prefer when 1 then 1 else w.quality * 10 + w.prefer end desc,
					         w.until desc nulls first, w.id
					limit 1
				) w on true
			) w
			cross join lateral (
				select rights.verdict(a.status, t.opens, t.closes, t.min_age, a.age, w.rules, w.standing, a.at) as reason offset 0
			) v
			where t.item_id = decisions.content
			  and t.published
			offset 0 -- computed once, not where each is used
		) f;
	end;
revoke execute on function rights.decisions(bigint, bigint, bigint, text, timestamptz, boolean) from public;
grant execute on function rights.decisions(bigint, bigint, bigint, text, timestamptz, boolean) to tv_rights;
grant select on rights.topic, rights.rule, rights.plan, rights.holding, rights.viewer, rights.viewer_profile to tv_rights;

-- The same as a value, null for no row, for who may not see all that it reads.
create or replace function rights.decide(account bigint, profile bigint, content bigint, country text, at timestamptz,
                                         explain boolean default false)
	returns rights.decision
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision;
begin
	if explain then
		select x.* into d from rights.decisions(account, profile, content, country, at, true) x;
	else
		select x.* into d from rights.decisions(account, profile, content, country, at) x;
	end if;
	return case when d.content_id is not null then d end;
end $$;

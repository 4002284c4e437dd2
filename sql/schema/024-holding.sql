-- Decisions are asked for more often than anything else. Most of what one costs is the start of statements, by the number of their
-- nodes and expressions; so it reads four things, each by the plainest of statements: the subject, the account, the rules, and
-- what is held, which for that is one row a right in one table. The rest is plain expressions over these rows.

-- --- holdings

create table rights.holding (
	source text not null,
	id bigint not null,
	account_id bigint not null,
	target text collate "C" not null,
	plan_id bigint,
	max_quality text,
	since timestamptz not null,
	refunded_at timestamptz,
	start_by timestamptz,
	started_at timestamptz,
	until timestamptz,
	outlives_window boolean not null default false,
	countries text[],
	excluded_countries text[],
	constraint holding_pkey primary key (source, id)
);
comment on table rights.holding is 'what accounts hold, of purchase, rental, grant and subscription: triggers write it, nothing else does';
comment on column rights.holding.target is 'what it is held on: c:CONTENT, g:GENRE, k:KIND or * (everything, or what the rules of a plan name)';
comment on column rights.holding.max_quality is 'null: that of the plan and its rule';
comment on column rights.holding.since is 'from then on it was held; refunded_at: from then on it was not';
comment on column rights.holding.start_by is 'of a rental that has not begun, in place of until';
create index holding_account on rights.holding (account_id, target);

create function rights.holding_of(p rights.purchase) returns rights.holding
	language sql stable
	return row('purchase', p.id, p.account_id, 'c:' || p.item_id, null::bigint, p.max_quality, p.paid_at, p.refunded_at, null, null,
	           p.valid_until, p.outlives_window, p.countries, p.excluded_countries)::rights.holding;
create function rights.holding_of(r rights.rental) returns rights.holding
	language sql stable
	return row('rental', r.id, r.account_id, 'c:' || r.item_id, null, r.max_quality, r.paid_at, r.refunded_at, r.start_by,
	           r.started_at, r.expires_at, false, null, null)::rights.holding;
create function rights.holding_of(g rights.grant) returns rights.holding
	language sql stable
	return row('grant', g.id, g.account_id, g.target, null, g.max_quality, coalesce(g.valid_from, '-infinity'), null, null, null,
	           g.valid_until, false, null, null)::rights.holding;
create function rights.holding_of(s rights.subscription) returns rights.holding
	language sql stable
	return row('subscription', s.id, s.account_id, '*', s.plan_id, null,
	           case when s.status <> 'pending' then s.started_at end, null, null, null,
	           rights.access_until(s), false, null, null)::rights.holding;

-- A row without a time from which on it is held (not paid yet), without an account (erased) or a target (the title is gone) is
-- no holding.
create function rights.keep_holding() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
declare
	h rights.holding;
begin
	if tg_op <> 'INSERT' then
		delete from rights.holding o where o.source = tg_table_name and o.id = old.id;
	end if;
	if tg_op <> 'DELETE' then
		h := rights.holding_of(new);
		if h.since is not null and h.account_id is not null and h.target is not null then
			insert into rights.holding select (h).*;
		end if;
	end if;
	return null;
end $$;

do $$
declare
	name text;
begin
	foreach name in array array['purchase', 'rental', 'grant', 'subscription'] loop
		execute format('insert into rights.holding select (h.x).* from (select rights.holding_of(t) as x from rights.%I t) h '
		               'where (h.x).since is not null and (h.x).account_id is not null and (h.x).target is not null', name);
		execute format('create trigger %I after insert or update or delete on rights.%I '
		               'for each row execute function rights.keep_holding()', name || '_holding', name);
	end loop;
end $$;

-- --- the decision

drop function rights.offers(rights.decision, bigint, rights.topic, int, text, timestamptz);
drop function rights.trace(rights.decision, text, int, bigint, bigint, rights.topic, text, timestamptz);
drop function rights.ways(bigint, bigint[], text[], timestamptz, bigint[], bigint[], text[], timestamptz[], text, timestamptz);
drop function rights.say(bigint, bigint, text[], text, timestamptz);
drop function rights.rulings(bigint, bigint, text[], text, timestamptz);

-- Compared byte by byte: each decision looks up some of them.
alter table rights.rule alter column target type text collate "C";
create index profile_oldest on users.profile (account_id, max_age);

alter type rights.say add attribute exclusive boolean;
comment on type rights.say is 'what the rules say altogether: ways are those that apply and ask for no payment of their own, the best one for each plan; plan null is free';
comment on type rights.way is 'a way in, or why it is none any more. rank: ways that hold come first, then those that say most about why not; ways of the best quality; among equals free, purchase, grant, subscription; a rental last of all, so that its clock is not started while something else would do';

create function rights.rules_about(targets text[]) returns rights.rule[]
	language plpgsql stable -- a plan that is kept; of an SQL function that cannot be inlined there is a new one each time
	as $$ begin return array(select r from rights.rule r where r.target = any (targets)); end $$;

-- What a rule says in that place at that instant; hidden: the content has a rule that excludes those of its genres and its kind.
create function rights.ruling(r rights.rule, hidden boolean, place text, at timestamptz) returns text
	language sql immutable
	return case when hidden and r.content_id is null then 'hidden'
	            when not rights.in_territory(place, r.countries, r.excluded_countries) then 'territory'
	            when at < r.valid_from then 'not_yet'
	            when at >= r.valid_until then 'no_longer'
	            else 'applies' end;

create function rights.nearness(r rights.rule, content bigint, season bigint) returns int
	language sql immutable
	return case when r.content_id = content then 1 when r.content_id = season then 2 when r.content_id is not null then 3
	            when r.genre is not null then 4 else 5 end;
comment on function rights.nearness(rights.rule, bigint, bigint) is '1: a rule of this very content, 2: of its season, 3: of its series, 4: of a genre, 5: of a kind';

create function rights.say(rules rights.rule[], place text, at timestamptz) returns rights.say
	language plpgsql immutable
	as $$
declare
	s rights.say;
	r rights.rule;
	word text;
	n int;
	ids bigint[];
	plans bigint[];
	qualities text[];
	untils timestamptz[];
begin
	s := row(false, false, false, false, null, null, null, null, false);
	foreach r in array rules loop
		s.exclusive := s.exclusive or r.exclusive;
	end loop;
	foreach r in array rules loop
		word := rights.ruling(r, s.exclusive, place, at);
		if word <> 'hidden' then
			s.ruled := true;
			s.permitted := s.permitted or word <> 'territory';
			s.open := s.open or word = 'applies';
			s.opens_later := s.opens_later or word = 'not_yet';
		end if;
		if word = 'applies' and r.type in ('free', 'subscription') then
			n := coalesce(array_position(plans, r.plan_id), cardinality(plans) + 1, 1);
			if qualities[n] is null
			   or (rights.quality_rank(r.max_quality), coalesce(r.valid_until, 'infinity'), -r.id)
			      > (rights.quality_rank(qualities[n]), coalesce(untils[n], 'infinity'), -ids[n]) then
				ids[n] := r.id;
				plans[n] := r.plan_id;
				qualities[n] := r.max_quality;
				untils[n] := r.valid_until;
			end if;
		end if;
	end loop;
	s.ids := ids;
	s.plans := plans;
	s.qualities := qualities;
	s.untils := untils;
	return s;
end $$;

-- What was held on one of the targets at that instant; refunds and later payments are seen as they were then.
create function rights.held_on(account bigint, targets text[], at timestamptz) returns rights.holding[]
	language plpgsql stable
	as $$
begin
	return array(select h
	             from rights.holding h
	             where h.account_id = account
	               and h.target = any (targets)
	               and h.since <= at
	               and (h.refunded_at is null or h.refunded_at > at));
end $$;

-- A holding as a way in: only if it "holds", but what is over is a reason, too. A subscription is one where a rule names its plan.
create function rights.way(h rights.holding, say rights.say, closes timestamptz, place text, at timestamptz) returns rights.way
	language plpgsql stable
	as $$
declare
	w rights.way;
	n int;
begin
	w.source := h.source;
	w.id := h.id;
	w.quality := h.max_quality;
	w.name := h.source || ':' || h.id;
	w.until := case when h.start_by is null or h.started_at <= at then h.until else h.start_by end;
	if h.plan_id is not null then
		n := array_position(say.plans, h.plan_id);
		select 'subscription:' || p.code, p.max_quality into w.name, w.quality from rights.plan p where p.id = h.plan_id;
		if rights.quality_rank(say.qualities[n]) < rights.quality_rank(w.quality) then
			w.quality := say.qualities[n];
		end if;
	end if;
	w.verdict := case when h.plan_id is not null and n is null then 'not_covered'
	                  when not rights.in_territory(place, h.countries, h.excluded_countries) then 'territory'
	                  else rights.held(at, w.until, closes, h.outlives_window) end;
	w.until := case when h.outlives_window then w.until else least(w.until, say.untils[n], closes) end;
	w.rank := case w.verdict when 'holds' then 300 when 'territory' then 200
	                         when 'over' then case h.source when 'rental' then 100 else 0 end else 0 end
	          + case h.source when 'rental' then 1
	                          else rights.quality_rank(w.quality) * 10
	                               + case h.source when 'purchase' then 4 when 'grant' then 3 else 2 end end;
	return w;
end $$;

create function rights.free_way(say rights.say, closes timestamptz, at timestamptz) returns rights.way
	language plpgsql immutable
	as $$
declare
	n int := array_position(say.plans, null);
begin
	if n is not null and rights.held(at, null, closes, false) = 'holds' then
		return row('free', say.ids[n], 'rule:' || say.ids[n], say.qualities[n], least(say.untils[n], closes), 'holds',
		           300 + rights.quality_rank(say.qualities[n]) * 10 + 5)::rights.way;
	end if;
	return null;
end $$;

-- What would help: each plan once, and for each thing that is sold the price of the most telling rule (this very content, its
-- season, its series, a genre, a kind). A season or series that is itself for older viewers is not offered.
create function rights.offers(d rights.decision, content bigint, it rights.topic, rules rights.rule[], hidden boolean, age int,
                              place text, at timestamptz) returns rights.decision
	language plpgsql stable
	as $$
begin
	select array_agg(o.type), array_agg(o.id), array_agg(o.sold), array_agg(o.code), array_agg(o.name),
	       array_agg(o.plan_id), array_agg(o.amount), array_agg(o.currency), array_agg(o.start_within), array_agg(o.watch_within)
		into d.offer_type, d.offer_rule, d.offer_content, d.offer_plan, d.offer_plan_name, d.offer_plan_id, d.offer_amount,
		     d.offer_currency, d.offer_start_within, d.offer_watch_within
		from (
			select distinct on (o.place_in_list, o.sold, o.plan_id)
			       o.type, o.id, o.sold, o.code, o.name, o.plan_id, o.amount, o.currency, o.start_within, o.watch_within
			from (
				select r.id, r.type, r.plan_id, p.code, p.name, rights.nearness(r, content, it.season_id) as nearness,
				       r.countries is null as anywhere,
				       coalesce(r.price_amount, p.price_amount) as amount, coalesce(r.currency, p.currency) as currency,
				       r.start_within, r.watch_within,
				       case r.type when 'subscription' then 1 when 'purchase' then 3 else 2 end as place_in_list,
				       case when r.type = 'subscription' then content
				            when r.content_id is not null then r.content_id
				            when r.kind = 'season' then coalesce(it.season_id, content)
				            when r.kind = 'series' or r.genre is not null and r.genre <> all (it.genres) then coalesce(it.series_id, content)
				            else content end as sold
				from unnest(rules) r
				left join rights.plan p on p.id = r.plan_id
				where rights.ruling(r, hidden, place, at) = 'applies'
				  and r.type <> 'free'
				  and coalesce(p.state, 'active') = 'active'
				offset 0 -- computed once, not where each is used
			) o
			where o.sold = content or exists (select from content.item i where i.id = o.sold and i.min_age <= offers.age)
			order by o.place_in_list, o.sold, o.plan_id, o.nearness, o.anywhere, o.amount, o.id
		) o;
	return d;
end $$;

-- Every rule and every holding that was looked at, in order, and what it said.
create function rights.trace(d rights.decision, who_status text, who_age int, content bigint, it rights.topic, rules rights.rule[],
                             say rights.say, held rights.holding[], place text, at timestamptz) returns rights.decision
	language plpgsql stable
	as $$
begin
	d.trace_what := array['account', 'opens', 'closes', 'territory', 'age'];
	d.trace_said := array[who_status, coalesce(rights.instant(it.opens), 'always open'),
	                      coalesce(rights.instant(it.closes), 'never closes'), coalesce(place, 'unknown'),
	                      format('%s, for %s and older', coalesce(who_age::text, 'no such profile'), it.min_age)];
	select d.trace_what || array_agg(t.what order by t.place_in_list, t.what),
	       d.trace_said || array_agg(t.said order by t.place_in_list, t.what)
		into d.trace_what, d.trace_said
		from (
			select rights.nearness(r, content, it.season_id) as place_in_list,
			       concat_ws(' ', 'rule:' || r.id, r.type, coalesce('content:' || r.content_id, 'genre:' || r.genre, 'kind:' || r.kind),
			                 p.code) as what,
			       rights.ruling(r, say.exclusive, place, at) as said
			from unnest(rules) r
			left join rights.plan p on p.id = r.plan_id
			union all
			select 10, w.name, w.verdict
			from unnest(held) h
			cross join lateral rights.way(h, say, it.closes, place, at) w
		) t
		having count(*) > 0;
	return d;
end $$;

create or replace function rights.decide(account bigint, profile bigint, content bigint, country text, at timestamptz,
                                         explain boolean default false)
	returns rights.decision
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision;
	it rights.topic := rights.subject(content);
	who record;
	rules rights.rule[];
	say rights.say;
	held rights.holding[];
	h rights.holding;
	w rights.way;
	way rights.way;
begin
	at := coalesce(at, now());
	select a.status, coalesce(decide.country, a.country) as place,
	       (select p.max_age
	        from users.profile p
	        where p.account_id = a.id and (profile is null or p.id = profile)
	        order by p.max_age desc
	        limit 1) as age
		into who
		from users.account a
		where a.id = account;
	if not found or it.kind is null then
		return null;
	end if;

	rules := rights.rules_about(it.targets);
	say := rights.say(rules, who.place, at);
	way := rights.free_way(say, it.closes, at);
	held := rights.held_on(account, it.targets || '*'::text, at);
	foreach h in array held loop
		w := rights.way(h, say, it.closes, who.place, at);
		if way.rank is null
		   or (w.rank, coalesce(w.until, 'infinity'), -w.id) > (way.rank, coalesce(way.until, 'infinity'), -way.id) then
			way := w;
		end if;
	end loop;

	d.content_id := content;
	d.min_age := it.min_age;
	d.reason := rights.verdict(who.status, it.opens, it.closes, it.min_age, who.age, say.ruled, say.permitted, say.open,
	                           say.opens_later, way.verdict, way.source, at);
	d.granted := d.reason = 'granted';
	if d.granted then
		d.reason := way.source;
		d.source := way.name;
		d.max_quality := way.quality;
		d.expires_at := way.until;
		d.rental_id := case when way.source = 'rental' then way.id end;
	elsif d.reason in ('no_entitlement', 'rental_expired') then
		d := rights.offers(d, content, it, rules, say.exclusive, who.age, who.place, at);
	end if;
	if explain then
		d := rights.trace(d, who.status, who.age, content, it, rules, say, held, who.place, at);
	end if;
	return d;
end $$;

create or replace function rights.offered(receipt_type text, account bigint, content bigint, it rights.topic) returns bigint
	language plpgsql stable
	as $$
declare
	d rights.decision;
	place text := (select a.country from users.account a where a.id = account);
	rules rights.rule[] := rights.rules_about(it.targets);
begin
	d := rights.offers(d, content, it, rules, (rights.say(rules, place, now())).exclusive, 99, place, now());
	for n in 1 .. coalesce(array_length(d.offer_type, 1), 0) loop
		if d.offer_type[n] = receipt_type and d.offer_content[n] = content then
			return d.offer_rule[n];
		end if;
	end loop;
	return null;
end $$;

-- The one place where access is decided. Everything that shows, sells or plays asks here.

create type rights.decision as (
	content_id bigint,
	granted boolean,
	reason text,
	source text,
	max_quality text,
	expires_at timestamptz,
	rental_id bigint,
	min_age smallint,
	offer_type text[],
	offer_rule bigint[],
	offer_content bigint[],
	offer_plan text[],
	offer_plan_name text[],
	offer_plan_id bigint[],
	offer_amount int[],
	offer_currency text[],
	offer_start_within int[],
	offer_watch_within int[],
	trace_what text[],
	trace_said text[]
);
comment on type rights.decision is 'source names what grants: rule:7, subscription:basic, purchase:12, rental:13, grant:5; rental_id: that rental grants, its clock may have to be started; offers are arrays of one length';

create function rights.instant(at timestamptz) returns text
	language sql immutable parallel safe
	return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || rtrim(to_char(at at time zone 'UTC', '.US'), '.0') || 'Z';
comment on function rights.instant(timestamptz) is 'RFC 3339 as the programs write it: a fraction only where there is one';

create function rights.quality_rank(quality text) returns int
	language sql immutable parallel safe
	return case quality when 'sd' then 1 when 'hd' then 2 when 'uhd' then 3 end;
comment on function rights.quality_rank(text) is 'not strict: a strict one would not be inlined, and called some times a decision';

create function rights.in_territory(country text, countries text[], excluded text[]) returns boolean
	language sql immutable parallel safe
	return case when countries is null and coalesce(excluded, '{}') = '{}' then true
	            when country is null then false
	            else (countries is null or country = any (countries)) and not country = any (coalesce(excluded, '{}')) end;
comment on function rights.in_territory(text, text[], text[]) is 'an unknown country is outside of every limit';

create type rights.topic as (
	kind text,
	season_id bigint,
	series_id bigint,
	genres text[],
	min_age smallint,
	opens timestamptz,
	closes timestamptz,
	items bigint[],
	targets text[]
);
comment on type rights.topic is 'items: on which a right to it may be held; targets: of the rules that are about it';

-- What a decision is about: a published item with the windows and the age of the season and series that it is part of. Null: it
-- does not exist for customers. Most are movies, which cost one look.
create function rights.subject(content bigint) returns rights.topic
	language plpgsql stable
	as $$
declare
	it rights.topic;
	of record;
begin
	select i.kind, i.genres, i.min_age, i.available_from, i.available_until
		into it.kind, it.genres, it.min_age, it.opens, it.closes
		from content.item i
		where i.id = content and i.state = 'published';
	if not found then
		return null;
	end if;
	it.items := array[content];
	it.targets := string_to_array(concat_ws(',g:', 'c:' || content || ',k:' || it.kind,
	                                        nullif(array_to_string(it.genres, ',g:'), '')), ',');
	if it.kind = 'channel' then
		return case when not (select c.hidden from live.channel c where c.id = content) then it end;
	elsif it.kind not in ('season', 'episode') then
		return it;
	end if;
	select se.id as season_id, sr.id as series_id, sr.genres, sr.min_age,
	       greatest(se.available_from, sr.available_from) as opens, least(se.available_until, sr.available_until) as closes
		into of
		from (select e.season_id, e.series_id from content.episode e where e.id = content
		      union all
		      select null, s.series_id from content.season s where s.id = content) p
		join content.item sr on sr.id = p.series_id and sr.state = 'published'
		left join content.item se on se.id = p.season_id
		where coalesce(se.state, 'published') = 'published';
	if not found then
		return null;
	end if;
	it.season_id := of.season_id;
	it.series_id := of.series_id;
	it.min_age := greatest(it.min_age, of.min_age);
	it.opens := greatest(it.opens, of.opens);
	it.closes := least(it.closes, of.closes);
	it.items := array_remove(array[content, of.season_id, of.series_id], null);
	it.targets := it.targets || string_to_array(concat_ws(',g:', concat_ws(',c:', 'k:series', of.series_id, of.season_id),
	                                                      nullif(array_to_string(of.genres, ',g:'), '')), ',');
	if of.season_id is not null then
		it.targets := it.targets || 'k:season'::text;
	end if;
	return it;
end $$;

-- The rules about a subject, the most telling first (nearness 1: this very content, 2 its season, 3 its series, 4 a genre,
-- 5 a kind), and what each says in that place at that instant.
create function rights.rulings(content bigint, season bigint, targets text[], place text, at timestamptz,
                               out id bigint, out type text, out content_id bigint, out genre text, out kind text, out plan_id bigint,
                               out price_amount int, out currency text, out start_within int, out watch_within int,
                               out max_quality text, out outlives_window boolean, out valid_until timestamptz, out anywhere boolean,
                               out nearness int, out verdict text)
	returns setof record
	language sql stable
	begin atomic
		select r.id, r.type, r.content_id, r.genre, r.kind, r.plan_id, r.price_amount, r.currency, r.start_within, r.watch_within,
		       r.max_quality, r.outlives_window, r.valid_until, r.countries is null,
		       case when r.content_id = rulings.content then 1 when r.content_id = rulings.season then 2
		            when r.content_id is not null then 3 when r.genre is not null then 4 else 5 end,
		       case when r.content_id is null
		                 and exists (select from rights.rule x where x.target = any (rulings.targets) and x.exclusive) then 'hidden'
		            when not rights.in_territory(place, r.countries, r.excluded_countries) then 'territory'
		            when at < r.valid_from then 'not_yet'
		            when at >= r.valid_until then 'no_longer'
		            else 'applies' end
		from rights.rule r
		where r.target = any (rulings.targets);
	end;

-- What would help: each plan once, and for each thing that is sold the price of the most telling rule. A season or series that
-- is itself for older viewers is not offered.
create function rights.offers(d rights.decision, content bigint, it rights.topic, age int, place text, at timestamptz)
	returns rights.decision
	language plpgsql stable
	as $$
begin
	select array_agg(o.type), array_agg(o.id), array_agg(o.sold), array_agg(o.code), array_agg(o.name),
	       array_agg(o.plan_id), array_agg(o.amount), array_agg(o.currency), array_agg(o.start_within), array_agg(o.watch_within)
		into d.offer_type, d.offer_rule, d.offer_content, d.offer_plan, d.offer_plan_name, d.offer_plan_id, d.offer_amount,
		     d.offer_currency, d.offer_start_within, d.offer_watch_within
		from (
			select distinct on (o.place_in_list, o.sold, o.plan_id) o.*
			from (
				select r.id, r.type, r.plan_id, p.code, p.name, r.nearness, r.anywhere,
				       coalesce(r.price_amount, p.price_amount) as amount, coalesce(r.currency, p.currency) as currency,
				       r.start_within, r.watch_within,
				       case r.type when 'subscription' then 1 when 'purchase' then 3 else 2 end as place_in_list,
				       case when r.type = 'subscription' then content
				            when r.content_id is not null then r.content_id
				            when r.kind = 'season' then coalesce(it.season_id, content)
				            when r.kind = 'series' or r.genre is not null and r.genre <> all (it.genres) then coalesce(it.series_id, content)
				            else content end as sold
				from rights.rulings(content, it.season_id, it.targets, place, at) r
				left join rights.plan p on p.id = r.plan_id
				where r.verdict = 'applies'
				  and r.type <> 'free'
				  and coalesce(p.state, 'active') = 'active'
			) o
			where exists (select from content.item i where i.id = o.sold and i.min_age <= offers.age)
			order by o.place_in_list, o.sold, o.plan_id, o.nearness, o.anywhere, o.amount, o.id
		) o;
	return d;
end $$;

-- Every rule and every holding that was looked at, in order, and what it said.
create function rights.trace(d rights.decision, who_status text, who_age int, account bigint, content bigint, it rights.topic,
                             place text, at timestamptz) returns rights.decision
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
			select r.nearness as place_in_list,
			       concat_ws(' ', 'rule:' || r.id, r.type, coalesce('content:' || r.content_id, 'genre:' || r.genre, 'kind:' || r.kind),
			                 p.code) as what,
			       r.verdict as said
			from rights.rulings(content, it.season_id, it.targets, place, at) r
			left join rights.plan p on p.id = r.plan_id
			union all
			select 10, w.name, w.verdict
			from rights.say(content, it.season_id, it.targets, place, at) s
			cross join rights.ways(account, it.items, it.targets, it.closes, s.ids, s.plans, s.qualities, s.untils, place, at) w
			where w.source <> 'free'
		) t
		having count(*) > 0;
	return d;
end $$;

create type rights.way as (
	source text,
	id bigint,
	name text,
	quality text,
	until timestamptz,
	verdict text,
	rank int
);
comment on type rights.way is 'rank: ways of the best quality come first; among equals free, purchase, grant, subscription; a rental last of all, so that its clock is not started while something else would do';

-- What the rules say altogether. The arrays are of the rules that apply and ask for no payment of their own, those of the best
-- quality first: plans null is free.
create type rights.say as (
	ruled boolean,
	permitted boolean,
	open boolean,
	opens_later boolean,
	ids bigint[],
	plans bigint[],
	qualities text[],
	untils timestamptz[]
);

create function rights.say(content bigint, season bigint, targets text[], place text, at timestamptz) returns setof rights.say
	language sql stable
	begin atomic
		select coalesce(bool_or(r.verdict <> 'hidden'), false),
		       coalesce(bool_or(r.verdict not in ('hidden', 'territory')), false),
		       coalesce(bool_or(r.verdict = 'applies'), false),
		       coalesce(bool_or(r.verdict = 'not_yet'), false),
		       array_agg(r.id) filter (where r.is_way),
		       array_agg(r.plan_id) filter (where r.is_way),
		       array_agg(r.max_quality) filter (where r.is_way),
		       array_agg(r.valid_until) filter (where r.is_way)
		from (
			select r.id, r.plan_id, r.max_quality, r.valid_until, r.verdict,
			       r.type in ('free', 'subscription') and r.verdict = 'applies' as is_way
			from rights.rulings(say.content, say.season, say.targets, say.place, say.at) r
			order by rights.quality_rank(r.max_quality) desc, r.valid_until desc nulls first
		) r;
	end;

create function rights.held(at timestamptz, until timestamptz, closes timestamptz, outlives boolean) returns text
	language sql immutable
	return case when at >= until then 'over' when at >= closes and not outlives then 'closed' else 'holds' end;

-- The ways in: free rules that apply, and what is held at that instant; refunds and later payments are seen as they were then.
-- Only those that "holds" is said of count, but what is over comes as well: that is a reason, too. A subscription is a way where
-- a rule names its plan (the arrays are those of rights.say).
create function rights.ways(account bigint, items bigint[], targets text[], closes timestamptz, ids bigint[], plans bigint[],
                            qualities text[], untils timestamptz[], place text, at timestamptz)
	returns setof rights.way
	language sql stable
	begin atomic
		select 'free', ids[n], 'rule:' || ids[n], qualities[n], least(untils[n], closes),
		       rights.held(at, null, closes, false), rights.quality_rank(qualities[n]) * 10 + 5
		from (select array_position(plans, null) as n) f
		where n is not null
		union all
		select 'purchase', p.id, 'purchase:' || p.id, p.max_quality,
		       case when p.outlives_window then p.valid_until else least(p.valid_until, closes) end,
		       case when rights.in_territory(place, p.countries, p.excluded_countries)
		            then rights.held(at, p.valid_until, closes, p.outlives_window) else 'territory' end,
		       rights.quality_rank(p.max_quality) * 10 + 4
		from rights.purchase p
		where p.account_id = ways.account
		  and p.item_id = any (ways.items)
		  and p.paid_at <= at
		  and (p.refunded_at is null or p.refunded_at > at)
		union all
		select 'rental', r.id, 'rental:' || r.id, r.max_quality,
		       least(case when r.started_at <= at then r.expires_at else r.start_by end, closes),
		       rights.held(at, case when r.started_at <= at then r.expires_at else r.start_by end, closes, false), 1
		from rights.rental r
		where r.account_id = ways.account
		  and r.item_id = any (ways.items)
		  and r.paid_at <= at
		  and (r.refunded_at is null or r.refunded_at > at)
		union all
		select 'grant', g.id, 'grant:' || g.id, g.max_quality, least(g.valid_until, closes),
		       rights.held(at, g.valid_until, closes, false), rights.quality_rank(g.max_quality) * 10 + 3
		from rights.grant g
		where g.account_id = ways.account
		  and g.target = any (ways.targets || '*'::text)
		  and (g.valid_from is null or g.valid_from <= at)
		union all
		select 'subscription', s.id, 'subscription:' || p.code,
		       case when rights.quality_rank(qualities[c.n]) < rights.quality_rank(p.max_quality) then qualities[c.n] else p.max_quality end,
		       least(rights.access_until(s), untils[c.n], closes),
		       case when c.n is null then 'not_covered' else rights.held(at, rights.access_until(s), closes, false) end,
		       least(rights.quality_rank(qualities[c.n]), rights.quality_rank(p.max_quality)) * 10 + 2
		from rights.subscription s
		join rights.plan p on p.id = s.plan_id
		cross join lateral (select array_position(plans, s.plan_id) as n) c
		where s.account_id = ways.account
		  and s.status <> 'pending'
		  and s.started_at <= at;
	end;

-- The word for what was found out, in the order that counts: the account, the publisher's window, territory, age, then what the
-- customer holds.
create function rights.verdict(status text, opens timestamptz, closes timestamptz, min_age int, age int, ruled boolean,
                               permitted boolean, open boolean, opens_later boolean, way text, source text, at timestamptz) returns text
	language sql immutable
	return case
		when status <> 'active' then 'account_suspended'
		when at < opens then 'not_yet_available'
		when at >= closes and way is distinct from 'holds' then 'no_longer_available'
		when ruled and not permitted or way = 'territory' then 'territory'
		when age is null or age < min_age then 'age_restricted'
		when way = 'holds' then 'granted'
		when way = 'over' and source = 'rental' then 'rental_expired'
		when open or not ruled then 'no_entitlement'
		when opens_later then 'not_yet_available'
		else 'no_longer_available' end;

-- Whether somebody may watch something at an instant, why, until when, and if not, what would help. Null: there is no such
-- account or content.
--
-- profile null: nobody in particular, so the age of the account's oldest profile counts; country null: the account's own;
-- at null: now.
create function rights.decide(account bigint, profile bigint, content bigint, country text, at timestamptz,
                              explain boolean default false)
	returns rights.decision
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision;
	it rights.topic := rights.subject(content);
	who record;
	say rights.say;
	way rights.way;
begin
	at := coalesce(at, now());
	select a.status, coalesce(decide.country, a.country) as place,
	       case when profile is null then (select max(p.max_age) from users.profile p where p.account_id = a.id)
	            else (select p.max_age from users.profile p where p.id = profile and p.account_id = a.id) end as age
		into who
		from users.account a
		where a.id = account;
	if not found or it.kind is null then
		return null;
	end if;

	select s.* into say from rights.say(content, it.season_id, it.targets, who.place, at) s;
	select w.*
		into way
		from rights.ways(account, it.items, it.targets, it.closes, say.ids, say.plans, say.qualities, say.untils, who.place, at) w
		-- without a way that holds, the one that says most about why not
		order by w.verdict <> 'holds', w.verdict <> 'territory', w.verdict <> 'over' or w.source <> 'rental',
		         w.rank desc, w.until desc nulls first, w.id
		limit 1;

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
		d := rights.offers(d, content, it, who.age, who.place, at);
	end if;
	if explain then
		d := rights.trace(d, who.status, who.age, account, content, it, who.place, at);
	end if;
	return d;
end $$;
revoke execute on function rights.decide(bigint, bigint, bigint, text, timestamptz, boolean) from public;
grant execute on function rights.decide(bigint, bigint, bigint, text, timestamptz, boolean) to tv_rights, tv_play, tv_livetv;

-- What the plan of an account allows; without one, what any account may.
create function rights.plan_of(account bigint, at timestamptz default now()) returns setof rights.plan
	language sql stable security definer set search_path = ''
	begin atomic
		select p.*
		from rights.subscription s
		join rights.plan p on p.id = s.plan_id
		where s.account_id = plan_of.account
		  and s.status in ('trial', 'active', 'grace')
		  and rights.access_until(s) > at;
	end;
revoke execute on function rights.plan_of(bigint, timestamptz) from public;
grant execute on function rights.plan_of(bigint, timestamptz) to tv_rights, tv_play, tv_auth, tv_users;

create function rights.stream_limit(account bigint) returns int
	language sql stable security definer set search_path = ''
	return coalesce((select p.max_streams from rights.plan_of(account) p), 2);
revoke execute on function rights.stream_limit(bigint) from public;
grant execute on function rights.stream_limit(bigint) to tv_play;

create or replace function users.profile_limit(account_id bigint) returns int
	language sql stable security definer set search_path = ''
	return coalesce((select p.max_profiles from rights.plan_of(account_id) p), 5);

-- A rental's clock starts with the first heartbeat, once. False: it is too late, or it is none.
create function rights.start_rental(rental bigint) returns boolean
	language sql security definer set search_path = ''
	begin atomic
		with begun as (
			update rights.rental r
				set started_at = now(), expires_at = now() + make_interval(secs => r.watch_within)
				where r.id = start_rental.rental
				  and r.started_at is null
				  and r.closed_at is null
				  and now() < r.start_by
				returning 1
		)
		select exists (select from begun)
		    or exists (select from rights.rental r
		               where r.id = start_rental.rental and r.closed_at is null and now() < r.expires_at);
	end;
revoke execute on function rights.start_rental(bigint) from public;
grant execute on function rights.start_rental(bigint) to tv_play;

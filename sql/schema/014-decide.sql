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
	offer_plan_id bigint[],
	offer_amount int[],
	offer_currency text[],
	offer_start_within int[],
	offer_watch_within int[],
	trace_what text[],
	trace_said text[]
);
comment on type rights.decision is 'source names what grants: rule:7, subscription:basic, purchase:12, rental:13, grant:5; rental_id: that rental grants, its clock may have to be started; offers are arrays of one length';

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

-- What a decision is about: a published item with the windows and the age of the season and series that it is part of; the
-- items that a right to it may be held on; the targets of rules that are about it. No row: it does not exist for customers.
create function rights.subject(content bigint, out kind text, out season_id bigint, out series_id bigint, out genres text[],
                               out min_age smallint, out opens timestamptz, out closes timestamptz,
                               out items bigint[], out targets text[])
	returns setof record
	language sql stable
	begin atomic
		select i.kind, se.id, sr.id, i.genres, greatest(i.min_age, sr.min_age),
		       greatest(i.available_from, se.available_from, sr.available_from),
		       least(i.available_until, se.available_until, sr.available_until),
		       array[i.id, se.id, sr.id],
		       array['c:' || i.id, 'k:' || i.kind, 'c:' || se.id, 'c:' || sr.id,
		             case when se.id is not null then 'k:season' end, case when sr.id is not null then 'k:series' end]
		       || (select array_agg('g:' || g) from unnest(i.genres || sr.genres) g)
		from content.item i
		left join content.episode e on e.id = i.id
		left join content.season s on s.id = i.id
		left join content.item se on se.id = e.season_id
		left join content.item sr on sr.id = coalesce(e.series_id, s.series_id)
		left join live.channel c on c.id = i.id
		where i.id = subject.content
		  and i.state = 'published'
		  and coalesce(se.state, 'published') = 'published'
		  and coalesce(sr.state, 'published') = 'published'
		  and not coalesce(c.hidden, false);
	end;

-- The rules about a subject, the most telling first (nearness 1: this very content, 2 its season, 3 its series, 4 a genre,
-- 5 a kind), and what each says in that place at that instant.
create function rights.rulings(content bigint, season bigint, targets text[], place text, at timestamptz,
                               out rule rights.rule, out nearness int, out verdict text)
	returns setof record
	language sql stable
	begin atomic
		select r, case when r.content_id = rulings.content then 1 when r.content_id = rulings.season then 2
		               when r.content_id is not null then 3 when r.genre is not null then 4 else 5 end,
		       case when r.content_id is null and bool_or(r.exclusive) over () then 'hidden'
		            when not rights.in_territory(place, r.countries, r.excluded_countries) then 'territory'
		            when at < r.valid_from then 'not_yet'
		            when at >= r.valid_until then 'no_longer'
		            else 'applies' end
		from rights.rule r
		where r.target = any (rulings.targets);
	end;

-- What the account holds on a subject at that instant; refunds and later payments are seen as they were then. What is over
-- comes as well: that is a reason, too.
create function rights.holdings(account bigint, items bigint[], targets text[], at timestamptz,
                                out source text, out id bigint, out plan_id bigint, out name text, out max_quality text,
                                out until timestamptz, out outlives boolean, out countries text[], out excluded text[])
	returns setof record
	language sql stable
	begin atomic
		select 'purchase', p.id, null::bigint, 'purchase:' || p.id, p.max_quality, p.valid_until, p.outlives_window,
		       p.countries, p.excluded_countries
		from rights.purchase p
		where p.account_id = holdings.account
		  and p.item_id = any (holdings.items)
		  and p.paid_at <= at
		  and (p.refunded_at is null or p.refunded_at > at)
		union all
		select 'rental', r.id, null, 'rental:' || r.id, r.max_quality,
		       case when r.started_at <= at then r.expires_at else r.start_by end, false, null, null
		from rights.rental r
		where r.account_id = holdings.account
		  and r.item_id = any (holdings.items)
		  and r.paid_at <= at
		  and (r.refunded_at is null or r.refunded_at > at)
		union all
		select 'grant', g.id, null, 'grant:' || g.id, g.max_quality, g.valid_until, false, null, null
		from rights.grant g
		where g.account_id = holdings.account
		  and g.target = any (holdings.targets || '*'::text)
		  and (g.valid_from is null or g.valid_from <= at)
		union all
		select 'subscription', s.id, s.plan_id, 'subscription:' || p.code, p.max_quality, rights.access_until(s), false, null, null
		from rights.subscription s
		join rights.plan p on p.id = s.plan_id
		where s.account_id = holdings.account
		  and s.status in ('trial', 'active', 'grace')
		  and s.started_at <= at;
	end;

-- What would help: each plan once, and for each thing that is sold the price of the most telling rule.
create function rights.offers(d rights.decision, content bigint, season bigint, series bigint, genres text[], targets text[],
                              place text, at timestamptz) returns rights.decision
	language plpgsql stable
	as $$
begin
	select array_agg(o.type), array_agg(o.id), array_agg(o.sold), array_agg(o.code), array_agg(o.plan_id), array_agg(o.amount),
	       array_agg(o.currency), array_agg(o.start_within), array_agg(o.watch_within)
		into d.offer_type, d.offer_rule, d.offer_content, d.offer_plan, d.offer_plan_id, d.offer_amount, d.offer_currency,
		     d.offer_start_within, d.offer_watch_within
		from (
			select distinct on (o.place_in_list, o.sold, o.plan_id) o.*
			from (
				select (r.rule).id, (r.rule).type, (r.rule).plan_id, p.code, r.nearness,
				       (r.rule).countries is null as anywhere,
				       coalesce((r.rule).price_amount, p.price_amount) as amount, coalesce((r.rule).currency, p.currency) as currency,
				       (r.rule).start_within, (r.rule).watch_within,
				       case (r.rule).type when 'subscription' then 1 when 'purchase' then 3 else 2 end as place_in_list,
				       case when (r.rule).type = 'subscription' then content
				            when (r.rule).content_id is not null then (r.rule).content_id
				            when (r.rule).kind = 'season' then coalesce(season, content)
				            when (r.rule).kind = 'series' or (r.rule).genre <> all (genres) then coalesce(series, content)
				            else content end as sold
				from rights.rulings(content, season, targets, place, at) r
				left join rights.plan p on p.id = (r.rule).plan_id
				where r.verdict = 'applies'
				  and (r.rule).type <> 'free'
				  and coalesce(p.state, 'active') = 'active'
			) o
			order by o.place_in_list, o.sold, o.plan_id, o.nearness, o.anywhere, o.amount, o.id
		) o;
	return d;
end $$;

-- Every rule and every holding that was looked at, in order, and what it said.
create function rights.trace(d rights.decision, who_status text, who_age int, account bigint, content bigint, place text,
                             at timestamptz) returns rights.decision
	language plpgsql stable
	as $$
declare
	it record;
begin
	select * into it from rights.subject(content);
	d.trace_what := array['account', 'opens', 'closes', 'territory', 'age'];
	d.trace_said := array[who_status, coalesce(it.opens::text, 'always open'), coalesce(it.closes::text, 'never closes'),
	                      coalesce(place, 'unknown'),
	                      format('%s, for %s and older', coalesce(who_age::text, 'no such profile'), it.min_age)];
	select d.trace_what || array_agg(t.what), d.trace_said || array_agg(t.said)
		into d.trace_what, d.trace_said
		from (
			select concat_ws(' ', 'rule:' || (r.rule).id, (r.rule).type, (r.rule).target, p.code) as what, r.verdict as said
			from rights.rulings(content, it.season_id, it.targets, place, at) r
			left join rights.plan p on p.id = (r.rule).plan_id
			union all
			select w.name, w.verdict
			from rights.ways(account, content, it.season_id, it.closes, it.items, it.targets, place, at) w
			where w.source <> 'free'
		) t
		having count(*) > 0;
	return d;
end $$;

-- The ways in: free rules that apply, and what is held. Only those that "holds" is said of count. A subscription is a way where a
-- rule names its plan; of several such rules the best quality. rank: ways of the best quality come first; among equals free,
-- purchase, grant, subscription; a rental last of all, so that its clock is not started while something else would do.
create function rights.ways(account bigint, content bigint, season bigint, closes timestamptz, items bigint[], targets text[],
                            place text, at timestamptz,
                            out source text, out id bigint, out name text, out quality text, out until timestamptz, out verdict text,
                            out rank int)
	returns setof record
	language sql stable
	begin atomic
		with ruling as (
			select (r.rule).id, (r.rule).type, (r.rule).plan_id, (r.rule).max_quality, (r.rule).valid_until
			from rights.rulings(ways.content, ways.season, ways.targets, ways.place, ways.at) r
			where r.verdict = 'applies'
			  and (r.rule).type in ('free', 'subscription')
		)
		select 'free', r.id, 'rule:' || r.id, r.max_quality, least(r.valid_until, ways.closes),
		       case when ways.at >= ways.closes then 'closed' else 'holds' end, rights.quality_rank(r.max_quality) * 10 + 5
		from ruling r
		where r.type = 'free'
		union all
		select h.source, h.id, h.name, q.quality, case when h.outlives then h.until else least(h.until, c.until, ways.closes) end,
		       case when h.source = 'subscription' and c.max_quality is null then 'not_covered'
		            when ways.at >= h.until then 'over'
		            when ways.at >= ways.closes and not h.outlives then 'closed'
		            when not rights.in_territory(ways.place, h.countries, h.excluded) then 'territory'
		            else 'holds' end,
		       case h.source when 'rental' then 1
		                     else rights.quality_rank(q.quality) * 10
		                          + case h.source when 'purchase' then 4 when 'grant' then 3 else 2 end end
		from rights.holdings(ways.account, ways.items, ways.targets, ways.at) h
		left join lateral (
			select r.max_quality, r.valid_until as until
			from ruling r
			where r.plan_id = h.plan_id
			order by rights.quality_rank(r.max_quality) desc, r.valid_until desc nulls first
			limit 1
		) c on h.source = 'subscription'
		cross join lateral (
			select case when rights.quality_rank(c.max_quality) < rights.quality_rank(h.max_quality) then c.max_quality
			            else h.max_quality end as quality
		) q;
	end;

-- Whether somebody may watch something at an instant, why, until when, and if not, what would help. Null: there is no such
-- account or content. In this order: the account, the publisher's window, territory, age, then what the customer holds.
--
-- profile null: nobody in particular, so the age of the account's oldest profile counts; country null: the account's own.
create function rights.decide(account bigint, profile bigint, content bigint, country text, at timestamptz,
                              explain boolean default false)
	returns rights.decision
	language plpgsql stable security definer set search_path = ''
	as $$
declare
	d rights.decision;
	it record;
	say record; -- what the rules say altogether
	way record;
	place text;
	denied boolean := false;
	expired boolean := false;
	verdict text;
begin
	select a.status, coalesce(decide.country, a.country) as place,
	       case when profile is null then (select max(p.max_age) from users.profile p where p.account_id = a.id)
	            else (select p.max_age from users.profile p where p.id = profile and p.account_id = a.id) end as age,
	       s.*
		into it
		from users.account a
		cross join rights.subject(content) s
		where a.id = account;
	if not found then
		return null;
	end if;
	place := it.place;

	select count(*) filter (where r.verdict <> 'hidden') > 0 as ruled,
	       coalesce(bool_or(r.verdict in ('applies', 'not_yet', 'no_longer')), false) as permitted,
	       coalesce(bool_or(r.verdict = 'applies'), false) as open,
	       coalesce(bool_or(r.verdict = 'not_yet'), false) as opens_later
		into say
		from rights.rulings(content, it.season_id, it.targets, place, at) r;

	for way in
		select w.* from rights.ways(account, content, it.season_id, it.closes, it.items, it.targets, place, at) w
		order by w.rank desc, w.until desc nulls first, w.id
	loop
		if way.verdict = 'holds' then
			exit;
		end if;
		denied := denied or way.verdict = 'territory';
		expired := expired or way.verdict = 'over' and way.source = 'rental';
		way := null;
	end loop;

	verdict := case
		when it.status <> 'active' then 'account_suspended'
		when at < it.opens then 'not_yet_available'
		when at >= it.closes and way.source is null then 'no_longer_available'
		when say.ruled and not say.permitted or denied and way.source is null then 'territory'
		when it.age is null or it.age < it.min_age then 'age_restricted'
		when way.source is not null then 'granted'
		when expired then 'rental_expired'
		when say.open or not say.ruled then 'no_entitlement'
		when say.opens_later then 'not_yet_available'
		else 'no_longer_available' end;

	d.content_id := content;
	d.min_age := it.min_age;
	d.granted := verdict = 'granted';
	if d.granted then
		d.reason := way.source;
		d.source := way.name;
		d.max_quality := way.quality;
		d.expires_at := way.until;
		d.rental_id := case when way.source = 'rental' then way.id end;
	else
		d.reason := verdict;
		if verdict in ('no_entitlement', 'rental_expired') then
			d := rights.offers(d, content, it.season_id, it.series_id, it.genres, it.targets, place, at);
		end if;
	end if;
	if explain then
		d := rights.trace(d, it.status, it.age, account, content, place, at);
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

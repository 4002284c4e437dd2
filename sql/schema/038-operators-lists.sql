-- Lists that read everything there was: accounts by a part of their name or address, and what a plan includes.

create index account_text on users.account using gin (lower(email || ' ' || name) public.gin_trgm_ops);

-- which receipts there are; what they say is rights.receipt_card
grant select (id, account_id) on rights.purchase, rights.rental to tv_rights;

create index rule_plan_target on rights.rule (plan_id, target) where type = 'subscription';

-- The first twenty: kinds, then genres, then titles, which a target's text says in the order of the index.
create or replace function rights.includes(plan bigint, age int) returns json
	language plpgsql stable security definer set search_path = '' -- a plan that is kept
	as $$
begin
	return (
		select coalesce(json_agg(x.word order by x.place, x.word), '[]')
		from (
			(select distinct on (r.target) 1 as place, 'kind:' || r.kind as word
			 from rights.rule r
			 where r.plan_id = includes.plan and r.type = 'subscription' and r.target >= 'k:' and r.target < 'k;'
			   and (r.valid_until is null or r.valid_until > now())
			 order by r.target
			 limit 20)
			union all
			(select distinct on (r.target) 2, 'genre:' || r.genre
			 from rights.rule r
			 where r.plan_id = includes.plan and r.type = 'subscription' and r.target >= 'g:' and r.target < 'g;'
			   and (r.valid_until is null or r.valid_until > now())
			 order by r.target
			 limit 20)
			union all
			(select distinct on (r.target) 3, 'content:' || r.content_id
			 from rights.rule r
			 where r.plan_id = includes.plan and r.type = 'subscription' and r.target >= 'c:' and r.target < 'c;'
			   and (r.valid_until is null or r.valid_until > now())
			   and (select i.min_age from content.item i where i.id = r.content_id) <= includes.age
			 order by r.target
			 limit 20)
			order by place, word
			limit 20
		) x);
end $$;

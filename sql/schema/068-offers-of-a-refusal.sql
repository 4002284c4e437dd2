-- A refusal to play has the offers of the decision as every other answer has them: a plan is what POST /subscriptions takes.

create or replace function play.refusal(d rights.decision) returns json
	language sql stable
	return json_build_object('reason', d.reason, 'offers', coalesce((
		select json_agg(json_build_object(
			'type', o.type, 'content_id', o.content,
			'plan', case when o.plan_id is not null then json_build_object('id', o.plan_id, 'code', o.plan, 'name', o.plan_name) end,
			'price', json_build_object('amount', o.amount, 'currency', o.currency),
			'start_within', o.start_within, 'watch_within', o.watch_within))
		from unnest(d.offer_type, d.offer_content, d.offer_plan_id, d.offer_plan, d.offer_plan_name, d.offer_amount, d.offer_currency,
		            d.offer_start_within, d.offer_watch_within)
			o (type, content, plan_id, plan, plan_name, amount, currency, start_within, watch_within)), '[]'));

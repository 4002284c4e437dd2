-- Who changes plans, or what they include, says so: kept lists of plans end.
create trigger plan_announce after insert or update or delete or truncate on rights.plan
	for each statement execute function public.announce('plans');
create trigger rule_announce after insert or update or delete or truncate on rights.rule
	for each statement execute function public.announce('plans');

-- A page of titles is found without looking at their rows.
drop index content.listing_newest, content.listing_title, content.listing_year, content.listing_popular;
create index listing_newest on content.listing (kind, genre, added_at desc, item_id desc)
	include (min_age, year, available_from, available_until);
create index listing_title on content.listing (kind, genre, sort_title, item_id)
	include (min_age, year, available_from, available_until);
create index listing_year on content.listing (kind, genre, year desc, item_id desc)
	include (min_age, available_from, available_until);
create index listing_popular on content.listing (kind, genre, popularity desc, item_id desc)
	include (min_age, year, available_from, available_until);

-- Accounts by one or two letters anywhere in their name or address, which trigrams do not find. For more letters there were two
-- indexes of the same.

drop index users.account_search;

create function users.pairs(text text) returns text[]
	language sql immutable strict parallel safe
	as $$
	select array_agg(distinct substr(text, place, letters))
	from generate_series(1, length(text)) place, generate_series(1, 2) letters
$$;
comment on function users.pairs is 'the letters of a text, and those that stand side by side';

create index account_pairs on users.account using gin (users.pairs(lower(email || ' ' || name)));

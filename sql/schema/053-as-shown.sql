-- Nobody pays a price that is not the one that was shown.

-- Refuses, which undoes what the statement did before. shown: null, when the client does not say.
create function rights.as_shown(amount int, currency text, shown json) returns boolean
	language plpgsql
	as $$
begin
	if shown is not null and (amount, currency) is distinct from ((shown ->> 'amount')::int, shown ->> 'currency') then
		perform public.refuse(409, 'price_changed');
	end if;
	return true;
end $$;

-- Of a period, whatever is due now. It looks after the order was written, so not at an older price.
create function rights.plan_as_shown(plan bigint, shown json) returns boolean
	language plpgsql
	as $$ begin return (select rights.as_shown(p.price_amount, p.currency, shown) from rights.plan p where p.id = plan); end $$;

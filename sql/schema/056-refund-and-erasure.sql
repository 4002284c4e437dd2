-- A refund and the erasing of who paid do not wait for each other: the account is locked first, as who erases it does.

create or replace function rights.begin_refund(receipt bigint) returns rights.checkout
	language plpgsql security definer set search_path = ''
	as $$
declare
	c record;
	paid rights.payment;
	said rights.checkout;
	wanted rights.payment;
begin
	perform from users.account a
		where a.id = (select x.account_id from rights.receipt_card x where x.id = receipt)
		for key share;
	perform from rights.purchase p where p.id = receipt for update;
	perform from rights.rental r where r.id = receipt for update;
	select x.type, x.account_id, x.status, x.price_amount, x.currency into c from rights.receipt_card x where x.id = receipt;
	if not found then
		return null;
	elsif c.status = 'refunded' then
		perform public.refuse(409, 'already_refunded');
	elsif c.status <> 'paid' then
		perform public.refuse(409, 'not_paid');
	end if;
	select x.* into paid from rights.payment x where x.subject = c.type and x.subject_id = receipt and x.status = 'paid';
	update rights.payment x set asked_at = now()
		where x.subject = 'refund' and x.subject_id = receipt and x.status = 'pending'
		returning 'charge', x.id, x.amount, x.currency, x.provider
		into said.state, said.payment_id, said.amount, said.currency, said.provider;
	if not found then
		wanted.subject := 'refund';
		wanted.subject_id := receipt;
		wanted.amount := - c.price_amount;
		wanted.currency := c.currency;
		wanted.provider := paid.provider;
		said := rights.ask_for(c.account_id, null, wanted);
	end if;
	said.provider_ref := paid.provider_ref;
	return said;
end $$;

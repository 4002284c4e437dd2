-- An account takes another e-mail address when somebody has followed the link that was sent there. What waits to be sent is what a new
-- password is sent by: the link goes to the new address, and a word of it to the old one.

alter table auth.reset
	add column kind text not null default 'password',
	add column email text,
	add constraint reset_kind_known check (kind in ('password', 'address', 'notice')),
	add constraint reset_email_form check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(email) <= 254),
	add constraint reset_email_of_address check ((kind = 'address') = (email is not null));
comment on table auth.reset is 'mails with links, asked for or given out: for a new password, for another address';
comment on column auth.reset.kind is 'notice: without a link, to the address that the account has';
comment on column auth.reset.email is 'the address that the account takes';

create unique index reset_one_address on auth.reset (account_id) where kind = 'address';

create function users.change_email(account_id bigint, email text) returns bigint
	language sql security definer set search_path = ''
	begin atomic
		update users.account a set email = change_email.email where a.id = change_email.account_id and a.status = 'active' returning a.id;
	end;
revoke execute on function users.change_email(bigint, text) from public;
grant execute on function users.change_email(bigint, text) to tv_auth;

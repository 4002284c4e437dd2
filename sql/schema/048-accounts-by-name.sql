-- What administrators read says whose it is.
create view users.contact as select a.id as account_id, a.email from users.account a;
comment on view users.contact is 'what an account is known by to administrators';
grant select on users.contact to tv_rights, tv_system;

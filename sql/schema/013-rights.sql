-- Rights: what is sold on which terms, what customers hold, and the one decision made of both.

create schema rights;
grant usage on schema rights to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

-- --- what is offered

create table rights.plan (
	id bigint generated always as identity,
	code text not null,
	name text not null,
	price_amount int not null,
	currency text not null,
	period text not null default 'month',
	trial_days int not null default 0,
	grace_days int not null default 3,
	level int not null default 0,
	max_streams int not null default 1,
	max_profiles int not null default 5,
	max_quality text not null default 'hd',
	state text not null default 'active',
	version int not null default 1,
	updated_at timestamptz not null default now(),
	constraint plan_pkey primary key (id),
	constraint plan_code_key unique (code),
	constraint plan_code_form check (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(code) <= 60),
	constraint plan_name_length check (length(name) between 1 and 100),
	constraint plan_price_range check (price_amount between 0 and 100000000),
	constraint plan_currency_form check (currency ~ '^[A-Z]{3}$'),
	constraint plan_period_known check (period in ('day', 'week', 'month', 'year')),
	constraint plan_trial_range check (trial_days between 0 and 365),
	constraint plan_grace_range check (grace_days between 0 and 60),
	constraint plan_streams_range check (max_streams between 1 and 100),
	constraint plan_profiles_range check (max_profiles between 1 and 50),
	constraint plan_quality_known check (max_quality in ('sd', 'hd', 'uhd')),
	constraint plan_state_known check (state in ('active', 'retired'))
);
comment on column rights.plan.price_amount is 'a period, in minor units';
comment on column rights.plan.level is 'a change to a higher level is an upgrade and counts at once, to a lower one at the end of the period';
comment on column rights.plan.state is 'a retired plan is not sold any more; who has it keeps it';
create trigger plan_touch before update on rights.plan
	for each row execute function public.touch();
create trigger plan_audit after insert or update or delete on rights.plan
	for each row when (current_setting('tv.actor', true) <> '')
	execute function audit.record('id', 'updated_at');

create table rights.rule (
	id bigint generated always as identity,
	type text not null,
	content_id bigint,
	genre text,
	kind text,
	target text not null generated always as
		(case when content_id is not null then 'c:' || content_id when genre is not null then 'g:' || genre else 'k:' || kind end) stored,
	plan_id bigint,
	price_amount int,
	currency text,
	valid_from timestamptz,
	valid_until timestamptz,
	countries text[],
	excluded_countries text[] not null default '{}',
	max_quality text not null default 'uhd',
	start_within int,
	watch_within int,
	outlives_window boolean not null default true,
	exclusive boolean not null default false,
	version int not null default 1,
	updated_at timestamptz not null default now(),
	constraint rule_pkey primary key (id),
	constraint rule_content_fkey foreign key (content_id) references content.item on delete cascade,
	constraint rule_genre_fkey foreign key (genre) references content.genre (slug) on update cascade on delete cascade,
	constraint rule_plan_fkey foreign key (plan_id) references rights.plan,
	constraint rule_type_known check (type in ('free', 'subscription', 'purchase', 'rental')),
	constraint rule_kind_known check (kind in ('movie', 'series', 'season', 'episode', 'channel')),
	constraint rule_one_target check (num_nonnulls(content_id, genre, kind) = 1),
	constraint rule_plan_given check ((type = 'subscription') = (plan_id is not null)),
	constraint rule_price_given check ((type in ('purchase', 'rental')) = (price_amount is not null)
	                                   and (price_amount is null) = (currency is null)),
	constraint rule_price_range check (price_amount between 0 and 100000000),
	constraint rule_currency_form check (currency ~ '^[A-Z]{3}$'),
	constraint rule_terms_given check ((type = 'rental') = (start_within is not null and watch_within is not null)
	                                   and (start_within is null) = (watch_within is null)),
	constraint rule_terms_range check (start_within between 1 and 31536000 and watch_within between 1 and 31536000),
	constraint rule_window_order check (valid_from < valid_until),
	constraint rule_window_finite check (isfinite(valid_from) and isfinite(valid_until)),
	constraint rule_countries_no_null check (array_position(countries, null) is null
	                                         and array_position(excluded_countries, null) is null),
	constraint rule_quality_known check (max_quality in ('sd', 'hd', 'uhd')),
	constraint rule_exclusive_content check (not exclusive or content_id is not null)
);
comment on table rights.rule is 'a way to something: free, with a plan, bought or rented; a title has all ways of all rules that name it, its series, a genre of it, or its kind';
comment on column rights.rule.countries is 'only there (ISO 3166-1 alpha-2); null: everywhere';
comment on column rights.rule.start_within is 'seconds from payment to the first heartbeat; watch_within: from there to the end';
comment on column rights.rule.outlives_window is 'what was bought stays when the publisher''s window closes';
comment on column rights.rule.exclusive is 'for this content, rules of its genres and its kind do not count';
create index rule_target on rights.rule (target);
create index rule_plan on rights.rule (plan_id);
create trigger rule_touch before update on rights.rule
	for each row execute function public.touch();
create trigger rule_audit after insert or update or delete on rights.rule
	for each row when (current_setting('tv.actor', true) <> '')
	execute function audit.record('id', 'updated_at');

-- --- what customers hold

create table rights.subscription (
	id bigint generated always as identity,
	account_id bigint not null,
	plan_id bigint not null,
	status text not null,
	started_at timestamptz not null default now(),
	anchor_at timestamptz not null,
	period int not null default 0,
	period_start timestamptz not null,
	period_end timestamptz not null,
	grace_days int not null,
	cancel_at_period_end boolean not null default false,
	next_plan_id bigint,
	method text,
	retry_at timestamptz,
	ended_at timestamptz,
	constraint subscription_pkey primary key (id),
	constraint subscription_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint subscription_plan_fkey foreign key (plan_id) references rights.plan,
	constraint subscription_next_plan_fkey foreign key (next_plan_id) references rights.plan,
	constraint subscription_status_known check (status in ('pending', 'trial', 'active', 'grace', 'ended')),
	constraint subscription_period_order check (period_start <= period_end),
	constraint subscription_ended check ((status = 'ended') = (ended_at is not null))
);
comment on column rights.subscription.anchor_at is 'periods are counted from here: one that began on a 31st comes back to the 31st';
comment on column rights.subscription.period is 'counts up with each paid period: the name under which a period is paid once';
comment on column rights.subscription.method is 'the provider''s token of the means of payment';
create unique index subscription_one_live on rights.subscription (account_id) where status <> 'ended';
create index subscription_account on rights.subscription (account_id, id);
create index subscription_due on rights.subscription (period_end) where status in ('trial', 'active', 'grace');
create index subscription_plan on rights.subscription (plan_id);

-- Renewal may be late by as much as it may fail: until then the customer is not at fault.
create function rights.access_until(s rights.subscription) returns timestamptz
	language sql stable
	return case when s.cancel_at_period_end then s.period_end else s.period_end + make_interval(days => s.grace_days) end;

create table rights.trial (
	account_id bigint not null,
	used_at timestamptz not null default now(),
	constraint trial_pkey primary key (account_id),
	constraint trial_account_fkey foreign key (account_id) references users.account on delete cascade
);
comment on table rights.trial is 'one trial an account, whatever the plan';

-- Purchases and rentals count their receipts together: one number names one receipt.
create sequence rights.receipt_number;

create table rights.purchase (
	id bigint not null default nextval('rights.receipt_number'),
	account_id bigint,
	item_id bigint,
	content_kind text not null,
	content_title text not null,
	rule_id bigint,
	price_amount int not null,
	currency text not null,
	max_quality text not null,
	outlives_window boolean not null,
	valid_until timestamptz,
	countries text[],
	excluded_countries text[] not null,
	created_at timestamptz not null default now(),
	paid_at timestamptz,
	closed_at timestamptz,
	refunded_at timestamptz,
	constraint purchase_pkey primary key (id),
	constraint purchase_account_fkey foreign key (account_id) references users.account on delete set null,
	constraint purchase_item_fkey foreign key (item_id) references content.item on delete set null,
	constraint purchase_rule_fkey foreign key (rule_id) references rights.rule on delete set null,
	constraint purchase_refund_closes check (refunded_at is null or closed_at is not null)
);
comment on table rights.purchase is 'receipts: price, terms and window as they were; paid_at null is pending, closed_at ends the right (declined, refunded)';
create unique index purchase_once on rights.purchase (account_id, item_id) where closed_at is null;
create index purchase_account on rights.purchase (account_id, id desc);
create index purchase_item on rights.purchase (item_id);
create index purchase_rule on rights.purchase (rule_id);

create table rights.rental (
	id bigint not null default nextval('rights.receipt_number'),
	account_id bigint,
	item_id bigint,
	content_kind text not null,
	content_title text not null,
	rule_id bigint,
	price_amount int not null,
	currency text not null,
	max_quality text not null,
	start_within int not null,
	watch_within int not null,
	created_at timestamptz not null default now(),
	paid_at timestamptz,
	start_by timestamptz,
	started_at timestamptz,
	expires_at timestamptz,
	closed_at timestamptz,
	refunded_at timestamptz,
	constraint rental_pkey primary key (id),
	constraint rental_account_fkey foreign key (account_id) references users.account on delete set null,
	constraint rental_item_fkey foreign key (item_id) references content.item on delete set null,
	constraint rental_rule_fkey foreign key (rule_id) references rights.rule on delete set null,
	constraint rental_paid check ((paid_at is null) = (start_by is null)),
	constraint rental_started check ((started_at is null) = (expires_at is null)),
	constraint rental_refund_closes check (refunded_at is null or closed_at is not null)
);
comment on column rights.rental.start_by is 'paid_at + start_within: the last instant for the first heartbeat';
comment on column rights.rental.expires_at is 'started_at + watch_within';
create unique index rental_once on rights.rental (account_id, item_id) where closed_at is null;
create index rental_account on rights.rental (account_id, id desc);
create index rental_held on rights.rental (account_id, item_id);
create index rental_item on rights.rental (item_id);
create index rental_rule on rights.rental (rule_id);

create table rights.grant (
	id bigint generated always as identity,
	account_id bigint not null,
	content_id bigint,
	genre text,
	kind text,
	target text not null generated always as
		(case when content_id is not null then 'c:' || content_id when genre is not null then 'g:' || genre
		      when kind is not null then 'k:' || kind else '*' end) stored,
	max_quality text not null default 'uhd',
	valid_from timestamptz,
	valid_until timestamptz,
	note text not null default '',
	version int not null default 1,
	updated_at timestamptz not null default now(),
	constraint grant_pkey primary key (id),
	constraint grant_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint grant_content_fkey foreign key (content_id) references content.item on delete cascade,
	constraint grant_genre_fkey foreign key (genre) references content.genre (slug) on update cascade on delete cascade,
	constraint grant_kind_known check (kind in ('movie', 'series', 'season', 'episode', 'channel')),
	constraint grant_one_target check (num_nonnulls(content_id, genre, kind) <= 1),
	constraint grant_quality_known check (max_quality in ('sd', 'hd', 'uhd')),
	constraint grant_window_order check (valid_from < valid_until),
	constraint grant_window_finite check (isfinite(valid_from) and isfinite(valid_until)),
	constraint grant_note_length check (length(note) <= 500)
);
comment on table rights.grant is 'given by an administrator without payment: a title, a genre, a kind, or everything';
create index grant_account on rights.grant (account_id, target);
create index grant_content on rights.grant (content_id);
create trigger grant_touch before update on rights.grant
	for each row execute function public.touch();
create trigger grant_audit after insert or update or delete on rights.grant
	for each row when (current_setting('tv.actor', true) <> '')
	execute function audit.record('id', 'updated_at');

-- --- money

create table rights.payment (
	id bigint generated always as identity,
	account_id bigint,
	subject text not null,
	subject_id bigint not null,
	period int not null default 0,
	plan_id bigint,
	anchor_at timestamptz,
	period_start timestamptz,
	period_end timestamptz,
	amount int not null,
	currency text not null,
	provider text not null,
	method text,
	status text not null default 'pending',
	provider_ref text,
	created_at timestamptz not null default now(),
	asked_at timestamptz not null default now(),
	settled_at timestamptz,
	constraint payment_pkey primary key (id),
	constraint payment_account_fkey foreign key (account_id) references users.account on delete set null,
	constraint payment_plan_fkey foreign key (plan_id) references rights.plan,
	constraint payment_subject_known check (subject in ('purchase', 'rental', 'subscription', 'refund')),
	constraint payment_status_known check (status in ('pending', 'paid', 'declined')),
	constraint payment_settled check ((status = 'pending') = (settled_at is null))
);
comment on table rights.payment is 'what a provider is asked for, under this id: written before it is asked, so that an answer that never came can be asked for again';
comment on column rights.payment.subject_id is 'of the receipt or the subscription; of a refund, the receipt';
comment on column rights.payment.asked_at is 'when the provider was asked last';
-- Whatever the race: one living payment for one thing (of one period).
create unique index payment_once on rights.payment (subject, subject_id, period) where status <> 'declined';
create unique index payment_reference on rights.payment (provider, provider_ref) where provider_ref is not null;
create index payment_open on rights.payment (asked_at) where status = 'pending';
create index payment_account on rights.payment (account_id, id desc);

create table rights.ledger (
	id bigint generated always as identity,
	at timestamptz not null default now(),
	account_id bigint,
	payment_id bigint not null,
	entry text not null,
	subject text not null,
	subject_id bigint not null,
	amount int not null,
	currency text not null,
	provider text not null,
	constraint ledger_pkey primary key (id),
	constraint ledger_account_fkey foreign key (account_id) references users.account on delete set null,
	constraint ledger_payment_fkey foreign key (payment_id) references rights.payment,
	constraint ledger_payment_once unique (payment_id),
	constraint ledger_entry_sign check (entry = 'charge' and amount >= 0 or entry = 'refund' and amount <= 0)
);
comment on table rights.ledger is 'money that moved, a row a settled payment; nothing is ever changed or deleted, only a person forgotten';
create index ledger_account on rights.ledger (account_id, id);

create function rights.keep_ledger() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'UPDATE' and new.account_id is null
	   and (new.id, new.at, new.payment_id, new.entry, new.subject, new.subject_id, new.amount, new.currency, new.provider)
	     = (old.id, old.at, old.payment_id, old.entry, old.subject, old.subject_id, old.amount, old.currency, old.provider) then
		return new;
	end if;
	raise exception 'the ledger is append-only';
end $$;
create trigger ledger_kept before update or delete on rights.ledger
	for each row execute function rights.keep_ledger();
create trigger ledger_not_emptied before truncate on rights.ledger
	for each statement execute function rights.keep_ledger();

create function rights.forget_method() returns trigger
	language plpgsql
	as $$ begin new.method := null; return new; end $$;
create trigger payment_forgotten before update of account_id on rights.payment
	for each row when (new.account_id is null) execute function rights.forget_method();

create table rights.idempotency (
	account_id bigint not null,
	key text not null,
	request_hash bytea not null,
	payment_id bigint,
	status int,
	answer text,
	created_at timestamptz not null default now(),
	constraint idempotency_pkey primary key (account_id, key),
	constraint idempotency_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint idempotency_payment_fkey foreign key (payment_id) references rights.payment,
	constraint idempotency_key_form check (key ~ '^[!-~]{1,255}$'),
	constraint idempotency_answered check ((status is null) = (answer is null))
);
comment on table rights.idempotency is 'answers to requests that cost money, by the client''s key; no status: the first request is still running. Kept for a day';
create index idempotency_created on rights.idempotency (created_at);
create index idempotency_payment on rights.idempotency (payment_id);

create table rights.webhook_event (
	provider text not null,
	event_id text not null,
	received_at timestamptz not null default now(),
	constraint webhook_event_pkey primary key (provider, event_id)
);
comment on table rights.webhook_event is 'what providers told us, so that a message counts once';
create index webhook_event_received on rights.webhook_event (received_at);

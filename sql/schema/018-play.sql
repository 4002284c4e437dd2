-- Playing: who plays what where, how many at once, and how far a profile has got by it.

create schema play;
grant usage on schema play to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

-- A heartbeat changes no indexed column, so that its row stays on its page (heap-only tuples).
create table play.session (
	id bigint generated always as identity,
	account_id bigint not null,
	profile_id bigint not null,
	item_id bigint not null,
	group_id bigint,
	rental_id bigint,
	history_id bigint,
	device_name text,
	start_at timestamptz,
	started_at timestamptz not null,
	seen_at timestamptz not null,
	url_until timestamptz not null,
	noted_at timestamptz,
	duration int not null,
	position int not null default 0,
	seq bigint not null default -1,
	fresh boolean not null default false,
	phase smallint,
	resumed boolean not null default false,
	ended_at timestamptz,
	ended_how text,
	ended_device text,
	ended_profile_id bigint,
	constraint session_pkey primary key (id),
	constraint session_account_fkey foreign key (account_id) references users.account on delete cascade,
	constraint session_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint session_item_fkey foreign key (item_id) references content.item on delete cascade,
	constraint session_ended check ((ended_at is null) = (ended_how is null)),
	constraint session_ended_known check (ended_how in ('stopped', 'deleted', 'taken_over', 'lapsed', 'refused'))
) with (fillfactor = 40);
comment on column play.session.group_id is 'the movie, or the series of the episode; null: a channel';
comment on column play.session.rental_id is 'the rental that grants: its clock starts with the first heartbeat';
comment on column play.session.device_name is 'of the sign-in that started it';
comment on column play.session.start_at is 'of a channel: where catch-up or start-over began; null: live';
comment on column play.session.url_until is 'when the last address that was given out ends';
comment on column play.session.noted_at is 'when the resume list and the history were written last';
comment on column play.session.seq is 'of the newest heartbeat; -1: there was none';
comment on column play.session.fresh is 'the last heartbeat to arrive was newer than those before';
comment on column play.session.phase is '0: below 5 %, 1: to be resumed, 2: from 95 % on; null before the first heartbeat';
comment on column play.session.resumed is 'this session has put its title on the resume list: what the viewer hides after that stays hidden';
create index session_running on play.session (account_id, id) where ended_at is null;
create index session_over on play.session (ended_at) where ended_at is not null;
create index session_profile on play.session (profile_id);
create index session_item on play.session (item_id);

-- Three missed heartbeats of 30 seconds end a session.
create function play.alive_since(at timestamptz) returns timestamptz
	language sql immutable parallel safe
	return at - interval '90 seconds';

-- What runs now. Who asks must compare effective_age with the profile's age before naming the content.
create view play.running as
	select s.id, s.account_id, s.profile_id, s.item_id, s.device_name, s.started_at, s.seen_at, s.position, s.start_at
	from play.session s
	where s.ended_at is null
	  and s.seen_at > play.alive_since(now());

grant select on play.running to tv_play, tv_users;
grant select on content.card to tv_play;

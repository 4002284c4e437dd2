-- What a profile has on its list and what it has watched.

-- The columns of a card, for other families' lists. Who asks must compare min_age with the profile's age, and ask open().
create view content.card as
	select i.id, i.kind, i.title, i.original_title, i.year, i.runtime, i.genres, i.rating_code, i.min_age, i.poster,
	       left(i.synopsis, 300) as synopsis, i.available_from, i.available_until,
	       greatest(i.min_age, s.min_age) as effective_age,
	       e.series_id, e.season_number, e.number as episode_number
	from content.item i
	left join content.episode e on e.id = i.id
	left join content.item s on s.id = e.series_id
	where i.state = 'published'
	  and (i.available_from is null or i.available_from <= now())
	  and (i.available_until is null or i.available_until > now())
	  and (s.id is null or s.state = 'published'
	       and (s.available_from is null or s.available_from <= now())
	       and (s.available_until is null or s.available_until > now()));
comment on view content.card is 'published items whose window is open now; an episode also needs that of its series';

create function content.next_episode(episode_id bigint) returns table (id bigint)
	language sql stable security definer set search_path = ''
	begin atomic
		select o.id
		from content.episode e
		join content.episode o on o.series_id = e.series_id
			and (o.season_number, o.number) > (e.season_number, e.number)
		join content.item i on i.id = o.id and i.state = 'published'
		where e.id = episode_id
		order by o.season_number, o.number
		limit 1;
	end;
comment on function content.next_episode(bigint) is 'the published episode after this one, over the end of a season; no row for what is no episode';
grant execute on function content.next_episode(bigint) to tv_users, tv_play;

create table users.watchlist (
	profile_id bigint not null,
	item_id bigint not null,
	added_at timestamptz not null default now(),
	constraint watchlist_pkey primary key (profile_id, item_id),
	constraint watchlist_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint watchlist_item_fkey foreign key (item_id) references content.item on delete cascade
);
create index watchlist_order on users.watchlist (profile_id, added_at desc, item_id desc);
create index watchlist_item on users.watchlist (item_id);

create table users.progress (
	profile_id bigint not null,
	item_id bigint not null,
	position int not null,
	duration int not null,
	finished boolean not null default false,
	updated_at timestamptz not null default now(),
	constraint progress_pkey primary key (profile_id, item_id),
	constraint progress_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint progress_item_fkey foreign key (item_id) references content.item on delete cascade,
	constraint progress_position_range check (position >= 0 and duration >= 0)
);
comment on table users.progress is 'how far a profile is in an item; seconds';
create index progress_item on users.progress (item_id);

create table users.resume (
	profile_id bigint not null,
	group_id bigint not null,
	item_id bigint not null,
	updated_at timestamptz not null default now(),
	hidden boolean not null default false,
	constraint resume_pkey primary key (profile_id, group_id),
	constraint resume_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint resume_group_fkey foreign key (group_id) references content.item on delete cascade,
	constraint resume_item_fkey foreign key (item_id) references content.item on delete cascade
);
comment on table users.resume is 'one row a movie or series (group_id) that was begun: the item to go on with';
create index resume_order on users.resume (profile_id, updated_at desc, group_id desc) where not hidden;
create index resume_group on users.resume (group_id);
create index resume_item on users.resume (item_id);

create table users.history (
	id bigint generated always as identity,
	profile_id bigint not null,
	item_id bigint not null,
	watched_at timestamptz not null default now(),
	position int not null default 0,
	constraint history_pkey primary key (id),
	constraint history_profile_fkey foreign key (profile_id) references users.profile on delete cascade,
	constraint history_item_fkey foreign key (item_id) references content.item on delete cascade
);
comment on column users.history.position is 'seconds, where that viewing ended';
create index history_order on users.history (profile_id, watched_at desc, id desc);
create index history_item on users.history (item_id);

grant select on content.card to tv_users;
grant select, insert, update, delete on users.watchlist to tv_users;
grant select, update on users.resume to tv_users;
grant select on users.progress, users.history to tv_users;

-- Guides and playlists that are fetched by themselves, and which feed supplies a channel's guide.

-- What is in an address so that others do not know it: user and password, and parameters that are named like secrets.
create function live.mask_url(url text) returns text
	language sql immutable strict parallel safe
	return regexp_replace(
		regexp_replace(url, '^(https?://)[^/?#]*@', '\1***@', 'i'),
		'([?&;][^=&;#]*(?:user|pass|pwd|token|key|secret|auth|sig)[^=&;#]*=)[^&;#]+', '\1***', 'gi');
comment on function live.mask_url(text) is 'the address as it may be shown';

create table live.feed (
	id bigint generated always as identity,
	name text not null,
	url text not null,
	address text not null generated always as (live.mask_url(url)) stored,
	format text not null,
	priority int not null default 100,
	period int not null default 3600,
	enabled boolean not null default true,
	language text,
	history_days int not null default 7,
	only_known boolean not null default false,
	max_mib int not null default 256,
	timeout int not null default 300,
	version int not null default 1,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	constraint feed_pkey primary key (id),
	constraint feed_name_key unique (name),
	constraint feed_name_length check (length(name) between 1 and 100),
	constraint feed_url_form check (
		length(url) <= 2000
		and (url ~* '^https?://[^/?#@[:space:][:cntrl:]][^[:space:][:cntrl:]]*$'
		     or url ~ '^(?!.*(^|/)\.{0,2}(/|$))[^/:?#[:cntrl:]][^:?#[:cntrl:]]*$')),
	constraint feed_format_known check (format in ('xmltv', 'm3u')),
	constraint feed_priority_range check (priority between 0 and 1000),
	constraint feed_period_range check (period between 60 and 2678400),
	constraint feed_language_form check (language ~ '^[a-z]{2,3}$'),
	constraint feed_history_range check (history_days between 1 and 31),
	constraint feed_max_range check (max_mib between 1 and 256),
	constraint feed_timeout_range check (timeout between 1 and 1800)
);
comment on column live.feed.url is 'with its password, never shown; or a file''s name below TV_FEED_DIR';
comment on column live.feed.address is 'the url as it is shown';
comment on column live.feed.priority is 'of several that have a channel, the one with the highest supplies its guide; of equal ones the first made';
comment on column live.feed.period is 'seconds between fetches';
comment on column live.feed.timeout is 'seconds for fetching';
create trigger feed_touch before update on live.feed for each row execute function public.touch();
create trigger feed_audit after insert or update or delete on live.feed
	for each row when (current_setting('tv.actor', true) <> '')
	execute function audit.record('id', 'url', 'updated_at');

-- What fetching writes is apart from what editors write: neither holds the other up.
create table live.feed_state (
	feed_id bigint not null,
	next_at timestamptz not null default now(),
	requested_at timestamptz,
	started_at timestamptz,
	fetched_at timestamptz,
	succeeded_at timestamptz,
	status text,
	http_status int,
	error text,
	failures int not null default 0,
	report json,
	etag text,
	modified text,
	left_to bigint[] not null default '{}',
	changes int not null default 0,
	constraint feed_state_pkey primary key (feed_id),
	constraint feed_state_feed_fkey foreign key (feed_id) references live.feed on delete cascade,
	constraint feed_state_status_known check (status in ('imported', 'not_modified', 'busy', 'failed'))
);
comment on column live.feed_state.requested_at is 'when somebody asked for it anew, or changed what is fetched';
comment on column live.feed_state.started_at is 'of the last try, also of one that never ended';
comment on column live.feed_state.fetched_at is 'when the last try ended';
comment on column live.feed_state.failures is 'in a row';
comment on column live.feed_state.etag is 'of what was imported last; null: the whole file is wanted';
comment on column live.feed_state.left_to is 'feeds that supply channels which this one has too';
comment on column live.feed_state.changes is 'is part of the feed''s ETag';
create index feed_state_next on live.feed_state (next_at);

create table live.guide_owner (
	channel_id bigint not null,
	feed_id bigint not null,
	constraint guide_owner_pkey primary key (channel_id),
	constraint guide_owner_channel_fkey foreign key (channel_id) references live.channel on delete cascade,
	constraint guide_owner_feed_fkey foreign key (feed_id) references live.feed on delete cascade
);
comment on table live.guide_owner is 'the feed that supplies a channel''s guide';
create index guide_owner_feed on live.guide_owner (feed_id);

-- A feed that has not been read for three periods, and an hour, no longer keeps others from its channels.
create function live.feeds_before(feed bigint) returns table (id bigint)
	language sql stable set search_path = ''
	begin atomic
		select f.id
		from live.feed me
		join live.feed f on (f.priority, -f.id) > (me.priority, -me.id)
		join live.feed_state s on s.feed_id = f.id
		where me.id = feeds_before.feed
		  and f.enabled
		  and f.format = 'xmltv'
		  and s.succeeded_at > now() - greatest(3 * f.period * interval '1 second', interval '1 hour');
	end;
comment on function live.feeds_before(bigint) is 'the feeds whose channels are not for this one';

create function live.want_feed(feed bigint) returns void
	language sql set search_path = ''
	begin atomic
		-- clock_timestamp(): after a fetch that this statement has waited for
		update live.feed_state s
			set next_at = now(), requested_at = clock_timestamp(), etag = null, modified = null, failures = 0,
			    changes = s.changes + 1
			where s.feed_id = feed;
	end;
comment on function live.want_feed(bigint) is 'the feed is fetched at the next round, whole';

-- A body's address that is the masked one of before leaves that of before.
create function live.save_feed(feed_id bigint, wanted int[], b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	old live.feed;
	next live.feed;
begin
	if feed_id is not null then
		select f.* into old from live.feed f
			where f.id = feed_id and public.matched(f.version, live.feed_versions(wanted))
			for no key update;
		if not found then
			return null;
		end if;
	end if;
	next.id := old.id;
	next.name := b ->> 'name';
	next.url := case when b ->> 'url' = old.address then old.url else b ->> 'url' end;
	next.format := b ->> 'format';
	next.priority := coalesce((b ->> 'priority')::int, 100);
	next.period := coalesce((b ->> 'period')::int, 3600);
	next.enabled := coalesce((b ->> 'enabled')::boolean, true);
	next.language := b ->> 'language';
	next.history_days := coalesce((b ->> 'history_days')::int, 7);
	next.only_known := coalesce((b ->> 'only_known')::boolean, false);
	next.max_mib := coalesce((b ->> 'max_mib')::int, 256);
	next.timeout := coalesce((b ->> 'timeout')::int, 300);
	if next.url ~ '[=/]\*\*\*' and next.url is distinct from old.url then
		perform public.refuse(422, 'masked_url');
	end if;
	if old.id is null then
		insert into live.feed (name, url, format, priority, period, enabled, language, history_days, only_known, max_mib,
		                       timeout)
			values (next.name, next.url, next.format, next.priority, next.period, next.enabled, next.language,
			        next.history_days, next.only_known, next.max_mib, next.timeout)
			returning id into next.id;
		insert into live.feed_state (feed_id) values (next.id);
		return next.id;
	end if;
	update live.feed f
		set name = next.name, url = next.url, format = next.format, priority = next.priority, period = next.period,
		    enabled = next.enabled, language = next.language, history_days = next.history_days,
		    only_known = next.only_known, max_mib = next.max_mib, timeout = next.timeout
		where f.id = next.id;
	if (old.url, old.format, old.priority, old.period, old.enabled, old.language, old.history_days, old.only_known,
	    old.max_mib, old.timeout)
	   is distinct from (next.url, next.format, next.priority, next.period, next.enabled, next.language,
	                     next.history_days, next.only_known, next.max_mib, next.timeout) then
		perform live.want_feed(next.id);
	end if;
	return next.id;
end $$;

create function live.request_feed(feed bigint) returns bigint
	language plpgsql set search_path = ''
	as $$
begin
	perform from live.feed f where f.id = feed and f.enabled;
	if not found then
		perform public.refuse(409, 'feed_disabled') from live.feed f where f.id = feed;
		return null;
	end if;
	perform live.want_feed(feed);
	perform audit.note('import', 'live.feed', feed, null);
	return feed;
end $$;

-- A feed's ETag says what editors wrote and, in its last 12 bits, what came of fetching: a change of either is seen by
-- who reads, one of the first alone is in the way of who writes.
create function live.feed_tag(version int, changes int) returns int
	language sql immutable parallel safe
	return version * 4096 + changes % 4096;
create function live.feed_versions(tags int[]) returns int[]
	language sql immutable parallel safe
	return case when tags is not null then array(select t / 4096 from unnest(tags) t) end;

grant select, insert, update, delete on live.feed, live.feed_state, live.guide_owner to tv_livetv;

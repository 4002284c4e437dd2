-- Channels and the guide. A channel is an item of content: its name, logo, age and window are there.

create table live.channel_group (
	slug text not null,
	name text not null,
	constraint channel_group_pkey primary key (slug),
	constraint channel_group_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60)
);

create table live.channel (
	id bigint not null,
	number int not null,
	group_slug text,
	country text,
	languages text[] not null default '{}',
	catchup_hours int not null default 0,
	hidden boolean not null default false,
	guide_id text,
	website text,
	alt_names text[] not null default '{}',
	row_hash bytea,
	constraint channel_pkey primary key (id),
	constraint channel_item_fkey foreign key (id) references content.item on delete cascade,
	constraint channel_group_fkey foreign key (group_slug) references live.channel_group,
	constraint channel_guide_id_key unique (guide_id),
	constraint channel_number_range check (number between 0 and 999999),
	constraint channel_country_form check (country ~ '^[A-Z]{2}$'),
	constraint channel_catchup_range check (catchup_hours between 0 and 744)
);
comment on column live.channel.guide_id is 'the id in XMLTV files and playlists (tvg-id)';
comment on column live.channel.languages is 'ISO 639-3';
comment on column live.channel.row_hash is 'of the imported row: an unchanged row of the next import writes nothing';

-- What lists walk: for each visible channel a row for all channels (facet '') and one for its group (g:slug),
-- country (c:NO) and each language (l:nor), in order of number.
create table live.lineup (
	facet text not null,
	number int not null,
	channel_id bigint not null,
	min_age smallint not null,
	constraint lineup_pkey primary key (facet, number, channel_id),
	constraint lineup_channel_fkey foreign key (channel_id) references live.channel on delete cascade
);
create index lineup_channel on live.lineup (channel_id, facet);

-- For the channels of these ids: those of a whole import at once.
create function live.line_up(channels bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	delete from live.lineup where channel_id = any (channels);
	insert into live.lineup (facet, number, channel_id, min_age)
		select f.facet, c.number, c.id, i.min_age
		from live.channel c
		join content.item i on i.id = c.id
		cross join lateral (
			select ''
			union select 'g:' || c.group_slug where c.group_slug is not null
			union select 'c:' || c.country where c.country is not null
			union select 'l:' || l from unnest(c.languages) l
		) f (facet)
		where c.id = any (channels) and not c.hidden and i.state = 'published';
end $$;

create function live.line_up_channels() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform live.line_up((select array_agg(id) from made)); return null; end $$;
create trigger channel_line_up_new after insert on live.channel
	referencing new table as made
	for each statement execute function live.line_up_channels();
create trigger channel_line_up after update on live.channel
	referencing new table as made
	for each statement execute function live.line_up_channels();

create function live.line_up_item() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform live.line_up(array[new.id]); return null; end $$;
create trigger channel_item_line_up after update of min_age, state on content.item
	for each row when (new.kind = 'channel' and (old.min_age <> new.min_age or old.state <> new.state))
	execute function live.line_up_item();

create table live.programme (
	id bigint generated always as identity,
	channel_id bigint not null,
	start_at timestamptz not null,
	end_at timestamptz not null,
	title text not null,
	subtitle text,
	synopsis text,
	category text,
	season int,
	episode int,
	min_age smallint not null default 0,
	constraint programme_pkey primary key (id),
	constraint programme_channel_fkey foreign key (channel_id) references live.channel on delete cascade,
	constraint programme_start_key unique (channel_id, start_at),
	constraint programme_title_length check (length(title) between 1 and 300),
	constraint programme_order check (start_at < end_at and end_at <= start_at + interval '24 hours'),
	constraint programme_finite check (isfinite(start_at) and isfinite(end_at)),
	constraint programme_min_age_range check (min_age between 0 and 18)
);
comment on table live.programme is 'on one channel programmes never overlap: importers and the administration lock the channel''s row and see to it';

grant select, insert, update, delete on live.channel, live.channel_group, live.programme to tv_livetv;
grant select on live.lineup to tv_livetv;
grant select, insert, update, delete on content.item to tv_livetv;

-- Media as they lie in TV_MEDIA_DIR, and channels that are computed from them.

create function content.total(numbers int[]) returns int
	language sql immutable strict parallel safe
	return (select sum(n)::int from unnest(numbers) n);

create table content.package (
	directory text not null,
	segments int[] not null,
	duration int not null generated always as (content.total(segments)) stored,
	renditions jsonb not null,
	subtitles jsonb not null default '[]',
	created_at timestamptz not null default now(),
	constraint package_pkey primary key (directory),
	constraint package_directory_form check (directory ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
	constraint package_segments_range check (cardinality(segments) between 1 and 20000 and 0 < all (segments)),
	constraint package_renditions_list check (jsonb_typeof(renditions) = 'array' and jsonb_array_length(renditions) between 1 and 10)
);
comment on table content.package is 'a directory of media: master.m3u8, and a directory with a playlist and segments a rendition. Never changed; new media are a new directory';
comment on column content.package.segments is 'milliseconds of each, the same in every rendition';
comment on column content.package.duration is 'milliseconds';
comment on column content.package.renditions is '{path, width, height, bitrate, codecs}, the lowest bitrate first; path is of the playlist, beside it are init.mp4 and 00000.m4s, 00001.m4s …';
comment on column content.package.subtitles is '{language, kind, path}';

alter table content.media
	add column directory text,
	add constraint media_package_fkey foreign key (directory) references content.package;
create index media_directory on content.media (directory);
comment on column content.media.directory is 'of the media that play; null: there are none. Several items may share one';

create function content.add_package(directory text, segments int[], renditions jsonb) returns void
	language sql security definer set search_path = ''
	begin atomic
		insert into content.package (directory, segments, renditions)
			values (add_package.directory, add_package.segments, add_package.renditions);
	end;

-- False: there is no such film or episode, or no such directory.
create function content.use_package(item bigint, package text) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	length int;
begin
	select round(p.duration / 1000.0) into length from content.package p where p.directory = package;
	if not found then
		return false;
	end if;
	update content.item i set runtime = length
		where i.id = item and i.kind in ('movie', 'episode');
	if not found then
		return false;
	end if;
	insert into content.media (item_id, directory) values (item, package)
		on conflict on constraint media_pkey do update set directory = excluded.directory;
	return true;
end $$;
revoke execute on function content.add_package(text, int[], jsonb), content.use_package(bigint, text) from public;
grant execute on function content.add_package(text, int[], jsonb), content.use_package(bigint, text) to tv_play;

-- A channel without an encoder: what it shows is computed from the clock.
create table live.schedule (
	channel_id bigint not null,
	content_ids bigint[] not null,
	planned_until timestamptz,
	constraint schedule_pkey primary key (channel_id),
	constraint schedule_channel_fkey foreign key (channel_id) references live.channel on delete cascade,
	constraint schedule_length check (cardinality(content_ids) between 1 and 100)
);
comment on table live.schedule is 'channels that show films and episodes, one after the other and from the beginning again; a programme that names content shows that';
comment on column live.schedule.planned_until is 'what was to be seen before is in live.run, and never changes';

-- Soft: a foreign key would be looked at for each row of a guide. What does not exist is as if nothing was named.
alter table live.programme add column content_id bigint;
comment on column live.programme.content_id is 'the film or episode that a channel with a schedule shows then';

create table live.run (
	channel_id bigint not null,
	starts_at timestamptz not null,
	sequence bigint not null,
	discontinuity bigint not null,
	directories text[] not null,
	constraint run_pkey primary key (channel_id, starts_at),
	constraint run_channel_fkey foreign key (channel_id) references live.channel on delete cascade,
	constraint run_sequence_key unique (channel_id, sequence),
	constraint run_directories_length check (cardinality(directories) between 1 and 100)
);
comment on table live.run is 'what a channel with a schedule has shown and shows: these directories, over and over, until its next run begins';
comment on column live.run.sequence is 'media sequence number of its first segment';
comment on column live.run.discontinuity is 'discontinuity sequence number of its first segment';

-- What a body says of where a channel's stream comes from; a body that does not name it leaves it, null takes it away.
create function live.save_source(channel bigint, b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	source json := b -> 'source';
	items bigint[];
begin
	if channel is null or source is null then
		return channel;
	end if;
	if json_typeof(source) = 'object' and num_nonnulls(source ->> 'url', source ->> 'schedule') <> 1 then
		perform public.refuse(422, 'invalid_source');
	end if;
	delete from live.source s where s.channel_id = channel and source ->> 'url' is null;
	delete from live.schedule s where s.channel_id = channel and source ->> 'schedule' is null;
	if source ->> 'url' is not null then
		insert into live.source (channel_id, url) values (channel, source ->> 'url')
			on conflict on constraint source_pkey do update set url = excluded.url;
	elsif source ->> 'schedule' is not null then
		items := array(select json_array_elements_text(source -> 'schedule')::bigint);
		if exists (select from unnest(items) w
		           where not exists (select from content.item i where i.id = w and i.kind in ('movie', 'episode'))) then
			perform public.refuse(422, 'unknown_content');
		end if;
		insert into live.schedule (channel_id, content_ids) values (channel, items)
			on conflict on constraint schedule_pkey do update set content_ids = excluded.content_ids;
	end if;
	return channel;
end $$;

create function live.save_programme_content(programme bigint, b json) returns bigint
	language plpgsql set search_path = ''
	as $$
declare
	shown bigint := (b ->> 'content_id')::bigint;
begin
	if programme is not null and shown is not null
	   and not exists (select from content.item i where i.id = shown and i.kind in ('movie', 'episode')) then
		perform public.refuse(422, 'unknown_content');
	end if;
	update live.programme p set content_id = shown
		where p.id = programme and p.content_id is distinct from shown;
	return programme;
end $$;

grant usage on schema content to tv_play;
grant select on content.package, content.media, content.item to tv_play;
grant usage on schema live to tv_play;
grant select on live.channel, live.source, live.programme to tv_play;
grant select, insert, delete on live.run to tv_play;
grant select, update on live.schedule to tv_play;
grant select, insert, update, delete on live.schedule to tv_livetv;
grant select on content.package to tv_livetv;

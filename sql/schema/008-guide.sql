-- What guide files and playlists say besides: more of a programme, where a channel's stream is, and what the last import
-- of a channel was.

alter table live.programme
	add column categories text[] not null default '{}',
	add column icon text,
	add column rating text,
	add column year smallint,
	add column is_new boolean not null default false,
	add column is_premiere boolean not null default false,
	add column is_repeat boolean not null default false,
	add column credits json;
comment on column live.programme.categories is 'as the guide names them; the first one is category';
comment on column live.programme.icon is 'an https URL; stored, never fetched';
comment on column live.programme.rating is 'as the guide says it; min_age is what counts';
comment on column live.programme.year is 'of the production';
comment on column live.programme.is_repeat is 'shown before';
comment on column live.programme.credits is '[{"role", "name", "character"?}] in the order of the guide';

create table live.source (
	channel_id bigint not null,
	url text not null,
	constraint source_pkey primary key (channel_id),
	constraint source_channel_fkey foreign key (channel_id) references live.channel on delete cascade,
	constraint source_url_form check (url ~ '^https?://[^[:space:]]+$' and length(url) <= 2000)
);
comment on table live.source is 'where a channel''s stream comes from; never shown to customers';

create table live.guide_state (
	channel_id bigint not null,
	digest bytea not null,
	constraint guide_state_pkey primary key (channel_id),
	constraint guide_state_channel_fkey foreign key (channel_id) references live.channel on delete cascade
);
comment on table live.guide_state is
	'of what the last import of a channel''s guide said, while nobody else has written to its programmes: the same again is nothing to do';

-- A foreign key would look at the channel for each row, which is half of an import's time (2.3 of 5.4 s for 500,000 rows).
-- An import has locked its channels; it says so by tv.importing = on. Everybody else's rows are looked at here.
alter table live.programme drop constraint programme_channel_fkey;

create function live.programme_written() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	if tg_op <> 'DELETE' then
		perform from live.channel where id = new.channel_id for key share;
		if not found then
			raise foreign_key_violation
				using constraint = 'programme_channel_fkey', message = 'the programme''s channel does not exist';
		end if;
		delete from live.guide_state where channel_id = new.channel_id;
	end if;
	if tg_op <> 'INSERT' then
		delete from live.guide_state where channel_id = old.channel_id;
	end if;
	return null;
end $$;
create trigger programme_written after insert or update or delete on live.programme
	for each row when (current_setting('tv.importing', true) is distinct from 'on')
	execute function live.programme_written();

create function live.drop_programmes() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	delete from live.programme where channel_id = old.id;
	return null;
end $$;
create trigger channel_drop_programmes after delete on live.channel
	for each row execute function live.drop_programmes();

grant select, insert, update, delete on live.source, live.guide_state to tv_livetv;
grant select on content.rating to tv_livetv;

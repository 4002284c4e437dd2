-- What imported guide files were, so that one that comes again is known without reading it.

create table live.guide_file (
	digest bytea not null,
	imported_at timestamptz not null default now(),
	history_from bigint not null,
	next_past bigint not null,
	guide_ids text[] not null,
	state bytea not null,
	read bigint not null,
	rejected bigint not null,
	past bigint not null,
	cut bigint not null,
	shown json not null,
	constraint guide_file_pkey primary key (digest)
);
comment on table live.guide_file is 'the last imported files whose every channel is known by its id';
comment on column live.guide_file.digest is 'of the file as it came, the import''s settings and its version';
comment on column live.guide_file.history_from is 'where the history began then: seconds since 1970';
comment on column live.guide_file.next_past is
	'when the history begins here or later, another of its programmes is before it';
comment on column live.guide_file.guide_ids is 'of its channels, in its order';
comment on column live.guide_file.state is 'live.guide_state_of(guide_ids) after the import: another one says that something has changed since';
comment on column live.guide_file.shown is '[[line, why]] of the first that were rejected';

create function live.guide_state_of(guide_ids text[]) returns bytea
	language sql stable set search_path = ''
	begin atomic
		select sha256(coalesce(string_agg(
			       int8send(coalesce(c.id, 0)) || int4send(coalesce(length(s.digest), 0)) || coalesce(s.digest, ''),
			       '' order by g.n), ''))
			from unnest(guide_ids) with ordinality g (guide_id, n)
			left join live.channel c on c.guide_id = g.guide_id
			left join live.guide_state s on s.channel_id = c.id;
	end;
comment on function live.guide_state_of(text[]) is
	'which channels these are, and that nobody has written to their programmes since an import said what it said';

grant select, insert, update, delete on live.guide_file to tv_livetv;

-- What else an import says of a guide, kept as the rest of it is: a file that is known is not read again.
alter table live.guide_file
	add column moved bigint not null default 0,
	add column icons bigint not null default 0;
comment on column live.guide_file.moved is 'programmes that end otherwise than the file says';
comment on column live.guide_file.icons is 'pictures that were left out';

-- What can be searched: one row of search.document for each title, person, channel and programme's title, kept by
-- triggers in the writer's transaction. PostgreSQL searches it itself, and Elasticsearch is fed from it.

create extension if not exists fuzzystrmatch with schema public;

create schema search;
grant usage on schema search to tv_search;

create type search.kind as enum ('movie', 'series', 'channel', 'programme', 'person', 'episode');

-- Programmes that share a title are one document: a week of news is found once, and a guide of 500,000 programmes is some
-- thousand documents.
create table search.show (
	id bigint generated always as identity,
	title text not null,
	constraint show_pkey primary key (id),
	constraint show_title_key unique (title)
);
comment on table search.show is 'the titles of programmes; document.ref_id of the kind programme is one of these';
create index programme_title on live.programme (hashtext(title), start_at);

create sequence search.version;

create table search.document (
	kind search.kind not null,
	ref_id bigint not null,
	title text not null,
	titles text[] not null,
	year smallint,
	weight int not null,
	min_age smallint not null,
	open_from timestamptz,
	open_until timestamptz,
	words tsvector not null,
	version bigint not null default nextval('search.version'),
	gone_at timestamptz,
	constraint document_pkey primary key (kind, ref_id)
);
comment on table search.document is 'published things that may be found; what each request finds is looked at again by search.item()';
comment on column search.document.titles is 'as shown, original and alternative, the shown one first';
comment on column search.document.weight is 'popularity on a scale that all kinds share';
comment on column search.document.min_age is 'the youngest age that may see any of it: an episode by its season and series, a person by the credits';
comment on column search.document.version is 'grows with each change, under the lock of the row: the external version of an index';
comment on column search.document.gone_at is 'not to be found any more; the row stays a day so that an index learns of it';

-- Beginnings: the folded title from each of its words on, so that a prefix of any word is a range of one index.
create table search.name (
	form text collate "C" not null,
	place smallint not null,
	kind search.kind not null,
	ref_id bigint not null,
	weight int not null,
	min_age smallint not null,
	open_from timestamptz,
	open_until timestamptz
);
comment on column search.name.place is '0: the whole title, 1: from a later word on, 2: the whole title without blanks';

-- Words, for typing errors: deletes are the word and what it is without one of its letters; words one error apart share one.
create table search.word (
	word text collate "C" not null,
	deletes text[] not null,
	constraint word_pkey primary key (word)
);

-- What Elasticsearch has not been told yet. Rows are claimed by "for update skip locked" and deleted when sent.
create table search.queue (
	id bigint generated always as identity,
	kind search.kind not null,
	ref_id bigint not null,
	queued_at timestamptz not null default now(),
	constraint queue_pkey primary key (id)
);

-- One row. queueing: somebody empties the queue. Without Elasticsearch nothing is queued, and nothing grows.
create table search.sync (
	one boolean not null default true,
	queueing boolean not null default false,
	reindex_at timestamptz,
	constraint sync_pkey primary key (one),
	constraint sync_one check (one)
);
comment on column search.sync.reindex_at is 'since when a rebuild has been asked for and not begun';
insert into search.sync default values;

-- The whole document for an index, also of what is gone (then only its version counts). An id without a row is gone, too.
create view search.indexed as
	select d.kind::text as kind, d.ref_id as id, d.version, d.gone_at is not null as gone, d.title, d.titles, d.year,
	       d.weight, d.min_age, d.open_from, d.open_until
	from search.document d;

grant select, insert, update, delete on search.queue to tv_search;
grant select, update on search.sync to tv_search;
grant select on search.document, search.indexed to tv_search;

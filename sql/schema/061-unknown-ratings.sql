-- What a guide rates by marks that nobody knows is not for children, as in the catalogue; it was for all.
alter table live.guide_file
	add column unrated bigint not null default 0,
	add column strange text not null default '';
comment on column live.guide_file.unrated is 'programmes whose ratings are not known';
comment on column live.guide_file.strange is 'the first of these ratings';

-- Feeds whose files have not changed are read anew, once.
update live.feed_state set etag = null, modified = null;

-- Marks for everybody that have no number: of Britain, the Netherlands, France and Spain, Brazil, Sweden.
insert into content.rating (system, code, min_age) values
	('age', 'U', 0), ('age', 'AL', 0), ('age', 'TP', 0), ('age', 'TOUT PUBLIC', 0), ('age', 'TOUS PUBLICS', 0),
	('age', 'LIVRE', 0), ('age', 'BTL', 0)
on conflict do nothing;

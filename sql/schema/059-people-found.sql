-- Administrators find people by names as they type them: without capitals and accents.

create index person_folded on content.person (public.fold(name), id);

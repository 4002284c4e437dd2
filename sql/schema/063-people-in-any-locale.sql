-- The beginning of a name is a range of names by their bytes alone: in the order of a language (en_US.UTF-8 and its like), what is thought to
-- end the range stands nowhere. The other index goes last: up to then people are read.

create index person_by_name on content.person ((public.fold(name) collate "C"), id);
drop index content.person_folded;

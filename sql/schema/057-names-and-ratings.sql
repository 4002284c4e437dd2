-- Ratings that imports brought had no system, and could not be saved by an editor as they were read.
update content.item i
set rating_system = r.system
from (select code, min(system) as system from content.rating group by code having count(*) = 1) r
where i.rating_system is null
  and i.rating_code = r.code;

-- Names of other scripts have no slug, or only that of what they share: "Первый HD" and "Матч HD".
create function public.has_slug(name text) returns boolean
	language sql immutable strict parallel safe
	return public.slug(name) <> '' and regexp_replace(public.fold(name), '[^[:alnum:]]', '', 'g') !~ '[^a-z0-9]';
comment on function public.has_slug(text) is 'whether all letters of the name are in its slug';

create function public.name_slug(name text, kind text) returns text
	language sql immutable strict parallel safe
	return case when public.has_slug(name) then trim(trailing '-' from left(public.slug(name), 60))
	            else coalesce(nullif(trim(trailing '-' from left(public.slug(name), 51)), ''), kind) || '-' || left(md5(name), 8) end;
comment on function public.name_slug(text, text) is 'a slug of at most 60 characters for names of any script; kind is for those without a Latin letter or digit';

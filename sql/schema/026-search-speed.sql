-- The same as before in fewer steps: each title is folded once.

create or replace function search.index_titles(titles text[]) returns text[]
	language plpgsql immutable strict parallel safe
	as $$
declare
	title text;
	folded text;
	bare text;
	digits text;
	others text[] := '{}';
begin
	foreach title in array titles loop
		if title ~ U&'[[:alnum:]][-''\2010-\2015\2019\2018][[:alnum:]]' then
			others := others || regexp_replace(title, U&'[-''\2010-\2015\2019\2018]', '', 'g');
		end if;
		folded := search.fold(title);
		bare := search.without_article(folded);
		if bare is not null then
			others := others || bare;
		end if;
		digits := search.digits(folded);
		if digits <> folded then
			others := others || digits;
		end if;
	end loop;
	return titles || others;
end $$;

-- Schemas, login roles and the few functions that every family uses.
-- A login role a program: it is granted just what its queries use, in the file of the family that owns the data.

create extension if not exists unaccent with schema public;
create extension if not exists pg_trgm with schema public;

do $$
declare
	role_name text;
begin
	foreach role_name in array array['tv_auth', 'tv_users', 'tv_ondemand', 'tv_livetv',
	                                 'tv_rights', 'tv_play', 'tv_search', 'tv_system'] loop
		-- Roles belong to the cluster, not the database: another database may have made them.
		begin
			execute format('create role %I login', role_name);
		exception when duplicate_object or unique_violation then
			null;
		end;
	end loop;
end $$;

revoke create on schema public from public;

create schema users;
create schema auth;
create schema content;
create schema live;

grant usage on schema users, auth, content, live
	to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;
grant usage on schema public
	to tv_auth, tv_users, tv_ondemand, tv_livetv, tv_rights, tv_play, tv_search, tv_system;

-- unaccent() is not immutable by itself (its dictionary could be changed); naming the dictionary makes it so in fact.
create function public.fold(text) returns text
	language sql immutable strict parallel safe
	return lower(public.unaccent('public.unaccent'::regdictionary, $1));
comment on function public.fold(text) is 'lower case without accents: for sorting and matching names';

create function public.slug(text) returns text
	language sql immutable strict parallel safe
	return trim(both '-' from regexp_replace(replace(public.fold($1), '&', ' and '), '[^a-z0-9]+', '-', 'g'));
comment on function public.slug(text) is 'the word of a name in an address: "Sci-Fi & Fantasy" is sci-fi-and-fantasy';

-- The refusals that only SQL can find out: SQLSTATE TVnnn is HTTP nnn, the message is the problem's code (lib/sqlstate.c).
create function public.refuse(http_status int, code text) returns void
	language plpgsql
	as $$ begin raise exception using errcode = 'TV' || http_status, message = code; end $$;
comment on function public.refuse(int, text) is 'ends the statement with this HTTP status and problem code';

-- If-Match (RFC 9110, 13.1.1): "where id = $1 and public.matched(version, $2)". Null: the client did not ask.
create function public.matched(version int, wanted int[]) returns boolean
	language plpgsql
	as $$
begin
	if wanted is not null and not version = any(wanted) then
		perform public.refuse(412, 'version_changed');
	end if;
	return true;
end $$;
comment on function public.matched(int, int[]) is 'true, or a refusal when the row is not of one of these versions';

create function public.touch() returns trigger
	language plpgsql
	as $$
begin
	new.version := old.version + 1;
	new.updated_at := now();
	return new;
end $$;
comment on function public.touch() is 'before update: a new version, which is what ETags are made of';

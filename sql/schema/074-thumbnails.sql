-- Small pictures along a film, which players show while somebody looks for a place in it.

alter table content.package add column thumbnails text;
comment on column content.package.thumbnails is 'path of a WebVTT file that names parts of pictures; null: there are none. The only thing that may be added later';

drop function content.add_package(text, int[], jsonb, jsonb);
create function content.add_package(directory text, segments int[], renditions jsonb, subtitles jsonb default '[]', thumbnails text default null)
	returns void
	language sql security definer set search_path = ''
	begin atomic
		insert into content.package (directory, segments, renditions, subtitles, thumbnails)
			values (add_package.directory, add_package.segments, add_package.renditions, add_package.subtitles, add_package.thumbnails);
	end;

-- False: there is no such directory any more, or it has them already.
create function content.add_thumbnails(package text, path text) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
begin
	update content.package p set thumbnails = path
		where p.directory = package and p.thumbnails is null;
	return found;
end $$;
revoke execute on function content.add_package(text, int[], jsonb, jsonb, text), content.add_thumbnails(text, text) from public;
grant execute on function content.add_package(text, int[], jsonb, jsonb, text), content.add_thumbnails(text, text) to tv_play;

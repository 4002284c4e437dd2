-- Media have subtitles of their own, which play add-media says as well. The ones of a title that an editor gave it (content.media) are
-- others: those come with the answer of playing, these with the playlist.

drop function content.add_package(text, int[], jsonb);
create function content.add_package(directory text, segments int[], renditions jsonb, subtitles jsonb default '[]') returns void
	language sql security definer set search_path = ''
	begin atomic
		insert into content.package (directory, segments, renditions, subtitles)
			values (add_package.directory, add_package.segments, add_package.renditions, add_package.subtitles);
	end;
revoke execute on function content.add_package(text, int[], jsonb, jsonb) from public;
grant execute on function content.add_package(text, int[], jsonb, jsonb) to tv_play;
comment on column content.package.subtitles is '{language, kind, path}, which its master playlist names; a language that is not known is left out';
comment on column content.media.subtitles is '{language, kind, url}, which come with the answer of playing: files beside those of the package';

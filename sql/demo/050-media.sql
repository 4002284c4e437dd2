-- What the films, episodes and channels of the demonstration show: all the same three minutes of
-- test pictures (conf/demo-media.sh).

-- What exists already is no news.
set client_min_messages = warning;

insert into content.package (directory, segments, renditions, subtitles, thumbnails)
	values ('test-transmission', array_fill(6000, array[30]),
	        '[{"path": "180p/index.m3u8", "width": 320, "height": 180, "bitrate": 50600,
	           "codecs": "avc1.4d401e,mp4a.40.2"},
	          {"path": "360p/index.m3u8", "width": 640, "height": 360, "bitrate": 108900,
	           "codecs": "avc1.4d401e,mp4a.40.2"}]',
	        '[{"language": "en", "kind": "subtitles", "path": "en/subtitles.vtt"}]',
	        'thumbnails/thumbnails.vtt')
	on conflict on constraint package_pkey do update set thumbnails = excluded.thumbnails
		where package.thumbnails is null;

insert into content.media (item_id, directory, markers)
	select i.id, p.directory,
	       '[{"kind": "intro", "start": 0, "end": 6}, {"kind": "credits", "start": 168, "end": 180}]'
	from content.external_id e
	join content.item i on i.id = e.item_id
	cross join content.package p
	where e.scheme = 'demo' and i.kind in ('movie', 'episode')
	  and p.directory = 'test-transmission'
	order by i.id
	on conflict do nothing;

insert into live.schedule (channel_id, content_ids)
	select c.id, array[f.id]
	from demo.station s
	join content.external_id e on e.scheme = 'demo' and e.value = s.key
	join live.channel c on c.id = e.item_id
	cross join lateral (
		select m.item_id as id
		from content.media m
		join content.external_id o on o.item_id = m.item_id
		where o.scheme = 'demo' and o.value ~ '^film:' and m.directory = 'test-transmission'
		order by md5(s.key || o.value)
		limit 1
	) f
	where not exists (select from live.source u where u.channel_id = c.id)
	order by c.id
	on conflict do nothing;

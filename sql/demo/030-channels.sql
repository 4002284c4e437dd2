-- Channels that exist nowhere else, and the kind of schedule that each has in the guide.

-- What exists already is no news.
set client_min_messages = warning;

create table if not exists demo.station (
	key text not null,
	template text not null,
	constraint station_pkey primary key (key)
);
comment on table demo.station is 'the schedule of each channel of the demonstration';
comment on column demo.station.key is 'content.external_id.value of scheme demo';
comment on column demo.station.template
	is 'demo.day_plan.template, or films: made of the films of the demonstration';

insert into live.channel_group (slug, name) values
	('general', 'General'),
	('news', 'News'),
	('movies', 'Movies'),
	('kids', 'Kids'),
	('sport', 'Sport'),
	('music', 'Music'),
	('documentary', 'Documentary'),
	('regional', 'Regional')
	on conflict do nothing;

create temp table demo_channel (slug, number, name, alt_name, group_slug, country, language,
                                template, catchup_hours, rating, popularity, id, synopsis) as values
	('antenna-one', 1, 'Antenna One', 'Antenna 1', 'general', 'GB', 'eng', 'general-en',
	 168, '6+', 900, null::bigint,
	 'Breakfast to late film: a little of everything, for everybody.'),
	('antenna-news', 2, 'Antenna News', null, 'news', 'GB', 'eng', 'news-en',
	 24, '6+', 820, null, 'The day''s events on the hour, and what lies behind them.'),
	('little-lantern', 3, 'Little Lantern', null, 'kids', 'GB', 'eng', 'kids-en',
	 168, '0+', 760, null, 'Songs, stories and things to make for those who go to bed early.'),
	('terra-firma', 4, 'Terra Firma', null, 'documentary', 'GB', 'eng', 'documentary-en',
	 168, '6+', 610, null, 'Nature, history and how things work.'),
	('silver-screen', 5, 'Silver Screen Classics', 'SSC', 'movies', 'US', 'eng', 'films',
	 48, '6+', 700, null, 'The first seventy years of cinema, all day.'),
	('midnight-matinee', 6, 'Midnight Matinee', null, 'movies', 'US', 'eng', 'late-en',
	 0, '18+', 480, null, 'Horror, crime and talk that is not for children.'),
	('touchline', 7, 'Touchline', 'Touchline Sport', 'sport', 'GB', 'eng', 'sport-en',
	 72, '0+', 740, null, 'Live matches, highlights and long arguments about both.'),
	('needle-drop', 8, 'Needle Drop', null, 'music', 'US', 'eng', 'music-en',
	 12, '6+', 520, null, 'Records, those who made them, and concerts at the weekend.'),
	('fjordkanalen', 10, 'Fjordkanalen', 'Fjord TV', 'general', 'NO', 'nor', 'general-no',
	 168, '6+', 680, null, 'Hele Norges kanal: nyheter, drama og underholdning.'),
	('nordlys-nyheter', 11, 'Nordlys Nyheter', null, 'news', 'NO', 'nor', 'news-no',
	 24, '6+', 500, null, 'Nyheter døgnet rundt, fra nord til sør.'),
	('trollkanalen', 12, 'Trollkanalen', null, 'kids', 'NO', 'nor', 'kids-no',
	 168, '0+', 530, null, 'Barne-TV for små og litt større troll.'),
	('nordsjo-direkte', 13, 'Nordsjø Direkte', 'Nordsjo Direkte', 'regional', 'NO', 'nor',
	 'regional-no',
	 24, '0+', 260, null, 'Lokalt fra kysten: vær, båter og folk.'),
	('polarpuls', 14, 'Polarpuls', null, 'music', 'NO', 'nor', 'music-no',
	 0, '6+', 310, null, 'Norsk musikk hele døgnet.'),
	('rheinblick', 20, 'Rheinblick', 'Rheinblick Fernsehen', 'regional', 'DE', 'deu', 'general-de',
	 72, '6+', 420, null, 'Das Programm für alle am Fluss.'),
	('tagesblick', 21, 'Tagesblick 24', null, 'news', 'DE', 'deu', 'news-de',
	 24, '6+', 510, null, 'Nachrichten und Hintergründe rund um die Uhr.'),
	('lichtspielhaus', 22, 'Lichtspielhaus', null, 'movies', 'DE', 'deu', 'films',
	 48, '6+', 440, null, 'Filmklassiker von Caligari bis heute früh.'),
	('canal-mistral', 30, 'Canal Mistral', null, 'regional', 'FR', 'fra', 'general-fr',
	 72, '6+', 450, null, 'Toute la vie du Sud, du marché au cinéma.'),
	('cine-lumiere', 31, 'Ciné Lumière', 'Cine Lumiere', 'movies', 'FR', 'fra', 'films',
	 48, '6+', 430, null, 'Le cinéma des origines à la Nouvelle Vague.'),
	('petit-phare', 32, 'Le Petit Phare', null, 'kids', 'FR', 'fra', 'kids-fr',
	 168, '0+', 390, null, 'La chaîne des petits marins et de leurs parents.'),
	('aozora', 40, 'あおぞらテレビ', 'Aozora TV', 'general', 'JP', 'jpn', 'general-ja',
	 24, '6+', 470, null, '朝から夜まで、暮らしに寄りそう総合チャンネル。'),
	('komorebi', 41, 'こもれび音楽', 'Komorebi Music', 'music', 'JP', 'jpn', 'music-ja',
	 12, '6+', 330, null, '名曲と新しい音楽を一日中。'),
	('estadio-sur', 50, 'Estadio Sur', null, 'sport', 'AR', 'spa', 'sport-es',
	 72, '0+', 460, null, 'Todo el deporte del sur, en directo.');

insert into demo.station (key, template)
	select 'channel:' || slug, template
	from demo_channel
	on conflict on constraint station_pkey
	do update set template = excluded.template
	where station.template <> excluded.template;

-- What exists already stays as it is.
delete from demo_channel c
	using content.external_id e
	where e.scheme = 'demo' and e.value = 'channel:' || c.slug;
update demo_channel
	set id = nextval(pg_get_serial_sequence('content.item', 'id'));

insert into content.item (id, kind, title, synopsis, rating_code, min_age, popularity)
	overriding system value
	select c.id, 'channel', c.name, c.synopsis, c.rating, r.min_age, c.popularity
	from demo_channel c
	left join content.rating r on r.system = 'age' and r.code = c.rating
	order by c.id;

insert into content.external_id (scheme, value, item_id)
	select 'demo', 'channel:' || slug, id
	from demo_channel;

insert into live.channel (id, number, group_slug, country, languages, catchup_hours, guide_id,
                          alt_names)
	select id, number, group_slug, country, array[language], catchup_hours, slug || '.demo',
	       array_remove(array[alt_name], null)
	from demo_channel
	order by id;

drop table demo_channel;

-- What each kind of channel shows when, in UTC: hhmm and demo.show.slug. A programme ends where the
-- next one starts, the last at midnight, so a day that starts at 0000 has no gaps or overlaps.

-- What exists already is no news.
set client_min_messages = warning;

create table if not exists demo.day_plan (
	template text not null,
	days text not null,
	plan text not null,
	constraint day_plan_pkey primary key (template, days),
	constraint day_plan_days_known check (days in ('weekday', 'weekend')),
	constraint day_plan_form check (plan ~ '^0000 [a-z]+(, [0-2][0-9][0-5][0-9] [a-z]+)*$')
);

create temp table demo_plan (template, days, plan) as values
	('general-en', 'weekday',
	 '0000 night, 0600 breakfast, 0900 kitchen, 0930 attic, 1030 garden, 1100 soap, 1130 crime, '
	 '1230 news, 1300 kitchen, 1330 attic, 1430 quiz, 1515 garden, 1600 attic, 1700 quiz, '
	 '1800 news, 1830 soap, 1900 kitchen, 1930 quiz, 2015 crime, 2115 attic, 2200 news, '
	 '2230 late, 2330 night'),
	('general-en', 'weekend',
	 '0000 night, 0700 breakfast, 1000 garden, 1100 kitchen, 1130 attic, 1230 news, 1245 soap, '
	 '1500 garden, 1600 attic, 1730 news, 1800 quiz, 1900 show, 2100 crime, 2200 news, '
	 '2220 late, 2320 night'),
	('news-en', 'weekday',
	 '0000 world, 0200 hour, 0300 markets, 0330 world, 0500 hour, 0600 morning, 0900 hour, '
	 '1000 markets, 1030 hour, 1200 world, 1300 hour, 1400 debate, 1500 hour, 1600 markets, '
	 '1630 world, 1700 hour, 1900 debate, 2000 hour, 2100 week, 2200 hour, 2300 debate'),
	('news-en', 'weekend',
	 '0000 world, 0300 week, 0400 hour, 0600 morning, 1000 week, 1100 hour, 1200 world, '
	 '1300 debate, 1400 hour, 1600 week, 1700 hour, 1900 world, 2000 week, 2100 hour, 2300 world'),
	('kids-en', 'weekday',
	 '0000 sleep, 0530 songs, 0600 lamp, 0611 bugs, 0630 quest, 0655 make, 0715 lamp, '
	 '0730 songs, 0800 bugs, 0830 make, 0900 lamp, 0930 story, 1000 songs, 1030 quest, '
	 '1100 bugs, 1130 lamp, 1200 make, 1230 sleep, 1400 songs, 1430 quest, 1500 bugs, '
	 '1530 make, 1600 lamp, 1615 quest, 1645 songs, 1715 bugs, 1745 lamp, 1800 story, 1830 sleep'),
	('kids-en', 'weekend',
	 '0000 sleep, 0600 quest, 0700 lamp, 0730 bugs, 0800 make, 0900 songs, 0930 quest, '
	 '1030 lamp, 1100 bugs, 1200 story, 1230 sleep, 1400 quest, 1530 make, 1600 lamp, '
	 '1630 songs, 1700 bugs, 1745 lamp, 1800 story, 1830 sleep'),
	('documentary-en', 'weekday',
	 '0000 archive, 0100 bridges, 0200 wild, 0300 slow, 0400 archive, 0500 wild, 0600 bridges, '
	 '0700 slow, 0800 archive, 0930 wild, 1030 sky, 1130 bridges, 1230 slow, 1330 case, '
	 '1430 archive, 1530 wild, 1630 bridges, 1730 archive, 1830 wild, 1900 slow, 2000 sky, '
	 '2100 case, 2200 archive, 2300 case'),
	('documentary-en', 'weekend',
	 '0000 case, 0100 archive, 0300 slow, 0500 wild, 0700 bridges, 0900 sky, 1000 slow, '
	 '1200 archive, 1400 wild, 1500 bridges, 1600 sky, 1700 archive, 1900 slow, 2000 bridges, '
	 '2100 case, 2300 sky'),
	('late-en', 'weekday',
	 '0000 host, 0300 true, 0400 noir, 0500 test, 1200 noir, 1300 true, 1400 test, 1800 noir, '
	 '1900 true, 2000 noir, 2100 host, 2300 talk'),
	('late-en', 'weekend',
	 '0000 talk, 0100 host, 0400 noir, 0600 test, 1200 true, 1500 noir, 1800 true, 1900 noir, '
	 '2100 talk, 2200 host'),
	('sport-en', 'weekday',
	 '0000 replay, 0200 snooker, 0600 desk, 0700 replay, 0900 talk, 1000 cycling, 1430 desk, '
	 '1500 snooker, 1800 desk, 1845 football, 2100 talk, 2200 desk, 2230 replay'),
	('sport-en', 'weekend',
	 '0000 replay, 0300 snooker, 0700 desk, 0800 replay, 1000 talk, 1100 desk, 1130 football, '
	 '1345 desk, 1400 football, 1630 desk, 1700 football, 1930 cycling, 2130 desk, 2230 replay'),
	('music-en', 'weekday',
	 '0000 night, 0600 morning, 0900 chart, 1100 crate, 1200 morning, 1400 live, 1500 crate, '
	 '1600 chart, 1800 morning, 2000 live, 2100 crate, 2200 live, 2300 night'),
	('music-en', 'weekend',
	 '0000 night, 0700 morning, 1000 crate, 1200 chart, 1500 live, 1700 crate, 1900 live, '
	 '2200 crate, 2300 night'),
	('general-no', 'weekday',
	 '0000 natt, 0530 morgen, 0800 bygda, 0900 mat, 0930 quiz, 1015 kaldvik, 1110 bygda, '
	 '1200 nytt, 1230 hytta, 1330 mat, 1400 bygda, 1500 quiz, 1545 mat, 1615 bygda, 1700 nytt, '
	 '1745 mat, 1815 quiz, 1900 hytta, 2000 kaldvik, 2100 nytt, 2130 prat, 2230 natt'),
	('general-no', 'weekend',
	 '0000 natt, 0700 morgen, 1000 hytta, 1100 bygda, 1300 mat, 1400 hytta, 1500 bygda, '
	 '1700 nytt, 1730 mat, 1800 quiz, 1900 bygda, 2000 kaldvik, 2100 nytt, 2115 prat, 2230 natt'),
	('news-no', 'weekday',
	 '0000 natt, 0500 morgen, 0800 time, 1000 havet, 1030 time, 1200 debatt, 1300 time, '
	 '1500 havet, 1530 time, 1800 debatt, 1900 time, 2100 debatt, 2200 time'),
	('news-no', 'weekend',
	 '0000 natt, 0600 morgen, 1000 time, 1200 debatt, 1300 time, 1700 debatt, 1800 time, '
	 '2200 natt'),
	('kids-no', 'weekday',
	 '0000 natt, 0500 bukk, 0530 sang, 0600 lag, 0630 fjell, 0700 bukk, 0730 sang, 0830 lag, '
	 '0930 bukk, 1000 natt, 1300 fjell, 1330 lag, 1400 sang, 1430 bukk, 1500 fjell, 1530 lag, '
	 '1600 bukk, 1630 sang, 1700 kveld, 1730 natt'),
	('kids-no', 'weekend',
	 '0000 natt, 0600 fjell, 0700 bukk, 0800 lag, 0900 sang, 1000 fjell, 1130 bukk, 1300 natt, '
	 '1500 fjell, 1600 lag, 1630 bukk, 1700 kveld, 1730 natt'),
	('regional-no', 'weekday',
	 '0000 kamera, 0600 lokalt, 0800 folk, 0845 kamera, 1200 lokalt, 1230 ferge, 1600 folk, '
	 '1645 lokalt, 1730 folk, 1815 lokalt, 1900 ferge, 2200 lokalt, 2230 kamera'),
	('regional-no', 'weekend',
	 '0000 kamera, 0800 ferge, 1200 lokalt, 1230 folk, 1400 ferge, 1800 lokalt, 1830 folk, '
	 '2000 kamera'),
	('music-no', 'weekday',
	 '0000 natt, 0600 dag, 1000 folk, 1100 dag, 1500 konsert, 1600 dag, 1900 folk, '
	 '2000 konsert, 2130 natt'),
	('music-no', 'weekend',
	 '0000 natt, 0800 dag, 1200 folk, 1400 konsert, 1600 dag, 1900 konsert, 2100 folk, 2200 natt'),
	('general-de', 'weekday',
	 '0000 nacht, 0500 morgen, 0800 schleuse, 0850 kueche, 0930 quiz, 1015 krimi, 1100 schau, '
	 '1115 kueche, 1200 schleuse, 1300 schau, 1330 quiz, 1415 kueche, 1500 schleuse, 1550 quiz, '
	 '1635 kueche, 1715 schleuse, 1830 schau, 1900 quiz, 1945 krimi, 2045 talk, 2145 schau, '
	 '2215 krimi, 2300 nacht'),
	('general-de', 'weekend',
	 '0000 nacht, 0700 morgen, 1000 kueche, 1100 schleuse, 1500 quiz, 1600 kueche, '
	 '1700 schleuse, 1830 schau, 1915 krimi, 2045 talk, 2200 schau, 2215 krimi, 2315 nacht'),
	('news-de', 'weekday',
	 '0000 nacht, 0430 frueh, 0800 stunde, 0900 boerse, 0930 stunde, 1100 runde, 1200 stunde, '
	 '1500 boerse, 1600 stunde, 1800 runde, 1900 stunde, 2030 boerse, 2100 stunde, 2200 runde, '
	 '2300 nacht'),
	('news-de', 'weekend',
	 '0000 nacht, 0600 frueh, 0900 stunde, 1100 runde, 1200 stunde, 1600 runde, 1700 stunde, '
	 '2100 runde, 2230 nacht'),
	('general-fr', 'weekday',
	 '0000 nuit, 0500 matin, 0800 marche, 0830 feuilleton, 0900 jeu, 1000 polar, 1100 journal, '
	 '1145 marche, 1230 feuilleton, 1330 jeu, 1430 polar, 1530 marche, 1615 jeu, '
	 '1730 feuilleton, 1800 journal, 1845 jeu, 1930 polar, 2030 feuilleton, 2100 journal, '
	 '2130 debat, 2230 nuit'),
	('general-fr', 'weekend',
	 '0000 nuit, 0600 matin, 0900 marche, 1100 journal, 1145 feuilleton, 1500 jeu, 1600 marche, '
	 '1800 journal, 1845 jeu, 1930 polar, 2115 debat, 2230 nuit'),
	('kids-fr', 'weekday',
	 '0000 nuit, 0500 crabe, 0530 pirates, 0600 atelier, 0630 crabe, 0700 conte, 0730 atelier, '
	 '0800 crabe, 1000 nuit, 1300 pirates, 1330 atelier, 1400 crabe, 1500 pirates, '
	 '1600 atelier, 1630 crabe, 1700 pirates, 1730 conte, 1800 nuit'),
	('kids-fr', 'weekend',
	 '0000 nuit, 0600 pirates, 0800 crabe, 0900 atelier, 1000 pirates, 1200 crabe, 1300 nuit, '
	 '1500 pirates, 1600 atelier, 1700 crabe, 1730 conte, 1800 nuit'),
	('general-ja', 'weekday',
	 '0000 ryori, 0030 drama, 0100 tabi, 0200 quiz, 0300 news, 0330 ryori, 0400 keiji, '
	 '0500 tabi, 0600 drama, 0700 quiz, 0800 ryori, 0830 news, 0930 tabi, 1000 news, 1030 quiz, '
	 '1130 drama, 1200 keiji, 1300 news, 1400 tabi, 1500 yoru, 2030 asa, 2300 drama, 2330 ryori'),
	('general-ja', 'weekend',
	 '0000 tabi, 0200 ryori, 0300 news, 0330 drama, 0600 quiz, 0800 tabi, 0900 news, 1000 quiz, '
	 '1130 keiji, 1300 news, 1330 tabi, 1500 yoru, 2100 asa'),
	('music-ja', 'weekday',
	 '0000 meikyoku, 0200 live, 0300 asa, 0600 meikyoku, 0900 live, 1100 meikyoku, 1300 live, '
	 '1400 yoru, 2100 asa'),
	('music-ja', 'weekend',
	 '0000 live, 0300 meikyoku, 0700 live, 1000 meikyoku, 1200 live, 1500 yoru, 2200 asa'),
	('sport-es', 'weekday',
	 '0000 futbol, 0215 mesa, 0330 charla, 0430 noche, 1000 mesa, 1200 polo, 1500 charla, '
	 '1600 mesa, 1700 noche, 1900 polo, 2100 mesa, 2200 futbol'),
	('sport-es', 'weekend',
	 '0000 charla, 0100 noche, 0600 polo, 1000 mesa, 1200 futbol, 1430 polo, 1700 futbol, '
	 '1930 mesa, 2000 futbol, 2230 mesa');

insert into demo.day_plan (template, days, plan)
	select template, days, plan
	from demo_plan
	on conflict on constraint day_plan_pkey
	do update set plan = excluded.plan
	where day_plan.plan <> excluded.plan;

drop table demo_plan;

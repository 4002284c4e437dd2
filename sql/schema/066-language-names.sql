-- Playlists say languages by name, in English or in the language itself. Names of Unicode's CLDR and of ISO 639-3.
create table live.language_name (
	name text not null,
	code text not null,
	constraint language_name_pkey primary key (name),
	constraint language_name_code_form check (code ~ '^[a-z]{3}$')
);
comment on table live.language_name is 'what languages are called in playlists';
comment on column live.language_name.name is 'folded';
comment on column live.language_name.code is 'ISO 639-3';
insert into live.language_name (name, code)
select public.fold(n.name), left(l.line, 3)
from regexp_split_to_table(
	'aar Afar;abk Abkhazian;afr Afrikaans;aka Akan;amh Amharic,አማርኛ;ara Arabic,العربية;arg Aragonese;'
	'arn Mapuche,Mapudungun;ary Moroccan Arabic;arz Egyptian Arabic;asm Assamese,অসমীয়া;ast Asturian,asturianu;'
	'ava Avaric;aym Aymara;aze Azerbaijani,azərbaycan;bak Bashkir,башҡорт;bam Bambara,bamanakan;'
	'bel Belarusian,беларуская;ben Bangla,Bengali,বাংলা;bho Bhojpuri,भोजपुरी;bis Bislama;bod Tibetan,བོད་སྐད་;'
	'bos Bosnian,bosanski;bre Breton,brezhoneg;bul Bulgarian,български;cat Catalan,català,Valencian,Valencià;ceb Cebuano;'
	'ces Czech,čeština;cha Chamorro;che Chechen,нохчийн;chr Cherokee,ᏣᎳᎩ;chv Chuvash,чӑваш чӗлхи;'
	'ckb Central Kurdish,کوردیی ناوەندی,Sorani;cmn Mandarin,Mandarin Chinese;cnr Montenegrin,crnogorski;'
	'cor Cornish,kernewek;cos Corsican;cre Cree;crs Seselwa Creole French;csb Kashubian;cym Welsh,Cymraeg;'
	'dan Danish,dansk;deu German,Deutsch;div Divehi,Dhivehi,Maldivian;dzo Dzongkha,རྫོང་ཁ;'
	'ell Greek,Ελληνικά,Modern Greek;eng English;est Estonian,eesti;eus Basque,euskara,Euskera;ewe Ewe,eʋegbe;'
	'fao Faroese,føroyskt;fas Persian,فارسی,Farsi;fij Fijian;fil Filipino,Pilipino;fin Finnish,suomi;fra French,français;'
	'fry Western Frisian,Frysk,Frisian;ful Fula,Fulah,Pulaar;gla Scottish Gaelic,Gàidhlig;gle Irish,Gaeilge;'
	'glg Galician,galego;glv Manx,Gaelg;grn Guarani;gsw Swiss German,Schwiizertüütsch;guj Gujarati,ગુજરાતી;'
	'hat Haitian Creole,Haitian;hau Hausa;haw Hawaiian,ʻŌlelo Hawaiʻi;hbs Serbo-Croatian,srpskohrvatski;heb Hebrew,עברית;'
	'her Herero;hil Hiligaynon;hin Hindi,हिन्दी;hmn Hmong;hmo Hiri Motu;hrv Croatian,hrvatski;'
	'hsb Upper Sorbian,hornjoserbšćina;hun Hungarian,magyar;hye Armenian,հայերեն;ibo Igbo;iii Sichuan Yi,ꆈꌠꉙ;'
	'iku Inuktitut;ilo Iloko;ind Indonesian,Indonesia,Bahasa Indonesia;ipk Inupiaq;isl Icelandic,íslenska;'
	'ita Italian,italiano;jam Jamaican Creole English;jav Javanese,Jawa;jpn Japanese,日本語;kab Kabyle,Taqbaylit;'
	'kal Kalaallisut;kan Kannada,ಕನ್ನಡ;kas Kashmiri,کٲشُر;kat Georgian,ქართული;kau Kanuri;kaz Kazakh,қазақ тілі,қазақша;'
	'khm Khmer,ខ្មែរ;kik Kikuyu,Gikuyu;kin Kinyarwanda,Ikinyarwanda;kir Kyrgyz,Kirghiz,кыргызча;kok Konkani,कोंकणी;'
	'kom Komi;kon Kongo;kor Korean,한국어;kua Kuanyama;kur Kurdish,kurdî,Kurmanji;lao Lao,ລາວ;lat Latin;'
	'lav Latvian,latviešu;lim Limburgish,Limburgan;lin Lingala,lingála;lit Lithuanian,lietuvių;lmo Lombard;'
	'ltz Luxembourgish,Lëtzebuergesch;lub Luba-Katanga,Tshiluba;lug Ganda,Luganda;mah Marshallese;mai Maithili,मैथिली;'
	'mal Malayalam,മലയാളം;mar Marathi,मराठी;mfe Morisyen,kreol morisien;mkd Macedonian,македонски;mlg Malagasy;'
	'mlt Maltese,Malti;mon Mongolian,монгол;mri Māori,Maori;msa Malay,Melayu,Bahasa Melayu;mya Burmese,မြန်မာ,Myanmar;'
	'nan Min Nan Chinese;nap Neapolitan;nau Nauru;nav Navajo;nbl South Ndebele;nde North Ndebele,isiNdebele;ndo Ndonga;'
	'nds Low German,Plattdüütsch;nep Nepali,नेपाली;nld Dutch,Nederlands,Flemish,Vlaams;'
	'nno Norwegian Nynorsk,norsk nynorsk;nob Norwegian Bokmål,norsk bokmål;nor Norwegian,norsk;nya Nyanja,Chichewa;'
	'oci Occitan;oji Ojibwa;ori Odia,ଓଡ଼ିଆ;orm Oromo,Oromoo;oss Ossetic,Ossetian,ирон;pan Punjabi,Panjabi,ਪੰਜਾਬੀ;'
	'pap Papiamento;pli Pali;pol Polish,polski;por Portuguese,português;prs Dari,دری;pus Pashto,Pushto,پښتو;'
	'que Quechua,Runasimi;rcf Réunion Creole French;roh Romansh,rumantsch;ron Romanian,română,Moldovan;'
	'run Rundi,Ikirundi;rus Russian,русский;sag Sango,Sängö;san Sanskrit,संस्कृत भाषा;scn Sicilian,sicilianu;sco Scots;'
	'shi Tachelhit,ⵜⴰⵛⵍⵃⵉⵜ;sin Sinhala,සිංහල,Sinhalese;slk Slovak,slovenčina;slv Slovenian,slovenščina;'
	'sme Northern Sami,davvisámegiella;smo Samoan;sna Shona,chiShona;snd Sindhi,سنڌي;som Somali,Soomaali;'
	'sot Southern Sotho,Sesotho;spa Spanish,español,Castilian,Castellano;sqi Albanian,shqip;srd Sardinian,sardu;'
	'srn Sranan Tongo;srp Serbian,српски,Srpski;ssw Swati;sun Sundanese,Basa Sunda;swa Swahili,Kiswahili;'
	'swe Swedish,svenska;syr Syriac,ܣܘܪܝܝܐ;tah Tahitian;tam Tamil,தமிழ்;tat Tatar,татар;tel Telugu,తెలుగు;tet Tetum;'
	'tgk Tajik,тоҷикӣ;tgl Tagalog;tha Thai,ไทย;tir Tigrinya,ትግርኛ;ton Tongan,lea fakatonga;tsn Tswana,Setswana;tso Tsonga;'
	'tuk Turkmen,türkmen dili;tur Turkish,Türkçe;twi Twi;tzm Central Atlas Tamazight,Tamaziɣt n laṭlaṣ;'
	'uig Uyghur,Uighur,ئۇيغۇرچە;ukr Ukrainian,українська;urd Urdu,اردو;uzb Uzbek,o‘zbek;vec Venetian,veneto;ven Venda;'
	'vie Vietnamese,Tiếng Việt;war Waray;wln Walloon;wol Wolof;wuu Wu Chinese;xho Xhosa,IsiXhosa;yid Yiddish,ייִדיש;'
	'yor Yoruba,Èdè Yorùbá;yue Cantonese,Yue Chinese,粵語;zha Zhuang,Vahcuengh;zho Chinese,中文,汉语,漢語,普通话,华语;'
	'zul Zulu,isiZulu;zza Zaza;', ';') l (line)
cross join unnest(string_to_array(substr(l.line, 5), ',')) n (name)
where l.line <> ''
on conflict do nothing;
grant select on live.language_name to tv_livetv;

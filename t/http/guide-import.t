# Guides and playlists as they come: what each file's last line says, what is stored, and that a file which cannot be read
# changes nothing.
use strict;
use warnings;
use Test::More;
use TV;

my $guides = "$root/t/data/guides";
my $database = database();
sql($database, q{
	with made as (insert into content.item (kind, title, min_age) values ('channel', 'Én', 0), ('channel', 'Tø TV', 0) returning id, title)
	insert into live.channel (id, number, guide_id) select id, row_number() over (order by title), case title when 'Én' then 'one.example' end from made});

sub import_guide { my (@arguments) = @_; return command($database, 'livetv', 'import-guide', @arguments) }

# read, created, changed, unchanged, rejected of the last line
sub numbers
{
	my ($done) = @_;
	my @n = $done->{out} =~ m{: read (\d+), created (\d+), changed (\d+), unchanged (\d+), rejected (\d+)\n\z};
	return "@n";
}

# All that an import may write, ids included.
sub state_of
{
	return sql($database, q{
		select md5(coalesce(string_agg(t, ',' order by t), '')) from (
			select 'p' || p::text from live.programme p union all select 'i' || i::text from content.item i
			union all select 'c' || c::text from live.channel c union all select 's' || s::text from live.source s
			union all select 'd' || d::text from live.guide_state d union all select 'g' || g::text from live.channel_group g) x (t)});
}

sub programmes
{
	my ($columns, $where) = @_;
	return sql($database, "select string_agg($columns, ' ' order by p.channel_id, p.start_at) from live.programme p where " . ($where // 'true'));
}

my $clock = q{to_char(start_at, 'DD"T"HH24MI') || '-' || to_char(end_at, 'DD"T"HH24MI') || '=' || title};

sub begin_anew
{
	sql($database, q{delete from content.item where title not in ('Én', 'Tø TV'); delete from live.programme; delete from live.source});
	sql($database, q{update live.channel set guide_id = null where id = (select id from content.item where title = 'Tø TV')});
	my $done = import_guide("$guides/base.xml");
	is(numbers($done), '3 3 0 0 0', 'the guide before') or diag("$done->{out}$done->{err}");
}

begin_anew();
my $before = state_of();

subtest 'the same again' => sub {
	is(numbers(import_guide("$guides/base.xml")), '3 0 0 3 0', 'nothing to do');
	is(state_of(), $before, '  and nothing written');
	for my $file (qw(packed.xml.gz packed.xml.xz members.xml.gz bom.xml blank-before.xml)) {
		is(numbers(import_guide("$guides/$file")), '3 0 0 3 0', $file);
		is(state_of(), $before, '  nothing written');
	}
	local $TV::input = read_file("$guides/packed.xml.gz");
	is(numbers(import_guide('-')), '3 0 0 3 0', 'standard input, packed');
	sql($database, q{update live.programme set title = 'Edited' where title = 'B'});
	is(numbers(import_guide("$guides/base.xml")), '3 0 1 2 0', 'what an editor has changed is as in the file again');
	is(state_of(), $before, '  with the same id');
	sql($database, q{delete from live.programme where title = 'B'});
	is(numbers(import_guide("$guides/base.xml")), '3 1 0 2 0', 'what was deleted is there again');
	$before = state_of();
};

my @refused = (
	['empty.xml', qr/holds no XML/],
	['not-xml.xml', qr/not XML/],
	['html.xml', qr/not XMLTV: the first element is not tv/],
	['truncated.xml', qr/line \d+: the file ends too early/],
	['cut-in-tag.xml', qr/the file ends too early/],
	['bad-nesting.xml', qr/line 3: a tag is closed that is not open/],
	['laughs.xml', qr/entities make far more text/],
	['encoding.xml', qr/encoding that is not known/],
	['nested.xml', qr/nested too deep/],
	['cut.xml.gz', qr/gzip data end too early/],
	['broken.xml.gz', qr/broken gzip data/],
	['tail.xml.gz', qr/something follows the gzip data/],
	['cut.xml.xz', qr/xz data end too early/],
	['broken.xml.xz', qr/broken xz data/],
	['bomb.xml.gz', qr/more than 250 times/],
	['bomb.xml.xz', qr/more than 250 times/],
	['no-playlist.m3u', qr/does not begin with #EXTM3U/, 'import-m3u'],
	['stream.m3u', qr/the playlist of one stream/, 'import-m3u'],
	['empty.m3u', qr/the file is empty/, 'import-m3u'],
	['cut.m3u.gz', qr/gzip data end too early/, 'import-m3u'],
);
for (@refused) {
	my ($file, $why, $command) = @$_;
	my $done = command($database, 'livetv', $command // 'import-guide', "$guides/$file");
	is($done->{exit}, 1, "$file is refused");
	like($done->{err}, qr/\A[^\n]*\Q$file\E: [^\n]*$why[^\n]*; nothing of this file was imported\n\z/, '  in one line');
	is($done->{out}, '', '  which is all');
	is(state_of(), $before, '  and nothing has changed');
}

# File, options, numbers, programmes of the second of January and later, what else is in the report.
my @taken = (
	['times.xml', [], '5 5 0 0 0', '01T2300-01T2330=a 02T0100-02T0130=b 02T0200-02T0230=c 03T0000-03T0030=d 04T0330-04T0400=e'],
	['bad-times.xml', [], '8 1 0 0 7', '02T0000-02T0030=e', qr/line 3: start: "tomorrow" is no time\n.*line 8: there is no start\n.*line 10: there is no title\n/s],
	['stops.xml', [], '4 4 0 0 0', '02T0000-02T0100=no stop 02T0100-02T0200=no length 02T0200-02T0300=ends before 02T0300-03T0300=two days'],
	['overlaps.xml', [], '3 3 0 0 0', '02T0000-02T0100=first 02T0100-02T0130=second 02T0130-02T0145=third'],
	['twice.xml', [], '2 1 0 0 1', '02T0000-02T0030=second', qr/line 3: another programme of the channel starts then/],
	['entities.xml', [], '1 1 0 0 0', "02T0000-02T0100=Caf\xc3\xa9\xc2\xa0& \xc2\xabth\xc3\xa9\xc2\xbb \xc3\xa5"],
	['external.xml', [], '1 1 0 0 0', '02T0000-02T0100=Film'],
	['latin1-declared.xml', [], '1 1 0 0 0', "02T0000-02T0100=Bl\xc3\xa5b\xc3\xa6r"],
	['latin1-undeclared.xml', [], '1 1 0 0 0', "02T0000-02T0100=Bl\xc3\xa5b\xc3\xa6r"],
	['cp1251.xml', [], '1 1 0 0 0', "02T0000-02T0100=\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"],
	['utf16.xml', [], '1 1 0 0 0', "02T0000-02T0100=Bl\xc3\xa5b\xc3\xa6r"],
	['controls.xml', [], '1 1 0 0 0', '02T0000-02T0100=a b c d'],
	['languages.xml', [], '1 1 0 0 0', '02T0000-02T0100=News'],
	['languages.xml', ['--language', 'nor'], '1 1 0 0 0', '02T0000-02T0100=Nyheter'],
	['languages.xml', ['--language', 'swe'], '1 1 0 0 0', '02T0000-02T0100=Nyheter (sv)'],
	['past.xml', [], '2 1 0 1 0', '02T0000-02T0100=new', qr/1 are older than 7 days/],
	['unknown.xml', ['--only-known'], '3 1 0 0 2', '02T0000-02T0100=y', qr/unknown channels: 0 created hidden, 1 matched by name, 2 skipped/],
	['unknown.xml', [], '3 3 0 0 0', '02T0000-02T0100=y 02T0000-02T0100=x 02T0000-02T0100=z',
		qr/unknown channels: 2 created hidden, 1 matched by name, 0 skipped/],
);
for (@taken) {
	my ($file, $options, $numbers, $stored, $report) = @$_;
	begin_anew();
	my $done = import_guide(@$options, "$guides/$file");
	is($done->{exit}, 0, "@$options $file is taken");
	is(numbers($done), $numbers, '  its last line') or diag("$done->{out}$done->{err}");
	like($done->{out}, $report, '  its report') if $report;
	is(programmes($clock, "p.start_at >= '2099-01-01 23:00Z'"), $stored, '  what is stored');
	is(programmes('title', "p.start_at < '2099-01-01 23:00Z' and p.channel_id = (select id from live.channel where guide_id = 'one.example')"),
		'A B C', '  and what was there');
	my $state = state_of();
	my ($read, $rejected) = (split / /, $numbers)[0, 4];
	is(numbers(import_guide(@$options, "$guides/$file")), "$read 0 0 " . ($read - $rejected) . " $rejected", '  the same again');
	is(state_of(), $state, '  writes nothing');
}

subtest 'unknown channels' => sub {
	is(sql($database, q{select i.title || ' ' || c.hidden || ' ' || i.poster from live.channel c join content.item i using (id) where guide_id = 'x.example'}),
		'Ny kanal true https://x.example/l.png', 'with the name of the file, hidden');
	is(sql($database, q{select i.title from live.channel c join content.item i using (id) where guide_id = 'y.example'}), 'Tø TV', 'one known by name takes the id');
	is(sql($database, q{select count(*) from live.lineup l join live.channel c on c.id = l.channel_id where c.hidden}), 0, 'none that is hidden is in the line-up');
};

subtest 'channels alone' => sub {
	my $file = TV::scratch() . '/channels.xml';
	TV::write_file($file, '<tv><channel id="silent.example"><display-name>Nothing on</display-name></channel></tv>');
	for my $time ('made', 'known') {
		my $done = import_guide($file);
		is("$done->{exit} " . numbers($done), '0 0 0 0 0 0', "a guide that has only a channel, $time") or diag("$done->{out}$done->{err}");
	}
	sql($database, q{delete from content.item where title = 'Nothing on'});
};

subtest 'what is said of a programme' => sub {
	begin_anew();
	import_guide("$guides/details.xml");
	my $one = json_of(sql($database, q{select to_json(p) from live.programme p where start_at = '2099-01-02 00:00Z'}));
	delete @$one{qw(id channel_id start_at end_at version updated_at content_id)};
	my $utf8 = sub { my ($s) = @_; utf8::decode($s); return $s };
	is_deeply($one, {
		title => 'Spaced title', subtitle => 'Sub', synopsis => "Line one.\nLine two.", category => 'Film', season => 1, episode => 5,
		min_age => 16, categories => ['Film', 'Drama, "tragic"'], icon => 'https://x.example/yes.png', rating => 'FSK 16', year => 2001,
		is_new => JSON::PP::true, is_premiere => JSON::PP::true, is_repeat => JSON::PP::true,
		credits => [{ role => 'director', name => 'Bo Director' }, { role => 'actor', name => $utf8->('Åse "A" Actor'), character => 'Herself' },
			{ role => 'host', name => 'Per Host' }],
	}, 'everything') or diag(explain $one);
	is(programmes(q{title || '/' || coalesce(season::text, '') || '/' || coalesce(episode::text, '') || '/' || min_age || '/' || coalesce(icon, '')}, "start_at > '2099-01-02 00:30Z'"),
		'one/1/5/14/ two/2/7/18/ three//12/0/', 'episodes, ratings, pictures');
	for my $time ('read', 'known') {
		my $done = import_guide("$guides/details.xml");
		like($done->{out}, qr{^[^\n]*: 2 pictures are left out: their addresses are not https$}m, "pictures of others are said, $time") or diag($done->{out});
	}
	for my $time ('read', 'known') {
		my $done = import_guide("$guides/stops.xml");
		like($done->{out}, qr{^[^\n]*: 3 end otherwise than the file says: with the next one, or after a day at most$}m, "ends that are not the file's, $time")
			or diag($done->{out});
	}
	unlike(import_guide("$guides/base.xml")->{out}, qr/pictures|otherwise/, 'only then');
	my $done = import_guide("$guides/long.xml");
	like($done->{out}, qr/\d texts were too long and are cut/, 'texts that are too long');
	is(programmes(q{length(title) || ' ' || length(synopsis)}, "title like 'å%'"), '300 3999', '  are cut, and end in no space');
};

subtest 'every programme is accounted for' => sub {
	begin_anew();
	my $file = TV::scratch() . '/rejected.xml';
	TV::write_file($file, "<tv>\n" . join('', map { qq{<programme start="soon" channel="one.example"><title>P</title></programme>\n} } 1 .. 150)
		. qq{<programme start="20990101000000" stop="20990101010000" channel="one.example"><title>A</title></programme>\n</tv>});
	for my $time ('read', 'known') {
		my $done = import_guide($file);
		is(numbers($done), '151 0 0 1 150', "rejected, $time") or diag($done->{out});
		is(join(' ', $done->{out} =~ /: line (\d+): start: "soon" is no time$/mg), join(' ', 2 .. 101), '  a hundred are named');
		like($done->{out}, qr/: 50 more are rejected$/m, '  the others are counted');
	}
	TV::write_file($file, qq{<tv>\n<programme start="20990101000000" channel="who.example"><title>W</title></programme>\n</tv>});
	like(import_guide('--only-known', $file)->{out}, qr/: line 2: there is no channel who\.example$/m, 'of a channel that is not known');
	my $list = TV::scratch() . '/rejected.m3u';
	TV::write_file($list, "#EXTM3U\n" . join '', map { "#EXTINF:-1,$_\nrtmp://s.example/$_\n" } 1 .. 120);
	like(command($database, 'livetv', 'import-m3u', $list)->{out}, qr/: 20 more are rejected\n.*read 120, .*rejected 120$/ms, 'nor of a playlist');
};

subtest 'for whom a programme is' => sub {
	begin_anew();
	my @ratings = ([], ['x:0'], ['FSK:FSK 12'], ['MPAA:PG', 'advisory:Violence'], ['advisory:Violence'], ['MPAA:Not rated'], ['FSK:ab sechzehn', 'CSA:Tout public'],
		['Kijkwijzer:AL'], ['a:100'], [(map { "advisory:Scene $_" } 1 .. 9), 'MPAA:R'], ['advisory:Violence', 'advisory:Nudity']);
	my $hour = 0;
	my $guide = '<tv>' . join('', map {
		my $start = sprintf '20990103%02d0000', $hour++;
		qq{<programme start="$start" channel="one.example"><title>P</title>}
			. join('', map { my ($system, $value) = split /:/; qq{<rating system="$system"><value>$value</value></rating>} } @$_) . '</programme>'
	} @ratings) . '</tv>';
	my $file = TV::scratch() . '/ratings.xml';
	TV::write_file($file, $guide);
	for my $time ('read', 'known') {
		my $done = import_guide($file);
		like($done->{out}, qr{: 4 have ratings that are not known here \(Violence, Not rated, 100\): they are for 18 and older$}m, "what nobody knows is said, $time")
			or diag($done->{out});
		is(programmes('min_age::text'), '0 0 0 0 0 12 8 18 18 0 0 18 17 18', '  and is not for children');
	}
	is(programmes('rating', "start_at = '2099-01-03 06:00Z'"), 'Tout public', 'the one that is known is kept');
	local $ENV{TV_UNRATED_AGE} = 15;
	like(import_guide($file)->{out}, qr{they are for 15 and older\n.*changed 4,}s, 'as the setting says');
	is(programmes('min_age::text', "start_at >= '2099-01-03'"), '0 0 12 8 15 15 0 0 15 17 15', '  and of a guide that was read before');
};

subtest 'what is not in the file any more' => sub {
	begin_anew();
	my $id = sql($database, q{select id from live.programme where title = 'A'});
	my $done = import_guide("$guides/moved.xml");
	is(numbers($done), '2 1 0 1 0', 'one new, one as before') or diag($done->{out});
	like($done->{out}, qr/removed 2,/, 'two are removed');
	is(programmes($clock), '01T0000-01T0100=A 01T0130-01T0300=New', 'what is there');
	is(sql($database, q{select id from live.programme where title = 'A'}), $id, 'ids stay');
	sql($database, q{
		insert into live.programme (channel_id, start_at, end_at, title) select id, '2098-12-31 23:30Z', '2099-01-01 00:30Z', 'Before'
		from live.channel where guide_id = 'one.example'; delete from live.programme where title = 'A'});
	like(import_guide("$guides/base.xml")->{out}, qr/removed 1, shortened 1 /, 'one that runs into the file is shortened');
	is(programmes($clock), '31T2330-01T0000=Before 01T0000-01T0100=A 01T0100-01T0200=B 01T0200-01T0300=C', '  and stays');
};

subtest 'history' => sub {
	begin_anew();
	my $guide = sub {
		my (@hours) = @_; # start, stop, title
		my $time = sub { my @t = gmtime(time - time % 3600 + 3600 * $_[0]); return sprintf '%04d%02d%02d%02d0000', $t[5] + 1900, $t[4] + 1, @t[3, 2] };
		my $text = '<tv>';
		while (my ($start, $stop, $title) = splice @hours, 0, 3) {
			$text .= sprintf '<programme start="%s" stop="%s" channel="one.example"><title>%s</title></programme>', $time->($start), $time->($stop), $title;
		}
		return "$text</tv>";
	};
	local $TV::input = $guide->(-200, -199, 'Ancient', -24, -23, 'Yesterday', -23, -22, 'Later', -1, 2, 'Now', 2, 3, 'Soon');
	is(numbers(import_guide('-')), '5 4 0 1 0', 'within the history');
	$TV::input = $guide->(-24, -23, 'Renamed', -1, 2, 'Now', 5, 6, 'Other');
	is(numbers(import_guide('-')), '3 1 1 1 0', 'the next one');
	is(programmes('title', "title not in ('A', 'B', 'C')"), 'Renamed Later Now Other', 'what was shown stays, what is coming follows the file');
	my $known = state_of();
	$TV::input = $guide->(-24, -23, 'Third', -1, 2, 'Now', 5, 6, 'Other');
	is(numbers(import_guide('--dry-run', '-')), '3 0 1 2 0', 'a dry run says what would be done');
	is(state_of(), $known, '  and does nothing');
	my $all = sql($database, 'select count(*) from live.programme');
	sql($database, q{insert into live.programme (channel_id, start_at, end_at, title)
		select id, now() - interval '9 days', now() - interval '8 days 23 hours', 'Old' from live.channel where guide_id = 'one.example'});
	like(command($database, 'livetv', 'prune')->{out}, qr/^deleted 1$/m, 'prune deletes what is older');
	is(sql($database, 'select count(*) from live.programme'), $all, '  and no more');
};

subtest 'a channel that does not exist' => sub {
	ok(!eval { sql($database, q{insert into live.programme (channel_id, start_at, end_at, title)
		values (999999, '2099-01-01', '2099-01-01 01:00', 'X') returning 1}); 1 }, 'has no programmes');
	is(sql($database, 'select count(*) from live.programme where channel_id = 999999'), 0, '  not even after');
};

subtest 'no room' => sub {
	my $known = state_of();
	local $ENV{TMPDIR} = '/no/such/directory';
	local $TV::input = '<tv>' . join('', map { sprintf '<programme start="2099%02d%02d%02d0000" channel="one.example"><title>%s</title></programme>',
		$_ / 600 + 1, $_ / 24 % 25 + 1, $_ % 24, 'x' x 250 } 1 .. 5000) . '</tv>';
	my $done = import_guide('-');
	is($done->{exit}, 1, 'for temporary data');
	like($done->{err}, qr/\A[^\n]*no room for temporary data: No such file[^\n]*\n\z/, '  is said');
	is(state_of(), $known, '  and nothing has changed');
};

subtest 'playlists' => sub {
	begin_anew();
	my $playlist = "$guides/mess.m3u";
	my $done = command($database, 'livetv', 'import-m3u', $playlist);
	is(numbers($done), '8 2 1 0 5', 'the last line') or diag("$done->{out}$done->{err}");
	is(sql($database, q{select string_agg(i.title || '=' || s.url || '=' || c.catchup_hours || '=' || coalesce(c.group_slug, ''), ' ' order by s.url)
		from live.source s join live.channel c on c.id = s.channel_id join content.item i on i.id = c.id}),
		'Quoted "HD" name=http://s.example/2=0=film Én, the "best"=https://s.example/1.m3u8=168=news-weather Blåbær=https://s.example/3=0=',
		'names, addresses, catch-up, groups');
	like($done->{out}, qr/: 1 countries are left out \(Norway\): only codes of two letters are known$/m, 'what is not taken over is said') or diag($done->{out});
	is(sql($database, q{select array_to_string(c.languages, ',') from live.channel c join content.item i using (id) where i.title like 'Quoted%'}), 'nor',
		'a language by its name');
	my $known = state_of();
	is(numbers(command($database, 'livetv', 'import-m3u', $playlist)), '8 0 0 3 5', 'the same again');
	is(state_of(), $known, '  writes nothing');
	my $long = 'x' x 1900;
	local $TV::input = "#EXTM3U\n" . join '', map { "#EXTINF:-1 tvg-logo=\"https://x/$long\",Long $_\nhttps://x/$long\n" } 1 .. 18000;
	$done = command($database, 'livetv', 'import-m3u', '-');
	like($done->{err}, qr/-: more than 64 MiB of channels; nothing of this file was imported/, 'one that would take much memory is not read to its end');
	is(state_of(), $known, '  and nothing of it is there');
};

subtest 'what playlists say in words of their own' => sub {
	local $TV::input = <<'END';
#EXTM3U
#EXTINF:-1 tvg-id="w1" tvg-language="English;Español, deutsch" tvg-chno="12.1" tvg-country="GB" tvg-logo="http://x.example/l.png" group-title="News;Public",One
http://s.example/w1
#EXTINF:-1 tvg-id="w2" tvg-language="FRANCAIS / Klingon" tvg-chno="5-2" tvg-country="Norway",Two
http://s.example/w2
#EXTINF:-1 tvg-id="w3" tvg-language="en-US|NOB|Norsk bokmål|Dansk (Danmark)" tvg-chno="7" tvg-logo="https://x.example/l.png" group-title="News",Three
http://s.example/w3
#EXTINF:-1 tvg-id="w4" tvg-language="Klingon;Elvish" tvg-chno="1000000",Four
http://s.example/w4
#EXTINF:-1 tvg-id="w5" tvg-language="Sindarin" tvg-chno="8.1",Five
END
	for my $numbers ('5 4 0 0 1', '5 0 0 4 1') {
		my $done = command($database, 'livetv', 'import-m3u', '-');
		is(numbers($done), $numbers, 'taken') or diag("$done->{out}$done->{err}");
		like($done->{out}, qr/: 3 channel numbers are left out \(12\.1, 5-2, 1000000\): only whole ones up to 999999 can be kept$/m, '  numbers') or diag($done->{out});
		like($done->{out}, qr/: 1 countries are left out \(Norway\): only codes of two letters are known$/m, '  countries');
		like($done->{out}, qr/: 3 languages are left out \(Klingon, Elvish\): neither codes nor names that are known$/m, '  languages');
		like($done->{out}, qr/: 1 logos are left out: neither https nor a path on this server$/m, '  logos');
		like($done->{out}, qr/: 1 groups are left out: a channel has one, the first$/m, '  groups');
	}
	is(sql($database, q{select string_agg(guide_id || '=' || array_to_string(languages, ','), ' ' order by guide_id) from live.channel where guide_id ~ '^w'}),
		'w1=eng,spa,deu w2=fra w3=en,nob,dan w4=', 'languages by code and by name, each once');
	is(sql($database, q{select string_agg(number::text, ' ' order by guide_id) from live.channel where guide_id = 'w3'}), '7', 'a number that is whole');
	is(sql($database, q{select count(*) from live.channel where guide_id ~ '^w' and number > 0}), 4, '  and the next free ones');
};

subtest 'where playlists say the past is' => sub {
	my $say = sub {
		my ($head, %channels) = @_;
		local $TV::input = "#EXTM3U$head\n" . join '', map { "#EXTINF:-1 tvg-id=\"k.$_\" $channels{$_}[0],$_\n$channels{$_}[1]\n" } sort keys %channels;
		my $done = command($database, 'livetv', 'import-m3u', '-');
		is($done->{exit}, 0, 'taken') or diag("$done->{out}$done->{err}");
		return $done;
	};
	my $kept = sub {
		my ($channel) = @_;
		return sql($database, "select coalesce(s.catchup, '-') || ' ' || c.catchup_hours from live.channel c join live.source s on s.channel_id = c.id where c.guide_id = 'k.$channel'");
	};
	my $done = $say->('',
		default => ['catchup="default" catchup-source="https://s.example/{utc}-${end}.m3u8?a&amp;b=${now}" catchup-days="3"', 'https://s.example/1'],
		append => ['catchup="append" catchup-source="?from={Y}{m}{d}{H}" catchup-days="2"', 'https://s.example/2'],
		shift => ['catchup="shift"', 'https://s.example/3?t=1'],
		type => ['catchup-type="shift" catchup-days="1"', 'https://s.example/4'],
		fs => ['catchup="fs" catchup-days="60"', 'https://s.example/5/index.m3u8?token=1'],
		xc => ['catchup="xc" catchup-days="4"', 'http://s.example:8080/live/me/secret/6.m3u8'],
		old => ['timeshift="5"', 'https://s.example/7'],
		older => ['tvg-rec="6"', 'https://s.example/8'],
		oldest => ['tvg-rec="0"', 'https://s.example/9'],
		days => ['catchup-days="7"', 'https://s.example/10'],
		none => ['catchup="none"', 'https://s.example/11'],
		vod => ['catchup="vod" catchup-source="{catchup-id}" catchup-days="1"', 'https://s.example/12'],
		hour => ['catchup="shift" catchup-correction="-1.0" catchup-days="1"', 'https://s.example/me/secret/13'],
		words => ['catchup="append" catchup-source="?seek=${(b)yyyyMMddHHmmss}"', 'https://s.example/me/secret/14'],
		mode => ['catchup="replay"', 'https://s.example/me/secret/15'],
		long => ['catchup="append" catchup-source="?{utc}' . 'x' x 2000 . '"', 'https://s.example/16'],
		nested => ['catchup="append" catchup-source="?{{utc}}"', 'https://s.example/17'],
		scheme => ['catchup="default" catchup-source="file:///etc/{utc}"', 'https://s.example/18'],
	);
	my %expected = (default => 'https://s.example/{utc}-{utcend}.m3u8?a&b={lutc} 72', append => 'https://s.example/2?from={Y}{m}{d}{H} 48',
		shift => 'https://s.example/3?t=1&utc={utc}&lutc={lutc} 24', type => 'https://s.example/4?utc={utc}&lutc={lutc} 24',
		fs => 'https://s.example/5/archive-{utc}-{durationfs}.m3u8?token=1 744',
		xc => 'http://s.example:8080/timeshift/me/secret/{duration:60}/{Y}-{m}-{d}:{H}-{M}/6.m3u8 96',
		old => 'https://s.example/7?utc={utc}&lutc={lutc} 120', older => 'https://s.example/8?utc={utc}&lutc={lutc} 144', oldest => '- 0', days => '- 168',
		none => '- 0', vod => '- 24', hour => '- 24', words => '- 0', mode => '- 0', long => '- 0', nested => '- 0', scheme => '- 0');
	is($kept->($_), $expected{$_}, "  $_") for sort keys %expected;
	like($done->{out}, qr/: 7 ways to catch up are left out \(hour: a catchup-correction, long: [^()]*, scheme: [^()]*\): no address can be made of them$/m, '  what is not understood is said')
		or diag($done->{out});
	unlike($done->{out}, qr{secret|s\.example}, '  without its address');

	$say->(' catchup="append" catchup-source="&utc={utc}" catchup-days="2"', all => ['', 'https://s.example/20?a'], own => ['catchup="shift" catchup-days="1"', 'https://s.example/21']);
	is($kept->('all'), 'https://s.example/20?a&utc={utc} 48', 'what is said of all');
	is($kept->('own'), 'https://s.example/21?utc={utc}&lutc={lutc} 24', '  and of one');
	$say->('', all => ['tvg-chno="777"', 'https://s.example/22']);
	is($kept->('all'), 'https://s.example/20?a&utc={utc} 48', 'what a playlist does not say stays');
	sql($database, "update live.channel set catchup_hours = 72 where guide_id = 'k.shift'");
	$done = $say->('', shift => ['catchup="shift"', 'https://s.example/3?t=2']);
	is(numbers($done), '1 0 1 0 0', 'another token');
	is($kept->('shift'), 'https://s.example/3?t=2&utc={utc}&lutc={lutc} 72', '  is in both addresses, and the hours stay');
};

# A file that is known is not read: only an import that reads it writes when it was.
subtest 'a file that comes again' => sub {
	begin_anew();
	my $file = "$guides/base.xml";
	my $as_it_was = state_of();
	my $read = sub { sql($database, "select max(imported_at) from live.guide_file") };
	my $not_read = sub {
		my ($expected, $name) = @_;
		my $at = $read->();
		is(numbers(import_guide($file)), $expected, $name);
		is($read->(), $at, '  is not read');
	};
	my $is_read = sub {
		my ($expected, $name, @options) = @_;
		my $at = $read->();
		is(numbers(import_guide(@options, $file)), $expected, $name);
		isnt($read->(), $at, '  is read');
	};
	$not_read->('3 0 0 3 0', 'the same file');
	is(state_of(), $as_it_was, '  writes nothing');
	sql($database, "update live.programme set title = 'Mine' where id = (select min(id) from live.programme)");
	$is_read->('3 0 1 2 0', 'after an editor');
	sql($database, "delete from live.programme where id = (select min(id) from live.programme)");
	$is_read->('3 1 0 2 0', 'after a programme was deleted');
	sql($database, "delete from content.item where title = 'Én'");
	my $guide = import_guide($file);
	like($guide->{out}, qr/: 1 created hidden, 0 matched/, 'a channel that was deleted is there again');
	$not_read->('3 0 0 3 0', 'then it');
	sql($database, "update live.channel set guide_id = 'other.example' where guide_id = 'one.example'");
	like(import_guide($file)->{out}, qr/: 0 created hidden, 1 matched/, 'a channel with another id is looked for by name');
	like(import_guide($file)->{out}, qr/: 0 created hidden, 1 matched/, '  each time');
	sql($database, "update live.channel set guide_id = 'one.example' where guide_id = 'other.example'");
	$not_read->('3 0 0 3 0', 'with its own id again');
	$is_read->('3 0 0 3 0', 'with another language', '--language', 'nor');
	$is_read->('3 0 0 3 0', 'with another history', '--history', '3');
	$is_read->('3 0 0 3 0', 'with the history of before');
	sql($database, "update content.rating set min_age = min_age where code = (select min(code) from content.rating)");
	$not_read->('3 0 0 3 0', 'the same ratings');
	sql($database, "insert into content.rating (system, code, min_age) select min(system), 'TEST-AGE', 11 from content.rating");
	$is_read->('3 0 0 3 0', 'ratings that mean something else');
	sql($database, "update live.guide_file set history_from = history_from - 200, next_past = history_from - 100");
	$is_read->('3 0 0 3 0', 'when another programme is in the past');
	sql($database, "update live.guide_file set history_from = history_from + 100");
	$is_read->('3 0 0 3 0', 'when the clock was turned back');
	my $bad = "$guides/bad-times.xml";
	my @said = map { import_guide($bad)->{out} } 1 .. 2;
	like($said[1], qr/rejected [1-9]/, 'a file with something to reject');
	is($said[1] =~ s/created \d+, changed \d+, unchanged \d+/N/r =~ s/^.*unknown channels.*\n//mr,
		$said[0] =~ s/created \d+, changed \d+, unchanged \d+/N/r =~ s/^.*unknown channels.*\n//mr, '  which is said again');
	sql($database, "insert into live.guide_file select sha256(n::text::bytea), now() + n * interval '1 hour', 0, 0, '{}', '', 0, 0, 0, 0, '[]' from generate_series(1, 30) n");
	import_guide('--language', 'dan', $file);
	is(sql($database, 'select count(*) from live.guide_file'), 20, 'only the last few are kept');
};

subtest 'the command' => sub {
	isnt(import_guide(@$_)->{exit}, 0, "not: @$_") for [], ['--no-such', 'x'], ['--history', '0', "$guides/base.xml"],
		['--language', 'Norwegian', "$guides/base.xml"], ['/no/such/file.xml'], [$guides];
	like(import_guide('--help')->{out}, qr/removed R/, '--help says what is removed');
	my ($locked) = background(sub { open STDERR, '>', '/dev/null'; sql($database, "select pg_advisory_lock(hashtext('import')), pg_sleep(20)") });
	ok(wait_for { sql($database, "select 1 from pg_locks where locktype = 'advisory' and objid = (hashtext('import')::bigint & 4294967295)::oid and granted and database = (select oid from pg_database where datname = current_database())") },
		'another import');
	my $done = import_guide('--wait', '1', '--language', 'fin', "$guides/base.xml");
	is($done->{exit}, 1, '  is waited for only so long');
	like($done->{err}, qr/another import is running/, '  which is said');
	sql($database, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = (hashtext('import')::bigint & 4294967295)::oid and granted and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())");
	TV::end_process($locked);
};

done_testing();

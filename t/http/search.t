# Searching as clients see it, by PostgreSQL: the form of the answers, what is found and what never is, and that writes are
# found as soon as they are answered.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use POSIX qw(strftime);
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $viewer = account($tv)->{token};
my $kid = sign_token($viewer, age => 6);
my $editor = admin($tv)->{token};

sub search { my ($q, %more) = @_; return $tv->get('/search/global?q=' . uri($q) . ($more{query} // ''), $more{token} // $viewer) }
sub found { my $r = search(@_); return map { "$_->{kind} $_->{title}" } @{ $r->{json}{items} // [] } }
sub finds { my ($q, $what, %more) = @_; ok((grep { $_ eq $what } found($q, %more)), encode_utf8("$q finds $what")) or diag(explain([found($q, %more)])) }
sub finds_not { my ($q, $what, %more) = @_; ok(!(grep { $_ eq $what } found($q, %more)), encode_utf8("$q does not find $what")) }
sub make { my ($kind, %body) = @_; my $r = $tv->post("/admin/ondemand/$kind", { min_age => 0, %body }, $editor); die "$r->{what}: $r->{content}" unless $r->{status} == 201; return $r->{json} }

subtest 'the answer' => sub {
	my $r = search('seed');
	is($r->{status}, 200, 'found') or return diag($r->{content});
	is_deeply([sort keys %{ $r->{json} }], [qw(degraded engine groups items query took_ms)], 'its members');
	is_deeply([@{ $r->{json} }{qw(query engine)}, $r->{json}{degraded} ? 1 : 0], ['seed', 'postgres', 0], 'by PostgreSQL, which is no degradation');
	is_deeply([sort { $a cmp $b } found('seed')], ['channel Seed One', 'episode Seed Pilot', 'movie The Seed Movie', 'series A Seed Series'], 'all kinds');
	is_deeply($r->{json}{groups}, { channel => 1, episode => 1, movie => 1, series => 1 }, 'how many of each');
	my ($movie) = grep { $_->{kind} eq 'movie' } @{ $r->{json}{items} };
	is_deeply([@$movie{qw(id year poster subtitle)}, $movie->{highlight}], [0 + $id{movie}, 1999, undef, undef, [{ start => 4, length => 4 }]], 'an item');
	my ($episode) = grep { $_->{kind} eq 'episode' } @{ $r->{json}{items} };
	is($episode->{subtitle}, 'A Seed Series · S1 E1', 'an episode says where it is');
	is_deeply([sort { $a cmp $b } found('seed', query => '&types=movie,episode')], ['episode Seed Pilot', 'movie The Seed Movie'], 'of the kinds asked for');
	is(scalar(found('seed', query => '&limit=2')), 2, 'as many as asked for');
	my @scores = map { $_->{score} } @{ $r->{json}{items} };
	is_deeply(\@scores, [sort { $b <=> $a } @scores], 'best first');
	is_deeply(search('nothing like it whatsoever')->{json}{items}, [], 'nothing is an empty list');
	is($tv->get('/search/suggest?q=see', $viewer)->{json}{items}[0]{title} =~ /Seed/ ? 1 : 0, 1, 'suggestions');
};

subtest 'what is refused' => sub {
	is_problem($tv->get("/search/global$_", $viewer), 400, undef, $_) for '', '?q=', '?q=%20%20', '?q=a&types=film', '?q=a&types=movie,', '?q=a&types=movie,movie',
		'?q=a&limit=0', '?q=a&limit=101', '?q=' . 'x' x 201, '?q=a&page=2';
	is_problem($tv->get('/search/global?q=a'), 401, undef, 'without a token');
	is_problem($tv->get('/admin/search/status', $viewer), 403, undef, 'the state is for administrators');
	for my $q ('%', '_', "'", '"', '\\', "'; drop table x; --", '((', ':*', '&|!', '<->', '???', '…', "\x{1F600}", 'a' x 200, 'a ' x 90, "\x{301}", "\x{627}\x{64B}") {
		is(search($q)->{status}, 200, encode_utf8("harmless: $q"));
	}
};

subtest 'ways of writing' => sub {
	make('movies', title => $_) for 'Spider-Man: Far Away', 'Amélie Œuvre', 'Große Straße', 'Fast & Furious', 'Rocky II', "Ocean's Eleven", 'S.W.A.T. Team';
	make('movies', title => 'Spirited Away', original_title => '千と千尋の神隠し');
	make('movies', title => 'The Message', alternative_titles => ['الرِّسالة', 'Послание']);
	finds($_, 'movie Spider-Man: Far Away') for qw(s sp spi spider spiderman spidermn spi-man man far), 'spider man', 'spider man far', 'far spider', 'spidre man', 'sipder-man';
	finds($_, 'movie Amélie Œuvre') for qw(amelie AMÉLIE oeuvre œuvre ameli), 'amelie oeuvr';
	finds($_, 'movie Große Straße') for 'grosse strasse', 'große straße', 'strase';
	finds($_, 'movie Fast & Furious') for 'fast and furious', 'fast & furious', 'fast furious', 'furious', 'fast & f';
	finds($_, 'movie Rocky II') for 'rocky ii', 'rocky 2', 'rocky two', 'roky ii';
	finds($_, "movie Ocean's Eleven") for 'oceans eleven', "ocean's 11", "ocean\x{2019}s e";
	finds($_, 'movie S.W.A.T. Team') for 'swat', 's.w.a.t.';
	finds($_, 'movie Spirited Away') for '千', '千と千尋', '千尋', '神隠し', 'spirited';
	finds($_, 'movie The Message') for 'الرسالة', 'الرس', 'послание', 'посл', 'the message', 'message', 'mesage';
	finds('as', 'person Åse Ås');
	finds('seed movie', 'movie The Seed Movie');
	finds('a movie seed', 'movie The Seed Movie');
};

subtest 'better ones first' => sub {
	make('movies', title => $_) for 'Lantern', 'Lantern Days', 'Days of the Lantern', 'The Old Red Lantern of Days';
	is_deeply([found('lantern')], [map { "movie $_" } 'Lantern', 'Lantern Days', 'Days of the Lantern', 'The Old Red Lantern of Days'], 'the whole title, its beginning, a word of it');
	sql($database, "update content.item set popularity = 90000 where title = 'The Old Red Lantern of Days'");
	is((found('lant'))[0], 'movie Lantern', 'a beginning before the more popular');
	is((found('days lantern'))[0], 'movie Lantern Days', 'words in any order, the title that has no others before those that do');
	my @people = map { sql($database, "insert into content.person (name) values ('$_') returning id") } 'Zork Seldom', 'Zork Often';
	my @movie = map { make('movies', title => "Unrelated $_")->{id} } 1 .. 3;
	sql($database, "insert into content.credit (item_id, person_id, role, position) values ($movie[0], $people[0], 'actor', 1), ($movie[0], $people[1], 'actor', 2), ($movie[1], $people[1], 'actor', 1)");
	is_deeply([found('zork')], ['person Zork Often', 'person Zork Seldom'], 'people by their credits');
};

subtest 'what a child never finds' => sub {
	finds($_->[0], $_->[1]) for ['adult', 'movie Adult Movie'], ['adult series', 'series Adult Series'], ['adult pilot', 'episode Adult Pilot'], ['adult one', 'channel Adult One'];
	for my $path ('/search/global', '/search/suggest') {
		for my $q ('adult', 'a', 'ad', 'adlut', 'adult movie', 'adult pilot', 'movie adult', 'one', 'hour', 'h') {
			my @items = @{ $tv->get("$path?q=" . uri($q) . ($path =~ /global/ ? '&limit=100' : ''), $kid)->{json}{items} };
			is_deeply([grep { $_->{title} =~ /Adult/ || ($_->{showing} && $_->{showing}{channel}{name} =~ /Adult/) } @items], [], "$path $q");
		}
	}
	finds('seed movie', 'movie The Seed Movie', token => $kid);
	my $guest = sql($database, "insert into content.person (name) values ('Grown Quux') returning id");
	sql($database, "insert into content.credit (item_id, person_id, role, position) values ($id{adult_movie}, $guest, 'actor', 7)");
	finds('quux', 'person Grown Quux');
	finds_not('quux', 'person Grown Quux', token => $kid);
	sql($database, "update content.item set min_age = 0 where id = $id{adult_movie}");
	finds('quux', 'person Grown Quux', token => $kid);
	finds('adult movie', 'movie Adult Movie', token => $kid);
	sql($database, "update content.item set min_age = 18 where id = $id{adult_movie}");
	finds_not($_, 'movie Adult Movie', token => $kid) for 'adult movie', 'adlut movie';
	finds_not('quux', 'person Grown Quux', token => $kid);
	sql($database, "update content.item set min_age = 18 where id = $id{season}");
	finds_not('seed pilot', 'episode Seed Pilot', token => $kid);
	sql($database, "update content.item set min_age = 0 where id = $id{season}");
	finds('seed pilot', 'episode Seed Pilot', token => $kid);
	sql($database, "update content.item set min_age = 18 where id = $id{series}");
	finds_not('seed pilot', 'episode Seed Pilot', token => $kid);
	sql($database, "update content.item set min_age = 0 where id = $id{series}");
};

subtest 'what is not available' => sub {
	my $movie = make('movies', title => 'Windowed Wonder')->{id};
	for my $change ("state = 'draft'", "available_from = now() + interval '1 hour'", "available_until = now() - interval '1 second'") {
		finds('windowed', 'movie Windowed Wonder');
		sql($database, "update content.item set $change where id = $movie");
		finds_not($_, 'movie Windowed Wonder') for 'windowed', 'w', 'wi', 'windwed', 'wonder windowed';
		sql($database, "update content.item set state = 'published', available_from = null, available_until = null where id = $movie");
	}
	sql($database, "update content.item set available_until = now() + interval '1 second' where id = $movie");
	finds('windowed', 'movie Windowed Wonder');
	ok((wait_for { !grep { /Windowed/ } found('windowed') } 5), 'gone when its window closes, without a write');
	for my $what (qw(series season)) {
		sql($database, "update content.item set state = 'draft' where id = $id{$what}");
		finds_not('seed pilot', 'episode Seed Pilot');
		sql($database, "update content.item set state = 'published' where id = $id{$what}");
		finds('seed pilot', 'episode Seed Pilot');
	}
	sql($database, "update live.channel set hidden = true where id = $id{channel}");
	finds_not($_, 'channel Seed One') for 'seed one', 's';
	is_deeply([grep { $_->{showing}{channel}{name} eq 'Seed One' } @{ search('hour', query => '&types=programme&limit=100')->{json}{items} }], [], 'nor its programmes');
	sql($database, "update live.channel set hidden = false, alt_names = '{Первый,Uno}' where id = $id{channel}");
	finds($_, 'channel Seed One') for 'seed one', 'первый', 'uno';
};

subtest 'programmes' => sub {
	my ($now) = grep { $_->{title} eq 'Hour 0' } @{ search('hour 0')->{json}{items} };
	is($now->{kind}, 'programme', 'what runs') or return;
	is($tv->get("/livetv/programmes/$now->{id}", $viewer)->{status}, 200, 'by its own id');
	is($now->{showing}{channel}{id}, 0 + $id{channel}, 'with its channel') if $now->{showing}{channel}{name} eq 'Seed One';
	finds('hour 20', 'programme Hour 20');
	sql($database, "update live.channel set catchup_hours = 24 where id = $id{channel}; insert into live.source (channel_id, url) values ($id{channel}, 'https://x/')");
	is_deeply([grep { $_->{title} eq 'Hour -2' } @{ search('hour -2')->{json}{items} }], [], 'what is over only where it is kept');
	sql($database, "update live.source set catchup = 'https://x/{utc}' where channel_id = $id{channel}");
	finds('hour -2', 'programme Hour -2');
	sql($database, "delete from live.source; insert into live.schedule (channel_id, content_ids) values ($id{channel}, '{$id{movie}}')");
	finds('hour -2', 'programme Hour -2');
	sql($database, "update live.channel set catchup_hours = 0");
	is_deeply([grep { $_->{title} eq 'Hour -2' } @{ search('hour -2')->{json}{items} }], [], 'what is over only where one can catch up');
	my $r = $tv->post('/admin/livetv/epg', { channel_id => 0 + $id{channel}, title => 'Quixotic News', start => '2037-01-01T00:00:00Z', end => '2037-01-01T01:00:00Z' }, $editor);
	is($r->{status}, 201, 'a new one');
	finds('quixotic', 'programme Quixotic News');
	$tv->request('DELETE', "/admin/livetv/epg/$r->{json}{id}", token => $editor);
	finds_not('quixotic', 'programme Quixotic News');
};

subtest 'after a write' => sub {
	my $movie = make('movies', title => 'Brandnew Thing');
	finds('brandnew', 'movie Brandnew Thing');
	my $path = "/admin/ondemand/movies/$movie->{id}";
	is($tv->put($path, { title => 'Renamed Thing', min_age => 0 }, $editor)->{status}, 200, 'renamed');
	finds('renamed', 'movie Renamed Thing');
	is_deeply([found('brandnew')], [], 'no longer by its old name');
	is($tv->request('DELETE', $path, token => $editor)->{status}, 204, 'deleted');
	is_deeply([found('renamed')], [], 'no longer at all');
	is(sql($database, 'select count(*) from search.queue'), 0, 'without Elasticsearch nothing is queued');
	sql($database, 'delete from content.item where id = ' . $id{series});
	is_deeply([grep { /Seed (Series|Pilot)/ } found('seed')], [], 'a series with its episodes');
};

subtest 'bulk writes' => sub {
	my $dir = TV::scratch();
	my $day = strftime('%Y%m%d', gmtime time + 86400);
	my $guide = sub { my ($word) = @_; return join '', '<tv>', (map { my ($from, $to) = map { sprintf '%s%02d%02d00 +0000', $day, $_ / 60, $_ % 60 } 2 * $_, 2 * $_ + 2;
		qq(<programme channel="seed.one" start="$from" stop="$to"><title>$word Broadcast $_</title></programme>) } 0 .. 699), '</tv>' };
	sql($database, "update live.channel set guide_id = 'seed.one' where id = $id{channel}");
	write_file("$dir/guide.xml", $guide->('Bulk'));
	write_file("$dir/titles.csv", join "\n", 'type,title', map { "Movie,Bulk Feature $_" } 1 .. 700);
	chmod 0644, "$dir/guide.xml", "$dir/titles.csv";
	is(command($database, 'livetv', 'import-guide', "$dir/guide.xml")->{exit}, 0, 'a guide');
	ok((wait_for { grep { $_ eq 'programme Bulk Broadcast 699' } found('bulk broadcast 699') } 10), 'is found as soon as its titles are made');
	is(command($database, 'ondemand', 'import', "$dir/titles.csv")->{exit}, 0, 'a catalogue');
	ok((wait_for { grep { $_ eq 'movie Bulk Feature 700' } found('bulk feature 700') } 10), 'is found without cron');
	$tv->stop;
	write_file("$dir/guide.xml", $guide->('Nobody Listens'));
	is(command($database, 'livetv', 'import-guide', "$dir/guide.xml")->{exit}, 0, 'a guide while nobody listens');
	cmp_ok(sql($database, 'select count(*) from search.stale'), '>', 0, 'is noted');
	is(command($database, 'search', 'refresh')->{exit}, 0, 'cron');
	is(sql($database, "select count(*) from search.document where title like 'Nobody Listens%' and gone_at is null"), 700, 'makes its titles');
	is(sql($database, 'select count(*) from search.stale'), 0, 'and nothing is left');
	sql($database, "insert into content.item (kind, title, min_age) select 'movie', 'Before Start ' || n, 0 from generate_series(1, 300) n");
	$tv = server($database);
	ok((wait_for { grep { $_ eq 'movie Before Start 300' } found('before start 300') } 10), 'what was noted before the start is worked off at once');
};

subtest 'for administrators' => sub {
	my $r = $tv->get('/admin/search/status', $editor);
	is($r->{status}, 200, 'state') or return diag($r->{content});
	is_deeply([@{ $r->{json} }{qw(engine elasticsearch)}, $r->{json}{database}{queue}{length}], ['postgres', undef, 0], 'engine and queue');
	is($r->{json}{database}{documents}{movie}, sql($database, "select count(*) from content.item where kind = 'movie' and state = 'published'"), 'documents');
	sql($database, "set session_replication_role = replica; update content.item set title = 'Silent Change' where id = $id{movie}");
	finds_not('silent change', 'movie Silent Change');
	$r = $tv->post('/admin/search/reindex', undef, $editor, headers => {});
	is($r->{status}, 202, 'asked to make all of it again') or diag($r->{content});
	like($r->{json}{reindex_at}, qr/^\d{4}-/, 'since when');
	my $done = command($database, 'search', 'reindex', '--asked');
	is($done->{exit}, 0, 'done by cron') or diag($done->{err});
	finds('silent change', 'movie Silent Change');
	is($tv->get('/admin/search/status', $editor)->{json}{database}{reindex_at}, undef, 'and no longer asked for');
	is(command($database, 'search', 'prune')->{exit}, 0, 'pruned');
	my $rebuild = sub { $tv->get('/admin/search/status', $editor)->{json}{database}{rebuild}{share} };
	is($rebuild->(), undef, 'no index is being filled');
	sql($database, "update search.sync set index_name = 'some', filled_kind = null, filled_id = 0");
	cmp_ok($rebuild->(), '==', 0, 'one that has just begun');
	sql($database, "update search.sync set filled_kind = 'movie', filled_id = (select max(ref_id) from search.document where kind = 'movie')");
	my $share = $rebuild->();
	ok($share > 0 && $share < 1, 'how far it has come');
	sql($database, "update search.sync set index_name = null");
};

done_testing();

# Kept answers: the same bytes from lighttpd itself and from the programs, for everybody of that age and nobody else, never
# from before a change.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my $database = database();
my %id = seed($database);
my $edge = server($database, cache => 1);
my $program = server($database, cache => 1, env => { TV_EDGE => 'off' });
my $plain = server($database);
my $token = account($edge)->{token};
my $admin = admin($edge);
my $ids = 0;

# Everything of an answer but what differs from one request to the next.
sub essence
{
	my ($r) = @_;
	my %headers = %{ $r->{headers} };
	delete @headers{qw(date x-request-id connection keep-alive content-length transfer-encoding)};
	my $body = $r->{content} =~ s/"request_id":"[^"]*"/"request_id":""/r;
	return { status => $r->{status}, headers => \%headers, body => $body };
}

# Asks under an id of its own; whether the program saw the request.
sub ask
{
	my ($tv, $method, $path, %option) = @_;
	my $name = sprintf 'edge-test-%d', ++$ids;
	my $r = $tv->request($method, $path, %option, headers => { 'X-Request-Id' => $name, %{ $option{headers} || {} } });
	is($r->{headers}{'x-request-id'}, $name, "$path: the request's id is in the answer") if $r->{status} == 200;
	return ($r, scalar(read_file("$tv->{dir}/log/stderr.log") =~ /"$name"/));
}

my @targets = (
	'/ondemand/movies', '/ondemand/movies?limit=1', '/ondemand/movies?genre=drama&sort=title', "/ondemand/movies/$id{movie}",
	'/ondemand/series', "/ondemand/series/$id{series}", "/ondemand/series/$id{series}/episodes?season=1",
	"/ondemand/episodes/$id{episode}", '/ondemand/genres', "/ondemand/people/$id{person}", '/ondemand/home',
	'/livetv/channels', "/livetv/channels/$id{channel}/epg?date=2026-03-29&tz=Europe/Oslo",
	'/subscriptions/plans',
	"/livetv/epg?from=2026-03-29T10:00:00Z&to=2026-03-29T14:30:00Z&channels=$id{channel},$id{adult_channel}",
);

subtest 'the same answer either way' => sub {
	for my $path (@targets) {
		for my $encoding (undef, 'gzip, br') {
			my %option = (token => $token, headers => { $encoding ? ('Accept-Encoding' => $encoding) : () });
			my $made = essence((ask($plain, 'GET', $path, %option))[0]);
			is($made->{status}, 200, $path);
			for my $tv ($edge, $program) {
				my ($first) = ask($tv, 'GET', $path, %option);
				my ($again, $seen) = ask($tv, 'GET', $path, %option);
				is_deeply(essence($_), $made, "$path: as made without a store") for $first, $again;
				is($seen, $tv == $edge ? '' : 1, $tv == $edge ? 'the second time from lighttpd' : 'from the program');
				my ($head) = ask($tv, 'HEAD', $path, %option);
				is_deeply([@$head{qw(status content)}, $head->{headers}{etag}], [200, '', $first->{headers}{etag}], 'HEAD');
				my ($same) = ask($tv, 'GET', $path, token => $token,
					headers => { %{ $option{headers} }, 'If-None-Match' => qq(W/"no", $first->{headers}{etag}) });
				is_deeply([@$same{qw(status content)}, $same->{headers}{etag}], [304, '', $first->{headers}{etag}], 'not modified');
			}
		}
	}
};

subtest 'whoever is not plainly welcome is the program\'s' => sub {
	my $path = '/ondemand/movies?limit=1';
	my ($header, $claims, $signature) = split /\./, $token;
	my $now = time;
	my %ask = (
		'no token' => {}, 'other scheme' => { Authorization => "Basic $token" }, 'lower case' => { Authorization => "bearer $token" },
		'empty' => { Authorization => 'Bearer ' }, 'two blanks' => { Authorization => "Bearer  $token" },
		'trailing text' => { Authorization => "Bearer $token x" }, 'two tokens' => { Authorization => "Bearer $token, Bearer $token" },
		'expired' => { Authorization => 'Bearer ' . sign_token($token, exp => $now - 1, iat => $now - 800, nbf => $now - 800) },
		'lives too long' => { Authorization => 'Bearer ' . sign_token($token, exp => $now + 9000) },
		'from the future' => { Authorization => 'Bearer ' . sign_token($token, iat => $now + 300, nbf => $now + 300, exp => $now + 900) },
		'other audience' => { Authorization => 'Bearer ' . sign_token($token, aud => 'else') },
		'other issuer' => { Authorization => 'Bearer ' . sign_token($token, iss => 'else') },
		'age as text' => { Authorization => 'Bearer ' . sign_token($token, age => '18x') },
		'age out of range' => { Authorization => 'Bearer ' . sign_token($token, age => 99) },
		'sub zero' => { Authorization => 'Bearer ' . sign_token($token, sub => '0') },
		'no signature' => { Authorization => "Bearer $header.$claims." }, 'two parts' => { Authorization => "Bearer $header.$claims" },
		'four parts' => { Authorization => "Bearer $token.$signature" },
		'alg none' => { Authorization => 'Bearer ' . encode_base64url('{"alg":"none","typ":"at+jwt"}') . ".$claims." },
		'padding' => { Authorization => "Bearer $token=" }, 'long' => { Authorization => 'Bearer ' . 'a' x 5000 },
		'weighted encodings' => { Authorization => "Bearer $token", 'Accept-Encoding' => 'gzip;q=0, identity' },
		'any encoding' => { Authorization => "Bearer $token", 'Accept-Encoding' => '*' },
	);
	for my $i (map { $_ * 3 } 0 .. 42 / 3) { # characters of the signature changed
		my $other = $signature;
		substr($other, $i, 1) = substr($other, $i, 1) eq 'A' ? 'B' : 'A';
		$ask{"signature $i"} = { Authorization => "Bearer $header.$claims.$other" };
	}
	my $last = substr $signature, -1;
	(my $stray = $signature) =~ s/.\z/chr(ord($last) + 1)/e;
	$ask{'stray bits'} = { Authorization => "Bearer $header.$claims.$stray" };
	my @paths = map { [$_, { Authorization => "Bearer $token" }] }
		'/ondemand//movies?limit=1', '/ondemand/movies/?limit=1', '/ondemand/./movies', '/ondemand/%6dovies?limit=1', '/ondemand/movies?limit=01',
		'/ondemand/movies?limit=1&limit=1', '/ondemand/movies?limit=1&', '/ondemand/movies?&limit=1', '/ondemand/movies?limit=1#x',
		'/ondemand/movies?limit=%31', '/ondemand/movies?limit=', '/ondemand/movies?limit', '/ondemand/movies?x=1', '/ondemand/movies?',
		'/ondemand/movies?sort=title&genre=drama', '/ondemand/movies?limit=1%00', '/ondemand/movies?genre=DRAMA', '/ondemand/moviesx?limit=1',
		'/ondemand/movies/0', "/ondemand/movies/0$id{movie}", "/ondemand/movies/$id{movie}%20", "/ondemand/movies/$id{movie}/..", '/ondemand/',
		'/livetv/epg?from=2026-03-29T10:10:00Z&to=2026-03-29T12:00:00Z', '/livetv/epg?from=2026-03-29T12:00:00%2B02:00&to=2026-03-29T12:00:00Z',
		"/livetv/epg?channels=$id{adult_channel},$id{channel}", "/livetv/epg?channels=$id{channel},$id{channel}", '/livetv/now',
		'/admin/ondemand/movies?limit=1', '/livetv/playlist.m3u?key=x';
	ask($edge, 'GET', $path, token => $token), ask($program, 'GET', $path, token => $token) for 1 .. 2;
	my $cases = 0;
	for my $case ((map { [$path, $ask{$_}, $_] } sort keys %ask), @paths) {
		my ($target, $headers, $name) = @$case;
		my @answers = map { essence((ask($_, 'GET', $target, headers => $headers))[0]) } $edge, $edge, $program;
		is_deeply($answers[$_], $answers[2], ($name // $target) . ": $answers[2]{status}") for 0, 1;
		$cases++;
	}
	for my $method (qw(POST PUT DELETE PATCH OPTIONS)) {
		my @answers = map { essence((ask($_, $method, $path, token => $token))[0]) } $edge, $program;
		is_deeply(@answers, "$method: $answers[0]{status}");
		$cases++;
	}
	cmp_ok($cases, '>=', 70, "$cases cases");
};

# RFC 9110, 12.5.3: gzip goes to those who name it and do not refuse it, whoever of lighttpd and the programs packs.
subtest 'encodings' => sub {
	sql($database, "update content.item set synopsis = repeat('packed ', 200)");
	$program->put("/users/watchlist/$id{$_}", '', $token, type => undef) for qw(movie series);
	my %packed = (
		'gzip' => 1, 'gzip, deflate, br' => 1, 'br,gzip' => 1, 'GZIP' => 1, 'x-gzip' => 1, 'deflate, X-Gzip;q=0.1' => 1, 'gzip;q=0.001' => 1,
		'gzip; q=1.000' => 1, "br,\tgzip" => 1, 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3' => 1, 'gzip;q=0.5, *;q=0' => 1,
		'' => 0, 'identity' => 0, 'br' => 0, 'gzipx' => 0, 'xgzip, gzip-x' => 0, '*' => 0, '*;q=0' => 0, 'gzip;q=0' => 0, 'gzip ; Q=0.000' => 0,
		'identity;q=1, gzip;q=0' => 0, 'gzip;q=0, gzip' => 0, 'x-gzip;q=0, *' => 0, 'identity, gzip;q=0.9' => 0,
		'gzip;q=' => 0, 'gzip;q=2' => 0, 'gzip;q=-1' => 0, 'gzip;q=abc' => 0, 'gzip;level=9' => 0, 'gzip;q=0x1' => 0, ';q=1' => 0, 'gzip br' => 0,
	);
	for my $name (sort keys %packed) {
		my %option = (token => $token, headers => { 'Accept-Encoding' => $name });
		my ($made, @kept) = map { (ask($_, 'GET', "/ondemand/movies/$id{movie}", %option))[0] } $plain, $edge, $program, $program;
		is($made->{headers}{'content-encoding'}, $packed{$name} ? 'gzip' : undef, "'$name'");
		is_deeply(essence($_), essence($made), '  the same from all') for @kept;
		my ($again, $seen) = ask($edge, 'GET', "/ondemand/movies/$id{movie}", %option);
		is_deeply([essence($again), $seen], [essence($made), ''], '  and when it is kept, without a program');
		for my $path ('/users/watchlist', '/openapi.json', '/') {
			my $r = $edge->request('GET', $path, %option);
			is($r->{headers}{'content-encoding'}, $packed{$name} ? 'gzip' : undef, "  $path");
		}
	}
};

subtest 'an age sees its own' => sub {
	my %of = map { $_ => sign_token($token, age => $_) } 0, 7, 12, 18;
	for my $path (@targets) {
		for my $age (sort { $a <=> $b } keys %of) {
			my $made = $plain->get($path, $of{$age});
			my ($kept) = map { (ask($edge, 'GET', $path, token => $of{$age}))[0] } 1, 2;
			is_deeply([@$kept{qw(status content)}], [@$made{qw(status content)}], "age $age: $path");
		}
	}
};

sub title_now { return $_[0]->get("/ondemand/movies/$id{movie}", $token)->{json}{title} }

subtest 'a change ends what was kept' => sub {
	title_now($_) for $edge, $edge, $program, $program;
	my $movie = $edge->get("/admin/ondemand/movies/$id{movie}", $admin->{token});
	for my $n (1 .. 30) {
		my $put = $edge->put("/admin/ondemand/movies/$id{movie}", { title => "Take $n", min_age => 0, genres => ["drama"] }, $admin->{token});
		is($put->{status}, 200, "write $n") or diag($put->{content});
		is(title_now($edge), "Take $n", 'is read at once');
	}
	ok(wait_for(sub { title_now($program) eq 'Take 30' }, 2), 'by another node, too');
	sql($database, "update content.item set title = 'By hand' where id = $id{movie}");
	my $start = time;
	ok(wait_for(sub { title_now($edge) eq 'By hand' }, 5), 'what psql wrote');
	cmp_ok(time - $start, '<', 1, 'is seen within a second');
	sql($database, "update live.channel set number = number + 1 where id = $id{channel}");
	my $before = $edge->get('/livetv/channels', $token)->{content};
	ok(wait_for(sub { $edge->get('/livetv/channels', $token)->{content} eq $plain->get('/livetv/channels', $token)->{content} }, 2), 'channels too');
};

# While the listener asks for the next opening or closing, the next notice comes: it must not wait for the one after it.
subtest 'changes close to each other' => sub {
	my ($reader) = TV::background(sub { title_now($edge) while 1 });
	my $late = 0;
	for my $n (1 .. 30) {
		sql($database, "do \$\$ begin for i in 1..6 loop
			update content.item set title = 'Burst $n ' || i where id = $id{movie}; commit; perform pg_sleep(random() * 0.003); end loop; end \$\$");
		$late += !wait_for(sub { title_now($edge) eq "Burst $n 6" }, 1);
	}
	TV::end_process($reader);
	is($late, 0, 'the last one of each burst is seen within a second');
};

subtest 'plans, and what they include' => sub {
	my $plans = sub { $edge->get('/subscriptions/plans', $token)->{json}{items} };
	my $made = $edge->post('/admin/rights/plans', { code => 'kept', name => 'Kept', price => { amount => 500, currency => 'EUR' } }, $admin->{token});
	is($made->{status}, 201, 'a plan is made') or diag($made->{content});
	$plans->() for 1 .. 3;
	my ($kept) = grep { $_->{code} eq 'kept' } @{ $plans->() };
	is_deeply([@$kept{qw(name includes)}, $kept->{price}{amount}], ['Kept', [], 500], 'it is there at once');
	$edge->post('/admin/rights/rules', { type => 'subscription', content_id => 0 + $id{movie}, plan_id => $made->{json}{id} }, $admin->{token});
	my $includes = sub { (map { @{ $_->{includes} } } grep { $_->{code} eq 'kept' } @{ $plans->() })[0] // '' };
	is($includes->(), "content:$id{movie}", 'a rule, too');
	sql($database, "update rights.plan set name = 'By hand' where code = 'kept'");
	ok(wait_for(sub { grep { $_->{name} eq 'By hand' } @{ $plans->() } }, 1), 'what psql wrote');
	$plans->();
	my $child = sign_token($token, age => 0);
	$edge->get('/subscriptions/plans', $child) for 1 .. 2;
	my $movie = $edge->put("/admin/ondemand/movies/$id{movie}", { title => 'Older', min_age => 16 }, $admin->{token});
	is_deeply([map { @{ $_->{includes} } } @{ $edge->get('/subscriptions/plans', $child)->{json}{items} }], [], 'and a title that grew older');
	$edge->put("/admin/ondemand/movies/$id{movie}", { title => 'As before', min_age => 0, genres => ['drama'] }, $admin->{token});
};

subtest 'what everybody sees is kept' => sub {
	is_deeply([sort map { "$_->{path} $_->{cache}" } grep { $_->{cache} } routes()], [map { $_ } sort
		map({ "/ondemand/$_ content" } qw(movies movies/{id} movies/{id}/related series series/{id} series/{id}/related series/{id}/episodes episodes/{id} genres people/{id} home)),
		map({ "/livetv/$_ live" } qw(channels epg channels/{id}/epg programmes/{id})), '/subscriptions/plans plans']);
};

subtest 'what opens or closes by the clock' => sub {
	my $path = '/ondemand/movies?sort=title';
	my $has = sub { scalar grep { $_->{title} eq 'Opening' } @{ $edge->get($path, $token)->{json}{items} } };
	sql($database, "with i as (insert into content.item (kind, title, min_age, available_from, available_until)
		values ('movie', 'Opening', 0, now() + interval '1.5 s', now() + interval '3 s') returning id) insert into content.movie (id) select id from i");
	my $start = time;
	ok(wait_for(sub { $has->() }, 4), 'opens');
	cmp_ok(time - $start, '<', 2.2, 'on time');
	ok(wait_for(sub { !$has->() }, 4), 'closes');
	cmp_ok(time - $start, '<', 3.7, 'on time');
};

subtest 'its process' => sub {
	my ($master, @below) = $edge->program_pids('system');
	my $is_new = sub { my (undef, @now) = $edge->program_pids('system'); my %old = map { $_ => 1 } @below; @now == @below && !grep { $old{$_} } @now };
	kill 'KILL', @below;
	ok(wait_for(sub { $is_new->() }, 5), 'killed, it comes back');
	title_now($edge);
	sql($database, "update content.item set title = 'After the kill' where id = $id{movie}");
	ok(wait_for(sub { title_now($edge) eq 'After the kill' }, 5), 'and listens again');
};

subtest 'a large answer is sent from its file' => sub {
	sql($database, "with i as (insert into content.item (kind, title, min_age) select 'movie', 'Large ' || n, 0 from generate_series(1, 99) n returning id)
		insert into content.movie (id) select id from i");
	my $path = '/ondemand/movies?limit=100';
	my $made = essence((ask($plain, 'GET', $path, token => $token))[0]);
	cmp_ok(length $made->{body}, '>', 16384, length($made->{body}) . ' bytes');
	sleep 0.2 while time % 60 > 50;
	ok(wait_for(sub { ask($edge, 'GET', $path, token => $token); !(ask($edge, 'GET', $path, token => $token))[1] }, 5), 'kept');
	my ($kept, $seen) = ask($edge, 'GET', $path, token => $token);
	ok(!$seen, 'by lighttpd itself');
	is_deeply(essence($kept), $made, 'as made without a store');
	my ($head) = ask($edge, 'HEAD', $path, token => $token);
	is_deeply([@$head{qw(status content)}, $head->{headers}{etag}], [200, '', $made->{headers}{etag}], 'HEAD');
	my ($file) = grep { -s $_ > 16384 } glob "$edge->{dir}/cache/kept/content/*/*";
	ok(unlink($file), 'somebody deletes the file');
	sleep 2.5; # lighttpd has it open so long
	($kept, $seen) = ask($edge, 'GET', $path, token => $token);
	ok($seen, 'the program answers');
	is_deeply(essence($kept), $made, 'the same');
	ok(wait_for(sub { -e $file }, 2), 'and keeps it again');
	utime time - 70, time - 70, $file;
	ok(wait_for(sub { !-e $file }, 8), 'what is of a minute before is deleted');
	ok(grep({ -e } glob "$edge->{dir}/cache/kept/content/*"), 'its generation is not');
};

subtest 'bounded' => sub {
	my $small = server($database, cache => 1, env => { TV_CACHE_MB => 1 });
	my $kept = "$small->{dir}/cache/kept";
	$small->get("/ondemand/people/$id{person}", $token);
	ok((my @first = glob "$kept/content/*"), 'a generation');
	sql($database, "update content.item set title = 'Swept' where id = $id{movie}");
	ok(wait_for(sub { !-e $first[0] }, 8), 'is deleted when it is over');
	$small->get('/ondemand/movies', $token);
	my ($directory) = glob "$kept/content/*";
	write_file("$directory/" . ('f' x 64), 'x' x (2 << 20));
	ok(wait_for(sub { !-e $directory }, 8), 'and when it has grown too large');
};

done_testing();

# What lighttpd does for everybody: headers, packing, hidden files, hosts, TLS with HTTP/2 and the way to it from clear text.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $token = account($tv)->{token};

# curl's answer as TV::raw_response makes it, with the version of HTTP as {version}; the last answer counts.
sub curl
{
	my (@arguments) = @_;
	open my $out, '-|', 'curl', '-sk', '-m', 10, '-i', @arguments or die "curl: $!";
	my $text = do { local $/; <$out> } // '';
	close $out;
	my ($version) = $text =~ m{\AHTTP/([\d.]+)};
	my $r = raw_response($text =~ s{\AHTTP/2 }{HTTP/1.1 }r);
	return { %$r, version => $version, what => "curl @arguments" };
}

subtest 'headers' => sub {
	for my $path ('/', '/health/live', '/nothing', '/ondemand/movies') {
		my $h = $tv->get($path)->{headers};
		is($h->{'x-content-type-options'}, 'nosniff', "$path: types are not guessed");
		is($h->{'x-frame-options'}, 'DENY', '  in no frame');
		is($h->{'referrer-policy'}, 'no-referrer', '  no address is passed on');
		like($h->{'content-security-policy'}, qr/default-src 'self';.*object-src 'none';.*frame-ancestors 'none'/, '  own content only');
		unlike($h->{'content-security-policy'}, qr/unsafe-|\*|http:/, '  without exceptions');
		is($h->{'strict-transport-security'}, undef, '  clear text promises no TLS');
		is($h->{server}, undef, '  and the server has no name');
	}
};

# The policy with these settings; undef: it does not start, and says why.
sub policy
{
	my (%env) = @_;
	local @ENV{keys %env} = values %env;
	my $said = qx(TV_HOME=$root TV_PORT=1 TV_LISTEN=127.0.0.1 TV_STATE=/tmp TV_RUN=/tmp TV_BIN=$bin lighttpd -p -f $root/conf/lighttpd.conf 2>&1);
	return $? ? undef : ($said =~ /"Content-Security-Policy"\s*=>\s*"(.*)"/)[0], $said;
}

subtest 'from where streams may come' => sub {
	my $usual = $tv->get('/')->{headers}{'content-security-policy'};
	unlike($usual, qr/connect-src|default-src 'self' |media-src 'self' blob: /, 'from here');
	my ($none) = policy(TV_STREAM_ORIGINS => '', TV_MEDIA_URL => '');
	is($none, $usual, '  also when the settings are empty');
	my %good = (
		'https:' => 'https:', 'https://stream.example' => 'https://stream.example',
		'https://*.cdn.example:8443, http://10.0.0.5:8080' => 'https://*.cdn.example:8443 http://10.0.0.5:8080',
	);
	for my $given (sort keys %good) {
		my ($policy) = policy(TV_STREAM_ORIGINS => $given);
		is($policy, "$usual $good{$given}; connect-src 'self' $good{$given}", "and from $given");
	}
	my ($both) = policy(TV_STREAM_ORIGINS => 'https://a.example', TV_MEDIA_URL => 'https://cdn.example:444/tv');
	is($both, "$usual https://a.example https://cdn.example:444; connect-src 'self' https://a.example https://cdn.example:444", 'and from where media are');
	my @bad = ('*', 'https://*', 'https://x; script-src *', 'https://x;script-src', "https://x\nhttps://y", "'unsafe-inline'", 'https://x"', 'https://x/a', 'data:',
		'stream.example', 'https://x:999999', 'https://*.*.x', 'https://u@x', '$(id)', 'https://x\\');
	for my $bad (@bad) {
		my ($policy, $said) = policy(TV_STREAM_ORIGINS => $bad);
		is($policy, undef, "$bad: does not start");
		like($said, qr/options\.sh: TV_STREAM_ORIGINS/, '  and says why');
	}
	is((policy(TV_MEDIA_URL => $_))[0], undef, "media from $_: does not start") for 'cdn.example', 'https://x; script-src *', "https://x\n'unsafe-inline'", 'https://*.x';
};

subtest 'packing' => sub {
	my $gzip = { 'Accept-Encoding' => 'gzip' };
	for my $path ('/', '/openapi.json', '/js/api.js') {
		next if $path =~ /\.js$/ && !-e "$root/htdocs$path";
		my $r = $tv->get($path, undef, headers => $gzip);
		is($r->{headers}{'content-encoding'}, 'gzip', "$path is packed for who takes it");
		like($r->{headers}{vary} // '', qr/Accept-Encoding/i, '  and caches are told');
		my $plain = $tv->get($path);
		is($plain->{headers}{'content-encoding'}, undef, '  for others it is not');
		cmp_ok(length $r->{content}, '<', length $plain->{content}, '  it is shorter');
		is($tv->get($path, undef, headers => { %$gzip, 'If-None-Match' => $r->{headers}{etag} })->{status}, 304, '  its tag holds');
	}
	$tv->put("/users/watchlist/$id{$_}", '', $token, type => undef) for qw(movie series);
	sql($database, "update content.item set synopsis = repeat('packed ', 200)");
	my $personal = $tv->get('/users/watchlist', $token, headers => $gzip);
	is($personal->{headers}{'content-encoding'}, 'gzip', 'personal lists are packed');
	my $kept = $tv->get('/livetv/channels?limit=100', $token, headers => $gzip);
	my $once = $kept->{headers}{'content-encoding'};
	ok(!defined $once || $once eq 'gzip', 'what programs pack is not packed again') or diag($once);
	my $admin = admin($tv);
	my $r = $tv->get("/admin/ondemand/movies/$id{movie}", $admin->{token}, headers => $gzip);
	is($r->{headers}{'content-encoding'}, undef, 'what administrators read is not packed: its tag is for If-Match');
	my $login = $tv->post('/auth/login', { email => $admin->{email}, password => $admin->{password} }, undef, headers => $gzip);
	is($login->{headers}{'content-encoding'}, undef, 'nor are tokens');
};

subtest 'files that are not served' => sub {
	for my $path ('/.git/config', '/.env', '/js/.hidden', '/js/api.js.map', '/index.html~', '/index.html.bak', '/conf/tv.env.example',
		'/js/', '/..%2fconf/lighttpd.conf', '/css/../../conf/lighttpd.conf', '/%2e%2e/README.md') {
		is_problem($tv->get($path), qr/^(400|403|404)$/, undef, $path);
	}
};

subtest "the operator's pictures" => sub {
	mkdir "$tv->{dir}/pictures" or die "pictures: $!";
	write_file("$tv->{dir}/pictures/42.webp", 'a picture');
	write_file("$tv->{dir}/pictures/.hidden.png", 'a secret');
	my $r = $tv->get('/pictures/42.webp');
	is_deeply([$r->{status}, $r->{content}, $r->{headers}{'content-type'}], [200, 'a picture', 'image/webp'], 'a file of the state directory');
	is($tv->get('/pictures/42.webp', undef, headers => { 'If-None-Match' => $r->{headers}{etag} })->{status}, 304, '  with a tag');
	is_problem($tv->get("/pictures/$_"), qr/^(400|403|404)$/, undef, "/pictures/$_") for '', '43.webp', '.hidden.png', '../jwt.key', '..%2flog/access.log';
	is_problem($tv->get('/pictures'), 404);
	is_problem($tv->post('/pictures/42.webp', {}), 405);
};

subtest 'hosts' => sub {
	my $named = server($database, env => { TV_HOSTS => 'tv.example.org, tv.example.net' });
	my $of = sub { raw_response($named->raw("GET $_[1] HTTP/1.1\r\nHost: $_[0]\r\nConnection: close\r\n\r\n")) };
	for my $path ('/', '/health/live') {
		is($of->($_, $path)->{status}, 200, "$_$path") for 'tv.example.org', 'TV.example.net:8080', 'localhost', "127.0.0.1:$named->{port}";
		is_problem($of->($_, $path), 421, 'misdirected', "$_$path") for 'evil.example', 'tv.example.org.evil.example', 'xtv.example.org', 'tvxexample.org';
	}
	is_problem($of->('evil.example', '/livetv/channels'), 421, 'misdirected', 'kept answers as well');
	is_problem($of->('evil.example', '/nothing'), 421, 'misdirected', 'and what is not there');
	for my $bad ({ TV_HOSTS => 'a.example$' }, { TV_TLS_CERT => '/x" y' }) {
		local @ENV{keys %$bad} = values %$bad;
		my $said = qx(TV_HOME=$root TV_PORT=1 TV_LISTEN=127.0.0.1 TV_STATE=/tmp TV_RUN=/tmp TV_BIN=$bin lighttpd -tt -f $root/conf/lighttpd.conf 2>&1);
		isnt($?, 0, "@{[%$bad]}: does not start") or diag($said);
	}
};

subtest 'TLS' => sub {
	my $dir = TV::scratch();
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0 or die;
	chown((getpwnam 'postgres')[2, 3], glob "$dir/*") unless $>;
	my $clear = TV::free_port();
	my %env = (TV_TLS_CERT => "$dir/cert.pem", TV_TLS_KEY => "$dir/key.pem", TV_REDIRECT_PORT => $clear);
	my $up = sub { curl("https://127.0.0.1:$_[0]{port}/health/ready")->{status} == 200 };
	my $tls = server($database, env => \%env, up => $up);
	my $url = "https://127.0.0.1:$tls->{port}";

	my $r = curl("$url/health/live");
	is_deeply([@$r{qw(status version)}], [200, '2'], 'HTTP/2');
	like($r->{headers}{'strict-transport-security'}, qr/^max-age=\d{8,}/, 'which says that it stays TLS');
	is(curl('--http1.1', "$url/health/live")->{version}, '1.1', 'HTTP/1.1 for who asks for that');
	is(curl('--tls-max', '1.1', "$url/health/live")->{status}, 0, 'no TLS 1.1');
	is(curl('--tls-max', '1.2', "$url/health/live")->{status}, 200, 'TLS 1.2');
	is(curl('--tlsv1.3', "$url/health/live")->{status}, 200, 'TLS 1.3');
	is(curl('--tls-max', '1.2', '--ciphers', $_, "$url/health/live")->{status}, 0, "not $_") for 'AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA256', 'AES128-SHA';
	is_problem(curl("$url/nothing"), 404, 'not_found', 'errors over HTTP/2 are problems');
	is_problem(curl("$url/users/me"), 401, 'token_missing', 'also those of programs');

	my $away = curl("http://127.0.0.1:$clear/ondemand/movies?limit=1");
	is($away->{status}, 308, 'clear text is sent away');
	is($away->{headers}{location}, "$url/ondemand/movies?limit=1", '  to the same address by https');
	is(curl("http://127.0.0.1:$clear/app/movies/5?from=home")->{headers}{location}, "$url/app/movies/5?from=home", '  pages of the app as well');
	is_problem(curl('-d', '{}', "http://127.0.0.1:$clear/auth/login"), 421, 'misdirected', 'a secret in clear text is refused');
	is(curl('-H', 'Host: evil.example/x', "http://127.0.0.1:$clear/")->{status}, 400, 'to no address that a header makes up');
	is(curl('--http2', "http://127.0.0.1:$clear/")->{version}, '1.1', 'and it does not go over to HTTP/2');
	my $old = server($database, env => { %env, TV_REDIRECT_PORT => '', TV_HTTP2 => 'off' }, up => $up);
	is(curl("https://127.0.0.1:$old->{port}/health/live")->{version}, '1.1', 'TV_HTTP2=off');
};

done_testing();

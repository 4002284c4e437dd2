# Refresh tokens of browsers: in a cookie that no script reads, never in a body, and not for pages of other sites.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = server($database);
my %cookie = ('Antenna-Refresh' => 'cookie');

sub ask { my ($path, $body, %more) = @_; return $tv->post($path, $body, $more{token}, headers => { %cookie, %{ $more{headers} || {} } }) }
sub cookie_of { my ($r) = @_; return ($r->{headers}{'set-cookie'} // '') =~ /^antenna_refresh=([^;]*)/ ? $1 : undef }
sub with { my ($value) = @_; return { Cookie => "theme=dark; antenna_refresh=$value; other=1" } }
sub enter { my ($who, %more) = @_; return ask('/auth/login', { email => $who->{email}, password => $password }, %more) }

my $who = account($tv);

subtest 'signing in' => sub {
	my $r = enter($who);
	is($r->{status}, 200, 'signed in') or diag($r->{content});
	ok($r->{json}{access_token}, 'with an access token in the body');
	ok(!exists $r->{json}{refresh_token}, '  and no refresh token');
	like(cookie_of($r), qr/^[\w-]{43}$/, 'it is in the cookie');
	my $attributes = $r->{headers}{'set-cookie'} =~ s/^[^;]*; //r;
	is_deeply([sort split /; /, $attributes], ['HttpOnly', 'Max-Age=2592000', 'Path=/auth', 'SameSite=Strict'],
		'  which no script and no other site can use');
	is($r->{headers}{'cache-control'}, 'no-store', 'nothing keeps it');
	ok($r->{content} !~ /\Q@{[cookie_of($r)]}\E/, 'the body has it nowhere');
	$r = $tv->post('/auth/login', { email => $who->{email}, password => $password });
	ok($r->{json}{refresh_token} && !$r->{headers}{'set-cookie'}, 'without the header all is in the body, as before');
};

subtest 'refreshing' => sub {
	my $first = cookie_of(enter($who));
	my $r = ask('/auth/refresh', {}, headers => with($first));
	is($r->{status}, 200, 'by the cookie') or diag($r->{content});
	my $second = cookie_of($r);
	like($second, qr/^[\w-]{43}$/, 'another cookie');
	isnt($second, $first, '  takes its place');
	ok(!exists $r->{json}{refresh_token}, 'no body has it');
	is($tv->get('/users/me', $r->{json}{access_token})->{status}, 200, 'the access token is good');
	$r = ask('/auth/refresh', {}, headers => with($first));
	is_problem($r, 401, 'refresh_token_invalid', 'a spent one ends the session');
	is(cookie_of($r), '', '  and the cookie');
	like($r->{headers}{'set-cookie'}, qr/; Max-Age=0;/, '  at once');
	is_problem(ask('/auth/refresh', {}, headers => with($second)), 401, 'refresh_token_invalid', '  the one after it, too');
	is_problem(ask('/auth/refresh', {}), 401, 'refresh_token_invalid', 'without a cookie');
	is_problem(ask('/auth/refresh', {}, headers => { Cookie => 'xantenna_refresh=1; antenna_refreshx=2' }), 401, 'refresh_token_invalid',
		'names that are only like it');
	is_problem(ask('/auth/refresh', {}, headers => with('x' x 5000)), 401, 'refresh_token_invalid', 'a long one');
};

subtest 'one way or the other' => sub {
	my $value = cookie_of(enter($who));
	is_problem($tv->post('/auth/refresh', {}, undef, headers => with($value)), 422, undef, 'a cookie without the header counts for nothing');
	is_problem($tv->post('/auth/logout', {}, undef, headers => with($value)), 422, undef, '  to sign out as well');
	is_problem(ask('/auth/refresh', { refresh_token => $value }), 422, undef, 'with the header the body has none');
	is(ask('/auth/refresh', {}, headers => with($value))->{status}, 200, 'none of these has spent it');
};

subtest 'pages of other sites' => sub {
	my $value = cookie_of(enter($who));
	my $own = "http://127.0.0.1:$tv->{port}";
	my @foreign = (
		{ Origin => 'https://evil.example' }, { Origin => 'null' }, { Origin => "http://127.0.0.1:1" },
		{ Origin => "ftp://127.0.0.1:$tv->{port}" }, { Origin => "$own.evil.example" },
		{ 'Sec-Fetch-Site' => 'cross-site' }, { 'Sec-Fetch-Site' => 'same-site' }, { 'Sec-Fetch-Site' => 'none' },
		{ Origin => $own, 'Sec-Fetch-Site' => 'cross-site' },
	);
	for my $headers (@foreign) {
		my $name = join ', ', map { "$_: $headers->{$_}" } sort keys %$headers;
		for my $path ('/auth/refresh', '/auth/logout') {
			my $r = ask($path, {}, headers => { %$headers, %{ with($value) } });
			is_problem($r, 403, 'cross_site', "$path, $name");
			ok(!$r->{headers}{'set-cookie'}, '  the cookie stays');
		}
		is_problem(enter($who, headers => $headers), 403, 'cross_site', "/auth/login, $name");
	}
	my $r = ask('/auth/refresh', {}, headers => { Origin => $own, 'Sec-Fetch-Site' => 'same-origin', %{ with($value) } });
	is($r->{status}, 200, 'pages of this one may, and nothing was spent');
	is($tv->request('OPTIONS', '/auth/refresh', headers => { Origin => 'https://evil.example', 'Access-Control-Request-Headers' => 'antenna-refresh' })
		->{headers}{'access-control-allow-origin'}, undef, 'no preflight is allowed');
};

subtest 'selecting a profile' => sub {
	my $in = enter($who);
	my $kid = make_profile($tv, { %$who, token => $in->{json}{access_token} }, name => 'Kid', max_age => 6)->{json}{id};
	is_problem(ask("/users/profiles/$kid/select", {}, token => $in->{json}{access_token}, headers => { 'Sec-Fetch-Site' => 'cross-site' }),
		403, 'cross_site');
	my $r = ask("/users/profiles/$kid/select", {}, token => $in->{json}{access_token});
	is($r->{status}, 200, 'selected') or diag($r->{content});
	ok(!exists $r->{json}{refresh_token}, 'no body has the next token');
	my $next = cookie_of($r);
	like($next, qr/^[\w-]{43}$/, 'the cookie has it');
	$r = ask('/auth/refresh', {}, headers => with($next));
	is(claims_of($r->{json}{access_token})->{pid}, $kid, 'it keeps the profile');
};

subtest 'signing out' => sub {
	my $value = cookie_of(enter($who));
	my $r = ask('/auth/logout', {}, headers => with($value));
	is($r->{status}, 204, 'signed out');
	is(cookie_of($r), '', 'the cookie is gone');
	is_problem(ask('/auth/refresh', {}, headers => with($value)), 401, 'refresh_token_invalid', 'and the session');
	is(ask('/auth/logout', {})->{status}, 204, 'also without one');
};

subtest 'behind TLS' => sub {
	my $public = server($database, env => { TV_PUBLIC_URL => 'https://tv.example.org' });
	my $r = $public->post('/auth/login', { email => $who->{email}, password => $password }, undef,
		headers => { %cookie, Origin => "https://127.0.0.1:$public->{port}" });
	is($r->{status}, 200, 'signed in') or diag($r->{content});
	like($r->{headers}{'set-cookie'} // '', qr/; Secure\b/, 'the cookie goes back over TLS only');
};
done_testing();

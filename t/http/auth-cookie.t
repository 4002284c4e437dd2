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
sub cookies { my ($r) = @_; my $set = $r->{headers}{'set-cookie'} // []; return ref $set ? @$set : $set }
sub cookie_of { my ($r, $name) = (@_, 'antenna_refresh'); return (map { /^$name=([^;]*)/ ? $1 : () } cookies($r))[0] }
sub with { my ($value, $seed) = @_; return { Cookie => "theme=dark; antenna_refresh=$value; other=1" . ($seed ? "; antenna_refresh_seed=$seed" : '') } }
sub enter { my ($who, %more) = @_; return ask('/auth/login', { email => $who->{email}, password => $password }, %more) }

my $who = account($tv);

subtest 'signing in' => sub {
	my $r = enter($who);
	is($r->{status}, 200, 'signed in') or diag($r->{content});
	ok($r->{json}{access_token}, 'with an access token in the body');
	ok(!exists $r->{json}{refresh_token}, '  and no refresh token');
	like(cookie_of($r), qr/^[\w-]{43}$/, 'it is in the cookie');
	my ($given, $taken) = cookies($r);
	is_deeply([sort split /; /, $given =~ s/^[^;]*; //r], ['HttpOnly', 'Max-Age=2592000', 'Path=/auth', 'SameSite=Strict'],
		'  which no script and no other site can use');
	is($taken, 'antenna_refresh_seed=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict', 'and it is the only one');
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
	is(scalar(grep { /; Max-Age=0;/ } cookies($r)), 2, '  and what may have been next, at once');
	is_problem(ask('/auth/refresh', {}, headers => with($second)), 401, 'refresh_token_invalid', '  the one after it, too');
	is_problem(ask('/auth/refresh', {}), 401, 'refresh_token_invalid', 'without a cookie');
	is_problem(ask('/auth/refresh', {}, headers => { Cookie => 'xantenna_refresh=1; antenna_refreshx=2' }), 401, 'refresh_token_invalid',
		'names that are only like it');
	is_problem(ask('/auth/refresh', {}, headers => with('x' x 5000)), 401, 'refresh_token_invalid', 'a long one');
};

# Whose exchange was answered 503 has a seed beside its token (t/fault/postgres.t), whether it was done or not.
subtest 'an exchange that may have been done' => sub {
	my $seed = 's' x 42 . 'w';
	my $first = cookie_of(enter($who));
	my $r = ask('/auth/refresh', {}, headers => with($first, $seed));
	my $next = cookie_of($r);
	like($next, qr/^[\w-]{43}$/, 'exchanged');
	isnt($next, $seed, '  for what the seed does not say');
	is(cookie_of($r, 'antenna_refresh_seed'), '', '  which is over');
	$r = ask('/auth/refresh', {}, headers => with($first, $seed));
	is("$r->{status} " . cookie_of($r), "200 $next", 'once more: it is the same exchange');
	is(claims_of($r->{json}{access_token})->{sub}, $who->{id}, '  of the same session');
	my $third = cookie_of(ask('/auth/refresh', {}, headers => with($next)));
	like($third, qr/^[\w-]{43}$/, 'the session goes on');
	is_problem(ask('/auth/refresh', {}, headers => with($first, $seed)), 401, 'refresh_token_invalid', 'when its token is spent in turn, it is a theft');
	is_problem(ask('/auth/refresh', {}, headers => with($third)), 401, 'refresh_token_invalid', '  which ends the session');
	my ($one, $other) = map { cookie_of(ask('/auth/refresh', {}, headers => with(cookie_of(enter($who)), $seed))) } 1 .. 2;
	isnt($one, $other, 'the same seed, planted beside another token, makes another one');
	$first = cookie_of(enter($who));
	for my $odd ('short', 'x' x 44, '!' x 43, $seed =~ s/.\z/=/r) {
		$r = ask('/auth/refresh', {}, headers => with($first, $odd));
		is($r->{status}, 200, "exchanged with $odd, which is no seed");
		is_problem(ask('/auth/refresh', {}, headers => with($first, $odd)), 401, 'refresh_token_invalid', '  and not a second time');
		$first = cookie_of(enter($who));
	}
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
	is(cookie_of($r, 'antenna_refresh_seed'), '', '  alone');
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
	is(scalar(grep { /; Secure\b/ } cookies($r)), 2, 'the cookies go back over TLS only');
};
done_testing();

# A television set shows a code, and who is signed in elsewhere lets it in (RFC 8628): once, for ten minutes, as long as what it
# was approved with holds. Guesses at codes get slow, and so do requests for them.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database, TV_WORKERS => 4);
my ($letters, $people) = ('BCDFGHJKLMNPQRSTVWXZ', 0);

sub ask { my (%body) = @_; return $tv->post('/auth/device', \%body)->{json} }
sub poll { my ($code, %more) = @_; return $tv->post('/auth/device/token', { device_code => ref $code ? $code->{device_code} : $code }, undef, %more) }
sub say_to { my ($what, $code, $who) = @_; return $tv->post("/auth/device/$what", { user_code => ref $code ? $code->{user_code} : $code }, $who->{token}) }
sub is_good { my ($r, $name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; return is($r->{status}, 200, $name) || diag($r->{content}) }
# It was asked for so long ago.
sub aged { my ($code, $seconds) = @_; return sql($database, "update auth.device set polled_at = polled_at - interval '$seconds s', asked_at = asked_at - interval '$seconds s', expires_at = expires_at - interval '$seconds s' where user_code = '" . ($code->{user_code} =~ tr/-//dr) . "'") }
sub sessions { my ($who) = @_; return $tv->get('/auth/sessions', $who->{token})->{json}{items} }

my $ann = account($tv);

subtest 'a code, a look, a yes' => sub {
	my $r = $tv->post('/auth/device', { device_name => 'Living room' });
	is_good($r, 'a device asks');
	my $code = $r->{json};
	is(join(' ', sort keys %$code), 'device_code expires_in interval user_code verification_uri verification_uri_complete', 'it has all that RFC 8628 names');
	like($code->{device_code}, qr/^[\w-]{43}$/, 'a secret of 256 bits');
	like($code->{user_code}, qr/^[$letters]{4}-[$letters]{4}$/, 'a code to be typed');
	is("$code->{expires_in} $code->{interval}", '600 5', 'for ten minutes, every five seconds');
	is($code->{verification_uri}, "http://127.0.0.1:$tv->{port}/app/link", 'the page that takes it');
	is($code->{verification_uri_complete}, "$code->{verification_uri}?code=$code->{user_code}", '  and the same with the code');
	is($r->{headers}{'cache-control'}, 'no-store', 'nothing keeps it');
	unlike(sql($database, 'select * from auth.device'), qr/\Q$code->{device_code}\E/, 'the database does not know the secret');
	is_problem(poll($code), 400, 'authorization_pending');

	my $seen = say_to('lookup', $code, $ann);
	is_good($seen, 'who is signed in sees');
	is("$seen->{json}{device_name}, $seen->{json}{ip}, $seen->{json}{user_code}", "Living room, 127.0.0.1, $code->{user_code}", '  what asks, and from where');
	like($seen->{json}{$_}, qr/^20.*Z$/, "  $_") for qw(asked_at expires_at);
	is(say_to('approve', $code, $ann)->{status}, 204, 'and lets it in');
	is(say_to('approve', $code, $ann)->{status}, 204, '  twice, where the answer was lost');
	is_problem(say_to('lookup', $code, $ann), 404, 'user_code_invalid');

	$r = poll($code);
	is_good($r, 'at once it has tokens');
	is(join(' ', sort keys %{ $r->{json} }), 'access_token expires_in refresh_expires_in refresh_token token_type', '  as a sign-in gives them');
	is($r->{headers}{'cache-control'}, 'no-store', '  which nothing keeps');
	is($tv->get('/users/me', $r->{json}{access_token})->{json}{id}, $ann->{id}, '  of the account');
	is(renew($tv, $r->{json}{refresh_token})->{status}, 200, '  to be renewed');
	my ($mine) = grep { $_->{device_name} } @{ sessions($ann) };
	is("$mine->{device_name}, $mine->{ip}", 'Living room, 127.0.0.1', 'a session of its own, with its name and address');
	is_problem(poll($code), 400, 'expired_token', 'once');
	is_problem(say_to($_, $code, $ann), 404, 'user_code_invalid', "nor is there anything to $_") for qw(lookup approve deny);
	is($tv->request('DELETE', "/auth/sessions/$mine->{id}", token => $ann->{token})->{status}, 204, 'the session can be ended like any other');
};

subtest 'as typed' => sub {
	my $code = ask();
	my $plain = $code->{user_code} =~ tr/-//dr;
	is_good(say_to('lookup', $_, $ann), "'$_'") for lc $code->{user_code}, $plain, ' ' . join(' ', split //, lc $plain) . ' ';
	is_good(say_to('lookup', $code->{user_code} =~ s/-/\x{2013}/r, $ann), 'with another dash');
	is(say_to('lookup', $code, $ann)->{json}{device_name}, undef, 'a device need not have a name');
	is_problem(say_to('lookup', $_, $ann), 404, 'user_code_invalid', "not '$_'") for substr($plain, 0, 7), "${plain}B", 'B', '-', "' or true --", '%' x 8;
	is_problem(say_to('lookup', $_, $ann), 422) for '', 'B' x 101;
	is_problem($tv->post('/auth/device/lookup', {}, $ann->{token}), 422);
	is_problem($tv->post("/auth/device/$_", { user_code => $code->{user_code} }), 401, 'token_missing') for qw(lookup approve deny);
	is_problem($tv->post('/auth/device', { device_name => $_ }), 422) for 'x' x 101, "a\nb", 7;
	is_problem($tv->post('/auth/device', { user_code => 'BBBBBBBB' }), 422);
	is_good($tv->post('/auth/device', $_), 'a name may be missing') for undef, {}, { device_name => undef };
	my $name = '<script>"\'&</script> ' . "\x{1f4fa}" . ' $1 %s';
	is(say_to('lookup', ask(device_name => $name), $ann)->{json}{device_name}, $name, 'a name is what it is');
	is_problem(poll($_), 400, 'expired_token') for 'x', 'x' x 43, "$code->{device_code} ", $code->{user_code}, "' or true --";
	is_problem(poll($_), 422) for '', 'x' x 201;
};

subtest 'a no' => sub {
	my $code = ask();
	is(say_to('deny', $code, $ann)->{status}, 204, 'refused');
	is(say_to('deny', $code, $ann)->{status}, 204, '  twice');
	is_problem(poll($code), 400, 'access_denied') for 1 .. 2;
	is_problem(say_to($_, $code, $ann), 404, 'user_code_invalid') for qw(lookup approve);
	$code = ask();
	my $bob = account($tv);
	say_to('approve', $code, $ann);
	is_problem(say_to($_, $code, $bob), 404, 'user_code_invalid', "what one has approved nobody else can $_") for qw(approve deny);
	is(say_to('deny', $code, $ann)->{status}, 204, 'who has approved takes it back');
	is_problem(poll($code), 400, 'access_denied');
};

subtest 'ten minutes' => sub {
	my ($waiting, $approved) = (ask(), ask());
	say_to('approve', $approved, $ann);
	aged($_, 590) for $waiting, $approved;
	is_problem(poll($waiting), 400, 'authorization_pending', 'before that it is good');
	aged($_, 11) for $waiting, $approved;
	is_problem(poll($_), 400, 'expired_token') for $waiting, $approved;
	is_problem(say_to($_, $waiting, $ann), 404, 'user_code_invalid') for qw(lookup approve deny);
	my $live = ask();
	sql($database, "update auth.device set asked_at = asked_at - interval '1 day' where expires_at < now()");
	is(command($database, 'auth', 'prune')->{exit}, 0, 'what is over is deleted');
	is(sql($database, 'select count(*) from auth.device where expires_at < now()'), 0, '  all of it');
	is_good(say_to('lookup', $live, $ann), '  and nothing else');
};

subtest 'who asks too often' => sub {
	my $code = ask();
	is_problem(poll($code), 400, 'authorization_pending');
	for my $interval (10, 15) {
		my $r = poll($code);
		is_problem($r, 400, 'slow_down');
		is($r->{json}{interval}, $interval, "  is told to wait $interval s");
	}
	aged($code, 12);
	is_problem(poll($code), 400, 'slow_down', 'and still when it does not');
	aged($code, 20);
	is_problem(poll($code), 400, 'authorization_pending', 'but not when it does');
	poll($code) for 1 .. 20;
	is(poll($code)->{json}{interval}, 60, 'a minute is the longest');
	say_to('approve', $code, $ann);
	is_good(poll($code), 'what was approved is told at once, however often one asks');
};

subtest 'of ten at once one signs in' => sub {
	for my $round (1 .. 5) {
		my $code = ask(device_name => "race $round");
		say_to('approve', $code, $ann);
		my @status = map { "$_->{status} " . ($_->{json}{code} // '') } together($tv, map {
			request_text('POST', '/auth/device/token', body => { device_code => $code->{device_code} }) } 1 .. 10);
		is_deeply([sort @status], ['200 ', ('400 expired_token') x 9], 'ten ask');
		is(scalar(grep { ($_->{device_name} // '') eq "race $round" } @{ sessions($ann) }), 1, '  and there is one session');
	}
	for my $round (1 .. 5) {
		my $code = ask();
		my @answers = together($tv, map {
			request_text('POST', "/auth/device/$_", body => $_ eq 'token' ? { device_code => $code->{device_code} } : { user_code => $code->{user_code} },
				token => $_ eq 'token' ? undef : $ann->{token}) } qw(token approve token token));
		is($answers[1]{status}, 204, 'approved while it is asked for');
		my @in = grep { $_->{status} == 200 } @answers[0, 2, 3];
		is_deeply([grep { !/^(authorization_pending|slow_down|expired_token)$/ } map { $_->{json}{code} // () } @answers[0, 2, 3]], [], '  nothing else is told');
		push @in, poll($code) unless @in;
		is_deeply([map { $_->{status} } @in], [200], '  and one of them is in, or the next one');
	}
};

subtest 'what was approved with is gone' => sub {
	my %end = (
		'the password was changed' => sub { $tv->post('/auth/password', { current_password => $password, new_password => 'another horse 8' }, $_[0]{token})->{status} == 204 },
		'the session was ended' => sub { $tv->request('DELETE', '/auth/sessions/' . session_of($_[0]), token => $_[0]{token})->{status} == 204 },
		'the session is over' => sub { sql($database, "update auth.session set expires_at = now() where id = " . session_of($_[0]) . ' returning 1') },
		'who approved signed out' => sub { $tv->post('/auth/logout', { refresh_token => $_[0]{refresh} })->{status} == 204 },
		'an operator ended all sessions' => sub { command($database, 'auth', 'revoke', $_[0]{email})->{exit} == 0 },
		'the account was suspended' => sub { sql($database, "update users.account set status = 'suspended' where id = $_[0]{id} returning 1") },
	);
	for my $why (sort keys %end) {
		my $who = account($tv);
		my $again = sign_in($tv, $who->{email}, $password)->{json};
		@$who{qw(token refresh)} = @$again{qw(access_token refresh_token)};
		my $code = ask();
		is(say_to('approve', $code, $who)->{status}, 204, 'approved');
		ok($end{$why}->($who), "  then $why");
		is_problem(poll($code), 400, 'access_denied', '  and nobody is signed in');
		is(sql($database, "select count(*) from auth.session where account_id = $who->{id} and id > " . session_of($who)), 0, '  nor is there a session');
	}
	my $who = account($tv);
	my $code = ask();
	say_to('approve', $code, $who);
	my ($pid) = background(sub { sql($database, "begin; update auth.credential set changed_at = clock_timestamp() where account_id = $who->{id};
		do 'begin for i in 1 .. 150 loop exit when exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid);
			perform pg_sleep(0.01); end loop; end'; commit") });
	ok((wait_for { sql($database, "select 1 from pg_stat_activity where query like '%changed_at = clock_timestamp%' and wait_event = 'PgSleep'") }), 'while the password is changed');
	is_problem(poll($code), 400, 'access_denied', '  the device waits for that');
	waitpid $pid, 0;

	$code = ask();
	say_to('approve', $code, $who);
	is($tv->request('DELETE', '/users/me', token => $who->{token}, body => { password => $password })->{status}, 204, 'an account that is erased');
	is_problem(poll($code), 400, 'expired_token', '  takes the code with it');
	$who = account($tv);
	sql($database, "update users.account set status = 'suspended' where id = $who->{id}");
	is_problem(say_to('approve', ask(), $who), 403, 'account_suspended');
};

subtest 'as whom' => sub {
	my $who = account($tv);
	my $kid = make_profile($tv, $who, name => 'Kid', is_kids => JSON::PP::true)->{json}{id};
	$tv->put('/users/profiles/' . profile_of($who), { name => 'Grown-up', max_age => 18, pin => '2468', password => $password }, $who->{token});
	my $child = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	$child->{token} = select_profile($tv, $child, $kid)->{json}{access_token};
	my $code = ask();
	is(say_to('approve', $code, $child)->{status}, 204, 'a child lets a device in');
	my $in = { token => poll($code)->{json}{access_token} };
	my $claims = claims_of($in->{token});
	is("$claims->{pid} $claims->{age} $claims->{role}", "$kid 6 user", '  as itself');
	is_problem(select_profile($tv, $in, profile_of($who)), 403, 'pin_required', '  and any other profile takes its PIN');
	my $admin = admin($tv);
	$code = ask();
	say_to('approve', $code, $admin);
	my $token = poll($code)->{json}{access_token};
	is(claims_of($token)->{role}, 'admin', 'an administrator as one');
	is($tv->get('/admin/users', $token)->{status}, 200, '  who may');
	$code = ask();
	my $gone = make_profile($tv, $who, name => 'Gone')->{json}{id};
	my $short = { token => select_profile($tv, { token => sign_in($tv, $who->{email}, $password)->{json}{access_token} }, $gone)->{json}{access_token} };
	say_to('approve', $code, $short);
	is($tv->request('DELETE', "/users/profiles/$gone", token => $who->{token})->{status}, 204, 'a profile that is deleted');
	is_problem(poll($code), 400, 'expired_token', '  takes the code with it');
};

subtest 'in a browser' => sub {
	my %cookie = ('Antenna-Refresh' => 'cookie');
	my $code = ask();
	say_to('approve', $code, $ann);
	is_problem(poll($code, headers => { %cookie, 'Sec-Fetch-Site' => 'cross-site' }), 403, 'cross_site');
	my $r = poll($code, headers => \%cookie);
	is_good($r, 'a browser has them');
	ok(!exists $r->{json}{refresh_token}, '  without the refresh token');
	my ($given) = ref $r->{headers}{'set-cookie'} ? @{ $r->{headers}{'set-cookie'} } : $r->{headers}{'set-cookie'};
	like($given, qr{^antenna_refresh=[\w-]{43}; Path=/auth; Max-Age=2592000; HttpOnly; SameSite=Strict$}, '  which is in a cookie');
};

subtest 'killed in between' => sub {
	my $code = ask();
	say_to('approve', $code, $ann);
	my (undef, @workers) = $tv->program_pids('auth');
	kill KILL => @workers;
	my $r;
	ok((wait_for { ($r = poll($code))->{status} < 500 } 30), 'others come in their place');
	is_good($r, '  and know what was approved');
};

$tv->stop;

subtest 'its own address' => sub {
	my $named = server($database, env => { TV_PUBLIC_URL => 'https://tv.example' });
	is($named->post('/auth/device', {})->{json}{verification_uri}, 'https://tv.example/app/link', 'is TV_PUBLIC_URL');
	$named->stop;
};

subtest 'guesses' => sub {
	my $limited = keyed_server($database, TV_RATE_LOGIN => '100000/1:100000', TV_WORKERS => 2);
	my $number = 0;
	my $new_address = sub { ++$number; return sprintf '127.%d.9.%d', 1 + $$ % 250, $number };
	my $from = sub { my ($address, $path, $body, $who) = @_; return finish(start($limited, request_text('POST', $path, body => $body, token => $who && $who->{token}), $address)) };
	my @who = map { account($limited) } 1 .. 5;
	my $code = $from->($new_address->(), '/auth/device', {})->{json};

	my @status = map { $from->($new_address->(), '/auth/device/lookup', { user_code => 'BBBBBBBB' }, $who[0])->{status} } 1 .. 10;
	is("@status", '404 404 404 404 404 429 429 429 429 429', 'of one account, from whatever address');
	is_problem($from->($new_address->(), "/auth/device/$_", { user_code => $code->{user_code} }, $who[0]), 429, 'too_many_attempts', "then the right one is not looked at to $_") for qw(lookup approve deny);
	my $home = $new_address->();
	is($from->($home, '/auth/device/lookup', { user_code => $code->{user_code} }, $who[1])->{status}, 200, 'right ones') for 1 .. 20;
	my %count;
	for my $who (@who[1 .. 4]) {
		$count{ $from->($home, '/auth/device/approve', { user_code => 'BBBBBBBB' }, $who)->{status} }++ for 1 .. 5;
	}
	is("$count{404} $count{429}", '15 5', '  do not count; wrong ones of many accounts from one address do');
	is($from->($new_address->(), '/auth/device/approve', { user_code => $code->{user_code} }, account($limited))->{status}, 204, 'others are not in its way');

	my $house = $new_address->();
	my @codes = map { $from->($house, '/auth/device', {}) } 1 .. 20;
	is(join(' ', map { $_->{status} } @codes), join(' ', (200) x 15, (429) x 5), 'codes from one address');
	is_problem($codes[-1], 429, 'too_many_attempts');
	my $hotel = $new_address->();
	my $guest = account($limited);
	for my $n (1 .. 25) {
		my $asked = $from->($hotel, '/auth/device', {})->{json};
		$from->($new_address->(), '/auth/device/approve', { user_code => $asked->{user_code} }, $guest);
		$count{used}++ if $from->($hotel, '/auth/device/token', { device_code => $asked->{device_code} })->{status} == 200;
	}
	is($count{used}, 25, 'those that come to be used do not count');
	unlike($limited->log_text . $tv->log_text, qr/\Q$code->{user_code}\E|\Q$code->{device_code}\E/, 'no code is in a log');
	$limited->stop;
};

done_testing;

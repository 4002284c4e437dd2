# Registration, signing in, tokens and sessions, as the API promises them.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use TV;

my $database = database();
my $tv = server($database);
my $password = 'correct horse 7';

sub register { my (%body) = @_; return $tv->post('/auth/register', { email => 'x@example.org', password => $password, %body }) }
sub login_as { my ($email, $password, %more) = @_; return $tv->post('/auth/login', { email => $email, password => $password, %more }) }
sub refresh { return $tv->post('/auth/refresh', { refresh_token => $_[0] }) }
sub sessions { return @{ $tv->get('/auth/sessions', $_[0])->{json}{items} || [] } }

subtest 'register' => sub {
	my $r = register(email => 'Ann@Example.org', name => 'Ann Å', country => 'NO', locale => 'nb-NO');
	is($r->{status}, 201, 'registered') or diag($r->{content});
	is($r->{json}{email}, 'Ann@Example.org', 'email');
	is($r->{json}{country}, 'NO', 'country');
	is($r->{json}{locale}, 'nb-NO', 'locale');
	is($r->{json}{role}, 'user', 'role');
	like($r->{json}{id}, qr/^[1-9]\d*$/, 'id');
	like($r->{json}{created_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'created_at is an instant in UTC');
	ok($r->{json}{profile}{id}, 'the first profile comes with it');
	is($r->{json}{profile}{max_age}, 18, 'for all ages');
	unlike($r->{content}, qr/password|\$2b\$/, 'no password in the answer');
	is_problem(register(email => $_), 409, 'email_taken') for 'ann@example.org', 'ANN@EXAMPLE.ORG';
	is(sql($database, "select count(*) from users.account where lower(email) = 'ann\@example.org'"), 1, 'one account');
	like(sql($database, 'select password_hash from auth.credential'), qr/^\$2b\$04\$.{53}$/, 'bcrypt');
};

subtest 'what register refuses' => sub {
	my %cases = (
		password => ['1234567', 'x' x 73, "\x{e5}" x 37, 'password', 'Password1', '12345678', 'QWERTYUIOP'],
		email => ['nobody', '@example.org', 'a@', 'a b@example.org', "a\@b\n", 'a@b@c', 'x' x 250 . '@example.org'],
		country => ['no', 'NOR', 'N'], name => ['x' x 101, "a\x07b"], locale => ['not a locale', 'x' x 40],
	);
	for my $field (sort keys %cases) {
		for my $value (@{ $cases{$field} }) {
			my $r = register(email => 'new@example.org', $field => $value);
			is_problem($r, 422);
			is($r->{json}{errors}[0]{field}, $field, "  because of $field");
		}
	}
	is_problem(register(role => 'admin'), 422);
	is(sql($database, 'select count(*) from users.account'), 1, 'nothing was made');
	is(register(email => 'b72@example.org', password => 'xy' x 36)->{status}, 201, '72 bytes are a password');
	is(login_as('b72@example.org', 'xy' x 36)->{status}, 200, '  and sign in');
	is_problem(login_as('b72@example.org', 'xy' x 36 . 'z'), qr/^(401|422)$/, undef, '  but not with one more byte');
};

subtest 'login' => sub {
	my $r = login_as('aNN@example.org', $password, device_name => 'TV in the kitchen');
	is($r->{status}, 200, 'signed in, whatever the case of the address') or return diag($r->{content});
	my $t = $r->{json};
	is($t->{token_type}, 'Bearer', 'token_type');
	is($t->{expires_in}, 900, 'expires_in');
	cmp_ok(abs($t->{refresh_expires_in} - 30 * 86400), '<', 60, 'refresh_expires_in');
	is($r->{headers}{'cache-control'}, 'no-store', 'not stored');
	my ($header, $payload) = map { decode_base64url($_) } (split /\./, $t->{access_token})[0, 1];
	like($header, qr/^\{"alg":"HS256","typ":"at\+jwt","kid":"[^"]+"\}$/, 'the header exactly');
	my $claims = json_of($payload);
	is_deeply([sort keys %$claims], [sort qw(iss aud sub sid role pid age iat nbf exp jti)], 'the claims');
	is($claims->{exp} - $claims->{iat}, 900, 'a life of 15 minutes');
	is($claims->{role}, 'user', 'role');
	is($claims->{age}, 18, 'age');
	my $secret = decode_base64url($t->{refresh_token});
	is(length $secret, 32, 'the refresh token has 256 bits');
	unlike($t->{refresh_token}, qr/[^A-Za-z0-9_-]/, 'in base64url');
	my $stored = sql($database, "select encode(refresh_hash, 'hex') from auth.session where id = $claims->{sid}");
	ok((grep { $stored eq sha256_hex($_) } $secret, $t->{refresh_token}), 'stored only as SHA-256');
	my $me = $tv->get('/users/me', $t->{access_token});
	is($me->{status}, 200, 'it works') or diag($me->{content});
};

subtest 'the same answer for an unknown address and a wrong password' => sub {
	my ($unknown, $wrong) = (login_as('nobody@example.org', $password), login_as('ann@example.org', "$password!"));
	is_problem($_, 401, 'invalid_credentials') for $unknown, $wrong;
	for my $r ($unknown, $wrong) {
		delete $r->{json}{request_id};
	}
	is_deeply($unknown->{json}, $wrong->{json}, 'nothing tells them apart');
	is_deeply([sort keys %{ $unknown->{headers} }], [sort keys %{ $wrong->{headers} }], 'not even a header');
};

subtest 'refresh' => sub {
	needs('POST /auth/refresh');
	my $first = login_as('ann@example.org', $password)->{json};
	my $r = refresh($first->{refresh_token});
	is($r->{status}, 200, 'refreshed') or return diag($r->{content});
	isnt($r->{json}{refresh_token}, $first->{refresh_token}, 'with a new refresh token');
	is($tv->get('/users/me', $r->{json}{access_token})->{status}, 200, 'and a good access token');
	is_problem(refresh($first->{refresh_token}), 401);
	is_problem(refresh($r->{json}{refresh_token}), 401, undef, 'using a spent one ends the whole session');
	is_problem(refresh($_), 401) for 'x', 'A' x 43;
};

subtest 'an access token of a session that has ended' => sub {
	needs('POST /auth/refresh', 'PATCH /users/me');
	my $tokens = login_as('ann@example.org', $password)->{json};
	refresh($tokens->{refresh_token}) for 1, 2;
	is_problem($tv->request('PATCH', '/users/me', body => { name => 'x' }, token => $tokens->{access_token}), 401, undef, 'writes nothing');
};

subtest 'ten refreshes at once' => sub {
	needs('POST /auth/refresh');
	my $token = login_as('ann@example.org', $password)->{json}{refresh_token};
	my @running = map { [background(sub { my ($to) = @_; print $to refresh($token)->{status} . "\n" })] } 1 .. 10;
	my @status = sort map { my ($pid, $from) = @$_; my $line = <$from>; end_process($pid); 0 + $line } @running;
	is_deeply(\@status, [200, (401) x 9], 'exactly one succeeds');
};

subtest 'sessions' => sub {
	needs('GET /auth/sessions', 'DELETE /auth/sessions/{id}', 'POST /auth/logout', 'POST /auth/refresh');
	my $who = account($tv);
	my $other = login_as($who->{email}, $password, device_name => 'Phone')->{json};
	my $third = login_as($who->{email}, $password)->{json};
	my @all = sessions($who->{token});
	is(scalar @all, 3, 'three sessions');
	is(scalar(grep { $_->{current} } @all), 1, 'one is the current one');
	my ($phone) = grep { ($_->{device_name} // '') eq 'Phone' } @all;
	ok($phone->{id} && $phone->{created_at} && $phone->{last_used_at}, 'with its data');
	is($phone->{ip}, '127.0.0.1', 'and address');
	is_problem($tv->request('DELETE', "/auth/sessions/$phone->{id}", token => account($tv)->{token}), 404, undef, "somebody else's is not there");
	is($tv->request('DELETE', "/auth/sessions/$phone->{id}", token => $who->{token})->{status}, 204, 'one is ended');
	is_problem($tv->request('DELETE', "/auth/sessions/$phone->{id}", token => $who->{token}), 404);
	is_problem(refresh($other->{refresh_token}), 401);
	is($tv->request('DELETE', '/auth/sessions', token => $who->{token})->{status}, 204, 'all others are ended');
	is_deeply([map { $_->{current} } sessions($who->{token})], [JSON::PP::true()], 'this one is left');
	is_problem(refresh($third->{refresh_token}), 401);
	is($tv->post('/auth/logout', { refresh_token => $who->{refresh_token} })->{status}, 204, 'logged out');
	is_problem(refresh($who->{refresh_token}), 401);
	is($tv->post('/auth/logout', { refresh_token => $_ })->{status}, 204, 'also for an unknown one') for 'x', 'A' x 43;
};

subtest 'password' => sub {
	needs('POST /auth/password', 'POST /auth/refresh');
	my $who = account($tv);
	my $other = login_as($who->{email}, $password)->{json};
	my $change = sub { $tv->post('/auth/password', { current_password => $_[0], new_password => $_[1] }, $who->{token}) };
	is_problem($change->('wrong password', 'another horse 8'), qr/^(401|403)$/);
	is_problem($change->($password, $_), 422) for 'short', 'x' x 73, 'password';
	is($change->($password, 'another horse 8')->{status}, 204, 'changed');
	is_problem(login_as($who->{email}, $password), 401, 'invalid_credentials');
	is(login_as($who->{email}, 'another horse 8')->{status}, 200, 'the new one signs in');
	is_problem(refresh($other->{refresh_token}), 401, undef, 'other sessions have ended');
	is(refresh($who->{refresh_token})->{status}, 200, 'this one has not');
};

subtest 'tokens of others and changed ones' => sub {
	my $who = account($tv);
	my ($header, $payload, $signature) = split /\./, $who->{token};
	is($tv->get('/users/me', sign_token($who->{token}))->{status}, 200, 'signed again it is good');
	my %cases = (
		expired => sign_token($who->{token}, exp => time - 1, iat => time - 901, nbf => time - 901),
		'no signature' => "$header.$payload.",
		'role raised' => do { my $p = decode_base64url($payload); $p =~ s/"role":"user"/"role":"admin"/; $header . '.' . MIME::Base64::encode_base64url($p) . ".$signature" },
		'other audience' => sign_token($who->{token}, aud => 'x'),
		'sub as a number' => sign_token($who->{token}, sub => 1),
		'4,100 bytes' => 'x' x 4100,
		'two dots' => '..',
	);
	is_problem($tv->get('/users/me', $cases{$_}), 401, undef, $_) for sort keys %cases;
};

subtest 'roles and states count at once where something is written' => sub {
	needs('GET /admin/users', 'PATCH /users/me', 'POST /auth/refresh');
	my ($admin, undef) = (admin($tv), admin($tv)); # the last one could not be taken
	my $who = account($tv);
	my $change = sub { $tv->request('PATCH', '/users/me', body => { name => 'N' }, token => $who->{token}) };
	is($tv->get('/admin/users', $admin->{token})->{status}, 200, 'an administrator');
	sql($database, "update users.account set role = 'user' where id = $admin->{id}");
	is_problem($tv->get('/admin/users', $admin->{token}), qr/^(401|403)$/, undef, 'whose role was taken');
	is($change->()->{status}, 200, 'an account');
	sql($database, "update users.account set status = 'suspended' where id = $who->{id}");
	is_problem($change->(), 403, undef, 'that was suspended');
	is_problem(login_as($who->{email}, $password), qr/^(401|403)$/);
	is_problem(refresh($who->{refresh_token}), qr/^(401|403)$/);
};

done_testing();

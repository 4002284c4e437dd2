# The own account, profiles and administration of accounts.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my $tv = server($database);
my $who = account($tv);
my $other = account($tv);
my $admin = admin($tv);
my $password = $who->{password};

sub profiles { return @{ $tv->get('/users/profiles', $_[0]{token})->{json}{items} || [] } }
sub make_profile { my ($who, %body) = @_; return $tv->post('/users/profiles', { name => 'Kid', %body }, $who->{token}) }
sub select_profile { my ($who, $id, %body) = @_; return $tv->post("/users/profiles/$id/select", \%body, $who->{token}) }

subtest 'me' => sub {
	my $me = $tv->get('/users/me', $who->{token});
	is($me->{status}, 200, 'read') or return diag($me->{content});
	is_deeply([sort grep { !/^(status|updated_at|version)$/ } keys %{ $me->{json} }],
		[sort qw(id email name role country locale created_at profile)], 'its members');
	is($me->{json}{id}, $who->{id}, 'id');
};

subtest 'changing me' => sub {
	needs('PATCH /users/me');
	my $me = $tv->get('/users/me', $who->{token});
	my $changed = $tv->request('PATCH', '/users/me', body => { name => 'Kari', country => 'SE' }, token => $who->{token});
	is($changed->{status}, 200, 'changed') or diag($changed->{content});
	is($changed->{json}{name}, 'Kari', 'name');
	is($changed->{json}{country}, 'SE', 'country');
	$changed = $tv->request('PATCH', '/users/me', body => { locale => 'sv-SE' }, token => $who->{token});
	is($changed->{json}{name}, 'Kari', 'what is not sent stays');
	is($changed->{json}{locale}, 'sv-SE', 'locale');
	isnt($tv->get('/users/me', $who->{token})->{headers}{etag}, $me->{headers}{etag}, 'a new ETag');
	is_problem($tv->request('PATCH', '/users/me', body => { $_ => 'x@example.org' }, token => $who->{token}), 422) for qw(email role id);
	is($tv->get('/users/me', $other->{token})->{json}{name}, '', "somebody else's is untouched");
};

subtest 'profiles' => sub {
	needs('GET /users/profiles', 'POST /users/profiles', 'PUT /users/profiles/{id}');
	my ($first) = profiles($who);
	is_deeply([sort grep { !/^(version|updated_at)$/ } keys %$first], [sort qw(id name avatar is_kids max_age language has_pin created_at)], 'members');
	my $r = make_profile($who, is_kids => JSON::PP::true(), max_age => 7, language => 'nor', pin => '1234');
	is($r->{status}, 201, 'made') or return diag($r->{content});
	my $kid = $r->{json};
	is($kid->{max_age}, 7, 'max_age');
	is($kid->{has_pin}, JSON::PP::true(), 'has_pin');
	unlike($r->{content}, qr/1234|\$2b\$/, 'the PIN is not told');
	is_problem(make_profile($who), 409);
	is_problem(make_profile($who, name => $_), 422) for '', 'x' x 51;
	is_problem(make_profile($who, name => 'A', pin => $_), 422) for '12', 'abcd', '1' x 20;
	is_problem(make_profile($who, name => 'A', max_age => $_), 422) for -1, 19, '7';
	is_problem(make_profile($who, name => 'A', is_kids => JSON::PP::true(), max_age => 18), 422);
	is($tv->get("/users/profiles/$kid->{id}", $who->{token})->{json}{name}, 'Kid', 'read');
	for my $method (qw(GET PUT DELETE)) {
		my %body = $method eq 'PUT' ? (body => { name => 'Mine' }) : ();
		is_problem($tv->request($method, "/users/profiles/$kid->{id}", token => $other->{token}, %body), 404, undef, "$method by somebody else");
	}
	is_problem(select_profile($other, $kid->{id}, pin => '1234'), 404, undef, 'select by somebody else');
	my $put = sub { $tv->put("/users/profiles/$kid->{id}", { name => 'Kid', is_kids => JSON::PP::true(), max_age => 7, @_ }, $who->{token}) };
	$r = $put->(name => 'Per');
	is($r->{status}, 200, 'changed') or diag($r->{content});
	is($r->{json}{has_pin}, JSON::PP::true(), 'a PUT without pin keeps it');
	is_problem($put->(max_age => 18), qr/^(403|422)$/, undef, 'raising max_age takes the password');
	is_problem($put->(max_age => 18, password => 'wrong password'), qr/^(403|422)$/, undef, 'the right one');
	is($put->(max_age => 12, password => $password)->{status}, 200, 'with it, it is raised');
	is($put->(max_age => 7)->{status}, 200, 'lowering takes none');
	is_problem($put->(is_kids => JSON::PP::false()), 403, 'password_required', 'no kids\' profile any more takes it');
	is($put->(is_kids => JSON::PP::false(), password => $password)->{status}, 200, 'with it, it is an ordinary one');
};

subtest 'select' => sub {
	needs('GET /users/profiles', 'POST /users/profiles', 'POST /users/profiles/{id}/select', 'POST /auth/refresh');
	my ($kid) = grep { $_->{has_pin} } profiles($who);
	is_problem(select_profile($who, $kid->{id}, pin => '9999'), 403, 'wrong_pin');
	is_problem(select_profile($who, $kid->{id}), 403, undef, 'no PIN at all');
	my $r = select_profile($who, $kid->{id}, pin => '1234');
	is($r->{status}, 200, 'selected') or return diag($r->{content});
	is($tv->get('/users/me', $r->{json}{access_token})->{json}{profile}{id}, $kid->{id}, 'the token is that profile');
	is($tv->get('/users/me', $r->{json}{access_token})->{json}{profile}{max_age}, 7, 'with its age');
	my $next = $tv->post('/auth/refresh', { refresh_token => $r->{json}{refresh_token} });
	is($next->{status}, 200, 'refreshed') or diag($next->{content});
	is($tv->get('/users/me', $next->{json}{access_token})->{json}{profile}{id}, $kid->{id}, 'refreshed tokens keep it');
};

subtest 'the last profile stays' => sub {
	needs('GET /users/profiles', 'POST /users/profiles', 'DELETE /users/profiles/{id}');
	my ($only) = profiles($other);
	is_problem($tv->request('DELETE', "/users/profiles/$only->{id}", token => $other->{token}), 409, 'last_profile');
	my $second = make_profile($other)->{json};
	is($tv->request('DELETE', "/users/profiles/$second->{id}", token => $other->{token})->{status}, 204, 'one of two goes');
	is_problem($tv->get("/users/profiles/$second->{id}", $other->{token}), 404);
	my @made = map { make_profile($other, name => "P$_")->{status} } 1 .. 12;
	is($made[-1], 409, 'there is a limit') or diag("@made");
};

subtest 'administration' => sub {
	needs('POST /users', 'PUT /admin/users/{id}');
	is_problem($tv->get($_, $who->{token}), 403) for '/admin/users', "/admin/users/$other->{id}";
	my $made = $tv->post('/users', { email => 'made@example.org', password => 'correct horse 7', role => 'user', name => 'Made' }, $admin->{token});
	is($made->{status}, 201, 'made') or return diag($made->{content});
	is_problem($tv->post('/users', { email => 'MADE@example.org', password => 'correct horse 7' }, $admin->{token}), 409, 'email_taken');
	is_problem($tv->post('/users', { email => 'x@example.org', password => 'correct horse 7' }, $who->{token}), 403);
	is($tv->post('/auth/login', { email => 'made@example.org', password => 'correct horse 7' })->{status}, 200, 'can sign in');
	my $found = $tv->get('/admin/users?q=made', $admin->{token});
	is_deeply([map { $_->{email} } @{ $found->{json}{items} }], ['made@example.org'], 'found') or diag($found->{content});
	my @all = $tv->pages('/admin/users?limit=1', $admin->{token});
	is(scalar @all, sql($database, 'select count(*) from users.account'), 'all, page by page');
	my $one = $tv->get("/admin/users/$made->{json}{id}", $admin->{token});
	my $put = sub {
		my ($match, %body) = @_;
		return $tv->put("/admin/users/$made->{json}{id}", { name => 'Made', role => 'user', status => 'active', country => undef, %body }, $admin->{token},
			headers => { 'If-Match' => $match });
	};
	is_problem($put->('"other"', name => 'No'), 412);
	is($tv->get("/admin/users/$made->{json}{id}", $admin->{token})->{json}{name}, 'Made', 'nothing changed');
	my $changed = $put->($one->{headers}{etag}, name => 'Yes', status => 'suspended', country => 'NO');
	is($changed->{status}, 200, 'changed') or diag($changed->{content});
	is_problem($put->($one->{headers}{etag}, name => 'Late'), 412);
	is_problem($tv->post('/auth/login', { email => 'made@example.org', password => 'correct horse 7' }), qr/^(401|403)$/, undef, 'suspended');
	is($tv->request('DELETE', "/admin/users/$made->{json}{id}", token => $admin->{token})->{status}, 204, 'erased');
	is_problem($tv->get("/admin/users/$made->{json}{id}", $admin->{token}), 404);
};

subtest 'everything about me, and nothing any more' => sub {
	needs('GET /users/me/export', 'DELETE /users/me');
	my $export = $tv->get('/users/me/export', $who->{token});
	is($export->{status}, 200, 'export') or diag($export->{content});
	like($export->{content}, qr/\Q$who->{email}\E/, 'has the address');
	unlike($export->{content}, qr/\$2b\$|refresh_hash/, 'and no secret');
	is_problem($tv->request('DELETE', '/users/me', body => { password => 'wrong password' }, token => $who->{token}), qr/^40[13]$/);
	is($tv->request('DELETE', '/users/me', body => { password => $password }, token => $who->{token})->{status}, 204, 'deleted');
	is_problem($tv->post('/auth/login', { email => $who->{email}, password => $password }), 401, 'invalid_credentials');
	is(sql($database, "select count(*) from users.account where id = $who->{id}"), 0, 'no account');
	is(sql($database, "select count(*) from users.profile where account_id = $who->{id}"), 0, 'no profile');
	is(sql($database, "select count(*) from auth.session where account_id = $who->{id}"), 0, 'no session');
};

done_testing();

# Profiles: their number, names, ages and PINs, and what a child at the remote control cannot do.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database, TV_WORKERS => 10); # as many as there are requests at once
my ($yes, $no) = (JSON::PP::true(), JSON::PP::false());

sub one { my ($who, $id) = @_; return $tv->get("/users/profiles/$id", $who->{token}) }
sub change { my ($who, $id, %body) = @_; return $tv->put("/users/profiles/$id", { name => 'Changed', %body }, $who->{token}) }
sub remove { my ($who, $id) = @_; return $tv->request('DELETE', "/users/profiles/$id", token => $who->{token}) }
sub pin_of { return sql($database, "select coalesce(pin_hash, '') from users.profile where id = $_[0]") }

# Another session of the same account, as one of its profiles.
sub as_profile
{
	my ($who, $id, %body) = @_;
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	return { %$who, token => select_profile($tv, $device, $id, %body)->{json}{access_token} };
}

subtest 'made, read, changed, deleted' => sub {
	my $who = account($tv);
	my $r = make_profile($tv, $who, name => 'Ærlig Ø ☃ 子', avatar => '/avatars/fox.png', language => 'nb-NO', is_kids => $no, max_age => 12);
	is($r->{status}, 201, 'made') or return diag($r->{content});
	my $p = $r->{json};
	is($r->{headers}{location}, "/users/profiles/$p->{id}", 'Location');
	is_deeply([sort grep { !/^(version|updated_at)$/ } keys %$p], [sort qw(id name avatar is_kids max_age language has_pin created_at)], 'members');
	is_deeply([@$p{qw(name avatar language max_age has_pin is_kids)}], ['Ærlig Ø ☃ 子', '/avatars/fox.png', 'nb-NO', 12, $no, $no], 'as sent');
	is_deeply(one($who, $p->{id})->{json}, $p, 'read');
	is_deeply([grep { $_->{id} == $p->{id} } @{ $tv->get('/users/profiles', $who->{token})->{json}{items} }], [$p], 'listed');
	$r = change($who, $p->{id}, name => 'Øre', max_age => 7);
	is($r->{status}, 200, 'replaced') or diag($r->{content});
	is_deeply([@{ $r->{json} }{qw(id name avatar language max_age created_at)}], [$p->{id}, 'Øre', undef, undef, 7, $p->{created_at}],
		'  absent members are empty');
	is_deeply(one($who, $p->{id})->{json}, $r->{json}, '  as read');
	is(remove($who, $p->{id})->{status}, 204, 'deleted');
	is_problem(one($who, $p->{id}), 404, 'not_found');
	is_problem(remove($who, $p->{id}), 404, 'not_found');
	is_problem(change($who, $p->{id}), 404, 'not_found');
	is_problem(select_profile($tv, $who, $p->{id}), 404, 'not_found');
};

subtest 'what a body may be' => sub {
	my $who = account($tv);
	my %cases = (
		name => ['', 'x' x 51, "a\tb", 7], avatar => ['http://example.org/x.png', 'javascript:alert(1)', 'x.png', '//example.org/x'],
		max_age => [-1, 19, '7', 7.5], is_kids => ['true', 1], language => ['not a language', 1], pin => ['123', '123456789', '12a4', '١٢٣٤', 1234],
	);
	my $before = state_of($database);
	for my $name (sort keys %cases) {
		for my $value (@{ $cases{$name} }) {
			my $r = make_profile($tv, $who, name => 'New', $name => $value);
			is_problem($r, 422, undef, "$name $value");
			is_deeply([map { $_->{field} } @{ $r->{json}{errors} }], [$name], '  which is named');
		}
	}
	is_problem($tv->post('/users/profiles', {}, $who->{token}), 422);
	is_problem(make_profile($tv, $who, name => 'New', is_kids => $yes, max_age => $_), 422, undef, "a child of $_") for 13, 18;
	is_problem(make_profile($tv, $who, name => 'Main'), 409, 'name_taken');
	is_problem(make_profile($tv, $who, name => 'MAIN'), 409, 'name_taken');
	is_deeply(state_of($database), $before, 'nothing was made');
	is(make_profile($tv, $who, name => 'Kid', is_kids => $yes)->{json}{max_age}, 6, 'a kids profile is for six without an age');
	is(make_profile($tv, $who, name => '子' x 50)->{status}, 201, '50 characters of three bytes');
};

subtest 'how many' => sub {
	my $who = account($tv);
	my ($only) = @{ $tv->get('/users/profiles', $who->{token})->{json}{items} };
	is_problem(remove($who, $only->{id}), 409, 'last_profile');
	my $limit = sql($database, "select users.profile_limit($who->{id})");
	for my $round (1 .. 5) {
		$who = account($tv) if $round > 1;
		my @texts = map { request_text('POST', '/users/profiles', token => $who->{token}, body => { name => "P$_" }) } 1 .. 10;
		my @status = map { $_->{status} } together($tv, @texts);
		is(scalar(grep { $_ == 201 } @status), $limit - 1, 'of ten at once as many as are allowed') or diag("@status");
		is(scalar(grep { $_ == 409 } @status), 11 - $limit, '  the others are told so');
		is(sql($database, "select count(*) from users.profile where account_id = $who->{id}"), $limit, '  and are not there');
	}
	is_problem(make_profile($tv, $who, name => 'One more'), 409, 'profile_limit');
	my @ids = map { $_->{id} } @{ $tv->get('/users/profiles', $who->{token})->{json}{items} };
	my $self = claims_of($who->{token})->{pid};
	my @gone = together($tv, map { request_text('DELETE', "/users/profiles/$_", token => $who->{token}) } grep { $_ != $self } @ids);
	is_deeply([map { $_->{status} } @gone], [(204) x ($limit - 1)], 'all but one go at once');
	my $second = make_profile($tv, $who, name => 'Second')->{json}{id};
	@gone = together($tv, map { request_text('DELETE', "/users/profiles/$_", token => as_profile($who, $_)->{token}) } $self, $second);
	is(sql($database, "select count(*) from users.profile where account_id = $who->{id}"), 1, 'of the last two one stays') or diag(map { $_->{content} } @gone);
};

subtest 'a profile that is gone, while its session goes on as another' => sub {
	my ($who, %id) = (account($tv), seed($database));
	my $second = make_profile($tv, $who, name => 'Second')->{json}{id};
	my $gone = select_profile($tv, $who, $second)->{json}{access_token};
	my $stays = select_profile($tv, { %$who, token => $gone }, profile_of($who))->{json}{access_token};
	is(remove({ token => $stays }, $second)->{status}, 204, 'deleted');
	is_problem($tv->put("/users/watchlist/$id{movie}", undef, $gone), 401, 'session_ended', 'its token puts nothing on a list');
	is_problem($tv->post('/livetv/player-key', undef, $gone), 401, 'session_ended', '  and makes no key');
	is($tv->put("/users/watchlist/$id{movie}", undef, $stays)->{status}, 204, 'that of the other does');
};

subtest 'a profile that is deleted while it is selected' => sub {
	my $who = account($tv);
	my $second = make_profile($tv, $who, name => 'Second')->{json}{id};
	# as if it were gone when its PIN has been compared
	sql($database, "create function public.keep() returns trigger language plpgsql as 'begin return null; end';
		create trigger keep before update of profile_id on auth.session for each row when (new.profile_id = $second) execute function public.keep()");
	is_problem(select_profile($tv, $who, $second), 404, 'not_found');
	sql($database, 'drop trigger keep on auth.session; drop function public.keep()');
	is($tv->request('PATCH', '/users/me', body => { name => 'N' }, token => $who->{token})->{status}, 200, 'the session goes on');
	is(renew($tv, $who->{refresh_token})->{status}, 200, '  and on');
};

subtest 'PINs' => sub {
	my $who = account($tv);
	my $made = make_profile($tv, $who, name => 'Locked', pin => '13579', max_age => 18);
	my $id = $made->{json}{id};
	is($made->{json}{has_pin}, $yes, 'has_pin');
	my $hash = pin_of($id);
	like($hash, qr/^\$2b\$04\$.{53}$/, 'stored as bcrypt');
	for my $path ("/users/profiles/$id", '/users/profiles', '/users/me', '/users/me/export', '/auth/sessions') {
		unlike($tv->get($path, $who->{token})->{content}, qr/13579|\$2b\$|pin_hash/, "not in $path");
	}
	is(change($who, $id, max_age => 18)->{json}{has_pin}, $yes, 'a PUT without pin keeps it');
	is(pin_of($id), $hash, '  as it is');
	for my $pin (undef, '2468', '13579') {
		is_problem(change($who, $id, max_age => 18, pin => $pin), 403, 'password_required', 'changing ' . ($pin // 'to none') . ' takes the password');
	}
	is_problem(change($who, $id, max_age => 18, pin => undef, password => 'wrong password'), 403, 'wrong_password');
	is(pin_of($id), $hash, 'still as it is');
	is_problem(select_profile($tv, $who, $id), 403, undef, 'selecting takes it');
	is_problem(select_profile($tv, $who, $id, pin => $_), 403, 'wrong_pin', "not $_") for '1357', '135790', '00000';
	is_problem(select_profile($tv, $who, $id, pin => undef), 403, 'pin_required');
	is_problem(select_profile($tv, $who, $id, pin => '13579 '), 422);
	is(profile_of($who), claims_of(renew($tv, $who->{refresh_token})->{json}{access_token})->{pid}, 'a wrong one changes no session');
	my $r = select_profile($tv, $who, $id, pin => '13579');
	is($r->{status}, 200, 'the right one') or diag($r->{content});
	is(claims_of($r->{json}{access_token})->{pid}, $id, '  is that profile');
	is(change($who, $id, max_age => 18, pin => '2468', password => $password)->{status}, 200, 'changed with the password');
	is(select_profile($tv, $who, $id, pin => '2468')->{status}, 200, '  to a new one');
	is(change($who, $id, max_age => 18, pin => undef, password => $password)->{json}{has_pin}, $no, 'cleared with the password');
	is(select_profile($tv, $who, $id)->{status}, 200, '  selected without one');
	is(change($who, $id, max_age => 18, pin => '9876')->{json}{has_pin}, $yes, 'a first PIN takes none');
};

subtest 'ages' => sub {
	my $who = account($tv);
	my $id = make_profile($tv, $who, name => 'Kid', is_kids => $yes, max_age => 6)->{json}{id};
	for my $try ([max_age => 7], [max_age => 18, is_kids => $no], [is_kids => $no]) {
		is_problem(change($who, $id, is_kids => $yes, @$try), 403, 'password_required', "raising it (@$try) takes the password");
		is_problem(change($who, $id, is_kids => $yes, @$try, password => 'wrong password'), 403, 'wrong_password');
	}
	is(one($who, $id)->{json}{max_age}, 6, 'nothing has changed');
	is_problem(change($who, $id, is_kids => $yes, max_age => 13, password => $password), 422, undef, 'a kids profile is for twelve at most');
	is(change($who, $id, is_kids => $yes, max_age => 12, password => $password)->{json}{max_age}, 12, 'raised');
	is(change($who, $id, is_kids => $yes, max_age => 3)->{json}{max_age}, 3, 'lowering takes none');
};

subtest 'a child at the remote control' => sub {
	my $who = account($tv);
	my ($adult) = map { $_->{id} } @{ $tv->get('/users/profiles', $who->{token})->{json}{items} };
	my $id = make_profile($tv, $who, name => 'Kid', is_kids => $yes, max_age => 6)->{json}{id};
	my $locked = make_profile($tv, $who, name => 'Locked', pin => '8642')->{json}{id};
	my $kid = as_profile($who, $id);
	is(claims_of($kid->{token})->{age}, 6, 'is six');
	for my $door ([], [max_age => 18], [max_age => 7], [is_kids => $yes, max_age => 12]) {
		is_problem(make_profile($tv, $kid, name => 'Door', @$door), 403, 'password_required', "makes no profile with @$door");
	}
	is_problem(make_profile($tv, $kid, name => 'Door', password => 'wrong password'), 403, 'wrong_password');
	is_problem(change($kid, $id, is_kids => $yes, max_age => 7), 403, 'password_required', 'does not grow up');
	is_problem(change($kid, $_, max_age => 18, pin => '1111'), 403, 'password_required', "puts no PIN on an adult's") for $adult, $locked;
	is_problem(change($kid, $adult, max_age => 6), 403, 'password_required', "lowers no adult's age");
	is_problem(remove($kid, $_), 403, 'profile_not_allowed', "deletes no adult's") for $adult, $locked;
	is_problem(select_profile($tv, $kid, $locked), 403, 'pin_required');
	is_problem(select_profile($tv, $kid, $locked, pin => '0000'), 403, 'wrong_pin');
	is(sql($database, "select count(*) from users.profile where account_id = $who->{id}"), 3, 'nothing was made or deleted');
	is(make_profile($tv, $kid, name => 'Sister', is_kids => $yes, max_age => 6)->{status}, 201, 'one as old as itself');
	is(make_profile($tv, $kid, name => 'Door', max_age => 18, password => $password)->{status}, 201, 'whoever knows the password');
};

subtest 'two changes at once' => sub {
	my $who = account($tv);
	my $id = make_profile($tv, $who, name => 'Kid', is_kids => $yes, max_age => 6)->{json}{id};
	for my $round (1 .. 10) {
		my @r = together($tv, map { request_text('PUT', "/users/profiles/$id", token => $who->{token}, body => $_) }
			{ name => 'Kid', max_age => 6, is_kids => $yes, pin => '4321', password => $password }, { name => 'Kid', max_age => 3, is_kids => $yes },
			{ name => 'Kid', max_age => 6, is_kids => $yes });
		is_problem($_, qr/^(403|409)$/) for grep { $_->{status} != 200 } @r;
		my ($pin, $age) = (pin_of($id), one($who, $id)->{json}{max_age});
		ok($r[0]{status} != 200 || $pin =~ /^\$2b/, 'a PIN that was answered is there');
		cmp_ok($age, '<=', 6, 'nobody grew');
	}
};

done_testing();

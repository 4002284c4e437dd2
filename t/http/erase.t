# Whoever leaves gets everything that is kept, and then nothing of it is left: in no table, in no log.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
my $tv = keyed_server($database);
my $admin = admin($tv);

# Words that stand nowhere else, and the text that is tried with each.
my %trace = (
	email => q(zq'ülrich+no.such%_tag@exämple-quaxolotl.org),
	name => q(Quaxolotl O'Brien <b>&amp;</b> \\ "Ω" 株式会社),
	profile => q(Zzyzxkid '; drop table users.profile; -- ☃),
	device => q(Vorpalphone "7" \\u0000 %s ${x} 📺),
	avatar => '/avatars/wubwubquaxolotl.png',
);
my @words = qw(quaxolotl Quaxolotl Zzyzxkid Vorpalphone wubwub);

sub dump_of { return scalar qx(pg_dump --inserts -d '@{[sql_url('postgres', $database)]}' 2>&1) }
sub found { my ($text) = @_; return grep { $text =~ /\Q$_\E/i } @words }
sub erase { my ($token, $with) = @_; return $tv->request('DELETE', '/users/me', body => { password => $with }, token => $token) }

# Somebody who has left something everywhere.
sub make_person
{
	my $made = $tv->post('/auth/register', { email => $trace{email}, password => $password, name => $trace{name}, country => 'NO', locale => 'nb-NO' });
	is($made->{status}, 201, 'registered') or die $made->{content};
	my $tokens = sign_in($tv, $trace{email}, $password, device_name => $trace{device})->{json};
	my $who = { id => $made->{json}{id}, email => $trace{email}, token => $tokens->{access_token} };
	my $profile = make_profile($tv, $who, name => $trace{profile}, avatar => $trace{avatar}, pin => '4711', max_age => 18);
	is($profile->{status}, 201, 'a profile') or diag($profile->{content});
	$who->{profile} = $profile->{json}{id};
	sql($database, "insert into users.watchlist (profile_id, item_id) values ($who->{profile}, $id{movie}), ($who->{profile}, $id{channel});
		insert into users.progress (profile_id, item_id, position, duration, finished) values ($who->{profile}, $id{episode}, 1234, 4321, true);
		insert into users.resume (profile_id, group_id, item_id) values ($who->{profile}, $id{series}, $id{episode});
		insert into users.history (profile_id, item_id, position) values ($who->{profile}, $id{adult_movie}, 777)");
	return $who;
}

# What makes noise with the name in it: refusals, an administrator's search and change, wrong passwords.
sub make_noise
{
	my ($who) = @_;
	$tv->post('/auth/register', { email => $trace{email}, password => $password });
	make_profile($tv, $who, name => $trace{profile});
	make_profile($tv, $who, name => 'x' x 60 . $trace{profile});
	sign_in($tv, $trace{email}, 'wrong password', device_name => $trace{device});
	$tv->get('/admin/users?q=' . uri('quaxolotl'), $admin->{token});
	$tv->get('/nothing/' . uri($_), $who->{token}) for 'at-all';
	$tv->get("/users/me?name=quaxolotl", $who->{token});
	my $r = $tv->put("/admin/users/$who->{id}", { name => $trace{name}, role => 'user', status => 'active', country => 'SE' }, $admin->{token});
	is($r->{status}, 200, 'an administrator changes something');
	is($tv->request('PATCH', '/users/me', body => { name => $trace{name} }, token => $who->{token})->{status}, 200, 'and so does the person');
}

my $other = account($tv);
make_profile($tv, $other, name => 'Stays');
my $who = make_person();
make_noise($who);
my $others = sub { return sql($database, "select a::text, p::text from users.account a join users.profile p on p.account_id = a.id
	where a.email in ('$other->{email}', '$admin->{email}') order by p.id") };
my $kept = $others->();

subtest 'the export' => sub {
	my $r = $tv->get('/users/me/export', $who->{token});
	is($r->{status}, 200, 'answered') or return diag($r->{content});
	my $e = $r->{json};
	is_deeply([@$e{qw(id email name country locale)}], [$who->{id}, $trace{email}, $trace{name}, 'SE', 'nb-NO'], 'the person, letter for letter');
	is_deeply([map { [@$_{qw(name avatar)}] } grep { $_->{id} == $who->{profile} } @{ $e->{profiles} }], [[@trace{qw(profile avatar)}]], 'the profile');
	is(scalar @{ $e->{profiles} }, 2, '  and the first one');
	is_deeply([map { $_->{device_name} } @{ $e->{sessions} }], [$trace{device}], 'the session');
	is_deeply([sort map { $_->{content_id} } @{ $e->{watchlist} }], [sort @id{qw(movie channel)}], 'the watch list');
	is_deeply([map { [@$_{qw(content_id title position duration)}, !!$_->{seen}] } @{ $e->{progress} }], [[$id{episode}, 'Seed Pilot', 1234, 4321, !!1]], 'progress');
	is_deeply([map { [@$_{qw(content_id title position)}] } @{ $e->{history} }], [[$id{adult_movie}, 'Adult Movie', 777]], 'history');
	unlike($r->{content}, qr/\$2b\$|hash|4711|"pin"/, 'no secret');
	unlike($tv->get('/users/me/export', $other->{token})->{content}, qr/quaxolotl|Zzyzxkid/i, "nothing of it in somebody else's");
};

cmp_ok(scalar found(dump_of()), '>=', 4, 'all that is in the database') or diag(join ' ', found(dump_of()));
is_problem(erase($who->{token}, 'wrong password'), 403, 'wrong_password');
is_problem(erase($who->{token}, ''), 422);
is_problem($tv->request('DELETE', '/users/me', token => $who->{token}), 400);
is(sql($database, "select count(*) from users.account where id = $who->{id}"), 1, 'still there');
is(erase($who->{token}, $password)->{status}, 204, 'erased');

my $dump = dump_of();
like($dump, qr/PostgreSQL database dump complete/, 'the whole database');
is_deeply([found($dump)], [], 'nothing is left in it') or diag(grep { /quaxolotl|Zzyzx|Vorpal/i } split /^/, $dump);
is(sql($database, "select count(*) from $_->[0] where $_->[1] = $who->{id}"), 0, "$_->[0]")
	for ['users.profile', 'account_id'], ['auth.session', 'account_id'], ['auth.credential', 'account_id'];
is_problem($tv->get('/users/me', $who->{token}), 404, undef, 'the token has nobody to speak for');
is_problem($tv->request('PATCH', '/users/me', body => { name => 'x' }, token => $who->{token}), 401, 'session_ended');
is_problem(sign_in($tv, $trace{email}, $password), 401, 'invalid_credentials');
is($others->(), $kept, 'others are untouched');

# lighttpd keeps some lines back until it ends.
$tv->stop;
my $logs = $tv->log_text;
like($logs, qr{/users/me}, 'there are logs');
is_deeply([found($logs)], [], 'nothing is left in them') or diag(grep { /quaxolotl|Zzyzx|Vorpal/i } split /^/, $logs);
my $own = read_file(TV::cluster()->{dir} . '/log');
like($own, qr/account_email_key/, 'the private PostgreSQL has a log as well');
is_deeply([found($own)], [], 'nothing is left in it') or diag((grep { /quaxolotl|Zzyzx|Vorpal/i } split /^/, $own)[0 .. 2]);

subtest 'somebody is in charge' => sub {
	$tv = keyed_server($database);
	is_problem(erase($admin->{token}, $password), 409, 'last_admin', 'the last administrator stays');
	is_problem($tv->request('DELETE', "/admin/users/$admin->{id}", token => $admin->{token}), 409, 'last_admin');
	is_problem($tv->put("/admin/users/$admin->{id}", { name => 'N', status => 'active', role => 'user', @$_ }, $admin->{token}), 409, 'last_admin', "@$_")
		for ['role', 'user'], ['role', 'admin', 'status', 'suspended'];
	my $second = admin($tv);
	my @both = together($tv, map { request_text('DELETE', '/users/me', token => $_->{token}, body => { password => $password }) } $admin, $second);
	is_deeply([sort map { $_->{status} } @both], [204, 409], 'of two who leave at once one stays') or diag(map { $_->{content} } @both);
	is(sql($database, "select count(*) from users.account where role = 'admin'"), 1, '  indeed');
	my $made = $tv->post('/auth/register', { email => $trace{email}, password => $password });
	is($made->{status}, 201, 'the address is free again');
	cmp_ok($made->{json}{id}, '>', $who->{id}, '  for somebody else');
};

done_testing();

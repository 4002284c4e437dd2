# What operators do to accounts on the command line, and a new cost of passwords: seen by whoever is signed in.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = server($database);

subtest 'a new TV_BCRYPT_COST' => sub {
	my $who = account($tv);
	my $kept = sub { sql($database, "select password_hash from auth.credential where account_id = $who->{id}") };
	my $first = $kept->();
	like($first, qr/^\$2b\$04\$/, 'the cost of before');
	is(sign_in($tv, $who->{email}, $who->{password})->{status}, 200, 'signed in with it');
	is($kept->(), $first, '  nothing to do');
	my $costly = server($database, env => { TV_BCRYPT_COST => 6 });
	is(sign_in($costly, $who->{email}, 'not the password')->{status}, 401, 'a wrong password');
	is($kept->(), $first, '  changes nothing');
	is(sign_in($costly, $who->{email}, $who->{password})->{status}, 200, 'the right one');
	my $second = $kept->();
	like($second, qr/^\$2b\$06\$.{53}$/, '  is hashed anew');
	is(sign_in($costly, $who->{email}, $who->{password})->{status}, 200, '  and is the same password');
	is($kept->(), $second, '  hashed once');
	is(sign_in($tv, $who->{email}, $who->{password})->{status}, 200, 'where the cost is lower');
	is($kept->(), $second, '  it stays');
	is($tv->get('/users/me', $who->{token})->{status}, 200, 'no session ended');
	$costly->stop;
};

subtest 'auth revoke' => sub {
	my ($who, $other) = (account($tv), account($tv));
	my $again = TV::login($tv, $who);
	my $done = command($database, 'auth', 'revoke', uc $who->{email});
	is($done->{exit}, 0, 'done, however the address is written') or diag($done->{err});
	is_problem(renew($tv, $_->{refresh_token}), 401, undef, 'a session is over') for $who, $again;
	is_problem($tv->post('/users/profiles', { name => 'Late' }, $who->{token}), 401, 'session_ended', '  and writes nothing any more');
	is(renew($tv, $other->{refresh_token})->{status}, 200, 'somebody else\'s is not');
	is(sign_in($tv, $who->{email}, $who->{password})->{status}, 200, 'the password still is one');
	$done = command($database, 'auth', 'revoke', 'nobody@example.org');
	isnt($done->{exit}, 0, 'an unknown address');
	like($done->{err}, qr/no account nobody\@example\.org/, '  is named');
	isnt(command($database, 'auth', 'revoke', @$_)->{exit}, 0, 'not: ' . @$_ . ' arguments') for [], ['a@example.org', 'b@example.org'];
};

subtest 'users grant-admin' => sub {
	my ($who, $other) = (account($tv), account($tv));
	is_problem($tv->get('/admin/users', $who->{token}), 403, 'forbidden', 'a user');
	my $done = command($database, 'users', 'grant-admin', uc $who->{email});
	is($done->{exit}, 0, 'made an administrator') or diag($done->{err});
	my $renewed = renew($tv, $who->{refresh_token});
	is($renewed->{status}, 200, 'the session goes on');
	is($tv->get('/admin/users', $renewed->{json}{access_token})->{status}, 200, '  as an administrator\'s');
	is_problem($tv->get('/admin/users', $other->{token}), 403, 'forbidden', 'nobody else is one');
	is(command($database, 'users', 'grant-admin', $who->{email})->{exit}, 0, 'again: nothing to do');
	$done = command($database, 'users', 'grant-admin', 'nobody@example.org');
	isnt($done->{exit}, 0, 'an unknown address');
	like($done->{err}, qr/no account nobody\@example\.org/, '  is named');
	isnt(command($database, 'users', 'grant-admin')->{exit}, 0, 'not without an address');
};

done_testing();

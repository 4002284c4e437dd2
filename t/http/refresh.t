# Sessions and their refresh tokens: spent once and only once, stolen ones noticed, ended at once.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database, TV_WORKERS => 10); # as many as there are requests at once

sub write_as { my ($token) = @_; return $tv->request('PATCH', '/users/me', body => { name => 'N' }, token => $token) }
sub sessions { my ($token) = @_; return @{ $tv->get('/auth/sessions', $token)->{json}{items} || [] } }
sub another { my ($who, %more) = @_; return sign_in($tv, $who->{email}, $password, %more)->{json} }
sub end { my ($token, $id) = @_; return $tv->request('DELETE', '/auth/sessions' . (defined $id ? "/$id" : ''), token => $token) }

subtest 'ten at once, fifty times' => sub {
	my $who = account($tv);
	my %rounds;
	for (1 .. 50) {
		my $text = request_text('POST', '/auth/refresh', body => { refresh_token => another($who)->{refresh_token} });
		my @answers = together($tv, ($text) x 10);
		$rounds{ join ' ', sort map { $_->{status} } @answers }++;
		my @bad = grep { $_->{status} == 401 && ($_->{json}{code} // '') ne 'refresh_token_invalid' } @answers;
		is_problem($bad[0], 401, 'refresh_token_invalid') if @bad;
	}
	is_deeply(\%rounds, { join(' ', 200, (401) x 9) => 50 }, 'exactly one is answered each time') or diag(explain(\%rounds));
};

subtest 'one and the same token while its session is used' => sub {
	my $who = account($tv);
	my $kid = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	for (1 .. 10) {
		my $tokens = another($who);
		my @answers = together($tv, request_text('POST', '/auth/refresh', body => { refresh_token => $tokens->{refresh_token} }),
			request_text('POST', '/auth/logout', body => { refresh_token => $tokens->{refresh_token} }),
			request_text('POST', "/users/profiles/$kid/select", token => $tokens->{access_token}));
		is($answers[1]{status}, 204, 'signing out always succeeds');
		my @good = map { $_->{json}{refresh_token} } grep { $_->{status} == 200 } @answers;
		# 404: the session ended while the profile was looked for
		is_problem($_, qr/^40[14]$/) for grep { $_->{status} !~ /^20[04]$/ } @answers;
		is_problem(renew($tv, $_), 401, undef, 'and nothing got from it lives on') for @good, $tokens->{refresh_token};
	}
};

subtest 'a spent token comes again' => sub {
	my $who = account($tv);
	my $other = another($who);
	my $second = renew($tv, $who->{refresh_token})->{json};
	my $third = renew($tv, $second->{refresh_token})->{json};
	is(write_as($third->{access_token})->{status}, 200, 'the honest client writes');
	is_problem(renew($tv, $who->{refresh_token}), 401, 'refresh_token_invalid', "the thief's try");
	is_problem(write_as($_), 401, 'session_ended', 'access tokens write nothing, at once') for $third->{access_token}, $second->{access_token}, $who->{token};
	is_problem(renew($tv, $third->{refresh_token}), 401, 'refresh_token_invalid', "the honest client's newer token is refused, too");
	is(write_as($other->{access_token})->{status}, 200, 'the other session goes on');
	is(renew($tv, $other->{refresh_token})->{status}, 200, '  and on');
};

subtest 'the profile stays, and what its token may see is looked up' => sub {
	my $who = account($tv);
	my $kid = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $selected = select_profile($tv, $who, $kid)->{json};
	my $tokens = $selected;
	for my $n (1 .. 3) {
		$tokens = renew($tv, $tokens->{refresh_token})->{json};
		my $claims = claims_of($tokens->{access_token});
		is_deeply([@$claims{qw(sub pid age role sid)}], [$who->{id}, $kid, 6, 'user', session_of($who)], "refresh $n");
	}
	sql($database, "update users.account set role = 'admin' where id = $who->{id}");
	$tokens = renew($tv, $tokens->{refresh_token})->{json};
	is(claims_of($tokens->{access_token})->{role}, 'admin', 'a new role');
	is_problem(renew($tv, $who->{refresh_token}), 401, undef, 'the token from before the selection is spent');
	is_problem(renew($tv, $tokens->{refresh_token}), 401, undef, '  and ends the session');
};

subtest 'thirty days, whatever is refreshed' => sub {
	my $who = account($tv);
	my $sid = session_of($who);
	sql($database, "update auth.session set expires_at = now() + interval '1 hour' where id = $sid");
	my $r = renew($tv, $who->{refresh_token});
	cmp_ok($r->{json}{refresh_expires_in}, '<=', 3600, 'a refresh does not make it longer');
	cmp_ok($r->{json}{refresh_expires_in}, '>', 3500, '  nor shorter');
	sql($database, "update auth.session set expires_at = now() - interval '1 second' where id = $sid");
	is_problem(renew($tv, $r->{json}{refresh_token}), 401, 'refresh_token_invalid', 'over');
	is_problem(write_as($r->{json}{access_token}), 401, 'session_ended', '  also for its access token, where it writes');
	my $fresh = another($who)->{access_token};
	is_deeply([grep { $_->{id} == $sid } sessions($fresh)], [], '  and in the list');
	is_problem(end($fresh, $sid), 404, 'not_found', '  where it cannot be ended');
};

subtest 'signing out' => sub {
	my $who = account($tv);
	my $logout = sub { $tv->post('/auth/logout', { refresh_token => $_[0] }) };
	is($logout->($_)->{status}, 204, 'with a token that nobody knows') for 'x', 'A' x 43, "'; drop table auth.session", $who->{token} =~ /(.{200})/;
	is(write_as($who->{token})->{status}, 200, '  nobody is signed out by that');
	is($logout->($who->{refresh_token})->{status}, 204, 'with a good one') for 1, 2;
	is_problem(renew($tv, $who->{refresh_token}), 401);
	is_problem(write_as($who->{token}), 401, 'session_ended');
	my $spent = another($who);
	my $next = renew($tv, $spent->{refresh_token})->{json};
	is($logout->($spent->{refresh_token})->{status}, 204, 'with a spent one');
	is_problem(renew($tv, $next->{refresh_token}), 401, undef, '  its session has ended as well');
	is_problem($tv->post('/auth/logout', {}), 422);
};

subtest 'sessions' => sub {
	my ($who, $stranger) = (account($tv), account($tv));
	my @more = map { another($who, device_name => "TV $_ \x{2603} \"quoted\"") } 1 .. 3;
	my @list = sessions($who->{token});
	is(scalar @list, 4, 'all are listed');
	is_deeply([map { $_->{id} } grep { $_->{current} } @list], [session_of($who)], 'one is the current one');
	is_deeply([map { $_->{device_name} } sort { $a->{id} <=> $b->{id} } @list], [undef, map { "TV $_ \x{2603} \"quoted\"" } 1 .. 3], 'device_name');
	is_deeply([grep { $_->{ip} ne '127.0.0.1' || !$_->{created_at} || !$_->{last_used_at} } @list], [], 'ip and times');
	unlike($tv->get('/auth/sessions', $who->{token})->{content}, qr/hash|refresh_token/, 'no secret');
	my @id = map { claims_of($_->{access_token})->{sid} } @more;
	my $missing = without_id(end($stranger->{token}, 9007199254740990));
	is_deeply(without_id(end($stranger->{token}, $_)), $missing, "somebody else's is not there") for @id;
	is(end($who->{token}, $id[0])->{status}, 204, 'one ends');
	is_problem(write_as($more[0]{access_token}), 401, 'session_ended', '  at once');
	is_problem(renew($tv, $more[0]{refresh_token}), 401);
	is_deeply(without_id(end($who->{token}, $id[0])), $missing, '  and is gone');
	is(end($more[1]{access_token})->{status}, 204, 'all others end');
	is_deeply([map { $_->{id} } sessions($more[1]{access_token})], [$id[1]], '  one is left');
	is_problem(write_as($_), 401, 'session_ended') for $who->{token}, $more[2]{access_token};
	is(write_as($more[1]{access_token})->{status}, 200, '  which writes');
	is(write_as($stranger->{token})->{status}, 200, "  nobody else's");
	is(end($more[1]{access_token}, $id[1])->{status}, 204, 'the current one ends itself');
	is_problem(write_as($more[1]{access_token}), 401, 'session_ended');
};

subtest 'a new password ends the others' => sub {
	my $who = account($tv);
	my $other = another($who);
	is($tv->post('/auth/password', { current_password => $password, new_password => 'another horse 8' }, $who->{token})->{status}, 204, 'changed');
	is_problem(renew($tv, $other->{refresh_token}), 401);
	is_problem(write_as($other->{access_token}), 401, 'session_ended');
	is(renew($tv, $who->{refresh_token})->{status}, 200, 'but not the one it was changed from');
	my @both = together($tv, map { request_text('POST', '/auth/password', token => $who->{token},
		body => { current_password => 'another horse 8', new_password => "one of two $_" }) } 1, 2);
	is_deeply([map { $_->{status} == 204 ? 1 : () } @both], [1], 'of two changes at once one wins') or diag(join ' ', map { $_->{status} } @both);
	is(scalar(grep { sign_in($tv, $who->{email}, "one of two $_")->{status} == 200 } 1, 2), 1, '  and its password is the one');
};

# Who passes a trigger waits until this test lets go, which it does when $until holds, after 1.5 seconds at the latest; then $then is done.
sub holding
{
	my ($trigger, $until, $then) = @_;
	my $locks = '(select l.* from pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database()) l';
	sql($database, "create function public.passes() returns trigger language plpgsql as
			'begin perform pg_advisory_xact_lock_shared(7); return new; end';
		create trigger passes $trigger execute function public.passes()");
	my ($pid) = background(sub { sql($database, "select pg_advisory_lock(7); do \$\$ begin
		for i in 1 .. 150 loop exit when exists (select from $locks where not granted and $until); perform pg_sleep(0.01); end loop; end \$\$; $then") });
	ok(wait_for(sub { sql($database, "select 1 from $locks where locktype = 'advisory' and objid = 7 and granted") }), 'held up');
	return sub {
		waitpid $pid, 0;
		my ($table) = $trigger =~ / on (\S+)/;
		sql($database, "drop trigger passes on $table; drop function public.passes()");
	};
}

subtest 'a sign-in with an old password beside its change' => sub {
	my ($who, $another) = (account($tv), account($tv));
	my $set = sub { my ($hash) = @_; return "set session_replication_role = replica;
		update auth.credential set password_hash = $hash where account_id = $who->{id}" };
	$tv->post('/auth/password', { current_password => $password, new_password => 'another horse 8' }, $another->{token});
	my $hash = sql($database, "select password_hash from auth.credential where account_id = $who->{id}");
	my $other = sql($database, "select password_hash from auth.credential where account_id = $another->{id}");

	# it was compared, and its hash is to be renewed by one of a higher cost
	my $costly = keyed_server($database, TV_BCRYPT_COST => 5);
	my $end = holding('before update on auth.credential for each statement', q{locktype = 'advisory'}, $set->("'$other'"));
	is_problem(sign_in($costly, $who->{email}, $password), 401, 'invalid_credentials', 'it was the old one when it was compared');
	$end->();
	$end = holding('before update on auth.credential for each statement', q{locktype = 'advisory'}, $set->("'$hash'"));
	is(sign_in($costly, $who->{email}, 'another horse 8')->{status}, 401, '  and the other way round');
	$end->();
	$end = holding('before update on auth.credential for each statement', q{locktype = 'advisory'},
		$set->(q{'} . sql($database, "select password_hash from auth.credential where account_id = (select id from users.account where email = '" . account($costly)->{email} . "')") . q{'}));
	is(sign_in($costly, $who->{email}, $password)->{status}, 200, 'one whose hash another sign-in has renewed is the same');
	$end->();

	# its session begins
	$end = holding('before insert on auth.session for each row', q{locktype = 'transactionid'}, '');
	my ($pid, $read) = background(sub { print { $_[0] } sign_in($tv, $who->{email}, $password)->{json}{refresh_token} // '-' });
	ok(wait_for(sub { sql($database, "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'") }), 'somebody signs in');
	is($tv->post('/auth/password', { current_password => $password, new_password => 'a third horse 9' }, $who->{token})->{status}, 204, '  while it is changed');
	is_problem(renew($tv, scalar <$read>), 401, 'refresh_token_invalid', '  and is out');
	$end->();
	end_process($pid);
};

done_testing();

# Guessing at passwords and PINs gets slow, from one address and for one account; who knows the password still gets in. The delays
# are on here. Addresses are those of 127.0.0.0/8, which are as many as one likes.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database, TV_RATE_LOGIN => '100000/1:100000', TV_WORKERS => 4);
my ($addresses, $people) = (0, 0);

sub new_address { ++$addresses; return sprintf '127.%d.%d.%d', 1 + $$ % 250, $addresses / 250, 1 + $addresses % 250 }

# One try from an address; the whole answer.
sub try_from
{
	my ($address, $email, $secret) = @_;
	return finish(start($tv, request_text('POST', '/auth/login', body => { email => $email, password => $secret }), $address));
}

# An account, and its first sign-in from an address of its own.
sub person
{
	my %who = (email => sprintf('guess%d@example.org', ++$people), home => new_address());
	my $made = $tv->post('/auth/register', { email => $who{email}, password => $password });
	my $r = try_from($who{home}, $who{email}, $password);
	is($r->{status}, 200, 'the owner signs in') or diag("$made->{content} $r->{content}");
	return { %who, id => $made->{json}{id}, token => $r->{json}{access_token} };
}

# Statuses of wrong tries until one is refused, or so many.
sub until_refused
{
	my ($most, $try) = @_;
	my @status;
	while (@status < $most) {
		my $r = $try->(scalar @status);
		push @status, $r->{status};
		next if $r->{status} != 429;
		is_problem($r, 429, 'too_many_attempts');
		last;
	}
	return @status;
}

subtest 'one account from one address' => sub {
	my ($who, $thief) = (person(), new_address());
	my @status = until_refused(30, sub { try_from($thief, $who->{email}, "wrong $_[0]") });
	is(pop @status, 429, 'refused at last');
	is_deeply([grep { $_ != 401 } @status], [], 'before that 401');
	cmp_ok(scalar @status, '<=', 10, 'ten free tries at most') or diag(scalar @status);
	my $r = try_from($thief, $who->{email}, $password);
	is_problem($r, 429, 'too_many_attempts', 'now even the right password is not looked at');
	is_problem(try_from($thief, uc $who->{email}, 'x'), 429, undef, 'the address in other letters is the same one');
	is(try_from(new_address(), $who->{email}, $password)->{status}, 200, 'the owner gets in from an address never seen before');
	is(try_from($who->{home}, $who->{email}, $password)->{status}, 200, '  and from home');
	my @waits;
	for (1 .. 3) {
		wait_for {
			my $r = try_from($thief, $who->{email}, 'wrong');
			push @waits, $r->{headers}{'retry-after'} if $r->{status} == 429;
			return $r->{status} == 401;
		} 8 or last;
	}
	my $longest = (sort { $b <=> $a } @waits)[0];
	cmp_ok($longest, '>=', 4, 'the wait grows') or diag("@waits");
};

subtest 'a waited-for try' => sub {
	my ($who, $thief) = (person(), new_address());
	until_refused(30, sub { try_from($thief, $who->{email}, 'wrong') });
	my $r = try_from($thief, $who->{email}, 'wrong');
	my $wait = $r->{headers}{'retry-after'};
	like($wait, qr/^[1-9]\d*$/, 'Retry-After in seconds');
	my $from = time;
	ok(wait_for(sub { try_from($thief, $who->{email}, $password)->{status} == 200 }, $wait + 3), 'after it the right password is right again');
	cmp_ok(time - $from, '>', $wait - 1.1, '  and not before');
};

subtest 'a right password starts anew' => sub {
	my ($who, $away) = (person(), new_address());
	for my $round (1 .. 4) {
		is_deeply([map { try_from($away, $who->{email}, 'wrong')->{status} } 1 .. 3], [401, 401, 401], "three wrong ones, round $round");
		is(try_from($away, $who->{email}, $password)->{status}, 200, '  and the right one');
	}
};

subtest 'many accounts from one address' => sub {
	my $thief = new_address();
	my @emails = map { sprintf 'many%d@example.org', $_ } 1 .. 1000;
	sql($database, "select users.create_account('many' || n || '\@example.org', 'M', 'user', null, null) from generate_series(1, 500) n");
	my (%count, $from);
	$from = time;
	for my $round (0 .. 99) {
		my @ten = @emails[10 * $round .. 10 * $round + 9];
		my @sockets = map { start($tv, request_text('POST', '/auth/login', body => { email => $_, password => 'wrong' }), $thief) } @ten;
		$count{ $_->{status} }++ for map { finish($_) } @sockets;
	}
	is_deeply([grep { !/^(401|429)$/ } keys %count], [], 'nothing but 401 and 429');
	cmp_ok($count{401}, '<=', 20, 'at most 20 hashes') or diag(explain(\%count));
	cmp_ok($count{401}, '>', 0, '  but some');
	diag(sprintf '1,000 accounts from one address: %d hashes, %d refusals in %.1f s', @count{401, 429}, time - $from);
	my $who = person();
	is(try_from($who->{home}, $who->{email}, $password)->{status}, 200, 'others are not in its way');
};

subtest 'one account from many addresses' => sub {
	my $who = person();
	my @answers = map { try_from(new_address(), $who->{email}, 'wrong') } 1 .. 100;
	my @hashes = grep { $_->{status} == 401 } @answers;
	cmp_ok(scalar @hashes, '<=', 20, 'at most 20 hashes') or diag(scalar @hashes);
	is_deeply([grep { !/^(401|429)$/ } map { $_->{status} } @answers], [], 'nothing but 401 and 429');
	is(try_from($who->{home}, $who->{email}, $password)->{status}, 200, 'the owner gets in from home');
};

subtest 'one account in many spellings' => sub {
	my $who = person();
	sql($database, "update users.account set email = 'kikiki$who->{id}\@example.org' where id = $who->{id}");
	my @spellings = map { my $n = $_; join '', map { $n >> $_ & 1 ? ("\x{212a}", "\x{130}")[$_ & 1] : ('k', 'i')[$_ & 1] } 0 .. 5 } 0 .. 63;
	my @emails = map { "$_$who->{id}\@example.org" } @spellings;
	is(try_from(new_address(), $emails[$_], $password)->{status}, 200, 'all of them are its address') for 0, 1, 2, 63;
	my @status = map { try_from(new_address(), $_, 'wrong')->{status} } @emails;
	cmp_ok(scalar(grep { $_ == 401 } @status), '<=', 20, 'and one count for all of them');
};

subtest 'a header does not make another address' => sub {
	my ($who, $thief, $n) = (person(), new_address(), 0);
	my @status = until_refused(30, sub {
		my %headers = map { $_ => '10.0.0.' . ++$n } qw(X-Forwarded-For Forwarded X-Real-IP Client-IP Remote-Addr);
		my $body = { email => $who->{email}, password => 'wrong' };
		return finish(start($tv, request_text('POST', '/auth/login', headers => \%headers, body => $body), $thief));
	});
	is($status[-1], 429, 'refused all the same');
};

subtest 'PINs' => sub {
	my $who = person();
	my $id = make_profile($tv, $who, name => 'Locked', pin => '2468')->{json}{id};
	my $open = make_profile($tv, $who, name => 'Open')->{json}{id};
	is(select_profile($tv, $who, $id, pin => '0000')->{status}, 403, 'wrong') for 1, 2;
	is(select_profile($tv, $who, $id, pin => '2468')->{status}, 200, 'a right one starts anew');
	my @status = until_refused(30, sub { select_profile($tv, $who, $id, pin => sprintf '%04d', $_[0]) });
	is(pop @status, 429, 'refused at last');
	is_deeply([grep { $_ != 403 } @status], [], 'before that 403');
	cmp_ok(scalar @status, '<=', 10, 'ten free tries at most') or diag(scalar @status);
	is_problem(select_profile($tv, $who, $id, pin => '2468'), 429, 'too_many_attempts', 'now even the right PIN is not looked at');
	is(select_profile($tv, $who, $open)->{status}, 200, 'other profiles are');
	my $phone = { %$who, token => try_from(new_address(), $who->{email}, $password)->{json}{access_token} };
	is_problem(select_profile($tv, $phone, $id, pin => '1111'), 429, undef, 'another session does not help');
};

subtest 'passwords of who is signed in' => sub {
	my $who = person();
	my $n = 0;
	my @tries = (
		sub { $tv->post('/auth/password', { current_password => 'wrong', new_password => 'another horse 8' }, $who->{token}) },
		sub { $tv->request('DELETE', '/users/me', body => { password => 'wrong' }, token => $who->{token}) },
	);
	my @status = until_refused(30, sub { $tries[$n++ % 2]->() });
	is(pop @status, 429, 'refused at last, however it is tried');
	is_deeply([grep { $_ != 403 } @status], [], 'before that 403');
	cmp_ok(scalar @status, '<=', 10, 'ten free tries at most');
	my $right = $tv->request('DELETE', '/users/me', body => { password => $password }, token => $who->{token});
	is_problem($right, 429, undef, 'now even the right one is not looked at');
};

subtest 'ten at once count as ten' => sub {
	my ($who, $thief) = (person(), new_address());
	my @sockets = map { start($tv, request_text('POST', '/auth/login', body => { email => $who->{email}, password => "wrong $_" }), $thief) } 1 .. 40;
	my %count;
	$count{ finish($_)->{status} }++ for @sockets;
	cmp_ok($count{401} || 0, '<=', 10, 'ten free tries at most') or diag(explain(\%count));
	is($count{401} + $count{429}, 40, 'and no other answer');
};

subtest 'killed workers forget nothing' => sub {
	my ($who, $thief) = (person(), new_address());
	# how long the thief has to wait is counted from here; a loaded machine may take longer for new workers
	until_refused(30, sub { try_from($thief, $who->{email}, 'wrong') }) for 1 .. 2;
	my $end = time + try_from($thief, $who->{email}, 'wrong')->{headers}{'retry-after'} - 1;
	my ($master, @workers) = $tv->program_pids('auth');
	cmp_ok(scalar @workers, '>=', 2, 'workers') or return;
	kill 'KILL', @workers;
	wait_for { my (undef, @now) = $tv->program_pids('auth'); @now >= @workers && !grep { my $pid = $_; grep { $_ == $pid } @workers } @now };
	my $tried = try_from($thief, $who->{email}, $password);
	SKIP: {
		skip 'the new workers came after the end of the delay', 1 if time >= $end;
		is_problem($tried, 429, 'too_many_attempts', 'new ones know');
	}
	is_problem(select_profile($tv, { token => 'x' }, 1), 401, undef, 'and answer');
	is(try_from($who->{home}, $who->{email}, $password)->{status}, 200, 'also the owner');
};

done_testing();

# One statement is late, one program may not sign in, new connections hang: whoever has a connection that answers goes on, and only
# those requests are refused. (What everybody is refused for is in postgres.t.)
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my $postmaster = cluster_pid();
my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);
my @paths = ("/ondemand/movies/$id{movie}", '/livetv/channels', '/livetv/epg', '/users/me', '/users/history');

# Statements of a transaction that stays open until some seconds after somebody waits for a lock; its process.
my $sessions = 0;
sub holding
{
	my ($seconds, $statements) = @_;
	my $name = 'holds' . ++$sessions;
	my ($pid) = background(sub {
		system 'psql', '-Xqd', sql_url('postgres', $database), '-c', "set application_name to $name; begin; $statements;
			do \$\$ begin for i in 1 .. 1000 loop exit when exists (select from pg_locks where not granted); perform pg_sleep(0.01); end loop;
				perform pg_sleep($seconds); end \$\$; rollback";
	});
	wait_for { sql('postgres', "select 1 from pg_stat_activity where application_name = '$name' and wait_event = 'PgSleep'") } 5
		or die 'nobody holds it';
	return $pid;
}

# A request in a process of its own; what it answered, with its seconds, is there later.
sub begin
{
	my (@request) = @_;
	my (undef, $from) = background(sub {
		my $start = time;
		my $r = $tv->request(@request);
		print { $_[0] } join ' ', $r->{status}, time - $start, $r->{json}{code} // '-';
	});
	return sub { return split / /, <$from> };
}

# All of them, again and again for so many seconds: what was not answered 200, and the slowest.
sub ask_others
{
	my ($seconds) = @_;
	my ($n, $slowest, $end, @bad) = (0, 0, time + $seconds);
	while (time < $end) {
		for my $path (@paths) {
			my $start = time;
			my $r = $tv->get($path, $who->{token});
			push @bad, sprintf '%s: %d %s', $path, $r->{status}, $r->{json}{code} // '' if $r->{status} != 200;
			$slowest = time - $start if time - $start > $slowest;
			$n++;
		}
		sleep 0.03;
	}
	is_deeply(\@bad, [], "$n requests beside it are answered");
	cmp_ok($slowest, '<', 1, sprintf 'the slowest after %.3f s', $slowest);
}

sub end_connections
{
	my ($role) = @_;
	return sql('postgres', "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '$role' and datname = '$database'");
}

# Every worker has a connection.
my %workers = (tv_ondemand => $paths[0], tv_livetv => $paths[1], tv_users => $paths[3]);
for my $role (sort keys %workers) {
	wait_for {
		$_->() for map { begin('GET', $workers{$role}, token => $who->{token}) } 1 .. 4;
		sql('postgres', "select count(*) from pg_stat_activity where usename = '$role' and datname = '$database'") == 2;
	} 10 or die "$role has not two connections";
}

subtest 'a statement that is late' => sub {
	my @holds = (holding(1.2, 'lock table auth.session'), holding(4, 'lock table users.watchlist'));
	my $late = begin('PUT', "/users/watchlist/$id{movie}", token => $who->{token});
	ask_others(3.5);
	my ($status, $took, $code) = $late->();
	is("$status $code", '503 database_away', 'it is refused itself');
	cmp_ok($took, '<', 3, sprintf 'after %.2f s', $took);
	like($tv->log_text, qr/"message":"watchlist_add: PostgreSQL did not answer in time"/, 'because it was late');
	end_process($_) for @holds;
};

subtest 'the only one that asks is late' => sub {
	my @holds = (holding(1.2, 'lock table auth.session'), holding(4, 'lock table users.watchlist'));
	is($tv->put("/users/watchlist/$id{movie}", undef, $who->{token})->{status}, 503, 'a statement is late while nothing else is asked for');
	ask_others(0.5);
	end_process($_) for @holds;
};

subtest 'one program may not sign in' => sub {
	sql('postgres', 'alter role tv_search nologin');
	cmp_ok(end_connections('tv_search'), '>', 0, 'nor stay');
	my @refused = map { begin('GET', '/search/suggest?q=a', token => $who->{token}) } 1 .. 4;
	ask_others(1);
	is_deeply([map { ($_->())[0, 2] } @refused], [(503, 'database_away') x 4], 'what it is asked is refused');
	sql('postgres', 'alter role tv_search login');
	ok(wait_for(sub { $tv->get('/search/suggest?q=a', $who->{token})->{status} == 200 }, 3), 'until it may again');
};

subtest 'connections that are not taken' => sub {
	end_connections('tv_search');
	kill 'STOP', $postmaster;
	my $waits = begin('GET', '/search/suggest?q=a', token => $who->{token});
	ask_others(2);
	my ($status, $took, $code) = $waits->();
	is("$status $code", '503 database_away', 'who needs one is refused');
	cmp_ok($took, '<', 2.5, sprintf 'after %.2f s', $took);
	my $start = time;
	is($tv->get('/search/suggest?q=a', $who->{token})->{status}, 503, 'again');
	cmp_ok(time - $start, '<', 1, 'sooner');
	kill 'CONT', $postmaster;
	ok(wait_for(sub { $tv->get('/search/suggest?q=a', $who->{token})->{status} == 200 }, 3), 'until they are taken again');
};
done_testing();

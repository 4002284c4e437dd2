# Rate limits through the web server: counted over all workers of all programs, by account or address, and by nothing that a
# client can write.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my ($rate, $seconds, $burst) = (20, 1, 30);
my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_WORKERS => 4, TV_RATE_API => "$rate/$seconds:$burst", TV_RATE_WRITE => '5/60:5', TV_RATE_LOGIN => '100000/60:100' });
my $who = account($tv);

subtest 'what an answer says' => sub {
	my $r = $tv->get('/ondemand/genres', $who->{token});
	is($r->{headers}{'ratelimit-policy'}, qq("api";q=$rate;w=$seconds), 'RateLimit-Policy');
	like($r->{headers}{ratelimit}, qr/^"api";r=\d+;t=\d+$/, 'RateLimit');
	ok(!exists $tv->get('/health/live')->{headers}{ratelimit}, 'health is not counted');
};

# Clients that ask three programs by turns until the time is over; how many were let through.
sub crowd
{
	my ($clients, $for, $headers, $during) = @_;
	my $end = time + $for;
	my @paths = ('/ondemand/genres', '/livetv/channels', '/users/me');
	my @running = map {
		[background(sub {
			my ($to) = @_;
			my ($let, $odd, $n, $refused) = (0, 0, 0, 0);
			while (time < $end) {
				my $r = $tv->get($paths[$n++ % 3], $who->{token}, headers => $headers->($n));
				$let++ if $r->{status} == 200;
				$refused++ if $r->{status} == 429;
				$odd++ if $r->{status} !~ /^(200|429)$/;
			}
			print $to "$let $odd $refused\n";
		})];
	} 1 .. $clients;
	$during->($end) if $during;
	my @said = map { my ($pid, $from) = @$_; my $line = <$from>; end_process($pid); [split / /, $line // '0 0 0'] } @running;
	my ($let, $odd, $refused) = (0, 0, 0);
	$let += $_->[0], $odd += $_->[1], $refused += $_->[2] for @said;
	return ($let, $odd, $refused);
}

subtest 'exact over programs, workers and kills' => sub {
	sleep $burst / $rate + 0.2;
	my $start = time;
	my $kills = 0;
	my ($let, $odd, $refused) = crowd(8, 4, sub { {} }, sub {
		my ($end) = @_;
		while (time < $end - 0.3) {
			for my $program (qw(ondemand livetv users)) {
				my (undef, @workers) = $tv->program_pids($program);
				$kills += kill 'KILL', $workers[0] if @workers;
			}
			sleep 0.4;
		}
	});
	my $limit = $burst + $rate / $seconds * (time - $start);
	cmp_ok($let, '<=', $limit * 1.02, "$let let through, $limit allowed, $kills workers killed, $odd lost with them");
	SKIP: {
		skip 'this machine was too slow to be refused all the time', 1 if $refused < 3 * $let;
		cmp_ok($let + $odd, '>=', $burst + $rate / $seconds * 4 - 2, 'and not fewer');
	}
};

subtest 'headers of the client' => sub {
	sleep $burst / $rate + 0.2;
	my $start = time;
	my ($let) = crowd(4, 1.5, sub { my $n = shift; +{ 'X-Forwarded-For' => "10.0.0.$n", Forwarded => "for=10.0.0.$n", 'X-Real-IP' => "10.0.0.$n" } });
	cmp_ok($let, '<=', ($burst + $rate / $seconds * (time - $start)) * 1.02, "$let: nothing gained");
	my @without = map { $tv->get('/ondemand/genres', undef, headers => { 'X-Forwarded-For' => "10.1.0.$_" })->{status} } 1 .. $burst + 20;
	ok((grep { $_ == 429 } @without), 'without a token the address counts, whatever it says of itself');
};

subtest 'a refusal' => sub {
	my @r = map { $tv->put("/users/watchlist/$id{movie}", undef, $who->{token}) } 1 .. 6;
	is_deeply([map { $_->{status} } @r], [(204) x 5, 429], 'five writes a minute');
	is_problem($r[5], 429, 'rate_limited');
	like($r[5]{headers}{'retry-after'}, qr/^1[0-2]$/, 'Retry-After in seconds');
	is($tv->get('/users/watchlist', $who->{token})->{status}, 200, 'reads are another class');
	is($tv->put("/users/watchlist/$id{movie}", undef, account($tv)->{token})->{status}, 204, 'others are not concerned');
};

subtest 'behind a proxy' => sub {
	my $behind = server($database, env => { TV_RATE_API => '1/60:1', TV_RATE_LOGIN => '1/60:1', TV_TRUSTED_PROXIES => '10.0.0.0/8, 127.0.0.1' });
	my $from = sub { $behind->post('/auth/login', { email => 'a@b.c', password => 'x' }, undef, headers => { 'X-Forwarded-For' => $_[0] })->{status} };
	is($from->('192.0.2.1'), 401, 'an address');
	is($from->('192.0.2.1'), 429, 'again');
	is($from->('192.0.2.2'), 401, 'another one');
	is($from->('192.0.2.3, 192.0.2.2'), 429, 'what stands before the proxies\' own words does not count');
	is($from->('192.0.2.2, 10.1.2.3'), 429, 'a proxy behind a proxy');
	is($from->('2001:db8:1:2::1'), 401, 'IPv6');
	is($from->('2001:db8:1:2:ffff::9'), 429, 'is a /64');
	is($from->('2001:db8:1:3::1'), 401, 'and no more');
	is($from->('nonsense'), 401, 'what is no address is the proxy');
	is($from->('more nonsense'), 429, 'once');
};
done_testing();

# Rate limits through the web server: counted over all workers of all programs, by account or address, and by nothing that a
# client can write.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

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

# Clients that ask three programs by turns until the time is over. What they saw: how many were let through, refused, and
# lost; when the first was sent and answered, the last one let through was answered, the last refusal was asked for, and the
# longest time without a refusal.
sub crowd
{
	my ($clients, $for, $headers, $during) = @_;
	my $end = time + $for;
	my @paths = ('/ondemand/genres', '/livetv/channels', '/users/me');
	my @running = map {
		[background(sub {
			my ($to) = @_;
			for (my $n = 0; time < $end;) {
				my $sent = time;
				my $r = $tv->get($paths[$n++ % 3], $who->{token}, headers => $headers->($n));
				printf $to "%d %.6f %.6f\n", $r->{status}, $sent, time;
			}
		})];
	} 1 .. $clients;
	$during->($end) if $during;
	my @all;
	for (@running) {
		my ($pid, $from) = @$_;
		push @all, map { [split] } <$from>;
		end_process($pid);
	}
	my @let = sort { $a->[2] <=> $b->[2] } grep { $_->[0] == 200 } @all;
	my @refused = sort { $a <=> $b } map { $_->[1] } grep { $_->[0] == 429 } @all;
	my ($first) = sort { $a <=> $b } map { $_->[1] } @all;
	my ($quiet) = sort { $b <=> $a } map { $refused[$_] - $refused[$_ - 1] } 1 .. $#refused;
	return (let => scalar @let, refused => scalar @refused, lost => @all - @let - @refused, sent => $first, answered => $let[0][2],
		last => $let[-1][2], asked => $refused[-1], quiet => $quiet // $for);
}

subtest 'exact over programs, workers and kills' => sub {
	sleep $burst / $rate + 0.2;
	my $kills = 0;
	my %saw = crowd(8, 4, sub { {} }, sub {
		my ($end) = @_;
		while (time < $end - 0.3) {
			for my $program (qw(ondemand livetv users)) {
				my (undef, @workers) = $tv->program_pids($program);
				$kills += kill 'KILL', $workers[0] if @workers;
			}
			sleep 0.4;
		}
	});
	# No more than L: of the time from the first request to the last one that was let through. No less: at a refusal everything
	# that was allowed until then has been let through, or was lost with a worker.
	my $most = $burst + $rate / $seconds * ($saw{last} - $saw{sent});
	cmp_ok($saw{let}, '<=', $most, sprintf '%d let through, %.1f allowed, %d workers killed, %d lost with them', $saw{let}, $most, $kills, $saw{lost});
	SKIP: {
		skip sprintf('nobody asked for %.1f s, and what is not asked for is lost', $saw{quiet}), 1 if $saw{quiet} >= $burst / $rate;
		my $least = $burst - 1 + $rate / $seconds * ($saw{asked} - $saw{answered});
		cmp_ok($saw{let} + $saw{lost}, '>', $least, sprintf 'and not fewer than %.1f', $least);
	}
};

subtest 'headers of the client' => sub {
	sleep $burst / $rate + 0.2;
	my %saw = crowd(4, 1.5, sub { my $n = shift; +{ 'X-Forwarded-For' => "10.0.0.$n", Forwarded => "for=10.0.0.$n", 'X-Real-IP' => "10.0.0.$n" } });
	cmp_ok($saw{let}, '<=', $burst + $rate / $seconds * ($saw{last} - $saw{sent}), "$saw{let}: nothing gained");
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
	my $body = '{"email": "a@b.c", "password": "x"}';
	my @status = map {
		my $name = $_;
		map { finish(start($behind, "POST /auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
			. "$name: 198.51.100.$_\r\nX-Forwarded-For: 192.0.2.9\r\nContent-Length: @{[length $body]}\r\n\r\n$body"))->{status} } 1, 2;
	} qw(X_Forwarded_For X-Forwarded_For X_Forwarded-For);
	is("@status", '401 429 429 429 429 429', 'a header that programs would take for the proxy\'s is none');
};
done_testing();

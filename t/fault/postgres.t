# PostgreSQL stops answering (SIGSTOP), then goes on; then it is killed and comes back. Every request is answered in time, as a
# problem that says when to try again, and no worker is lost.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

my $postmaster = cluster_pid();
my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);
my @paths = ('/ondemand/movies', "/ondemand/movies/$id{movie}", '/livetv/channels', '/livetv/epg', '/users/me');

sub processes { return ($postmaster, TV::children($postmaster)) }
sub workers { return join ' ', sort map { my $p = $_; map { $_ } ($tv->program_pids($p))[1 .. 2] } qw(auth users ondemand livetv) }
my %browser = ('Antenna-Refresh' => 'cookie');
# With the cookies as a browser has them after these answers.
sub renew_in_browser
{
	my @sets = map { $_->{headers}{'set-cookie'} // [] } @_;
	my %cookies = map { /^(\w+)=([^;]*)/ } map { ref $_ ? @$_ : $_ } @sets;
	my $sent = join '; ', map { "$_=$cookies{$_}" } grep { $cookies{$_} ne '' } sort keys %cookies;
	return $tv->post('/auth/refresh', {}, undef, headers => { %browser, Cookie => $sent });
}
sub enter_in_browser { return $tv->post('/auth/login', { email => $who->{email}, password => $who->{password} }, undef, headers => \%browser) }
sub all_well { return !grep { $tv->get($_, $who->{token})->{status} != 200 } @paths }

ok(all_well(), 'before it all is well');
my $before = workers();
my @stopped = processes();
my $in_browser = enter_in_browser();
kill 'STOP', $_ for @stopped;
my $exchange = renew_in_browser($in_browser);
is_problem($exchange, 503, 'database_away', 'an exchange that PostgreSQL will do although it was too late');
my ($n, $slowest, %status, @bad) = (0, 0);
my $end = time + 10;
my $login = 0;
while (time < $end) {
	for my $path (@paths, '/auth/login') {
		my $started = time;
		my $r = $path eq '/auth/login' ? $tv->post($path, { email => $who->{email}, password => $who->{password} })
			: $tv->get($path . ($path =~ /movies$|channels$/ ? "?limit=" . (1 + $n % 90) : ''), $who->{token});
		my $took = time - $started;
		$slowest = $took if $took > $slowest;
		$n++;
		$status{ $r->{status} }++;
		push @bad, "$path: $r->{status} " . substr $r->{content}, 0, 200
			unless $r->{status} == 200 && $path ne '/auth/login' || $r->{status} == 503 && ($r->{headers}{'retry-after'} // '') =~ /^\d+$/
				&& ($r->{json}{code} // '') ne '' && $r->{headers}{'content-type'} eq 'application/problem+json';
	}
}
is_deeply(\@bad, [], "$n requests: each a 503 problem with Retry-After (or served from the store)");
cmp_ok($slowest, '<', 3, sprintf 'the slowest took %.2f s', $slowest);
ok($status{503}, 'there were some');
like($tv->log_text, qr/"level":"warn",.*"message":"\w+: PostgreSQL did not answer in time"/, 'the log says why');
is($tv->get('/health/live')->{status}, 200, 'alive');
is_problem($tv->get('/health/ready'), 503, undef, 'but not ready') if $tv->get('/health/ready')->{headers}{'content-type'} =~ /problem/;
kill 'CONT', $_ for @stopped;
my $again = time;
ok(wait_for(sub { all_well() }, 5), 'all is well again');
cmp_ok(time - $again, '<', 2.5, sprintf 'after %.2f s', time - $again);
is(workers(), $before, 'no worker was lost');
my $again_exchanged = renew_in_browser($in_browser, $exchange);
is($again_exchanged->{status}, 200, 'whose exchange was late is not signed out') or diag($again_exchanged->{content});
is(renew_in_browser($again_exchanged)->{status}, 200, '  and goes on');

# A PIN takes its time to be compared, in which the database may stop: the selection is done when it goes on.
my $patient = server($database, env => { TV_BCRYPT_COST => 13 });
my $profile = make_profile($patient, $who, name => 'Own', pin => '1234')->{json}{id};
my $chooser = enter_in_browser();
my (undef, $told) = background(sub {
	my ($to) = @_;
	my $r = $patient->post("/users/profiles/$profile/select", { pin => '1234' }, $chooser->{json}{access_token}, headers => \%browser);
	print $to JSON::PP::encode_json($r), "\n";
});
ok(wait_for(sub { sql('postgres', "select count(*) from pg_stat_activity where datname = '$database' and state = 'idle'
	and query like '%pin_hash%' and query_start > now() - interval '5 seconds'") }), 'the PIN is being compared');
@stopped = processes();
kill 'STOP', $_ for @stopped;
my $selection = JSON::PP::decode_json(scalar <$told>);
is($selection->{status}, 503, 'the selection of a profile is late');
kill 'CONT', $_ for @stopped;
ok(wait_for(sub { all_well() }, 5), 'all is well');
is(sql($database, "select count(*) from auth.session where profile_id = $profile"), 1, 'it is done all the same');
my $selected = renew_in_browser($chooser, $selection);
is($selected->{status}, 200, '  which signs nobody out') or diag($selected->{content});
is(renew_in_browser($selected)->{status}, 200, '  and goes on');
$patient->stop;

# Connections die: reads are tried again, and at the latest the next request is served.
sql('postgres', "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database'");
ok(wait_for(sub { all_well() }, 3), 'after all connections were cut it goes on');
is(workers(), $before, 'with the same workers');
done_testing();

# More is asked for than can be done, by clients who wait for a second and go: what is done is of use, and as much is done as
# there is room for. Without lib/pending.c each request is served when its client is about to go, and none is of use.
# TV_LONG=1: 20 seconds each, clients of little patience, and nine of ten in time: beside other tests the clients themselves are late.
use strict;
use warnings;
use Fcntl qw(F_SETFL O_NONBLOCK);
use IO::Poll qw(POLLERR POLLHUP POLLIN);
use Socket qw(PF_INET SOCK_STREAM inet_aton pack_sockaddr_in);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

use constant { WORKERS => 2, TAKES => 0.01, SECONDS => $ENV{TV_LONG} ? 20 : 6 };
use constant ROOM => WORKERS / TAKES;

# A write that takes its time without any of the processor's.
my $database = database();
my %id = seed($database);
sql($database, sprintf q{
	create function public.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(%f); return null; end $$;
	create trigger slow before insert on users.watchlist for each statement execute function public.slow()}, TAKES);
my $tv = server($database, env => { TV_WORKERS => WORKERS });
my $token = account($tv)->{token};
my $request = join "\r\n", "PUT /users/watchlist/$id{movie} HTTP/1.1", 'Host: x', 'Connection: close', "Authorization: Bearer $token",
	'Content-Length: 0', '', '';

# How many the program has done.
sub done
{
	my ($n) = $tv->get('/metrics')->{content} =~ m{^antenna_requests_total\{[^\n]*method="PUT",route="/users/watchlist/\{[^\n]*status="2xx"\} (\d+)}m;
	return $n // 0;
}

sub ask
{
	socket my $s, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
	connect $s, pack_sockaddr_in($tv->{port}, inet_aton('127.0.0.1')) or die "connect: $!";
	syswrite $s, $request;
	fcntl $s, F_SETFL, O_NONBLOCK or die "fcntl: $!";
	return $s;
}

# So many a second, by clients with so much patience: answers in time, other answers, clients that went.
sub offer
{
	my ($rate, $patience) = @_;
	my ($poll, $start, $sent, $good, $bad, $went) = (IO::Poll->new, time, 0, 0, 0, 0);
	my (@order, %waits);
	while (time < $start + SECONDS || %waits) {
		for (; time <= $start + SECONDS && $sent < (time() - $start) * $rate; $sent++) {
			my $s = ask();
			$waits{$s} = 1;
			$poll->mask($s => POLLIN);
			push @order, [$s, time];
		}
		my $over = sub { my ($s) = @_; $poll->remove($s); close $s; return delete $waits{$s} };
		while (@order && (!$waits{ $order[0][0] } || $order[0][1] + $patience <= time)) {
			my ($s) = @{ shift @order };
			$went += $over->($s) if $waits{$s};
		}
		next if $poll->poll(0.002) <= 0;
		for my $s ($poll->handles(POLLIN | POLLHUP | POLLERR)) {
			sysread $s, my $text, 4096;
			($text // '') =~ m{^HTTP/1\.1 204} ? $good++ : $bad++;
			$over->($s);
		}
	}
	return ($good, $bad, $went);
}

my ($good, $bad, $went) = offer(0.6 * ROOM, 2);
is_deeply([$bad, $went], [0, 0], "less than there is room for: all $good are served");
for my $case ([2, 1], [1.3, 1], $ENV{TV_LONG} ? [3, 0.3] : ()) {
	my ($times, $patience) = @$case;
	my $before = done();
	($good, $bad, $went) = offer($times * ROOM, $patience);
	sleep 0.5;
	my $did = done() - $before;
	my $name = sprintf '%.1f times as much as there is room for, patience %.1f s: %.0f a second of use, of %.0f', $times, $patience, $good / SECONDS, ROOM;
	is($bad, 0, "$name: nobody is refused");
	cmp_ok($good, '>=', ($ENV{TV_LONG} ? 0.9 : 0.8) * $did, sprintf '%d were done, %.0f %% of them in time', $did, 100 * $good / $did);
	cmp_ok($good, '>', 0.5 * ROOM * SECONDS, 'and much is done');
	diag(sprintf '%s; %.0f %% of what is done', $name, 100 * $good / $did);
}
is($tv->get('/users/me', $token)->{status}, 200, 'it is there afterwards');
done_testing();

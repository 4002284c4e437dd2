# Clients that are slow on purpose: headers that do not end, bodies that do not come, answers that are not read. Everybody
# else is served as before, and the slow ones are sent away. TV_LONG=1: 4,000 of them.
use strict;
use warnings;
use Fcntl qw(F_SETFL O_NONBLOCK);
use Socket qw(PF_INET SOCK_STREAM SOL_SOCKET SO_RCVBUF inet_aton pack_sockaddr_in);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my $slow = $ENV{TV_LONG} ? 4000 : 300;
chomp(my $limit = qx(bash -c 'ulimit -n'));
plan(skip_all => "only $limit descriptors for this process") if $limit ne 'unlimited' && $limit < $slow + 200;

my $database = database();
seed($database);
my $tv = server($database);
my $token = account($tv)->{token};

# Milliseconds that a request took, sorted; dies when one fails.
sub asked
{
	my ($n) = @_;
	my @ms;
	for (1 .. $n) {
		my $start = time;
		my $r = $tv->get('/ondemand/movies?limit=' . (1 + $_ % 100), $token, headers => { Connection => 'close' });
		die "$r->{status} $r->{content}" if $r->{status} != 200;
		push @ms, 1000 * (time - $start);
	}
	return sort { $a <=> $b } @ms;
}

sub p99 { return $_[int 0.99 * $#_] }

my $long = join '', map { "GET /docs/problems.html HTTP/1.1\r\nHost: x\r\n\r\n" } 1 .. 100;
my @kinds = (
	"GET /ondemand/movies HTTP/1.1\r\nHost: x\r\nX-A: a", # a header that does not end
	"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", # nor a body
	$long, # answers that nobody reads
);

sub open_slow
{
	my ($i) = @_;
	socket my $s, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
	setsockopt $s, SOL_SOCKET, SO_RCVBUF, 2048 or die "setsockopt: $!";
	connect $s, pack_sockaddr_in($tv->{port}, inet_aton('127.0.0.1')) or die "connect $i: $!";
	fcntl $s, F_SETFL, O_NONBLOCK or die "fcntl: $!";
	syswrite $s, $kinds[$i % @kinds];
	return $s;
}

my @alone = asked(300);
my @open = map { open_slow($_) } 0 .. $slow - 1;
my $began = time;
my @beside = asked($ENV{TV_LONG} ? 2000 : 300);
diag(sprintf '%d slow connections: p99 of others %.1f ms, median %.1f ms; without them %.1f and %.1f ms',
	$slow, p99(@beside), $beside[@beside / 2], p99(@alone), $alone[@alone / 2]);
pass('everybody else is served');
my ($kib) = read_file("/proc/$tv->{pid}/status") =~ /^VmHWM:\s+(\d+)/m;
cmp_ok($kib, '<', 150 * 1024, sprintf 'lighttpd had %.0f MiB at most', $kib / 1024);
diag(sprintf 'lighttpd had %.0f MiB at most', $kib / 1024);
# Ten times the p99 of before, and 200 ms more for a machine that does something else as well: an outage is seconds.
cmp_ok(p99(@beside), '<', 10 * p99(@alone) + 200, 'and not much later than without them');

# Who sends nothing for ten seconds is sent away.
sub is_closed
{
	my ($s) = @_;
	my $n;
	do { $n = sysread $s, my $text, 65536 } while $n;
	return defined $n || !$!{EAGAIN};
}

my @silent = map { $open[$_] } grep { $_ % @kinds != 2 } 0 .. $#open;
ok(wait_for(sub { @silent = grep { !is_closed($_) } @silent; !@silent }, 60), 'those that send nothing are sent away')
	or diag(scalar(@silent) . ' are still there');
cmp_ok(time - $began, '>', 5, '  not at once');
close $_ for @open;
is($tv->get('/health/live')->{status}, 200, 'it is there afterwards');

# Many more connections than workers: they wait, and as much is done as for a few.
SKIP: {
	skip 'wrk is not installed', 2 if system('command -v wrk >/dev/null');
	my $seconds = $ENV{TV_LONG} ? 8 : 3;
	my $rate = sub {
		my ($connections) = @_;
		my $out = qx(wrk -t1 -c$connections -d${seconds}s --timeout 10s -H 'Authorization: Bearer $token' http://127.0.0.1:$tv->{port}/users/me);
		my ($n) = $out =~ m{Requests/sec:\s+([\d.]+)} or die $out;
		my ($bad) = $out =~ /Non-2xx or 3xx responses: (\d+)/;
		return ($n, $bad // 0, $out =~ /Socket errors: (.*)/ ? $1 : 'none');
	};
	# what else the machine does comes and goes, and takes from the one what the other has: an outage is there in each turn
	my ($few, $many, $bad, $errors) = (1, 0, 0, 'none');
	for (my $turns = 6; $turns && $many <= 0.6 * $few; $turns--) {
		($few) = $rate->(8);
		($many, my ($refused, $said)) = $rate->(1500);
		$bad += $refused;
		$errors = $said if $said ne 'none';
	}
	is($bad, 0, '1,500 connections on two workers: none is refused') or diag($errors);
	diag(sprintf '1,500 connections: %.0f requests a second, with 8 it is %.0f: %.0f %%; errors: %s', $many, $few, 100 * $many / $few, $errors);
	cmp_ok($many, '>', 0.6 * $few, 'and as much is done as for 8');
}
done_testing();

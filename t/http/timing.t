# Whether an address has an account cannot be learned from signing in: the same answer, in the same time.
use strict;
use warnings;
use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(time);
use TV;
use TV::Accounts;

my $rounds = 1000;
my $tv = keyed_server(database(), TV_BCRYPT_COST => 6);
my %emails = (
	known => [map { account($tv, email => sprintf 'person%03d@example.org', $_)->{email} } 1 .. 20],
	unknown => [map { sprintf 'nobody%03d@example.org', $_ } 1 .. 20],
);

# What a client can tell answers apart by; the time of day and the request's id are everybody's own.
sub face
{
	my ($r) = @_;
	my %headers = %{ $r->{headers} };
	delete @headers{qw(date x-request-id)};
	return join "\n", $r->{status}, (map { "$_: $headers{$_}" } sort keys %headers), $r->{content} =~ s/"request_id":"[^"]*"//r;
}

my (%times, %faces);
sign_in($tv, $_, 'wrong password') for map { @$_ } values %emails;
for my $n (1 .. $rounds) {
	for my $kind (shuffle qw(known unknown)) {
		my $text = request_text('POST', '/auth/login', body => { email => $emails{$kind}[$n % 20], password => 'wrong password' });
		my $from = time;
		my $r = finish(start($tv, $text));
		push @{ $times{$kind} }, 1000 * (time - $from);
		$faces{ face($r) }{$kind}++;
	}
}
is(scalar keys %faces, 1, 'one and the same answer') or diag(explain(\%faces));
like((keys %faces)[0], qr/^401\n.*"code":"invalid_credentials"/s, 'which is 401');
# The quickest tenth is what a machine that does something else as well disturbs least.
my %quick = map { $_ => percentile(10, @{ $times{$_} }) } keys %times;
cmp_ok(abs($quick{known} - $quick{unknown}), '<', 1, 'within a millisecond');
diag(sprintf 'of %d sign-ins each a tenth within: known %.2f ms, unknown %.2f ms', $rounds, @quick{qw(known unknown)});
cmp_ok($quick{unknown}, '>', 2, 'an unknown address costs a hash, too');
done_testing();

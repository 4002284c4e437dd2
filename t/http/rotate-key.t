# A new signing key while clients work: nobody is signed out, no request fails, and the key before it is not lost too early.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);
use TV;
use TV::Accounts;

my $database = database();
my $dir = tempdir('tv-key-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
our $path = "$dir/jwt.key";
set_key('first key, ' . 'x' x 40);
my $tv = keyed_server($database, TV_JWT_KEY => '', TV_JWT_KEY_FILE => $path);

# A key's file as an hour ago.
sub set_key
{
	my ($key) = @_;
	write_file($path, $key);
	chown((getpwnam 'postgres')[2, 3], $path) unless $>;
	make_old();
}
sub make_old { utime time - 3600, time - 3600, $path or die "$path: $!" }

sub rotate
{
	my (@arguments) = @_;
	local $ENV{TV_JWT_KEY_FILE} = $path;
	delete local $ENV{TV_JWT_KEY};
	my $text = qx($bin/auth rotate-key @arguments 2>&1);
	return { exit => $? >> 8, text => $text };
}

sub kid_of { return json_of((parts_of($_[0]))[0])->{kid} }
sub me { my ($token) = @_; return $tv->get('/users/me', $token)->{status} }

# A client that reads, writes and refreshes until it is told to end; says what did not succeed, and how often it did.
sub client
{
	my ($who, $to) = @_;
	my ($n, $end) = (0, 0);
	local $SIG{TERM} = sub { $end = 1 };
	my ($token, $refresh) = @$who{qw(token refresh_token)};
	until ($end) {
		my $r = $n % 3 == 0 ? renew($tv, $refresh) : $n % 3 == 1 ? $tv->get('/users/me', $token)
			: $tv->request('PATCH', '/users/me', body => { name => "N$n" }, token => $token);
		print $to "$r->{what}: $r->{status} $r->{content}\n" if $r->{status} != 200;
		($token, $refresh) = @{ $r->{json} }{qw(access_token refresh_token)} if $r->{status} == 200 && $r->{json}{refresh_token};
		$n++;
	}
	print $to "did $n\n";
}

my $who = account($tv);
my $old = $who->{token};
my @clients = map { my $one = account($tv); [background(sub { client($one, $_[0]) })] } 1 .. 3;

subtest 'a new key' => sub {
	my $first = read_file($path);
	my $done = rotate();
	is($done->{exit}, 0, 'made') or diag($done->{text});
	isnt(read_file($path), $first, 'it is another one');
	is(read_file("$path.previous"), $first, 'the one before it is kept');
	cmp_ok(length read_file($path), '>=', 43, 'it has 256 bits at least');
	is((stat $_)[2] & 07777, 0600, "$_ is private") for $path, "$path.previous";
	is((stat $_)[4], (stat $dir)[4], '  and whose it was') for $path, "$path.previous";
	unlike($done->{text}, qr/\Q$first\E|\Q@{[read_file($path)]}\E/, 'no key is printed');
	is(me($old), 200, 'tokens from before are still good') for 1 .. 20;
	my $new = renew($tv, $who->{refresh_token})->{json};
	isnt(kid_of($new->{access_token}), kid_of($old), 'new ones are signed with the new key');
	is(me($new->{access_token}), 200, '  and good') for 1 .. 20;
	$who->{$_} = $new->{ { token => 'access_token', refresh_token => 'refresh_token' }->{$_} } for qw(token refresh_token);
};

subtest 'not a second one within 15 minutes' => sub {
	my @before = map { read_file($_) } $path, "$path.previous";
	my $done = rotate();
	isnt($done->{exit}, 0, 'refused');
	like($done->{text}, qr/15 minutes.*--force/s, 'with the reason, and what overrides it');
	is_deeply([map { read_file($_) } $path, "$path.previous"], \@before, 'nothing has changed');
	is(me($old), 200, 'nobody is out');
	utime time - 890, time - 890, $path;
	isnt(rotate()->{exit}, 0, 'nor after 890 seconds');
	utime time - 901, time - 901, $path;
	is(rotate()->{exit}, 0, 'but after 901');
	is_deeply([grep { $_ != 401 } map { me($old) } 1 .. 20], [], 'tokens of the key before the last are over, in every worker');
	is(me($who->{token}), 200, 'those of the last are good');
};

subtest 'what no rotation is' => sub {
	my @before = map { read_file($_) } $path, "$path.previous";
	isnt(rotate($_)->{exit}, 0, "rotate-key $_") for 'now', '--forced', '--force again';
	{
		local $path = "$dir/no-such-key";
		isnt(rotate('--force')->{exit}, 0, 'a file that is not there');
		ok(!-e $path, '  and is not made');
	}
	is_deeply([map { read_file($_) } $path, "$path.previous"], \@before, 'nothing has changed');
};

for my $n (1 .. 3) {
	sleep 0.7;
	make_old();
	is(rotate()->{exit}, 0, "and again $n");
}
sleep 0.5;
is(rotate('--force')->{exit}, 0, 'forced');
my $last = renew($tv, $who->{refresh_token})->{json}{access_token};
is(me($last), 200, 'a refresh always helps: sessions do not hang on keys');

subtest 'clients at work noticed nothing' => sub {
	for my $client (@clients) {
		my ($pid, $from) = @$client;
		kill 'TERM', $pid;
		my @said = <$from>;
		my $did = pop @said // '';
		like($did, qr/^did \d\d+$/, 'a client') or diag($did);
		is_deeply(\@said, [], '  whose requests all succeeded');
	}
};

done_testing();

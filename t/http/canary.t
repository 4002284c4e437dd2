# Secrets stay where they are: with distinctive ones in every setting and body, things run, fail and crash, and then none of
# them is in a log, an argument, a core file, or the state directory. And nobody writes lines into the logs that are not theirs.
use strict;
use warnings;
use File::Find qw(find);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use TV;

my %secret = (
	jwt => 'canary-jwt-' . 'x' x 40, media => 'canary-media-' . 'x' x 40, database => 'canary-database-password',
	password => 'canary-password-1', wrong => 'canary-wrong-password', feed => 'canary-feed-password',
);
my $database = database();
seed($database);
my $keys = TV::scratch();
write_file("$keys/$_.key", $secret{$_}) for qw(jwt media);
chown((getpwnam 'postgres')[2, 3], glob "$keys/*") unless $>;
my $url = sql_url('tv_%p', $database) =~ s{tv_%p@}{tv_%p:$secret{database}@}r;
my $tv = server($database, env => { TV_JWT_KEY => '', TV_JWT_KEY_FILE => "$keys/jwt.key", TV_MEDIA_KEY => '',
	TV_MEDIA_KEY_FILE => "$keys/media.key", TV_DATABASE_URL => $url, TV_LOG_LEVEL => 'debug' });

my $email = "canary$$\@example.org";
my $made = $tv->post('/auth/register', { email => $email, password => $secret{password} });
is($made->{status}, 201, 'an account');
my $login = $tv->post('/auth/login', { email => $email, password => $secret{password} })->{json};
@secret{qw(access refresh)} = @$login{qw(access_token refresh_token)};
ok($secret{access} && $secret{refresh}, 'who is signed in');
is_problem($tv->post('/auth/login', { email => $email, password => $secret{wrong} }), 401, undef, 'a wrong password');
is_problem($tv->post('/auth/login', "{\"password\": \"$secret{wrong}\",}"), 400, undef, 'one in a body that is broken');
is_problem($tv->post('/auth/refresh', { refresh_token => "$secret{refresh}x" }), qr/^4/, undef, 'a wrong refresh token');
is_problem($tv->get('/users/me', "$secret{access}x"), 401, undef, 'a wrong access token');
is_problem($tv->get("/ondemand/movies?token=$secret{wrong}", $secret{access}), 400, undef, 'one in a query');
local $TV::input = "canary-password-2\n";
$secret{admin} = 'canary-password-2';
is(command($database, 'users', 'create', "admin-$email", '--admin')->{exit}, 0, 'an administrator');

# An attacker's lines.
my $evil = 'x","level":"error","message":"forged' . "\xc3\xa9\xff";
$tv->raw("GET /health/live?a=%0a{\"forged\":1} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: $evil\r\nX-Request-Id: $evil\r\nReferer: $evil\r\n\r\n");
$tv->raw("GET /users/%22,%22forged%22:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
$tv->get('/users/me', $secret{access}, headers => { 'X-Request-Id' => 'joined-by-this-id' });

sub arguments { return join "\n", map { eval { read_file("/proc/$_/cmdline") } // '' } $tv->{pid}, children($tv->{pid}) }
my $arguments = arguments();
my (undef, @workers) = $tv->program_pids('auth');
kill 'ABRT', $_ for @workers;
ok(wait_for(sub { my (undef, @now) = $tv->program_pids('auth'); @now >= 2 && !grep { my $p = $_; grep { $p == $_ } @workers } @now }, 10), 'workers that crash are replaced');
is($tv->post('/auth/login', { email => $email, password => $secret{password} })->{status}, 200, 'and sign in people');
$tv->stop;

my %text = (arguments => $arguments);
find({ no_chdir => 1, wanted => sub { $text{$_} = read_file($_) if -f } }, $tv->{dir});
cmp_ok(scalar(grep { /\.log$/ } keys %text), '>=', 2, 'there are logs');
ok(!(grep { m{/core[^/]*$} } keys %text), 'there is no core file');
for my $name (sort keys %secret) {
	is_deeply([grep { index($text{$_}, $secret{$name}) >= 0 } sort keys %text], [], "the secret of $name is nowhere");
}

# --- each line is one object

my ($forged, $broken, %joined) = (0, 0);
for my $log (grep { m{/(access|stderr|antenna)\.log$} } keys %text) {
	for my $line (split /\n/, $text{$log}) {
		my $o = eval { JSON::PP->new->latin1->decode($line) };
		$broken++, diag("$log: $line") unless ref $o eq 'HASH';
		$forged++ if ref $o eq 'HASH' && (exists $o->{forged} || ($o->{message} // '') eq 'forged');
		$joined{$log}++ if ref $o eq 'HASH' && ($o->{request_id} // '') eq 'joined-by-this-id';
	}
}
is($broken, 0, 'every line of a log is a JSON object');
is($forged, 0, 'and none is a client\'s');
is(scalar keys %joined, 2, 'a request is in both logs under one id');
done_testing();

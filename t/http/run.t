# make run's script: it comes up on an empty state directory, says where, serves, keeps its state over a second start, and Ctrl-C
# leaves no process and no socket.
use strict;
use warnings;
use HTTP::Tiny;
use Test::More;
use TV;

my $dir = TV::scratch();
my $state = "$dir/state";
my $port = TV::free_port();
my $http = HTTP::Tiny->new(timeout => 5);
my %env = (TV_STATE => $state, TV_PORT => $port, TV_BCRYPT_COST => 4, TV_WORKERS => 1, map { ($_ => '') } qw(TV_DATABASE_URL TV_OWNER_URL));
my $runs = 0;

# Processes that have the state directory in their command or environment.
sub running
{
	return grep {
		my $pid = $_;
		$pid != $$ && index(join('', map { eval { read_file("/proc/$pid/$_") } // '' } qw(cmdline environ)), $state) >= 0
	} map { m{(\d+)} } glob '/proc/[0-9]*';
}

sub start
{
	my $log = "$dir/log" . ++$runs;
	my $pid = start_process($log, \%env, "$root/conf/run.sh");
	wait_for { $http->get("http://127.0.0.1:$port/health/ready")->{status} == 200 || !TV::is_alive($pid) } 100;
	return ($pid, $log);
}

sub stopped
{
	my ($pid, $signal) = @_;
	end_process($pid, $signal);
	my $gone = wait_for { !running() } 10;
	ok($gone, "after $signal no process is left") or diag(map { "$_ " . eval { read_file("/proc/$_/cmdline") } =~ tr/\0/ /r . "\n" } running());
	kill 'KILL', running();
	is(join(' ', grep { -S } glob "$state/run/* $state/run/.s*"), '', '  and no socket');
}

my ($pid, $log) = start();
is($http->get("http://127.0.0.1:$port/health/ready")->{status}, 200, 'it is ready') or diag(read_file($log));
ok(wait_for(sub { read_file($log) =~ m{http://127\.0\.0\.1:$port.*Ctrl-C}s }, 5), 'it prints its address') or diag(read_file($log));
my ($email) = read_file($log) =~ /(\S+\@\S+)/;
ok($email, 'and the demonstration log-ins');
ok((grep { -f && ((stat)[2] & 077) == 0 } glob "$state/*.key") >= 1, 'secrets are made, for the owner only');
is(((stat $state)[2] & 077), 0, 'and the state directory is for the owner only');
my $made = $http->post("http://127.0.0.1:$port/auth/register", { headers => { 'Content-Type' => 'application/json' },
	content => '{"email":"kept@example.org","password":"correct horse 7"}' });
is($made->{status}, 201, 'an account is made') or diag($made->{content});
my $second = system("TV_STATE=$state TV_PORT=" . TV::free_port() . " $root/conf/run.sh > $dir/second 2>&1");
isnt($second, 0, 'a second one on the same state directory is refused');
stopped($pid, 'INT');

unlink "$state/demo-logins" or die $!;
($pid, $log) = start();
like(read_file($log), qr/^\Q$email\E was made by another one on this database: its password is not known here$/m, 'a password that is not known');
ok(wait_for(sub { read_file($log) =~ /Ctrl-C/ }, 20), '  when the others are printed');
unlike(read_file($log), qr/^  \w+ +\Q$email\E/m, '  is not made up');
my $login = $http->post("http://127.0.0.1:$port/auth/login", { headers => { 'Content-Type' => 'application/json' },
	content => '{"email":"kept@example.org","password":"correct horse 7"}' });
is($login->{status}, 200, 'the second time the account is still there') or diag(read_file($log), $login->{content});
sleep 4; # lost programs are looked for once a second, and found lost the second time
unlike(read_file($log), qr/restarting/, 'nothing is restarted while nothing is lost');

# A worker that outlives its master for a moment keeps the socket open: lighttpd takes it for a program that somebody else runs.
my $asked = sub { $http->get("http://127.0.0.1:$port/users/me")->{status} };
my @users = grep { read_file("/proc/$_/cmdline") =~ m{/users\0} } running();
my ($master) = grep { children($_) } @users;
my ($worker) = children($master);
kill 'STOP', $worker;
kill 'KILL', $master;
sleep 3; # lighttpd looks once a second, and has nothing to show for it
kill 'CONT', $worker;
ok(wait_for(sub { $asked->() == 401 }, 20), 'a program whose master was killed is started again') or diag(read_file($log));
stopped($pid, 'TERM');
done_testing();

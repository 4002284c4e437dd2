# A program whose socket file is gone can be reached by nobody, and nobody would end it: it ends by itself.
use strict;
use warnings;

use IO::Socket::UNIX;
use Test::More;
use TV;

my $dir = TV::scratch();
my $path = "$dir/system-0";
my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 5) or die "$path: $!";
my $pid = fork // die "fork: $!";
if (!$pid) {
	open STDIN, '<&', $socket or die "$path: $!";
	exec { "$bin/system" } "$bin/system";
	die "$bin/system: $!";
}
sub workers { grep { (eval { read_file("/proc/$_/stat") } // '') =~ /\) \S $pid / } map { m{(\d+)$} } glob '/proc/[0-9]*' }
my @workers = wait_for { my @w = workers(); @w ? \@w : undef } 5;
ok(@workers, 'it runs, with workers') or BAIL_OUT('it does not start');
sleep 4;
is(waitpid($pid, POSIX::WNOHANG()), 0, 'as long as its socket is there');
unlink $path or die "$path: $!";
ok(wait_for(sub { waitpid($pid, POSIX::WNOHANG()) == $pid }, 15), 'without it, it ends');
is_deeply([grep { TV::is_alive($_) } @{ $workers[0] }], [], '  and so do its workers');
kill 'KILL', $pid, @{ $workers[0] };
done_testing();

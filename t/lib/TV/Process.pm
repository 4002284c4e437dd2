package TV::Process;
# Files, and the processes of a test: started with it, found in /proc, and ended at its end.
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
	$root read_file write_file wait_for start_process background answer_each end_process end_processes children is_alive as_user scratch
);

our $root = $ENV{TV_ROOT} || abs_path(dirname(__FILE__) . '/../../..');
my %processes;

sub read_file
{
	my ($path) = @_;
	open my $f, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

sub write_file
{
	my ($path, $text) = @_;
	open my $f, '>:raw', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

# Polls until the condition is true: its value, or nothing after so many seconds.
sub wait_for(&;$)
{
	my ($condition, $seconds) = @_;
	my $end = time + ($seconds || 10);
	while () {
		my $value = $condition->();
		return $value if $value;
		return if time > $end;
		sleep 0.02;
	}
}

# Runs a program in the background with this environment and its output in a file; answers its pid.
sub start_process
{
	my ($log, $env, @argv) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		@ENV{keys %$env} = values %$env;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log or POSIX::_exit(126);
		open STDERR, '>&', \*STDOUT;
		exec @argv or POSIX::_exit(127);
	}
	$processes{$pid} = 1;
	return $pid;
}

# Runs code in a process of its own, which ends with this one; what the code prints to its handle can be read from the
# handle that is answered: (pid, handle).
sub background
{
	my ($code) = @_;
	pipe my $read, my $write or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		close $read;
		$SIG{$_} = 'DEFAULT' for qw(HUP INT TERM PIPE);
		eval { $code->($write); close $write; 1 } or print STDERR $@;
		File::Temp::cleanup();
		POSIX::_exit(0);
	}
	$processes{$pid} = 1;
	return ($pid, $read);
}

# A process that answers each connection of a listening socket in one of its own; answers its pid.
sub answer_each
{
	my ($listen, $answer) = @_;
	my ($pid) = background(sub {
		$SIG{CHLD} = 'IGNORE';
		$SIG{TERM} = sub { POSIX::_exit(0) };
		while () {
			my $c = $listen->accept or next;
			my $one = fork // next;
			if (!$one) {
				$answer->($c);
				POSIX::_exit(0);
			}
			close $c;
		}
	});
	close $listen;
	return $pid;
}

# Ends a process that start_process or background made: a signal, ten seconds, then KILL.
sub end_process
{
	my ($pid, $signal) = @_;
	return unless delete $processes{$pid};
	kill $signal || 'TERM', $pid;
	return if wait_for { waitpid($pid, WNOHANG) } 10;
	kill 'KILL', $pid;
	waitpid $pid, 0;
}

# All that are left.
sub end_processes { end_process($_, 'KILL') for keys %processes }

# Process ids below pid, from /proc.
sub children
{
	my ($pid) = @_;
	my %of;
	for my $stat (glob '/proc/[0-9]*/stat') {
		my ($id, $parent) = (eval { read_file($stat) } // '') =~ /^(\d+) \(.*\) \S (\d+)/ or next;
		push @{ $of{$parent} }, $id;
	}
	my @found;
	my @left = @{ $of{$pid} || [] };
	while (defined(my $id = shift @left)) {
		push @found, $id;
		unshift @left, @{ $of{$id} || [] };
	}
	return @found;
}

sub is_alive { my ($pid) = @_; return (eval { read_file("/proc/$pid/stat") } // ') Z ') !~ /\) Z / }

# As whom servers run: PostgreSQL refuses root.
sub as_user
{
	return @_ if $>;
	return ('setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', @_);
}

sub scratch
{
	my $dir = tempdir('tv-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
	return $dir;
}

1;

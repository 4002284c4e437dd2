#!/usr/bin/perl
# What an import of a guide costs, and what its readers feel of it:
#   t/bench/guide-import.pl [--programmes 500000] [--channels 2700] [--rounds 3] [--seconds 10] [--rate 50]
#                         [--guides DIRECTORY]
# A PostgreSQL of its own with its usual settings (a commit is on the disk), lighttpd, and a client that asks for windows of 25
# channels and 4 hours, each another one, so many times a second: nothing is answered from the cache. Programmes are named by
# ../shared/data where it exists; --guides keeps the files for the next time. Prints figures, never a pass or a fail.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Getopt::Long;
use HTTP::Tiny;
use POSIX qw(strftime WNOHANG);
use Time::HiRes qw(sleep time);

my %o = (programmes => 500000, channels => 2700, rounds => 3, seconds => 10, rate => 50);
GetOptions(\%o, 'programmes=i', 'channels=i', 'rounds=i', 'seconds=i', 'rate=i', 'guides=s') or exit 2;
$| = 1;

my $dir;
BEGIN {
	require "$FindBin::Bin/../lib/TV.pm";
	$dir = tempdir('tv-bench-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
	chmod 0755, $dir;
	mkdir "$dir/cluster";
	system("$TV::root/conf/postgres.sh start $dir/cluster < /dev/null > /dev/null 2>&1") == 0 or die "no PostgreSQL\n";
	$ENV{TV_TEST_CLUSTER} = "$dir/cluster";
	TV->import;
}
our ($root, $bin);

my $catalogue = "$root/../shared/data/catalogue";
sub make_guide
{
	my ($file, @options) = @_;
	return if -s $file;
	push @options, '--catalogue', $catalogue if -d $catalogue;
	system("$root/t/bench/make-guide.pl --channels $o{channels} --programmes $o{programmes} @options > $file") == 0 or die "no guide\n";
}

# Runs an import in the background; answers what collects it: seconds, CPU seconds and the highest RSS of the importer.
sub begin_import
{
	my ($database, $file) = @_;
	my %env = TV::environment($database, $dir);
	my ($pid, $from) = (fork // die("fork: $!"), time);
	if (!$pid) {
		@ENV{keys %env} = values %env;
		open STDOUT, '>', "$dir/out" or POSIX::_exit(126);
		open STDERR, '>', "$dir/err" or POSIX::_exit(126);
		exec '/usr/bin/time', '-f', '%U %S %M', "$bin/livetv", 'import-guide', $file or POSIX::_exit(127);
	}
	return { pid => $pid, from => $from };
}

sub ended
{
	my ($import, $flags) = @_;
	return unless waitpid($import->{pid}, $flags) == $import->{pid};
	my $seconds = time - $import->{from};
	die read_file("$dir/err") if $?;
	my ($user, $system, $rss) = split ' ', (split /\n/, read_file("$dir/err"))[-1];
	return { seconds => $seconds, cpu => $user + $system, rss => $rss / 1024, said => (split /\n/, read_file("$dir/out"))[-1] };
}

sub import_guide { my ($database, $file) = @_; return ended(begin_import($database, $file), 0) }

# All rows that were written to the database's tables so far.
sub written
{
	my ($database) = @_;
	sql($database, 'select pg_stat_force_next_flush()');
	return sql($database, 'select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables');
}

sub say_import
{
	my ($what, $r) = @_;
	printf "%-34s %6.2f s, %7.0f programmes/s, importer %5.2f s of CPU, RSS %3.0f MB: %s\n", $what, $r->{seconds}, $o{programmes} / $r->{seconds}, $r->{cpu},
		$r->{rss}, $r->{said} =~ s/^.*?: //r;
}

sub median { my @sorted = sort { $a <=> $b } @_; return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2 }

sub percentile { my ($p, @times) = @_; my @sorted = sort { $a <=> $b } @times; return 1000 * $sorted[int($p * $#sorted)] }

# Asks for windows, at even intervals, until the condition holds; answers the times that they took, counted from when each was due.
my $asked = 0;
sub ask_until
{
	my ($tv, $token, $over) = @_;
	my $http = HTTP::Tiny->new(timeout => 20, keep_alive => 1);
	my ($due, @times) = (time);
	until ($over->()) {
		$due += 1 / $o{rate};
		sleep $due - time if $due > time;
		my $at = int(time / 86400) * 86400 + 86400 + ++$asked * 37 % 2880 * 60;
		my ($from, $to) = map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_) } $at + $asked % 60, $at + $asked % 60 + 4 * 3600;
		my $channels = join ',', map { $tv->{ids}[($asked * 29 + $_) % @{ $tv->{ids} }] } 0 .. 24;
		my $r = $http->get("http://127.0.0.1:$tv->{port}/livetv/epg?from=$from&to=$to&channels=$channels", { headers => { Authorization => "Bearer $token" } });
		die "$r->{status} $r->{content}\n" unless $r->{status} == 200 && $r->{content} =~ /"programmes":\[\{/;
		push @times, time - $due;
	}
	return @times;
}

my $guides = $o{guides} || $dir;
make_guide("$guides/guide.xml");
make_guide("$guides/later.xml", '--days-off', 12);
printf "%d programmes on %d channels, %d MB; load of the machine before: %s\n", @o{qw(programmes channels)}, (-s "$guides/guide.xml") / 1e6, (split ' ', read_file('/proc/loadavg'))[0];

my (%seconds, $database);
for my $round (1 .. $o{rounds}) {
	$database = database();
	my $first = import_guide($database, "$guides/guide.xml");
	say_import("first import, round $round", $first);
	my $before = written($database);
	my $again = import_guide($database, "$guides/guide.xml");
	say_import('  the same file again', $again);
	my $rows = written($database) - $before;
	system("(cat $guides/guide.xml; echo '<!-- $round -->') > $dir/another.xml") == 0 or die;
	my $read = import_guide($database, "$dir/another.xml");
	say_import('  the same programmes, another file', $read);
	print "  rows written by the same file: $rows\n";
	push @{ $seconds{first} }, $first->{seconds};
	push @{ $seconds{again} }, $again->{seconds};
	push @{ $seconds{read} }, $read->{seconds};
}
my %median = map { $_ => median(@{ $seconds{$_} }) } keys %seconds;
printf "median: %.0f programmes/s at first; the same file %.1f times as fast, the same programmes in another file %.1f times\n",
	$o{programmes} / $median{first}, $median{first} / $median{again}, $median{first} / $median{read};

# Each round of readers has a copy of what is imported and a server of its own.
sql($database, 'update live.channel set hidden = false; update content.item set min_age = 0');
sql($database, 'vacuum analyze');
my $tv;
sub read_while_importing
{
	my ($round) = @_;
	my $copy = "${database}_$round";
	sql('postgres', "create database $copy template $database owner tv_owner");
	$tv = server($copy);
	$tv->{ids} = [split /\n/, sql($copy, 'select id from live.channel order by number')];
	my $token = account($tv)->{token};
	my $end = time + 2;
	ask_until($tv, $token, sub { time > $end });
	$end = time + $o{seconds};
	my @idle = ask_until($tv, $token, sub { time > $end });
	my $import = begin_import($copy, "$guides/later.xml");
	my $done;
	my @during = ask_until($tv, $token, sub { $done = ended($import, WNOHANG) });
	say_import("import while windows are read, round $round", $done);
	printf "  %-32s %5d windows at %d/s: p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n", $$_[0], scalar @{ $$_[1] }, $o{rate}, percentile(0.5, @{ $$_[1] }),
		percentile(0.99, @{ $$_[1] }), percentile(1, @{ $$_[1] }) for ['windows, idle', \@idle], ['windows, during the import', \@during];
	$tv->stop;
	sql('postgres', "drop database $copy with (force)");
	return percentile(0.99, @during) / percentile(0.99, @idle);
}

my @ratios = map { read_while_importing($_) } 1 .. $o{rounds};
printf "p99 during the import is %.1f times that of before (median of %s)\n", median(@ratios), join ', ', map { sprintf '%.1f', $_ } @ratios;

END {
	if ($dir && -d $dir) {
		local $?;
		delete $ENV{TV_TEST_CLUSTER}; # its databases go with it
		$tv->stop if $tv && TV::is_alive($tv->{pid});
		system("$TV::root/conf/postgres.sh stop $dir/cluster > /dev/null 2>&1");
	}
}

#!/usr/bin/perl
# Viewers who type: requests to /search/global at a steady rate, each one keystroke further in a title or name, whatever the
# answers take (open loop: a late answer does not slow the next request). Prints latencies as the clients saw them.
#   t/bench/search.pl URL TOKEN DATABASE_URL [--rate 50] [--seconds 30] [--seed 1]
# Titles are taken from the database. CPU is of PostgreSQL for the program search, from /proc/PID/stat: others may be busy beside.
use strict;
use warnings;

use Getopt::Long;
use HTTP::Tiny;
use JSON::PP ();
use POSIX qw(ceil);
use Time::HiRes qw(sleep time);

my %o = (rate => 50, seconds => 30, seed => 1);
GetOptions(\%o, 'rate=f', 'seconds=f', 'seed=i') && @ARGV == 3 or die "usage: $0 URL TOKEN DATABASE_URL [--rate 50] [--seconds 30] [--seed 1]\n";
my ($url, $token, $database) = @ARGV;

my $state = $o{seed};
sub dice { my ($n) = @_; $state = ($state * 1103515245 + 12345) & 0x7fffffff; return ($state >> 8) % $n }

open my $titles, '-|', 'psql', '-XAtq', '-d', $database, '-c',
	"select title from search.document where gone_at is null and (kind <> 'channel' or ref_id % 4 = 0) order by md5(title || '$o{seed}') limit 4000"
	or die "psql: $!";
binmode $titles, ':utf8';
chomp(my @titles = <$titles>);
close $titles && @titles or die "no titles\n";

# Every keystroke of a person's query is one request.
my @queries;
while (@queries < $o{rate} * $o{seconds}) {
	my $title = $titles[dice(scalar @titles)];
	my $length = length $title < 16 ? length $title : 8 + dice(9);
	push @queries, map { substr $title, 0, $_ } 1 .. $length;
}
splice @queries, $o{rate} * $o{seconds};

sub ticks { open my $f, '<', "/proc/$_[0]/stat" or return 0; my @v = split / /, (<$f> =~ s/^.*\) //r); return $v[11] + $v[12] }
sub backends { return split /\n/, qx(psql -XAtq -d '$database' -c "select pid from pg_stat_activity where application_name = 'search'") }
sub escape { my ($s) = @_; utf8::encode($s); $s =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge; return $s }

# A request that is due is a process of its own from a pool; each takes every nth of the schedule.
my ($clients, $start, $before) = (24, time + 0.5, { map { $_ => ticks($_) } backends() });
my @pipes;
for my $client (0 .. $clients - 1) {
	pipe my $read, my $write or die;
	my $pid = fork // die "fork: $!";
	if ($pid) { close $write; push @pipes, $read; next }
	my $http = HTTP::Tiny->new(timeout => 5, keep_alive => 1, default_headers => { Authorization => "Bearer $token" });
	for (my $i = $client; $i < @queries; $i += $clients) {
		next if $queries[$i] =~ /^\s*$/;
		my $due = $start + $i / $o{rate};
		sleep($due - time) if $due > time;
		my $r = $http->get("$url/search/global?q=" . escape($queries[$i]));
		printf $write "%d %.6f %d\n", $r->{status}, time - $due, length $queries[$i];
	}
	close $write;
	POSIX::_exit(0);
}
my (@all, %by_length, $failed);
for my $read (@pipes) {
	while (<$read>) {
		my ($status, $took, $length) = split;
		$failed++ if $status != 200;
		push @all, $took;
		push @{ $by_length{ $length > 6 ? '7+' : $length } }, $took;
	}
}
1 while wait > 0;
my $ticks = 0;
$ticks += ticks($_) - ($before->{$_} // 0) for backends();
sub at { my ($share, @v) = @_; @v = sort { $a <=> $b } @v; return 1000 * $v[ceil($share * @v) - 1] }
printf "%d requests, %d failed, %.0f/s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, longest %.1f ms; PostgreSQL %.1f ms of CPU a request\n",
	scalar @all, $failed // 0, $o{rate}, (map { at($_, @all) } .5, .9, .99, 1), $ticks * 10 / @all;
printf "  %2s letters: %5d, p50 %.1f ms, p99 %.1f ms\n", $_, scalar @{ $by_length{$_} }, (map { my $s = $_; $s } at(.5, @{ $by_length{$_} }), at(.99, @{ $by_length{$_} })) for sort keys %by_length;

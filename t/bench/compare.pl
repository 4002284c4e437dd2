#!/usr/bin/perl
# Two revisions measured in turn in one run: this tree and another one, which is built in build/base.
#   t/bench/compare.pl REVISION [--only NAME,…] [--rounds 3] [--seconds 3]
# Both have the same data and the same clients (this tree's t/bench/bench.pl); of each case the medians, and their ratios: above
# 1 this tree is quicker, or takes more CPU. Cases that one of them cannot do are said to be so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use IPC::Open2;
use List::Util qw(sum0);
use TV;
use TV::Bench;

my %o = (rounds => 3, seconds => 3, only => '');
GetOptions(\%o, 'only=s', 'rounds=i', 'seconds=i') && @ARGV == 1 or die "usage: $0 REVISION [--only NAME,…] [--rounds 3] [--seconds 3]\n";
my ($revision) = @ARGV;
my $base = "$root/build/base";

sub run { system(@_) == 0 or die "failed: @_\n" }
END { local $?; system("git -C $root worktree remove --force $base 2>/dev/null") if $base && -d "$base/.git" || -f "$base/.git" }

run('git', '-C', $root, 'worktree', 'prune');
run('git', '-C', $root, 'worktree', 'add', '--quiet', '--force', '--detach', $base, $revision);
run('make', '-s', '-C', $base, '-j2', 'build');

# A bench.pl that does one case at a time, on a tree's programs.
sub begin
{
	my ($tree) = @_;
	local @ENV{qw(TV_ROOT TV_BIN)} = ($tree, "$tree/build/bin");
	my $pid = open2(my $from, my $to, "$FindBin::Bin/bench.pl", '--steps', '--seconds', $o{seconds}, '--only', $o{only});
	$to->autoflush(1);
	return { pid => $pid, from => $from, to => $to };
}

# The case's figures; nothing when it failed.
sub measure
{
	my ($bench, $name) = @_;
	print { $bench->{to} } "$name\n";
	defined(my $line = readline $bench->{from}) or die "bench.pl has ended\n";
	my $r = json_of($line);
	print STDERR "$name: $r->{failed}\n" if $r->{failed};
	return $r->{failed} ? () : $r;
}

my %tree = (before => begin($base), now => begin($root));
my %runs;
my @names = split /\n/, qx($FindBin::Bin/bench.pl --list --only '$o{only}');
for my $round (1 .. $o{rounds}) {
	for my $name ($round % 2 ? @names : reverse @names) {
		push @{ $runs{$name}{$_} }, measure($tree{$_}, $name) for $round % 2 ? qw(before now) : qw(now before);
	}
}
close $_->{to} for values %tree;
waitpid $_->{pid}, 0 for values %tree;

printf "%-38s %27s %29s %27s\n", '', 'a second', 'CPU us a request', 'p99 ms';
printf "%-38s %9s %9s %7s  %9s %9s %9s %9s %9s %7s\n", "case ($revision, now)", qw(before now ratio before now ratio before now ratio);
for my $name (@names) {
	my ($before, $now) = map { $runs{$name}{$_} || [] } qw(before now);
	if (!@$before || !@$now) {
		printf "%-38s no figures\n", $name;
		next;
	}
	my @columns;
	for my $figure (sub { $_[0]{rate} }, sub { sum0(values %{ $_[0]{cpu} }) }, sub { $_[0]{p99} }) {
		my ($was, $is) = map { median(grep { defined } map { $figure->($_) } @$_) } $before, $now;
		push @columns, defined $was ? (sprintf('%.5g', $was), sprintf('%.5g', $is), sprintf '%.2f', $was ? $is / $was : 0) : ('-') x 3;
	}
	printf "%-38s %9s %9s %7s  %9s %9s %9s %9s %9s %7s\n", $name, @columns;
}

#!/usr/bin/perl
# The product beside the same small API on other stacks (../shared/peers), with the same load, on the same data:
#   t/bench/peers.pl [--peers seed,fastapi,go,rust,node] [--rounds 3] [--seconds 5] [--stores off,program,edge] [--check]
# Runs of their bench.py, each with peers beside it: answers that are made anew (off: all peers), kept by the programs, and kept
# answers from lighttpd (rust only). Their tables are printed as they are; "all" behind a row is lighttpd and the programs. Without
# the peers it says so and ends well. Theirs need Go, cargo, npm and pip the first time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use TV;
use TV::Bench;

my %o = (peers => 'seed,fastapi,go,rust,node', rounds => 3, seconds => 5, stores => 'off,program,edge');
GetOptions(\%o, 'peers=s', 'rounds=i', 'seconds=i', 'stores=s', 'check') && !@ARGV or exit 2;
$| = 1;

my $peers = "$shared/peers";
my $made = peers_dir() or do { print "skipped: there is no $peers, or no data for it\n"; exit 0 };

# Their requests as ours: the same pages, episodes, windows and decisions.
sub ours
{
	my ($line) = @_;
	my ($what, $method, $path, $body) = split / /, $line, 4;
	my %query = ($path =~ /\?(.*)/ ? $1 : '') =~ /(\w+)=([^&]*)/g;
	my $page = sub { my ($first, @keys) = @_; return @keys ? after($first, @keys) : $first };
	return "nothing GET /health/live" if $what eq 'nothing';
	return "$what GET " . $page->("/ondemand/movies?sort=year&limit=$query{limit}", split /_/, $query{cursor} // '') if $what eq 'movies';
	return "$what GET /ondemand/episodes/" . (300000 + ($path =~ /(\d+)$/)[0]) if $what eq 'episode';
	return "$what GET " . $page->("/livetv/epg?from=$query{from}&to=$query{to}&limit=$query{limit}",
		$query{offset_channel} ? ($query{offset_channel}, 400000 + $query{offset_channel}) : ()) if $what eq 'epg';
	return "$what POST /rights/check_access " . $body =~ s/account_id/user_id/r if $what eq 'rights';
	return $line; # sign-in
}

stack();
my $paths = TV::Bench::bench_home() . '/paths.txt';
my @ours = map { ours($_) } grep { length } split /\n/, read_file("$made/paths.txt");

# What is asked in one run of bench.py: answers kept where, which of its endpoints, by whom, beside whom.
my ($viewer, $service) = (token_of(1), service_token());
my %runs = (
	off => [['nothing,movies,episode,epg,login', $viewer, $o{peers}], ['rights', $service, $o{peers}]],
	program => [['movies,episode,epg', $viewer, 'rust']],
	edge => [['movies,episode,epg', $viewer, 'rust']],
);
my %says = (off => 'are made anew', program => 'are kept by the programs', edge => 'are kept by lighttpd');
my ($failed, $n) = (0, 0);
for my $store (split /,/, $o{stores}) {
	my $tv = bench_server($store);
	my @programs = grep { (read_file("/proc/$_/stat") =~ /^\d+ \(.*\) \S (\d+)/)[0] == $tv->{pid} } children($tv->{pid});
	for my $run (@{ $runs{$store} }) {
		my ($endpoints, $token, $beside) = @$run;
		print "\n--- $endpoints: answers $says{$store}\n";
		write_file($paths, join '', map { "$_\n" } grep { my ($what) = split / /; ",$endpoints," =~ /,$what,/ } @ours);
		$failed |= system("$peers/bench.py", '--peers', $beside, '--rounds', $o{rounds}, '--seconds', $o{seconds}, '--endpoints', $endpoints,
			'--base', "http://127.0.0.1:$tv->{port}", '--token', $token, '--name', 'antenna', '--paths', $paths,
			'--pids', join(',', "all=$tv->{pid}", map { "programs=$_" } @programs), '--pg-pid', TV::Bench::postmaster(),
			'--out', "$root/build/bench/peers-" . ++$n . '.json', $o{check} ? '--check' : ());
	}
	$tv->stop;
}
exit($failed ? 1 : 0);

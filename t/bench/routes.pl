#!/usr/bin/perl
# Every route that reads, on data of real size, each answer made anew: its rate, its times, and the CPU of the programs and of
# PostgreSQL an answer; then the slowest statements with their plans.
#   t/bench/routes.pl [--only PATH,…] [--seconds 1] [--plans 10]
# Lists are asked for at their beginning, at depth (wherever forty pages of a hundred lead), and by each of their filters, in turn.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use TV;
use TV::Bench;

my %o = (seconds => 1, plans => 10, only => '');
GetOptions(\%o, 'only=s', 'seconds=i', 'plans=i') && !@ARGV or exit 2;
$| = 1;
srand 3;

# Of a hundredth of the statements the plan is written to PostgreSQL's log.
@TV::Bench::more_settings = ('shared_preload_libraries=pg_stat_statements,auto_explain', 'auto_explain.log_min_duration=0',
	'auto_explain.sample_rate=0.01', 'auto_explain.log_analyze=on', 'auto_explain.log_buffers=on', 'auto_explain.log_timing=off');
my $database = stack();
sql($database, "update users.account set role = 'admin' where id = 2");
my $tv = bench_server('off', TV_RATE_LOGIN => 'off');
my %token = (user => token_of(1), admin => token_of(2, 'admin'), anyone => '');

sub some { my ($query) = @_; return [split /\n/, sql($database, "select x from ($query) s order by md5(x::text) limit 200")] }
sub ids { my ($of) = @_; return some("select id as x from $of") }

# Values of parameters, by the route's path and the name; those without any are left out.
my %values = (
	'/ondemand/movies' => ids("content.item where kind = 'movie'"), '/ondemand/series' => ids("content.item where kind = 'series'"),
	'/ondemand/seasons' => ids("content.item where kind = 'season'"), '/ondemand/episodes' => ids("content.item where kind = 'episode'"),
	'/ondemand/people' => ids('content.person'), '/ondemand/genres' => ids('content.genre'),
	'/livetv/channels' => ids('live.channel'), '/livetv/programmes' => ids('live.programme'), '/livetv/epg' => ids('live.programme'),
	'/users' => ids('users.account'),
	'/users/profiles' => [1], '/rights/plans' => ids('rights.plan'), '/rights/rules' => ids('rights.rule'),
	'/rights/grants' => ids('rights.grant'), '/rights/purchases' => ids('rights.purchase'),
	genre => some('select slug as x from content.genre'), person => some('select person_id as x from content.credit'), year_from => [1950, 1990, 2015],
	sort => ['newest', 'title', 'year', 'popular'], channel => ids('live.channel'), series => ids("content.item where kind = 'series'"),
	season => ids("content.item where kind = 'season'"), content_id => ids("content.item where kind = 'movie'"), content => ids("content.item where kind = 'movie'"),
	user_id => ids('users.account'), plan_id => ids('rights.plan'), q => ['night', 'ri', 'the last house', 'wintr', 'john'],
	ids => ['1,2,3,4,5,6,7,8,9,10'], state => ['published', 'draft'], date => ['2026-11-25', '2026-11-27'], account => [1, 2, 3],
	channels => [map { join ',', map { 400001 + int rand 2000 } 1 .. 10 } 1 .. 20], types => ['movie', 'person'],
);

sub any { my ($of) = @_; return $of->[rand @$of] }

# The path with ids that exist; nothing when there are none, or none are known.
sub path_of
{
	my ($route) = @_;
	my $path = $route->{path};
	while ($path =~ m{^(.*)/\{\w+\}}) {
		my $of = $values{ $1 =~ s{^/admin}{}r };
		return unless $of && @$of;
		my $id = any($of);
		$path =~ s/\{\w+\}/$id/;
	}
	return $path;
}

# Cursors of a list: as far as it goes.
sub deep
{
	my ($path, $token) = @_;
	my (@cursors, $next);
	for (1 .. 40) {
		my $page = $tv->get("$path?limit=100" . ($next ? "&cursor=$next" : ''), $token)->{json} or last;
		$next = $page->{next} or last;
		push @cursors, $next;
	}
	return @cursors;
}

sub requests_of
{
	my ($route) = @_;
	my %is = map { $_->{name} => $_ } @{ $route->{params} };
	my $token = $token{ $route->{role} };
	my @needed = grep { $is{$_}{required} && $route->{path} !~ /\{$_\}/ } keys %is;
	return if grep { !$values{$_} } @needed;
	my $with = sub { my ($path, %more) = @_; $more{$_} //= any($values{$_}) for @needed; return $path . (%more ? '?' . join '&', map { "$_=" . uri($more{$_}) } sort keys %more : '') };
	my @found = map { my $path = path_of($route); defined $path ? $with->($path) : () } 1 .. 60;
	if ($is{cursor} && $route->{path} !~ /\{/ && !@needed) {
		push @found, map { "$route->{path}?limit=20&cursor=$_" } deep($route->{path}, $token);
	}
	for my $filter (grep { $values{$_} && !$is{$_}{required} } sort keys %is) {
		push @found, map { my $path = path_of($route); defined $path ? $with->($path, $filter => any($values{$filter})) : () } 1 .. 20;
	}
	my @good = grep { $tv->get($_, $token)->{status} == 200 } @found;
	return map { ['GET', $_, $token] } @good;
}

sub measure
{
	my @routes = grep { $_->{method} eq 'GET' && $token{ $_->{role} } } routes();
	@routes = grep { my $path = $_->{path}; grep { index($path, $_) == 0 } split /,/, $o{only} } @routes if length $o{only};
	my (@rows, @without);
	for my $route (@routes) {
		my @requests = requests_of($route) or push(@without, $route->{path}), next;
		my $r = wrk($tv, \@requests, connections => 4, seconds => $o{seconds});
		push @rows, [$route->{path}, scalar @requests, $r];
		print STDERR "$route->{path}: $r->{failed}\n" if $r->{failed};
	}
	printf "%-36s %8s %9s %8s %8s %9s %9s %8s\n", 'route', 'requests', 'a second', 'p50 ms', 'p99 ms', 'programs', 'postgres', 'bytes';
	for my $row (sort { $b->[2]{cpu}{programs} + $b->[2]{cpu}{postgres} <=> $a->[2]{cpu}{programs} + $a->[2]{cpu}{postgres} } @rows) {
		my ($path, $n, $r) = @$row;
		printf "%-36s %8d %9.0f %8.2f %8.2f %9.0f %9.0f %8.0f\n", $path, $n, @$r{qw(rate p50 p99)}, @{ $r->{cpu} }{qw(programs postgres)}, $r->{bytes};
	}
	print "without a request that is answered: @without\n" if @without;
}

# The slowest plan that the log has of a statement, whose constants have become parameters.
sub plan_of
{
	my ($log, $statement) = @_;
	my $text = join q{(?:\$\d+|'[^']*'|[\w.]+)}, map { quotemeta s/\n/\n\t/gr } split /\$\d+/, $statement, -1;
	my ($slowest, $plan) = (0, "(not among those that were written down)\n");
	while ($log =~ /duration: ([\d.]+) ms  plan:\n\tQuery Text: $text\s*\n((?:\t.*\n)*)/g) {
		($slowest, $plan) = ($1, $2) if $1 > $slowest;
	}
	return "$slowest ms:\n$plan";
}

sub slowest
{
	my @rows = split /\x1e/, sql($database, "
		select string_agg(concat_ws(E'\\x1f', round(mean_exec_time::numeric, 3), (shared_blks_hit + shared_blks_read) / calls, rows / calls, calls, query), E'\\x1e')
		from (select s.* from pg_stat_statements s join pg_roles r on r.oid = s.userid
		      where r.rolname like 'tv\\_%' and calls > 20 order by mean_exec_time desc limit $o{plans}) s");
	my $log = read_file("$ENV{TV_TEST_CLUSTER}/log");
	for (@rows) {
		my ($ms, $buffers, $rows, $calls, $statement) = split /\x1f/;
		print "\n--- $ms ms, $buffers buffers, $rows rows, $calls calls: " . substr($statement =~ s/\s+/ /gr, 0, 300) . "\n" . plan_of($log, $statement);
	}
}

measure();
slowest();

#!/usr/bin/perl
# Viewers who type: requests to /search/global at a steady rate, each one keystroke further in a title or name, whatever the
# answers take (open loop: a late answer does not slow the next request), on all of ../shared/data and a guide. Sets everything up by
# itself, fills Elasticsearch by a rebuild, and prints for each engine and age the latencies that clients saw, and the CPU a request.
#   t/bench/search.pl [--dir DIRECTORY] [--setup] [--engines postgres,elasticsearch] [--ages 18,6] [--rate 50] [--seconds 20]
#                     [--programmes 170000] [--seed 1] [--slow N]
# --dir keeps the database for the next time; --setup only makes it. --slow prints the N slowest queries of each run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Getopt::Long;
use HTTP::Tiny;
use POSIX qw(ceil);
use Time::HiRes qw(sleep time);

my (%o, $dir);
BEGIN {
	%o = (engines => 'postgres,elasticsearch', ages => '18,6', rate => 50, seconds => 20, programmes => 170000, seed => 1, slow => 0);
	GetOptions(\%o, 'dir=s', 'setup', 'engines=s', 'ages=s', 'rate=f', 'seconds=f', 'programmes=i', 'seed=i', 'slow=i') && !@ARGV
		or die "usage: see the head of $0\n";
	require TV;
	$dir = $o{dir} // tempdir('tv-bench-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	mkdir $_ for $dir, "$dir/cluster";
	chmod 0755, $dir;
	chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
	system("$TV::root/conf/postgres.sh start $dir/cluster < /dev/null > /dev/null 2>&1") == 0 or die "no PostgreSQL\n";
	$ENV{TV_TEST_CLUSTER} = "$dir/cluster";
	TV->import;
	require TV::Elastic;
}
our ($root, $bin);
use constant DATABASE => 'antenna';

my $state = $o{seed};
sub dice { my ($n) = @_; $state = ($state * 1103515245 + 12345) & 0x7fffffff; return ($state >> 8) % $n }
$| = 1;
binmode STDOUT, ':utf8';

sub timed
{
	my ($what, $program, @arguments) = @_;
	my $began = time;
	my $r = command(DATABASE, $program, @arguments);
	die "$what: $r->{out}$r->{err}" if $r->{exit};
	my @said = grep { /read|filled/ } split /\n/, $r->{out} . $r->{err};
	printf "%-32s %6.1f s  %s\n", $what, time - $began, ($said[-1] // '') =~ s/^.*?: //r;
}

sub set_up
{
	my $shared = "$root/../shared/data";
	-d $shared or die "no $shared\n";
	timed('titles', 'ondemand', 'import', glob("$shared/catalogue/*"), glob "$shared/episodes/*-episodes.json");
	timed('their documents', 'search', 'refresh');
	timed('channels', 'livetv', 'import-channels', "$shared/channels/channels.csv");
	timed('their documents', 'search', 'refresh');
	system("$root/t/bench/make-guide.pl --programmes $o{programmes} --catalogue $shared/catalogue > $dir/guide.xml") == 0 or die 'no guide';
	timed('guide', 'livetv', 'import-guide', "$dir/guide.xml");
	timed('its documents', 'search', 'refresh');
	sql(DATABASE, "update live.channel set hidden = false where guide_id ~ '^c[0-9]+[.]example'");
	timed('its channels', 'search', 'refresh');
	sql(DATABASE, 'vacuum analyze');
}

# --- who types what

# Every keystroke of a person's query is one request.
sub queries
{
	my @titles = split /\n/, sql(DATABASE, "select title from search.document
		where gone_at is null and (kind <> 'channel' or ref_id % 4 = 0) order by md5(title || '$o{seed}') limit 4000");
	my @queries;
	while (@queries < $o{rate} * $o{seconds}) {
		my $title = $titles[dice(scalar @titles)];
		utf8::decode($title);
		my $length = length $title < 16 ? length $title : 8 + dice(9);
		push @queries, grep { /\S/ } map { substr $title, 0, $_ } 1 .. $length;
	}
	return @queries[0 .. $o{rate} * $o{seconds} - 1];
}

# Requests that are due are sent by a pool of processes, each of which takes every nth: [status, seconds, query] of each.
sub ask
{
	my ($url, $token, @queries) = @_;
	my ($clients, $start, @pipes, @all) = (24, time + 0.5);
	for my $client (0 .. $clients - 1) {
		pipe my $read, my $write or die;
		my $pid = fork // die "fork: $!";
		push @pipes, $read and next if $pid;
		close $read;
		my $http = HTTP::Tiny->new(timeout => 5, keep_alive => 1, default_headers => { Authorization => "Bearer $token" });
		for (my $i = $client; $i < @queries; $i += $clients) {
			my $due = $start + $i / $o{rate};
			sleep $due - time if $due > time;
			my $r = $http->get("$url/search/global?q=" . uri($queries[$i]));
			printf $write "%d %.6f %d %s\n", $r->{status}, time - $due, $i, $r->{content} =~ /"engine":"(\w+)"/ ? $1 : '-';
		}
		close $write;
		POSIX::_exit(0);
	}
	for my $read (@pipes) {
		while (<$read>) {
			my ($status, $took, $i, $engine) = split;
			push @all, { status => $status, took => $took, query => $queries[$i], engine => $engine };
		}
	}
	1 while waitpid(-1, POSIX::WNOHANG) > 0;
	return @all;
}

# --- what it costs

sub ticks { open my $f, '<', "/proc/$_[0]/stat" or return 0; my @v = split / /, (<$f> =~ s/^.*\) //r); return $v[11] + $v[12] }
sub usage
{
	my ($tv, $node) = @_;
	my @backends = split /\n/, sql(DATABASE, "select pid from pg_stat_activity where application_name = 'search'");
	return { PostgreSQL => { map { $_ => ticks($_) } @backends }, program => { map { $_ => ticks($_) } $tv->program_pids('search') },
		Elasticsearch => { map { $_ => ticks($_) } $node ? ($node->{pid}) : () } };
}

sub at { my ($share, @v) = @_; @v = sort { $a <=> $b } @v; return 1000 * $v[ceil($share * @v) - 1] }

sub report
{
	my ($engine, $age, $before, $after, @all) = @_;
	my %cost;
	for my $what (keys %$after) {
		$cost{$what} += $after->{$what}{$_} - ($before->{$what}{$_} // 0) for keys %{ $after->{$what} };
	}
	my @took = map { $_->{took} } @all;
	printf "%-13s age %2d: %d requests, %d failed, %d by another engine; p50 %5.1f ms, p95 %5.1f ms, p99 %5.1f ms, longest %5.1f ms; "
		. "CPU a request: %s\n", $engine, $age, scalar @all, scalar(grep { $_->{status} != 200 } @all),
		scalar(grep { $_->{engine} ne $engine } @all), (map { at($_, @took) } .5, .95, .99, 1),
		join ', ', map { sprintf '%s %.1f ms', $_, $cost{$_} * 10 / @all } grep { $cost{$_} } qw(PostgreSQL Elasticsearch program);
	my %by_length;
	push @{ $by_length{ length $_->{query} > 6 ? '7+' : length $_->{query} } }, $_->{took} for @all;
	print '  p99 by letters: ', join(', ', map { sprintf '%s: %.1f ms', $_, at(.99, @{ $by_length{$_} }) } sort keys %by_length), "\n";
	my @others = map { $_->{query} } grep { $_->{engine} ne $engine } @all;
	print '  answered by another engine: ', join(' | ', @others), "\n" if @others;
	my @slowest = (sort { $b->{took} <=> $a->{took} } @all)[0 .. $o{slow} - 1];
	printf "  %6.1f ms %s\n", 1000 * $_->{took}, $_->{query} for grep { $_ } @slowest;
}

sub run
{
	my ($engine, $node, @queries) = @_;
	local $ENV{TV_ELASTICSEARCH_URL} = $node ? "http://127.0.0.1:$node->{port}" : '';
	timed('rebuild', 'search', 'rebuild') if $node;
	my $tv = server(DATABASE, env => { TV_WORKERS => 4 });
	my $token = account($tv)->{token};
	for my $age (split /,/, $o{ages}) {
		my $for = sign_token($token, age => 0 + $age);
		my ($url, $rate) = ("http://127.0.0.1:$tv->{port}", $o{rate});
		ask($url, $for, (@queries, @queries)[0 .. $rate * 8]) if @queries >= $rate * 5;
		my $before = usage($tv, $node);
		my @all = ask($url, $for, @queries);
		report($engine, $age, $before, usage($tv, $node), @all);
	}
	$tv->stop;
	command(DATABASE, 'search', 'drain') unless $node;
}

timed('schema', 'system', 'migrate', "$root/sql/schema");
set_up() unless -e "$dir/guide.xml";
unless ($o{setup}) {
	printf "%s documents; load of the machine before: %s\n", sql(DATABASE, 'select count(*) from search.document where gone_at is null'),
		(split ' ', read_file('/proc/loadavg'))[0];
	my @queries = queries();
	for my $engine (split /,/, $o{engines}) {
		my $node = $engine eq 'postgres' ? undef : TV::Elastic::node($engine);
		run($engine eq 'postgres' ? $engine : 'elasticsearch', $node, @queries);
		TV::end_process($node->{pid}, 'KILL') if $node;
	}
}

END {
	if ($dir && -d "$dir/cluster/pg") {
		local $?;
		delete $ENV{TV_TEST_CLUSTER}; # its databases go with it
		system("$TV::root/conf/postgres.sh stop $dir/cluster > /dev/null 2>&1");
	}
}

#!/usr/bin/perl
# Measures what the product does, side by side in one run:
#   t/bench/bench.pl [--only NAME,…] [--rounds 3] [--seconds 5] [--json FILE] [--list]
# A PostgreSQL of its own with data of real size (TV::Bench), lighttpd with and without kept answers, wrk with one thread and 16
# connections (64 for what lighttpd answers by itself, and for a steady rate), each case in each round, every second round backwards. The figures are
# medians of the rounds; a round with an error is not counted, and a case without a good round is a failure.
# --statements: afterwards the ten slowest statements, with what they read (counting them takes some time of its own).
# --list: names of the cases, those of --only if that is given, else of everything that measures.
# --steps: names of cases on standard input, a line of JSON for each on standard output (t/bench/compare.pl).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use JSON::PP ();
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);
use TV;
use TV::Bench;
use TV::Elastic ();

my %o = (rounds => 3, seconds => 5);
GetOptions(\%o, 'only=s', 'rounds=i', 'seconds=i', 'json=s', 'list', 'statements', 'steps') && !@ARGV or exit 2;
$| = 1;
srand 3;

my $user = token_of(1);
my $database;

# --- requests; ids are those of t/bench/fill.sql

sub gets { return [map { ['GET', $_, $user] } @_] }

sub movie_pages
{
	my @places = map { $_ % 10 ? [split /\|/, sql($database, "select year, item_id from content.listing where kind = 'movie' and genre = ''
		order by md5(item_id::text) offset $_ limit 1")] : undef } 0 .. 99;
	my $first = '/ondemand/movies?sort=year&limit=20';
	return gets(map { $_ ? after($first, @$_) : $first } @places);
}

sub windows
{
	my $start = timegm(0, 0, 0, 23, 10, 2026);
	return gets(map {
		my $from = $start + 1800 * int rand 7 * 48 - 8;
		my $channel = 25 * int rand 80;
		my $first = sprintf '/livetv/epg?from=%s&to=%s&limit=25', map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_) } $from, $from + 4 * 3600;
		$channel ? after($first, $channel, 400000 + $channel) : $first;
	} 1 .. 200);
}

my %requests; # made once
my %make = (
	movies => \&movie_pages,
	title => sub { gets(map { '/ondemand/movies/' . (1 + int rand 26030) } 1 .. 400) },
	episode => sub { gets(map { '/ondemand/episodes/' . (300001 + int rand 69665) } 1 .. 400) },
	guide => \&windows,
	empty => sub { gets('/health/live') },
	static => sub { gets('/bench-page.json') },
	'static-guide' => sub { gets('/bench-guide.json') },
	unchanged => sub { not_modified(@{ requests('movies') }) },
	check_access => sub { [map { ['POST', '/rights/check_access', service_token(),
		sprintf '{"user_id":%d,"content_id":%d}', 1 + int rand 100000, 1 + int rand 26030] } 1 .. 2000] },
	play => sub { [map { ['GET', '/play/ondemand/' . 100 * (1 + int rand 260), token_of($_)] } grown_up()] },
	heartbeat => sub { [map { ['POST', "/play/sessions/$_/heartbeat", token_of($_), sprintf '{"position":%d,"seq":@seq@}', 300 + 10 * int rand 300] } 1 .. 500] },
	resume => sub { [['GET', '/users/continue-watching', token_of(7000)]] },
	search => \&searches,
	'sign-in' => sub { [map { ['POST', '/auth/login', '', sprintf '{"email":"user%d@example.com","password":"correct horse"}', 1 + int rand 100000] } 1 .. 50] },
);
sub requests { my ($name) = @_; return $requests{$name} //= $make{$name}->() }

# The 8,000 sessions that heartbeats are for stay.
sub forget_starts { sql('bench', 'delete from play.session where id > 8000'); sql('bench', 'vacuum play.session') }

# A session is over 90 seconds after its last heartbeat, which another round has sent.
sub wake_sessions { sql('bench', "update play.session set seen_at = now() + interval '6 hours' where id <= 8000"); sql('bench', 'vacuum play.session') }

# Those who may watch anything that is free, with a sign-in each.
sub grown_up { return split /\n/, sql($database, 'select id from users.profile where max_age = 18 and id between 8001 and 30000 order by id') }

sub searches
{
	my @titles = split /\n/, sql($database, "select title from content.item where kind in ('movie', 'series') order by md5(title) limit 400");
	utf8::decode($_) for @titles;
	my @typed = map { substr $_, 0, 3 + int rand 10 } grep { length > 12 } @titles;
	utf8::encode($_) for @typed;
	return gets(map { '/search/global?q=' . uri($_) } @typed);
}

sub not_modified
{
	my $tv = server_of('edge');
	return [map { my @r = @$_; $r[4] = { 'If-None-Match' => $tv->get($r[1], $user)->{headers}{etag} }; \@r } @_];
}

# --- servers, started when they are needed

my (%servers, $elastic);
sub server_of
{
	my ($store) = @_;
	return $servers{$store} //= $store eq 'elastic' ? elastic_server() : $store eq 'large' ? large_server() : bench_server($store);
}

sub elastic
{
	return $elastic //= 'http://127.0.0.1:' . TV::Elastic::node('elasticsearch')->{port};
}

sub elastic_server
{
	run_program('bench', 'search', 'rebuild', { TV_ELASTICSEARCH_URL => elastic() });
	return bench_server('off', TV_ELASTICSEARCH_URL => elastic());
}

# Seven times the guide: three million programmes.
sub large_server
{
	sql('large', "set session_replication_role = replica;
		insert into live.programme (channel_id, start_at, end_at, title, subtitle, category)
		select channel_id, start_at + w * interval '8 days', end_at + w * interval '8 days', title, subtitle, category
		from live.programme, generate_series(1, 6) w;
		select live.lay_out(array_agg(distinct p.channel_id), min(p.start_at), max(p.end_at)) from live.programme p");
	sql('large', "vacuum (analyze) $_") for qw(live.programme live.guide_page);
	return bench_server('off', database => 'large', TV_DATABASE_URL => sql_url('tv_%p', 'large'));
}

# A static file as large as the answers of that name are.
sub static_like
{
	my ($file, $like) = @_;
	my @sizes = map { length server_of('edge')->get($_->[1], $user)->{content} } @{ requests($like) }[0 .. 19];
	TV::Bench::put_static($file, 'x' x median(@sizes));
}

# --- cases

sub load
{
	my ($name, $like, $store, %more) = @_;
	return { name => $name, %more, run => sub {
		my $tv = server_of($store);
		$more{before}->() if $more{before};
		return wrk($tv, requests($like), connections => 16, seconds => $o{seconds}, %more);
	} };
}

# A command that does so many things: how many a second, and CPU for each.
sub bulk
{
	my ($name, $unit, $run) = @_;
	return { name => $name, unit => $unit, run => sub {
		my ($n, $r) = $run->();
		return { rate => $n / $r->{seconds}, memory => $r->{memory}, cpu => { map { $_ => 1e6 * $r->{cpu}{$_} / $n } keys %{ $r->{cpu} } }, failed => '' };
	} };
}

sub import_guide
{
	my $file = TV::Bench::bench_home() . '/guide.xml';
	system("$FindBin::Bin/make-guide.pl --channels 2000 --programmes 200000 > $file") == 0 or die 'make-guide' unless -e $file;
	my $into = database();
	my $r = run_program($into, 'livetv', 'import-guide', $file);
	return (200000, $r);
}

# The benchmark's own films, in the form of a public list of titles.
sub made_catalogue
{
	my $file = TV::Bench::bench_home() . '/titles.csv';
	write_file($file, "show_id,type,title,director,cast,country,date_added,release_year,rating,duration,listed_in,description\n" . sql('bench', q{
		copy (select id, 'Movie', title, 'Ann Director ' || id % 5000, 'Bo Actor ' || id % 7000 || ', Cy Actor ' || id % 9000, 'Norway',
		             date '2026-01-01', coalesce(year, 2000), 'PG', runtime / 60 || ' min', 'Drama, Comedy', synopsis
		      from content.item where kind = 'movie' order by id) to stdout (format csv)}) . "\n") unless -e $file;
	return $file;
}

sub import_catalogue
{
	my @files = glob "$shared/data/catalogue/*";
	@files = (made_catalogue()) unless @files;
	my $r = run_program(database(), 'ondemand', 'import', @files);
	my $read = 0;
	$read += $1 while $r->{out} =~ /: read (\d+)/g;
	return ($read, $r);
}

sub rebuild_index
{
	my $n = sql('bench', 'select count(*) from search.document where gone_at is null');
	return ($n, run_program('bench', 'search', 'rebuild', { TV_ELASTICSEARCH_URL => elastic() }));
}

# Pages from lighttpd while twenty people sign in.
sub beside_sign_ins
{
	my (%more) = @_;
	my $tv = server_of('edge');
	my ($pages, $logins) = map { requests($_) } qw(movies sign-in);
	my ($pid) = background(sub { wrk($tv, $logins, connections => 20, seconds => $o{seconds} + 2) });
	sleep 1;
	my $r = wrk($tv, $pages, connections => 16, seconds => $o{seconds}, %more);
	end_process($pid);
	return $r;
}

my $edge = { connections => 64 };
my @cases = (
	load('static file as a page', 'static', 'edge', %$edge, before => sub { static_like('bench-page.json', 'movies') }),
	load('static file as a guide', 'static-guide', 'edge', %$edge, before => sub { static_like('bench-guide.json', 'guide') }),
	load('not modified edge', 'unchanged', 'edge', %$edge),
	load('movies edge', 'movies', 'edge', %$edge),
	load('title edge', 'title', 'edge', %$edge),
	load('episode edge', 'episode', 'edge', %$edge),
	load('guide edge', 'guide', 'edge', %$edge),
	load('empty route', 'empty', 'program'),
	load('movies kept by the program', 'movies', 'program'),
	load('title kept by the program', 'title', 'program'),
	load('guide kept by the program', 'guide', 'program'),
	load('movies uncached', 'movies', 'off'),
	load('title uncached', 'title', 'off'),
	load('episode uncached', 'episode', 'off'),
	load('guide uncached', 'guide', 'off'),
	load('guide uncached 3 million programmes', 'guide', 'large'),
	load('check_access', 'check_access', 'off'),
	load('play', 'play', 'off', before => \&forget_starts),
	load('play 1000 a second', 'play', 'off', connections => 64, rate => 1000, before => \&forget_starts),
	load('heartbeat', 'heartbeat', 'off', before => \&wake_sessions),
	load('continue-watching one at a time', 'resume', 'off', connections => 1),
	load('continue-watching four at once', 'resume', 'off', connections => 4),
	load('search PostgreSQL', 'search', 'off'),
	load('search Elasticsearch', 'search', 'elastic'),
	load('sign-in', 'sign-in', 'off'),
	{ name => 'movies edge beside 20 sign-ins', run => \&beside_sign_ins },
	load('movies edge by itself', 'movies', 'edge'),
	{ name => 'movies edge 10000/s and 20 sign-ins', run => sub { beside_sign_ins(rate => 10000) } },
	load('movies edge 10000/s by itself', 'movies', 'edge', rate => 10000),
	bulk('guide import', 'programmes', \&import_guide),
	bulk('catalogue import', 'titles', \&import_catalogue),
	bulk('index rebuild', 'documents', \&rebuild_index),
);

my $beside = <<'END';

By themselves:
t/bench/search.pl        searches keystroke by keystroke at a steady rate, by PostgreSQL and by Elasticsearch
t/bench/guide-import.pl  imports of a guide, and what readers feel of them
t/bench/guide-size.pl    plan and buffers of a window of the guide, by few and by many programmes
t/bench/peers.pl         the same small API on other stacks
t/bench/routes.pl        every route that reads, and the slowest statements with their plans
t/bench/soak.pl          everything at once for a long time
t/bench/web.mjs          the app, in a browser
END

sub needs_java { my ($case) = @_; return $case->{name} =~ /Elasticsearch|index rebuild/ }

# Names are given by their beginnings.
sub chosen
{
	my @wanted = map { s/^\s+|\s+$//gr } split /,/, $o{only} // '';
	my @found = grep { my $name = $_->{name}; !@wanted || grep { index($name, $_) == 0 } @wanted } @cases;
	die "no such case; --list names them\n" unless @found;
	return @found;
}

# --- figures

my @groups = qw(lighttpd programs postgres);
sub number { my ($format, $n) = @_; return defined $n ? sprintf $format, $n : '-' }

sub medians
{
	my @runs = @_;
	my $of = sub { my ($get) = @_; my @all = grep { defined } map { $get->($_) } @runs; return @all ? median(@all) : undef };
	return { (map { my $k = $_; $k => $of->(sub { $_[0]{$k} }) } qw(rate p50 p99 max bytes)),
		cpu => { map { my $g = $_; $g => $of->(sub { $_[0]{cpu}{$g} }) } @groups },
		memory => { map { my $g = $_; $g => $of->(sub { $_[0]{memory}{$g} }) } @groups } };
}

sub table
{
	my ($results) = @_;
	printf "%-38s %9s %8s %8s %28s %18s %8s\n", '', '', 'ms', 'ms', 'CPU us a request', 'MB', '';
	printf "%-38s %9s %8s %8s %9s %9s %9s %9s %9s %8s\n", 'case', 'a second', 'p50', 'p99', @groups, qw(lighttpd programs bytes);
	for my $r (@$results) {
		my $m = $r->{median} or do { printf "%-38s refused: %s\n", $r->{name}, join '; ', @{ $r->{refused} }; next };
		printf "%-38s %9.0f %8s %8s %9s %9s %9s %9s %9s %8s%s\n", $r->{name}, $m->{rate}, (map { number('%.2f', $m->{$_}) } qw(p50 p99)),
			(map { number('%.0f', $m->{cpu}{$_}) } @groups), (map { number('%.0f', $m->{memory}{$_}) } qw(lighttpd programs)),
			number('%.0f', $m->{bytes}), @{ $r->{refused} } ? ' (' . @{ $r->{refused} } . " rounds refused: $r->{refused}[0])" : '';
	}
}

# By mean time, of those that were run more than a few times.
sub statements
{
	print "\nms, buffers, rows, calls, statement\n", sql($database, "
		select round(mean_exec_time::numeric, 3), (shared_blks_hit + shared_blks_read) / calls, rows / calls, calls,
		       left(regexp_replace(query, '\\s+', ' ', 'g'), 100)
		from pg_stat_statements s join pg_roles r on r.oid = s.userid
		where r.rolname like 'tv\\_%' and calls > 20
		order by mean_exec_time desc limit 10"), "\n";
}

if ($o{list}) {
	print "$_->{name}\n" for chosen();
	print $beside unless defined $o{only};
	exit 0;
}

my %by_name = map { $_->{name} => $_ } @cases;
my @chosen = chosen();
@TV::Bench::more_settings = ('shared_preload_libraries=pg_stat_statements') if $o{statements};
$database = stack(large => scalar grep { $_->{name} =~ /million/ } @chosen);
if ($o{steps}) {
	while (my $name = <STDIN>) {
		chomp $name;
		print JSON::PP->new->canonical->encode(eval { $by_name{$name}{run}->() } || { failed => $@ }), "\n";
	}
	exit 0;
}

my (@results, %result);
for my $case (@chosen) {
	if (my $why = needs_java($case) && TV::Elastic::why_no('elasticsearch')) {
		print "skipped: $case->{name}: $why\n";
		next;
	}
	push @results, $result{$case->{name}} = { name => $case->{name}, case => $case, runs => [], refused => [] };
}
for my $round (1 .. $o{rounds}) {
	for my $r ($round % 2 ? @results : reverse @results) {
		my $run = $r->{case}{run}->();
		push @{ $run->{failed} ? $r->{refused} : $r->{runs} }, $run->{failed} || $run;
		printf STDERR "%d/%d %-38s %9.0f/s%s\n", $round, $o{rounds}, $r->{name}, $run->{rate}, $run->{failed} ? " refused: $run->{failed}" : '';
	}
}
$_->{median} = @{ $_->{runs} } ? medians(@{ $_->{runs} }) : undef for @results;
delete $_->{case} for @results;
table(\@results);
statements() if $o{statements};
write_file($o{json}, JSON::PP->new->canonical->pretty->encode(\@results)) if $o{json};
exit(grep({ !$_->{median} } @results) ? 1 : 0);

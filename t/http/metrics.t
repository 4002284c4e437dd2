# /metrics: what happened is counted, over all programs and workers, in the form that Prometheus reads; for administrators, and
# for this machine itself, but not for what a proxy on it passes on.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_RATE_SEARCH => 'off', TV_RATE_WRITE => '1/3600:3' });
my $who = account($tv);
my $admin = admin($tv);
my $forwarded = { 'X-Forwarded-For' => '192.0.2.1' };

# Samples by name and labels; fails on a line that is none, on a family without a type, or one that is twice there.
sub samples
{
	my ($text) = @_;
	my (%sample, %type, @wrong);
	for (split /\n/, $text) {
		if (/^# TYPE (\w+) (counter|gauge|histogram)$/) {
			push @wrong, "$_ again" if $type{$1};
			$type{$1} = $2;
		} elsif (/^(\w+(?:\{\w+="[^"\\]*"(?:,\w+="[^"\\]*")*\})?) (-?[0-9.]+(?:e[+-]?\d+)?)$/) {
			my ($name, $value) = ($1, $2);
			push @wrong, "$name again" if exists $sample{$name};
			$sample{$name} = $value;
			my ($family) = $name =~ /^(\w+)/;
			push @wrong, "$family has no type" unless $type{$family} || $type{ $family =~ s/_(bucket|sum|count)$//r };
		} elsif (!/^# HELP \w+ \S.*$/) {
			push @wrong, $_;
		}
	}
	is_deeply(\@wrong, [], 'every line is a sample of a family');
	return %sample;
}

sub metrics { my $r = $tv->get('/metrics'); is($r->{status}, 200, 'metrics'); return samples($r->{content}) }

my $text = $tv->get('/metrics');
like($text->{headers}{'content-type'}, qr{^text/plain; version=0\.0\.4}, 'of the type that Prometheus asks for');
is_problem($tv->get('/metrics', undef, headers => $forwarded), 401, 'token_missing', 'what a proxy passes on needs a token');
is_problem($tv->get('/metrics', $who->{token}, headers => $forwarded), 403, 'forbidden', '  of an administrator');
is($tv->get('/metrics', $admin->{token}, headers => $forwarded)->{status}, 200, '  who gets it');

my $films = 'program="ondemand",method="GET",route="/ondemand/movies/{id}"';
my %before = metrics();
$tv->get("/ondemand/movies/$id{movie}", $who->{token}) for 1 .. 20;
$tv->get('/ondemand/movies/999999999', $who->{token}) for 1 .. 5;
$tv->get('/ondemand/nothing', $who->{token}) for 1 .. 3;
my %after = metrics();
sub grown { my ($name) = @_; return ($after{$name} // 0) - ($before{$name} // 0) }
is(grown("antenna_requests_total{$films,status=\"2xx\"}"), 20, 'answers by route');
is(grown("antenna_requests_total{$films,status=\"4xx\"}"), 5, 'refusals by route');
is(grown('antenna_requests_total{program="ondemand",method="-",route="-",status="4xx"}'), 3, 'and what is nowhere');
is(grown("antenna_request_duration_seconds_count{$films}"), 25, 'how long they took');
is($after{"antenna_request_duration_seconds_bucket{$films,le=\"+Inf\"}"}, $after{"antenna_request_duration_seconds_count{$films}"}, '  all of them in the last bucket');
my @buckets = map { $after{"antenna_request_duration_seconds_bucket{$films,le=\"$_\"}"} } qw(0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 2 +Inf);
is_deeply(\@buckets, [sort { $a <=> $b } @buckets], '  which are cumulative');
cmp_ok($after{"antenna_request_duration_seconds_sum{$films}"}, '>', 0, '  with their sum');
cmp_ok(grown('antenna_database_duration_seconds_count'), '>=', 20, 'round trips to the database');
is($after{antenna_database_up}, 1, 'which is there');
is($after{"antenna_service_up{program=\"$_\"}"}, 1, "$_ is up") for qw(auth users ondemand livetv);
is($after{antenna_search_breaker_open}, 0, 'nothing is held back from Elasticsearch');
ok(exists $after{'antenna_rows{table="auth.session"}'}, 'sessions');
sql($database, "insert into search.queue (kind, ref_id, queued_at, parked_at) values
	('movie', 1, now() - interval '100 seconds', null), ('movie', 2, now(), null), ('movie', 3, now() - interval '1 hour', now());
	insert into search.stale (kind, ref_ids) values ('movie', '{}')");
my %behind = metrics();
is_deeply([@behind{map { "antenna_search_$_" } qw(queue_length refused)}], [2, 1], 'what waits for Elasticsearch, and what it refuses');
ok(abs($behind{antenna_search_queue_age_seconds} - 100) < 20, '  since when');
ok(exists $behind{antenna_search_noted}, '  and what is not made yet');
sql($database, 'delete from search.queue');
unlike(join('', keys %after), qr/$who->{email}|movies\/$id{movie}/, 'nobody is named, and no address as it was asked for');

%before = metrics();
$tv->request('PATCH', '/users/me', token => $who->{token}, body => { name => 'Ann' }) for 1 .. 6;
my (undef, $worker) = $tv->program_pids('users');
kill 'KILL', $worker;
ok(wait_for(sub { %after = metrics(); grown('antenna_workers_ended_total') }, 10), 'a worker that was killed');
is(grown('antenna_workers_ended_total'), 1, '  once');
cmp_ok(grown('antenna_rate_limited_total{class="write"}'), '>=', 3, 'requests over the rate');

# What lighttpd gives out by itself is counted there.
my $edge = server($database, cache => 1, env => { TV_RATE_API => '1000/1:1000' });
sub kept { return ($edge->get('/metrics')->{content} =~ /^antenna_kept_answers_total\{tag="$_[0]"\} (\d+)$/m)[0] }
is(kept('content'), 0, 'no kept answer yet');
my $of_edge = account($edge)->{token};
my @kept = map { $edge->get('/ondemand/genres', $of_edge) } 1 .. 9;
ok(!exists $kept[8]{headers}{ratelimit}, 'kept answers, which no program counted');
is(kept('content'), scalar(grep { !exists $_->{headers}{ratelimit} } @kept), '  are counted');
is(kept('live'), 0, '  by their tag');
$edge->get('/livetv/channels', $of_edge) for 1 .. 3;
cmp_ok(kept('live'), '>=', 1, '  each');
like($edge->get('/metrics')->{content}, qr/^antenna_kept_answers_off 0$/m, '  while the node hears of writes');
my $lie = $edge->get('/metrics', undef, headers => { 'Antenna-Kept-Content' => '12345', 'ANTENNA_KEPT_CONTENT' => '12345' });
unlike($lie->{content}, qr/12345/, 'no header changes that');
my %found = samples($tv->get('/search/global?q=seed', $who->{token}) && $tv->get('/metrics')->{content});
is($found{'antenna_search_duration_seconds_count{engine="postgres"}'}, 1, 'searches, by what found it');

my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};
SKIP: {
	skip 'no promtool in PATH; Debian has it in its package prometheus', 2 unless $promtool;
	my $dir = TV::scratch();
	write_file("$dir/metrics", $tv->get('/metrics')->{content});
	is(qx($promtool check metrics < $dir/metrics 2>&1), '', 'promtool has nothing to say');
	like(qx($promtool check rules $root/conf/alerts.yml 2>&1), qr/SUCCESS/, 'nor about the alerts') if -e "$root/conf/alerts.yml";
}

# What alerts and the dashboard ask for is there.
for my $file (grep { -e } "$root/conf/alerts.yml", "$root/conf/dashboard.json") {
	my %known = map { /^(\w+)/ ? ($1 => 1) : () } keys %after;
	is_deeply([grep { !$known{$_} } read_file($file) =~ /\b(antenna_\w+)/g], [], "$file asks for nothing else");
}

# A database that is gone: the counters are still told.
my $away = server($database, env => { TV_DATABASE_URL => 'postgresql://nobody@/nothing?host=/nonexistent' }, up => sub {
	$_[0]->get('/health/live')->{status} == 200 });
my $r = $away->get('/metrics');
is($r->{status}, 200, 'without a database there are metrics');
like($r->{content}, qr/^antenna_database_up 0$/m, '  that say so');
done_testing();

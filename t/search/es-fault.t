# Elasticsearch hangs, refuses, answers with errors, garbage, too slowly or by half: searches are answered by PostgreSQL in time
# and say so, nothing else notices, and soon after it is back it is asked again.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use TV;
use TV::Elastic;

use constant { REQUESTS => $ENV{TV_SEARCH_REQUESTS} || 250, P99 => 0.3, BACK => 10 };

my $database = database();
my %id = seed($database);
my $proxy = fault_server('good');
my $tv = server($database, env => { TV_ELASTICSEARCH_URL => "http://127.0.0.1:$proxy->{port}", TV_ELASTICSEARCH_INDEX => 'fault' });
my $token = account($tv)->{token};
my $title = sql($database, "select title from content.item where id = $id{movie}");

sub state_of { my ($r) = @_; return join ' ', $r->{status}, $r->{engine} // '-', $r->{degraded} ? 'degraded' : 'whole' }

ok(wait_for(sub { state_of(search($tv, $token, $title)) eq '200 elasticsearch whole' }, 10), 'it is asked');

# A node looks at a clock that ticks each 200 ms: of a shorter time, what begins just before a tick has nothing.
my ($given) = read_file("$proxy->{file}.request") =~ /"timeout":\s*"(\d+)ms"/;
cmp_ok($given, '>=', 200 + 200, 'a search has its time of a node');

for my $mode ('hang', 'slow', 'refuse', 'status 429', 'status 503', 'garbage', 'cut') {
	subtest $mode => sub {
		fault($proxy, $mode);
		my (@took, @others, %state);
		my $lost = 0;
		for my $n (1 .. REQUESTS) {
			my $started = time;
			my $r = search($tv, $token, $title);
			push @took, time - $started;
			$state{ state_of($r) }++;
			$lost++ unless grep { $_->{kind} eq 'movie' && $_->{id} == $id{movie} } @{ $r->{items} || [] };
			next if $n % 10;
			$started = time;
			$state{"others $n"}++ if $tv->get("/ondemand/movies/$id{movie}", $token)->{status} != 200;
			push @others, time - $started;
		}
		is_deeply([keys %state], ['200 postgres degraded'], 'each is answered by PostgreSQL') or diag(explain \%state);
		is($lost, 0, 'and finds what there is');
		cmp_ok(percentile(0.99, @took), '<=', P99, sprintf 'p99 %.0f ms, median %.0f ms', 1000 * percentile(0.99, @took),
			1000 * percentile(0.5, @took));
		cmp_ok(percentile(0.95, @others), '<=', P99, sprintf 'others: p95 %.0f ms', 1000 * percentile(0.95, @others));
		fault($proxy, 'good');
		my $again = time;
		ok(wait_for(sub { state_of(search($tv, $token, $title)) eq '200 elasticsearch whole' }, BACK),
			sprintf 'back after %.1f s', time - $again);
	};
}

subtest 'an answer that is JSON, but none to a search' => sub {
	fault($proxy, 'status 200');
	is(state_of(search($tv, $token, $title)), '200 postgres degraded', 'PostgreSQL answers');
	fault($proxy, 'good');
};

subtest 'several addresses' => sub {
	my $dead = TV::free_port();
	my $two = server($database, env => { TV_ELASTICSEARCH_INDEX => 'fault', TV_ELASTICSEARCH_TIMEOUT => 1000,
		TV_ELASTICSEARCH_URL => "http://127.0.0.1:$dead, http://127.0.0.1:$proxy->{port}/" });
	is(state_of(search($two, $token, $title)), '200 elasticsearch whole', 'the second one answers when the first one is dead')
		for 1 .. 5;
	$two->stop;
};
done_testing();

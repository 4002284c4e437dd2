# What the tests of searching need besides TV: a node of Elasticsearch or OpenSearch, a proxy before it that can fail in many
# ways, and the comparison of index and database. Perl core only.
package TV::Elastic;
use strict;
use warnings;

use Exporter qw(import);
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

our @EXPORT = qw(node nodes need_java fault_server fault es differences search found percentile movie make_movie writes);

my $json = JSON::PP->new->utf8->canonical;
my $http = HTTP::Tiny->new(timeout => 30);

# Fetches what a node of this kind needs; why there can be none, or nothing.
sub why_no
{
	my ($kind) = @_;
	my @missing = grep { my $p = $_; !grep { -x "$_/$p" } split /:/, $ENV{PATH} } qw(java mvn);
	return "not installed: @missing" if @missing;
	my $out = qx($root/conf/elasticsearch.sh fetch $kind 2>&1);
	return $? ? "no $kind: $out" : '';
}

# Skips the whole test without what a node needs; in continuous integration that is a failure.
sub need_java
{
	my ($kind) = @_;
	my $why = why_no($kind) or return;
	die "$why\n" if $ENV{CI};
	plan(skip_all => $why);
}

# Nodes of one cluster, which answer at this address: [{ pid, port, dir }, …].
sub nodes
{
	my ($n, $host) = @_;
	my @ports = map { TV::free_port() } 1 .. $n;
	my $all = '[' . join(',', map { qq("127.0.0.1:$_") } @ports) . ']';
	my %cluster = (kind => 'elasticsearch', host => $host, cluster => "antenna-$$", heap => '300m');
	my @nodes = map {
		start_node({ %cluster, dir => TV::scratch() }, "transport.port: $_", "discovery.seed_hosts: $all",
			"cluster.initial_master_nodes: $all", 'discovery.type: zen')
	} @ports;
	await_node($_, "wait_for_nodes=$n&wait_for_status=yellow") for @nodes;
	return \@nodes;
}

# A node of this kind: { pid, port, dir }. again: one that was ended, with its data.
sub node
{
	my ($kind, $again) = @_;
	my $why = why_no($kind);
	die "$why\n" if $why;
	my $dir = $again ? $again->{dir} : TV::scratch();
	my $node = start_node({ kind => $kind, dir => $dir, host => '127.0.0.1', cluster => 'antenna-' . ($dir =~ s{.*/}{}r), heap => '512m' });
	await_node($node, 'wait_for_status=yellow');
	return $node;
}

# The runner takes no port above 9299.
sub start_node
{
	my ($node, @settings) = @_;
	my %env = (TV_ELASTICSEARCH_CLUSTER => $node->{cluster}, TV_ELASTICSEARCH_HEAP => $node->{heap},
		TV_ELASTICSEARCH_PORT => $node->{port} = TV::free_port(9201 .. 9299));
	unlink "$node->{dir}/log";
	$node->{pid} = start_process("$node->{dir}/log", \%env, TV::as_user('setpriv', '--pdeathsig=KILL',
		"$root/conf/elasticsearch.sh", 'run', $node->{dir}, $node->{kind}, "http.host: $node->{host}", @settings));
	return $node;
}

# Until it answers, as a node of its own cluster and no other's, that it is so.
sub await_node
{
	my ($node, $condition) = @_;
	my $up;
	wait_for {
		my $r = $http->get("http://$node->{host}:$node->{port}/_cluster/health?$condition&timeout=1s");
		$up = $r->{status} == 200 && $json->decode($r->{content})->{cluster_name} eq $node->{cluster};
		$up || !TV::is_alive($node->{pid});
	} 180;
	die "$node->{kind} does not start: " . substr(read_file("$node->{dir}/log"), -2000) unless $up;
}

# A request to a node or its proxy: the decoded answer.
sub es
{
	my ($port, $method, $path, $body) = @_;
	my $text = !defined $body ? undef : ref $body ? $json->encode($body) : $body;
	my $r = $http->request($method, "http://127.0.0.1:$port$path",
		{ headers => { 'Content-Type' => 'application/json' }, defined $text ? (content => $text) : () });
	return { status => $r->{status}, json => eval { $json->decode($r->{content}) } };
}

# --- the proxy

# Takes one request a connection, in the way that the file says: "pass PORT", "faults PORT" (passes most on, later ones before
# earlier ones), "hang", "refuse", "status 503", "garbage", "slow", "cut" or "good" (an empty answer to any search). Answers
# { port, file }; the last request is in "file.request".
sub fault_server
{
	my ($mode) = @_;
	my $dir = TV::scratch();
	my $self = { port => TV::free_port(), file => "$dir/mode" };
	fault($self, $mode);
	background(sub { serve_faults($self) });
	wait_for { $mode eq 'refuse' || IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) } 10
		or die 'no proxy';
	return $self;
}

sub fault
{
	my ($self, $mode) = @_;
	write_file("$self->{file}.new", $mode);
	rename "$self->{file}.new", $self->{file};
	sleep 0.1;
}

sub serve_faults
{
	my ($self) = @_;
	my $listener;
	local $SIG{CHLD} = 'IGNORE';
	while () {
		my $mode = read_file($self->{file});
		if ($mode eq 'refuse') {
			undef $listener;
			sleep 0.02;
			next;
		}
		$listener //= IO::Socket::INET->new(Listen => 200, LocalAddr => '127.0.0.1', LocalPort => $self->{port}, ReuseAddr => 1);
		next unless $listener && IO::Select->new($listener)->can_read(0.02);
		my $client = $listener->accept or next;
		my $pid = fork // next;
		next if $pid;
		undef $listener;
		$SIG{ALRM} = sub { POSIX::_exit(0) };
		alarm 60;
		eval { answer($client, read_file($self->{file}), $self->{file}) };
		POSIX::_exit(0);
	}
}

sub read_request
{
	my ($client) = @_;
	my $text = '';
	while ($text !~ /\r\n\r\n/) {
		sysread $client, $text, 65536, length $text or return;
	}
	my ($head, $body) = split /\r\n\r\n/, $text, 2;
	my ($length) = $head =~ /^content-length: *(\d+)/im;
	while (length $body < ($length || 0)) {
		sysread $client, $body, 65536, length $body or return;
	}
	return ($head, $body);
}

sub reply
{
	my ($client, $status, $body) = @_;
	syswrite $client, "HTTP/1.1 $status X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
		. length($body) . "\r\n\r\n$body";
}

my $empty = '{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[]},"aggregations":{"kinds":{"buckets":[]}}}';

sub answer
{
	my ($client, $mode, $file) = @_;
	my ($head, $body) = read_request($client) or return;
	write_file("$file.request", "$head\n\n$body");
	if ($mode =~ /^pass (\d+)/) {
		pass_on($client, $1, $head, $body);
	} elsif ($mode =~ /^faults (\d+)/) {
		pass_some($client, $1, $head, $body);
	} elsif ($mode =~ /^status (\d+)/) {
		reply($client, $1, '{"error":{"type":"no","reason":"not now"}}');
	} elsif ($mode eq 'garbage') {
		reply($client, 200, "<html>\xff\0 not what you think {\"hits\":");
	} elsif ($mode eq 'good') {
		reply($client, 200, $empty);
	} elsif ($mode eq 'cut') {
		syswrite $client, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"hits\":";
	} elsif ($mode eq 'slow') {
		syswrite $client, "HTTP/1.1 200 OK\r\nContent-Length: " . length($empty) . "\r\n\r\n";
		for (split //, $empty) { syswrite $client, $_ or last; sleep 0.05 }
	} else {
		sleep 60;
	}
}

# Of ten requests one fails: it is refused, or done and not answered, or a third of its documents are refused. What waits a
# moment is overtaken by others.
sub pass_some
{
	my ($client, $port, $head, $body) = @_;
	srand($$ ^ time * 1000);
	sleep rand 0.3 if rand() < 0.25;
	my $fault = rand() < 0.1 ? int rand 3 : 3;
	return reply($client, 503, '{"error":{"type":"no","reason":"not now"}}') if $fault == 0;
	return pass_on($client, $port, $head, $body) if $fault == 3 || ($fault == 2 && $head !~ m{^POST \S+/_bulk});
	if ($fault == 1) {
		open my $nobody, '>', '/dev/null' or return;
		return pass_on($nobody, $port, $head, $body);
	}
	my @documents = $body =~ /^(\{"(?:delete":.*|index":.*\n.*)\n)/mg;
	my @refused = map { rand() < 0.3 } @documents;
	my $rest = join '', map { $refused[$_] ? () : $documents[$_] } 0 .. $#documents;
	return reply($client, 429, '{}') if $rest eq '';
	my $r = $http->post("http://127.0.0.1:$port" . ($head =~ /^POST (\S+)/)[0],
		{ headers => { 'Content-Type' => 'application/x-ndjson' }, content => $rest });
	return reply($client, $r->{status}, $r->{content}) if $r->{status} != 200;
	my @done = @{ $json->decode($r->{content})->{items} };
	my @items = map { $_ ? { index => { status => 429, error => { type => 'es_rejected_execution_exception', reason => 'full' } } } : shift @done }
		@refused;
	reply($client, 200, $json->encode({ items => \@items }));
}

sub pass_on
{
	my ($client, $port, $head, $body) = @_;
	my $upstream = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return;
	$head =~ s/^connection:.*\r\n//im;
	syswrite $upstream, "$head\r\nConnection: close\r\n\r\n";
	for (my $at = 0; $at < length $body;) { $at += syswrite($upstream, $body, 65536, $at) || return }
	while (sysread $upstream, my $part, 65536) { syswrite $client, $part or last }
}

# --- what is there

# Where index and database differ: "movie-5: …" for each document.
sub differences
{
	my ($database, $port, $alias) = @_;
	es($port, 'POST', "/$alias/_refresh");
	my %want = map { my $d = $json->decode($_); ("$d->{kind}-$d->{id}" => $d) } split /\n/, sql($database, <<'SQL');
		select json_build_object('kind', kind, 'id', ref_id, 'version', version, 'titles', search.index_titles(titles), 'year', year,
		       'weight', weight, 'min_age', min_age, 'open_from', open_from, 'open_until', open_until)
		from search.document where gone_at is null
SQL
	my @wrong;
	my $after = '';
	while () {
		my $page = es($port, 'POST', "/$alias/_search", { size => 5000, version => \1, sort => [{ kind => 'asc' }, { id => 'asc' }],
			ref $after ? (search_after => $after) : () });
		my @hits = @{ $page->{json}{hits}{hits} // [] } or last;
		for my $hit (@hits) {
			my $want = delete $want{ $hit->{_id} };
			if (!$want) {
				push @wrong, "$hit->{_id}: only in the index";
			} elsif ($want->{version} != $hit->{_version}) {
				push @wrong, "$hit->{_id}: version $hit->{_version}, not $want->{version}";
			} else {
				push @wrong, grep { $_ } map { same($want->{$_}, $hit->{_source}{$_}) ? '' : "$hit->{_id}: $_ differs" }
					qw(titles year weight min_age);
			}
		}
		$after = $hits[-1]{sort};
	}
	return (@wrong, map { "$_: not in the index" } sort keys %want);
}

sub same { my ($a, $b) = map { $json->encode([$_]) } @_; return $a =~ s/"(-?\d+)"/$1/gr eq $b =~ s/"(-?\d+)"/$1/gr }

# A search over HTTP: the decoded answer, with {status}.
sub search
{
	my ($tv, $token, $q, %more) = @_;
	my $r = $tv->get('/search/global?q=' . uri($q) . join('', map { "&$_=" . uri($more{$_}) } sort keys %more), $token);
	return { %{ $r->{json} || {} }, status => $r->{status} };
}

# Whether it finds that thing of that kind.
sub found
{
	my ($tv, $token, $q, $kind, $id) = @_;
	return grep { $_->{kind} eq $kind && $_->{id} == $id } @{ search($tv, $token, $q)->{items} || [] };
}

# --- writes

sub movie { my ($title, %more) = @_; return { title => $title, year => 2001, rating => { system => 'mpa', code => 'G' }, %more } }

sub make_movie
{
	my ($tv, $editor, $title) = @_;
	my $r = $tv->post('/admin/ondemand/movies', movie($title), $editor);
	die "$r->{status} $r->{content}" unless $r->{status} == 201;
	return $r->{json}{id};
}

# Some writes of films: word => [found or gone, id, when it was answered]; and how many there were.
sub write_some
{
	my ($tv, $editor, $from) = @_;
	my ($n, %waiting) = ($from);
	for my $i (1 .. 10) {
		my $word = 'zq' . join '', map { chr(ord('a') + $_) } split //, sprintf '%06d', ++$n;
		my $id = make_movie($tv, $editor, "The $word");
		$waiting{$word} = [1, $id, time];
		if ($i % 3 == 0) {
			# nothing that could be taken for a misspelling of the other
			my $other = 'wx' . substr($word, 2) =~ tr/a-j/k-t/r;
			$tv->put("/admin/ondemand/movies/$id", movie("Renamed $other"), $editor);
			$waiting{$word} = [0, $id, time];
			$waiting{$other} = [1, $id, time];
			$n++;
		} elsif ($i % 5 == 0) {
			$tv->request('DELETE', "/admin/ondemand/movies/$id", token => $editor);
			$waiting{$word} = [0, $id, time];
			$n++;
		}
	}
	return ($n, %waiting);
}

# Films are made, renamed and deleted over HTTP (100 writes; TV_LONG=1: 1,000), and searched for: each is found, or gone, two
# seconds after its answer. What counts is when the last search began that did not have it, however slowly this one asks.
sub writes
{
	my ($tv, $editor, $viewer, $engine) = @_;
	my ($n, $most, %engine, %missed) = (0, $ENV{TV_LONG} ? 1000 : 100);
	while ($n < $most) {
		($n, my %waiting) = write_some($tv, $editor, $n);
		while (%waiting) {
			for my $word (sort keys %waiting) {
				my ($there, $id, $since) = @{ $waiting{$word} };
				my $began = time - $since;
				my $r = search($tv, $viewer, $word);
				$engine{ $r->{engine} }++;
				my $right = $there == grep { $_->{kind} eq 'movie' && $_->{id} == $id } @{ $r->{items} };
				$missed{$word} = $right ? $missed{$word} // 0 : $began;
				delete $waiting{$word} if $right || $began > 10;
			}
			sleep 0.02;
		}
	}
	my @took = values %missed;
	cmp_ok(percentile(0.99, @took), '<=', 2, sprintf '%d writes: the last search without them, or still with them, p50 %.2f s, p99 %.2f s, '
		. 'at most %.2f s after their answers', $n, map { percentile($_, @took) } 0.5, 0.99, 1);
	cmp_ok(percentile(1, @took), '<', 10, 'none was lost');
	ok($engine{$engine}, sprintf 'asked: %s', join ', ', map { "$_ $engine{$_} times" } sort keys %engine);
}

sub percentile { my ($share, @values) = @_; return (sort { $a <=> $b } @values)[$share * $#values] }

1;

# Two web nodes, a PostgreSQL with its standbys, and three nodes of Elasticsearch, each with an address of its own in a network
# namespace: what is written on one node is read on the other at once; the primary is killed, then the one after it vanishes with
# its machine, a standby is promoted each time, and nothing is restarted; a node of Elasticsearch is killed, and no search fails.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Elastic;

use constant { WRITES => $ENV{TV_LONG} ? 500 : 100, SEARCHES => $ENV{TV_LONG} ? 600 : 150, BACK => 10 };

plan(skip_all => 'network namespaces take root') if $>;
my $net = sprintf '10.%d.%d', 100 + $$ % 100, $$ / 100 % 250;
my $bridge = "tvb$$";
my (@namespaces, @links);
plan(skip_all => 'ip netns does not work here') unless run('link', 'add', $bridge, 'type', 'bridge');

sub run { return system("ip @_ >/dev/null 2>&1") == 0 }
sub ip { run(@_) or die "ip @_: $?\n" }

# The network goes with the test, whatever happens.
END {
	if (@links) {
		local $?;
		run('link', 'del', $_) for @links;
		run('netns', 'del', $_) for @namespaces;
	}
}

push @links, $bridge;
ip('addr', 'add', "$net.254/24", 'dev', $bridge);
ip('link', 'set', $bridge, 'up');

# A machine: the command that runs something there, and its address.
sub machine
{
	my ($number) = @_;
	my $name = "tv$$-$number";
	ip('netns', 'add', $name);
	push @namespaces, $name;
	ip('link', 'add', "tv$$.$number", 'type', 'veth', 'peer', 'name', 'eth0', 'netns', $name);
	push @links, "tv$$.$number";
	ip('link', 'set', "tv$$.$number", 'master', $bridge, 'up');
	ip('-n', $name, 'addr', 'add', "$net.$number/24", 'dev', 'eth0');
	ip('-n', $name, 'link', 'set', $_, 'up') for 'lo', 'eth0';
	return (inside => ['ip', 'netns', 'exec', $name], listen => "$net.$number");
}

# --- PostgreSQL

my %first = machine(1);
my %second = machine(2);
my %third = machine(3);
my @replicated = ('wal_level=replica', 'max_wal_senders=4', 'hot_standby=on');
my $primary = cluster_pid(inside => $first{inside}, settings => [@replicated, "listen_addresses=$first{listen}"]);
my $primary_dir = TV::cluster()->{dir};
my $rules = read_file("$primary_dir/pg/pg_hba.conf");
write_file("$primary_dir/pg/pg_hba.conf", "$rules\nhost all all $net.0/24 trust\nhost replication all $net.0/24 trust\n");
sql('postgres', 'select pg_reload_conf()');
my $database = database();
my %id = seed($database);

# A standby on this machine that follows the one on that: its directory.
sub standby
{
	my ($here, $of) = @_;
	my $dir = TV::scratch();
	system(TV::as_user('pg_basebackup', '-h', $of->{listen}, '-U', 'postgres', '-D', "$dir/pg", '-R', '-X', 'stream', '-c', 'fast')) == 0
		or die 'no base backup';
	start_process("$dir/log", {}, @{ $here->{inside} }, "$root/conf/postgres.sh", 'run', $dir, @TV::cluster_settings,
		@replicated, "listen_addresses=$here->{listen}");
	ok(wait_for(sub { system("$root/conf/postgres.sh ready $dir >/dev/null 2>&1") == 0 }, 30), 'a standby follows');
	return $dir;
}

my $standby_dir = standby(\%second, \%first);

# --- Elasticsearch and the web nodes

my @search;
my $java = !grep { my $p = $_; !grep { -x "$_/$p" } split /:/, $ENV{PATH} } qw(java mvn);
$java &&= system("$root/conf/elasticsearch.sh fetch >/dev/null 2>&1") == 0;
@search = @{ nodes(3, "$net.254") } if $java;
my %env = (
	TV_DATABASE_URL => "postgresql://tv_%p\@$first{listen},$second{listen},$third{listen}/$database?target_session_attrs=read-write",
	@search ? (TV_ELASTICSEARCH_URL => join(',', map { "http://$net.254:$_->{port}" } @search), TV_ELASTICSEARCH_INDEX => 'nodes', TV_ELASTICSEARCH_TIMEOUT => 1500) : (),
);
my @web = map { server($database, machine(10 + $_), cache => 1, env => \%env) } 1, 2;
my $who = account($web[0]);
my $admin = admin($web[0]);

# --- what is written on one node is read on the other

sub title_at { my ($node, $title) = @_; return ($web[$node]->get("/ondemand/movies/$id{movie}", $who->{token})->{json}{title} // '') eq $title }

# Writes here, reads there: none is of before the write; seconds of each write.
sub written_and_read
{
	my ($n, $from) = @_;
	my ($stale, @took) = (0);
	for my $i (1 .. $n) {
		my $title = sprintf '%s %d %d %s', 'Written', $from, $i, time;
		title_at(1 - $from, ''); # is kept there
		my $start = time;
		my $r = $web[$from]->put("/admin/ondemand/movies/$id{movie}", { title => $title, min_age => 0, state => 'published' }, $admin->{token});
		die "$r->{status} $r->{content}" if $r->{status} != 200;
		push @took, time - $start;
		$stale++ unless title_at(1 - $from, $title);
	}
	is($stale, 0, sprintf '%d writes on node %d: each is read at once on the other', $n, $from + 1);
	@took = sort { $a <=> $b } @took;
	diag(sprintf '%d writes on node %d: median %.1f ms, longest %.1f ms; %d read as before on the other', $n, $from + 1,
		1000 * $took[$n / 2], 1000 * $took[-1], $stale);
}

written_and_read(WRITES, $_) for 0, 1;

# --- a node of Elasticsearch goes

SKIP: {
	skip 'no Java, Maven or jars for Elasticsearch', 4 unless @search;
	local @ENV{keys %env} = values %env;
	my $built = command($database, 'search', 'rebuild');
	is($built->{exit}, 0, 'an index over three nodes') or diag($built->{out}, $built->{err});
	my (%engine, %failed, $slowest);
	my $title = sql($database, "select title from content.item where id = $id{series}");
	my $look = sub {
		my ($name, $n) = @_;
		for (1 .. $n) {
			my $start = time;
			my $r = search($web[$_ % 2], $who->{token}, $title);
			$slowest = time - $start if time - $start > ($slowest // 0);
			$engine{$name}{ ($r->{engine} // '-') . ($r->{degraded} ? ' degraded' : '') }++;
			$failed{"$name: $r->{status}"}++ if $r->{status} != 200 || !grep { $_->{kind} eq 'series' && $_->{id} == $id{series} } @{ $r->{items} };
		}
	};
	$look->('before', 20);
	is_deeply($engine{before}, { elasticsearch => 20 }, 'searches are those of Elasticsearch');
	$slowest = 0;
	end_process($search[0]{pid}, 'KILL');
	$look->('after', SEARCHES);
	is_deeply(\%failed, {}, SEARCHES . ' searches after one of its nodes was killed: none failed');
	cmp_ok($slowest, '<', 2, sprintf 'the slowest took %.0f ms', 1000 * $slowest);
	diag(sprintf 'a node of Elasticsearch killed: %s; the slowest search %.0f ms', join(', ', map { "$engine{after}{$_} by $_" } sort keys %{ $engine{after} }), 1000 * $slowest);
}

# --- the primary goes

sub all_well
{
	my ($node) = @_;
	return $web[$node]->get('/users/me', $who->{token})->{status} == 200
		&& $web[$node]->put("/users/watchlist/$id{movie}", undef, $who->{token})->{status} == 204
		&& $web[$node]->get('/livetv/channels', $who->{token})->{status} == 200
		&& $web[$node]->post('/auth/login', { email => $who->{email}, password => $who->{password} })->{status} == 200
		&& $web[$node]->get('/health/ready')->{status} == 200;
}

# Both nodes have a lease of the database that is the primary now.
sub both_hear { return eval { sql($database, 'select count(*) from node.member where id <> 0 and until > now()') } == 2 && $web[0]->keeps && $web[1]->keeps }

# What ends the primary is done, the standby in this directory is promoted: both nodes serve again, as they are.
sub primary_goes
{
	my ($name, $dir, $end) = @_;
	my $seen = sql($database, 'select pg_current_wal_lsn()');
	my $workers = sub { return [map { my $n = $_; join ' ', map { $web[$n]->program_pids($_) } qw(auth users livetv) } 0, 1] };
	my $before = $workers->();
	TV::cluster()->{dir} = $dir;
	ok(wait_for(sub { sql($database, "select pg_last_wal_replay_lsn() >= '$seen'") eq 't' }, 10), 'the standby has everything');
	my $gone = time;
	$end->();
	sql('postgres', 'select pg_promote(wait => false)');
	ok(wait_for(sub { all_well(0) && all_well(1) }, BACK + 10), "$name: reads and writes go on with the standby");
	my $took = time - $gone;
	cmp_ok($took, '<=', BACK, sprintf 'after %.2f s', $took);
	is_deeply($workers->(), $before, 'with the same processes');
	ok(wait_for(\&both_hear, BACK), 'both nodes hear of writes there');
	diag(sprintf '%s, standby promoted: served again after %.2f s, kept answers after %.2f s', $name, $took, time - $gone);
	written_and_read(20, $_) for 0, 1;
}

primary_goes('the primary is killed', $standby_dir, sub {
	kill 'KILL', $primary, TV::children($primary);
	my $gone = $web[0]->get('/users/me', $who->{token});
	is_problem($gone, 503, undef, 'without a primary: 503, at once') if $gone->{status} != 200;
});

my $last_dir = standby(\%third, \%second);
# its connections hear nothing any more, not even that they are over
primary_goes('the machine of the primary vanishes', $last_dir, sub { ip('link', 'set', "tv$$.2", 'down') });
done_testing();

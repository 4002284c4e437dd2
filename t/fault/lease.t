# Several nodes keep answers of their own: whoever was told that a write is done reads nothing of before it on any of them, also
# when a node says nothing, is gone, or the database has forgotten it; and no kept answer outlives the lease (lib/lease.h).
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

use constant { LEASE => 3, ROUND => 0.5, WRITES => $ENV{TV_LONG} ? 500 : 100, AWAY => $ENV{TV_LONG} ? 6 : 2 };

cluster_pid();
my $database = database();
my %id = seed($database);
my @node = (server($database, cache => 1));
my $who = account($node[0]);
my $admin = admin($node[0]);
my $path = "/ondemand/movies/$id{movie}";
my $asked = 0;

sub title_at { my ($n) = @_; return $node[$n]->get($path, $who->{token})->{json}{title} // '' }

# Whether the answer is one that lighttpd gives out by itself.
sub kept_at
{
	my ($n) = @_;
	my $name = sprintf 'lease-test-%d', ++$asked;
	$node[$n]->get($path, $who->{token}, headers => { 'X-Request-Id' => $name });
	return read_file("$node[$n]{dir}/log/stderr.log") !~ /"$name"/;
}

# A title is written through a node: how many seconds that took.
sub write_at
{
	my ($n, $title) = @_;
	my $start = time;
	my $r = $node[$n]->put("/admin/ondemand/movies/$id{movie}", { title => $title, min_age => 0, state => 'published' }, $admin->{token});
	die "$r->{status} $r->{content}" if $r->{status} != 200;
	return time - $start;
}

# The process beside the workers: the last one that its master started.
sub listener { my ($n) = @_; return (sort { $a <=> $b } $node[$n]->program_pids('system'))[-1] }

sub median { return (sort { $a <=> $b } @_)[@_ / 2] }

sub members { return sql($database, 'select count(*) from node.member where id <> 0') }

my @alone = map { write_at(0, "Alone $_") } 1 .. WRITES;
is(sql($database, 'select is_called and last_value > 1 from node.number'), 'f', WRITES . ' writes on the only node: nobody was asked for');

push @node, server($database, cache => 1);
is(members(), 2, 'a second node');
# Each renewal is a notice to all who listen: how many there were in some four seconds, and in how many exactly.
sub renewals
{
	my $start = time;
	open my $heard, '-|', 'psql', '-XAtq', '-d', sql_url('postgres', $database), '-c', 'listen node', '-c', 'select pg_sleep(4)' or die "psql: $!";
	my $n = grep { /"here / } <$heard>;
	close $heard or die 'psql failed';
	return ($n, time - $start);
}
my ($renewals, $seconds) = renewals();
cmp_ok($renewals, '>=', 2, 'two nodes that nobody asks renew their leases');
cmp_ok($renewals, '<=', 2 * ($seconds / ROUND + 1), sprintf 'each twice a second: what one says is not answered by the other (%d in %.1f s)', $renewals, $seconds);
for my $from (0, 1) {
	my ($stale, @took) = (0);
	for my $i (1 .. WRITES) {
		title_at(1 - $from) for 1, 2;
		push @took, write_at($from, "Both $from $i");
		$stale += title_at(1 - $from) ne "Both $from $i";
	}
	is($stale, 0, WRITES . ' writes on node ' . ($from + 1) . ', each read at once on the other: none of before');
	diag(sprintf '%d writes: median %.2f ms on the only node, %.2f ms with two', WRITES, 1000 * median(@alone), 1000 * median(@took));
}

subtest 'writers on both, readers on both' => sub {
	my $end = time + ($ENV{TV_LONG} ? 20 : 3);
	my @movies = map { sql($database, "with i as (insert into content.item (kind, title, min_age) values ('movie', 'Take 0', 0) returning id)
		insert into content.movie (id) select id from i returning id") } 0, 1;
	my @running = map {
		my $n = $_;
		[background(sub {
			my ($to) = @_;
			my ($writes, $stale) = (0, 0);
			while (time < $end) {
				my $r = $node[$n]->put("/admin/ondemand/movies/$movies[$n]", { title => 'Take ' . ++$writes, min_age => 0 }, $admin->{token});
				die $r->{status} if $r->{status} != 200;
				$stale += $node[$_]->get("/ondemand/movies/$movies[$n]", $who->{token})->{json}{title} ne "Take $writes" for 0, 1;
			}
			print $to "$writes $stale\n";
		})];
	} 0, 1;
	for (@running) {
		my ($pid, $from) = @$_;
		my ($writes, $stale) = split / /, <$from> // 'died';
		cmp_ok($writes, '>', 5, "$writes writes");
		is(0 + $stale, 0, 'none was read as before');
		end_process($pid);
	}
};

subtest 'a node that says nothing' => sub {
	ok(wait_for(sub { kept_at(1) }, 5), 'its answers are kept');
	my $pid = listener(1);
	my $before = title_at(1);
	kill 'STOP', $pid;
	my $stopped = time;
	my $took = write_at(0, 'Unheard');
	is(title_at(1), 'Unheard', sprintf 'a write is answered after %.2f s, and read there', $took);
	cmp_ok($took, '<=', LEASE + 1, 'in time');
	ok(!kept_at(1), 'nothing that is kept is given out there');
	like($node[1]->get('/metrics')->{content}, qr/^antenna_kept_answers_off 1$/m, 'and an operator can see that');
	cmp_ok(write_at(0, "Unheard $_"), '<', 1, 'the next one does not wait') for 1, 2;
	is(title_at(1), 'Unheard 2', 'and is read');
	sleep AWAY;
	kill 'CONT', $pid;
	ok(wait_for(sub { kept_at(1) }, 5), 'when it goes on, answers are kept again');
	is(title_at(1), 'Unheard 2', 'and are of now');
	is(members(), 2, 'it is a node again');
	cmp_ok(write_at(0, 'Heard'), '<', 1, 'that hears');
	is(title_at(1), 'Heard', 'and reads');
};

subtest 'what others write' => sub {
	ok(wait_for(sub { kept_at(1) }, 5), 'an answer is kept');
	my $pid = listener(1);
	kill 'STOP', $pid;
	sql($database, "update content.item set title = 'By hand' where id = $id{movie}");
	my $written = time;
	ok(wait_for(sub { title_at(1) eq 'By hand' }, LEASE + 2), 'psql, while the listener hears nothing');
	cmp_ok(time - $written, '<=', LEASE + 0.5, 'is read when the lease is over');
	kill 'CONT', $pid;
	ok(wait_for(sub { members() == 2 && kept_at(1) }, 5), 'it is back');
};

subtest 'a listener that is killed' => sub {
	kill 'KILL', listener(1);
	my $took = write_at(0, 'Killed');
	is(title_at(1), 'Killed', sprintf 'a write is answered after %.2f s, and read there', $took);
	ok(wait_for(sub { kept_at(1) }, 5), 'the next one takes its place');
	is(members(), 2, 'and no row is left of it');
};

subtest 'a database that has forgotten' => sub {
	ok(wait_for(sub { kept_at(1) }, 5), 'an answer is kept');
	my $pid = listener(1);
	kill 'STOP', $pid;
	my $backend = sql($database, 'select pid from pg_stat_activity where state is not null and pid <> pg_backend_pid() limit 1');
	kill 'KILL', $backend;
	my $ready = "$root/conf/postgres.sh ready " . TV::cluster()->{dir} . ' >/dev/null 2>&1';
	ok(wait_for(sub { system($ready) == 0 }, 10), 'a backend is killed, and PostgreSQL starts anew');
	cmp_ok(members(), '<=', 1, 'without the node that says nothing');
	my $r;
	my $title = 'Forgotten';
	ok(wait_for(sub { eval { write_at(0, $title); 1 } }, 10), 'a write is answered');
	is(title_at(1), $title, 'and read on a node that it does not know');
	kill 'CONT', $pid;
	ok(wait_for(sub { members() == 2 && kept_at(0) && kept_at(1) }, 10), 'both are nodes again');
	cmp_ok(write_at(0, 'Known'), '<', 1, 'and writes are quick');
	is(title_at(1), 'Known', 'and read');
};

subtest 'new programs' => sub {
	for my $n (0, 1) {
		my ($master, @before) = $node[$n]->program_pids('system');
		kill 'HUP', $master;
		my %old = map { $_ => 1 } @before;
		ok(wait_for(sub { my (undef, @now) = $node[$n]->program_pids('system'); @now == @before && !grep { $old{$_} } @now }, 10), 'are there');
		cmp_ok(write_at($_, "New $_"), '<', 1, 'a write does not wait') for 0, 1;
		is(title_at($_), 'New 1', 'and is read') for 0, 1;
	}
	ok(wait_for(sub { members() == 2 && kept_at(0) && kept_at(1) }, 5), 'and are nodes');
};

subtest 'a node that is killed' => sub {
	my @all = ($node[1]{pid}, TV::children($node[1]{pid}));
	kill 'KILL', @all;
	my $killed = time;
	my @late;
	while (time < $killed + LEASE + 2) {
		my $start = time - $killed;
		my $took = write_at(0, sprintf 'Left %.2f', $start);
		push @late, sprintf '%.2f s after %.2f s', $took, $start if $start > LEASE + 0.5 && $took > 1;
		cmp_ok($took, '<=', LEASE + 1, 'a write is answered in time') if $took > 1;
	}
	is_deeply(\@late, [], 'when its lease is over no write waits');
	is(members(), 1, 'it is no node any more');
};

subtest 'a node that ends' => sub {
	$node[1] = server($database, cache => 1);
	is(members(), 2, 'another one');
	$node[1]->stop;
	is(members(), 1, 'takes its row along');
	cmp_ok(write_at(0, 'Ended'), '<', 1, 'nobody waits for it');
};
done_testing();

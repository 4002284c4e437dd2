# Money while everything dies: many at once buy the same, then clients buy while backends, the whole PostgreSQL (with fsync on) and
# workers are killed. What was acknowledged is stored, what is stored was asked for, nothing is charged twice, and the ledger adds up.
# TV_LONG=1: 200 titles for the first, 20,000 purchases for the second.
use strict;
use warnings;
use IO::Handle;
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

use constant { AT_ONCE => 100, PRICE => 700 };
# A request that died with its worker holds its key for five seconds, and its client waits: many clients, so that others go on, and
# more workers than wait for such keys.
my ($titles, $clients, $each) = $ENV{TV_LONG} ? (200, 40, 500) : (4, 8, 63);
# Something is killed each time so many more are acknowledged: by the clock, a slow machine would get nothing done in between.
my $kill_after = $ENV{TV_LONG} ? 35 : 24;

my $dir = TV::scratch();
my $postmaster;
sub ready { return system("$root/conf/postgres.sh ready $dir >/dev/null 2>&1") == 0 }
sub start_postgres
{
	# children of a killed server hold its memory for an instant
	for (1 .. 50) {
		$postmaster = start_process("$dir/log", {}, "$root/conf/postgres.sh", 'run', $dir, 'max_connections=400', 'shared_buffers=64MB');
		return if wait_for { ready() || !TV::is_alive($postmaster) } 30 and TV::is_alive($postmaster);
		end_process($postmaster, 'KILL');
		sleep 0.1;
	}
	die 'PostgreSQL does not start: ' . read_file("$dir/log");
}
sub postgres_processes { return map { m{/proc/(\d+)/} } grep { (readlink($_) // '') eq "$dir/pg" } glob '/proc/[0-9]*/cwd' }
start_postgres();
$ENV{TV_TEST_CLUSTER} = $dir;
my $database = database();
is(sql($database, 'show fsync'), 'on', 'what is committed is on the disk');
my $tv = keyed_server($database, TV_WORKERS => $ENV{TV_LONG} ? 24 : 2);

sub movies
{
	my ($n) = @_;
	return split /\n/, sql($database, "with i as (insert into content.item (kind, title, min_age) select 'movie', 'M' || n, 0 from generate_series(1, $n) n returning id),
		m as (insert into content.movie (id) select id from i) select id from i order by id");
}
sub ledger { return sql($database, "select count(*) || ' ' || coalesce(sum(amount), 0) from rights.ledger where account_id = $_[0]{id}") }
sub request { my ($who, $id, $key) = @_; return request_text('POST', "/ondemand/purchase/$id", token => $who->{token}, headers => { $key ? ('Idempotency-Key' => $key) : () }) }
sql($database, "insert into rights.rule (type, kind, price_amount, currency) values ('purchase', 'movie', @{[PRICE]}, 'EUR')");

subtest AT_ONCE . " at once, $titles times" => sub {
	my ($who, $keyed) = (account($tv), account($tv));
	my (%odd, $bodies);
	my ($n, $k) = (0, 0);
	for my $id (movies($titles)) {
		my %status;
		$status{"$_->{status} " . ($_->{json}{code} // '')}++ for together($tv, (request($who, $id)) x AT_ONCE);
		my $refused = ($status{'409 already_owned'} // 0) + ($status{'409 payment_pending'} // 0);
		$odd{join ', ', map { "$status{$_} x $_" } sort keys %status}++ unless ($status{'201 '} // 0) == 1 && $refused == AT_ONCE - 1;
		my (%same, %answer);
		$answer{$_->{status}}++, $same{$_->{content}}++ for together($tv, (request($keyed, $id, "key-$id")) x AT_ONCE);
		$odd{'with a key: ' . join ', ', %answer}++ unless keys %same == 1 && ($answer{201} // 0) == AT_ONCE;
		$n++;
	}
	is_deeply(\%odd, {}, 'one gets it, the others 409; with one key all get the same answer');
	is(ledger($_), "$titles " . $titles * PRICE, 'one charge for each') for $who, $keyed;
};

# One client: buys each of its titles, and asks again with the same key until it is told.
sub client
{
	my ($out, $who, $name, @ids) = @_;
	$out->autoflush(1);
	for my $id (@ids) {
		print $out "asked $who->{id} $id\n";
		my $end = time + 120;
		while (time < $end) {
			my $r = eval { $tv->request('POST', "/ondemand/purchase/$id", token => $who->{token}, headers => { 'Idempotency-Key' => "$name-$id" }) } || { status => 0 };
			if ($r->{status} == 201) {
				print $out "told $who->{id} $id $r->{json}{id}\n";
				last;
			}
			print $out "odd $r->{status} " . ($r->{json}{code} // '') . "\n" unless $r->{status} =~ /^(0|50[0-9]|599)$/ || ($r->{json}{code} // '') eq 'request_running';
			sleep 0.05;
		}
	}
}

# What dies, in turn.
sub kill_worker
{
	my (undef, @workers) = $tv->program_pids('rights');
	return @workers && kill 'KILL', $workers[rand @workers];
}

sub kill_backend
{
	my ($now) = (eval { read_file("$dir/pg/postmaster.pid") } // '') =~ /^(\d+)/ or return;
	my @backends = TV::children($now) or return;
	return kill 'KILL', $backends[rand @backends];
}

sub kill_cluster
{
	kill 'KILL', $postmaster;
	end_process($postmaster, 'KILL');
	# whatever was just being forked as well: what is left of a cluster holds its memory
	wait_for(sub { my @left = postgres_processes(); kill 'KILL', @left; !@left }, 20);
	start_postgres();
	return 1;
}

my @deaths = (['PostgreSQL', \&kill_cluster], ['a worker', \&kill_worker], ['a backend', \&kill_backend]);

my $all = $clients * $each;
subtest "$all purchases while things die" => sub {
	my @who = map { account($tv) } 1 .. $clients;
	my @ids = movies($each);
	my @clients = map { my $n = $_; [background(sub { client($_[0], $who[$n], "client$n", @ids) })] } 0 .. $clients - 1;
	my ($kills, %killed) = (0, map { $_->[0] => 0 } @deaths);
	my @odd;
	my (%told, %asked, %open);
	$open{ fileno $_->[1] } = $_->[1] for @clients;
	my ($next, %rest) = ($kill_after);
	my $begun = time;
	my $end = $begun + ($ENV{TV_LONG} ? 3600 : 240);
	while (%open && time < $end) {
		for my $handle (IO::Select->new(values %open)->can_read(0.1)) {
			my $no = fileno $handle;
			if (!sysread $handle, $rest{$no}, 65536, length($rest{$no} // '')) {
				delete $open{$no};
				next;
			}
			while ($rest{$no} =~ s/^([^\n]*)\n//) {
				my ($word, $account, $id, $receipt) = split / /, $1;
				$asked{"$account $id"}++ if $word eq 'asked';
				$told{"$account $id"} = $receipt if $word eq 'told';
				push @odd, $1 if $word eq 'odd';
			}
		}
		next if keys %told < $next;
		my ($what, $kill) = @{ $deaths[$kills++ % @deaths] };
		$killed{$what}++ if $kill->();
		$next = keys(%told) + $kill_after;
	}
	end_process($_->[0]) for @clients;
	diag(sprintf '%d acknowledged in %d s', scalar keys %told, time - $begun);
	cmp_ok($killed{$_}, '>', 0, "$_ was killed, $killed{$_} times") for sort keys %killed;
	is_deeply(\@odd, [], 'no other answers');
	ok(wait_for(sub { ready() && eval { sql($database, 'select 1') } }, 30), 'afterwards PostgreSQL is there');
	my $done = command($database, 'rights', 'settle', 0);
	is($done->{exit}, 0, 'what was left is settled') or diag($done->{err});
	diag("settled afterwards: $done->{out}") if $done->{out};
	my $accounts = join ', ', map { $_->{id} } @who;
	my %stored = map { my ($what, $id) = split /\|/; ($what => $id) } split /\n/,
		sql($database, "select account_id || ' ' || item_id, id from rights.purchase where account_id in ($accounts) and paid_at is not null");
	is(scalar keys %told, $all, 'everything was acknowledged in the end');
	is_deeply([grep { ($stored{$_} // '') ne $told{$_} } sort keys %told], [], 'what was acknowledged is stored, as it was acknowledged');
	is_deeply([grep { !$asked{$_} } sort keys %stored], [], 'what is stored was asked for');
	is(sql($database, "select count(*) from (select 1 from rights.purchase where account_id in ($accounts) and paid_at is not null group by account_id, item_id having count(*) > 1) x"), 0, 'nothing is bought twice');
	is(sql($database, "select count(*) || ' ' || sum(amount) from rights.ledger where account_id in ($accounts)"), keys(%stored) . ' ' . keys(%stored) * PRICE, 'the ledger has one charge for each');
	is(sql($database, "select count(*) from rights.payment where status = 'pending'"), 0, 'no payment is left open');
	is(sql($database, "select (select sum(amount) from rights.ledger) = (select sum(amount) from rights.payment where status = 'paid')"), 't', 'ledger and payments agree');
};

$tv->stop;
done_testing();

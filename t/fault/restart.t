# Under load: killed workers lose the requests that they had and no other; a program's HUP and the web server's USR1 lose none.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);

# Clients that ask as fast as they can until told to stop; each answers how many it asked, and what failed.
sub load
{
	my ($clients, $during) = @_;
	my $parent = $$;
	my @running = map {
		[background(sub {
			my ($to) = @_;
			my ($n, $stop, @failed) = (0, 0);
			$SIG{TERM} = sub { $stop = 1 };
			while (!$stop && getppid == $parent) {
				my $r = $tv->get('/ondemand/movies?limit=' . (1 + $n++ % 100), $who->{token}, headers => { Connection => 'close' });
				push @failed, "$r->{status} " . substr($r->{content}, 0, 100) =~ s/\n/ /gr if $r->{status} != 200;
			}
			print $to "$n\n", map { "$_\n" } @failed;
		})];
	} 1 .. $clients;
	sleep 0.2;
	$during->();
	my ($asked, @failed) = (0);
	kill 'TERM', $_->[0] for @running;
	for (@running) {
		my ($pid, $read) = @$_;
		chomp(my @lines = <$read>);
		$asked += shift @lines;
		push @failed, @lines;
		end_process($pid);
	}
	return ($asked, @failed);
}

# Waits until the program has a new set of workers that are all different from these.
sub wait_for_others
{
	my ($program, $master, @old) = @_;
	my %old = map { $_ => 1 } @old;
	return wait_for(sub { my ($m, @now) = $tv->program_pids($program); ($m // 0) == $master && @now == @old && !grep { $old{$_} } @now }, 10);
}

subtest 'workers killed' => sub {
	my ($kills, $clients) = (0, 3);
	my ($master) = $tv->program_pids('ondemand');
	my ($asked, @failed) = load($clients, sub {
		for (1 .. 8) {
			my (undef, @workers) = $tv->program_pids('ondemand');
			kill('KILL', $workers[0]) and $kills++ if @workers;
			sleep 0.25;
		}
	});
	diag("$asked requests, $kills kills, " . @failed . ' lost');
	cmp_ok($asked, '>', 200, 'there was load');
	# A worker takes the next request while a statement is on its way: it may have had one of each client.
	cmp_ok(scalar @failed, '<=', $kills * $clients, 'no more lost than the workers had') or diag(explain(\@failed));
	ok(!(grep { !/^(500|502|503) \{/ } @failed), 'and each answered with a problem') or diag(explain(\@failed));
	my ($now, @workers) = $tv->program_pids('ondemand');
	is($now, $master, 'the same master');
	ok(wait_for(sub { (my (undef, @w) = $tv->program_pids('ondemand')) == 3 }, 5), 'with its two workers');
};

subtest 'HUP of a program' => sub {
	my ($asked, @failed) = load(3, sub {
		for (1 .. 3) {
			my ($master, @workers) = $tv->program_pids('ondemand');
			kill 'HUP', $master;
			ok(wait_for_others('ondemand', $master, @workers), 'new workers, the same master');
		}
	});
	is_deeply(\@failed, [], "none of $asked requests is lost");
};

subtest 'USR1 of the web server' => sub {
	my ($asked, @failed) = load(3, sub {
		for (1 .. 2) {
			my ($old) = $tv->program_pids('ondemand');
			kill 'USR1', $tv->{pid};
			ok(wait_for(sub { my ($m) = $tv->program_pids('ondemand'); $m && $m != $old }, 15), 'new programs');
			sleep 0.5;
		}
	});
	is_deeply(\@failed, [], "none of $asked requests is lost");
};

# lighttpd takes the socket that workers still hold for a program that somebody else runs.
subtest 'a master is killed, and its workers are slow to follow' => sub {
	my ($master, @workers) = $tv->program_pids('ondemand');
	kill 'STOP', @workers;
	kill 'KILL', $master;
	ok(wait_for(sub { !TV::is_alive($master) }, 5), 'it is gone');
	sleep 1.5; # as often as lighttpd looks
	kill 'CONT', @workers;
	ok(wait_for(sub { !grep { TV::is_alive($_) } @workers }, 10), 'so are they');
	sleep 1.5;
	is_deeply([$tv->program_pids('ondemand')], [], 'nobody starts it again') or return;
	is($tv->get('/ondemand/genres', $who->{token})->{status}, 503, '  and it does not answer');
	local @ENV{qw(TV_RUN TV_BIN)} = ("$tv->{dir}/run", $bin);
	my %env = TV::environment($database, $tv->{dir});
	local @ENV{keys %env} = values %env;
	like(qx($root/conf/cron.sh minute 2>&1), qr/a program is gone; restarting the programs/, 'the next minute of cron sees it');
	ok(wait_for(sub { $tv->get('/ondemand/genres', $who->{token})->{status} == 200 }, 15), '  and it is there again');
	unlike(qx($root/conf/cron.sh minute 2>&1), qr/is gone/, '  once');
};

done_testing();

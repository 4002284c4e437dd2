# Two statements are on their way to the database at once, some for several requests, some for one: everybody gets the answer to
# what was asked, also when its server process, or a worker, is killed in between, or a statement is made anew.
use strict;
use warnings;
use List::Util qw(sum0);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

use constant { CLIENTS => 12, SECONDS => $ENV{TV_LONG} ? 30 : 6 };

my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_WORKERS => 3 });
my $who = account($tv);
my @titles = split /\n/, sql($database, "with made as (insert into content.item (kind, title, min_age)
	select 'movie', 'Title ' || n, 0 from generate_series(1, 400) n returning id, title),
	movies as (insert into content.movie (id) select id from made),
	people as (insert into content.person (id, name) overriding system value select id, 'Star of ' || title from made),
	credits as (insert into content.credit (item_id, person_id, role, position) select id, id, 'actor', 1 from made)
	select id || '|' || title from made");
my %title = map { split /\|/ } @titles;
my @ids = sort keys %title;

# So many clients ask for titles, each of another one, half of them by who plays in it, until the time is over: { status => how many },
# wrong answers as "wrong".
sub ask_all
{
	my ($meanwhile) = @_;
	my $end = time + SECONDS;
	my @clients = map {
		my $n = $_;
		[background(sub {
			my ($to) = @_;
			my %seen;
			srand $n;
			while (time < $end) {
				my $id = $ids[rand @ids];
				my $star = rand 2 < 1;
				my $r = $tv->get($star ? "/ondemand/movies?person=$id" : "/ondemand/movies/$id", $who->{token});
				my $found = $star ? $r->{json}{items}[0] : $r->{json};
				$seen{ $r->{status} == 200 && $found->{title} ne $title{$id} ? 'wrong' : $r->{status} }++;
			}
			print $to join ' ', %seen;
		})];
	} 1 .. CLIENTS;
	my $times = 0;
	while (time < $end - 0.5) {
		$times += $meanwhile->();
		sleep 0.1;
	}
	my %all;
	for (@clients) {
		my ($pid, $from) = @$_;
		my %seen = split / /, <$from> // 'died 1';
		$all{$_} += $seen{$_} for keys %seen;
		end_process($pid);
	}
	return ($times, %all);
}

sub statements { return $tv->get('/metrics')->{content} =~ /^antenna_database_duration_seconds_count (\d+)$/m ? $1 : die 'no count' }

subtest 'all is well' => sub {
	my $before = statements();
	my (undef, %all) = ask_all(sub { 1 });
	my $asked = sum0(values %all);
	is_deeply([keys %all], [200], "$asked answers, each of what was asked for");
	my $statements = statements() - $before;
	cmp_ok($statements, '<', 0.9 * $asked, "by $statements statements");
};

subtest 'server processes that are ended' => sub {
	my ($times, %all) = ask_all(sub {
		return sql($database, "select count(pg_terminate_backend(pid)) from pg_stat_activity
			where datname = current_database() and usename = 'tv_ondemand' and pid <> pg_backend_pid()");
	});
	my $asked = sum0(values %all);
	cmp_ok($times, '>', SECONDS / 2, "$times of them");
	is($all{wrong} // 0, 0, "$asked answers, none of something else");
	my $twice = delete $all{503} // 0;
	is_deeply([grep { $_ ne 200 } keys %all], [], 'and a read is asked for again') or diag(explain \%all);
	cmp_ok($twice, '<', 1 + $times / 10, '  once') or diag("ended twice: $twice");
};

subtest 'workers that are killed' => sub {
	my ($times, %all) = ask_all(sub {
		my (undef, @workers) = $tv->program_pids('ondemand');
		return @workers ? kill('KILL', $workers[rand @workers]) : 0;
	});
	my $asked = sum0(values %all);
	cmp_ok($times, '>', SECONDS / 2, "$times of them");
	is($all{wrong} // 0, 0, "$asked answers, none of something else");
	cmp_ok($all{200} // 0, '>', 10 * $times, 'the others go on') or diag(explain \%all);
};

subtest 'statements that are made anew' => sub {
	my ($times, %all) = ask_all(sub {
		sql($database, 'alter table content.movie add column later int; alter table content.movie drop column later');
		return 1;
	});
	my $asked = sum0(values %all);
	is_deeply([keys %all], [200], "$asked answers while a table is altered $times times") or diag(explain \%all);
};
done_testing();

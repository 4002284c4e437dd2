# The index of Elasticsearch is what the database is after a storm: eight writers who contend for the same titles, senders that are
# killed all the time, a tenth of the requests failing, later ones overtaking earlier ones. Nothing is lost, nothing comes back.
# 2,000 writes and 5 kills; TV_LONG=1: 50,000 and 50.
use strict;
use warnings;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Elastic;

use constant {
	WRITERS => 8, SENDERS => 3, HOT => 200, ALIAS => 'storm',
	WRITES => $ENV{TV_LONG} ? 50000 : 2000, KILLS => $ENV{TV_LONG} ? 50 : 5,
};

need_java('elasticsearch');
my $database = database();
my @hot = split /\n/, sql($database, 'with made as (insert into content.item (kind, title, min_age)
	select $$movie$$, $$Hot $$ || n, 0 from generate_series(1, ' . HOT . ') n returning id)
	insert into content.movie (id) select id from made returning id');
my $node = node('elasticsearch');
my $proxy = fault_server("pass $node->{port}");
my %env = (TV_ELASTICSEARCH_URL => "http://127.0.0.1:$proxy->{port}", TV_ELASTICSEARCH_INDEX => ALIAS);
@ENV{keys %env} = values %env;
is(command($database, 'search', 'drain')->{exit}, 0, 'an index');
my $tv = server($database, env => { %env, TV_ELASTICSEARCH_TIMEOUT => 1500 });
my $editor = admin($tv)->{token};

# A writer's statements, each a transaction: titles that all contend for, and its own that come and go.
sub statements
{
	my ($writer) = @_;
	my ($n, $text) = (0, "\\set ON_ERROR_STOP on\n");
	while ($n < WRITES / WRITERS) {
		my ($one, $what) = ($hot[rand @hot], rand);
		$n++;
		if ($what < 0.5) {
			$text .= "update content.item set title = 'Title $writer $n' where id = $one;\n";
		} elsif ($what < 0.8) {
			$text .= "update content.item set state = case state when 'draft' then 'published' else 'draft' end where id = $one;\n";
		} elsif ($what < 0.9) {
			$text .= "update content.item set popularity = $n, min_age = " . int(rand 19) . " where id = $one;\n";
		} else {
			$text .= "insert into content.item (kind, title, min_age) values ('movie', 'Own $writer $n', 0) returning id \\gset\n";
			$text .= "insert into content.movie (id) values (:id);\n";
			$text .= "delete from content.item where id = :id;\n" and $n++ if rand() < 0.7;
		}
	}
	return $text;
}

sub start_writer
{
	my ($writer) = @_;
	my $file = "$tv->{dir}/writer-$writer";
	write_file("$file.sql", statements($writer));
	return start_process("$file.log", {}, 'psql', '-XAtq', '-o', '/dev/null', '-d', sql_url('postgres', $database), '-f', "$file.sql");
}

sub start_sender
{
	return start_process("$tv->{dir}/senders.log", { TV::environment($database, TV::scratch()), %env }, TV::as_user("$bin/search", 'drain'));
}

# Those that were handed in and have ended; their exit statuses are in %ended.
my %ended;
sub gather { my ($running) = @_; for my $pid (keys %$running) { $ended{$pid} = $?, delete $running->{$pid} if waitpid($pid, WNOHANG) == $pid } }

fault($proxy, "faults $node->{port}");
my $started = time;
my @writers = map { start_writer($_) } 1 .. WRITERS;
my (%writing, %sending) = map { $_ => 1 } @writers;
my ($kills, $starts, $posts) = (0, 0, 0);
my $next = time + 1;
while (%writing || $kills < KILLS) {
	gather(\%writing);
	gather(\%sending);
	$sending{ start_sender() } = ++$starts while keys %sending < SENDERS;
	# one writer over HTTP: it sends what it finds in the queue
	make_movie($tv, $editor, 'By HTTP ' . ++$posts) if rand() < 0.3;
	if (time > $next && $kills < KILLS) {
		my @victims = keys %sending;
		$kills += kill 'KILL', $victims[rand @victims];
		$next = time + ($ENV{TV_LONG} ? 1 + rand 1.5 : 0.3);
	}
	sleep 0.05;
	last if time - $started > 800;
}
is_deeply([grep { $ended{$_} // 1 } @writers], [], sprintf '%d writes by %d writers in %.0f s, %d more by HTTP', WRITES, WRITERS, time - $started, $posts)
	or diag(map { read_file($_) } glob "$tv->{dir}/writer-*.log");
is($kills, KILLS, "$kills of $starts senders were killed");
fault($proxy, "pass $node->{port}");
wait_for(sub { gather(\%sending); !%sending }, 60) or diag('senders are still running');

# what dead senders had claimed is free after a minute; in the short form that minute is over now
sql($database, 'update search.queue set due_at = now()') unless $ENV{TV_LONG};
my $left;
ok(wait_for(sub { command($database, 'search', 'drain'); !($left = sql($database, 'select count(*) from search.queue')) }, 150), 'the queue is empty in the end')
	or diag("$left left: " . sql($database, 'select * from search.queue limit 3'));
is_deeply([differences($database, $node->{port}, ALIAS)], [], sprintf 'each of %d documents is there in its version, and nothing besides',
	sql($database, 'select count(*) from search.document where gone_at is null'));
my $gone = sql($database, 'select count(*) from search.document where gone_at is not null');
cmp_ok($gone, '>', 0, "$gone documents are gone for good");
my $compared = command($database, 'search', 'reconcile');
like($compared->{err}, qr/\b0 differences/, 'and the comparison finds nothing to do') or diag($compared->{err});
done_testing();

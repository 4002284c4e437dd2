# The index as a whole: a rebuild that searchers do not notice, one that is killed and goes on, repairs of whatever somebody did to
# the index, and the comparison itself.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Elastic;

use constant { MOVIES => $ENV{TV_SEARCH_MOVIES} || 10_000, ALIAS => 'rebuild-test' };

need_java('elasticsearch');
my $database = database();
my %id = seed($database);
sql($database, 'with made as (insert into content.item (kind, title, min_age)
	select $$movie$$, $$Number $$ || n || $$ of $$ || md5(n::text), 0 from generate_series(1, ' . MOVIES . ') n returning id)
	insert into content.movie (id) select id from made');
my $node = node('elasticsearch');
my %env = (TV_ELASTICSEARCH_URL => "http://127.0.0.1:$node->{port}", TV_ELASTICSEARCH_INDEX => ALIAS);
@ENV{keys %env} = values %env;

sub run_search { return command($database, 'search', @_) }
sub indices { my @names = sort keys %{ es($node->{port}, 'GET', '/' . ALIAS . '-*/_alias')->{json} || {} }; return @names }
sub exact { my ($name) = @_; return is_deeply([differences($database, $node->{port}, ALIAS)], [], $name) }

subtest 'the first one' => sub {
	my $r = run_search('drain');
	is($r->{exit}, 0, 'a drain makes what is missing') or diag($r->{err});
	exact('everything is there');
	is(scalar(my @now = indices()), 1, 'in one index');
	my ($name) = indices();
	run_search('drain');
	is((indices())[0], $name, 'another drain leaves it');
};

subtest 'nobody notices one' => sub {
	my $tv = server($database, env => \%env);
	my $token = account($tv)->{token};
	my $title = sql($database, "select title from content.item where id = $id{movie}");
	my ($pid, $out) = background(sub {
		my ($to) = @_;
		my %seen;
		my $end = time + 60;
		while (time < $end && !-e "$tv->{dir}/done") {
			my $r = search($tv, $token, $title);
			$seen{ (grep { $_->{id} == $id{movie} } @{ $r->{items} || [] }) ? 'found' : "lost, $r->{status}" }++;
			# the alias itself, with more patience than a search has: a loaded machine is no gap
			my $direct = es($node->{port}, 'POST', '/' . ALIAS . '/_search', { query => { term => { id => 0 + $id{movie} } } });
			$seen{ $direct->{status} == 200 && @{ $direct->{json}{hits}{hits} } ? 'index' : "gap, $direct->{status}" }++;
		}
		print $to join "\n", map { "$_=$seen{$_}" } sort keys %seen;
	});
	my ($before) = indices();
	my $editor = admin($tv)->{token};
	my $meanwhile = $tv->post('/admin/ondemand/movies', { title => 'Before the swap', rating => { system => 'mpa', code => 'G' } }, $editor);
	my $r = run_search('rebuild');
	is($r->{exit}, 0, 'a rebuild') or diag($r->{err});
	write_file("$tv->{dir}/done", '');
	my %seen = map { split /=/ } split /\n/, do { local $/; <$out> };
	is_deeply([sort keys %seen], ['found', 'index'], ($seen{found} // 0) . ' searches meanwhile: each found what it looked for, and the alias was never empty')
		or diag(explain \%seen);
	isnt((indices())[0], $before, 'the index is another one');
	is(scalar(my @now = indices()), 1, 'and the old one is gone');
	ok(wait_for(sub { found($tv, $token, 'Before the swap', 'movie', $meanwhile->{json}{id}) }, 5), 'what was written before is there');
	exact('everything is there');
	$tv->stop;
};

subtest 'one that is killed goes on' => sub {
	my $pid = start_process("$node->{dir}/rebuild", { TV::environment($database, TV::scratch()), %env },
		TV::as_user("$bin/search", 'rebuild'));
	ok(wait_for(sub { sql($database, 'select filled_id > 0 from search.sync where index_name is not null') eq 't' }, 20), 'it is on its way');
	kill 'KILL', $pid;
	TV::end_process($pid, 'KILL');
	my $r = run_search('rebuild');
	is($r->{exit}, 0, 'the next one ends') or diag($r->{err});
	like($r->{err}, qr/going on with \S+ after \w+ \d/, 'where it was');
	my ($n) = $r->{err} =~ /filled with (\d+) documents/;
	cmp_ok($n, '<', MOVIES, "$n documents were left");
	exact('everything is there');
	is(scalar(my @now = indices()), 1, 'in one index');
};

subtest 'two at once' => sub {
	my $pid = start_process("$node->{dir}/first", { TV::environment($database, TV::scratch()), %env },
		TV::as_user("$bin/search", 'rebuild'));
	ok(wait_for(sub { sql($database, 'select filled_id > 0 from search.sync where index_name is not null') eq 't' }, 20), 'one is on its way');
	my $r = run_search('rebuild');
	is($r->{exit}, 1, 'another one is refused');
	like($r->{err}, qr/another command works on the index/, 'and says why');
	waitpid $pid, 0;
	is($?, 0, 'the first one ends well');
	run_search('drain');
	exact('everything is there');
};

subtest 'whatever somebody did to the index is repaired' => sub {
	my @some = map { "movie-$_" } split /\n/, sql($database, "select ref_id from search.document
		where kind = 'movie' and title like 'Number %' and gone_at is null order by ref_id limit 20");
	es($node->{port}, 'DELETE', '/' . ALIAS . "/_doc/$_") for @some[0 .. 9];
	es($node->{port}, 'PUT', '/' . ALIAS . "/_doc/$_", { kind => (split /-/)[0], id => 0 + (split /-/)[1], titles => ['Nonsense'] })
		for @some[10 .. 19];
	es($node->{port}, 'PUT', '/' . ALIAS . "/_doc/movie-$_?version=$_&version_type=external", { kind => 'movie', id => $_, titles => ['Stranger'] })
		for 900001 .. 900010;
	# a change that nobody was told of, and a deletion
	sql($database, "update search.document set version = nextval('search.version'), year = 1999 where kind = 'movie' and ref_id = $id{movie}");
	sql($database, "update search.document set version = nextval('search.version'), gone_at = now()
		where (kind, ref_id) = (select kind, ref_id from search.document where gone_at is null and kind = 'movie' order by ref_id desc limit 1)");
	is(scalar(my @wrong = differences($database, $node->{port}, ALIAS)), 32, 'index and database differ');
	my $r = run_search('reconcile');
	is($r->{exit}, 0, 'reconcile') or diag($r->{err});
	like($r->{err}, qr/\b32 differences/, 'it says how much');
	exact('then they are the same');
	like(run_search('reconcile')->{err}, qr/\b0 differences/, 'and there is nothing more to do');
};

subtest 'documents that Elasticsearch refuses' => sub {
	my @ids = split /\n/, sql($database, "select ref_id from search.document where title like 'Number %' and gone_at is null order by ref_id limit 2");
	# more than a byte, which is what the index has for ages
	sql($database, "update search.document set version = nextval('search.version'), min_age = case ref_id when $ids[0] then 300 else 5 end
		where kind = 'movie' and ref_id in ($ids[0], $ids[1]);
		insert into search.queue (kind, ref_id) values ('movie', $ids[0]), ('movie', $ids[1])");
	my $r = run_search('drain');
	is($r->{out}, "search drain: sent 1, put off 0, refused 1, left 0\n", 'do not keep the others waiting') or diag($r->{err});
	like(sql($database, 'select reason from search.queue where parked_at is not null'), qr/min_age/, 'and wait with the reason');
	sql($database, "update search.document set version = nextval('search.version'), min_age = 5 where kind = 'movie' and ref_id = $ids[0];
		insert into search.queue (kind, ref_id) values ('movie', $ids[0])");
	run_search('drain');
	is(sql($database, 'select count(*) from search.queue'), 0, 'until they are written anew');
	exact('then everything is there');
};

subtest 'an index of another definition' => sub {
	es($node->{port}, 'PUT', '/' . ALIAS . '/_mapping', { _meta => { digest => 'of another version' } });
	my ($before) = indices();
	is(run_search('drain')->{exit}, 0, 'a drain');
	isnt((indices())[0], $before, 'makes it anew');
	exact('everything is there');
};

subtest 'without Elasticsearch' => sub {
	local $ENV{TV_ELASTICSEARCH_URL} = '';
	sql($database, "insert into search.queue (kind, ref_id) values ('movie', 1)");
	is(run_search('drain')->{exit}, 0, 'a drain');
	is(sql($database, 'select (select count(*) from search.queue), queueing from search.sync'), '0|f', 'ends the queue');
	is(run_search('rebuild')->{exit}, 2, 'a rebuild is refused');
};
TV::end_process($node->{pid}, 'KILL');
done_testing();

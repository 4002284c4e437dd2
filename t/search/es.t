# Searching by a real Elasticsearch 7.10.2 and a real OpenSearch 2.19.1: what is found and what never is, writes that are found
# within two seconds, and a node that is killed in between.
use strict;
use warnings;
use utf8;
use Test::More;
use Time::HiRes qw(time);
use TV;
use TV::Elastic;

use constant SECONDS => 2;

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;
my @kinds = split /,/, $ENV{TV_SEARCH_NODES} || 'elasticsearch,opensearch';
need_java($_) for @kinds;

# title => queries that must find it
my %finds = (
	"Spider-Man: Homecoming" => ['spiderman', 'spider man', 'spid', 'homecoming', 'SPIDERMAN', 'spidreman', 'home'],
	"Amélie" => ['amelie', 'Amelie', 'amé'],
	"Œdipus the King" => ['oedipus', 'œdipus', 'king oedipus'],
	"Fast & Furious" => ['fast and furious', 'fast & fur', 'furious'],
	"千と千尋の神隠し" => ['千尋', '神隠', '千'],
	"Straße der Träume" => ['strasse', 'straße', 'traume'],
	"M*A*S*H" => ['mash', 'm*a*s*h'],
	"Mashed Potatoes" => ['mash'],
	"Kanal+ Day" => ['kanal plus', 'kanal+', 'kanal+ d'],
	"Dylan O'Brien Live" => ['o brien', "o'brien", 'obrien'],
	"Schindler's List" => ['shindlers list', 'schindlers', "schindler's li"],
	"Kanal Day" => ['kanal'],
	"Interstellar" => ['intersteller', 'interstel', 'i', 'intrestellar'],
	"Ёлки" => ['елки'],
);

for my $kind (@kinds) {
	subtest $kind => sub { with($kind) };
}
done_testing();

sub with
{
	my ($kind) = @_;
	my $database = database();
	my %id = seed($database);
	my $node = node($kind);
	my $proxy = fault_server("pass $node->{port}");
	my %env = (TV_ELASTICSEARCH_URL => "http://127.0.0.1:$proxy->{port}", TV_ELASTICSEARCH_INDEX => 'es-test',
		# a loaded machine is no absence here; es-fault.t has the default
		TV_ELASTICSEARCH_TIMEOUT => 1500);
	local @ENV{keys %env} = values %env;
	my $first = command($database, 'search', 'drain');
	is($first->{exit}, 0, 'the first drain makes the index') or diag($first->{err});
	my $tv = server($database, env => \%env);
	my $editor = admin($tv)->{token};
	my $viewer = account($tv)->{token};
	my %movie = map { $_ => make_movie($tv, $editor, $_) } sort keys %finds;

	subtest 'what is found' => sub {
		ok(wait_for(sub { search($tv, $viewer, 'interstellar')->{engine} eq 'elasticsearch' }, 10), 'by Elasticsearch');
		for my $title (sort keys %finds) {
			for my $q (@{ $finds{$title} }) {
				ok(wait_for(sub { found($tv, $viewer, $q, 'movie', $movie{$title}) }, SECONDS), "$title by $q");
			}
		}
		is(search($tv, $viewer, 'mash')->{items}[0]{title}, 'M*A*S*H', 'the whole title first, however it is joined');
		is_deeply([map { $_->{title} } @{ search($tv, $viewer, 'kanal+ ')->{items} }], ['Kanal+ Day'], 'a sign that is read as a word, and what has it');
		ok(wait_for(sub {
			my $r = search($tv, $viewer, 'spiderman');
			$r->{engine} eq 'elasticsearch' && !$r->{degraded} && grep { $_->{id} == $movie{'Spider-Man: Homecoming'} } @{ $r->{items} };
		}, 15), 'by Elasticsearch, and it says so');
	};

	subtest 'what is never found' => sub {
		my $adult = $tv->post('/admin/ondemand/movies', movie('Forbidden Orchid', rating => { system => 'mpa', code => 'R' }), $editor)->{json}{id};
		my $draft = $tv->post('/admin/ondemand/movies', movie('Forbidden Draft', state => 'draft'), $editor)->{json}{id};
		my $over = $tv->post('/admin/ondemand/movies', movie('Forbidden Past', available_until => '2020-01-01T00:00:00Z'), $editor)->{json}{id};
		my $soon = $tv->post('/admin/ondemand/movies', movie('Forbidden Future', available_from => '2100-01-01T00:00:00Z'), $editor)->{json}{id};
		ok(wait_for(sub { found($tv, $viewer, 'forbidden', 'movie', $adult) }, SECONDS), 'an adult finds what is for adults');
		my $kid = sign_token($viewer, age => 7);
		my $r = search($tv, $kid, 'forbidden');
		is_deeply([$r->{items}, $r->{groups}], [[], {}], 'a child finds nothing of it, and learns of no number');
		is_deeply([map { $_->{id} } @{ search($tv, $viewer, 'forbidden')->{items} }], [$adult], 'nobody finds drafts and what is not available');
	};

	subtest 'writes' => sub { writes($tv, $editor, $viewer, 'elasticsearch') };

	subtest 'a node that is killed' => sub {
		kill 'KILL', $node->{pid};
		my @made = map { make_movie($tv, $editor, "Absent $_") } 1 .. 30;
		$tv->request('DELETE', "/admin/ondemand/movies/$made[0]", token => $editor);
		ok(found($tv, $viewer, "absent $_", 'movie', $made[$_ - 1]), "PostgreSQL finds Absent $_") for 2, 30;
		my $r = search($tv, $viewer, 'absent 1');
		ok($r->{degraded} && $r->{engine} eq 'postgres', 'and says that it is not as it should be');
		TV::end_process($node->{pid}, 'KILL');
		$node = node($kind, $node);
		fault($proxy, "pass $node->{port}");
		my $back = time;
		# a Java machine that has just started is slow on a loaded one; es-fault.t holds the ten seconds
		ok(wait_for(sub { search($tv, $viewer, 'interstellar')->{engine} eq 'elasticsearch' }, 60),
			sprintf 'asked again after %.1f s', time - $back);
		my $drained = command($database, 'search', 'drain');
		like($drained->{out}, qr/left 0$/m, 'the queue is empty after a drain') or diag($drained->{err});
		is_deeply([differences($database, $proxy->{port}, 'es-test')], [], 'the index is exactly what the database is');
		ok(!found($tv, $viewer, 'absent 1', 'movie', $made[0]), 'what was deleted meanwhile is not found');
	};

	subtest 'over HTTP' => sub {
		my $r = $tv->get('/admin/search/status', $editor);
		is($r->{status}, 200, 'status');
		is($r->{json}{elasticsearch}{status}, 'ok', 'of the index') or diag($r->{content});
		like($r->{json}{elasticsearch}{index}, qr/^es-test-\d{14}$/, 'its name');
	};
	$tv->stop;
	TV::end_process($node->{pid}, 'KILL');
}

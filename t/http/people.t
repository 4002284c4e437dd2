# People: their filmography, and that nobody learns through it of titles that may not be seen.
use strict;
use warnings;
use HTTP::Tiny;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my $viewer = account($tv)->{token};
my $kid = sign_token($viewer, age => 7);
my $editor = admin($tv)->{token};

sub person { my ($id, $token) = @_; return $tv->get("/ondemand/people/$id", $token // $viewer) }
sub films { my ($id, $token) = @_; return [map { $_->{title} } @{ person($id, $token)->{json}{filmography} }] }
sub new_person { my ($name) = @_; return sql($database, "insert into content.person (name) values ('$name') returning id") }
sub credit { my ($person, $item, $role, $character) = @_; sql($database, "insert into content.credit (item_id, person_id, role, position, character)
	select $item, $person, '$role', coalesce(max(position), 0) + 1, '" . ($character // '') . "' from content.credit where item_id = $item and role = '$role'") }

sub movie
{
	my ($title, $year, $age) = @_;
	my $id = sql($database, "insert into content.item (kind, title, year, min_age) values ('movie', '$title', $year, $age) returning id");
	sql($database, "insert into content.movie (id) values ($id)");
	return $id;
}

subtest 'a filmography' => sub {
	my $person = new_person("P\x{c3}\x{a5}l Person");
	my @movie = map { movie("Film of $_", $_, $_ == 2002 ? 16 : 0) } 2001 .. 2003;
	my $undated = movie('Undated', 'null', 0);
	credit($person, $movie[0], 'actor', 'The Hero');
	credit($person, $_, 'director') for @movie[1, 2], $undated;
	credit($person, $movie[2], 'writer');
	credit($person, $id{series}, 'producer');
	my $r = person($person);
	is($r->{status}, 200, 'read') or return diag($r->{content});
	is_deeply([@{ $r->{json} }{qw(id name)}], [0 + $person, "P\x{e5}l Person"], 'who');
	my @films = @{ $r->{json}{filmography} };
	is_deeply([map { "$_->{title}, $_->{role}" } @films], ['A Seed Series, producer', 'Film of 2003, director', 'Film of 2003, writer', 'Film of 2002, director',
		'Film of 2001, actor', 'Undated, director'], 'newest first, a line a role');
	is_deeply([@{ $films[4] }{qw(id kind year min_age character)}], [0 + $movie[0], 'movie', 2001, 0, 'The Hero'], 'what is said of each');
	is($films[0]{kind}, 'series', 'series too');
	is_deeply([map { "$_->{title}" } @{ person($person, $kid)->{json}{filmography} }], ['A Seed Series', 'Film of 2003', 'Film of 2003', 'Film of 2001', 'Undated'],
		'for a child without what is above its age');
	is($tv->get("/ondemand/people/$person", $viewer, headers => { 'If-None-Match' => $r->{headers}{etag} })->{status}, 304, 'not sent again');
	$tv->put("/admin/ondemand/people/$person", { name => 'Renamed' }, $editor);
	is(person($person)->{json}{name}, 'Renamed', 'renamed at once');
	is_deeply([sort map { $_->{title} } $tv->pages("/ondemand/movies?person=$person&limit=1", $viewer)], ['Film of 2001', 'Film of 2002', 'Film of 2003', 'Undated'],
		'their movies, each once');
	is_deeply([map { $_->{title} } $tv->pages("/ondemand/series?person=$person", $kid)], ['A Seed Series'], 'and series');
};

subtest 'nobody that anything may be seen of' => sub {
	my $person = new_person('Hidden');
	is_problem(person($_), 404, 'not_found') for $person, 999999;
	my $movie = movie('Hiding', 2000, 16);
	credit($person, $movie, 'actor');
	is(person($person)->{status}, 200, 'with a title');
	is_problem(person($person, $kid), 404, 'not_found', 'which is not for a child');
	for my $change ("state = 'draft'", "available_from = now() + interval '1 hour'", "available_until = now() - interval '1 second'") {
		sql($database, "update content.item set $change where id = $movie");
		is_problem(person($person), 404, 'not_found', $change);
		sql($database, "update content.item set state = 'published', available_from = null, available_until = null where id = $movie");
		is(person($person)->{status}, 200, '  and back');
	}
	my $second = movie('Open', 2001, 0);
	credit($person, $second, 'actor');
	is_deeply(films($person, $kid), ['Open'], 'one of two');
	sql($database, "delete from content.item where id = $second");
	is_problem(person($person, $kid), 404, 'not_found', 'none of them');
};

# Whom an answer names can be looked up.
subtest 'guests of episodes' => sub {
	my $person = new_person('Guest');
	credit($person, $id{episode}, 'guest', 'The Stranger');
	my $episode = $tv->get("/ondemand/episodes/$id{episode}", $viewer)->{json};
	is_deeply([map { $_->{id} } @{ $episode->{crew} }, @{ $episode->{cast} }], [0 + $person], 'an episode names its guest');
	is(person($person)->{status}, 200, '  who is somebody');
	my $adult = new_person('Adult Guest');
	credit($adult, $id{adult_episode}, 'guest');
	is_problem(person($adult, $kid), 404, 'not_found', 'of an episode that is not for children nothing is said');
	sql($database, "update content.item set min_age = 0 where id = $id{adult_episode}");
	is_problem(person($adult, $kid), 404, 'not_found', '  nor of one whose series is not');
};

# Many roles, many titles.
subtest 'a long career' => sub {
	my $person = new_person('Busy');
	sql($database, "with i as (insert into content.item (kind, title, year, min_age) select 'movie', 'Busy ' || n, 1900 + n % 100, 0
		from generate_series(1, 300) n returning id), m as (insert into content.movie (id) select id from i)
		insert into content.credit (item_id, person_id, role, position) select id, $person, 'actor', 1 from i");
	is(scalar @{ films($person) }, 300, '300 titles');
	is(scalar $tv->pages("/ondemand/movies?person=$person&limit=100", $viewer), 300, '  in the list as well');
};

done_testing();

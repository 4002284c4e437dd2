# The catalogue: filters, orders, paging that never repeats or skips, single titles, and what a profile's age hides.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);
my $adult = $who->{token};
my $kid = sign_token($adult, age => 7);

sub items { my ($path, $token) = @_; my $r = $tv->get($path, $token // $adult); return @{ $r->{json}{items} || die("$path: $r->{content}\n") } }
sub titles { return [map { $_->{title} } items(@_)] }

# n movies; odd ones are drama, years from 1900 on, popularity and added_at with many ties.
sub add_movies
{
	my ($n, $prefix, $min_age) = @_;
	sql($database, "with i as (insert into content.item (kind, title, year, genres, min_age, popularity, added_at)
		select 'movie', '$prefix ' || lpad(n::text, 4, '0'), 1900 + n % 120, case n % 2 when 1 then '{drama}'::text[] else '{}' end,
		       " . ($min_age // 0) . ", n % 7, now() - (n / 5) * interval '1 hour'
		from generate_series(1, $n) n returning id) insert into content.movie (id) select id from i");
}

subtest 'a card' => sub {
	my ($card) = grep { $_->{title} eq 'The Seed Movie' } items('/ondemand/movies');
	is_deeply([sort keys %$card], [sort qw(id kind title original_title year runtime genres rating poster synopsis)], 'its members')
		or diag(explain($card));
	is($card->{id}, $id{movie}, 'id');
	is($card->{kind}, 'movie', 'kind');
	is_deeply($card->{genres}, ['drama'], 'genres are slugs');
	is_deeply($card->{rating}, { code => undef, min_age => 0 }, 'rating');
	sql($database, "update content.item set synopsis = repeat('å', 1000) where id = $id{movie}");
	($card) = grep { $_->{title} eq 'The Seed Movie' } items('/ondemand/movies');
	is(length $card->{synopsis}, 300, 'at most 300 characters of synopsis in a list');
	is(length $tv->get("/ondemand/movies/$id{movie}", $adult)->{json}{synopsis}, 1000, 'all of it for one');
};

subtest 'single titles' => sub {
	my $movie = $tv->get("/ondemand/movies/$id{movie}", $adult)->{json};
	is($movie->{cast}[0]{id}, $id{person}, 'cast');
	is($movie->{cast}[0]{name}, "\x{c5}se \x{c5}s", 'in UTF-8');
	is_deeply($movie->{crew}, [], 'no crew is an empty list');
	is_deeply($movie->{countries}, ['NO'], 'countries');
	ok(exists $movie->{availability}, 'availability');
	my $series = $tv->get("/ondemand/series/$id{series}", $adult)->{json};
	is_deeply($series->{seasons}, [{ id => 0 + $id{season}, number => 1, title => 'Season 1', episode_count => 1 }], 'seasons')
		or diag(explain($series));
	my $episode = $tv->get("/ondemand/episodes/$id{episode}", $adult)->{json};
	is($episode->{series}{id}, $id{series}, 'episode: series');
	is($episode->{season}{number}, 1, 'season');
	ok(exists $episode->{previous_id} && !defined $episode->{previous_id}, 'no previous one');
	is_problem($tv->get($_, $adult), 404, 'not_found') for "/ondemand/movies/$id{series}", "/ondemand/series/$id{movie}",
		"/ondemand/episodes/$id{movie}", '/ondemand/movies/999999', "/ondemand/series/$id{movie}/episodes", '/ondemand/series/999999/episodes';
};

subtest 'what is like a title' => sub {
	sql($database, "insert into content.genre (slug, name) values ('alike', 'Alike') on conflict do nothing");
	my $make = sub {
		my ($title, %more) = @_;
		my $item = sql($database, sprintf "with i as (insert into content.item (kind, title, genres, min_age, popularity, available_until)
			values ('%s', '%s', '{%s}', %d, %d, %s) returning id, kind), m as (insert into content.movie (id) select id from i where kind = 'movie')
			, s as (insert into content.series (id) select id from i where kind = 'series') select id from i",
			$more{kind} // 'movie', $title, $more{genres} // '', $more{age} // 0, $more{popularity} // 0, $more{until} // 'null');
		my $position = 0;
		for (@{ $more{people} || [] }) {
			my ($person, $role) = split /:/;
			my $known = sql($database, "select id from content.person where name = '$person'") || sql($database, "insert into content.person (name) values ('$person') returning id");
			sql($database, "insert into content.credit (item_id, person_id, role, position) values ($item, $known, '" . ($role // 'actor') . "', " . $position++ . ')');
		}
		return $item;
	};
	my $one = $make->('One', genres => 'alike', people => ['Ann Like', 'Bo Like:director']);
	$make->('Same people', people => ['Ann Like', 'Bo Like:director']);
	$make->('Same director and genre', genres => 'alike', people => ['Bo Like:director', 'Cy Like']);
	$make->('Same genre, popular', genres => 'alike', popularity => 9);
	$make->('Same genre', genres => 'alike', popularity => 1);
	$make->('Nothing in common', people => ['Cy Like']);
	$make->('Another kind', kind => 'series', genres => 'alike', people => ['Ann Like']);
	$make->('For adults', genres => 'alike', age => 18, people => ['Ann Like', 'Bo Like:director']);
	$make->('Over', genres => 'alike', people => ['Ann Like'], until => "now() - interval '1 s'");
	is_deeply(titles("/ondemand/movies/$one/related"), ['For adults', 'Same director and genre', 'Same people', 'Same genre, popular', 'Same genre'],
		'people and genres in common, then the more popular; nothing that is over, and not itself');
	is_deeply(titles("/ondemand/movies/$one/related", $kid), ['Same director and genre', 'Same people', 'Same genre, popular', 'Same genre'], 'for an age');
	my ($card) = items("/ondemand/movies/$one/related");
	is_deeply([sort keys %$card], [sort qw(id kind title original_title year runtime genres rating poster synopsis)], 'cards');
	my $alone = $make->('Alone');
	is_deeply(titles("/ondemand/movies/$alone/related"), [], 'what has nothing in common with anything has none');
	is_problem($tv->get($_, $adult), 404, 'not_found') for "/ondemand/series/$one/related", '/ondemand/movies/999999/related';
	is_problem($tv->get('/ondemand/movies/' . $make->('Secret', age => 18) . '/related', $kid), 404, 'not_found');
	$make->("Series $_", kind => 'series', genres => 'alike', popularity => $_) for 1 .. 25;
	my $series = $make->('Much alike', kind => 'series', genres => 'alike');
	is(scalar items("/ondemand/series/$series/related"), 20, 'twenty at most, of series as well');
	sql($database, "delete from content.item where title ~ '^(One|Same|Nothing|Another kind|For adults|Over|Alone|Secret|Series \\d|Much alike)'");
};

subtest 'age' => sub {
	for my $path ('/ondemand/movies', '/ondemand/movies?genre=drama', "/ondemand/movies?person=$id{person}", '/ondemand/movies?sort=title', '/ondemand/movies?sort=year',
		'/ondemand/movies?sort=popular', '/ondemand/movies?year_from=1990', '/ondemand/series', '/ondemand/series?genre=war') {
		is(scalar(grep { /Adult/ } @{ titles($path) }), 1, "$path shows adults all");
		is(scalar(grep { /Adult/ } @{ titles($path, $kid) }), 0, '  and a child not');
	}
	is_problem($tv->get($_, $kid), 404, 'not_found') for "/ondemand/movies/$id{adult_movie}", "/ondemand/series/$id{adult_series}",
		"/ondemand/episodes/$id{adult_episode}", "/ondemand/series/$id{adult_series}/episodes";
	is($tv->get($_, $adult)->{status}, 200, $_) for "/ondemand/movies/$id{adult_movie}", "/ondemand/series/$id{adult_series}",
		"/ondemand/episodes/$id{adult_episode}", "/ondemand/series/$id{adult_series}/episodes";
	is_deeply([map { $_->{slug} } items('/ondemand/genres', $kid)], ['drama'], 'genres without anything to see are not there');
	my ($drama) = items('/ondemand/genres', $kid);
	is($drama->{movies}, 1, 'and counts are of what may be seen');
	for my $age (0, 17, 18) {
		my $n = grep { /Adult/ } @{ titles('/ondemand/movies', sign_token($adult, age => $age)) };
		is($n, $age >= 18 ? 1 : 0, "age $age");
	}
	sql($database, "update content.item set min_age = 18 where id = $id{series}");
	is_problem($tv->get("/ondemand/episodes/$id{episode}", $kid), 404, undef, 'an episode is not seen when its series may not be');
	sql($database, "update content.item set min_age = 0 where id = $id{series}");
};

subtest 'windows and states' => sub {
	my %cases = (
		"state = 'draft'" => 404, "available_from = now() + interval '1 hour'" => 404, "available_until = now() - interval '1 second'" => 404,
		"available_from = now() - interval '1 hour', available_until = now() + interval '1 hour'" => 200,
	);
	for my $change (sort keys %cases) {
		sql($database, "update content.item set $change where id = $id{movie}");
		is($tv->get("/ondemand/movies/$id{movie}", $adult)->{status}, $cases{$change}, $change);
		is(scalar(grep { $_->{id} == $id{movie} } items('/ondemand/movies')), $cases{$change} == 200 ? 1 : 0, '  and in the list');
		sql($database, "update content.item set state = 'published', available_from = null, available_until = null where id = $id{movie}");
	}
};

subtest 'filters and orders' => sub {
	is_deeply(titles('/ondemand/movies?sort=title'), ['Adult Movie', 'The Seed Movie'], 'by title, without the article');
	is_deeply(titles('/ondemand/movies?sort=year'), ['Adult Movie', 'The Seed Movie'], 'by year, newest first');
	is_deeply(titles('/ondemand/movies?year_from=2000'), ['Adult Movie'], 'year_from');
	is_deeply(titles('/ondemand/movies?year_to=1999'), ['The Seed Movie'], 'year_to');
	is_deeply(titles('/ondemand/movies?year_from=1999&year_to=1999'), ['The Seed Movie'], 'one year');
	sql($database, "update content.item set year = null where title = 'Adult Movie'");
	for my $sort (qw(newest title year popular)) {
		is_deeply(titles("/ondemand/movies?sort=$sort&year_to=2200$_"), ['The Seed Movie'], "of no year is before none, sort=$sort$_")
			for '', "&person=$id{person}";
	}
	is(scalar(@{ titles('/ondemand/movies?sort=year') }), 2, '  and is there where nothing is said of years');
	sql($database, "update content.item set year = 2001 where title = 'Adult Movie'");
	is_deeply(titles('/ondemand/movies?genre=war'), ['Adult Movie'], 'genre');
	is_deeply(titles('/ondemand/movies?genre=no-such'), [], 'an unknown genre has nothing');
	is_deeply(titles("/ondemand/movies?person=$id{person}&genre=war"), ['Adult Movie'], 'person and genre');
	is_deeply(titles('/ondemand/movies?person=999999'), [], 'an unknown person has nothing');
	is_deeply(titles('/ondemand/series'), [grep { /Series/ } @{ titles('/ondemand/series') }], 'series are series');
	sql($database, "update content.item set popularity = 9 where id = $id{movie}");
	is(titles('/ondemand/movies?sort=popular')->[0], 'The Seed Movie', 'by popularity');
};

# While pages are read, titles are added in front, in between and behind: what was there is seen exactly once.
subtest 'paging' => sub {
	add_movies(230, 'Page');
	for my $query ('', '?sort=title', '?sort=year', '?sort=popular', '?genre=drama', '?genre=drama&sort=year', '?year_from=1950') {
		my $path = "/ondemand/movies$query";
		my $with = $path . ($query ? '&' : '?');
		my %before = map { $_->{id} => 1 } $tv->pages("${with}limit=100", $adult);
		my $n = 0;
		my @all = $tv->pages("${with}limit=9", $adult,
			sub { add_movies(2, sprintf 'New %03d', ++$n) if $n < 12 });
		my %times;
		$times{ $_->{id} }++ for @all;
		is(scalar(grep { $_ > 1 } values %times), 0, "$path: nothing twice");
		is(scalar(grep { !$times{$_} } keys %before), 0, '  and nothing is missing');
	}
	my $r = $tv->get('/ondemand/movies?limit=2&genre=drama', $adult);
	my ($link) = ($r->{headers}{link} // '') =~ /^<([^>]+)>; rel="next"$/;
	like($link // '', qr{^(https?://[^/]+)?/ondemand/movies\?}, 'Link names the next page') or diag($r->{headers}{link} // 'no Link');
	$link =~ s{^https?://[^/]+}{} if $link;
	is_deeply([map { $_->{id} } items($link)], [map { $_->{id} } items('/ondemand/movies?limit=2&genre=drama&cursor=' . uri($r->{json}{next}))],
		'and is that page') if $link;
	my $last = $tv->get('/ondemand/series', $adult);
	is($last->{json}{next}, undef, 'the last page has no next');
	is($last->{headers}{link}, undef, '  and no Link');
};

subtest 'a write is seen at once' => sub {
	for my $n (1 .. 20) {
		sql($database, "update content.item set title = 'Title $n' where id = $id{movie}");
		my $got = $tv->get("/ondemand/movies/$id{movie}", $adult)->{json}{title};
		return fail("after $n writes") unless $got eq "Title $n";
	}
	pass('20 times');
};

subtest 'episodes in order' => sub {
	sql($database, "with i as (insert into content.item (kind, title, min_age) select 'episode', 'E' || n, 0 from generate_series(2, 1100) n
		returning id, substr(title, 2)::int as n)
		insert into content.episode (id, series_id, season_id, season_number, number) select id, $id{series}, $id{season}, 1, n from i");
	my @all = $tv->pages("/ondemand/series/$id{series}/episodes?limit=100", $adult);
	is_deeply([map { $_->{number} } @all], [1 .. 1100], '1,100 of them, each once');
	is(scalar $tv->pages("/ondemand/series/$id{series}/episodes?season=2", $adult), 0, 'of another season none');
	my $second = $tv->get("/ondemand/episodes/$all[1]{id}", $adult)->{json};
	is_deeply([@$second{qw(previous_id next_id)}], [$all[0]{id}, $all[2]{id}], 'previous and next');
};

done_testing();

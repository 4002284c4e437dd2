# Editing the catalogue: each kind is made, read, replaced under If-Match and deleted; what viewers see follows at once, and
# what is refused changes nothing.
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(time);
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_WORKERS => 6 });
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my $editor = admin($tv);
my $viewer = account($tv);
my $kid = sign_token($viewer->{token}, age => 7);

sub ask { my ($method, $path, %more) = @_; return $tv->request($method, "/admin/ondemand/$path", token => $editor->{token}, %more) }
sub see { my ($path, $token) = @_; return $tv->get("/ondemand/$path", $token // $viewer->{token}) }
sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }
sub has { my ($path, $id, $token) = @_; return scalar grep { ($_->{content} || $_)->{id} == $id } $tv->pages($path, $token // $viewer->{token}) }

# One that is made: what POST answers.
sub make
{
	my ($kind, %body) = @_;
	my $r = ask('POST', $kind, body => \%body);
	die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 201;
	return $r->{json};
}

# Replaced without a condition, which has to work.
sub change
{
	my ($kind, $id, %body) = @_;
	my $r = ask('PUT', "$kind/$id", body => \%body);
	die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 200;
	return $r->{json};
}

# A 422 that names this member.
sub is_refused
{
	my ($r, $field, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return unless is_problem($r, 422, undef, $name);
	my @fields = map { $_->{field} } @{ $r->{json}{errors} };
	ok((grep { $_ =~ $field } @fields), '  naming the member') or diag("@fields: $r->{content}");
}

# A body that the kind takes, and what it looks like afterwards in another one. Members of the parent are in both.
my %body_of = (
	movies => sub { return ({ title => 'A Made Movie', min_age => 0 }) },
	series => sub { return ({ title => 'A Made Series', min_age => 0 }) },
	seasons => sub { return ({ title => 'A Made Season', series_id => 0 + $id{series}, number => 40 }) },
	episodes => sub { return ({ title => 'A Made Episode', season_id => 0 + $id{season}, number => 400 }) },
	genres => sub { return ({ slug => 'a-made-genre', name => 'A Made Genre' }) },
	people => sub { return ({ name => 'A Made Person' }) },
);
sub name_of { return $_[0] =~ /^(genres|people)$/ ? 'name' : 'title' }
sub renamed { my ($kind, $body, $name) = @_; my %new = (%$body, name_of($kind) => $name); delete $new{slug}; return \%new }

# What does not match changes nothing; what matches gives a new version, after which the old one no longer matches.
sub check_if_match
{
	my ($kind, $id, $body) = @_;
	my $read = sub { return ask('GET', "$kind/$id") };
	my $put = sub { my ($name, $tag) = @_; return ask('PUT', "$kind/$id", body => renamed($kind, $body, $name), headers => { 'If-Match' => $tag }) };
	my $before = $read->();
	my $etag = $before->{headers}{etag};
	(my $bare = $etag) =~ tr/"//d;
	for my $tag ('"0"', '"999999"', '"0", "999999"', "W/$etag", $bare, "\"$bare", "$bare\"", "'$bare'", '""', ',', '*, *', 'no tag', "\"$bare.0\"",
		"\"-$bare\"", '"' . '9' x 40 . '"', "\"$bare \"", "\"+$bare\"") {
		is_problem($put->('Not stored', $tag), 412, 'version_changed', "$kind, If-Match: $tag");
		is_problem(ask('DELETE', "$kind/$id", headers => { 'If-Match' => $tag }), 412, 'version_changed', "  nor deleted");
	}
	is_deeply($read->()->{json}, $before->{json}, "$kind: nothing has changed");
	is($read->()->{headers}{etag}, $etag, '  and the ETag neither');
	my $n = 0;
	for my $form ('=', '"0", =', '= , "0"', '"0",=,"999999"', "\"0\",\t=", '*') {
		my $old = $read->()->{headers}{etag};
		my $r = $put->('Name ' . ++$n, $form =~ s/=/$old/r);
		is($r->{status}, 200, "$kind, If-Match: $form") or diag($r->{content}), next;
		is($r->{json}{ name_of($kind) }, "Name $n", '  is stored');
		isnt($r->{headers}{etag}, $old, '  with another ETag');
		is($r->{headers}{etag}, $read->()->{headers}{etag}, '  which a read has as well');
		is_problem($put->('Not stored', $old), 412, 'version_changed', '  and the old one no longer matches');
	}
	my $r = ask('PUT', "$kind/$id", body => renamed($kind, $body, 'No condition'));
	is($r->{json}{ name_of($kind) }, 'No condition', "$kind without If-Match");
}

sub check_kind
{
	my ($kind) = @_;
	my $body = $body_of{$kind}->();
	my $r = ask('POST', $kind, body => $body);
	is($r->{status}, 201, "$kind: made") or return diag($r->{content});
	my $id = $r->{json}{id};
	is($r->{headers}{location}, "/admin/ondemand/$kind/$id", '  its Location');
	like($r->{headers}{etag} // '', qr/^"[^"]+"$/, '  an ETag');
	is($r->{json}{$_}, $body->{$_}, "  $_") for keys %$body;
	my $read = ask('GET', "$kind/$id");
	is_deeply($read->{json}, $r->{json}, '  a read says the same');
	is($read->{headers}{etag}, $r->{headers}{etag}, '  with the same ETag');
	is(ask('GET', "$kind/$id", headers => { 'If-None-Match' => $read->{headers}{etag} })->{status}, 304, '  and not again');
	check_if_match($kind, $id, $body);
	my $gone = ask('DELETE', "$kind/$id", headers => { 'If-Match' => ask('GET', "$kind/$id")->{headers}{etag} });
	is($gone->{status}, 204, "$kind: deleted") or diag($gone->{content});
	is($gone->{content}, '', '  says nothing');
	is_problem(ask('GET', "$kind/$id"), 404, 'not_found');
	is_problem(ask('DELETE', "$kind/$id"), 404, 'not_found');
	is_problem(ask('PUT', "$kind/$id", body => renamed($kind, $body, 'Late')), 404, 'not_found');
	is_problem(ask('PUT', "$kind/$id", body => renamed($kind, $body, 'Late'), headers => { 'If-Match' => '*' }), qr/^(404|412)$/);
}
subtest $_ => sub { check_kind($_) } for sort keys %body_of;

# An id of one kind is unknown to the others.
subtest 'kinds' => sub {
	my %by_kind = (movies => $id{movie}, series => $id{series}, seasons => $id{season}, episodes => $id{episode});
	for my $kind (sort keys %by_kind) {
		for my $other (grep { $_ ne $kind } sort keys %by_kind) {
			is_problem(ask('GET', "$other/$by_kind{$kind}"), 404, 'not_found', "$kind are no $other");
			is_problem(ask('PUT', "$other/$by_kind{$kind}", body => $body_of{$other}->()), 404, 'not_found');
			is_problem(ask('DELETE', "$other/$by_kind{$kind}"), 404, 'not_found');
		}
	}
	is(sql($database, "select count(*) from content.item where id in (" . join(',', values %by_kind) . ')'), 4, 'all are still there');
};

subtest 'two editors' => sub {
	my $movie = make('movies', title => 'Contested', min_age => 0);
	my $etag = ask('GET', "movies/$movie->{id}")->{headers}{etag};
	my @answers = together($tv, map { request_text('PUT', "/admin/ondemand/movies/$movie->{id}", token => $editor->{token},
		headers => { 'If-Match' => $etag }, body => { title => "Editor $_", min_age => 0, alternative_titles => ["Of $_"],
		external_ids => [{ scheme => 'by', value => "$_" }] }) } 1 .. 12);
	is(scalar(grep { $_->{status} == 200 } @answers), 1, 'one of twelve wins');
	is(scalar(grep { $_->{status} == 412 } @answers), 11, 'the others are told') or diag(join ' ', map { $_->{status} } @answers);
	my $now = ask('GET', "movies/$movie->{id}")->{json};
	my ($n) = $now->{title} =~ /(\d+)/;
	is_deeply([$now->{alternative_titles}, $now->{external_ids}], [["Of $n"], [{ scheme => 'by', value => $n }]], 'what is stored is of that one');
};

subtest 'drafts' => sub {
	my $person = make('people', name => 'Draft Person')->{id};
	my %movie = (title => 'Draft Movie', min_age => 0, genres => ['drama'], credits => [{ person_id => $person, role => 'actor' }]);
	my $id = make('movies', %movie, state => 'draft')->{id};
	my $look = sub {
		my ($seen, $name) = @_;
		is(see("movies/$id")->{status}, $seen ? 200 : 404, $name);
		is(has("/ondemand/movies?$_", $id), $seen, "  in movies?$_") for 'limit=100', 'genre=drama', 'sort=title', "person=$person";
		is(see("people/$person")->{status}, $seen ? 200 : 404, '  the person');
		is($tv->request('PUT', "/users/watchlist/$id", token => $viewer->{token})->{status}, $seen ? 204 : 404, '  for the list');
		is(ask('GET', "movies/$id")->{json}{state}, $seen ? 'published' : 'draft', '  for editors');
	};
	$look->(0, 'a draft');
	change('movies', $id, %movie, state => 'published');
	$look->(1, 'published');
	change('movies', $id, %movie, state => 'draft');
	$look->(0, 'a draft again');
	is(has('/users/watchlist', $id), 0, '  nor on the list where it stands');
	change('movies', $id, %movie);
	$look->(1, 'published unless it says otherwise');

	my $series = make('series', title => 'Draft Series', min_age => 0, state => 'draft')->{id};
	my $season = make('seasons', title => 'One', min_age => 0, series_id => $series, number => 1)->{id};
	my $episode = make('episodes', title => 'E1', min_age => 0, season_id => $season, number => 1)->{id};
	is_problem(see($_), 404, 'not_found') for "series/$series", "series/$series/episodes", "episodes/$episode";
	change('series', $series, title => 'Draft Series', min_age => 0);
	is(see($_)->{status}, 200, "published: $_") for "series/$series", "series/$series/episodes", "episodes/$episode";
	my $second = make('episodes', title => 'E2', min_age => 0, season_id => $season, number => 2, state => 'draft')->{id};
	is(see("series/$series")->{json}{seasons}[0]{episode_count}, 1, 'a draft does not count');
	is(see("episodes/$episode")->{json}{next_id}, undef, '  nor comes next');
	is(scalar @{ see("series/$series/episodes")->{json}{items} }, 1, '  nor is listed');
	change('episodes', $second, title => 'E2', min_age => 0, season_id => $season, number => 2);
	is(see("episodes/$episode")->{json}{next_id}, $second, 'published it does');
};

# An episode is there when its season is.
subtest 'seasons that are not there' => sub {
	my $person = make('people', name => 'Season Person')->{id};
	my $series = make('series', title => 'Three Seasons', min_age => 0)->{id};
	my @season = map { make('seasons', title => "S$_", min_age => 0, series_id => $series, number => $_)->{id} } 1 .. 3;
	my @episode = map { make('episodes', title => "S$_ E1", min_age => 0, season_id => $season[$_ - 1], number => 1,
		credits => [{ person_id => $person, role => 'guest' }])->{id} } 1 .. 3;
	is($tv->request('PUT', "/users/watchlist/$episode[1]", token => $viewer->{token})->{status}, 204, 'kept');
	my $profile = profile_of($viewer);
	sql($database, "insert into users.resume (profile_id, group_id, item_id) values ($profile, $series, $episode[0])");
	my $look = sub {
		my ($seen, $name) = @_;
		my @there = @episode[$seen ? (0 .. 2) : (0, 2)];
		is(see("episodes/$episode[1]")->{status}, $seen ? 200 : 404, $name);
		is_deeply([map { $_->{id} } @{ see("series/$series/episodes")->{json}{items} }], \@there, '  episodes of the series');
		is(scalar @{ see("series/$series/episodes?season=2")->{json}{items} }, $seen, '  of the season');
		is_deeply([map { $_->{episode_count} } @{ see("series/$series")->{json}{seasons} }], [(1) x @there], '  seasons');
		is(see("episodes/$episode[0]")->{json}{next_id}, $there[1], '  what comes after the first');
		is(see("episodes/$episode[2]")->{json}{previous_id}, $there[-2], '  and before the last');
		is_deeply([sort { $a <=> $b } map { $_->{id} } @{ see("people/$person")->{json}{filmography} }], \@there, '  of a person');
		is(has('/users/watchlist', $episode[1]), $seen, '  on the list');
		my ($resume) = grep { $_->{content}{id} == $episode[0] } $tv->pages('/users/continue-watching', $viewer->{token});
		is($resume->{next_episode}{id}, $there[1], '  to go on with');
	};
	my %season = (title => 'S2', min_age => 0, series_id => $series, number => 2);
	$look->(1, 'published');
	change('seasons', $season[1], %season, state => 'draft');
	$look->(0, 'a draft');
	change('seasons', $season[1], %season, available_from => instant(time + 3600));
	$look->(0, 'not yet');
	change('seasons', $season[1], %season, available_until => instant(time - 60));
	$look->(0, 'no longer');
	change('seasons', $season[1], %season);
	$look->(1, 'published again');
};

# What an answer points at can be opened.
subtest 'episodes whose window is closed' => sub {
	my $series = make('series', title => 'Windowed', min_age => 0)->{id};
	my $season = make('seasons', title => 'One', min_age => 0, series_id => $series, number => 1)->{id};
	my @window = (undef, [available_from => instant(time + 3600)], [available_until => instant(time - 60)]);
	my @episode = map { make('episodes', title => "E$_", min_age => 0, season_id => $season, number => $_, @{ $window[$_ % 3] || [] })->{id} } 0 .. 3;
	is_problem(see("episodes/$episode[$_]"), 404, 'not_found', "E$_") for 1, 2;
	is_deeply([map { $_->{title} } @{ see("series/$series/episodes")->{json}{items} }], [qw(E0 E3)], 'the list has the open ones');
	is(see("episodes/$episode[0]")->{json}{next_id}, $episode[3], 'next is the next open one');
	is(see("episodes/$episode[3]")->{json}{previous_id}, $episode[0], '  and so is the one before');
	is(see("series/$series")->{json}{seasons}[0]{episode_count}, 2, '  and the count is of these');
	my $later = make('seasons', title => 'Two', min_age => 0, series_id => $series, number => 2, available_from => instant(time + 3600))->{id};
	is_deeply([map { $_->{id} } @{ see("series/$series")->{json}{seasons} }], [$season], 'a season that is not open is not there');
};

subtest 'a window opens and closes' => sub {
	my $person = make('people', name => 'Window Person')->{id};
	my %movie = (title => 'Windowed Movie', min_age => 0, genres => ['war'], credits => [{ person_id => $person, role => 'actor' }]);
	my ($from, $until) = (int(time) + 3, int(time) + 5);
	my $id = make('movies', %movie, available_from => instant($from), available_until => instant($until))->{id};
	my $everywhere = sub {
		return join ' ', see("movies/$id")->{status}, see("people/$person")->{status}, map { has($_, $id) } '/ondemand/movies?limit=100',
			'/ondemand/movies?genre=war', "/ondemand/movies?person=$person";
	};
	my $etag = see('movies?limit=100')->{headers}{etag};
	my $before = $everywhere->();
	is($before, '404 404 0 0 0', 'not open yet') if time < $from;
	ok((wait_for { return see("movies/$id")->{status} == 200 } 6), 'it opens');
	my $opened = time;
	ok($opened >= $from, '  not too early') or diag("$opened < $from");
	my $open = $everywhere->();
	is($open, '200 200 1 1 1', '  everywhere') if time < $until;
	isnt($tv->get('/ondemand/movies?limit=100', $viewer->{token}, headers => { 'If-None-Match' => $etag })->{status}, 304, '  also for who kept the list');
	ok((wait_for { return see("movies/$id")->{status} == 404 } 6), 'it closes');
	ok(time >= $until, '  not too early');
	is($everywhere->(), '404 404 0 0 0', '  everywhere');
	my $admin = ask('GET', "movies/$id")->{json};
	is_deeply([@$admin{qw(available_from available_until)}], [instant($from), instant($until)], 'editors see it and its window');
	is_refused(ask('PUT', "movies/$id", body => { %movie, available_from => instant($until), available_until => instant($from) }), qr/^available_/,
		'a window that ends before it starts');
	is_refused(ask('PUT', "movies/$id", body => { %movie, available_from => instant($until), available_until => instant($until) }), qr/^available_/,
		'  or then');
	change('movies', $id, %movie);
	is($everywhere->(), '200 200 1 1 1', 'without a window it is open');
};

subtest 'credits' => sub {
	my @p = map { make('people', name => "Credit $_")->{id} } 1 .. 3;
	my @credits = (
		{ person_id => $p[2], role => 'actor', character => 'The Third' }, { person_id => $p[0], role => 'actor', character => 'The First' },
		{ person_id => $p[1], role => 'director' }, { person_id => $p[1], role => 'actor', character => undef },
		{ person_id => $p[0], role => 'director' },
	);
	my $movie = make('movies', title => 'Credited', min_age => 0, credits => \@credits)->{id};
	my $seen = see("movies/$movie")->{json};
	is_deeply([map { [@$_{qw(id name)}] } @{ $seen->{cast} }], [[$p[2], 'Credit 3'], [$p[0], 'Credit 1'], [$p[1], 'Credit 2']], 'actors in the order given');
	is_deeply([map { $_->{character} || '' } @{ $seen->{cast} }], ['The Third', 'The First', ''], '  with their characters');
	is_deeply([map { [@$_{qw(id role)}] } @{ $seen->{crew} }], [[$p[1], 'director'], [$p[0], 'director']], 'the others with their roles');
	my $of_editors = ask('GET', "movies/$movie")->{json}{credits};
	is_deeply([map { $_->{person_id} } grep { $_->{role} eq 'actor' } @$of_editors], [@p[2, 0, 1]], 'editors see the same order');
	change('movies', $movie, title => 'Credited', min_age => 0, credits => [@credits[1, 0, 2]]);
	$seen = see("movies/$movie")->{json};
	is_deeply([map { $_->{id} } @{ $seen->{cast} }], [@p[0, 2]], 'a new order, and one less');
	is_deeply([map { $_->{id} } @{ $seen->{crew} }], [$p[1]], '  also behind the camera');
	change('movies', $movie, title => 'Credited', min_age => 0);
	is(scalar @{ see("movies/$movie")->{json}{cast} }, 2, 'not named they stay');
	is(ask('DELETE', "people/$p[0]")->{status}, 204, 'a person is deleted');
	is_deeply([map { $_->{id} } @{ see("movies/$movie")->{json}{cast} }], [$p[2]], '  and so are the credits');
	is_problem(see("people/$p[0]"), 404, 'not_found');
	change('movies', $movie, title => 'Credited', min_age => 0, credits => []);
	is_deeply([@{ see("movies/$movie")->{json} }{qw(cast crew)}], [[], []], 'an empty list takes all');
	my @many = map { { person_id => $p[1 + $_ % 2], role => 'actor', character => "Role $_" } } 1 .. 300;
	change('movies', $movie, title => 'Credited', min_age => 0, credits => \@many);
	is_deeply([map { $_->{character} } @{ see("movies/$movie")->{json}{cast} }], [map { "Role $_" } 1 .. 300], '300 in order');
};

subtest 'titles and what a PUT leaves out' => sub {
	my %all = (title => 'The Full Movie', original_title => 'Den fulle filmen', alternative_titles => ['Full', "\x{6EE1}"], year => 1987, runtime => 5400,
		synopsis => "Two\nlines.", genres => ['war', 'drama'], rating => { system => 'mpa', code => 'PG' }, poster => '/media/full.jpg',
		countries => ['Norway', 'Sweden']);
	my $id = make('movies', %all)->{id};
	my $read = ask('GET', "movies/$id")->{json};
	is_deeply($read->{$_}, $all{$_}, $_) for sort keys %all;
	my ($card) = grep { $_->{id} == $id } $tv->pages('/ondemand/movies?limit=100', $viewer->{token});
	is_deeply([@$card{qw(title original_title year runtime genres poster)}], [@all{qw(title original_title year runtime genres poster)}], 'a card has them');
	is_deeply($card->{rating}, { code => 'PG', min_age => 8 }, '  and the rating');
	$read = change('movies', $id, title => 'Only a Title');
	is_deeply([@$read{qw(original_title year runtime synopsis rating poster)}], [(undef) x 6], 'what is not named is empty afterwards');
	is_deeply([@$read{qw(alternative_titles genres countries)}], [[], [], []], '  lists too');
	is($read->{min_age}, 18, '  and without a rating it is for adults');
	is($read->{state}, 'published', '  and published');
	is(has('/ondemand/movies?genre=war', $id), 0, '  and no longer of the genre');
};

subtest 'ratings' => sub {
	my %age_of = ('mpa G' => 0, 'mpa PG-13' => 13, 'mpa R' => 17, 'mpa NC-17' => 18, 'ustv TV-Y7' => 7, 'ustv TV-14' => 14, 'age 16+' => 16, 'age ALL' => 0);
	my $id = make('movies', title => 'Rated')->{id};
	for (sort keys %age_of) {
		my ($system, $code) = split / /;
		my $now = change('movies', $id, title => 'Rated', rating => { system => $system, code => $code });
		is_deeply([@$now{qw(min_age rating)}], [$age_of{$_}, { system => $system, code => $code }], $_);
		is(see("movies/$id", $kid)->{status}, $age_of{$_} > 7 ? 404 : 200, '  and counts at once');
		is(has('/ondemand/movies?limit=100', $id, $kid), $age_of{$_} > 7 ? 0 : 1, '  in lists');
	}
	is(change('movies', $id, title => 'Rated', rating => { system => 'mpa', code => 'R' }, min_age => 6)->{min_age}, 6, 'an age beside it counts');
	is(change('movies', $id, title => 'Rated', min_age => 6)->{min_age}, 6, 'without a rating as well');
	is(change('movies', $id, title => 'Rated', rating => undef, min_age => undef)->{min_age}, 18, 'neither: adults');
	my $before = ask('GET', "movies/$id");
	for my $rating ({ system => 'mpa', code => 'X' }, { system => 'mpa', code => 'TV-MA' }, { system => 'mpa', code => 'pg' }, { system => 'fsk', code => '12' },
		{ system => 'mpa', code => '' }, { code => 'PG' }, { system => 'mpa' }, 'PG', {}) {
		for my $age ({}, { min_age => 6 }) {
			is_refused(ask('PUT', "movies/$id", body => { title => 'Rated', rating => $rating, %$age }), qr/^rating/,
				'refused: ' . (ref $rating ? join '/', map { $_ // '' } @$rating{qw(system code)} : $rating));
		}
	}
	is_refused(ask('PUT', "movies/$id", body => { title => 'Rated', min_age => $_ }), qr/^min_age$/) for 19, -1;
	is(ask('GET', "movies/$id")->{headers}{etag}, $before->{headers}{etag}, 'nothing has changed');
};

# What an import made can be saved as it was read.
subtest 'an imported title' => sub {
	my $list = sub { my ($name, $n) = @_; return join ',', map { "$name $_" } 1 .. $n };
	local $TV::input = "id,title,year,rating,genre,cast,director,country,href,poster,description\nx1,Brought,2001,PG-13,Drama,Ann Actor,,,,,\n"
		. "x2,Unrated,2002,NR,,,,,,,\n"
		. 'x3,All of it,2003,,"' . $list->('Genre', 40) . '","' . $list->('Actor', 400) . '","' . $list->('Director', 90) . '","' . $list->('Country', 60)
		. '",,https://p.example/{a}|b^c.jpg,' . 'word ' x 3990 . "\n"
		. 'x4,Too much,2004,,"' . $list->('Genre', 101) . '","' . $list->('Actor', 490) . '","' . $list->('Director', 20) . '",,,,' . 'word ' x 4001 . "\n"
		. 'x5,Many bytes,2005,,,"' . $list->('Actor', 500) . '",,,,,' . "\x{e3}\x{83}\x{8b}" x 15000 . "\n"
		. ',' . 'T' x 300 . ',2006,,,,,,' . 'h' x 900 . ",,\n";
	my $done = command($database, 'ondemand', 'import', '--source', 'brought' x 14, '-');
	is($done->{exit}, 0, 'is brought') or diag("$done->{out}$done->{err}");
	like($done->{out}, qr/: 11 names are left out: a title has 500 people, 100 genres and 250 countries at most$/m, '  what is too many is said') or diag($done->{out});
	like($done->{out}, qr/: 2 synopses are cut: 20000 characters or 32768 bytes are the most$/m, '  and what is too long');
	for my $value ((map { "x$_" } 1 .. 5), 'T' x 300 . '|2006|' . 'h' x 900) {
		my $id = sql($database, "select item_id from content.external_id where scheme like 'brought%' and value = '$value'");
		my $read = ask('GET', "movies/$id");
		my %body = map { ($_ => $read->{json}{$_}) } grep { !/^(id|kind|added_at|created_at|updated_at)$/ } keys %{ $read->{json} };
		$body{credits} = [map { { person_id => $_->{person_id}, role => $_->{role}, character => $_->{character} } } @{ $body{credits} }];
		my $r = ask('PUT', "movies/$id", body => \%body, headers => { 'If-Match' => $read->{headers}{etag} });
		is($r->{status}, 200, substr($value, 0, 5) . ' is saved as it was read') or diag($r->{content});
		is_deeply($r->{json}{$_}, $read->{json}{$_}, "  $_") for qw(title rating min_age genres credits countries poster synopsis external_ids);
		is($r->{json}{poster}, 'https://p.example/%7Ba%7D%7Cb%5Ec.jpg', '  its poster as addresses are written') if $value eq 'x3';
	}
};

subtest 'external ids' => sub {
	my $ids = [{ scheme => 'imdb', value => 'tt0000001' }, { scheme => 'tmdb', value => '7' }];
	my $first = make('movies', title => 'First', min_age => 0, external_ids => $ids);
	is_deeply($first->{external_ids}, $ids, 'as given');
	my $second = make('movies', title => 'Second', min_age => 0, external_ids => [{ scheme => 'imdb', value => '7' }])->{id};
	my $items = sql($database, 'select count(*) from content.item');
	for my $method ('POST', 'PUT') {
		my $to = $method eq 'PUT' ? "movies/$second" : 'movies';
		is_problem(ask($method, $to, body => { title => 'Thief', min_age => 0, external_ids => [{ scheme => 'tmdb', value => '7' }] }), 409, 'external_id_taken');
	}
	is(ask('GET', "movies/$second")->{json}{title}, 'Second', 'unchanged');
	is(sql($database, 'select count(*) from content.item'), $items, 'and nothing was made');
	is_deeply(change('movies', $first->{id}, title => 'First', min_age => 0, external_ids => $ids)->{external_ids}, $ids, 'its own may be said again');
	is_deeply(change('movies', $first->{id}, title => 'First', min_age => 0)->{external_ids}, $ids, 'and stay when they are not');
	change('movies', $first->{id}, title => 'First', min_age => 0, external_ids => [$ids->[0]]);
	is(ask('PUT', "movies/$second", body => { title => 'Second', min_age => 0, external_ids => [$ids->[1]] })->{status}, 200, 'what one gives up another may take');
	is_problem(ask('POST', 'movies', body => { title => 'Twice', external_ids => [({ scheme => 'x', value => '1' }) x 2] }), qr/^4(09|22)$/);
	ask('DELETE', "movies/$first->{id}");
	is(ask('POST', 'movies', body => { title => 'Heir', min_age => 0, external_ids => [$ids->[0]] })->{status}, 201, 'a deleted title frees its own');
};

subtest 'what does not exist' => sub {
	my $items = sql($database, 'select count(*) from content.item');
	my %movie = (title => 'Not made', min_age => 0);
	is_refused(ask('POST', 'movies', body => { %movie, genres => ['drama', 'no-such-genre'] }), qr/^genres/, 'a genre');
	is_refused(ask('POST', 'movies', body => { %movie, credits => [{ person_id => 999999, role => 'actor' }] }), qr/^credits/, 'a person');
	is_refused(ask('POST', 'movies', body => { %movie, credits => [{ person_id => 0 + $id{person}, role => 'usher' }] }), qr/^credits/, 'a role');
	is_refused(ask('POST', 'series', body => { %movie, genres => ['no-such-genre'] }), qr/^genres/, 'a genre of a series');
	is_refused(ask('POST', 'seasons', body => { %movie, series_id => $_, number => 1 }), qr/^series_id/, "series $_") for 999999, 0 + $id{movie}, 0 + $id{season};
	is_refused(ask('POST', 'episodes', body => { %movie, season_id => $_, number => 1 }), qr/^season_id/, "season $_") for 999999, 0 + $id{series};
	is_refused(ask('PUT', "seasons/$id{season}", body => { %movie, series_id => 999999, number => 1 }), qr/^series_id/, 'of a season');
	is_refused(ask('PUT', "episodes/$id{episode}", body => { %movie, season_id => 999999, number => 1 }), qr/^season_id/, 'of an episode');
	is_refused(ask('PUT', "movies/$id{movie}", body => { %movie, genres => ['no-such-genre'] }), qr/^genres/, 'of a movie');
	is(sql($database, 'select count(*) from content.item'), $items, 'nothing was made');
	is(ask('GET', "movies/$id{movie}")->{json}{title}, 'The Seed Movie', 'and nothing changed');
};

subtest 'genres' => sub {
	my $genre = make('genres', slug => 'noir', name => 'Film noir');
	is_problem(ask('POST', 'genres', body => { slug => 'noir', name => 'Another' }), 409, 'slug_taken');
	my $movie = make('movies', title => 'Dark', min_age => 0, genres => ['noir'], state => 'draft')->{id};
	is_problem(ask('DELETE', "genres/$genre->{id}"), 409, 'genre_in_use', 'a draft has it');
	is(has('/ondemand/movies?genre=noir', $movie), 0, 'nobody sees it yet');
	change('movies', $movie, title => 'Dark', min_age => 0, genres => ['noir']);
	is_problem(ask('DELETE', "genres/$genre->{id}"), 409, 'genre_in_use', 'a movie has it');
	change('genres', $genre->{id}, name => 'Noir');
	my ($seen) = grep { $_->{slug} eq 'noir' } @{ see('genres')->{json}{items} };
	is_deeply([@$seen{qw(name movies)}], ['Noir', 1], 'renamed, for viewers');
	ask('DELETE', "movies/$movie");
	is(scalar(grep { $_->{slug} eq 'noir' } @{ see('genres')->{json}{items} }), 0, 'without titles it is not shown');
	is(ask('DELETE', "genres/$genre->{id}")->{status}, 204, 'and can be deleted');
	is_refused(ask('POST', 'genres', body => { slug => $_, name => 'x' }), qr/^slug/, "slug '$_'") for 'A', 'a b', '-a', 'a--b', '', 'x' x 61, "\x{e5}";
};

subtest 'a series with all that is in it' => sub {
	my $person = make('people', name => 'Guest')->{id};
	my $series = make('series', title => 'Doomed', min_age => 0, genres => ['drama'], external_ids => [{ scheme => 'doom', value => '1' }])->{id};
	my @season = map { make('seasons', title => "Season $_", min_age => 0, series_id => $series, number => $_)->{id} } 1 .. 3;
	my @episode = map { my $season = $season[$_ % 3]; make('episodes', title => "E$_", min_age => 0, season_id => $season, number => $_,
		credits => [{ person_id => $person, role => 'guest' }], markers => [{ kind => 'intro', start => 1, end => 2 }],
		external_ids => [{ scheme => 'doom', value => "e$_" }])->{id} } 1 .. 6;
	is($tv->request('PUT', "/users/watchlist/$_", token => $viewer->{token})->{status}, 204, "kept $_") for $series, @episode[0, 3];
	my $profile = profile_of($viewer);
	sql($database, "insert into users.progress (profile_id, item_id, position, duration) values ($profile, $episode[0], 60, 600);
		insert into users.history (profile_id, item_id) values ($profile, $episode[0]);
		insert into users.resume (profile_id, group_id, item_id) values ($profile, $series, $episode[0])");
	is(ask('DELETE', "seasons/$season[0]")->{status}, 204, 'a season is deleted');
	is_problem(ask('GET', "episodes/$_"), 404, 'not_found', '  its episodes went along') for @episode[2, 5];
	is(ask('GET', "episodes/$_")->{status}, 200, '  the others not') for @episode[0, 1, 3, 4];
	is_deeply([map { $_->{number} } @{ see("series/$series")->{json}{seasons} }], [2, 3], '  two seasons are left');
	is(ask('DELETE', "series/$series")->{status}, 204, 'the series is deleted');
	my $all = join ',', $series, @season, @episode;
	is(sql($database, "select count(*) from content.$_->[0] where $_->[1] in ($all)"), 0, "  nothing of it in $_->[0]")
		for ['item', 'id'], ['series', 'id'], ['season', 'id'], ['episode', 'id'], ['credit', 'item_id'], ['external_id', 'item_id'], ['media', 'item_id'],
			['listing', 'item_id'];
	is_problem(see($_), 404, 'not_found') for "series/$series", "series/$series/episodes", map { "episodes/$_" } @episode;
	is_problem(ask('GET', "seasons/$_"), 404, 'not_found') for @season;
	for my $list (qw(/users/watchlist /users/history /users/continue-watching)) {
		is(scalar(grep { has($list, $_) } $series, @episode), 0, "nothing in $list");
	}
	is(has("/ondemand/series$_", $series), 0, "not in the list$_") for '', '?genre=drama', '?sort=title';
};

subtest 'a movie that is deleted' => sub {
	my $person = make('people', name => 'Only There')->{id};
	my $movie = make('movies', title => 'Gone', min_age => 0, genres => ['war'], credits => [{ person_id => $person, role => 'actor' },
		{ person_id => 0 + $id{person}, role => 'writer' }])->{id};
	$tv->request('PUT', "/users/watchlist/$movie", token => $viewer->{token});
	my $in_home = sub { return scalar grep { $_->{id} == $movie } map { @{ $_->{items} } } @{ see('home')->{json}{items} } };
	my $credited = sub { return scalar grep { $_->{id} == $movie } @{ see("people/$id{person}")->{json}{filmography} } };
	cmp_ok($in_home->(), '>', 0, 'in home');
	is_deeply([$credited->(), has('/users/watchlist', $movie), see("people/$person")->{status}], [1, 1, 200], 'it was everywhere');
	is(ask('DELETE', "movies/$movie")->{status}, 204, 'deleted');
	is_problem(see("movies/$movie"), 404, 'not_found');
	is(has("/ondemand/movies$_", $movie), 0, "not in the list$_") for '', '?genre=war', '?sort=year', "?person=$person";
	is_deeply([$in_home->(), $credited->(), has('/users/watchlist', $movie)], [0, 0, 0], 'not at home, in filmographies, on the list');
	is_problem(see("people/$person"), 404, 'not_found', 'the one who was in nothing else');
	is_problem($tv->request('PUT', "/users/watchlist/$movie", token => $viewer->{token}), 404, 'not_found');
};

subtest 'seasons and episodes that move' => sub {
	my @series = map { make('series', title => "Moving $_", min_age => 0)->{id} } 1, 2;
	my %season = (title => 'S', min_age => 0);
	my @season = map { make('seasons', %season, series_id => $series[0], number => $_)->{id} } 1, 2;
	my @episode = map { make('episodes', title => "E$_", min_age => 0, season_id => $season[0], number => $_)->{id} } 1 .. 3;
	my $listed = sub { my ($series, $query) = @_; return [map { "$_->{season}x$_->{number}" } @{ see("series/$series/episodes$query")->{json}{items} }] };
	is_problem(ask('PUT', "seasons/$season[0]", body => { %season, series_id => $series[0], number => 2 }), 409, 'number_taken');
	is_problem(ask('POST', 'seasons', body => { %season, series_id => $series[0], number => 2 }), 409, 'number_taken');
	is_problem(ask('POST', 'episodes', body => { title => 'E', season_id => $season[0], number => 3 }), 409, 'number_taken');
	is_deeply($listed->($series[0], ''), [qw(1x1 1x2 1x3)], 'as before');
	change('seasons', $season[0], %season, series_id => $series[0], number => 7);
	is_deeply($listed->($series[0], '?season=7'), [qw(7x1 7x2 7x3)], 'another number');
	is_deeply($listed->($series[0], '?season=1'), [], '  and nothing under the old one');
	is(ask('GET', "episodes/$episode[1]")->{json}{season}, 7, '  for editors');
	is(see("episodes/$episode[1]")->{json}{season}{number}, 7, '  for viewers');
	is(ask('POST', 'seasons', body => { %season, series_id => $series[0], number => 1 })->{status}, 201, '  which is free now');
	change('seasons', $season[0], %season, series_id => $series[1], number => 7);
	is_deeply([$listed->($series[0], ''), $listed->($series[1], '')], [[], [qw(7x1 7x2 7x3)]], 'another series');
	is(see("episodes/$episode[0]")->{json}{series}{id}, $series[1], '  for the episodes too');
	change('episodes', $episode[2], title => 'E3', min_age => 0, season_id => $season[1], number => 1);
	is_deeply([$listed->($series[0], ''), $listed->($series[1], '')], [['2x1'], [qw(7x1 7x2)]], 'an episode to another season');
	is_deeply([map { $_->{id} } $tv->pages("/admin/ondemand/seasons?series=$series[1]", $editor->{token})], [$season[0]], 'seasons of a series');
	is_deeply([map { $_->{id} } $tv->pages("/admin/ondemand/episodes?season=$season[0]&limit=1", $editor->{token})], [@episode[0, 1]], 'episodes of a season');
};

subtest 'markers, subtitles, renditions' => sub {
	my %parts = (
		markers => [{ kind => 'intro', start => 0, end => 60 }, { kind => 'credits', start => 5000, end => 5400 }],
		subtitles => [{ language => 'nor', kind => 'captions', url => '/media/1/nor.vtt' }, { language => 'pt-BR', url => 'https://example.org/s.vtt' }],
		renditions => [{ path => '/media/1/720.m3u8', width => 1280, height => 720, bitrate => 3000000, codecs => 'avc1.64001f,mp4a.40.2' }],
	);
	for my $kind (qw(movies series episodes)) {
		my %body = (%{ $body_of{$kind}->() }, %parts);
		my $made = make($kind, %body);
		is_deeply($made->{$_}, $parts{$_}, "$kind: $_") for sort keys %parts;
		delete @body{qw(markers subtitles renditions)};
		my $now = change($kind, $made->{id}, %body, markers => [$parts{markers}[1]]);
		is_deeply([@$now{qw(markers subtitles renditions)}], [[$parts{markers}[1]], @parts{qw(subtitles renditions)}], '  one is replaced, the others stay');
		$now = change($kind, $made->{id}, %body);
		is_deeply([@$now{qw(markers subtitles renditions)}], [[$parts{markers}[1]], @parts{qw(subtitles renditions)}], '  none named: all stay');
		$now = change($kind, $made->{id}, %body, markers => [], subtitles => [], renditions => []);
		is_deeply([@$now{qw(markers subtitles renditions)}], [[], [], []], '  empty lists empty them');
		ask('DELETE', "$kind/$made->{id}");
	}
	my %bad = (
		'markers.0.kind' => { markers => [{ kind => 'joke', start => 1, end => 2 }] }, 'markers.0.start' => { markers => [{ kind => 'intro', start => -1, end => 2 }] },
		'markers.0.end' => { markers => [{ kind => 'intro', start => 1 }] }, 'subtitles.0.url' => { subtitles => [{ language => 'nor', url => 'http://x/y' }] },
		'renditions.1.path' => { renditions => [{ path => '/a' }, { path => 'javascript:alert(1)' }] }, 'markers.0.color' => { markers => [{ kind => 'intro', start => 1, end => 2, color => 1 }] },
	);
	is_refused(ask('POST', 'movies', body => { title => 'x', %{ $bad{$_} } }), qr/^\Q$_\E$/, $_) for sort keys %bad;
	my $marked = make('movies', title => 'Marked', markers => [{ kind => 'intro', start => 1, end => 2 }]);
	for my $end (5, 4) {
		my %wrong = (title => 'Marked', markers => [{ kind => 'intro', start => 1, end => 2 }, { kind => 'recap', start => 5, end => $end }]);
		is_refused(ask($_->[0], $_->[1], body => \%wrong), qr/^markers$/, "$_->[0]: from 5 to $end") for ['POST', 'movies'], ['PUT', "movies/$marked->{id}"];
	}
	is_deeply(ask('GET', "movies/$marked->{id}")->{json}{markers}, $marked->{markers}, 'nothing has changed');
};

subtest 'a genre twice' => sub {
	make('genres', slug => 'twice', name => 'Twice');
	my $made = make('movies', title => 'Twice', min_age => 0, genres => ['drama', 'twice', 'drama']);
	is_deeply($made->{genres}, ['drama', 'twice'], 'counts once');
	is_deeply(change('movies', $made->{id}, title => 'Twice', min_age => 0, genres => ['twice', 'twice'])->{genres}, ['twice'], '  when it is replaced, too');
};

subtest 'addresses of posters' => sub {
	my $before = sql($database, 'select count(*) from content.item');
	is_refused(ask('POST', 'movies', body => { title => 'x', poster => $_ }), qr/^poster$/, "poster '$_'")
		for 'http://example.org/a.jpg', 'javascript:alert(1)', 'JavaScript:alert(1)', ' javascript:alert(1)', '//example.org/a.jpg', '/\\example.org/a.jpg',
			'data:image/png;base64,AAAA', 'ftp://example.org/a', 'https://', 'https:///a.jpg', 'https:example.org', 'a.jpg', '', ' /a.jpg', "/a\n.jpg",
			'/a/../../b', '/a"onerror="x', '/a<b', 'https://example.org/a b', '/' . 'a' x 2000, "\t//example.org";
	is(sql($database, 'select count(*) from content.item'), $before, 'nothing was made');
	is(make('movies', title => 'x', poster => $_)->{poster}, $_, $_) for 'https://example.org/a.jpg?w=1&h=2#x', '/media/posters/1.jpg', '/a';
};

subtest 'text stays text' => sub {
	my $evil = q{<img src=x onerror="alert('1')">&amp;</script>\\u003c'; drop table content.item; --};
	my $id = make('movies', title => $evil, synopsis => $evil, min_age => 0, alternative_titles => [$evil])->{id};
	my $r = see("movies/$id");
	is_deeply([@{ $r->{json} }{qw(title synopsis)}], [$evil, $evil], 'given back as it was given');
	like($r->{headers}{'content-type'}, qr{^application/json\b}, '  as JSON');
	is($r->{headers}{'x-content-type-options'}, 'nosniff', '  that no browser takes for a page');
	is(ask('GET', "movies/$id")->{json}{alternative_titles}[0], $evil, '  for editors too');
	my $wide = "\x{1F600}" x 300;
	my $made = make('movies', title => $wide, original_title => $wide, synopsis => "\x{1F600}" x 10000, min_age => 0, alternative_titles => [$wide]);
	is($made->{$_}, $wide, "300 characters of four bytes: $_") for qw(title original_title);
	is(length $made->{synopsis}, 10000, '  and 10,000');
	my ($card) = grep { $_->{id} == $made->{id} } $tv->pages('/ondemand/movies?limit=100&sort=title', $viewer->{token});
	is($card->{title}, $wide, '  in a list');
	is(length $card->{synopsis}, 300, '  where 300 of them are shown');
	is(scalar(grep { $_->{id} == $made->{id} } $tv->pages('/ondemand/movies?limit=1&sort=title', $viewer->{token})), 1, '  and a cursor may hold them');
	is_refused(ask('POST', 'movies', body => { title => "\x{1F600}" x 301 }), qr/^title$/, 'a title of 301');
	is_refused(ask('POST', 'movies', body => { title => '' }), qr/^title$/, 'of none');
	is_refused(ask('POST', 'movies', body => { title => "a\tb" }), qr/^title$/, 'a control character');
	is(make('people', name => "\x{1F600}" x 200)->{name}, "\x{1F600}" x 200, 'a name of 200');
	is_refused(ask('POST', 'people', body => { name => "\x{1F600}" x 201 }), qr/^name$/, '  and of 201');
};

subtest 'lists of editors' => sub {
	my @draft = map { make('movies', title => "Listed $_", state => 'draft')->{id} } 1 .. 23;
	my $n = 0;
	my @got = $tv->pages('/admin/ondemand/movies?state=draft&limit=5', $editor->{token}, sub { make('movies', title => 'In between', state => 'draft') if $n++ < 3 });
	my %times;
	$times{ $_->{id} }++ for @got;
	is_deeply([grep { ($times{$_} // 0) != 1 } @draft], [], 'each draft once');
	is(scalar(grep { $_->{state} ne 'draft' } @got), 0, '  and only drafts');
	is_deeply([map { $_->{id} } @got], [sort { $b <=> $a } map { $_->{id} } @got], '  the newest first');
	my @published = $tv->pages('/admin/ondemand/movies?state=published&limit=50', $editor->{token});
	is(scalar(grep { $_->{state} ne 'published' } @published), 0, 'only published ones');
	is(scalar @published, sql($database, "select count(*) from content.item where kind = 'movie' and state = 'published'"), '  all of them');
	is(scalar $tv->pages('/admin/ondemand/movies?limit=100', $editor->{token}), sql($database, "select count(*) from content.movie"), 'all movies');
	is_deeply([map { $_->{name} } $tv->pages('/admin/ondemand/people?limit=2&q=Credit', $editor->{token})], ['Credit 2', 'Credit 3'], 'people by the beginning of the name');
	make('people', name => $_) for "\x{c9}mile Zed", 'emile aed', 'Emil';
	is_deeply([map { $_->{name} } $tv->pages('/admin/ondemand/people?limit=1&q=emile%20', $editor->{token})], ['emile aed', "\x{c9}mile Zed"],
		'  however it is written, and in the order of that');
	is(scalar $tv->pages('/admin/ondemand/people?limit=7', $editor->{token}), sql($database, 'select count(*) from content.person'), 'all people');
	is(scalar $tv->pages('/admin/ondemand/genres?limit=1', $editor->{token}), sql($database, 'select count(*) from content.genre'), 'all genres');
};

subtest 'only administrators' => sub {
	my $before = state_of($database)->{'content.item'};
	for my $route (grep { $_->{path} =~ m{^/admin/ondemand/} } routes()) {
		my ($kind) = $route->{path} =~ m{^/admin/ondemand/(\w+)};
		my $of = { movies => 'movie', series => 'series', seasons => 'season', episodes => 'episode', people => 'person' }->{$kind};
		my $id = $of ? $id{$of} : sql($database, "select id from content.genre where slug = 'war'");
		(my $path = $route->{path}) =~ s/\{id\}/$id/;
		my @body = $route->{method} =~ /^P/ ? (body => $body_of{$kind}->()) : ();
		is_problem($tv->request($route->{method}, $path, token => $viewer->{token}, @body), 403);
		is_problem($tv->request($route->{method}, $path, @body), 401);
	}
	is(state_of($database)->{'content.item'}, $before, 'nothing has changed');
};

done_testing();

# The watch list, what was begun and what was watched: of one profile, in order, page by page, and only what can be seen now.
# Positions come from playback; here they are put into the database.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
my $tv = keyed_server($database);
my $who = account($tv);
my $profile = profile_of($who);
my @card = sort qw(id kind title original_title year runtime genres rating poster synopsis);

sub list { my ($path, $token, $limit) = @_; return $tv->pages("/users/$path?limit=" . ($limit || 100), $token // $who->{token}) }
sub titles { return join ', ', map { $_->{content}{title} } list(@_) }
sub put { my ($id, $token) = @_; return $tv->request('PUT', "/users/watchlist/$id", token => $token // $who->{token}) }
sub take { my ($path, $id, $token) = @_; return $tv->request('DELETE', "/users/$path/$id", token => $token // $who->{token}) }

# Movies 'M 1' … and their ids, in that order.
my @movies = split /\n/, sql($database, q{
	with made as (insert into content.item (kind, title, min_age, runtime)
		select 'movie', 'M ' || n, 0, 5400 from generate_series(1, 7) n returning id, title), m as (insert into content.movie (id) select id from made)
	select id from made order by title});
# Two seasons of two episodes each, the second of season 1 a draft.
my @episodes = split /\n/, sql($database, qq{
	with s as (insert into content.item (kind, title, min_age) values ('season', 'Season 2', 0) returning id),
	n as (insert into content.season (id, series_id, number) select id, $id{series}, 2 from s returning id),
	made as (insert into content.item (kind, title, min_age, runtime, state) values ('episode', 'S1E2', 0, 1500, 'draft'),
		('episode', 'S2E1', 0, 1500, 'published'), ('episode', 'S2E2', 12, 1500, 'published') returning id, title)
	insert into content.episode (id, series_id, season_id, season_number, number)
	select m.id, $id{series}, case when title like 'S1%' then $id{season} else n.id end, substr(title, 2, 1)::int, substr(title, 4, 1)::int
	from made m, n order by title returning id});
my $kid = do {
	my $made = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	{ token => select_profile($tv, $device, $made)->{json}{access_token} };
};

subtest 'the watch list' => sub {
	is(put($_)->{status}, 204, "put $_") for @movies[0 .. 4], @id{qw(series episode channel adult_movie)};
	is(titles('watchlist'), 'Adult Movie, Seed One, Seed Pilot, A Seed Series, M 5, M 4, M 3, M 2, M 1', 'the latest first');
	my ($first) = list('watchlist');
	is_deeply([sort keys %$first], [qw(added_at content)], 'members');
	is_deeply([sort keys %{ $first->{content} }], \@card, '  with a card');
	is_deeply([list('watchlist', undef, 2)], [list('watchlist')], 'page by page it is the same');
	is(put($movies[0])->{status}, 204, 'once more');
	is(scalar list('watchlist'), 9, '  changes nothing');
	my @r = together($tv, (request_text('PUT', "/users/watchlist/$movies[6]", token => $who->{token})) x 8);
	is_deeply([map { $_->{status} } @r], [(204) x 8], 'eight times at once');
	is(scalar(grep { $_->{content}{id} == $movies[6] } list('watchlist')), 1, '  is on it once');
	is(take('watchlist', $movies[6])->{status}, 204, 'taken off') for 1, 2;
	is(take('watchlist', 9007199254740990)->{status}, 204, 'what is not there is off, too');
	is_problem(put($_), 404, 'not_found', "put $_") for 9007199254740990, $id{season}, $episodes[0];
	is_problem(put($_), 400) for 'x', 0, -1;
	is(titles('watchlist', $kid->{token}), '', "another profile's is its own");
	is_problem(put($id{adult_movie}, $kid->{token}), 404, 'not_found');
	is(take('watchlist', $movies[1], $kid->{token})->{status}, 204, '  taking off something');
	like(titles('watchlist'), qr/M 2/, '  of its own list only');
	is($tv->request('PUT', "/users/watchlist/$movies[5]", token => $who->{token}, body => {})->{status}, 400, 'no body');
};

subtest 'what can no longer be seen' => sub {
	my %hidden = (
		'a draft' => "state = 'draft'", 'over' => "available_from = now() - interval '2 days', available_until = now() - interval '1 day'",
		'not yet' => "available_from = now() + interval '1 day'",
	);
	for my $name (sort keys %hidden) {
		sql($database, "update content.item set $hidden{$name} where id = $movies[2]");
		unlike(titles('watchlist'), qr/M 3/, $name);
		is_problem(put($movies[2]), 404, 'not_found', '  nor put on it');
		sql($database, "update content.item set state = 'published', available_from = null, available_until = null where id = $movies[2]");
	}
	like(titles('watchlist'), qr/M 3/, 'it comes back');
	sql($database, "update content.item set min_age = 16 where id = $id{series}");
	my $teen = make_profile($tv, $who, name => 'Teen', max_age => 12)->{json}{id};
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	my $token = select_profile($tv, $device, $teen)->{json}{access_token};
	is_problem(put($_, $token), 404, 'not_found', 'an episode is as its series') for $id{episode}, $id{series};
	sql($database, "update content.item set min_age = 0 where id = $id{series}; delete from content.movie where id = $movies[4];
		delete from content.item where id = $movies[4]");
	unlike(titles('watchlist'), qr/M 5/, 'what is deleted is gone');
};

subtest 'what was begun' => sub {
	sql($database, "insert into users.progress (profile_id, item_id, position, duration, updated_at) values
			($profile, $movies[0], 1350, 5400, now() - interval '3 hours'), ($profile, $id{episode}, 300, 1200, now() - interval '2 hours');
		insert into users.resume (profile_id, group_id, item_id, updated_at) values ($profile, $movies[0], $movies[0], now() - interval '3 hours'),
			($profile, $id{series}, $id{episode}, now() - interval '2 hours'), ($profile, $movies[1], $movies[1], now() - interval '4 hours')");
	is(titles('continue-watching'), 'Seed Pilot, M 1, M 2', 'one entry a series, the latest first');
	my ($pilot, $movie, $fresh) = list('continue-watching');
	is_deeply([sort keys %{ $pilot->{content} }], \@card, 'a card');
	is_deeply([$pilot->{series}, @$pilot{qw(season number)}], [{ id => 0 + $id{series}, title => 'A Seed Series' }, 1, 1], '  and the series of it');
	is_deeply([@$movie{qw(series season number)}], [undef, undef, undef], '  a movie has none');
	is_deeply([@$pilot{qw(position duration progress)}], [300, 1200, 0.25], 'how far');
	is($pilot->{next_episode}{id}, $episodes[1], 'the next episode: over the end of the season, past the draft');
	is_deeply([@{ $pilot->{next_episode} }{qw(title season number)}], ['S2E1', 2, 1], '  named');
	ok(!defined $movie->{next_episode} || !defined $movie->{next_episode}{id}, 'a movie has none');
	is_deeply([@$fresh{qw(position duration progress)}], [0, 5400, 0], 'not far');
	is_deeply([list('continue-watching', undef, 1)], [list('continue-watching')], 'page by page it is the same');
	is(titles('continue-watching', $kid->{token}), '', "another profile's is its own");
	is_problem(take('continue-watching', $movies[0], $kid->{token}), 404, 'not_found');
	is(take('continue-watching', $movies[0])->{status}, 204, 'hidden');
	is(take('continue-watching', $id{episode})->{status}, 204, 'the episode hides its series');
	is(titles('continue-watching'), 'M 2', '  both are');
	is(sql($database, "select position from users.progress where profile_id = $profile and item_id = $movies[0]"), 1350, '  and the position stays');
	is_problem(take('continue-watching', $_), 404, 'not_found', "hide $_") for 9007199254740990, $movies[3];
	sql($database, "update users.resume set hidden = false, item_id = $episodes[2] where group_id = $id{series};
		insert into users.resume (profile_id, group_id, item_id) values (" . claims_of($kid->{token})->{pid} . ", $id{series}, $episodes[1])");
	my ($last) = grep { $_->{content}{id} == $episodes[2] } list('continue-watching');
	ok($last && !defined $last->{next_episode}{id}, 'the last episode has no next one');
	my ($seen) = list('continue-watching', $kid->{token});
	is($seen->{content}{title}, 'S2E1', 'a child goes on with what it may see');
	ok(!defined $seen->{next_episode}{id}, '  but not to what it may not');
	is(take('continue-watching', $id{series})->{status}, 204, 'a series is hidden by its own id');
};

subtest 'what was watched' => sub {
	sql($database, "insert into users.history (profile_id, item_id, watched_at, position)
		select $profile, id, now() - n * interval '1 minute', n from 
		unnest(array[$movies[0], $movies[1], $movies[0], $id{adult_movie}]) with ordinality u (id, n)");
	is(titles('history'), 'M 1, M 2, M 1, Adult Movie', 'newest first, as often as it was');
	is_deeply([sort grep { $_ ne 'id' } keys %{ (list('history'))[0] }], [qw(content number position season series watched_at)], 'members');
	is_deeply([list('history', undef, 1)], [list('history')], 'page by page it is the same');
	my @seen = $tv->pages('/users/history?limit=1', $who->{token}, sub {
		sql($database, "insert into users.history (profile_id, item_id) values ($profile, $movies[3])") if $_[0] == 1;
	});
	is(join(', ', map { $_->{content}{title} } @seen), 'M 1, M 2, M 1, Adult Movie', 'also when something is watched meanwhile');
	is(titles('history', $kid->{token}), '', "another profile's is its own");
};

subtest 'what is deleted while it is put on the list' => sub {
	my $said = deleted_when_waited_for($database, 'content.item', $movies[6]);
	is_problem(put($movies[6]), 404, 'not_found');
	like($said->(), qr/deleted/, 'it is gone');
};

done_testing();

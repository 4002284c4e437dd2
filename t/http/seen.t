# What a profile says of its history: this is seen, this was never watched, all of it is gone. Also while something plays.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Play;

my $database = database();
my %id = seed($database);
my $tv = keyed_server($database);
my @movies = make_movies($database, 9);
rule($database, type => 'free', kind => $_) for qw(movie episode channel);
my ($series, @episodes) = make_series($database, 'A Series', 3, 2);
my @seasons = split /\n/, sql($database, "select id from content.season where series_id = $series order by number");
sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x')");

sub mark { my ($who, $id) = @_; return $tv->request('PUT', "/users/history/$id", token => $who->{token})->{status} }
sub forget { my ($who, $id) = @_; return $tv->request('DELETE', '/users/history' . ($id ? "/$id" : ''), token => $who->{token})->{status} }
sub begun { my ($who) = @_; return join ', ', map { "$_->{content}{title} $_->{position}" } $tv->pages('/users/continue-watching', $who->{token}) }
sub viewings { my ($who) = @_; return join ', ', map { "$_->{content}{title} $_->{position}" } $tv->pages('/users/history', $who->{token}) }
sub progress { my ($who, @ids) = @_; return @{ $tv->get('/users/progress?ids=' . join(',', @ids), $who->{token})->{json}{items} } }
# Of each id: 1 seen, 0 not.
sub seen { my ($who, @ids) = @_; return join ' ', map { $_->{seen} ? 1 : 0 } progress($who, @ids) }
sub position { my ($who, $id) = @_; return watch($tv, $who, $id)->{json}{position} }

# An account of its own, and another profile of it for a child.
sub viewer { return account($tv) }
sub child_of
{
	my ($who) = @_;
	my $kid = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	return { %$who, token => select_profile($tv, $device, $kid)->{json}{access_token} };
}

subtest 'a movie' => sub {
	my $who = viewer();
	my ($one) = progress($who, $movies[0]);
	is_deeply($one, { content_id => 0 + $movies[0], seen => JSON::PP::false, position => 0, duration => 6000, progress => 0, episodes => undef,
		next_episode => undef }, 'not begun');
	view($tv, $who, $movies[0], 3000);
	($one) = progress($who, $movies[0]);
	is_deeply([@$one{qw(seen position progress)}], [JSON::PP::false, 3000, 0.5], 'in the middle');
	is(mark($who, $movies[0]), 204, 'marked') for 1, 2;
	is(begun($who), '', '  leaves what is gone on with');
	($one) = progress($who, $movies[0]);
	is_deeply([@$one{qw(seen position progress)}], [JSON::PP::true, 0, 0], '  is seen');
	is(position($who, $movies[0]), 0, '  and begins at the beginning');
	is(viewings($who), 'Movie 1 3000', 'what was watched stays what was watched');
	is(mark($who, $movies[1]), 204, 'one that was never begun');
	is(seen($who, @movies[1, 2, 0]), '1 0 1', '  is seen, too');
	is(viewings($who), 'Movie 1 3000', '  but was not watched');
	view($tv, $who, $movies[1], 600);
	is(begun($who), 'Movie 2 600', 'seen again');
	is(seen($who, $movies[1]), '1', '  it stays seen');
	is(forget($who, $movies[1]), 204, 'not seen') for 1, 2;
	is(seen($who, $movies[1]), '0', '  any more');
	is(begun($who), '', '  nor begun');
	is(position($who, $movies[1]), 0, '  nor anywhere in it');
	is(viewings($who), 'Movie 1 3000', '  nor watched');
};

subtest 'an episode' => sub {
	my $who = viewer();
	view($tv, $who, $episodes[1], 400);
	mark($who, $episodes[1]);
	is(begun($who), 'S2E1 0', 'the series goes on with the next one');
	is_deeply((progress($who, $series))[0]{next_episode}, { id => 0 + $episodes[2], title => 'S2E1', season => 2, number => 1 }, '  as it says itself');
	mark($who, $episodes[0]);
	is(begun($who), 'S2E1 0', 'one before that moves nothing');
	mark($who, $episodes[3]);
	is(begun($who), 'S2E1 0', '  nor does one after it');
	mark($who, $episodes[2]);
	is(begun($who), 'S3E1 0', 'what is seen already is passed');
	is(seen($who, @episodes, @seasons, $series), '1 1 1 1 0 0 1 1 0 0', 'a season is seen with its episodes, a series is not yet');
	is_deeply([map { $_->{episodes} } progress($who, $series, $seasons[2])], [{ count => 6, seen => 4 }, { count => 2, seen => 0 }], '  so many are');
	mark($who, $_) for @episodes[4, 5];
	is(begun($who), '', 'after the last one there is no entry');
	is(seen($who, $series), '1', '  and the series is seen');
	mark(my $other = viewer(), $episodes[0]);
	is(begun($other), 'S1E2 0', 'who marks the first one goes on with the second');
	is($tv->request('DELETE', "/users/continue-watching/$series", token => $other->{token})->{status}, 204, 'what is hidden');
	mark($other, $episodes[1]);
	is(begun($other), '', '  stays hidden');
};

subtest 'an episode that was never watched' => sub {
	my $who = viewer();
	view($tv, $who, $_, 990) for @episodes[0, 1];
	view($tv, $who, $episodes[2], 400);
	is(forget($who, $episodes[0]), 204, 'one of before');
	is(begun($who), 'S2E1 400', '  the series goes on where it was');
	is(viewings($who), 'S2E1 400, S1E2 990', '  without that one');
	forget($who, $episodes[2]);
	is(begun($who), 'S2E1 0', 'the one it was at: it begins there');
	forget($who, $episodes[1]);
	is(begun($who), '', 'with the last that was watched the entry goes');
	view($tv, $who, $_, 990) for @episodes[0, 1];
	is(begun($who), 'S2E1 0', 'two are watched');
	forget($who, $episodes[1]);
	is(begun($who), 'S1E2 0', '  the second was not: it is the next one');
	is(seen($who, @episodes[0, 1]), '1 0', '  and not seen');
};

subtest 'a season and a series' => sub {
	my $who = viewer();
	is(mark($who, $seasons[0]), 204, 'a season');
	is(seen($who, @episodes, $seasons[0]), '1 1 0 0 0 0 1', '  is its episodes');
	is(begun($who), 'S2E1 0', '  and goes on with the next one');
	view($tv, $who, $episodes[2], 500);
	is(mark($who, $series), 204, 'a series') for 1, 2;
	is(seen($who, @episodes, @seasons, $series), '1 1 1 1 1 1 1 1 1 1', '  is all of them');
	is(begun($who), '', '  and has no entry');
	is(forget($who, $seasons[1]), 204, 'a season not');
	is(seen($who, @episodes, @seasons, $series), '1 1 0 0 1 1 1 0 1 0', '  is its episodes');
	is(viewings($who), '', '  with what was watched of them');
	is(forget($who, $series), 204, 'a series not') for 1, 2;
	is(seen($who, @episodes, @seasons, $series), '0 0 0 0 0 0 0 0 0 0', '  is all of them');
	view($tv, $who, $episodes[2], 500);
	forget($who, $series);
	is(begun($who), '', '  and its entry');
	is(sql($database, "select count(*) from users.progress join users.profile p on p.id = profile_id where p.account_id = $who->{id}"), 0, 'nothing stays');
};

subtest 'what can be watched' => sub {
	my $who = viewer();
	my $child = child_of($who);
	my ($mixed, @parts) = make_series($database, 'Mixed', 2, 2);
	my ($last) = sql($database, "select id from content.season where series_id = $mixed and number = 2");
	sql($database, "update content.item set state = 'draft' where id = $parts[1];
		update content.item set available_from = now() + interval '1 day' where id = $parts[2];
		update content.item set min_age = 12 where id = $parts[3]");
	is(mark($child, $mixed), 204, 'a series');
	is(sql($database, "select string_agg(i.title, ' ' order by i.title) from users.progress g join content.item i on i.id = g.item_id join users.profile p on p.id = g.profile_id
		where p.account_id = $who->{id}"), 'S1E1', '  is what the child may see of it now');
	is(seen($child, $mixed), '1', '  which is all there is');
	is(seen($who, $mixed), '0', '  for it alone');
	is(mark($child, $last), 204, 'a season of which it may see nothing');
	is(seen($child, $last), '0', '  is not seen');
	is(mark($who, $mixed), 204, 'a grown-up');
	is_deeply((progress($who, $mixed))[0]{episodes}, { count => 2, seen => 2 }, '  sees one more');
	sql($database, "update content.item set state = 'published' where id = $parts[1]");
	is_deeply((progress($who, $mixed))[0]{episodes}, { count => 3, seen => 2 }, 'a new episode');
	is(seen($who, $mixed), '0', '  is not seen, and so the series is not');
	is_deeply([progress($child, $id{adult_movie}, $parts[3], 9007199254740990, $id{channel})], [], 'what it may not see does not exist');
	for my $case ([$child, $parts[3]], [$child, $id{adult_movie}], [$who, $parts[2]], [$who, $id{channel}], [$who, 9007199254740990]) {
		is_problem($tv->request('PUT', "/users/history/$case->[1]", token => $case->[0]{token}), 404, 'not_found');
	}
	is(forget($who, 9007199254740990), 204, 'what is not there was never watched');
	sql($database, "update content.item set state = 'draft' where id = $parts[0]");
	is(forget($who, $mixed), 204, 'what can not be seen any more');
	is(sql($database, "select count(*) from users.progress g join users.profile p on p.id = g.profile_id
		where p.account_id = $who->{id} and p.name <> 'Kid'"), 0, '  goes, too');
	is_problem($tv->get("/users/progress$_", $who->{token}), 400) for '', '?ids=', '?ids=' . join(',', 1 .. 101);
};

subtest 'all of it' => sub {
	my ($who, $other) = (viewer(), viewer());
	my $child = child_of($who);
	for my $one ($who, $child, $other) {
		view($tv, $one, $movies[3], 1000);
		view($tv, $one, $episodes[0], 990);
		mark($one, $movies[4]);
		$tv->put("/users/watchlist/$movies[3]", undef, $one->{token});
	}
	my $channel = watch_live($tv, $who, $id{channel})->{json}{session_id};
	beat($tv, $who, $channel, 60, 1, 'stop');
	my $lapsed = watch($tv, $who, $movies[5])->{json}{session_id};
	beat($tv, $who, $lapsed, 1000, 1);
	sql($database, "update play.session set seen_at = now() - interval '2 minutes' where id = $lapsed");
	is(scalar(() = viewings($who) =~ /,/g), 3, 'four viewings');
	is(forget($who, $id{channel}), 204, 'that of the channel');
	is(scalar(() = viewings($who) =~ /,/g), 2, '  is gone');
	is(forget($who), 204, 'the others') for 1, 2;
	is(viewings($who) . begun($who), '', '  as well');
	is(seen($who, @movies[3, 4], $episodes[0]), '0 0 0', '  and nothing is seen');
	my $e = $tv->get('/users/me/export', $who->{token})->{json};
	my ($own) = map { $_->{id} } grep { $_->{name} ne 'Kid' } @{ $e->{profiles} };
	is(scalar(grep { $_->{profile_id} == $own } map { @{ $e->{$_} } } qw(history progress play_sessions)), 0, '  nor kept');
	is(scalar(grep { $_->{profile_id} == $own } @{ $e->{watchlist} }), 1, 'the list stays');
	for my $one ($child, $other) {
		is(viewings($one), 'S1E1 990, Movie 4 1000', 'what others have');
		is(begun($one), 'S1E2 0, Movie 4 1000', '  stays');
		is(seen($one, @movies[3, 4], $episodes[0]), '0 1 1', '  as it was');
	}
	is(scalar(grep { $_->{seen} } @{ $e->{progress} }), 2, 'the export says what is seen');
};

# What the profile has of a title: viewings, positions, entries, each with how many, and how far the position is.
sub kept
{
	my ($who, $item) = @_;
	return sql($database, "select (select count(*) from users.history h where h.profile_id = p.id and h.item_id = $item) || ' ' ||
			(select count(*) || ' ' || coalesce(max(position), 0) from users.progress g where g.profile_id = p.id and g.item_id = $item) || ' ' ||
			(select count(*) from users.resume r where r.profile_id = p.id and r.item_id = $item)
		from users.profile p where p.account_id = $who->{id}");
}

subtest 'while it plays' => sub {
	my $who = viewer();
	my $id = watch($tv, $who, $movies[6])->{json}{session_id};
	my $seq = 0;
	beat($tv, $who, $id, $_, ++$seq) for 1000, 1030;
	for my $what ($movies[6], undef) {
		is(forget($who, $what), 204, $what ? 'a title' : 'all of it');
		is(kept($who, $movies[6]), '0 0 0 0', '  is gone');
		is(beat($tv, $who, $id, 2000 + $seq, ++$seq)->{status}, 200, '  and plays on');
		is(kept($who, $movies[6]), '1 1 ' . (1999 + $seq) . ' 1', '  which is written anew');
		is(beat($tv, $who, $id, 2000 + $seq, ++$seq)->{status}, 200, '  and on');
		is(kept($who, $movies[6]), '1 1 ' . (1999 + $seq) . ' 1', '  as before');
	}
	is(mark($who, $movies[6]), 204, 'seen');
	is(begun($who), '', '  meanwhile');
	beat($tv, $who, $id, 3000, ++$seq);
	is(begun($who), 'Movie 7 3000', '  goes on with who goes on');
	is(seen($who, $movies[6]), '1', '  and is seen');
	beat($tv, $who, $id, 3100, ++$seq, 'stop');
	is(kept($who, $movies[6]), '1 1 3100 1', 'one viewing');
};

subtest 'heartbeats that come at the same time' => sub {
	my $who = viewer();
	my %playing = map { ($_ => watch($tv, $who, $_)->{json}{session_id}) } @movies[6, 7];
	my ($seq, @bad) = (0);
	for my $round (1 .. 15) {
		my @texts = map {
			my $item = $_;
			map { request_text('POST', "/play/sessions/$playing{$item}/heartbeat", token => $who->{token}, body => { position => 1000 + $seq, seq => $seq++ }) } 1 .. 3;
		} sort keys %playing;
		splice @texts, 1 + $round % 5, 0, request_text(@{ ([DELETE => '/users/history'], [DELETE => "/users/history/$movies[6]"], [PUT => "/users/history/$movies[7]"])[$round % 3] },
			token => $who->{token});
		push @bad, map { "$_->{status} $_->{content}" } grep { $_->{status} !~ /^20[04]$/ } together($tv, @texts);
		push @bad, grep { !/^(?:1 1 1\d\d\d 1|0 0 0 0)$/ } map { kept($who, $_) } $round % 3 == 2 ? $movies[6] : keys %playing;
		for my $item (keys %playing) {
			beat($tv, $who, $playing{$item}, 1000 + $seq, $seq);
			push @bad, grep { $_ ne "1 1 " . (1000 + $seq) . ' 1' } kept($who, $item);
			$seq++;
		}
	}
	is_deeply(\@bad, [], 'all of a title is there, or nothing; and what plays on is there again');
};

subtest 'a rental' => sub {
	my $who = viewer();
	my $movie = $movies[8];
	sql($database, "delete from rights.rule where type = 'free' and kind = 'movie'");
	rule($database, type => 'rental', content_id => $movie, price_amount => 399, currency => 'EUR', start_within => 2592000, watch_within => 172800);
	is($tv->request('POST', "/ondemand/rent/$movie", token => $who->{token})->{status}, 201, 'rented');
	my $clock = sub { return sql($database, "select started_at, expires_at from rights.rental where account_id = $who->{id}") };
	my $id = watch($tv, $who, $movie)->{json}{session_id};
	is($clock->(), '|', 'its clock stands still');
	is(mark($who, $movie), 204, 'marked');
	is($clock->(), '|', '  marking does not begin it');
	beat($tv, $who, $id, 1000, 1);
	my $began = $clock->();
	like($began, qr/^2.*\|2/, 'the first heartbeat does');
	my $popular = sub { return sql($database, "select string_agg(id || ':' || popularity, ' ' order by id) from content.item") };
	my $before = $popular->();
	for my $what ($movie, undef) {
		is(forget($who, $what), 204, $what ? 'never watched' : 'nothing was');
		beat($tv, $who, $id, 1100, $what ? 2 : 3);
		view($tv, $who, $movie, 1200);
		is($clock->(), $began, '  its clock runs on');
	}
	is($tv->get('/users/rentals', $who->{token})->{json}{items}[0]{status}, 'watching', '  as it says');
	is($popular->(), $before, 'nothing has become less popular');
	sql($database, "update rights.rental set started_at = now() - interval '49 hours', expires_at = now() - interval '1 hour' where account_id = $who->{id}");
	is(forget($who), 204, 'after its time');
	is_problem(watch($tv, $who, $movie), 403, 'rental_expired', '  it stays over');
};

subtest 'many episodes' => sub {
	my $who = viewer();
	my ($long, @all) = make_series($database, 'Long', 9, 150);
	is(mark($who, $long), 204, 'marked');
	is_deeply((progress($who, $long))[0]{episodes}, { count => 1350, seen => 1350 }, 'all of them');
	is(forget($who, $all[1000]), 204, 'but one');
	is_deeply((progress($who, $long))[0]{episodes}, { count => 1350, seen => 1349 }, '  is not seen');
	is(begun($who), '', '  and nothing is gone on with, as nothing was begun');
	is(mark($who, $long), 204, 'again') for 1, 2;
	is(forget($who, $long), 204, 'none');
	is_deeply((progress($who, $long))[0]{episodes}, { count => 1350, seen => 0 }, '  is seen');
};

subtest 'what is deleted while it is marked' => sub {
	my $who = viewer();
	my $said = deleted_when_waited_for($database, 'content.item', $movies[2]);
	is_problem($tv->request('PUT', "/users/history/$movies[2]", token => $who->{token}), 404, 'not_found');
	like($said->(), qr/deleted/, 'it is gone');
};

done_testing();

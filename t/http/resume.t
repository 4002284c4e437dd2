# Where a profile goes on: from 5 % to 95 %, the next episode after that, whatever is watched again, and however heartbeats arrive.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Play;

my $database = database();
my $tv = keyed_server($database);
my @movies = make_movies($database, 12);
rule($database, type => 'free', kind => $_) for qw(movie episode channel);
sql($database, "create or replace function rights.stream_limit(account bigint) returns int language sql return 1000");
my ($series, @episodes) = make_series($database, 'A Series', 2, 2);

sub position { my ($who, $id) = @_; return watch($tv, $who, $id)->{json}{position} }
sub entries { my ($who) = @_; return $tv->pages('/users/continue-watching?limit=100', $who->{token}) }
sub list { my ($who) = @_; return join ', ', map { "$_->{content}{title} $_->{position}" } entries($who) }
sub history { my ($who) = @_; return join ', ', map { "$_->{content}{title} $_->{position}" } $tv->pages('/users/history', $who->{token}) }

subtest 'from 5 % to 95 %' => sub {
	my $who = account($tv);
	is(position($who, $movies[0]), 0, 'what was never seen begins at the beginning');
	for my $case ([299, 0, ''], [300, 300, 'Movie 1 300'], [3000, 3000, 'Movie 1 3000'], [5699, 5699, 'Movie 1 5699'], [5700, 0, ''], [6000, 0, '']) {
		my ($to, $from, $entry) = @$case;
		my $one = account($tv);
		view($tv, $one, $movies[0], 10, $to);
		is(position($one, $movies[0]), $from, "$to of 6000 s: goes on at $from");
		is(list($one), $entry, '  ' . ($entry ? 'as its entry says' : 'no entry'));
		is(history($one) =~ s/, .*//r, "Movie 1 $to", '  and it is in the history');
	}
	view($tv, $who, $movies[1], 9999);
	is(sql($database, "select position, finished from users.progress where item_id = $movies[1]"), '6000|t', 'no position is after the end');
	my $id = watch($tv, $who, $movies[2])->{json}{session_id};
	beat($tv, $who, $id, 2400, 1);
	my ($entry) = entries($who);
	is_deeply([@$entry{qw(position duration progress)}], [2400, 6000, 0.4], 'while it plays, the entry follows');
	beat($tv, $who, $id, 3000, 2);
	is((entries($who))[0]{progress}, 0.5, '  each heartbeat');
	is(beat($tv, $who, $id, 100, 3)->{status}, 200, 'going back');
	is(position($who, $movies[2]), 0, '  counts, too');
	is(beat($tv, $who, $id, 8, 4, 'ended')->{status}, 200, 'the player says that it has ended');
	is(list($who), '', '  that is the end, wherever it was');
};

subtest 'the duration' => sub {
	my $who = account($tv);
	sql($database, "insert into content.package (directory, segments, renditions) values ('short', '{4000,4000}', '[{\"path\": \"x.m3u8\"}]');
		update content.media set directory = 'short' where item_id = $movies[11]");
	my $played = watch($tv, $who, $movies[11])->{json};
	is($played->{duration}, 8, 'is that of the media, whatever the catalogue says');
	is(beats($tv, $who, $played->{session_id}, 1, 8), '200 200', 'watched to its end');
	is(list($who), '', '  it is seen');
};

subtest 'late, repeated, in any order' => sub {
	my $who = account($tv);
	my $id = watch($tv, $who, $movies[3])->{json}{session_id};
	is(beat($tv, $who, $id, @$_)->{status}, 200, "position $_->[0], number $_->[1]") for [600, 5], [400, 3], [600, 5], [700, 6], [100, 5], [650, 1];
	is(list($who), 'Movie 4 700', 'the newest counts');
	my $r = beat($tv, $who, $id, 700, 7, 'stop');
	is($r->{status}, 200, 'stopped');
	is(beat($tv, $who, $id, 700, 7, 'stop')->{status}, 200, '  twice');
	is(beat($tv, $who, $id, 400, 4)->{status}, 200, '  and a late one after it');
	is_problem(beat($tv, $who, $id, 800, 8), 410, 'session_over', '  but no newer one');
	is(list($who), 'Movie 4 700', '  changes nothing');
	is(history($who), 'Movie 4 700', 'one viewing');
	my $next = watch($tv, $who, $movies[3])->{json};
	is($next->{position}, 700, 'the next session goes on there');
	is(beat($tv, $who, $id, 3000, 9)->{status}, 410, 'the old one');
	beat($tv, $who, $next->{session_id}, 720, 0);
	is(list($who), 'Movie 4 720', '  moves nothing; numbers begin again with a session');
	my @all = map { [$_ * 10, $_] } 73 .. 92;
	my @r = together($tv, map { request_text('POST', "/play/sessions/$next->{session_id}/heartbeat", token => $who->{token},
		body => { position => 0 + $_->[0], seq => 0 + $_->[1] }) } sort { $a->[0] % 7 <=> $b->[0] % 7 } @all);
	is_deeply([grep { $_->{status} != 200 } @r], [], 'twenty at once');
	is(list($who), 'Movie 4 920', '  end at the newest');
};

subtest 'a series' => sub {
	my $who = account($tv);
	my $said = view($tv, $who, $episodes[0], 100, 500);
	is($said->{next_episode}{id}, $episodes[1], 'the next episode is named');
	is(list($who), 'S1E1 500', 'one entry');
	view($tv, $who, $episodes[0], 960);
	is(list($who), 'S1E2 0', 'after 95 % the next episode');
	is((entries($who))[0]{next_episode}{id}, $episodes[2], '  and after it the next season');
	view($tv, $who, $episodes[1], 20);
	is(list($who), 'S1E2 0', 'as good as not begun');
	view($tv, $who, $episodes[1], 300, 990);
	is(list($who), 'S2E1 0', 'over the end of a season');
	view($tv, $who, $episodes[3], 400);
	is(list($who), 'S2E2 400', 'skipping one');
	view($tv, $who, $episodes[3], 1000);
	is(list($who), '', 'after the last one the entry goes');
	is(scalar(() = history($who) =~ /S\dE\d/g), 6, 'six viewings');
	my $draft = sub { sql($database, "update content.item set state = '$_[0]' where id = $_[1]") };
	my $season = sql($database, "select season_id from content.episode where id = $episodes[2]");
	$draft->('draft', $episodes[1]);
	is(view($tv, $who, $episodes[0], 960)->{next_episode}{id}, $episodes[2], 'a draft is not the next episode');
	is(list($who), 'S2E1 0', '  nor what is gone on with');
	$draft->('draft', $season);
	is(view($tv, $who, $episodes[0], 960)->{next_episode}, undef, '  nor is one of a season that is a draft');
	is(list($who), '', '  the last one there is');
	$draft->('published', $_) for $season, $episodes[1];
	view($tv, $who, $episodes[3], 1000);
};

subtest 'watching again' => sub {
	my $who = account($tv);
	view($tv, $who, $_, 990) for @episodes[0, 1];
	view($tv, $who, $episodes[2], 400);
	is(list($who), 'S2E1 400', 'in the middle');
	view($tv, $who, $episodes[0], 30);
	is(list($who), 'S2E1 400', 'a look at an old episode changes nothing');
	is(position($who, $episodes[2]), 400, '  nor the position');
	view($tv, $who, $episodes[0], 30, 500);
	is(list($who), 'S1E1 500', 'seeing it again does');
	view($tv, $who, $episodes[0], 990);
	is(list($who), 'S1E2 0', '  and goes on from there, from the beginning');
	is(position($who, $episodes[2]), 400, '  what was begun is kept');
	view($tv, $who, $movies[4], 5900);
	is(sql($database, "select finished from users.progress where item_id = $movies[4]"), 't', 'a film seen to the end');
	view($tv, $who, $movies[4], 60);
	unlike(list($who), qr/Movie 5/, '  is not begun by a look');
	is(view($tv, $who, $movies[4], 600)->{position}, 0, '  begins at the beginning');
	like(list($who), qr/Movie 5 600/, '  and is gone on with');
	is(sql($database, "select finished from users.progress where item_id = $movies[4]"), 't', '  and stays one that was seen');
};

subtest 'hidden until it is watched again' => sub {
	my $who = account($tv);
	my $id = watch($tv, $who, $movies[5])->{json}{session_id};
	beat($tv, $who, $id, 1000, 1);
	is($tv->request('DELETE', "/users/continue-watching/$movies[5]", token => $who->{token})->{status}, 204, 'hidden');
	beat($tv, $who, $id, 1030, 2);
	beat($tv, $who, $id, 1060, 3, 'stop');
	is(list($who), '', '  also from the session that was on');
	is(watch($tv, $who, $movies[5])->{json}{position}, 1060, '  the position stays');
	is(list($who), '', '  and starting is not watching');
	view($tv, $who, $movies[5], 1100);
	is(list($who), 'Movie 6 1100', 'a heartbeat of a new session brings it back');
	view($tv, $who, $episodes[0], 960);
	$tv->request('DELETE', "/users/continue-watching/$series", token => $who->{token});
	view($tv, $who, $episodes[1], 10);
	like(list($who), qr/S1E2 0/, 'an episode that waits comes back as soon as it is watched');
};

subtest 'a profile each' => sub {
	my $who = account($tv);
	my $kid = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	my $child = { %$who, token => select_profile($tv, $device, $kid)->{json}{access_token} };
	view($tv, $who, $movies[6], 1000);
	view($tv, $child, $movies[6], 2000);
	is(list($who), 'Movie 7 1000', 'one');
	is(list($child), 'Movie 7 2000', 'and the other');
	is(history($child), 'Movie 7 2000', '  its own history');
	sql($database, "update content.item set min_age = 12 where id = $episodes[1]");
	is(watch($tv, $child, $episodes[0])->{json}{next_episode}, undef, 'no next episode above its age');
	view($tv, $child, $episodes[0], 990);
	is(list($child), 'Movie 7 2000', '  in its list neither');
	is($tv->request('DELETE', "/users/profiles/$kid", token => $who->{token})->{status}, 204, 'deleted');
	is(sql($database, "select count(*) from play.session where profile_id = $kid"), 0, '  with its sessions');
	sql($database, "update content.item set min_age = 0 where id = $episodes[1]");
};

subtest 'who goes silent' => sub {
	my $who = account($tv);
	my $id = watch($tv, $who, $movies[7])->{json}{session_id};
	beat($tv, $who, $id, 1000, 1);
	beat($tv, $who, $id, 1234, 2);
	sql($database, "update play.session set seen_at = now() - interval '2 minutes' where id = $id");
	is(command($database, 'play', 'reap')->{exit}, 0, 'reaped');
	is(history($who), 'Movie 8 1234', 'the history knows how far it got');
	is(list($who), 'Movie 8 1234', 'and so does the list');
};

subtest 'content that goes' => sub {
	my $who = account($tv);
	my $id = watch($tv, $who, $movies[8])->{json}{session_id};
	beat($tv, $who, $id, 1000, 1);
	sql($database, "delete from content.movie where id = $movies[8]; delete from content.item where id = $movies[8]");
	is_problem(beat($tv, $who, $id, 1030, 2), 404, 'not_found', 'its session has gone, too');
	is(list($who), '', 'and its entry');
};

done_testing();

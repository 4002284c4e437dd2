# Starting to play: every answer and every refusal, what the address is good for, heartbeats, and that no address outlives its right.
use strict;
use warnings;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;
use TV::Play;

my $database = database();
my %id = seed($database);
my $tv = keyed_server($database);
my $who = account($tv);
my $profile = profile_of($who);
my @movies = make_movies($database, 12);
make_playable($database, @id{qw(episode adult_movie)});
sql($database, "create or replace function rights.stream_limit(account bigint) returns int language sql return 100000");
rule($database, type => 'free', content_id => $_) for @movies[0, 1], @id{qw(episode adult_movie movie channel adult_channel)};
my $kid = do {
	my $made = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $device = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	+{ %$who, token => select_profile($tv, $device, $made)->{json}{access_token} };
};

sub sessions { return sql($database, 'select count(*) from play.session') }
sub seconds { my ($instant) = @_; return sql($database, "select extract(epoch from '$instant'::timestamptz)::bigint") }
# Nothing is left of the address for so many seconds of a session: its next heartbeat has to bring another one.
sub nearly_over { my ($session) = @_; sql($database, "update play.session set url_until = now() + interval '10 seconds' where id = $session") }

# A rental of a movie that was paid: account, movie, its columns.
sub rental
{
	my ($account, $movie, %column) = @_;
	my %all = (start_by => "now() + interval '30 days'", paid_at => 'now()', %column);
	my @names = sort keys %all;
	return sql($database, "insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality,
		start_within, watch_within, @{[join ', ', @names]}) values ($account, $movie, 'movie', 'M', 399, 'EUR', 'hd', 2592000, 172800,
		@{[join ', ', map { $all{$_} } @names]}) returning id");
}

subtest 'a movie' => sub {
	my $r = watch($tv, $who, $movies[0]);
	is($r->{status}, 200, 'plays') or return diag($r->{content});
	my $j = $r->{json};
	is_deeply([@$j{qw(protocol mime_type heartbeat_seconds position duration max_quality next_episode start)}],
		['hls', 'application/vnd.apple.mpegurl', 30, 0, 6000, 'uhd', undef, undef], 'what is said of it');
	is_deeply($j->{markers}, [{ kind => 'intro', start => 10, end => 40 }], 'markers');
	is($j->{subtitles}[0]{language}, 'en', 'subtitles');
	like($j->{playback_url}, qr{^http://127\.0\.0\.1:\d+/media/$movies[0]\.test/\d+-[0-9a-f]{64}/master\.m3u8$}, 'a signed address');
	is(expiry_of($j->{playback_url}), seconds($j->{expires_at}), '  that ends when expires_at says');
	cmp_ok(abs(seconds($j->{expires_at}) - time - 300), '<=', 15, '  in five minutes');
	is($r->{headers}{'cache-control'}, 'no-store', 'is kept by nobody');
	my $n = sessions();
	my $head = $tv->request('HEAD', "/play/ondemand/$movies[0]", token => $who->{token});
	is($head->{status}, 200, 'HEAD');
	is(sessions(), $n, '  starts nothing');
	is($tv->request('HEAD', "/play/ondemand/$movies[0]?takeover=$j->{session_id}", token => $who->{token})->{status}, 200, 'nor does it');
	is(beat($tv, $who, $j->{session_id}, 10, 1)->{status}, 200, '  take anything over');
	is(watch($tv, $who, $id{episode})->{status}, 200, 'an episode plays');
	is_problem($tv->get("/play/ondemand/$movies[0]"), 401, 'token_missing');
	is_problem($tv->get("/play/ondemand/$movies[0]?start=2020-01-01T00:00:00Z", $who->{token}), 400, 'unknown_parameter');
	is_problem($tv->post("/play/ondemand/$movies[0]", {}, $who->{token}), 405);
};

subtest 'no better than the right' => sub {
	my ($movie) = make_movies($database, 1, 'Plain');
	rule($database, type => 'free', content_id => $movie, max_quality => 'sd', exclusive => 'true');
	my $j = watch($tv, $who, $movie)->{json};
	is($j->{max_quality}, 'sd', 'the right is for SD');
	like($j->{playback_url}, qr{/media/$movie\.test\.sd/}, '  and so is the address, by what is signed');
	my $renewed = beat($tv, $who, $j->{session_id}, 10, 1)->{json};
	like($renewed->{playback_url}, qr{/media/$movie\.test\.sd/}, '  which a heartbeat repeats');
	sql($database, "update rights.rule set max_quality = 'hd' where content_id = $movie;
		update play.session set url_until = now() where id = $j->{session_id}");
	like(beat($tv, $who, $j->{session_id}, 20, 2)->{json}{playback_url}, qr{/media/$movie\.test\.hd/}, '  a new address is as good as the right is by then');
	$tv->request('DELETE', "/play/sessions/$j->{session_id}", token => $who->{token});
	sql($database, "insert into content.package (directory, segments, renditions) values ('large', '{6000}', '[{\"path\": \"2160p/index.m3u8\", \"height\": 2160}]');
		update content.media set directory = 'large' where item_id = $movie");
	is_problem(watch($tv, $who, $movie), 403, 'no_rendition', 'where all is better, nothing plays');
	sql($database, "update rights.rule set max_quality = 'uhd' where content_id = $movie");
	my $sinking = watch($tv, $who, $movie)->{json}{session_id};
	sql($database, "update rights.rule set max_quality = 'sd' where content_id = $movie");
	is(beat($tv, $who, $sinking, 10, 1)->{status}, 200, 'a right that sinks below all there is: what was given out holds');
	nearly_over($sinking);
	my $r = beat($tv, $who, $sinking, 20, 2);
	is_problem($r, 403, 'no_rendition', '  but nothing new is');
	is($r->{json}{reason}, 'no_rendition', '  with the reason');
	is_problem(beat($tv, $who, $sinking, 30, 3), 410, 'session_over', '  and the session is over');
	sql($database, "update rights.rule set max_quality = 'uhd' where content_id = $movie");
	my $lapsing = watch($tv, $who, $movie)->{json}{session_id};
	my $rental = rental($who->{id}, $movie, started_at => 'now()', expires_at => "now() + interval '1 hour'");
	sql($database, "update rights.rule set max_quality = 'sd' where content_id = $movie; update rights.rental set max_quality = 'uhd' where id = $rental;
		update play.session set rental_id = $rental where id = $lapsing");
	nearly_over($lapsing);
	like(beat($tv, $who, $lapsing, 10, 1)->{json}{playback_url}, qr{/media/$movie\.large/}, 'a rental that was begun goes on as it was');
};

subtest 'what does not exist' => sub {
	is_problem(watch($tv, $who, $_), 404, 'not_found', "no $_") for 9007199254740990, @id{qw(series season channel)};
	is_problem(watch_live($tv, $who, $_), 404, 'not_found', "live $_") for 9007199254740990, $movies[0];
	is_problem(watch($tv, $kid, $id{adult_movie}), 404, 'not_found', 'for a child what is for adults');
	sql($database, "update content.item set state = 'draft' where id = $movies[1]");
	is_problem(watch($tv, $who, $movies[1]), 404, 'not_found', 'a draft');
	sql($database, "update content.item set state = 'published' where id = $movies[1]");
	is_problem(watch($tv, $who, $id{movie}), 404, 'no_media', 'a title without media says so');
};

subtest 'refused with the reason and what would help' => sub {
	my $r = watch($tv, $who, $movies[2]);
	is_problem($r, 403, 'no_entitlement');
	is_deeply([@{ $r->{json} }{qw(reason offers)}], ['no_entitlement', []], 'nothing is sold');
	my $plan = sql($database, "insert into rights.plan (code, name, price_amount, currency) values ('basic', 'Basic', 799, 'EUR') returning id");
	rule($database, type => 'subscription', plan_id => $plan, content_id => $movies[2]);
	rule($database, type => 'rental', content_id => $movies[2], price_amount => 399, currency => 'EUR', start_within => 2592000, watch_within => 172800);
	rule($database, type => 'purchase', content_id => $movies[2], price_amount => 999, currency => 'EUR');
	$r = watch($tv, $who, $movies[2]);
	is_problem($r, 403, 'no_entitlement');
	my %offer = map { $_->{type} => $_ } @{ $r->{json}{offers} };
	is_deeply([sort keys %offer], [qw(purchase rental subscription)], 'three offers');
	is_deeply($offer{purchase}{price}, { amount => 999, currency => 'EUR' }, '  a price');
	is_deeply([@{ $offer{rental} }{qw(start_within watch_within)}], [2592000, 172800], '  the terms of a rental');
	is_deeply($offer{subscription}{plan}, { id => $plan, code => 'basic', name => 'Basic' }, '  a plan');
	is_deeply($r->{json}{offers}, $tv->get("/rights/access?ids=$movies[2]", $who->{token})->{json}{items}[0]{offers}, '  which are those of the decision');
	my %reason = (
		not_yet_available => ["available_from = now() + interval '1 day'", 'available_from = null'],
		no_longer_available => ["available_from = now() - interval '2 days', available_until = now() - interval '1 day'",
			'available_from = null, available_until = null'],
	);
	for my $reason (sort keys %reason) {
		sql($database, "update content.item set $reason{$reason}[0] where id = $movies[0]");
		my $refused = watch($tv, $who, $movies[0]);
		is_problem($refused, 403, $reason);
		is($refused->{json}{reason}, $reason, '  as reason');
		sql($database, "update content.item set $reason{$reason}[1] where id = $movies[0]");
	}
	sql($database, "update rights.rule set countries = '{SE}' where content_id = $movies[1]");
	is_problem(watch($tv, $who, $movies[1]), 403, 'territory');
	rental($who->{id}, $movies[3], start_by => "now() - interval '1 day'", paid_at => "now() - interval '40 days'");
	is_problem(watch($tv, $who, $movies[3]), 403, 'rental_expired');
	my $n = sessions();
	watch($tv, $who, $movies[$_]) for 1, 2, 3;
	is(sessions(), $n, 'nothing was started');
	my $gone = account($tv);
	sql($database, "update users.account set status = 'suspended' where id = $gone->{id}");
	is_problem(watch($tv, $gone, $movies[0]), 403, 'account_suspended', 'at once');
};

subtest 'heartbeats' => sub {
	my $j = watch($tv, $who, $movies[0])->{json};
	my $session = $j->{session_id};
	my $path = "/play/sessions/$session/heartbeat";
	my $r = beat($tv, $who, $session, 10, 0);
	is($r->{status}, 200, 'the first has the number 0');
	is($r->{json}{expires_at}, $j->{expires_at}, 'the address holds');
	is_problem($tv->post($path, $_->[0], $who->{token}), 422, undef, $_->[1]) for [{}, 'nothing'], [{ position => 1 }, 'no number'],
		[{ seq => 1 }, 'no position'], [{ position => -1, seq => 1 }, 'before the beginning'], [{ position => '1', seq => 1 }, 'text'],
		[{ position => 1, seq => 1, event => 'explode' }, 'an unknown event'], [{ position => 1, seq => 1, more => 1 }, 'an unknown member'];
	is_problem(beat($tv, account($tv), $session, 1, 1), 404, 'not_found', "somebody else's");
	is(beat($tv, $kid, $session, 20, 1)->{status}, 200, 'another profile of the account may send it');
	nearly_over($session);
	$r = beat($tv, $who, $session, 40, 2);
	cmp_ok(abs(seconds($r->{json}{expires_at}) - time - 300), '<=', 15, 'an address about to end is renewed');
	is(expiry_of($r->{json}{playback_url}), seconds($r->{json}{expires_at}), '  and comes with the answer');
	is(beat($tv, $who, $session, 40, 2)->{json}{playback_url}, $r->{json}{playback_url}, '  also when that is asked for again');
	sql($database, "update play.session set url_until = now() + interval '3 minutes' where id = $session");
	$r = beat($tv, $who, $session, 50, 3);
	ok(!exists $r->{json}{playback_url}, 'else there is none');
	nearly_over($session);
	sql($database, "update rights.rule set valid_until = now() where content_id = $movies[0]");
	$r = beat($tv, $who, $session, 60, 4);
	is_problem($r, 403, 'no_longer_available', 'renewal asks for the decision again');
	is_deeply($r->{json}{offers}, [], '  with offers');
	is_problem(beat($tv, $who, $session, 70, 5), 410, 'session_over', '  which ends the session');
	sql($database, "update rights.rule set valid_until = null where content_id = $movies[0]");
	my $tired = account($tv);
	my $last = watch($tv, $tired, $movies[0])->{json}{session_id};
	sql($database, "update users.account set status = 'suspended' where id = $tired->{id}");
	is_problem(beat($tv, $tired, $last, 5, 1), 403, 'account_suspended', 'a suspended account');
	my $out = account($tv);
	$last = watch($tv, $out, $movies[0])->{json}{session_id};
	sql($database, 'update auth.session set ended_at = now() where id = ' . session_of($out));
	is_problem(beat($tv, $out, $last, 5, 1), 401, 'session_ended', 'a sign-in that has ended');
	is_problem(watch($tv, $out, $movies[0]), 401, 'session_ended', '  starts nothing');
};

subtest 'channels' => sub {
	my $c = $id{channel};
	is_problem(watch_live($tv, $who, $c), 404, 'no_stream');
	sql($database, "insert into live.source (channel_id, url) values ($c, 'https://stream.example/one.m3u8'), ($id{adult_channel}, 'https://stream.example/two.m3u8')");
	my $r = watch_live($tv, $who, $c);
	is($r->{status}, 200, 'plays') or diag($r->{content});
	is($r->{json}{playback_url}, 'https://stream.example/one.m3u8', '  its own address');
	is_deeply([@{ $r->{json} }{qw(position next_episode markers subtitles)}], [0, undef, [], []], '  from no position');
	is(beat($tv, $who, $r->{json}{session_id}, 30, 1, 'stop')->{status}, 200, '  with heartbeats');
	is(sql($database, "select count(*) from users.progress where item_id = $c"), 0, '  and without progress');
	is(($tv->pages('/users/history', $who->{token}))[0]{content}{id}, $c, '  in the history');
	is_problem(watch_live($tv, $who, $c, 'start=2020-01-01T00:00:00Z'), 403, 'no_catchup', 'before what it keeps');
	is_problem(watch_live($tv, $who, $c, 'start=2099-01-01T00:00:00Z'), 422, 'invalid_start', 'to come');
	is_problem(watch_live($tv, $who, $c, "start=$_"), 400, undef, "start=$_") for 'now', '', 'infinity';
	is_problem(watch_live($tv, $kid, $id{adult_channel}), 404, 'not_found', "an adults' channel, for a child");
	my $n = sessions();
	my $hour = sql($database, "select to_char(now() at time zone 'UTC' - interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
	is_problem(watch_live($tv, $who, $c, "start=$hour"), 403, 'no_catchup', 'a stream of somebody else cannot start over');
	is(sessions(), $n, '  and starts nothing');

	# its own stream: a schedule
	sql($database, "delete from live.source where channel_id = $c; insert into live.schedule (channel_id, content_ids) values ($c, '{$movies[0]}')");
	$r = watch_live($tv, $who, $c, "start=$hour");
	is($r->{status}, 200, 'a channel with a schedule can') or diag($r->{content});
	like($r->{json}{playback_url} // '', qr{/play/hls/$c/\d+-[0-9a-f]{64}/\d+/master\.m3u8$}, '  from then');
	my $session = $r->{json}{session_id};
	nearly_over($session);
	like(beat($tv, $who, $session, 30, 1)->{json}{playback_url} // '', qr{/play/hls/$c/\d+-[0-9a-f]{64}/\d+/master\.m3u8$}, '  renewed, too');

	# what was begun at the edge of catch-up is not lost to the clock
	my $edge = sql($database, "update live.channel set catchup_hours = 2 where id = $c;
		select to_char(now() at time zone 'UTC' - interval '2 hours' + interval '30 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
	$session = watch_live($tv, $who, $c, "start=$edge")->{json}{session_id};
	sql($database, "update play.session set start_at = start_at - interval '60 seconds' where id = $session");
	nearly_over($session);
	$r = beat($tv, $who, $session, 60, 1);
	is($r->{status}, 200, 'begun at the edge of catch-up') or diag($r->{content});
	like($r->{json}{playback_url} // '', qr{/play/hls/$c/}, '  it goes on');
	is_problem(watch_live($tv, $who, $c, 'start=' . sql($database, "select to_char(now() at time zone 'UTC' - interval '2 hours 1 second', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")),
		403, 'no_catchup', 'a second beyond it nothing begins');

	# programmes above the age of the profile
	is(watch_live($tv, $kid, $c)->{status}, 200, 'a child, while all is well');
	my $watching = watch_live($tv, $kid, $c)->{json}{session_id};
	sql($database, "update live.programme set min_age = 16 where channel_id = $c and now() >= start_at and now() < end_at");
	is_problem(watch_live($tv, $kid, $c), 403, 'age_restricted', 'while something for adults is on');
	is_problem(watch_live($tv, $kid, $c, "start=$hour"), 403, 'age_restricted', '  also by starting over before it');
	is(watch_live($tv, $who, $c)->{status}, 200, '  which adults see');
	nearly_over($watching);
	is_problem(beat($tv, $kid, $watching, 30, 1), 403, 'age_restricted', '  nor is the address renewed');
	sql($database, "update live.programme set min_age = 0 where channel_id = $c;
		delete from live.programme where channel_id = $c and end_at > now();
		insert into live.programme (channel_id, start_at, end_at, title, min_age)
			values ($c, now() + interval '100 seconds', now() + interval '1 hour', 'Late film', 16)");
	$r = watch_live($tv, $kid, $c);
	cmp_ok(abs(seconds($r->{json}{expires_at}) - time - 100), '<=', 15, 'an address ends where the film for adults begins');
	cmp_ok(abs(seconds(watch_live($tv, $who, $c)->{json}{expires_at}) - time - 300), '<=', 15, '  but not for adults');
};

subtest 'what a provider keeps' => sub {
	my $c = sql($database, "with i as (insert into content.item (kind, title, min_age) values ('channel', 'Kept elsewhere', 0) returning id)
		insert into live.channel (id, number, catchup_hours) select id, 700, 24 from i returning id");
	rule($database, type => 'free', content_id => $c);
	my $live = 'https://stream.example/me/secret/live.m3u8';
	sql($database, "insert into live.source (channel_id, url) values ($c, '$live')");
	my $hours = sub { return $tv->get("/livetv/channels/$c", $who->{token})->{json}{catchup_hours} };
	my $at = sub { return 'start=' . POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) };
	my $now = int time;
	my ($start, $end) = ($now - 7200, $now - 6000);
	sql($database, "insert into live.programme (channel_id, start_at, end_at, title)
		values ($c, to_timestamp($start - 600), to_timestamp($end), 'Over'), ($c, to_timestamp($now - 600), to_timestamp($now + 1200), 'Running')");
	is_problem(watch_live($tv, $who, $c, $at->($start)), 403, 'no_catchup', 'nothing, as far as is known');
	is($hours->(), 0, '  which viewers are told');

	sql($database, "update live.source set catchup = 'https://stream.example/me/secret/{utc}-{utcend}-{duration}-{lutc}.m3u8' where channel_id = $c");
	is($hours->(), 24, 'how it is asked for');
	my $r = watch_live($tv, $who, $c, $at->($start));
	is($r->{status}, 200, 'what is over plays') or return diag($r->{content});
	like(my $url = $r->{json}{playback_url}, qr{^https://stream\.example/me/secret/$start-$end-1200-(\d+)\.m3u8$}, '  from there to its end');
	cmp_ok(abs($1 - time), '<=', 30, '  as of now') if $url =~ /-(\d+)\.m3u8$/;
	my $session = $r->{json}{session_id};
	sql($database, "update play.session set started_at = started_at - interval '100 seconds' where id = $session");
	nearly_over($session);
	my ($begun) = $url =~ /-(\d+)\.m3u8$/;
	is(beat($tv, $who, $session, 90, 1)->{json}{playback_url}, $url =~ s/-$begun\.m3u8$/-@{[$begun - 100]}.m3u8/r, '  and goes on at the address of its beginning');
	my $with = watch_live($tv, $who, $c, $at->($now - 10 * 3600))->{json}{playback_url};
	like($with, qr{/secret/@{[$now - 10 * 3600]}-@{[$now - 6 * 3600]}-14400-\d+\.m3u8$}, 'where the guide knows nothing, four hours');
	$with = watch_live($tv, $who, $c, $at->($now - 600))->{json}{playback_url};
	my ($until, $length, $asked) = $with =~ m{/secret/@{[$now - 600]}-(\d+)-(\d+)-(\d+)\.m3u8$};
	is_deeply([$until, $length], [$asked, ($asked // 0) - $now + 600], 'what still runs, as far as it has come') or diag($with);
	cmp_ok($until, '<', $now + 1000, '  which is not its end');
	is(watch_live($tv, $who, $c, $at->(time - 5))->{json}{playback_url}, $live, 'what is on now, live');
	is_problem(watch_live($tv, $who, $c, $at->($now - 25 * 3600)), 403, 'no_catchup', 'before what it keeps');
	is_problem(watch_live($tv, $who, $c, $at->($now + 3600)), 422, 'invalid_start', 'to come');
	is_problem($tv->get("/play/live/$c?" . $at->($start)), 401, 'token_missing', 'nothing without a token');

	# heartbeats that come at once are taken together: each has its own address
	my @sessions = map { watch_live($tv, $who, $c, $at->($start - $_))->{json} } 1 .. 6;
	my @pipes = map {
		my $mine = $_;
		pipe my $from, my $to or die "pipe: $!";
		background(sub { print $to beat($tv, $who, $mine->{session_id}, 5, 1)->{json}{playback_url}, "\n"; close $to });
		close $to;
		$from;
	} @sessions;
	is_deeply([map { my $line = <$_> // ''; chomp $line; $line } @pipes], [map { $_->{playback_url} } @sessions], 'several at once');

	# what is above the age of the profile
	is(watch_live($tv, $kid, $c, $at->($start))->{status}, 200, 'a child');
	my $watching = watch_live($tv, $kid, $c, $at->($start))->{json}{session_id};
	nearly_over($watching);
	is(beat($tv, $kid, $watching, 5, 1)->{status}, 200, '  goes on');
	sql($database, "insert into live.programme (channel_id, start_at, end_at, title, min_age)
		values ($c, to_timestamp($start - 3600), to_timestamp($start - 1800), 'Not for children', 16)");
	is_problem(watch_live($tv, $kid, $c, $at->($start - 2000)), 403, 'age_restricted', '  not in what is for adults');
	is_problem(watch_live($tv, $kid, $c, $at->($start - 5000)), 403, 'age_restricted', '  nor shortly before it');
	my $early = watch_live($tv, $kid, $c, $at->($start - 6 * 3600))->{json}{session_id};
	nearly_over($early);
	is(beat($tv, $kid, $early, 5, 1)->{status}, 200, '  but long before it');
	sql($database, "update play.session set started_at = started_at - interval '4 hours 57 minutes' where id = $early");
	nearly_over($early);
	is_problem(beat($tv, $kid, $early, 17000, 2), 403, 'age_restricted', '  until that is reached: what a provider sends may have no end');

	# taken away meanwhile
	sql($database, "update live.source set catchup = null where channel_id = $c");
	nearly_over($session);
	is_problem(beat($tv, $who, $session, 100, 2), 403, 'no_catchup', 'kept no more');
	is($hours->(), 0, '  which viewers are told');
	unlike($tv->log_text, qr/secret/, 'no address is in the logs');
};

subtest 'rentals' => sub {
	my $movie = $movies[4];
	my $rental = rental($who->{id}, $movie);
	my $clock = sub { return sql($database, "select started_at is not null from rights.rental where id = $rental") };
	my $j = watch($tv, $who, $movie)->{json};
	is($clock->(), 'f', 'starting does not start its clock');
	is(beat($tv, $who, $j->{session_id}, 1, 1)->{status}, 200, 'a heartbeat');
	is($clock->(), 't', '  does');
	is(sql($database, "select expires_at - started_at from rights.rental where id = $rental"), '2 days', '  for 48 hours');
	is(watch($tv, $who, $movie)->{status}, 200, 'again');

	# over: a session that was begun in time may finish (expires_at and the runtime of 6,000 s), nothing else
	my $session = $j->{session_id};
	sql($database, "update rights.rental set started_at = now() - interval '49 hours', expires_at = now() - interval '1 hour' where id = $rental;
		update play.session set started_at = now() - interval '2 hours' where id = $session");
	is_problem(watch($tv, $who, $movie), 403, 'rental_expired', 'no new session');
	nearly_over($session);
	my $r = beat($tv, $who, $session, 3000, 2);
	is($r->{status}, 200, 'the old one goes on') or diag($r->{content});
	cmp_ok(abs(seconds($r->{json}{expires_at}) - time - 300), '<=', 15, '  for now');
	sql($database, "update rights.rental set expires_at = now() - interval '5900 seconds' where id = $rental");
	nearly_over($session);
	cmp_ok(abs(seconds(beat($tv, $who, $session, 3000, 3)->{json}{expires_at}) - time - 100), '<=', 15, '  no longer than the film lasts');
	sql($database, "update rights.rental set expires_at = now() - interval '6001 seconds' where id = $rental");
	nearly_over($session);
	is_problem(beat($tv, $who, $session, 3000, 4), 403, 'rental_expired', '  then it is over');

	my $refunded = rental($who->{id}, $movies[5]);
	$session = watch($tv, $who, $movies[5])->{json}{session_id};
	beat($tv, $who, $session, 1, 1);
	sql($database, "update rights.rental set closed_at = now(), refunded_at = now() where id = $refunded");
	nearly_over($session);
	is_problem(beat($tv, $who, $session, 3000, 2), 403, 'no_entitlement', 'paid back is over at once');

	# as an administrator gives it back, whatever the address would still hold
	for my $right (qw(grant purchase)) {
		my ($admin, $viewer, $other) = ($tv->admin, account($tv), account($tv));
		my ($film) = make_movies($database, 1, 'Taken away');
		my $given = $right eq 'grant'
			? $tv->post('/admin/rights/grants', { user_id => 0 + $viewer->{id}, content_id => 0 + $film }, $admin->{token})->{json}{id}
			: do { rule($database, type => 'purchase', content_id => $film, price_amount => 900, currency => 'EUR'); $tv->post("/ondemand/purchase/$film", undef, $viewer->{token})->{json}{id} };
		$session = watch($tv, $viewer, $film)->{json}{session_id};
		my $untouched = watch($tv, $other, $movies[0])->{json};
		is(beat($tv, $viewer, $session, 1, 1)->{status}, 200, "a $right plays");
		my $taken = $right eq 'grant' ? $tv->request('DELETE', "/admin/rights/grants/$given", token => $admin->{token})
			: $tv->request('POST', "/admin/rights/purchases/$given/refund", token => $admin->{token});
		like($taken->{status}, qr/^20[04]$/, '  until it is taken away') or diag($taken->{content});
		is(sql($database, "select count(*) from rights.holding where account_id = $viewer->{id} and refunded_at is null"), 0, '  is held no more');
		is_problem(beat($tv, $viewer, $session, 31, 2), 403, 'no_entitlement', '  which the next heartbeat says');
		is(beat($tv, $other, $untouched->{session_id}, 31, 1)->{json}{expires_at}, $untouched->{expires_at}, '  and others go on');
	}

	# two devices begin it at once; two statements do, and the later one waits for the other
	for my $round (1 .. 5) {
		my $renter = account($tv);
		my $both = rental($renter->{id}, $movies[8]);
		my @on = map { watch($tv, $renter, $movies[8])->{json}{session_id} } 1, 2;
		my @r = together($tv, map { request_text('POST', "/play/sessions/$_/heartbeat", token => $renter->{token}, body => { position => 1, seq => 1 }) } @on);
		is("@{[map { $_->{status} } @r]}", '200 200', 'two first heartbeats at once');
		is(sql($database, "select expires_at - started_at from rights.rental where id = $both"), '2 days', '  start one clock');
	}
	my $waited = rental($who->{id}, $movies[9]);
	my ($pid, $read) = background(sub { print { $_[0] } sql($database, "begin; select rights.start_rental($waited); select pg_sleep(2); commit") });
	for (1 .. 100) {
		last if sql($database, "select count(*) from pg_stat_activity where query like '%start_rental($waited)%pg_sleep%' and wait_event = 'PgSleep'");
		sleep 0.05;
	}
	is(sql($database, "select rights.start_rental($waited)"), 't', 'who waited for another one knows that it has begun');
	end_process($pid);

	my $late = rental($who->{id}, $movies[6]);
	$session = watch($tv, $who, $movies[6])->{json}{session_id};
	sql($database, "update rights.rental set start_by = now() where id = $late");
	is_problem(beat($tv, $who, $session, 1, 1), 403, 'rental_expired', 'a first heartbeat that comes too late');
	is(sql($database, "select started_at is null from rights.rental where id = $late"), 't', '  starts no clock');
	$late = rental($who->{id}, $movies[7], started_at => "now() - interval '1 day'", expires_at => "now() + interval '1 hour'");
	$session = watch($tv, $who, $movies[7])->{json}{session_id};
	sql($database, "update content.item set available_until = now() + interval '20 seconds' where id = $movies[7]");
	nearly_over($session);
	cmp_ok(abs(seconds(beat($tv, $who, $session, 3000, 2)->{json}{expires_at}) - time - 20), '<=', 15, "the publisher's window ends it, too");
};

# Rentals that end within the next seconds, asked for all the while: every address ends with its rental or before.
subtest 'no address outlives its right' => sub {
	my @renters = map { account($tv) } 1 .. 10;
	my ($rentals, %end) = (0);
	my @titles = make_movies($database, 100, 'Edge');
	for my $renter (@renters) {
		sql($database, "insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
				watch_within, paid_at, start_by, started_at, expires_at)
			select $renter->{id}, id, 'movie', 'M', 399, 'EUR', 'hd', 2592000, 172800, now() - interval '3 days', now() + interval '27 days',
				now() - interval '2 days', clock_timestamp() + interval '2 seconds' + random() * interval '12 seconds'
			from unnest('{@{[join ',', @titles]}}'::bigint[]) id");
		$end{ $renter->{id} } = { map { split /\|/ } split /\n/,
			sql($database, "select item_id, extract(epoch from expires_at) from rights.rental where account_id = $renter->{id}") };
		$rentals += keys %{ $end{ $renter->{id} } };
	}
	is($rentals, 1000, 'a thousand of them');
	my ($played, $refused, $wrong, $after, @wrong) = (0) x 4;
	my $until = time + 15;
	while (time < $until) {
		my @asked = map { my $renter = $renters[rand @renters]; [$renter, $titles[rand @titles]] } 1 .. 40;
		my @r = together($tv, map { request_text('GET', "/play/ondemand/$_->[1]", token => $_->[0]{token}) } @asked);
		my $now = time;
		for my $n (0 .. $#r) {
			my ($renter, $title) = @{ $asked[$n] };
			my $end = $end{ $renter->{id} }{$title};
			if ($r[$n]{status} == 200) {
				$played++;
				push @wrong, "$title: $r[$n]{json}{playback_url} of a right until $end" if expiry_of($r[$n]{json}{playback_url}) > $end;
			} elsif ($r[$n]{status} == 403) {
				$refused++;
				push @wrong, "$title: refused before $end" if $now < $end;
			} else {
				push @wrong, "$title: $r[$n]{status} $r[$n]{content}";
			}
		}
		sleep 0.02;
	}
	note("$played addresses, $refused refusals");
	cmp_ok($played, '>', 20, 'asked before the edge');
	cmp_ok($refused, '>', 20, '  and after it');
	is(scalar @wrong, 0, 'none is wrong') or diag(join "\n", @wrong[0 .. ($#wrong < 4 ? $#wrong : 4)]);
};

subtest 'erasing' => sub {
	my $gone = account($tv);
	my $session = watch($tv, $gone, $movies[0])->{json}{session_id};
	beat($tv, $gone, $session, 100, 1);
	my $export = $tv->get('/users/me/export', $gone->{token})->{json};
	is_deeply([map { [@$_{qw(content_id position)}] } @{ $export->{play_sessions} }], [[$movies[0], 100]], 'the export has play sessions');
	is($tv->request('DELETE', '/users/me', body => { password => $password }, token => $gone->{token})->{status}, 204, 'erased');
	is(sql($database, "select count(*) from play.session where id = $session"), 0, '  with its sessions');
};

# An erasing that has come to the rows before those of the sessions, and waits there until somebody waits for it, once.
subtest 'a heartbeat while it is being erased' => sub {
	sql($database, 'create function public.wait_for_another() returns trigger language plpgsql security definer as $$ begin
		loop exit when exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid);
			exit when exists (select from pg_sequences where sequencename = \'waited\' and last_value is not null);
			perform pg_sleep(0.01);
		end loop;
		perform nextval(\'public.waited\'), set_config(\'deadlock_timeout\', \'50ms\', true);
		return old;
	end $$');
	my $editor = admin($tv);
	for (['account', 'auth.session', 200], ['profile', 'users.progress', 200], ['profile', 'users.progress', 4000], ['title', 'users.progress', 4000]) {
		my ($what, $table, $position) = @$_;
		my $gone = account($tv);
		my $id = make_profile($tv, $gone, name => 'Gone')->{json}{id};
		my $set = { token => sign_in($tv, $gone->{email}, $password)->{json}{access_token} };
		$set->{token} = select_profile($tv, $set, $id)->{json}{access_token};
		my ($title) = make_movies($database, 1, 'Gone');
		rule($database, type => 'free', content_id => $title);
		my $session = watch($tv, $set, $title)->{json}{session_id};
		beat($tv, $set, $session, 3900, 1);
		sql($database, "create sequence public.waited; create trigger waits before delete on $table for each row execute function public.wait_for_another()");
		my %erase = (
			account => ['/users/me', body => { password => $password }, token => $gone->{token}],
			profile => ["/users/profiles/$id", token => $gone->{token}],
			title => ["/admin/ondemand/movies/$title", token => $editor->{token}],
		);
		my ($pid, $read) = background(sub { print { $_[0] } $tv->request('DELETE', @{ $erase{$what} })->{status} });
		ok(wait_for(sub { sql($database, "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") }),
			"the $what is being erased");
		my $r = beat($tv, $set, $session, $position, 2);
		# of a title each waits for the other; who erases notices first, and begins again
		like($r->{status}, $what eq 'title' ? qr/^200$/ : qr/^4(01|04|10)$/, "  a heartbeat at $position is answered") or diag($r->{content});
		is(join('', <$read>), 204, '  and it is gone');
		end_process($pid);
		sql($database, "drop trigger waits on $table; drop sequence public.waited");
	}
};

# As one statement with heartbeats of two of its sessions does.
subtest 'who has one of its sessions and then wants the other one' => sub {
	my $gone = account($tv);
	my @session = map { watch($tv, $gone, $movies[0])->{json}{session_id} } 1, 2;
	my $erasing = "exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid)
		or exists (select from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and wait_event = 'PgSleep')";
	my ($pid, $read) = background(sub { print { $_[0] } sql($database, "set deadlock_timeout = '50ms'; begin;
		select from play.session where id = $session[1] for update;
		do \$\$ begin loop perform pg_stat_clear_snapshot(); exit when $erasing; perform pg_sleep(0.001); end loop; end \$\$;
		select 'got it' from play.session where id = $session[0] for update; commit") });
	ok(wait_for(sub { sql($database, "select count(*) from pg_stat_activity where query like '%$session[1] for update%' and wait_event = 'PgSleep'") }), 'it has the one');
	is($tv->request('DELETE', '/users/me', body => { password => $password }, token => $gone->{token})->{status}, 204, 'the account is erased');
	like(join('', <$read>), qr/got it/, '  and does not wait for the other one while it has this');
	end_process($pid);
};

subtest 'media from elsewhere' => sub {
	my $edge = keyed_server($database, TV_MEDIA_URL => 'https://cdn.example');
	my $j = watch($edge, $who, $movies[0])->{json};
	like($j->{playback_url}, qr{^https://cdn\.example/media/$movies[0]\.test/\d+-[0-9a-f]{64}/master\.m3u8$}, 'a CDN has the path as it is');
	is(expiry_of($j->{playback_url}), seconds($j->{expires_at}), '  signed for as long');
	like(watch_live($edge, $who, $id{channel})->{json}{playback_url} // '', qr{^http://127\.0\.0\.1:\d+/play/hls/}, 'playlists of a channel are computed here');
	$edge->stop;
};

subtest 'without a key' => sub {
	my $mute = server($database, env => { TV_JWT_KEY => $jwt_key, TV_MEDIA_KEY => 'short' });
	my $n = sessions();
	is_problem(watch($mute, $who, $movies[0]), 503, 'not_configured');
	is(sessions(), $n, 'nothing is started');
};

done_testing();

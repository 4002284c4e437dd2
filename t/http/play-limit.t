# How many play at once: exactly as many as the plan says, however they race; what is in the way is named, can be taken over, and
# is told so.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Play;

my $database = database();
my $tv = keyed_server($database, TV_WORKERS => 6);
my @movies = make_movies($database, 8);
rule($database, type => 'free', kind => 'movie');
my %plan = map { $_ => sql($database, "insert into rights.plan (code, name, price_amount, currency, max_streams)
	values ('p-$_', 'Plan $_', 100, 'EUR', $_) returning id") } 1, 3, 5;

sub subscriber
{
	my ($streams) = @_;
	my $who = account($tv);
	sql($database, "insert into rights.subscription (account_id, plan_id, status, anchor_at, period_start, period_end, grace_days)
		values ($who->{id}, $plan{$streams}, 'active', now(), now(), now() + interval '1 month', 3)");
	return $who;
}

sub ids { return [map { $_->{id} } @{ $_[0]{json}{sessions} // $_[0]{json}{items} }] }
sub running { my ($who) = @_; return $tv->get('/play/sessions', $who->{token}) }
sub lapse { my ($id) = @_; sql($database, "update play.session set seen_at = now() - interval '91 seconds' where id = $id") }

subtest 'as many as the plan says' => sub {
	for my $n (1, 3) {
		my $who = subscriber($n);
		my @started = map { watch($tv, $who, $movies[$_]) } 0 .. $n;
		is_deeply([map { $_->{status} } @started], [(200) x $n, 409], "$n of " . ($n + 1));
		is_problem($started[$n], 409, 'stream_limit');
		is_deeply(ids($started[$n]), [map { $_->{json}{session_id} } @started[0 .. $n - 1]], '  with the others');
		is_deeply(ids(running($who)), ids($started[$n]), '  as GET /play/sessions has them');
	}
	my $without = account($tv);
	is_deeply([map { watch($tv, $without, $movies[$_])->{status} } 0 .. 2], [200, 200, 409], 'two without a plan');
};

subtest 'the refusal names what plays' => sub {
	my $who = subscriber(1);
	my $tokens = sign_in($tv, $who->{email}, $password, device_name => 'Kitchen TV')->{json};
	my $first = watch($tv, { token => $tokens->{access_token} }, $movies[2])->{json};
	my ($other) = @{ watch($tv, $who, $movies[3])->{json}{sessions} };
	is_deeply([@$other{qw(id device_name)}], [$first->{session_id}, 'Kitchen TV'], 'which and where');
	is_deeply($other->{content}, { id => $movies[2], kind => 'movie', title => 'Movie 3' }, '  what');
	like($other->{started_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, '  since when');
	my $kid = make_profile($tv, $who, name => 'Kid', max_age => 6)->{json}{id};
	my $tablet = { %$who, token => sign_in($tv, $who->{email}, $password)->{json}{access_token} };
	my $child = { token => select_profile($tv, $tablet, $kid)->{json}{access_token} };
	sql($database, "update content.item set min_age = 16 where id = $movies[2]");
	($other) = @{ watch($tv, $child, $movies[3])->{json}{sessions} };
	is($other->{id}, $first->{session_id}, 'a child sees that something plays');
	is($other->{content}, undef, '  but not what');
	is(running($child)->{json}{items}[0]{content}, undef, '  nor in the list');
	sql($database, "update content.item set min_age = 0 where id = $movies[2]");
};

subtest 'taking over' => sub {
	my $who = subscriber(1);
	my $tablet = { %$who, token => sign_in($tv, $who->{email}, $password, device_name => 'Tablet')->{json}{access_token} };
	my $first = watch($tv, $who, $movies[0])->{json}{session_id};
	is(beat($tv, $who, $first, 1000, 1)->{status}, 200, 'one plays');
	my $mine = watch($tv, $tablet, $movies[1], "takeover=$first");
	is($mine->{status}, 200, 'another takes its place') or diag($mine->{content});
	my $gone = beat($tv, $who, $first, 1030, 2);
	is_problem($gone, 410, 'taken_over', 'the first is told');
	is($gone->{json}{by}{device_name}, 'Tablet', '  by which device');
	is($gone->{json}{by}{profile}{id}, profile_of($who), '  and whose profile');
	is_problem(beat($tv, $who, $first, 1030, 2), 410, 'taken_over', '  each time');
	is(sql($database, "select position from users.progress where item_id = $movies[0]"), 1000, '  and its position stays');
	is_deeply(ids(running($who)), [$mine->{json}{session_id}], 'one plays');
	is(watch($tv, $who, $movies[2], "takeover=$first")->{status}, 409, 'taking over what is over makes no room');
	my $stranger = subscriber(1);
	my $theirs = watch($tv, $stranger, $movies[0])->{json}{session_id};
	for my $id ($theirs, 9007199254740990) {
		is_problem(watch($tv, $who, $movies[2], "takeover=$id"), 404, 'not_found', "not $id");
	}
	is(beat($tv, $stranger, $theirs, 1, 1)->{status}, 200, "  and a stranger's goes on");
	is_problem(watch($tv, $who, 9007199254740990, "takeover=$mine->{json}{session_id}"), 404, 'not_found');
	is_deeply(ids(running($who)), [$mine->{json}{session_id}], 'a refused start ends nothing');
	is_problem(watch($tv, $who, $movies[2], 'takeover=x'), 400);
};

subtest 'what has gone silent gives way' => sub {
	my $who = subscriber(1);
	my $first = watch($tv, $who, $movies[0])->{json}{session_id};
	sql($database, "update play.session set seen_at = now() - interval '85 seconds' where id = $first");
	is(watch($tv, $who, $movies[1])->{status}, 409, 'not yet');
	is(beat($tv, $who, $first, 1500, 1)->{status}, 200, 'a heartbeat keeps it');
	lapse($first);
	is_deeply(ids(running($who)), [], 'after three missed ones it does not play');
	my $second = watch($tv, $who, $movies[1]);
	is($second->{status}, 200, '  and another may');
	my $late = beat($tv, $who, $first, 1600, 2);
	is_problem($late, 410, 'session_over', 'coming back is too late');
	is($late->{json}{ended}, 'lapsed', '  and says why');
	is(watch($tv, $who, $movies[2])->{status}, 409, '  without taking the place again');
	lapse($second->{json}{session_id});
	my $reaped = command($database, 'play', 'reap');
	is($reaped->{exit}, 0, 'play reap') or diag($reaped->{err});
	is(sql($database, "select ended_how from play.session where id = $second->{json}{session_id}"), 'lapsed', '  ends it');
	sql($database, "update play.session set ended_at = now() - interval '25 hours' where id = $first");
	command($database, 'play', 'reap');
	is(sql($database, "select count(*) from play.session where id = $first"), 0, '  and forgets what is long over');
};

subtest 'ending' => sub {
	my ($who, $stranger) = (subscriber(1), subscriber(1));
	my $id = watch($tv, $who, $movies[0])->{json}{session_id};
	is_problem($tv->request('DELETE', "/play/sessions/$id", token => $stranger->{token}), 404, 'not_found');
	is($tv->request('DELETE', "/play/sessions/$id", token => $who->{token})->{status}, 204, 'ended');
	is_problem($tv->request('DELETE', "/play/sessions/$id", token => $who->{token}), 404, 'not_found', 'once');
	my $told = beat($tv, $who, $id, 5, 1);
	is_problem($told, 410, 'session_over', 'its heartbeats');
	is($told->{json}{ended}, 'deleted', '  say how');
	is(watch($tv, $who, $movies[0])->{status}, 200, 'there is room again');
};

subtest 'two at the last free place' => sub {
	for my $n (1, 3) {
		for my $round (1 .. 12) {
			my $who = subscriber($n);
			watch($tv, $who, $movies[$_])->{status} == 200 or fail('fill') for 2 .. $n;
			my @r = together($tv, map { request_text('GET', "/play/ondemand/$movies[$_ % 8]", token => $who->{token}) } 1 .. 6);
			my %count;
			$count{ $_->{status} }++ for @r;
			is_deeply(\%count, { 200 => 1, 409 => 5 }, "round $round: one of six at place $n");
			is(sql($database, "select count(*) from play.session where account_id = $who->{id} and ended_at is null"), $n, "  $n play");
		}
	}
	my $who = subscriber(3);
	my @r = together($tv, map { request_text('GET', "/play/ondemand/$movies[$_ % 8]", token => $who->{token}) } 1 .. 12);
	is(scalar(grep { $_->{status} == 200 } @r), 3, 'three of twelve');
	is(scalar(grep { $_->{status} == 409 } @r), 9, '  and nine are told');
};

subtest 'two take the same over' => sub {
	for my $round (1 .. 8) {
		my $who = subscriber(1);
		my $first = watch($tv, $who, $movies[0])->{json}{session_id};
		my @r = together($tv, map { request_text('GET', "/play/ondemand/$movies[$_]?takeover=$first", token => $who->{token}) } 1 .. 4);
		is_deeply([sort map { $_->{status} } @r], [200, 409, 409, 409], "round $round: one gets it");
		is(scalar @{ running($who)->{json}{items} }, 1, '  and one plays');
	}
};

done_testing();

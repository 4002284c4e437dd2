# Requests that wait for a worker at once are answered by one statement: each as it is answered alone, whatever the others ask.
use strict;
use warnings;
use List::Util qw(uniq);
use Test::More;
use TV;
use TV::Accounts;
use TV::Play;

my $database = database();
my %id = seed($database);
my $service = 'service-' . 'x' x 40;
my $tv = keyed_server($database, TV_SERVICE_TOKEN => $service, TV_WORKERS => 1);
my @who = map { account($tv) } 1 .. 3;
sql($database, "insert into rights.rule (type, kind, price_amount, currency) values ('purchase', 'movie', 900, 'EUR');
	insert into rights.rule (type, kind) values ('free', 'channel');
	update users.account set country = 'NO' where id = $who[1]{id}");

sub asked { my (%body) = @_; return request_text('POST', '/rights/check_access', body => \%body, token => $service) }
sub round_trips { return $tv->get('/metrics')->{content} =~ /^antenna_database_duration_seconds_count (\d+)$/m ? $1 : die 'no count' }
sub plain { my ($r) = @_; return { status => $r->{status}, body => $r->{content} =~ s/"request_id":"[^"]*"//r, map { ($_ => $r->{headers}{$_}) } qw(etag link) } }

# While the worker waits for the table, all but the first wait for the worker.
sub while_held
{
	my ($table, @texts) = @_;
	# From when somebody waits for it: on a busy machine that may be long after.
	my ($holder) = background(sub { sql($database, "do \$\$ begin
		lock table $table;
		for i in 1 .. 100 loop
			exit when exists (select from pg_locks where relation = '$table'::regclass and not granted);
			perform pg_sleep(0.05);
		end loop;
		perform pg_sleep(0.7);
	end \$\$") });
	wait_for { sql($database, "select count(*) from pg_locks where relation = '$table'::regclass and mode = 'AccessExclusiveLock' and granted") } 5
		or die 'no lock';
	my @answers = together($tv, @texts);
	waitpid $holder, 0;
	return @answers;
}

my $looking = round_trips();
$looking = round_trips() - $looking; # /metrics looks at the database itself

my @texts = (
	(map { my $who = $_; map { asked(user_id => 0 + $who->{id}, content_id => 0 + $id{$_}) } qw(movie channel series) } @who),
	asked(user_id => 0 + $who[0]{id}, content_id => 0 + $id{movie}, country => 'NO', at => '2020-02-29T12:00:00Z'),
	asked(user_id => 999999, content_id => 0 + $id{movie}), # nobody
	asked(user_id => 0 + $who[0]{id}, content_id => 999999), # nothing
	asked(user_id => 0 + $who[0]{id}, content_id => 0 + $id{movie}, profile_id => 0 + $who[1]{id}), # of another account
	asked(user_id => 'x', content_id => 0 + $id{movie}), # refused before
	request_text('POST', '/rights/check_access', body => { user_id => 1, content_id => 1 }, token => 'wrong'),
	request_text('GET', "/rights/access?ids=$id{movie}", token => $who[2]{token}), # of another route
);
my @alone = map { plain((together($tv, $_))[0]) } @texts;

subtest 'each as alone' => sub {
	my $before = round_trips();
	my @answers = map { plain($_) } while_held('rights.rule', @texts);
	my $trips = round_trips() - $before - $looking;
	is_deeply([map { $_->{status} } @alone], [(200) x 10, 404, 404, 200, 422, 401, 200], 'what they are');
	is_deeply($answers[$_], $alone[$_], "answer $_") for 0 .. $#texts;
	cmp_ok($trips, '<=', 7, "$trips round trips to the database for 14 decisions");
};

subtest 'one that the database refuses' => sub {
	sql($database, "update rights.rule set countries = '{NO}' where type = 'purchase';
		create or replace function rights.in_territory(country text, countries text[], excluded text[]) returns boolean language plpgsql
			immutable as 'begin if country = ''SE'' then raise; end if; return country = any (countries); end'");
	@alone = map { plain((together($tv, $_))[0]) } @texts[0 .. 7];
	my $refused = asked(user_id => 0 + $who[0]{id}, content_id => 0 + $id{movie}, country => 'SE');
	my $alone = plain((together($tv, $refused))[0]);
	cmp_ok($alone->{status}, '>=', 400, 'alone') or diag(explain($alone));
	my @answers = map { plain($_) } while_held('rights.rule', @texts[0 .. 3], $refused, @texts[4 .. 7]);
	is_deeply($answers[4], $alone, 'is refused');
	is_deeply($answers[$_ < 4 ? $_ : $_ + 1], $alone[$_], "answer $_") for 0 .. 7;
};

subtest 'pages of a list, and titles' => sub {
	sql($database, "with i as (insert into content.item (kind, title, min_age, state, year) select 'movie', 'Film ' || n, 0, 'published', 1950 + n / 3
		from generate_series(1, 60) n returning id) insert into content.movie (id) select id from i");
	my @paths = map { "/ondemand/movies?sort=$_&limit=7" } qw(year title year);
	push @paths, '/ondemand/movies?sort=year&limit=3', '/ondemand/movies?sort=year&genre=nothing', map { "/ondemand/movies/$_" } $id{movie}, 999999;
	my $next = $tv->get($paths[0], $who[0]{token})->{json}{next};
	splice @paths, 1, 0, "$paths[0]&cursor=$next", "/ondemand/movies?sort=year&limit=7&year_to=1960", "/ondemand/movies?sort=year&cursor=x";
	my @gets = map { request_text('GET', $_, token => $who[0]{token}) } @paths;
	my @alone = map { plain((together($tv, $_))[0]) } @gets;
	is_deeply([map { $_->{status} } @alone], [200, 200, 200, 400, (200) x 5, 404], 'what they are');
	isnt($alone[0]{body}, $alone[1]{body}, 'another page');
	for my $turn (0 .. 1) {
		my $before = round_trips();
		my @answers = map { plain($_) } while_held('content.listing', @gets);
		is_deeply($answers[$_], $alone[$_], "$paths[$_]") for 0 .. $#paths;
		my $trips = round_trips() - $before - $looking;
		cmp_ok($trips, '<=', 7, "$trips round trips for 9 pages and titles");
		@gets = reverse @gets; @alone = reverse @alone; @paths = reverse @paths;
	}
};

subtest 'any text is one value' => sub {
	my @gets = map { request_text('GET', '/ondemand/movies?sort=title&limit=2&cursor=' . cursor_of('/ondemand/movies?sort=title', $_, 1), token => $who[0]{token}) }
		'F', 'E"},{\\', 'NULL', '\\', '"';
	my @alone = map { plain((together($tv, $_))[0]) } @gets;
	my $before = round_trips();
	my @answers = map { plain($_) } while_held('content.listing', @gets);
	my $trips = round_trips() - $before - $looking;
	is_deeply(\@answers, \@alone, 'answers');
	cmp_ok($trips, '<=', 3, "$trips round trips for 5 pages");
};

subtest 'series, people, channels, and what was begun' => sub {
	my $kid = do {
		my $made = make_profile($tv, $who[2], name => 'Kid', max_age => 6)->{json}{id};
		my $device = { %{ $who[2] }, token => sign_in($tv, $who[2]{email}, $password)->{json}{access_token} };
		+{ %{ $who[2] }, token => select_profile($tv, $device, $made)->{json}{access_token} };
	};
	sql($database, "insert into users.resume (profile_id, group_id, item_id) select p.id, i.id, i.id from users.profile p, content.item i
		where i.title ~ '^Film [1-9]\$' and i.id % 4 > p.id % 3");
	my %paths = (
		'content.item' => ["/ondemand/series/$id{series}", "/ondemand/series/$id{adult_series}", "/ondemand/series/$id{series}/episodes",
			"/ondemand/series/$id{adult_series}/episodes", "/ondemand/series/$id{series}/episodes?season=1&limit=1"],
		'content.person' => ["/ondemand/people/$id{person}", '/ondemand/people/999999', "/ondemand/people/$id{person}"],
		'live.channel' => [map { "/livetv/channels/$_" } @id{qw(channel adult_channel movie)}],
		'users.resume' => ['/users/continue-watching', '/users/continue-watching?limit=2', '/users/continue-watching?limit=1'],
	);
	for my $table (sort keys %paths) {
		my @gets = map { my $who = $_; map { request_text('GET', $_, token => $who->{token}) } @{ $paths{$table} } } $who[0], $kid;
		my @alone = map { plain((together($tv, $_))[0]) } @gets;
		my $before = round_trips();
		my @answers = map { plain($_) } while_held($table, @gets);
		my $trips = round_trips() - $before - $looking;
		is_deeply($answers[$_], $alone[$_], $paths{$table}[$_ % @{ $paths{$table} }]) for 0 .. $#gets;
		cmp_ok(scalar(uniq(map { $_->{body} } @alone)), '>=', 2, "$table: they differ");
		cmp_ok($trips, '<', @gets, "  in $trips round trips");
	}
};

subtest 'heartbeats, behind their sign-ins' => sub {
	rule($database, type => 'free', kind => 'movie');
	my @movies = make_movies($database, 8, 'Played');
	my $beats = sub {
		my ($seq, @more) = @_;
		my @all = map { ["/play/sessions/$_->{id}/heartbeat", $_->{token}, { position => 1000 + $seq, seq => $seq }] } @more;
		return map { request_text('POST', $_->[0], token => $_->[1], body => $_->[2]) } @all;
	};
	my $admin = admin($tv);
	my @played = map { my $who = $_ < 6 ? $who[$_ % 3] : $admin; +{ token => $who->{token}, id => watch($tv, $who, $movies[$_])->{json}{session_id} } } 0 .. 7;
	is(scalar(grep { $_->{id} } @played), 8, 'sessions');
	my $stored = sub { return sql($database, 'select string_agg(position::text, \' \' order by id) from play.session where id in (' . join(',', map { $_->{id} } @played) . ')') };
	my $held = sub {
		my $before = round_trips();
		my @r = while_held('play.session', @_);
		return (round_trips() - $before - $looking, @r);
	};

	together($tv, $beats->(1, @played)); # the first of each notes where it is; the next ones go on
	my ($trips, @r) = $held->($beats->(2, @played[0 .. 5]));
	is("@{[map { $_->{status} } @r]}", '200 200 200 200 200 200', 'six at once');
	is_deeply([map { $_->{json}{playback_url} =~ m{/media/(\d+)\.} } @r], [@movies[0 .. 5]], '  each with its own address');
	cmp_ok($trips, '<=', 3, "  in $trips round trips"); # two may be on their way before the others come
	is($stored->(), '1002 1002 1002 1002 1002 1002 1001 1001', '  each has its position');

	my $strange = { token => $played[0]{token}, id => $played[1]{id} };
	($trips, @r) = $held->($beats->(3, @played[0, 0], $strange, @played[2 .. 4]));
	is("@{[map { $_->{status} } @r]}", '200 200 404 200 200 200', 'one of another account, and one twice');
	cmp_ok($trips, '<=', 4, "  in $trips round trips");
	is($stored->(), '1003 1002 1003 1003 1003 1002 1001 1001', '  and nothing else moves');

	($trips, @r) = $held->($beats->(4, @played));
	is("@{[map { $_->{status} } @r]}", '200 200 200 200 200 200 200 200', 'administrators beside them');
	cmp_ok($trips, '>=', 3, '  are asked one by one');

	sql($database, "update auth.session set ended_at = now() where account_id = $who[1]{id}");
	($trips, @r) = $held->($beats->(5, @played[0 .. 5]));
	is("@{[map { $_->{status} . ' ' . ($_->{json}{code} // '') } @r]}", '200  401 session_ended 200  200  401 session_ended 200 ', 'an ended sign-in is one');
	is($stored->(), '1005 1004 1005 1005 1004 1005 1004 1004', '  the others have their positions');
};

# The answer to one is written while the next one's statement is on its way.
subtest 'heartbeats of a channel, many times at once' => sub {
	sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/1.m3u8')");
	my @plays = map { my $who = account($tv); map { +{ token => $who->{token}, id => watch_live($tv, $who, $id{channel})->{json}{session_id} } } 1, 2 } 1 .. 8;
	my %count;
	for my $seq (1 .. 60) {
		my @texts = map { request_text('POST', "/play/sessions/$_->{id}/heartbeat", token => $_->{token}, body => { position => $seq, seq => $seq }) } @plays;
		$count{"$_->{status} " . ($_->{json}{playback_url} // $_->{content})}++ for together($tv, @texts);
	}
	is_deeply(\%count, { '200 https://stream.example/1.m3u8' => 960 }, 'each has its address');
	like($tv->get('/metrics')->{content}, qr/^antenna_workers_ended_total 0$/m, 'and no worker ends');
};

done_testing();

# Requests that wait for a worker at once are answered by one statement: each as it is answered alone, whatever the others ask.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use TV;
use TV::Accounts;

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
	my ($holder) = background(sub { sql($database, "begin; lock table $table; select pg_sleep(0.7); commit") });
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
	my @gets = map { request_text('GET', '/ondemand/movies?sort=title&limit=2&cursor=' . encode_base64url("$_\x1f1"), token => $who[0]{token}) }
		'F', 'E"},{\\', 'NULL', '\\', '"';
	my @alone = map { plain((together($tv, $_))[0]) } @gets;
	my $before = round_trips();
	my @answers = map { plain($_) } while_held('content.listing', @gets);
	my $trips = round_trips() - $before - $looking;
	is_deeply(\@answers, \@alone, 'answers');
	cmp_ok($trips, '<=', 3, "$trips round trips for 5 pages");
};

done_testing();

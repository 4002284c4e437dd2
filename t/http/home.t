# Home's rails: what is in each and in which order, and that age, drafts and windows hold in all of them.
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);
use Test::More;
use TV;

my $database = database();
my $tv = server($database);
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my $viewer = account($tv);
my $kid = sign_token($viewer->{token}, age => 7);

sub home { my ($token) = @_; my $r = $tv->get('/ondemand/home', $token // $viewer->{token}); die $r->{content} unless $r->{status} == 200; return @{ $r->{json}{items} } }
sub rail { my ($id, $token) = @_; my ($rail) = grep { $_->{id} eq $id } home($token); return $rail }
sub titles { my $rail = rail(@_); return $rail && [map { $_->{title} } @{ $rail->{items} }] }
sub everything { return map { @{ $_->{items} } } home(@_) }

# An item of a kind; columns are SQL.
sub add
{
	my ($kind, $title, %columns) = @_;
	my @names = sort keys %columns;
	my $id = sql($database, "insert into content.item (" . join(', ', qw(kind title), @names) . ") values ('$kind', '$title'"
		. join('', map { ", $columns{$_}" } @names) . ') returning id');
	sql($database, "insert into content.$kind (id) values ($id)");
	return $id;
}

subtest 'an empty catalogue' => sub {
	for my $path (qw(/ondemand/home /ondemand/movies /ondemand/series /ondemand/genres /livetv/channels /livetv/now /livetv/epg /users/watchlist
		/users/continue-watching /users/history), '/ondemand/movies?genre=drama&sort=popular', '/ondemand/movies?person=1', '/livetv/now?channels=1,2') {
		my $r = $tv->get($path, $viewer->{token});
		is($r->{status}, 200, $path) or diag($r->{content});
		is_deeply($r->{json}{items}, [], '  has no items');
		is($r->{json}{next}, undef, '  and no next page');
	}
	is(command($database, 'ondemand', 'count-genres')->{exit}, 0, 'genres can be counted');
	is_deeply([home()], [], 'and there is still nothing');
};

sql($database, "insert into content.genre (slug, name) select s, initcap(s) from unnest('{drama,war,comedy,crime,family,horror,music}'::text[]) s");

subtest 'rails' => sub {
	add('movie', sprintf('M%02d', $_), min_age => $_ % 2 ? 0 : 16, added_at => "now() - $_ * interval '1 hour'", popularity => $_ * 7 % 31,
		genres => "'{" . ($_ % 3 ? 'drama' : 'war') . "}'", year => 1990 + $_, runtime => 5400, synopsis => "repeat('s', 400)", rating_code => "'PG'") for 1 .. 50;
	add('series', "S$_", min_age => $_ == 1 ? 16 : 0, added_at => "now() - $_ * interval '1 minute'", genres => "'{comedy}'", popularity => $_) for 1 .. 3;
	is_deeply([map { $_->{id} } home()], [qw(newest popular series)], 'those that have something in them');
	is_deeply(titles('newest'), [map { sprintf 'M%02d', $_ } 1 .. 20], 'the newest movies');
	is_deeply(titles('newest', $kid), [map { sprintf 'M%02d', $_ * 2 - 1 } 1 .. 20], '  for a child');
	my @by_popularity = sort { $b * 7 % 31 <=> $a * 7 % 31 || $b <=> $a } 1 .. 50;
	is_deeply(titles('popular'), [map { sprintf 'M%02d', $_ } @by_popularity[0 .. 19]], 'the most popular ones');
	is_deeply(titles('series'), [qw(S1 S2 S3)], 'series');
	is_deeply(titles('series', $kid), [qw(S2 S3)], '  for a child');
	my ($newest) = home();
	is($newest->{title}, 'Newest', 'a rail has a title');
	my $card = $newest->{items}[0];
	is_deeply([sort grep { !/^available_/ } keys %$card], [sort qw(id kind title original_title year runtime genres rating poster synopsis)], 'its items are cards');
	is_deeply([@$card{qw(kind year runtime genres rating)}], ['movie', 1991, 5400, ['drama'], { code => 'PG', min_age => 0 }], '  with their values');
	is(length $card->{synopsis}, 300, '  and a short synopsis');
	my $r = $tv->get('/ondemand/home', $viewer->{token});
	is($tv->get('/ondemand/home', $viewer->{token}, headers => { 'If-None-Match' => $r->{headers}{etag} })->{status}, 304, 'nothing new is not sent again');
};

subtest 'genres' => sub {
	is(scalar(grep { $_->{genre} } home()), 0, 'before they are counted there are none');
	is(command($database, 'ondemand', 'count-genres')->{exit}, 0, 'counted');
	is_deeply([map { $_->{id} } home()], [qw(newest popular series genre-drama genre-war)], 'those with most titles first; without movies none');
	my $war = rail('genre-war');
	is_deeply([@$war{qw(title genre)}], ['War', 'war'], 'what it is');
	is_deeply(titles('genre-war'), [map { sprintf 'M%02d', $_ } sort { $b * 7 % 31 <=> $a * 7 % 31 || $b <=> $a } grep { $_ % 3 == 0 } 1 .. 50], 'by popularity');
	is(scalar(grep { $_->{rating}{min_age} > 7 } everything($kid)), 0, 'a child sees nothing above its age');
	is(scalar @{ titles('genre-war', $kid) }, 8, '  but what is for it');
	add('movie', 'Only Horror', min_age => 18, genres => "'{horror}'");
	command($database, 'ondemand', 'count-genres');
	is_deeply(titles('genre-horror'), ['Only Horror'], 'one movie makes a rail');
	is(titles('genre-horror', $kid), undef, '  and none for whom it is not');
	add('movie', "More $_", min_age => 0, genres => "'{" . join(',', (qw(comedy crime family music))[0 .. $_ % 4]) . "}'", added_at => "now() - interval '9 days'") for 1 .. 12;
	command($database, 'ondemand', 'count-genres');
	my @rails = grep { $_->{genre} } home();
	is(scalar @rails, 6, 'six of seven genres');
	is_deeply([map { $_->{genre} } @rails[0, 1]], [qw(drama war)], '  the largest first');
	sql($database, "delete from content.movie where id in (select id from content.item where title = 'Only Horror');
		delete from content.item where title = 'Only Horror'");
	is(titles('genre-horror'), undef, 'a genre whose movies are gone is not there, counted or not');
};

subtest 'coming and leaving' => sub {
	my %row = (
		'Next week' => ["now() + interval '7 days'", 'null', 0], 'Tomorrow' => ["now() + interval '1 day'", "now() + interval '3 days'", 0],
		'Tomorrow for adults' => ["now() + interval '25 hours'", 'null', 18], 'Ends in 29 days' => ['null', "now() + interval '29 days'", 0],
		'Ends in 31 days' => ['null', "now() + interval '31 days'", 0], 'Ends today' => ["now() - interval '1 day'", "now() + interval '1 hour'", 0],
		'Ends today for adults' => ['null', "now() + interval '2 hours'", 18], 'Ended' => ['null', "now() - interval '1 second'", 0],
	);
	my %id = map { ($_ => add('movie', $_, available_from => $row{$_}[0], available_until => $row{$_}[1], min_age => $row{$_}[2])) } sort keys %row;
	add('series', 'Series next month', available_from => "now() + interval '30 days'", min_age => 0);
	add('movie', 'Draft tomorrow', available_from => "now() + interval '1 day'", min_age => 0, state => "'draft'");
	add('movie', 'Draft that ends', available_until => "now() + interval '1 day'", min_age => 0, state => "'draft'");
	is_deeply(titles('coming-soon'), ['Tomorrow', 'Tomorrow for adults', 'Next week', 'Series next month'], 'coming soon, the soonest first');
	is_deeply(titles('coming-soon', $kid), ['Tomorrow', 'Next week', 'Series next month'], '  for a child');
	is_deeply(titles('leaving-soon'), ['Ends today', 'Ends today for adults', 'Ends in 29 days'], 'leaving soon, the soonest first');
	is_deeply(titles('leaving-soon', $kid), ['Ends today', 'Ends in 29 days'], '  for a child');
	my ($soon) = @{ rail('coming-soon')->{items} };
	like($soon->{available_from}, qr/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'it says when');
	my @open = map { $_->{title} } map { @{ $_->{items} } } grep { $_->{id} ne 'coming-soon' } home();
	is(scalar(grep { /^(Tomorrow|Next week|Series next|Ended|Draft)/ } @open), 0, 'what is not open is in no other rail');
	is_problem($tv->get("/ondemand/movies/$id{$_}", $viewer->{token}), 404, 'not_found', $_) for 'Tomorrow', 'Next week', 'Ended';
	is(scalar(grep { $_->{title} =~ /^(Ended|Draft)/ } everything()), 0, 'what is over, or a draft, is in none');
};

subtest 'a window opens and closes' => sub {
	my ($from, $until) = (int(time) + 3, int(time) + 5);
	add('movie', 'Premiere', available_from => "to_timestamp($from)", available_until => "to_timestamp($until)", min_age => 0, added_at => "now() + interval '1 hour'");
	my $where = sub { return join ' ', grep { my $id = $_; grep { $_ eq 'Premiere' } @{ titles($id) || [] } } qw(newest coming-soon leaving-soon) };
	my $first = $where->();
	is($first, 'coming-soon', 'it comes') if time < $from;
	ok((wait_for { return $where->() eq 'newest leaving-soon' } 6), 'it is there, and leaves soon') or diag($where->());
	ok(time >= $from, '  not too early');
	ok((wait_for { return $where->() eq '' } 6), 'it has left');
	ok(time >= $until, '  not too early');
};

done_testing();

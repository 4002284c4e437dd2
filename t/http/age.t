# A child's profile sees nothing above its age, on no way: every GET route, every parameter, every page and every id of the
# demonstration. The same walk by an adult's profile finds plenty, or it would prove nothing.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

use constant AGE => 6;

my $database = database();
load_demo($database);
my $tv = server($database);
my $adult = account($tv);
my $kid_profile = make_profile($tv, $adult, name => 'Kid', is_kids => JSON::PP::true(), max_age => AGE)->{json}{id};
my $phone = { %$adult, token => sign_in($tv, $adult->{email}, $password)->{json}{access_token} };
my $kid = select_profile($tv, $phone, $kid_profile)->{json};

# A key for players of each, so that there is one to be seen.
$tv->request('POST', '/livetv/player-key', token => $_) for $kid->{access_token}, $adult->{token};

sub column { return split /\n/, sql($database, $_[0]) }

# What is not for children: items (an episode or season also by its series), programmes (also by their channel).
my $items = 'from content.item i left join content.episode e on e.id = i.id left join content.season n on n.id = i.id
	left join content.item s on s.id = coalesce(e.series_id, n.series_id)';
my $programmes = 'from live.programme p join content.item c on c.id = p.channel_id';
my ($old, $old_programme) = ('greatest(i.min_age, s.min_age) > ' . AGE, 'greatest(p.min_age, c.min_age) > ' . AGE);
my %forbidden_id = map { $_ => 1 } column("select i.id $items where $old union all select p.id $programmes where $old_programme");
my %forbidden_title = map { $_ => 1 } column("(select i.title $items where $old union select p.title $programmes where $old_programme)
	except select i.title $items where not ($old) except select p.title $programmes where not ($old_programme)
	except select name from content.genre except select name from content.person except select 'Season ' || n from generate_series(1, 99) n");
my %ids = (
	content => [column('select id from content.item order by id')],
	programme => [column("select p.id $programmes where $old_programme and p.start_at > now() - interval '1 day' limit 200")],
	person => [column('select id from content.person order by id')],
	channel => [column('select id from live.channel order by id')],
);

# What was begun, seen and kept before the profile was a child's: all there is.
for my $profile ($kid_profile, profile_of($adult)) {
	sql($database, "insert into users.watchlist (profile_id, item_id) select $profile, id from content.item where kind <> 'season';
		insert into users.history (profile_id, item_id) select $profile, id from content.item where kind in ('movie', 'episode');
		insert into users.progress (profile_id, item_id, position, duration)
			select $profile, id, 60, 3600 from content.item where kind in ('movie', 'episode');
		insert into users.resume (profile_id, group_id, item_id) select $profile, id, id from content.item where kind = 'movie';
		insert into users.resume (profile_id, group_id, item_id)
			select distinct on (e.series_id) $profile, e.series_id, e.id from content.episode e order by e.series_id, e.id");
}

# Everything is free and can be played, as often as one likes.
sql($database, q{insert into content.package (directory, segments, renditions) values ('age', '{4000}', '[{"path": "x.m3u8"}]') on conflict do nothing;
	insert into content.media (item_id, directory) select id, 'age' from content.item where kind in ('movie', 'episode')
		on conflict (item_id) do update set directory = 'age';
	insert into live.source (channel_id, url) select id, 'https://stream.example/x' from live.channel on conflict do nothing;
	insert into rights.rule (type, kind) select 'free', k from unnest(array['movie', 'series', 'episode', 'channel']) k;
	create or replace function rights.stream_limit(account bigint) returns int language sql return 1000000});

# Everything in an answer that is above the age. Ids of items begin at 1,000,000 and of programmes at 2,000,000.
sub leaks
{
	my ($value, $name) = @_;
	# query: what was asked for, said again
	return map { leaks($value->{$_}, $_) } grep { $_ ne 'query' } keys %$value if ref $value eq 'HASH';
	return map { leaks($_, $name) } @$value if ref $value eq 'ARRAY';
	return () if !defined $value || ref $value;
	return "min_age $value" if ($name // '') eq 'min_age' && $value > AGE;
	return "id $value" if $forbidden_id{$value};
	return $forbidden_title{$value} ? "title $value" : ();
}

# Values worth trying for a query parameter, by its name or type.
my @words = map { (split / /)[0] } sort keys %forbidden_title;
my %values = (
	genre => [column('select slug from content.genre')], person => $ids{person}, group => [column('select slug from live.channel_group')],
	country => [column('select distinct country from live.channel where country is not null')],
	language => [column('select distinct unnest(languages) from live.channel')], channels => [join ',', @{ $ids{channel} }],
	season => [0 .. 3], year_from => [1900], year_to => [2030], from => ['2000-01-01T00:00:00Z'], q => [@words[0 .. 30]],
	takeover => [1], start => ['2000-01-01T00:00:00Z'],
	types => ['movie', 'episode,person', 'channel,programme'],
	ids => [map { my ($from, $last) = ($_ * 50, $#{ $ids{content} });
		join ',', @{ $ids{content} }[$from .. ($from + 49 < $last ? $from + 49 : $last)] } 0 .. $#{ $ids{content} } / 50], limit => [3, 100],
);
sub values_of
{
	my ($p) = @_;
	return () if $p->{type} eq 'cursor' || $p->{name} =~ /^(to|date|tz)$/;
	return split /\|/, $p->{choices} if $p->{choices};
	return @{ $values{ $p->{name} } || die "no value for the parameter $p->{name}: add one to this test\n" };
}

sub paths_of
{
	my ($route) = @_;
	return $route->{path} unless $route->{path} =~ m{(people|programmes|profiles|[a-z]+)/\{\w+\}};
	my $ids = $1 eq 'people' ? $ids{person} : $1 eq 'programmes' ? $ids{programme} : $1 eq 'profiles' ? [$kid_profile] : $ids{content};
	return map { $route->{path} =~ s/\{\w+\}/$_/r } @$ids;
}

# All pages: how many answers there were, and what leaks in them.
sub walk_list
{
	my ($path, $token) = @_;
	my ($n, $next, @found) = (0, '');
	do {
		my $r = $tv->get($path . (length $next ? ($path =~ /\?/ ? '&' : '?') . 'cursor=' . uri($next) : ''), $token);
		return ($n, @found, "$path: status $r->{status}") if $r->{status} >= 500 || $r->{status} == 400;
		$n++ if $r->{status} == 200;
		push @found, map { "$path: $_" } leaks($r->{json});
		$next = $r->{json}{items} && $r->{json}{next} // '';
	} while (length $next && $n < 1000);
	return ($n, @found);
}

sub walk
{
	my ($route, $token) = @_;
	my ($answers, @found) = (0);
	my @params = grep { $_->{in} eq 'query' } @{ $route->{params} };
	my $needed = sub { my ($but) = @_; map { "$_->{name}=" . uri((values_of($_))[0]) } grep { $_->{required} && $_->{name} ne $but } @params };
	my @query = map { my $p = $_; map { join '&', $needed->($p->{name}), "$p->{name}=" . uri($_) } values_of($p) } @params;
	my $required = join '&', $needed->('');
	my @paths = paths_of($route);
	for my $path (@paths) {
		for my $query ($required, @paths == 1 ? @query : ()) {
			my ($n, @more) = walk_list($path . (length $query ? "?$query" : ''), $token);
			$answers += $n;
			push @found, @more;
		}
	}
	return ($answers, @found);
}

my $in_adults = 0;
for my $route (grep { $_->{method} eq 'GET' && $_->{role} eq 'user' } routes()) {
	my ($answers, @found) = walk($route, $kid->{access_token});
	ok(!@found, "$route->{path}: nothing above the age in $answers answers")
		or diag(scalar(@found), ' leaks: ', join "\n", @found[0 .. ($#found < 5 ? $#found : 5)]);
	cmp_ok($answers, '>', 0, '  of which there were some') unless $route->{path} =~ /programmes|export/;
	$in_adults++ if $route->{path} !~ /\{/ && (walk_list($route->{path}, $adult->{token}))[1];
}
cmp_ok($in_adults, '>=', 6, 'where an adult sees what a child does not') or diag($in_adults);

subtest 'what is for children is there' => sub {
	my $open = "state = 'published' and coalesce(available_from, now()) <= now() and coalesce(available_until, 'infinity') > now()";
	for my $kind (qw(movie series)) {
		my $plural = $kind eq 'movie' ? 'movies' : 'series';
		my @seen = sort { $a <=> $b } map { $_->{id} } $tv->pages("/ondemand/$plural?limit=7", $kid->{access_token});
		is_deeply(\@seen, [column("select id from content.item where kind = '$kind' and min_age <= " . AGE . " and $open order by id")], $plural);
		for my $genre ($tv->pages('/ondemand/genres', $kid->{access_token})) {
			my @of = $tv->pages("/ondemand/$plural?genre=$genre->{slug}", $kid->{access_token});
			is(scalar @of, $genre->{$plural}, "$plural of the genre $genre->{slug} are as many as it says");
		}
	}
	cmp_ok(scalar $tv->pages($_, $kid->{access_token}), '>', 0, $_) for qw(/users/watchlist /users/history /users/continue-watching);
	is_deeply([grep { ($_->{movies} || 0) + ($_->{series} || 0) == 0 } $tv->pages('/ondemand/genres', $kid->{access_token})], [], 'no empty genres');
};

subtest 'nothing above the age can be put on the list' => sub {
	sql($database, "delete from users.watchlist where profile_id = $kid_profile");
	for my $id (grep { $forbidden_id{$_} } @{ $ids{content} }) {
		my $r = $tv->request('PUT', "/users/watchlist/$id", token => $kid->{access_token});
		is_problem($r, 404, 'not_found', "item $id") if $r->{status} != 404;
	}
	is(sql($database, "select count(*) from users.watchlist where profile_id = $kid_profile"), 0, 'nothing');
};

subtest 'a lowered age counts from the next refresh' => sub {
	my $id = make_profile($tv, $adult, name => 'Growing down')->{json}{id};
	my $tablet = { %$adult, token => sign_in($tv, $adult->{email}, $password)->{json}{access_token} };
	my $tokens = select_profile($tv, $tablet, $id)->{json};
	cmp_ok((walk_list('/ondemand/movies?limit=100', $tokens->{access_token}))[1] // '', 'ne', '', 'before: all of it');
	is($tv->put("/users/profiles/$id", { name => 'Growing down', max_age => AGE }, $adult->{token})->{status}, 200, 'lowered');
	$tokens = renew($tv, $tokens->{refresh_token})->{json};
	is(claims_of($tokens->{access_token})->{age}, AGE, 'in the token');
	is_deeply([(walk_list($_, $tokens->{access_token}))[1]], [undef], "in $_") for '/ondemand/movies?limit=100', '/ondemand/home', '/livetv/epg';
};

done_testing();

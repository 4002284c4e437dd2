# A cursor belongs to the list that gave it out: to its address, its order and its filters, and not to its limit.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $token = account($tv)->{token};
my $admin = admin($tv)->{token};
sql($database, "with i as (insert into content.item (kind, title, year, genres) select 'movie', 'Film ' || n, 1900 + n, '{drama}'
	from generate_series(1, 9) n returning id) insert into content.movie (id) select id from i;
	with i as (insert into content.item (kind, title, year) values ('series', 'Other', 1990) returning id) insert into content.series (id) select id from i");
my @movies = map { $_->{id} } $tv->pages('/ondemand/movies', $token);
$tv->put("/users/watchlist/$_", '', $token, type => undef) for @movies;

$tv->put("/admin/ondemand/movies/$id{movie}", { title => $_, min_age => 0, genres => ['drama'], state => 'published' }, $admin) for qw(One Two);

# What a list gives out after its first item.
sub next_of
{
	my ($target, $who) = @_;
	my $r = $tv->get($target . ($target =~ /\?/ ? '&' : '?') . 'limit=1', $who);
	return $r->{json}{next} // die "$target has no second page: $r->{content}";
}

sub with { return $_[0] . ($_[0] =~ /\?/ ? '&' : '?') . "cursor=$_[1]" }

my @lists = (
	map({ [$_, $token] } '/ondemand/movies', '/ondemand/movies?sort=title', '/ondemand/movies?sort=year', '/ondemand/movies?sort=popular',
		'/ondemand/movies?genre=drama', '/ondemand/movies?genre=drama&sort=year', '/ondemand/movies?year_from=1901',
		'/ondemand/movies?year_from=1902', '/ondemand/movies?year_to=1908', '/ondemand/series', '/users/watchlist'),
	map({ [$_, $admin] } '/admin/ondemand/movies', '/admin/ondemand/series', '/admin/users', '/admin/users?q=e', '/admin/audit'),
);
my ($taken, $refused) = (0, 0);
for my $from (@lists) {
	my $next = next_of(@$from);
	for my $to (@lists) {
		my $r = $tv->get(with($to->[0], $next), $to->[1]);
		if ($from == $to) {
			is($r->{status}, 200, "$to->[0]: its own");
			$taken++;
		} else {
			is_problem($r, 400, 'invalid_cursor', "$to->[0]: the one of $from->[0]");
			$refused++;
		}
	}
}
is("$taken $refused", '16 240', 'every list, with the cursor of every list');

my $list = '/ondemand/movies?genre=drama&sort=year';
my $next = next_of($list, $token);
my $second = $tv->get(with("$list&limit=3", $next), $token)->{json}{items};
is(scalar @$second, 3, 'another limit');
is_deeply($tv->get("/ondemand/movies?cursor=$next&limit=3&sort=year&genre=drama", $token)->{json}{items}, $second, 'another order of the parameters');
is_deeply($tv->get("/ondemand/movies?genre=%64rama&sort=year&limit=3&cursor=$next", $token)->{json}{items}, $second, 'another way to write them');
my ($link) = $tv->get("$list&limit=1", $token)->{headers}{link} =~ /^<(.*)>; rel="next"$/;
is_deeply($tv->get($link, $token)->{json}{items}, [$second->[0]], 'as the Link says it');

my $made = decode_base64url($next);
my ($tag, @keys) = split /\x1f/, $made;
is(cursor_of($list, @keys), $next, 'made by hand');
for my $wrong (join("\x1f", @keys), join("\x1f", $tag), join("\x1f", $tag, $keys[0]), join("\x1f", $tag, @keys, 1), "$tag\x1f", "x$made",
	substr($made, 1), "$made\0", join('', $tag, @keys), "\x1f" . $made, $tag =~ tr/0-9a-f/1-9a-f0/r . substr($made, 6)) {
	is_problem($tv->get(with($list, encode_base64url($wrong, '')), $token), 400, 'invalid_cursor', "changed to " . $wrong =~ s/[^ -~]/|/gr);
}
for my $instant ('yesterday noon', '2026-01-01T00:00:00+23:00', '2026-01-01T00:00:00.' . '1' x 300 . 'Z', '2026-02-30T00:00:00Z') {
	my $r = $tv->get(with('/ondemand/movies', cursor_of('/ondemand/movies', $instant, 1)), $token);
	is_problem($r, 400, undef, 'a place in the list that is no instant: ' . substr $instant, 0, 30);
}
done_testing();

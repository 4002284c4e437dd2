# Every request that the API promises has a route; one that is not built yet is listed as a TODO, so it cannot be forgotten.
use strict;
use warnings;
use Test::More;
use TV;

my @promised = qw(
	POST:/auth/register POST:/auth/login POST:/auth/refresh POST:/auth/logout GET:/auth/sessions DELETE:/auth/sessions/{id}
	DELETE:/auth/sessions POST:/auth/password
	POST:/users GET:/users/me PATCH:/users/me DELETE:/users/me GET:/users/me/export GET:/users/profiles POST:/users/profiles
	GET:/users/profiles/{id} PUT:/users/profiles/{id} DELETE:/users/profiles/{id} POST:/users/profiles/{id}/select
	GET:/users/watchlist PUT:/users/watchlist/{content_id} DELETE:/users/watchlist/{content_id} GET:/users/continue-watching
	DELETE:/users/continue-watching/{content_id} GET:/users/history DELETE:/users/history PUT:/users/history/{content_id}
	DELETE:/users/history/{content_id} GET:/users/progress
	GET:/admin/users GET:/admin/users/{id} PUT:/admin/users/{id} DELETE:/admin/users/{id}
	GET:/ondemand/movies GET:/ondemand/movies/{id} GET:/ondemand/series GET:/ondemand/series/{id}
	GET:/ondemand/series/{id}/episodes GET:/ondemand/episodes/{id} GET:/ondemand/genres GET:/ondemand/people/{id} GET:/ondemand/home
	GET:/livetv/channels GET:/livetv/channels/{id} GET:/livetv/now GET:/livetv/epg GET:/livetv/channels/{id}/epg
	GET:/livetv/programmes/{id} POST:/admin/livetv/import POST:/admin/livetv/feeds/{id}/fetch
	POST:/rights/check_access GET:/rights/access GET:/subscriptions POST:/subscriptions DELETE:/subscriptions/current
	GET:/users/purchases GET:/users/rentals POST:/ondemand/purchase/{id} POST:/ondemand/rent/{id} GET:/admin/rights/simulate
	POST:/admin/rights/purchases/{id}/refund
	GET:/play/ondemand/{id} GET:/play/live/{id} POST:/play/sessions/{id}/heartbeat GET:/play/sessions DELETE:/play/sessions/{id}
	GET:/search/global GET:/search/suggest GET:/admin/search/status POST:/admin/search/reindex
	GET:/health GET:/health/live GET:/health/ready GET:/metrics GET:/openapi.json GET:/admin/audit
);
push @promised, map { ("GET:$_", "POST:$_", "GET:$_/{id}", "PUT:$_/{id}", "DELETE:$_/{id}") }
	map({ "/admin/ondemand/$_" } qw(movies series seasons episodes genres people)),
	map({ "/admin/livetv/$_" } qw(channels epg feeds)), map({ "/admin/rights/$_" } qw(plans rules grants));

# What is built must not go away again; a family that gets built is added here.
my $built = qr{^(?:
	\w+:/auth/.* | \w+:/users.* | \w+:/admin/users.*
	| \w+:/(admin/)?rights.* | \w+:/subscriptions.* | POST:/ondemand/.*
	| GET:/ondemand/.* | \w+:/admin/ondemand/.* | GET:/livetv/.* | \w+:/admin/livetv/.*
	| \w+:/play/.*
	| GET:/search/.* | \w+:/admin/search/.*
	| GET:/health.* | GET:/metrics | GET:/openapi\.json | GET:/admin/audit
)$}x;

# Players have no access tokens: these three take a key instead, playlists of channels are signed addresses, and nothing else may.
my %signed = ('GET:/play/hls/{id}/{token}/{from}/{file}' => 1);
my %by_key = map { ("GET:/livetv/$_" => 1) } qw(playlist.m3u guide.xml stream/{id});

# Who is not signed in yet, or cannot be: by a password, by what was sent by mail, or by the code that a television set shows.
my $open = qr{^POST:/auth/(?:login|register|refresh|logout|forgot|reset|email/confirm|device|device/token)$};

my %have = map { ("$_->{method}:$_->{path}" => $_) } routes();
for my $route (@promised) {
	local $TODO = $route =~ $built ? undef : 'not built yet';
	ok($have{$route}, $route);
}
is_deeply([grep { $have{$_} && $_ !~ $built } @promised], [], 'what is built is in the list above');
for my $route (sort keys %have) {
	my $r = $have{$route};
	like($r->{role}, qr/^(anyone|user|admin|service)$/, "$route has a role");
	is($r->{role}, 'admin', '  of administrators') if $r->{path} =~ m{^/admin/};
	is($r->{role}, 'anyone', '  open to everybody') if $route =~ $open;
	if ($by_key{$route}) {
		ok((grep { $_->{name} eq 'key' && $_->{type} eq 'secret' && $_->{required} } @{ $r->{params} }), '  which takes a key');
	} elsif (!$signed{$route}) {
		isnt($r->{role}, 'anyone', '  not open') if $route !~ $open && $route !~ m{/(health|metrics|openapi)|/rights/webhook/};
	}
}
done_testing();

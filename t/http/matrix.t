# Who may touch what: every route with an id in its path, by everybody. A route without a row here fails; an id of somebody else
# answers as one that does not exist.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database);

my @actors = qw(nobody owner stranger other_profile admin expired revoked suspended);
my %expected = (
	#                  nobody owner stranger other admin expired revoked suspended
	own_read      => [401,   200,  404,     200,  404,  401,    200,    200],
	own_end       => [401,   204,  404,     204,  404,  401,    401,    403],
	own_change    => [401,   200,  404,     403,  404,  401,    401,    403], # of an adult's profile, by a child's
	own_delete    => [401,   204,  404,     403,  404,  401,    401,    403],
	own_select    => [401,   200,  404,     200,  404,  401,    401,    403],
	profile_end   => [401,   204,  404,     404,  404,  401,    401,    403], # of one profile only
	put_on_list   => [401,   204,  204,     404,  204,  401,    401,    403], # something for adults, on one's own list
	take_off_list => [401,   204,  204,     204,  204,  401,    401,    403],
	adult_read    => [401,   200,  200,     404,  200,  401,    200,    200],
	play          => [401,   200,  200,     404,  200,  401,    401,    403], # something for adults
	own_beat      => [401,   200,  404,     200,  404,  401,    401,    403], # of an account, by any profile of it
	admin_read    => [401,   403,  403,     403,  200,  401,    403,    403],
	admin_change  => [401,   403,  403,     403,  200,  401,    403,    403],
	admin_delete  => [401,   403,  403,     403,  204,  401,    403,    403],
	admin_ask     => [401,   403,  403,     403,  202,  401,    403,    403],
	own_charge    => [401,   201,  201,     404,  201,  401,    401,    403], # something for adults
	told          => [400,   400,  400,     400,  400,  400,    400,    400], # what a provider signs: tokens do not count
	unsigned      => [403,   403,  403,     403,  403,  403,    403,    403], # only the address counts
	by_key        => [400,   302,  302,     404,  302,  302,    302,    404], # of the profile: tokens do not count
);

# What the id is of, and the row for each method. A maker gets account and profile, and answers an id.
my %row = (
	'/auth/sessions/{id}' => [\&session, DELETE => 'own_end'],
	'/users/profiles/{id}' => [\&profile, GET => 'own_read', PUT => 'own_change', DELETE => 'own_delete'],
	'/users/profiles/{id}/select' => [\&profile, POST => 'own_select'],
	'/users/watchlist/{content_id}' => [content('movie'), PUT => 'put_on_list', DELETE => 'take_off_list'],
	'/users/history/{content_id}' => [content('movie'), PUT => 'put_on_list', DELETE => 'take_off_list'],
	'/users/continue-watching/{content_id}' => [\&begun, DELETE => 'profile_end'],
	'/admin/users/{id}' => [\&user, crud()],
	'/ondemand/movies/{id}' => [content('movie'), GET => 'adult_read'],
	'/ondemand/movies/{id}/related' => [content('movie'), GET => 'adult_read'],
	'/ondemand/series/{id}' => [content('series'), GET => 'adult_read'],
	'/ondemand/series/{id}/related' => [content('series'), GET => 'adult_read'],
	'/ondemand/series/{id}/episodes' => [content('series'), GET => 'adult_read'],
	'/ondemand/episodes/{id}' => [content('episode'), GET => 'adult_read'],
	'/ondemand/people/{id}' => [\&adult_person, GET => 'adult_read'],
	'/livetv/channels/{id}' => [content('channel'), GET => 'adult_read'],
	'/livetv/channels/{id}/epg' => [content('channel'), GET => 'adult_read'],
	'/livetv/programmes/{id}' => [content('programme'), GET => 'adult_read'],
	'/livetv/stream/{id}' => [\&streamed, GET => 'by_key'],
	'/play/ondemand/{id}' => [\&playable, GET => 'play'],
	'/play/hls/{id}/{token}/{from}/{file}' => [content('channel'), GET => 'unsigned'],
	'/play/live/{id}' => [\&streamed, GET => 'play'],
	'/play/sessions/{id}' => [\&playing, DELETE => 'own_end'],
	'/play/sessions/{id}/heartbeat' => [\&playing, POST => 'own_beat'],
	'/ondemand/purchase/{id}' => [\&sold, POST => 'own_charge'],
	'/ondemand/rent/{id}' => [\&sold, POST => 'own_charge'],
	'/rights/webhook/{provider}' => [sub { 'sandbox' }, POST => 'told'],
	'/admin/rights/plans/{id}' => [\&sold_plan, crud()],
	'/admin/rights/rules/{id}' => [\&rule, crud()],
	'/admin/rights/grants/{id}' => [\&given, crud()],
	'/admin/rights/purchases/{id}' => [\&receipt, GET => 'admin_read'],
	'/admin/rights/purchases/{id}/refund' => [\&receipt, POST => 'admin_change'],
	(map { ("/admin/ondemand/$_->[0]/{id}" => [content($_->[1]), crud()]) } ['movies', 'movie'], ['series', 'series'], ['seasons', 'season'],
		['episodes', 'episode']),
	'/admin/ondemand/people/{id}' => [\&person, crud()],
	'/admin/ondemand/genres/{id}' => [\&genre, crud()],
	'/admin/livetv/channels/{id}' => [content('channel'), crud()],
	'/admin/livetv/epg/{id}' => [content('programme'), crud()],
	'/admin/livetv/feeds/{id}' => [\&feed, crud()],
	'/admin/livetv/feeds/{id}/fetch' => [\&feed, POST => 'admin_ask'],
);
sub crud { return (GET => 'admin_read', PUT => 'admin_change', DELETE => 'admin_delete') }

my %body = (
	'PUT /users/profiles/{id}' => { name => 'Another name', max_age => 18 },
	'POST /play/sessions/{id}/heartbeat' => { position => 1, seq => 1 },
	'PUT /admin/users/{id}' => { name => 'N', role => 'user', status => 'active' },
);

# --- what is asked for

my ($made, %maker) = (0);
sub insert { my ($text) = @_; ++$made; return sql($database, $text =~ s/NEW/Matrix $$ $made/gr) }
sub session
{
	my ($account, $profile) = @_;
	return insert("insert into auth.session (account_id, profile_id, refresh_hash, expires_at)
		values ($account, $profile, sha256('NEW'), now() + interval '1 day') returning id");
}
sub profile { return insert("insert into users.profile (account_id, name) values ($_[0], 'NEW') returning id") }
sub user { return insert("select users.create_account(replace('NEW', ' ', '.') || '\@example.org', 'N', 'user', null, null)") }
sub person { return insert("insert into content.person (name) values ('NEW') returning id") }
sub adult_person
{
	my ($movie, $person) = ($maker{movie}->(), person());
	return insert("insert into content.credit (item_id, person_id, role, position) values ($movie, $person, 'actor', 1) returning person_id");
}
sub genre { return insert("insert into content.genre (slug, name) values (lower(replace('NEW', ' ', '-')), 'NEW') returning id") }
sub item { my ($kind) = @_; return insert("insert into content.item (kind, title, min_age) values ('$kind', 'NEW', 18) returning id") }

# An item of that kind for adults, with what it belongs to.
sub content { my ($kind) = @_; return sub { return $maker{$kind}->() } }
%maker = (
	movie => sub { my $id = item('movie'); return insert("insert into content.movie (id) values ($id) returning id") },
	series => sub { my $id = item('series'); return insert("insert into content.series (id) values ($id) returning id") },
	season => sub {
		my ($series, $id) = ($maker{series}->(), item('season'));
		return insert("insert into content.season (id, series_id, number) values ($id, $series, 1) returning id");
	},
	episode => sub {
		my ($season, $id) = ($maker{season}->(), item('episode'));
		return insert("insert into content.episode (id, series_id, season_id, season_number, number)
			select $id, series_id, id, 1, 1 from content.season where id = $season returning id");
	},
	channel => sub { my $id = item('channel'); return insert("insert into live.channel (id, number) values ($id, $made) returning id") },
	programme => sub {
		my $channel = $maker{channel}->();
		return insert("insert into live.programme (channel_id, start_at, end_at, title, min_age)
			values ($channel, now(), now() + interval '1 hour', 'NEW', 18) returning id");
	},
);
sub feed
{
	my $id = insert("insert into live.feed (name, url, format) values ('NEW', 'https://guide.example/x.xml', 'xmltv') returning id");
	sql($database, "insert into live.feed_state (feed_id) values ($id)");
	return $id;
}
sub sold_plan { return insert("insert into rights.plan (code, name, price_amount, currency) values (lower(replace('NEW', ' ', '-')), 'NEW', 1, 'EUR') returning id") }
sub rule { return insert("insert into rights.rule (type, kind) values ('free', 'season') returning id") }
sub given { return insert("insert into rights.grant (account_id, kind, note) values ($_[0], 'season', 'NEW') returning id") }
sub sold
{
	my $id = $maker{movie}->();
	insert("insert into rights.rule (type, content_id, price_amount, currency, start_within, watch_within)
		values ('purchase', $id, 1, 'EUR', null, null), ('rental', $id, 1, 'EUR', 9, 9)");
	return $id;
}
sub receipt
{
	return insert("with r as (insert into rights.purchase (account_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries, paid_at)
		values ($_[0], 'movie', 'NEW', 1, 'EUR', 'hd', true, '{}', now()) returning id),
		p as (insert into rights.payment (subject, subject_id, amount, currency, provider, status, settled_at) select 'purchase', id, 1, 'EUR', 'sandbox', 'paid', now() from r)
		select id from r");
}
sub streamed { return insert("insert into live.source (channel_id, url) values (" . $maker{channel}->() . ", 'https://stream.example/x') returning channel_id") }
sub playable { return insert("insert into content.media (item_id, directory) values (" . $maker{movie}->() . ", 'matrix') returning item_id") }
sub playing
{
	my ($account, $profile) = @_;
	my $id = $maker{movie}->();
	return insert("insert into play.session (account_id, profile_id, item_id, group_id, started_at, seen_at, url_until, duration)
		values ($account, $profile, $id, $id, now(), now(), now() + interval '4 minutes', 0) returning id");
}
sub begun
{
	my ($account, $profile) = @_;
	my $id = $maker{movie}->();
	return insert("insert into users.resume (profile_id, group_id, item_id) values ($profile, $id, $id) returning item_id");
}

# Everything is free.
sql($database, q{insert into content.package (directory, segments, renditions) values ('matrix', '{4000}', '[{"path": "x.m3u8"}]');
	insert into rights.rule (type, kind) select 'free', k from unnest(array['movie', 'channel']) k});

# --- who asks

my %who = map { ($_ => account($tv)) } qw(owner stranger suspended);
$who{admin} = admin($tv);
$who{expired} = { %{ $who{owner} }, token => do {
	my ($header, $payload) = parts_of($who{owner}{token});
	my $then = time - 1000;
	$payload =~ s/"(iat|nbf)":\d+/"$1":$then/g;
	signed($header, $payload =~ s/"exp":\d+/'"exp":' . ($then + 900)/er);
} };
my $kid = make_profile($tv, $who{owner}, name => 'Kid', max_age => 6)->{json}{id};
my $selected = select_profile($tv, TV::login($tv, $who{owner}), $kid);
$who{other_profile} = { token => $selected->{json}{access_token} // $tv->refused('select', $selected) };
my %key = map { $_ => $tv->request('POST', '/livetv/player-key', token => $who{$_}{token})->{json}{key} } qw(owner stranger other_profile admin suspended);
$key{$_} = $key{owner} for qw(expired revoked);
$who{revoked} = { token => TV::login($tv, $who{owner})->{token} };
sql($database, 'update auth.session set ended_at = now() where id = ' . session_of($who{revoked}));
sql($database, "update users.account set status = 'suspended' where id = $who{suspended}{id}");

# The members of a PUT that the row has already, so that the change is none.
sub same_body
{
	my ($route, $path) = @_;
	my $now = $tv->get($path, $who{admin}{token})->{json};
	return { map { defined $now->{ $_->{name} } ? ($_->{name} => $now->{ $_->{name} }) : () } @{ $route->{body} } };
}

sub ask
{
	my ($route, $id, $actor) = @_;
	my $path = $route->{path} =~ s/\{\w+\}/$id/r;
	$path .= "?key=$key{$actor}" if $key{$actor} && grep { $_->{name} eq 'key' } @{ $route->{params} };
	my $body = $route->{body} && ($body{"$route->{method} $route->{path}"} || ($actor eq 'admin' && same_body($route, $path)) || {});
	return $tv->request($route->{method}, $path, token => $who{$actor}{token}, $body && ($route->{method} ne 'POST' || $body{"POST $route->{path}"}) ? (body => $body) : ());
}

my $nowhere = '9007199254740990';
my @with_id = sort { $a->{path} cmp $b->{path} || $a->{method} cmp $b->{method} } grep { $_->{path} =~ /\{/ } routes();
cmp_ok(scalar @with_id, '>', 20, 'routes with ids');
for my $route (@with_id) {
	subtest "$route->{method} $route->{path}" => sub {
		my ($make, %class) = @{ $row{ $route->{path} } || [] };
		my $expected = $expected{ $class{ $route->{method} } // '' };
		ok($expected, 'has a row in the table of this test') or return;
		my %id;
		for my $n (0 .. $#actors) {
			my $actor = $actors[$n];
			my $of = $actor eq 'suspended' ? 'suspended' : 'owner';
			my $id = $id{$of} //= $make->($who{$of}{id}, profile_of($who{$of}));
			my $r = ask($route, $id, $actor);
			delete $id{$of} if $r->{status} < 300 && $route->{method} ne 'GET';
			is($r->{status}, $expected->[$n], $actor) or diag($r->{content});
			is_problem($r, $expected->[$n], undef, "  as a problem") if $expected->[$n] >= 400;
			next unless $r->{status} == 404;
			(my $content = $r->{content}) =~ s/"request_id":"[^"]*"//;
			is($content, ask($route, $nowhere, $actor)->{content} =~ s/"request_id":"[^"]*"//r, '  word for word as what does not exist');
		}
	};
}
done_testing();

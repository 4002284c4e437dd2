# Every row of every program's route table, through lighttpd: what holds for all of them (no token, wrong method, parameters and
# bodies that are not as declared, HEAD, ETag, request ids), made from --routes alone.
use strict;
use warnings;
use Test::More;
use TV;

my @routes = routes();
ok(@routes > 10, 'there are routes');
my $database = database();
my %id = seed($database);
my $tv = server($database);
my $user = account($tv);
my $admin = admin($tv);
$id{session} = sql($database, "select max(id) from auth.session where account_id = $user->{id}");
$id{profile} = sql($database, "select id from users.profile where account_id = $user->{id}");
$id{user} = $user->{id};
$id{genre} = sql($database, "select id from content.genre where slug = 'drama'");
$id{webhook} = 'sandbox';
$id{epg} = $id{programme};
# Everything is free, and plays.
@id{qw(ondemand live)} = @id{qw(movie channel)};
sql($database, qq{insert into content.package (directory, segments, renditions) values ('every', '{4000}', '[{"path": "x.m3u8"}]');
	insert into content.media (item_id, directory) values ($id{movie}, 'every') on conflict (item_id) do update set directory = 'every';
	insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x') on conflict do nothing;
	insert into rights.rule (type, kind) select 'free', k from unnest(array['movie', 'series', 'channel']) k});

# A good value of each type, for required parameters.
my %good = (
	id => 1, int => 1, bool => 'true', text => 'text', longtext => 'text', slug => 'drama', country => 'NO', language => 'nor',
	time => '2026-01-31T18:00:00Z', date => '2026-01-31', tz => 'Europe/Oslo', ids => '1,2', email => 'a@example.org',
	limit => 10, secret => 'x', url => '/x', password => '12345678',
);
# Values that no parameter of the type takes.
my @not_a_number = ('0x1', '1e3', '1%20', '%2B1', '1.0', 'abc', '9223372036854775808', '99999999999999999999999', '%D9%A1');
my %bad = (
	id => [@not_a_number, '0', '-1', '9007199254740993'], int => [@not_a_number, '-9223372036854775809'],
	limit => [@not_a_number, '0', '-1', '101'], bool => ['1', 'TRUE', 'yes'], slug => ['A', 'a_b', 'a%20b', '%C3%A5'],
	country => ['no', 'NOR', '1'], language => ['1', 'x%20y'], time => ['now', 'infinity', '2026-02-30T00:00:00Z', '2026-01-01'],
	date => ['today', '2026-02-30', '2026-1-1'], tz => ['..%2F..%2Fetc', 'a%20b'], ids => ['1,', ',', '1,x', '0', '1;2'],
	cursor => ['x', '!', '%2B', 'AAAA', '%7B%7D', 'bnVsbA', 'W10'], enum => ['no-such-choice', 'A'],
);
# Bytes that are no text at all, wherever they stand.
my @no_text = ('%00', 'a%00b', '%FF', '%C3', '%C0%AF', '%ED%A0%80', '%zz', '%', '%4');

sub token_for { my ($r) = @_; return $r->{role} =~ /^(admin|service)$/ ? $admin->{token} : $r->{role} eq 'user' ? $user->{token} : undef }

# The path with ids that exist, by the word before them; $replace stands for the first of them.
sub path_of
{
	my ($route, $replace) = @_;
	my $path = $route->{path};
	my %type = map { $_->{name} => $_->{type} } @{ $route->{params} };
	while ($path =~ m{([a-z-]+)/\{(\w+)\}}) {
		my ($word, $name) = ($1, $2);
		(my $kind = $word) =~ s/^people$/person/;
		$kind =~ s/s$// unless $kind eq 'series';
		my $value = $replace // $id{$kind} // $good{ $type{$name} // 'id' } // 1;
		$path =~ s/\{$name\}/$value/;
	}
	return $path;
}

# The query string with the required parameters, without one of them.
sub query_of
{
	my ($route, $without) = @_;
	my @pairs = map { "$_->{name}=" . ($good{ $_->{type} } // ($_->{choices} // 'x') =~ s/\|.*//r) }
		grep { $_->{in} eq 'query' && $_->{required} && $_->{name} ne ($without // '') } @{ $route->{params} };
	return join '&', @pairs;
}

sub target { my ($route, @more) = @_; my $q = join '&', grep { length } query_of($route), @more; return path_of($route) . (length $q ? "?$q" : '') }

# A request as the route wants it but for what is passed; a body where the route has one.
sub ask
{
	my ($route, $target, %option) = @_;
	$option{token} = token_for($route) unless exists $option{token};
	$option{body} = '{}' if $route->{body} && !exists $option{body};
	delete $option{body} unless defined $option{body};
	return $tv->request($option{method} // $route->{method}, $target, %option);
}

sub check_token
{
	my ($route) = @_;
	return if $route->{role} eq 'anyone';
	my $r = ask($route, target($route), token => undef);
	is_problem($r, 401);
	unlike($r->{headers}{'www-authenticate'} // '', qr/error=/, 'without a token no error is named');
	for my $token ('', 'x', 'a.b.c', "$user->{token}x", substr($user->{token}, 0, -2)) {
		$r = ask($route, target($route), token => $token);
		is_problem($r, 401, undef, "$r->{what} with the token '" . substr($token, 0, 10) . "…'");
		like($r->{headers}{'www-authenticate'} // '', qr/error="invalid_token"/, 'the token is named as the reason') if length $token;
	}
	is_problem(ask($route, target($route), token => undef, headers => { Authorization => "Basic $user->{token}" }), 401);
	is_problem(ask($route, target($route), token => $user->{token}), 403) if $route->{role} =~ /^(admin|service)$/;
}

sub check_methods
{
	my ($route) = @_;
	my %has = map { $_->{method} => 1 } grep { $_->{path} eq $route->{path} } @routes;
	my @allow = sort 'OPTIONS', keys %has, $has{GET} ? 'HEAD' : ();
	for my $method (grep { !$has{$_} } qw(GET POST PUT PATCH DELETE)) {
		my $r = ask($route, path_of($route), method => $method, body => $method =~ /^P/ ? '{}' : undef);
		is_problem($r, 405);
		is_deeply([sort split /\s*,\s*/, $r->{headers}{allow} // ''], \@allow, '  with Allow');
	}
	my $r = ask($route, path_of($route), method => 'OPTIONS', token => undef, body => undef);
	like($r->{status}, qr/^20[04]$/, "$r->{what}");
	is_deeply([sort split /\s*,\s*/, $r->{headers}{allow} // ''], \@allow, '  with Allow');
	is_problem(ask($route, path_of($route), method => 'TRACE', body => undef), qr/^(405|501)$/);
}

sub check_query
{
	my ($route) = @_;
	is_problem(ask($route, target($route, 'no_such_parameter=1')), 400);
	is_problem(ask($route, target($route, $_)), 400) for map { ("no_such=$_", "$_=1") } @no_text;
	for my $p (grep { $_->{in} eq 'query' } @{ $route->{params} }) {
		my $value = $good{ $p->{type} } // 'x';
		my $without = query_of($route, $p->{name});
		my $to = sub { path_of($route) . '?' . join '&', grep { length } $without, @_ };
		is_problem(ask($route, $to->("$p->{name}=")), 400);
		is_problem(ask($route, $to->($p->{name})), 400);
		is_problem(ask($route, $to->("$p->{name}=$value&$p->{name}=$value")), 400);
		is_problem(ask($route, $to->("$p->{name}=" . 'x' x 5000)), 400);
		is_problem(ask($route, $to->("$p->{name}=$_")), 400) for @no_text, @{ $bad{ $p->{type} } || [] };
		is_problem(ask($route, path_of($route) . (length $without ? "?$without" : '')), 400) if $p->{required};
	}
}

sub check_path
{
	my ($route) = @_;
	my @in_path = grep { $_->{in} eq 'path' } @{ $route->{params} } or return;
	for my $value (@no_text, 'x' x 5000, @{ $bad{ $in_path[0]{type} } || [] }) {
		my $r = ask($route, path_of($route, $value) . (length query_of($route) ? '?' . query_of($route) : ''));
		is_problem($r, qr/^(400|404|405|414)$/, undef, substr($r->{what}, 0, 70) . ': not there');
	}
	return unless $in_path[0]{type} eq 'id';
	my $r = ask($route, path_of($route, '9007199254740992') . (length query_of($route) ? '?' . query_of($route) : ''));
	is_problem($r, $route->{body} ? qr/^(404|422)$/ : 404) unless $r->{status} == 204 && $route->{method} eq 'DELETE';
}

# For each declared member a value of a type that it does not have.
sub wrong_types
{
	my ($members) = @_;
	my %wrong = (id => '"1"', int => '"1"', bool => '"true"', list => '"x"', object => '"x"');
	return map { qq({"$_->{name}":) . ($wrong{ $_->{type} } // '17') . '}', qq({"$_->{name}":[[]]}) } @$members;
}

sub check_body
{
	my ($route) = @_;
	return unless $route->{body};
	my $target = target($route);
	my $body = sub { ask($route, $target, body => $_[0], @_[1 .. $#_]) };
	is_problem($body->($_), 400, undef, "$route->{method} $route->{path} " . substr($_, 0, 30))
		for '{', 'x', '{"a":1,}', '{"a":1}x', "{'a':1}", '{"a":NaN}', '{"a":1,"a":1}', qq({"a":"\xff"}), '{"a":"\u0000"}',
		'{"a":"\ud800"}', qq({"a":"\n"}), '{"a":9223372036854775808}', '{"a":' x 17 . '1' . '}' x 17, '[' x 17 . ']' x 17;
	is_problem($body->($_), qr/^(400|422)$/) for '[]', '1', '"x"', 'null';
	is_problem($body->('{"no_such_member":1}'), 422);
	my $errors = $body->('{"no_such_member":1}')->{json}{errors};
	ok((grep { $_->{field} eq 'no_such_member' && $_->{code} eq 'unknown' && $_->{message} } @$errors), '  which is named');
	is_problem($body->($_), 422, undef, "$route->{method} $route->{path} $_") for wrong_types($route->{body});
	is_problem($body->('{}'), 422) if grep { $_->{required} } @{ $route->{body} };
	is_problem($body->('{}', type => $_), 415, undef, "$route->{method} $route->{path} as " . ($_ // 'nothing'))
		for 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', undef;
	is_problem($body->('{"no_such_member":1}', type => $_), 422, undef, "$route->{method} $route->{path} as $_")
		for 'Application/JSON', 'application/json; charset=UTF-8';
	is_problem($body->('{}', headers => { 'Content-Encoding' => 'gzip' }), 415, undef, "$route->{method} $route->{path}, packed");
	is_problem($body->('{"a":"' . 'x' x 66_000 . '"}'), 413);
	is_problem($body->('{"a":"' . 'x' x 2_000_000 . '"}'), 413);
}

# What every good GET has; and no GET breaks.
sub check_get
{
	my ($route) = @_;
	return unless $route->{method} eq 'GET';
	my $target = target($route);
	sql($database, 'delete from play.session') if $route->{path} =~ m{^/play/(ondemand|live)/}; # there is a limit
	my $r = ask($route, $target);
	return is_problem($r, 404) if $r->{status} == 404 && $r->{headers}{'content-type'} =~ /problem/;
	is($r->{status}, 200, $r->{what}) or return diag($r->{content});
	ok(defined $r->{json}, '  is JSON') if $r->{headers}{'content-type'} !~ m{^text/plain};
	like($r->{headers}{etag} // '', qr/^(W\/)?"[^"]+"$/, '  has an ETag');
	my $common = $route->{path} =~ m{^/(ondemand/|livetv/(channels|now|epg|programmes)|subscriptions/plans$|openapi\.json$)};
	is($r->{headers}{'cache-control'}, $common ? 'private, no-cache' : 'no-store', '  and says that ' . ($common ? 'clients keep it' : 'nobody keeps it'));
	like($r->{headers}{'x-request-id'} // '', qr/^[A-Za-z0-9._-]{8,64}$/, '  and X-Request-Id');
	if ($route->{list}) {
		is(ref $r->{json}{items}, 'ARRAY', '  is a list');
		ok(exists $r->{json}{next}, '  with next');
	}
	my $authorization = defined token_for($route) ? 'Authorization: Bearer ' . token_for($route) . "\r\n" : '';
	my $head = raw_response($tv->raw("HEAD $target HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$authorization\r\n"));
	is($head->{status}, 200, "HEAD $target");
	is($head->{content}, '', '  has no body');
	is($head->{headers}{$_}, $r->{headers}{$_}, "  $_ as with GET") for qw(content-type cache-control);
	return if $route->{path} =~ m{^/play/(ondemand|live)/}; # each is another session
	is(ask($route, $target, headers => { 'If-None-Match' => '"other"' })->{status}, 200, '  another ETag: 200');
	is($head->{headers}{etag}, $r->{headers}{etag}, '  etag as with GET') unless $route->{path} =~ m{^/(health|metrics|livetv/now|auth/sessions)};
	my $same = ask($route, $target, headers => { 'If-None-Match' => qq("other", $r->{headers}{etag}) });
	if ($route->{path} !~ m{^/(health|metrics)}) {
		is($same->{status}, 304, "$target again with If-None-Match") or diag($r->{headers}{etag}, ' ', $same->{headers}{etag} // '');
		is($same->{content}, '', '  has no body');
		is($same->{headers}{etag}, $r->{headers}{etag}, '  and the ETag');
	}
}

sub check_request_id
{
	my ($route) = @_;
	for my $taken ('abcdefgh', 'A.b_c-0123', 'x' x 64) {
		my $r = ask($route, target($route), token => undef, headers => { 'X-Request-Id' => $taken });
		is($r->{headers}{'x-request-id'}, $taken, '  X-Request-Id is taken over');
	}
	for my $refused ('short', 'x' x 65, 'with space', 'a/b?c=ddd', '"quoted"x') {
		my $r = ask($route, target($route), token => undef, headers => { 'X-Request-Id' => $refused });
		isnt($r->{headers}{'x-request-id'}, $refused, "  X-Request-Id '$refused' is not");
		like($r->{headers}{'x-request-id'} // '', qr/^[A-Za-z0-9._-]{8,64}$/, '  but one is made');
	}
}

my %seen;
for my $route (@routes) {
	subtest "$route->{method} $route->{path}" => sub {
		check_token($route);
		check_query($route);
		my $signed = $route->{path} =~ /\{token\}/; # what is not signed is a 403: t/http/live-hls.t
		check_path($route) unless $signed;
		check_body($route);
		check_get($route) unless $signed;
		check_methods($route) unless $seen{ $route->{path} }++;
		check_request_id($route) if $route->{method} eq 'GET' || !$route->{body};
		ok(defined $route->{summary} && length $route->{summary}, 'it has a summary for the documentation');
	};
}

for my $path ('/nothing', '/authx', '/usersfoo', '/auth', '/auth/', '/auth/login/', '/ondemand/nothing', '/livetv/channels/1/nothing',
	'/admin', '/admin/', '/admin/nothing', '/ondemand//movies', '/ONDEMAND/movies') {
	is_problem($tv->get($path, $user->{token}), $path =~ m{//} ? qr/^40[04]$/ : 404);
}
is_problem(raw_response($tv->raw("GET /ondemand/movies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$_\r\n\r\n")), qr/^(400|431)$/, undef, substr $_, 0, 40)
	for 'X: ' . 'x' x 20_000, "Bad Header: x", "X\x01: 1";
is_problem(raw_response($tv->raw("GET $_ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), qr/^(400|404|414|431)$/, undef, substr $_, 0, 40)
	for '/ondemand/../etc/passwd', '/ondemand/%2e%2e/x', '/ondemand%2Fmovies', '/ondemand/movies%00', "/\xff", '/' . 'x' x 9000;
my $two = raw_response($tv->raw("GET /users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	. "Authorization: Bearer $user->{token}\r\nAuthorization: Bearer $admin->{token}\r\n\r\n"));
is_problem($two, qr/^40[01]$/, undef, 'two Authorization headers');
my $logs = $tv->log_text;
unlike($logs, qr/\Q$user->{token}\E|\Q$user->{password}\E/, 'no token and no password is in a log');
unlike($logs, qr/AddressSanitizer|runtime error|Segmentation|SIGSEGV|SIGABRT/, 'nothing crashed');
done_testing();

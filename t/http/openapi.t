# The API's document holds: it is valid OpenAPI 3.1, its examples fit their schemas, and requests made from it by chance (what it
# allows and what it does not) are never a fault of ours: no 5xx, every answer has a status that the operation names and a body
# that fits the schema of that status, what the document allows is not refused for its form, and what it does not is refused.
# TV_LONG=1: 100,000 requests; TV_SEED= the seed that was printed, TV_REQUESTS= how many.
use strict;
use warnings;

use IO::Socket::INET;
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);
use TV;
use TV::Generate;
use TV::Play;
use TV::Schema;

my $seed = $ENV{TV_SEED} // int(time) % 1_000_000;
my $many = $ENV{TV_REQUESTS} // ($ENV{TV_LONG} ? 100_000 : 3000);
my $document = json_of(read_file("$bin/openapi.json"));
schema_document($document);
my @operations = operations($document);

subtest 'the document' => sub {
	my ($node) = grep { -x } map { "$_/node" } split /:/, $ENV{PATH};
	SKIP: {
		skip 'the validator is not installed (conf/npm.sh test)', 1
			unless $node && -d "$root/build/npm/node_modules/\@seriousme/openapi-schema-validator";
		my $out = qx($node $root/t/openapi.mjs $root/build/npm $bin/openapi.json 2>&1);
		is($out, "valid 3.1\n", 'it is valid OpenAPI 3.1');
	}
	eval { schema_keywords($document->{components}{schemas}{$_}, $_) for sort keys %{ $document->{components}{schemas} }; 1 }
		or fail($@);
	my @wrong;
	for my $o (@operations) {
		push @wrong, "$o->{name}: no summary" unless $document->{paths}{ $o->{path} }{ lc $o->{method} }{summary};
		if ($o->{body}) {
			schema_keywords($o->{body}, $o->{name});
			push @wrong, "$o->{name}: no example of a body" unless $o->{example};
			push @wrong, map { "$o->{name}: $_" } schema_errors($o->{example}, $o->{body}) if $o->{example};
		}
		for my $status (grep { /^2/ } keys %{ $o->{responses} }) {
			my $content = $o->{responses}{$status}{content} or next;
			my ($media) = values %$content;
			my @examples = map { resolve($_)->{value} } values %{ $media->{examples} || {} };
			push @wrong, "$o->{name}: no example of an answer" unless @examples || $status eq '202';
			push @wrong, map { my $e = $_; map { "$o->{name}: $_" } schema_errors($e, $media->{schema}) } @examples;
		}
	}
	is_deeply(\@wrong, [], 'examples for every operation, which fit');
	my %is_there = map { $_->{name} => 1 } @operations;
	my $answers = json_of(read_file("$root/conf/openapi-answers.json"));
	is_deeply([grep { !$is_there{$_} } sort keys %{ $answers->{operations} }], [], 'conf/openapi-answers.json is about what there is');
};

# --- the world that requests are about

my $database = database();
my %id = seed($database);
my $key = 'k' x 40;
my $tv = server($database, cache => 1, env => { TV_SERVICE_TOKEN => $key, TV_PAY_WEBHOOK_KEY => $key,
	TV_SMTP_URL => 'smtp://127.0.0.1:9', TV_MAIL_FROM => 'antenna@tv.example', TV_PUBLIC_URL => 'http://localhost' });
my @movies = make_movies($database, 5);
rule($database, type => 'free', kind => $_) for qw(movie channel);
rule($database, type => 'rental', kind => 'series', price_amount => 300, currency => 'EUR', start_within => 2592000, watch_within => 172800);
sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x')");
my %who;
my $guide = read_file("$root/t/data/guides/base.xml");
my $world = { files => [$guide, substr($guide, 0, 300), read_file("$root/t/data/guides/mess.m3u"), '', 'x', "\0" x 100,
	read_file("$root/t/data/guides/packed.xml.gz"), read_file("$root/t/data/guides/bomb.xml.gz")] };

sub people
{
	my ($role) = @_;
	return $who{$role} //= do {
		my $new = $role eq 'admin' ? admin($tv) : account($tv);
		if ($role eq 'kid') {
			my $profile = $tv->post('/users/profiles', { name => 'Kid', is_kids => JSON::PP::true }, $new->{token})->{json}{id};
			$new->{token} = $tv->post("/users/profiles/$profile/select", {}, $new->{token})->{json}{access_token};
		}
		$new;
	};
}

sub column { return [split /\n/, sql($database, "select id from ($_[0]) rows (id) order by random() limit 30")] }
sub items { my ($kind) = @_; return column("select id from content.item where kind = '$kind'") }

# What there is now: values by the word before {id}, by a member's name, or by both.
sub look_around
{
	my ($user, $admin, $kid) = map { people($_)->{id} } qw(user admin kid);
	my %v = (map { ("$_->[0]/id" => items($_->[1])) } ['movies', 'movie'], ['series', 'series'], ['seasons', 'season'], ['episodes', 'episode'], ['channels', 'channel']);
	my $any = column('select id from content.item');
	my $programmes = column('select id from live.programme');
	my $own = "account_id in ($user, $admin, $kid)";
	%v = (%v, 'programmes/id' => $programmes, 'epg/id' => $programmes, 'ondemand/id' => $v{'movies/id'}, 'live/id' => $v{'channels/id'},
		'stream/id' => $v{'channels/id'}, 'purchase/id' => $any, 'rent/id' => $any, content_id => $any, channel => $v{'channels/id'},
		channel_id => $v{'channels/id'}, series_id => $v{'series/id'}, season_id => $v{'seasons/id'}, season => ['1'], series => $v{'series/id'},
		'people/id' => column('select id from content.person'), 'genres/id' => column('select id from content.genre'),
		'feeds/id' => column('select id from live.feed'), 'sessions/id' => column("select id from auth.session where $own"),
		'/play/sessions/{id} id' => column("select id from play.session where $own"),
		'/play/sessions/{id}/heartbeat id' => column("select id from play.session where $own"), takeover => column("select id from play.session where $own"),
		'profiles/id' => column("select id from users.profile where $own"), 'users/id' => column('select id from users.account'),
		user_id => column('select id from users.account'), profile_id => column("select id from users.profile where $own"),
		'plans/id' => column('select id from rights.plan'), plan_id => column('select id from rights.plan'), 'rules/id' => column('select id from rights.rule'),
		'grants/id' => column('select id from rights.grant'), 'purchases/id' => column('select id from rights.purchase'),
		ids => [join(',', @$any[0 .. 2])], channels => [join(',', @{ $v{'channels/id'} })], genre => ['drama', 'war'], genres => ['drama', 'war'], group => ['news'],
		person_id => column('select id from content.person'), password => ['correct horse 7'], current_password => ['correct horse 7'],
		refresh_token => [map { people($_)->{refresh_token} } qw(user kid)], email => [people('user')->{email}, sprintf 'made%d@example.org', rand 1e9],
		payment_token => [qw(tok_ok tok_declined tok_pending)], currency => ['EUR'], code => [sprintf 'code-%d', rand 1e6], pin => ['2580'],
		tz => ['Europe/Oslo', 'UTC'], q => ['seed', 'movie', 'x'], language => ['nor', 'swe'], provider => ['sandbox'], key => [$who{player} // 'x'],
		system => ['mpa'], scheme => ['imdb']);
	$world->{values} = \%v;
}

sub token_of
{
	my ($role) = @_;
	return $role eq 'none' ? undef : $role eq 'service' ? $key : $role eq 'garbage' ? 'a.b.c'
		: $role eq 'expired' ? sign_token(people('user')->{token}, iat => 1_700_000_000, nbf => 1_700_000_000, exp => 1_700_000_900) : people($role)->{token};
}

# --- a client that keeps its connection, and sends what no other would

my $socket;

sub exchange
{
	my ($bytes, $head) = @_;
	for my $try (1, 2) {
		$socket //= IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, Timeout => 5) or die "connect: $!";
		local $SIG{PIPE} = 'IGNORE';
		my $answer = length $bytes == (syswrite($socket, $bytes) // 0) ? answer_of($head) : undef;
		return $answer if $answer;
		undef $socket;
	}
	return { status => 0, headers => {}, content => '' };
}

sub answer_of
{
	my ($head) = @_;
	my $text = '';
	my $more = sub { return sysread $socket, $text, 1 << 18, length $text };
	while (index($text, "\r\n\r\n") < 0) { $more->() or return }
	my ($top, $rest) = split /\r\n\r\n/, $text, 2;
	my $r = raw_response("$top\r\n\r\n");
	$text = $rest;
	my $length = $r->{headers}{'content-length'};
	if ($head || $r->{status} =~ /^(204|304)$/) {
	} elsif (defined $length) {
		while (length $text < $length) { $more->() or return }
	} elsif (($r->{headers}{'transfer-encoding'} // '') eq 'chunked') {
		while ($text !~ /(^|\r\n)0\r\n\r\n\z/) { $more->() or return }
		my ($at, $whole) = (0, '');
		while (substr($text, $at) =~ /^([0-9a-f]+)\r\n/i && hex $1) { $whole .= substr($text, $at + length($1) + 2, hex $1); $at += length($1) + 4 + hex $1 }
		$text = $whole;
	} else {
		while ($more->()) { }
	}
	if (($r->{headers}{'content-encoding'} // '') eq 'gzip' && length $text) {
		gunzip(\(my $packed = $text) => \$text) or return;
	}
	undef $socket if ($r->{headers}{connection} // '') eq 'close' || !defined $length;
	$r->{content} = $text;
	return $r;
}

sub bytes_of
{
	my ($r) = @_;
	my %h = (Host => '127.0.0.1', 'X-Request-Id' => 'generated', %{ $r->{headers} });
	$h{Authorization} = "Bearer $r->{bearer}" if defined $r->{bearer};
	$h{'Content-Length'} = length($r->{body} // '') if defined $r->{body} || $r->{method} =~ /^P/;
	return join '', "$r->{method} $r->{target} HTTP/1.1\r\n", (map { "$_: $h{$_}\r\n" } sort keys %h), "\r\n", $r->{body} // '';
}

# --- what every answer has to be

# Of the web server itself, for any address: stands in the document once, as default.
my %of_server = map { $_ => 1 } 400, 405, 411, 413, 414, 417, 431, 501, 505;
# What only a look at the matter can tell, however well it is formed.
my %matter = map { $_ => 1 } qw(invalid_window invalid_idempotency_key invalid_cursor
	authorization_pending slow_down access_denied expired_token);
my %form = map { $_ => 1 } qw(wrong_type unknown out_of_range too_long not_a_choice);
my %verdict;

sub body_errors
{
	my ($r, $answer, $response) = @_;
	my ($type) = ($answer->{headers}{'content-type'} // '') =~ /^([^;]+)/;
	my $content = $response->{content};
	return length $answer->{content} ? 'a body, where there is none' : () if !$content || $answer->{status} == 304;
	my $media = $content->{ $type // '' } or return 'Content-Type ' . ($type // 'missing');
	return if $r->{method} eq 'HEAD' || $type !~ /json$/;
	my $known = "$r->{operation}{name} $answer->{status} $answer->{content}";
	%verdict = () if keys %verdict > 3000;
	$verdict{$known} //= do {
		my $body = eval { json_of($answer->{content}) };
		[ref $body ? (schema_errors($body, $media->{schema}), schema_unnamed($body, $media->{schema})) : 'is no JSON'];
	};
	return @{ $verdict{$known} };
}

# What every answer of a web server may have. Anything else is the API's own, and has to be in the document.
my %usual = map { $_ => 1 } qw(cache-control connection content-encoding content-length content-security-policy content-type
	cross-origin-opener-policy date permissions-policy referrer-policy server transfer-encoding vary x-content-type-options x-frame-options);

sub header_errors
{
	my ($answer, $response) = @_;
	my %named = map { lc $_ => 1 } keys %{ $response->{headers} || {} };
	my @errors = map { "header $_ is not documented" } grep { !$usual{$_} && !$named{$_} } sort keys %{ $answer->{headers} };
	push @errors, 'no X-Request-Id' unless $answer->{headers}{'x-request-id'};
	return @errors;
}

sub wrong_with
{
	my ($r, $answer) = @_;
	my $o = $r->{operation};
	my $status = $answer->{status};
	return 'no answer' if !$status;
	return "status $status" if $status >= 500 && !$of_server{$status};
	my $method = $r->{method} eq 'HEAD' ? 'GET' : $r->{method};
	my $response = $o->{responses}{$status};
	if ($r->{elsewhere} || $method ne $o->{method}) {
		return if $method ne 'OPTIONS' && $o->{known}{$method}; # another operation
		return if $method eq 'OPTIONS' && $status == 204;
		$response = undef;
	}
	if (!$response && ($r->{elsewhere} || $of_server{$status} || $status == 404 && $method ne $o->{method})) {
		$response = resolve($o->{responses}{default});
	}
	return "status $status is not documented" if !$response;
	my @wrong = (header_errors($answer, $response), body_errors($r, $answer, $response));
	my $code = $status >= 400 && $answer->{content} =~ /"code":"(\w+)","request_id"/ ? $1 : '';
	push @wrong, "$status $code, which the document allows"
		if $r->{allowed} && $status =~ /^(400|413|414|415|431)$/ && !$matter{$code};
	push @wrong, "422 $1, which the document allows"
		if $r->{allowed} && $status == 422 && $answer->{content} =~ /"errors":.*"code":"(\w+)"/ && $form{$1};
	push @wrong, "$status, which the document does not allow" if defined $r->{allowed} && !$r->{allowed} && $status < 400;
	return @wrong;
}

# --- and off they go

srand $seed;
my (%count, %good, %failed);
my $start = time;
for my $n (1 .. $many) {
	look_around() if $n % 400 == 1;
	my $operation = TV::Generate::pick(@operations);
	redo if $operation->{method} eq 'DELETE' && TV::Generate::chance(0.7); # or soon nothing is there
	my $r = make_request($world, $operation);
	$r->{bearer} = token_of($r->{token});
	my $bytes = bytes_of($r);
	my $answer = exchange($bytes, $r->{method} eq 'HEAD');
	$count{ int $answer->{status} / 100 }++;
	$good{ $r->{operation}{name} }++ if $answer->{status} =~ /^[23]/;
	for my $why (wrong_with($r, $answer)) {
		my $kind = "$r->{operation}{name}: $why";
		diag("request $n, $kind (as $r->{token})\n" . substr($bytes =~ s/Bearer \S+/Bearer …/r, 0, 900) . "\n-> " . substr($answer->{content}, 0, 400))
			if !$failed{$kind}++ && keys %failed <= 30;
	}
	# whoever was ended is replaced
	delete $who{ $r->{token} } if $who{ $r->{token} } && $answer->{content} =~ /"code":"(session_ended|role_changed|account_suspended|token_invalid|token_expired)"/;
	$who{player} = $1 if $answer->{content} =~ /playlist\.m3u\?key=([\w-]+)/;
}
diag(sprintf '%d requests by seed %d in %.0f s: %s; %d of %d operations succeeded at least once', $many, $seed, time - $start,
	join(', ', map { "$count{$_} ${_}xx" } sort keys %count), scalar keys %good, scalar @operations);
diag('never succeeded: ' . join ', ', grep { !$good{$_} } map { $_->{name} } @operations) if $ENV{TV_LONG};
is_deeply(\%failed, {}, "every answer is as the document says (TV_SEED=$seed)");
unlike($tv->log_text, qr/AddressSanitizer|runtime error|Segmentation|SIGSEGV|SIGABRT|"level":"error"/, 'nothing crashed, and nothing was an error');
done_testing();

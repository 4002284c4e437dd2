# Access tokens that are not ours, over HTTP: each is refused with 401 (or by the web server when it is no header at all), none is an
# error of the service, and a good token is good after each.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha384 hmac_sha512);
use File::Basename qw(dirname);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use TV;
use TV::Accounts;

my $tv = keyed_server(database());
my $who = account($tv);
my $good = $who->{token};
my ($header, $payload) = parts_of($good);
my ($h, $p, $signature) = split /\./, $good;
my $now = time;

# A member replaced, removed (without a value) or added, as text.
sub edit
{
	my ($text, $name, $value) = @_;
	my $member = defined $value ? qq("$name":$value) : '';
	return $text if $text =~ s/"$name":("[^"]*"|[^,}]*)(,?)/$member . (length $member ? $2 : '')/e && ($text =~ s/,\}$/}/ || 1);
	return $text =~ s/\}$/,$member}/r;
}
sub with_header { return signed(edit($header, @_), $payload) }
sub with_claim { return signed($header, edit($payload, @_)) }
sub flipped { my ($text, $at, $bit) = @_; substr($text, $at, 1) = chr(ord(substr $text, $at, 1) ^ $bit); return $text }
# The character that differs from the last one in bits that stand for nothing.
sub unused_bits
{
	my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_');
	my ($n) = grep { $alphabet[$_] eq substr $good, -1 } 0 .. 63;
	return substr($good, 0, -1) . $alphabet[$n ^ 1];
}

is(signed($header, $payload), $good, 'what is signed here is what the service signs');
my @tokens = (
	(map { ["alg $_" => with_header(alg => qq("$_"))] } qw(none NoNe NONE HS384 HS512 hs256 RS256 HS256x), ''),
	(map { ["alg $_, no signature" => signed(edit($header, alg => qq("$_")), $payload) =~ s/[^.]*$//r] } qw(none NoNe)),
	['alg none in two parts' => signed(edit($header, alg => '"none"'), $payload) =~ s/\.[^.]*$//r],
	['HS384 signed so' => signed(edit($header, alg => '"HS384"'), $payload, undef, \&hmac_sha384)],
	['HS512 signed so' => signed(edit($header, alg => '"HS512"'), $payload, undef, \&hmac_sha512)],
	['HS256 signed with SHA-512' => signed($header, $payload, undef, \&hmac_sha512)],
	['without alg' => with_header('alg')],
	['another key' => signed($header, $payload, 'k' x 32)],
	['the empty key' => signed($header, $payload, '')],
	['the empty key, its id' => signed(edit($header, kid => '"e3b0c44298fc1c14"'), $payload, '')],
	['a key of NULs' => signed($header, $payload, "\0" x 32)],
	['the key id as the key' => signed($header, $payload, $header =~ /"kid":"([^"]*)"/)],
	(map { ["kid $_" => with_header(kid => $_)] } '"../../../../dev/null"', '"0000000000000000"', '""', '7', 'null', q("' or 1=1--")),
	['without kid' => with_header('kid')],
	['kid in upper case' => with_header(kid => uc(($header =~ /"kid":("[^"]*")/)[0]))],
	(map { ["typ $_" => with_header(typ => $_)] } '"JWT"', '"AT+JWT"', '"rt+jwt"', 'null'),
	['without typ' => with_header('typ')],
	['crit' => with_header(crit => '["exp"]')],
	['jku' => with_header(jku => '"http://127.0.0.1/keys"')],
	['jwk' => with_header(jwk => '{"kty":"oct","k":"AAAA"}')],
	['x5u' => with_header(x5u => '"http://127.0.0.1/cert"')],
	['zip' => with_header(zip => '"DEF"')],
	['a space in the header' => signed($header =~ s/,/, /r, $payload)],
	['its members in another order' => signed('{"typ":"at+jwt",' . $header =~ s/^\{|"typ":"at\+jwt",//gr, $payload)],
	(map { ["exp $_" => with_claim(exp => $_)] } '"' . ($now + 600) . '"', $now + 600 . '.5', $now + 600 . '.0', '1e10', -1, 0,
		$now - 1, '99999999999', '9223372036854775807', '99999999999999999999999', 'null', 'true', '[]'),
	['nbf ahead' => with_claim(nbf => $now + 600)],
	['iat ahead' => with_claim(iat => $now + 600)],
	['iat, nbf and exp ahead' => signed($header, edit(edit(edit($payload, iat => $now + 600), nbf => $now + 600), exp => $now + 1500))],
	['a life of a day' => with_claim(exp => $now + 86400)],
	(map { my $name = $_; map { ["$name $_" => with_claim($name => $_)] } '"other"', '["antenna"]', '""', 'null' } qw(iss aud)),
	(map { ["sub $_" => with_claim(sub => $_)] } $who->{id}, '"0"', '"-1"', qq("$who->{id}x"), qq(" $who->{id}"), '"1 or 1=1"'),
	(map { ["role $_" => with_claim(role => $_)] } '"root"', '"ADMIN"', '["admin"]', 'true', 'null'),
	(map { ["age $_" => with_claim(age => $_)] } 19, -1, '"18"', 17.5),
	(map { ["sid $_" => with_claim(sid => $_)] } 0, -1, '"1"', '1.0'), ['pid 0' => with_claim(pid => 0)],
	(map { ["without $_" => with_claim($_)] } qw(iss aud sub sid role pid age iat nbf exp jti)),
	(map { ["$_ twice" => signed($header, $payload =~ s/\}$/,"$_":"admin"}/r)] } qw(role sub exp)),
	['alg twice' => signed($header =~ s/^\{/{"alg":"none",/r, $payload)],
	['one claim more' => with_claim(admin => 'true')],
	['NUL behind the payload' => signed($header, "$payload\0")],
	['text behind the payload' => signed($header, "$payload x")],
	['an escaped NUL' => with_claim(role => '"admin\u0000"')],
	['bad UTF-8' => with_claim(jti => "\"\xff\"")],
	(map { ["payload $_" => signed($header, $_)] } '{}', '[]', 'null', '""', '{', 'x'),
	['1,500 arrays' => with_claim(jti => '[' x 1500 . ']' x 1500)],
	['1,500 arrays in the header' => with_header(jwk => '[' x 1500 . ']' x 1500)],
	(map { ["cut to $_" => substr $good, 0, $_] } 1, length $h, length($h) + 1, length "$h.$p", length("$h.$p") + 1, length($good) - 1),
	(map { ["bytes '$_'" => $_] } '', '.', '..', '...', 'a.b.c', '=', 'null', '%00', "$h..$signature", ".$p.$signature", "$h.$p.", '-', '{}.{}.{}'),
	['a fourth part' => "$good.$signature"], ['a dot behind' => "$good."], ['a dot before' => ".$good"],
	(map { ["padded with $_" => "$good$_"] } qw(= ==)), ['padding inside' => "$h=.$p.$signature"],
	['a flipped bit in the header' => flipped($good, length($h) / 2, 1)],
	['a flipped bit in the payload' => flipped($good, length($h) + length($p) / 2, 1)],
	['a flipped bit in the signature' => flipped($good, length("$h.$p") + 10, 1)],
	['the bits of the last character that stand for nothing' => unused_bits()],
	['standard base64' => "$h.$p." . ($signature =~ tr{-_}{+/}r =~ s/^./+/r)],
	['the refresh token' => $who->{refresh_token}], ['two tokens' => "$good, $good"], ['a blank inside' => "$h. $p.$signature"],
	['a tab inside' => "$h.$p\t.$signature"], ['non-ASCII' => "$h.$p.\xc3\xa5$signature"], ['raw bytes' => "\xff\xfe.\xff.\xff"],
	['5,000 bytes' => 'A' x 5000], ['5,000 dots' => '.' x 5000], ['well signed, 5,000 bytes' => with_claim(jti => '"' . 'x' x 5000 . '"')],
);
my @headers = (
	['no header', ''],
	(map { [$_, "Authorization: $_\r\n"] } "Basic $good", 'Bearer', 'bearer x', "Bearer\t$good", $good, "Token $good", "BearerX $good", 'Basic Og==',
		'Digest username="a"', "Negotiate $good"),
	['another header', "X-Authorization: Bearer $good\r\n"], ['a cookie', "Cookie: access_token=$good\r\n"],
);
my @no_headers = (
	['two Authorization headers', "Authorization: Bearer $good\r\nAuthorization: Bearer $good\r\n"],
	['NUL', "Authorization: Bearer $h\0.$p.$signature\r\n"], ['a control character', "Authorization: Bearer \x01$good\r\n"],
	['a bare line feed', "Authorization: Bearer $h\n.$p.$signature\r\n"],
	(map { [$_->[0], 'Authorization: Bearer ' . 'A' x $_->[1] . "\r\n"] } ['20,000 bytes', 20_000], ['1 MB', 1_000_000], ['20 MB', 20_000_000]),
	['1 MB of dots', 'Authorization: Bearer ' . '.' x 1_000_000 . "\r\n"],
);

sub me { my ($lines, $path) = @_; return exchange($tv, 'GET ' . ($path // '/users/me') . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$lines\r\n") }

cmp_ok(@tokens + @headers + @no_headers, '>=', 60, 'a battery: ' . (@tokens + @headers + @no_headers));
for my $case ((map { [$_->[0], "Authorization: Bearer $_->[1]\r\n"] } @tokens), @headers) {
	my $r = me($case->[1]);
	is_problem($r, 401, undef, substr $case->[0], 0, 60);
	is($r->{headers}{'www-authenticate'} // '', 'Bearer realm="antenna"' . ($case->[1] =~ /^Auth\S+ \S/ ? ', error="invalid_token"' : ''), '  challenge');
	is(me("Authorization: Bearer $good\r\n")->{status}, 200, '  the good one is still good');
}
for my $case (@no_headers) {
	my $r = me($case->[1]);
	is_problem($r, qr/^(400|401|413|431)$/, undef, $case->[0]);
	is(me("Authorization: Bearer $good\r\n")->{status}, 200, '  the good one is still good');
}
is_problem(me('', "/users/me?$_=$good"), qr/^40[01]$/, undef, "as the parameter $_") for qw(access_token token);
is_problem($tv->get('/admin/users', signed($header, edit($payload, role => '"admin"'))), qr/^40[13]$/, undef, 'a role of a well signed token is looked up');
unlike($tv->log_text, qr/\Q$signature\E|AddressSanitizer|SIGSEGV|SIGABRT/, 'no token in a log, and nothing crashed');

subtest 'the same checks in valgrind' => sub {
	my $valgrind = grep { -x "$_/valgrind" } split /:/, $ENV{PATH};
	plan(skip_all => 'valgrind is not installed') unless $valgrind;
	my $unit = "$root/build/t/unit/token";
	ok(-x $unit, "$unit is built (make unit)") or return;
	my $said = qx(valgrind -q --error-exitcode=99 --leak-check=no $unit 2>&1);
	is($? >> 8, 0, 'no error') or diag(substr $said, -2000);
	like($said, qr/^1\.\.\d{3}/m, 'of more than a hundred cases');
};

done_testing();

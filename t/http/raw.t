# What no client of good faith sends, byte by byte over a socket: messages whose end can be read in two ways (request
# smuggling), lengths that are none, NUL, bare CR and LF, headers without end. One answer each, and a request that hides
# in another one's body is never served. The requests are those that RFC 9112 (sections 2.2, 5.1, 6.1, 6.3, 11.2) warns of.
use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use TV;

my $tv = server(database());
my $n = 0;

# What would be smuggled: whoever serves it writes its id into the access log.
sub hidden { return sprintf "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\n\r\n", sprintf('smuggled-%03d', ++$n) }

# The answers on a connection: their status lines. A body may end without a line break.
sub statuses { return $_[0] =~ m{HTTP/1\.[01] (\d{3}) }g }

sub refused
{
	my ($name, $bytes, $want) = @_;
	my $text = $tv->raw($bytes);
	my @all = statuses($text);
	my $r = raw_response($text);
	$r->{what} = $name;
	is(scalar @all, 1, "$name: one answer, and the connection is closed") or diag($text);
	is_problem($r, $want // qr/^(400|411|413|414|417|431|501|505)$/, undef, "$name: refused as a problem");
}

my $post = "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
my $chunk = "0\r\n\r\n";
my %smuggling = (
	'length and chunks' => [$post . "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", $chunk],
	'chunks and length' => [$post . "Transfer-Encoding: chunked\r\nContent-Length: 500\r\n\r\n", $chunk],
	'two lengths that differ' => [$post . "Content-Length: 0\r\nContent-Length: 200\r\n\r\n", ''],
	'two lengths in a line' => [$post . "Content-Length: 0, 200\r\n\r\n", ''],
	'a length with a sign' => [$post . "Content-Length: +0\r\n\r\n", ''],
	'a negative length' => [$post . "Content-Length: -1\r\n\r\n", ''],
	'a length in hexadecimal' => [$post . "Content-Length: 0x0\r\n\r\n", ''],
	'a length with a blank inside' => [$post . "Content-Length: 0 0\r\n\r\n", ''],
	'a length beyond 64 bits' => [$post . "Content-Length: 18446744073709551616\r\n\r\n", ''],
	'a length without digits' => [$post . "Content-Length: \r\n\r\n", ''],
	'a blank before the colon' => [$post . "Content-Length : 5\r\nTransfer-Encoding: chunked\r\n\r\n", $chunk],
	'a tab before the colon of chunks' => [$post . "Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n\r\n", $chunk],
	'a folded header' => [$post . "Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", $chunk],
	'an unknown coding' => [$post . "Transfer-Encoding: xchunked\r\n\r\n", $chunk],
	'chunked and something else' => [$post . "Transfer-Encoding: chunked, identity\r\n\r\n", $chunk],
	'chunked with a parameter' => [$post . "Transfer-Encoding: chunked;a=b\r\n\r\n", $chunk],
	'chunked twice, differently' => [$post . "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n", $chunk],
	'a control character before chunked' => [$post . "Transfer-Encoding: \x0bchunked\r\n\r\n", $chunk],
	'chunks in HTTP/1.0' => ["POST /auth/login HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", $chunk],
	'chunk size that is no number' => [$post . "Transfer-Encoding: chunked\r\n\r\n", "zz\r\n\r\n"],
	'chunk size with a sign' => [$post . "Transfer-Encoding: chunked\r\n\r\n", "-1\r\n\r\n"],
	'chunk size beyond 64 bits' => [$post . "Transfer-Encoding: chunked\r\n\r\n", "10000000000000000\r\n\r\n"],
	'chunk longer than it says' => [$post . "Transfer-Encoding: chunked\r\n\r\n", "1\r\nabc\r\n0\r\n\r\n"],
	'a body of a GET' => ["GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n", ''],
);
is(scalar keys %smuggling, 24, '24 cases of smuggling');
for my $name (sort keys %smuggling) {
	my ($head, $body) = @{ $smuggling{$name} };
	refused($name, $head . $body . hidden());
}

subtest 'broken lines and characters' => sub {
	my $get = "GET /health/live HTTP/1.1\r\nHost: x\r\n";
	my %broken = (
		'NUL in a value' => $get . "X-A: a\0b\r\n\r\n",
		'NUL in a name' => $get . "X\0A: b\r\n\r\n",
		'NUL in the address' => "GET /health/live\0 HTTP/1.1\r\nHost: x\r\n\r\n",
		'an encoded NUL' => "GET /health/live%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		'a bare CR in a value' => $get . "X-A: a\rX-B: b\r\n\r\n",
		'a bare CR at the end of a line' => "GET /health/live HTTP/1.1\rHost: x\r\n\r\n",
		'a bare CR after a header' => $get . "X-A: a\rX-B: b\r\r\n\r\n",
		'lines that end in LF only' => "GET /health/live HTTP/1.1\nHost: x\n\n",
		'a control character in a value' => $get . "X-A: a\x01b\r\n\r\n",
		'a name without a colon' => $get . "Nonsense\r\n\r\n",
		'an empty name' => $get . ": a\r\n\r\n",
		'a blank in a name' => $get . "X A: b\r\n\r\n",
		'no host' => "GET /health/live HTTP/1.1\r\n\r\n",
		'two hosts' => $get . "Host: y\r\n\r\n",
		'a host that is none' => "GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n",
		'no version' => "GET /health/live\r\n\r\n",
		'a version that is none' => "GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n",
		'two blanks' => "GET  /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
		'no request at all' => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . "\r\n\r\n",
		'the preface of HTTP/2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		'CONNECT' => "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n",
		'TRACE' => "TRACE /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	);
	for my $name (sort keys %broken) {
		refused($name, $broken{$name}, qr/^(400|404|405|501|505)$/);
	}
};

subtest 'more than it takes' => sub {
	my $get = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
	refused('a header of 9 KiB', $get . 'X-A: ' . 'a' x 9216 . "\r\n\r\n", 431);
	refused('many headers', $get . join('', map { "X-$_: " . 'a' x 100 . "\r\n" } 1 .. 200) . "\r\n", 431);
	refused('an address of 9 KiB', 'GET /' . 'a' x 9216 . " HTTP/1.1\r\nHost: x\r\n\r\n", qr/^(414|431)$/);
	refused('a body of 2 MiB', $post . "Connection: close\r\nContent-Length: 2097152\r\n\r\n", 413);
	is(raw_response($tv->raw($get . 'X-A: ' . 'a' x 7000 . "\r\n\r\n"))->{status}, 200, '7,000 bytes are fine');
};

subtest 'what is right is served' => sub {
	my @two = statuses($tv->raw("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	is_deeply(\@two, [200, 200], 'two requests in one packet: two answers');
	# Said twice, it is still only one way to read it: what follows the last chunk is the next request.
	my @twice = statuses($tv->raw($post . "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n$chunk"
		. "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	is_deeply(\@twice, [400, 200], 'chunked said twice is chunked');
	my $body = '{"email":"nobody@example.org","password":"correct horse 7"}';
	my $chunked = sprintf "%x\r\n%s\r\n0\r\n\r\n", length $body, $body;
	my $answer = raw_response($tv->raw($post . "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n$chunked"));
	is_problem($answer, 401, 'invalid_credentials', 'a body in chunks');
	my $close = raw_response($tv->raw($post . "Connection: close\r\nContent-Length: " . length($body) . "\r\n\r\n$body"));
	is_problem($close, 401, 'invalid_credentials', 'the same with its length');
};

subtest 'odd, but right' => sub {
	my $body = '{"email":"nobody@example.org","password":"correct horse 7"}';
	my $size = sprintf '%x', length $body;
	my ($length, $chunks) = ("Content-Length: " . length($body), 'Transfer-Encoding: chunked');
	my %login = (
		'expecting 100' => ["$length\r\nExpect: 100-continue", $body],
		'extensions of chunks' => [$chunks, "$size;a=\"b;c\";d\r\n$body\r\n0;last\r\n\r\n"],
		'trailers that would be headers' => [$chunks, "$size\r\n$body\r\n0\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\n"],
		'a chunk a byte' => [$chunks, join('', map { "1\r\n$_\r\n" } split //, $body) . "0\r\n\r\n"],
		'another case' => ['transfer-encoding: Chunked', uc($size) . "\r\n$body\r\n0\r\n\r\n"],
	);
	for my $name (sort keys %login) {
		my ($header, $sent) = @{ $login{$name} };
		is_problem(raw_response($tv->raw("${post}Connection: close\r\n$header\r\n\r\n$sent")), 401, 'invalid_credentials', $name);
	}
	is_problem(raw_response($tv->raw("${post}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")), 413, 'body_too_large',
		'what would be too large is refused before it is sent');
	refused('an extension of 9 KB', "$post$chunks\r\n\r\n$size;" . 'a' x 9000 . "\r\n$body\r\n0\r\n\r\n" . hidden(), 400);
	refused('another host in the address', "GET http://evil.example/health/live HTTP/1.1\r\nHost: x\r\n\r\n" . hidden(), 400);
	refused('a user in the address', "GET http://a:b\@x/health/live HTTP/1.1\r\nHost: x\r\n\r\n" . hidden(), 400);
	my $end = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	my %answers = (
		'HTTP/1.0' => ["GET /health/live HTTP/1.0\r\n\r\n", 200], 'a whole address' => ["GET http://x/health/live HTTP/1.1\r\nHost: x\r\n\r\n$end", 200, 200],
		'OPTIONS for all' => ["OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n$end", 200, 200],
		'no upgrade' => ["GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n$end", 200, 200],
		'a sign-in, then another request' => ["$post$length\r\n\r\n$body$end", 401, 200], 'one that is none in between' => ["${end}BAD\r\n\r\n" =~ s/Connection: close\r\n//r . $end, 200, 400],
		'no ranges of answers' => ["GET /openapi.json HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n", 200],
	);
	for my $name (sort keys %answers) {
		my ($bytes, @want) = @{ $answers{$name} };
		is_deeply([statuses($tv->raw($bytes))], \@want, $name);
	}
};

# RFC 9112, 9.6: who has said everything may close its own side and still read.
subtest 'a client that closes its side after the request' => sub {
	my @got = map {
		my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, Timeout => 5) or die "connect: $!";
		print $s "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
		shutdown $s, 1;
		local $/;
		raw_response(<$s> // '')->{status};
	} 1 .. 50;
	is_deeply(\@got, [(200) x 50], 'is answered');
};

$tv->stop; # what it has to log is written
my $log = read_file("$tv->{dir}/log/access.log") . read_file("$tv->{dir}/log/stderr.log");
unlike($log, qr/smuggled-/, 'nothing that was hidden in a body was served');
done_testing();

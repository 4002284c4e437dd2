package TV::Client;
# What a test asks a server, and what it is answered; request() and those after it are methods of TV.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;

our @EXPORT = qw(json_of json_text uri request get post put raw raw_response cursor_of pages is_problem);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

sub json_of { $json->decode($_[0]) }

sub json_text { $json->encode($_[0]) }

sub uri
{
	my ($text) = @_;
	utf8::encode($text) if utf8::is_utf8($text);
	$text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

# One request. Options: token, headers => {…}, body (a reference is sent as JSON, text as it is), type.
# Answers HTTP::Tiny's hash with {json} when the answer is JSON.
sub request
{
	my ($self, $method, $path, %option) = @_;
	my %headers = %{ $option{headers} || {} };
	$headers{Authorization} = "Bearer $option{token}" if defined $option{token};
	my %content;
	if (exists $option{body}) {
		my $body = $option{body};
		$content{content} = ref $body ? $json->encode($body) : $body;
		$headers{'Content-Type'} = $option{type} // 'application/json';
		delete $headers{'Content-Type'} if exists $option{type} && !defined $option{type};
	}
	my $r = $self->{http}->request($method, 'http://' . $self->address . $path, { headers => \%headers, %content });
	$r->{content} //= '';
	$r->{json} = eval { $json->decode($r->{content}) }
		if length $r->{content} && ($r->{headers}{'content-type'} // '') =~ m{^application/([a-z.+-]*\+)?json\b};
	$r->{what} = "$method " . (length $path > 80 ? substr($path, 0, 77) . '...' : $path);
	return $r;
}

sub get { my ($self, $path, $token, %more) = @_; return $self->request('GET', $path, token => $token, %more) }

sub post
{
	my ($self, $path, $body, $token, %more) = @_;
	return $self->request('POST', $path, body => $body, token => $token, %more);
}

sub put
{
	my ($self, $path, $body, $token, %more) = @_;
	return $self->request('PUT', $path, body => $body, token => $token, %more);
}

# Bytes as they are over a socket of their own, and all that comes back until the other side closes.
sub raw
{
	my ($self, $bytes, $seconds) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 5) or die "connect: $!";
	local $SIG{ALRM} = sub { die "no answer in time\n" };
	alarm($seconds || 20);
	local $SIG{PIPE} = 'IGNORE';
	print $s $bytes;
	my $answer = do { local $/; <$s> };
	alarm 0;
	return $answer // '';
}

# Raw text of an answer as the hash that request() answers.
sub raw_response
{
	my ($text) = @_;
	my ($head, $content) = split /\r\n\r\n/, $text, 2;
	my ($first, @lines) = split /\r\n/, $head // '';
	my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @lines;
	my ($status) = ($first // '') =~ m{^HTTP/1\.[01] (\d{3})};
	my $r = { status => $status // 0, headers => \%headers, content => $content // '', what => 'raw request' };
	$r->{json} = eval { $json->decode($r->{content}) } if ($headers{'content-type'} // '') =~ /json/;
	return $r;
}

# The cursor of the list at that address after a row of these sort keys (lib/cursor.c), as none of the answers gave it. Its
# parameters stand in the order of the route's.
sub cursor_of
{
	my ($target, @keys) = @_;
	my ($path, $query) = split /\?/, $target;
	my $list = join "\n", $path, grep { !/^limit=/ } map { s/%(..)/chr hex $1/ger } split /&/, $query // '';
	return encode_base64url(join("\x1f", substr(sha256_hex($list), 0, 6), @keys), '');
}

# All items of a list, page by page; calls between(n) before page n + 1.
sub pages
{
	my ($self, $path, $token, $between) = @_;
	my ($next, $n, @items) = ('', 0);
	do {
		my $r = $self->get($path . (length $next ? ($path =~ /\?/ ? '&' : '?') . 'cursor=' . uri($next) : ''), $token);
		die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 200;
		push @items, @{ $r->{json}{items} };
		$next = $r->{json}{next} // '';
		$between->(++$n) if $between && length $next;
	} while (length $next && $n < 10000);
	return @items;
}

# What every refusal has in common.
sub is_problem
{
	my ($r, $status, $code, $name) = @_;
	$name //= "$r->{what}: $status" . ($code ? " $code" : '');
	my @wrong;
	push @wrong, "status $r->{status}, not $status" if ref $status ? $r->{status} !~ $status : $r->{status} != $status;
	push @wrong, 'Content-Type ' . ($r->{headers}{'content-type'} // 'missing')
		unless ($r->{headers}{'content-type'} // '') =~ m{^application/problem\+json\b};
	my $p = $r->{json};
	if (ref $p eq 'HASH') {
		push @wrong, map { "no $_" } grep { !defined $p->{$_} } qw(type title status detail code request_id);
		push @wrong, "member status $p->{status}" if defined $p->{status} && $p->{status} ne $r->{status};
		push @wrong, "code $p->{code}" if defined $code && ($p->{code} // '') ne $code;
		push @wrong, 'code is not a word' unless ($p->{code} // '') =~ /^[a-z][a-z0-9_]*$/;
		push @wrong, 'request_id differs from X-Request-Id'
			unless ($p->{request_id} // '') eq ($r->{headers}{'x-request-id'} // 'none');
		push @wrong, 'no errors' if $r->{status} == 422 && !(ref $p->{errors} eq 'ARRAY' && @{ $p->{errors} });
	} else {
		push @wrong, 'the body is not a JSON object';
	}
	push @wrong, 'no WWW-Authenticate' if $r->{status} == 401 && ($r->{headers}{'www-authenticate'} // '') !~ /^Bearer/;
	push @wrong, 'no Retry-After' if $r->{status} =~ /^(429|503)$/ && ($r->{headers}{'retry-after'} // '') !~ /^\d+$/;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(!@wrong, $name) || diag("$r->{what}: " . join(', ', @wrong) . "\n" . substr $r->{content}, 0, 600);
}

1;

# Requests made from the API's document, by chance but from a seed: what it allows, and in every way what it does not. What a
# request is (whether the document allows it) is decided by the schemas alone, not by how it was made. Perl core only.
package TV::Generate;
use strict;
use warnings;

use Encode ();
use Exporter qw(import);
use JSON::PP ();
use Scalar::Util qw(refaddr);
use TV ();
use TV::Schema;

our @EXPORT = qw(operations make_request);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# --- the operations: { name, method, path, params, body (schema), media, body_optional, responses, role }

sub operations
{
	my ($document) = @_;
	my @all;
	for my $path (sort keys %{ $document->{paths} }) {
		for my $method (sort keys %{ $document->{paths}{$path} }) {
			my $o = $document->{paths}{$path}{$method};
			my $content = ($o->{requestBody} || {})->{content} || {};
			my ($media) = sort keys %$content;
			push @all, {
				name => uc($method) . " $path", method => uc $method, path => $path, media => $media,
				params => [map { resolve($_) } @{ $o->{parameters} }], body => $media ? $content->{$media}{schema} : undef,
				example => $media ? $content->{$media}{example} : undef,
				optional => $media && !$o->{requestBody}{required},
				responses => { map { ($_ => resolve($o->{responses}{$_})) } keys %{ $o->{responses} } },
				role => $o->{security} ? 'anyone' : ($o->{description} // '') =~ /TV_SERVICE_TOKEN/ ? 'service'
					: ($o->{description} // '') =~ /administrators/ ? 'admin' : 'user',
				known => { map { uc $_ => 1 } keys %{ $document->{paths}{$path} } },
			};
		}
	}
	return @all;
}

# --- values

sub pick { return $_[rand @_] }
sub chance { return rand() < $_[0] }

# Bytes for a place where text is wanted; some are no text at all.
my @odd = ('', ' ', 'a', 'NULL', 'null', '0', '-1', 'true', "a\0b", "\0", "a\nb", "a\tb", "\x01", "\x7f", "\xff", "a\xc3", "\xc0\xaf",
	"\xed\xa0\x80", '%', '%zz', '%00', "' or 1=1 --", '"; drop', '<script>', '../../etc/passwd', '{}', '[]', '\\', "\xe2\x98\x83",
	"\xf0\x9f\x93\xba", "\xef\xbb\xbfx", "\xe2\x80\xae", 'x' x 3000, '9' x 40, '1,2,3', 'a@b.c', '/path', 'https://example.org/x', 'NO', 'no', 'nor',
	'2026-01-31', '2026-01-31T18:00:00Z', '2026-02-30', '2026-01-31T25:00:00Z', '2026-01-31T18:00:00+01:00', 'Europe/Oslo', '12345', '1.5', '+1', ' 1',
	'1e3', '0x10', '007', '9007199254740992', '9007199254740993', '9223372036854775808', '-9223372036854775809');

# Written with all of their digits: as a float, a large one would be sent as another one, and with an exponent.
sub numbers
{
	my ($schema) = @_;
	my ($low, $high) = ($schema->{minimum} // 0, $schema->{maximum} // 1000);
	return map { 0 + sprintf '%d', $_ } $low, $high, $low - 1, $high + 1, $low + 1, ($low + $high) / 2, 0, 1, -1, 42, 2**31, 2**53 + 2;
}

# Texts around the limits of a schema, as bytes. Of passwords it is the bytes that count, which the document can not say.
sub texts
{
	my ($schema) = @_;
	my @limits = grep { defined } map { $schema->{$_} } qw(minLength maxLength);
	my @lengths = grep { $_ >= 0 && $_ < 12000 } map { ($_ - 1, $_, $_ + 1) } @limits;
	return (@odd, map({ ('a' x $_, ($schema->{format} // '') eq 'password' ? () : "\xc3\xb8" x $_) } @lengths), map({ Encode::encode('UTF-8', $_ // '') } @{ $schema->{enum} || [] }),
		map { Encode::encode('UTF-8', $_) } @{ $schema->{examples} || [] });
}

sub is_text { my ($bytes) = @_; return eval { Encode::decode('UTF-8', my $copy = $bytes, Encode::FB_CROAK); 1 } }

# Whether the document allows this text for a parameter.
sub fits
{
	my ($bytes, $schema) = @_;
	return 0 if !length $bytes || !is_text($bytes) || $bytes =~ /\0/;
	my $type = kind_type($schema);
	return !schema_errors(Encode::decode('UTF-8', $bytes), $schema) if $type eq 'string';
	return $bytes =~ /^(true|false)\z/ ? 1 : 0 if $type eq 'boolean';
	return $bytes =~ /^-?\d{1,17}\z/ ? !schema_errors(0 + $bytes, $schema) : 0;
}

sub kind_type { my ($schema) = @_; my $t = $schema->{type} // 'string'; return ref $t ? $t->[0] : $t }

sub parameter_texts
{
	my ($schema) = @_;
	my $type = kind_type($schema);
	return ('true', 'false', @odd) if $type eq 'boolean';
	return ((map { sprintf '%.0f', $_ } numbers($schema)), @odd) if $type eq 'integer';
	return texts($schema);
}

# What a schema's list is, made once.
my %lists;
sub once { my ($what, $schema, $make) = @_; return $lists{"$what " . refaddr($schema)} //= [$make->()] }

# A text for a parameter: one that is allowed, or any. world: { ids => { name => […] }, text => { name => […] } }.
sub parameter_value
{
	my ($world, $operation, $p, $good) = @_;
	$good = $good ? 1 : 0;
	my $own = own_values($world, $operation, $p->{name});
	return pick(@$own) if $own && @$own && ($good || chance(0.3));
	my $all = once("p $good", $p->{schema}, sub { grep { !$good || fits($_, $p->{schema}) } parameter_texts($p->{schema}) });
	return @$all ? pick(@$all) : undef;
}

# What is there of a kind: by the word before {id} in the path, else by the member's name.
sub own_values
{
	my ($world, $operation, $name) = @_;
	my ($word) = $operation->{path} =~ m{([a-z-]+)/\{\Q$name\E\}};
	my $kind = $name eq 'id' && $word ? "$word/id" : $name;
	return $world->{values}{"$operation->{path} $name"} // $world->{values}{$kind};
}

# A JSON value; good: one that the schema allows.
sub value
{
	my ($world, $operation, $schema, $name, $good) = @_;
	$good = $good ? 1 : 0;
	my $own = own_values($world, $operation, $name);
	my $type = kind_type($schema);
	if ($own && @$own && chance($good ? 0.9 : 0.3)) {
		my $one = pick(@$own);
		return $type eq 'integer' && $one =~ /^\d+\z/ ? 0 + $one : Encode::decode('UTF-8', my $copy = $one);
	}
	return undef if ref $schema->{type} && chance(0.2);
	return object($world, $operation, $schema, $good ? 0 : 1) if $type eq 'object';
	return [map { value($world, $operation, $schema->{items}, $name, $good || chance(0.8)) } 1 .. rand 4] if $type eq 'array';
	my $all = once("v $good", $schema, sub {
		my @values = $type eq 'integer' ? numbers($schema) : $type eq 'boolean' ? (JSON::PP::true, JSON::PP::false)
			: map { Encode::decode('UTF-8', my $copy = $_) } grep { is_text($_) } texts($schema);
		return grep { !$good || !schema_errors($_, $schema) } @values;
	});
	return pick(@$all) if @$all && ($good || chance(0.7));
	return pick(undef, JSON::PP::true, 1, -1, 'x', '', [], {}, [[]], 1.5, 1e17, 'x' x 70, { a => 1 });
}

# An object of a schema with so many members that may be wrong.
sub object
{
	my ($world, $operation, $schema, $wrong) = @_;
	my %required = map { $_ => 1 } @{ $schema->{required} || [] };
	my @names = sort keys %{ $schema->{properties} };
	my %o = map { ($_ => value($world, $operation, $schema->{properties}{$_}, $_, 1)) } grep { $required{$_} || chance(0.4) } @names;
	for (1 .. $wrong) {
		my $name = @names ? pick(@names) : 'x';
		my $how = rand;
		if ($how < 0.75 && $schema->{properties}{$name}) {
			$o{$name} = value($world, $operation, $schema->{properties}{$name}, $name, 0);
		} elsif ($how < 0.9) {
			delete $o{$name};
		} else {
			$o{ pick('no_such_member', '', "a\0", "\x{2603}", 'x' x 300, '__proto__', 'ID') } = 1;
		}
	}
	return \%o;
}

# Text that is no JSON, or not what it looks like.
sub broken
{
	my ($text) = @_;
	return pick(substr($text, 0, 1 + rand(length($text) - 1)), "$text}", "$text $text", $text =~ s/^\{/{"a":1,"a":2,/r, $text =~ s/"/'/gr,
		$text =~ s/^\{/{"a":"\\u0000",/r, $text =~ s/^\{/{"a":"\x01",/r, $text =~ s/^\{/{"a":"\xff",/r, $text =~ s/^\{/{"a":"\\ud800",/r,
		$text =~ s/^\{/{"a":NaN,/r, $text =~ s/^\{/{"a":1e999,/r, $text =~ s/^\{/{"a":9223372036854775808,/r, '{"a":' x 40 . '1' . '}' x 40,
		'[' x 30, '', ' ', 'null', '[]', '1', '"x"', "\xef\xbb\xbf$text", '{"a":"' . 'x' x 70000 . '"}', "\0", $text =~ s/:/:\n\/\/ x\n/r);
}

# --- a request: { operation, method, target, headers, body, token, allowed (1, 0, or undef: only an answer tells), head }

sub make_request
{
	my ($world, $operation) = @_;
	my $wrongs = chance(0.5) ? 0 : chance(0.75) ? 1 : 2;
	my %r = (operation => $operation, method => $operation->{method}, headers => {}, allowed => 1);
	my @places = ('param', 'param', ($operation->{body} ? ('body') x 4 : ()), 'query', 'headers');
	my %wrong;
	$wrong{ pick(@places) }++ for 1 .. $wrongs;
	put_parameters(\%r, $world, $wrong{param} // 0, $wrong{query} // 0);
	put_body(\%r, $world, $wrong{body} // 0);
	put_headers(\%r, $world, $wrong{headers} // 0);
	put_method(\%r) if chance(0.04);
	$r{token} = token($world, $operation);
	return \%r;
}

sub put_parameters
{
	my ($r, $world, $wrong, $odd_query) = @_;
	my $operation = $r->{operation};
	my @all = grep { $_->{in} ne 'header' } @{ $operation->{params} };
	my %bad;
	$bad{ pick(@all)->{name} }++ for @all ? (1 .. $wrong) : ();
	my $target = $operation->{path};
	my @query;
	for my $p (@all) {
		next if !$p->{required} && !$bad{ $p->{name} } && chance(0.6);
		if ($p->{required} && $p->{in} eq 'query' && $bad{ $p->{name} } && chance(0.2)) {
			$r->{allowed} = 0;
			next;
		}
		my $value = parameter_value($world, $operation, $p, !$bad{ $p->{name} });
		next if !defined $value;
		my $fits = fits($value, $p->{schema});
		$r->{allowed} = 0 if !$fits;
		# what only a look at the matter can tell; and a pattern does not say 2^53
		$r->{allowed} &&= undef if $fits && ($p->{name} =~ /^(cursor|tz|q|key)$/ || $value =~ /\d{16}/);
		if ($p->{in} eq 'path') {
			$r->{allowed} = undef if $r->{allowed} && $value !~ /^[A-Za-z0-9._~-]+\z/; # may be another address
			$r->{elsewhere} = 1 if $value =~ m{^(\.|\.\.|.*/.*|)\z}s;
			$target =~ s/\{$p->{name}\}/TV::uri($value)/e;
		} else {
			my $plain = chance(0.1); # with what it has of reserved characters
			push @query, "$p->{name}=" . ($plain ? $value =~ s/([^!-"\$%'-~])/sprintf '%%%02X', ord $1/ger =~ s/[&#+]/_/gr : TV::uri($value));
			$r->{allowed} = undef if $plain && $query[-1] !~ /^\w+=[A-Za-z0-9._~-]*\z/;
			if ($bad{ $p->{name} } && chance(0.1)) {
				push @query, $query[-1]; # twice
				$r->{allowed} = 0;
			}
		}
	}
	for (1 .. $odd_query) {
		push @query, pick('no_such=1', 'x', '=', '&', '%00=1', "a=%ff", 'limit[]=1', '__proto__=1', '_=' . 'x' x 500, 'a;b=1', '%zz=1');
		$r->{allowed} = 0;
	}
	$r->{target} = $target . (@query ? '?' . join '&', @query : '');
}

sub put_body
{
	my ($r, $world, $wrong) = @_;
	my $operation = $r->{operation};
	my $schema = $operation->{body};
	if (!$schema) {
		if ($operation->{media}) {
			$r->{body} = pick(@{ $world->{files} });
			$r->{allowed} = undef;
			$r->{headers}{'Content-Type'} = pick('application/octet-stream', 'text/xml', 'application/json');
		} elsif (chance(0.02)) {
			@$r{qw(body allowed)} = ('{}', 0);
			$r->{headers}{'Content-Type'} = 'application/json';
		}
		return;
	}
	return if $operation->{optional} && chance(0.3);
	$r->{body} = $json->encode(object($world, $operation, $schema, $wrong));
	$r->{allowed} = 0 if schema_errors($json->decode($r->{body}), $schema);
	$r->{headers}{'Content-Type'} = 'application/json';
	return unless $wrong && chance(0.3);
	if (chance(0.75)) {
		$r->{body} = broken($r->{body});
		$r->{allowed} = $r->{allowed} ? undef : 0;
	} else {
		$r->{headers}{'Content-Type'} = pick('text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '', 'APPLICATION/JSON', 'application/json;charset=utf-8');
		$r->{allowed} = undef;
	}
}

sub put_headers
{
	my ($r, $world, $wrong) = @_;
	my %h = (
		'If-None-Match' => ['*', '"x"', 'W/"x"', '', '"', 'x' x 2000],
		'If-Match' => ['*', '"1"', '"1", "2"', '"x"', '1', '"99999999999999"', ',', 'W/"1"'],
		'Idempotency-Key' => ['abc', "k$$-" . int rand 1e9, 'x' x 255, 'x' x 256, 'a b', "\xc3\xb8"],
		'Antenna-Refresh' => ['cookie', 'cookies', ''],
		Cookie => ['antenna_refresh=x', 'antenna_refresh=', 'a=b; antenna_refresh=' . 'x' x 500, ';;;'],
		'X-Request-Id' => ['generated-000001', 'short', 'x' x 65, '"quoted"x'],
		'Accept-Encoding' => ['gzip', 'gzip;q=0', 'identity', '*', 'br, gzip'],
		Range => ['bytes=0-1', 'bytes=-1', 'bytes=x'],
		Expect => ['100-continue-not'],
		'Content-Encoding' => ['gzip'],
		'X-Long' => ['x' x 9000],
	);
	my @names = map { $_->{name} } grep { $_->{in} eq 'header' } @{ $r->{operation}{params} };
	push @names, pick(sort keys %h) if $wrong;
	for my $name (grep { $h{$_} } @names) {
		next if !$wrong && chance(0.7);
		$r->{headers}{$name} = pick(@{ $h{$name} });
		$r->{allowed} = undef if $name !~ /^(If-None-Match|Accept-Encoding|X-Request-Id)$/;
	}
}

sub put_method
{
	my ($r) = @_;
	$r->{method} = pick(qw(GET POST PUT PATCH DELETE HEAD OPTIONS TRACE PROPFIND));
	$r->{allowed} = undef if $r->{method} ne $r->{operation}{method};
}

# A token of somebody who may, mostly.
sub token
{
	my ($world, $operation) = @_;
	my $role = $operation->{role} eq 'anyone' ? 'none' : $operation->{role};
	$role = pick('none', 'user', 'kid', 'admin', 'service', 'garbage', 'expired') if chance(0.12);
	$role = 'kid' if $role eq 'user' && chance(0.15);
	return $role;
}

1;

# Values against JSON Schema (2020-12), as far as the API's document uses it: a keyword that is not known here is an error, so
# nothing in the document goes unchecked. Perl core only.
package TV::Schema;
use strict;
use warnings;

use B ();
use Exporter qw(import);
use JSON::PP ();

our @EXPORT = qw(schema_document schema_errors schema_unnamed schema_keywords kind_of resolve);

my $document;
my %annotation = map { $_ => 1 } qw(description default examples title deprecated);

# What references are looked up in.
sub schema_document { ($document) = @_; return }

sub resolve
{
	my ($schema) = @_;
	while (ref $schema eq 'HASH' && exists $schema->{'$ref'}) {
		my $at = $document;
		for my $step (split m{/}, $schema->{'$ref'} =~ s{^#/}{}r) {
			$at = $at->{ $step =~ s/~1/\//gr =~ s/~0/~/gr } // die "no $schema->{'$ref'}\n";
		}
		$schema = $at;
	}
	return $schema;
}

# The JSON type of a decoded value.
sub kind_of
{
	my ($v) = @_;
	return 'null' if !defined $v;
	return 'boolean' if JSON::PP::is_bool($v);
	return ref $v eq 'HASH' ? 'object' : 'array' if ref $v;
	my $flags = B::svref_2object(\$v)->FLAGS;
	return 'string' if $flags & B::SVf_POK;
	return $v == int $v ? 'integer' : 'number';
}

my %format = (
	'date-time' => qr/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i,
	date => qr/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
	email => qr/^[^\s@]+@[^\s@]+$/,
	'uri-reference' => qr/^[^\s<>"{}|\\^`]*$/,
	uri => qr{^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]*$}i,
	int64 => undef,
	password => undef,
);

my %check;
%check = (
	type => sub {
		my ($v, $want) = @_;
		my $is = kind_of($v);
		return if grep { $_ eq $is || ($_ eq 'number' && $is eq 'integer') } ref $want ? @$want : $want;
		return "is $is, not " . (ref $want ? join '|', @$want : $want);
	},
	enum => sub { my ($v, $list) = @_; return (grep { same($v, $_) } @$list) ? () : 'is none of the choices' },
	const => sub { my ($v, $one) = @_; return same($v, $one) ? () : 'is not the one value' },
	properties => sub {
		my ($v, $of, $at) = @_;
		return unless ref $v eq 'HASH';
		return map { exists $v->{$_} ? errors($v->{$_}, $of->{$_}, "$at.$_") : () } sort keys %$of;
	},
	required => sub { my ($v, $names) = @_; return map { ref $v ne 'HASH' || exists $v->{$_} ? () : "has no $_" } @$names },
	additionalProperties => sub {
		my ($v, $of, $at, $schema) = @_;
		return unless ref $v eq 'HASH';
		my @more = grep { !exists $schema->{properties}{$_} } sort keys %$v;
		return map { ref $of eq "HASH" ? errors($v->{$_}, $of, "$at.$_") : $of ? () : "has $_" } @more;
	},
	items => sub { my ($v, $of, $at) = @_; return ref $v eq 'ARRAY' ? map { errors($v->[$_], $of, "$at.$_") } 0 .. $#$v : () },
	minItems => sub { my ($v, $n) = @_; return ref $v eq 'ARRAY' && @$v < $n ? "has fewer than $n items" : () },
	maxItems => sub { my ($v, $n) = @_; return ref $v eq 'ARRAY' && @$v > $n ? "has more than $n items" : () },
	minLength => sub { my ($v, $n) = @_; return kind_of($v) eq 'string' && length $v < $n ? "is shorter than $n" : () },
	maxLength => sub { my ($v, $n) = @_; return kind_of($v) eq 'string' && length $v > $n ? "is longer than $n" : () },
	minimum => sub { my ($v, $n) = @_; return is_number($v) && $v < $n ? "is less than $n" : () },
	maximum => sub { my ($v, $n) = @_; return is_number($v) && $v > $n ? "is more than $n" : () },
	pattern => sub { my ($v, $p) = @_; return kind_of($v) eq 'string' && $v !~ regexp($p) ? "does not match $p" : () },
	format => sub {
		my ($v, $name) = @_;
		return () unless kind_of($v) eq 'string' && $format{$name};
		return $v !~ $format{$name} || ($name =~ /^date/ && !is_day($v)) ? "is no $name" : ();
	},
	allOf => sub { my ($v, $of, $at) = @_; return map { errors($v, $_, $at) } @$of },
	anyOf => sub { my ($v, $of, $at) = @_; return (grep { !errors($v, $_, $at) } @$of) ? () : 'fits none of anyOf' },
	oneOf => sub { my ($v, $of, $at) = @_; return 1 == (grep { !errors($v, $_, $at) } @$of) ? () : 'does not fit one of oneOf' },
	'$ref' => sub { my ($v, undef, $at, $schema) = @_; return errors($v, resolve($schema), $at) },
);

# Of the calendar; its form is that of a date already.
sub is_day
{
	my ($year, $month, $day) = $_[0] =~ /^(\d+)-(\d+)-(\d+)/;
	my @days = (31, $year % 4 || ($year % 100 == 0 && $year % 400) ? 28 : 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
	return $day <= $days[$month - 1];
}

sub is_number { return kind_of($_[0]) =~ /^(integer|number)$/ }
sub same { my ($a, $b) = @_; return kind_of($a) eq kind_of($b) && (!defined $a || $a eq $b) }

my %regexps;
# $ of ECMA-262 is the very end.
sub regexp { my ($text) = @_; return $regexps{$text} //= do { my $r = $text =~ s/\$\z/\\z/r; qr/$r/ } }

sub errors
{
	my ($value, $schema, $at) = @_;
	if (ref $schema ne 'HASH') {
		return $schema ? () : "$at: nothing is allowed here";
	}
	my @found;
	for my $word (sort keys %$schema) {
		next if $annotation{$word};
		my $check = $check{$word} or die "unknown keyword $word at $at\n";
		push @found, map { /^\.|^body/ ? $_ : "$at $_" } $check->($value, $schema->{$word}, $at, $schema);
	}
	return @found;
}

# What is wrong with a value, one sentence each; nothing when it fits.
sub schema_errors { my ($value, $schema) = @_; return errors($value, $schema, 'body') }

# A schema and those that it consists of.
sub parts { my ($schema) = @_; my $s = resolve($schema); return ($s, map { parts($_) } map { @{ $s->{$_} || [] } } qw(allOf anyOf oneOf)) }

sub unnamed
{
	my ($value, $at, @schemas) = @_;
	my @parts = map { parts($_) } @schemas;
	if (ref $value eq 'ARRAY') {
		my @of = grep { ref } map { $_->{items} } @parts;
		return map { unnamed($_, $at, @of) } @$value;
	}
	return if ref $value ne 'HASH' || !grep({ $_->{properties} } @parts) || grep { exists $_->{additionalProperties} } @parts;
	return map {
		my $name = $_;
		my @of = grep { ref } map { $_->{properties}{$name} } @parts;
		@of ? unnamed($value->{$name}, "$at.$name", @of) : "$at.$name is not named";
	} sort keys %$value;
}

# Members of a value that its schema, where it names any, does not name.
sub schema_unnamed { my ($value, $schema) = @_; my %once; return grep { !$once{$_}++ } unnamed($value, 'body', $schema) }

# Calls seen(keyword) for every keyword below a schema; dies at one that is not known, or a format.
sub schema_keywords
{
	my ($schema, $at) = @_;
	return if ref $schema ne 'HASH';
	for my $word (keys %$schema) {
		die "unknown keyword $word at $at\n" unless $check{$word} || $annotation{$word};
	}
	die "unknown format $schema->{format} at $at\n" if exists $schema->{format} && !exists $format{ $schema->{format} };
	resolve($schema);
	schema_keywords($schema->{properties}{$_}, "$at.$_") for keys %{ $schema->{properties} || {} };
	schema_keywords($_, $at) for map { @{ $schema->{$_} || [] } } qw(allOf anyOf oneOf);
	schema_keywords($_, $at) for grep { ref } map { $schema->{$_} } qw(items additionalProperties);
}

1;

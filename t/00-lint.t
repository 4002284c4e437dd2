# What can be read from the source: the limits of length, banned calls, SQL outside sql/, documented settings, the top level.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use Test::More;

chdir abs_path(dirname(__FILE__) . '/..') or die "chdir: $!";

my %limit = (function => 80, median => 15, p90 => 40, file => 500, columns => 100);
my @c = glob 'cgi-bin/*.c lib/*.c';
my @h = glob 'cgi-bin/*.h lib/*.h';
my %text = map { $_ => slurp($_) } @c, @h;

sub slurp
{
	my ($path) = @_;
	open my $f, '<:encoding(UTF-8)', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

# One check for a list of findings, which it prints.
sub none
{
	my ($name, @findings) = @_;
	my $more = @findings > 12 ? sprintf("  and %d more\n", @findings - 12) : '';
	ok(!@findings, $name) or diag(map({ "  $_\n" } grep { defined } @findings[0 .. 11]), $more);
}

# The text with comments, and on request string literals, blanked; line numbers stay.
sub code
{
	my ($text, $strings) = @_;
	$text =~ s{(/\*.*?\*/)|(//[^\n]*)|("(?:\\.|[^"\\\n])*")|('(?:\\.|[^'\\\n])*')}{
		defined $3 ? ($strings ? '""' : $3) : defined $4 ? $4 : ($1 // $2) =~ s/[^\n]+/ /gr }ges;
	return $text;
}

sub line_of { my ($text, $position) = @_; return 1 + substr($text, 0, $position) =~ tr/\n// }

# Findings of a pattern in the code (or in its string literals too) of some files.
sub findings
{
	my ($pattern, $strings, @files) = @_;
	my @found;
	for my $file (@files) {
		my $code = code($text{$file}, $strings);
		while ($code =~ /$pattern/g) {
			push @found, "$file:" . line_of($code, $-[0]) . ": $&";
		}
	}
	return @found;
}

# [file, name, lines] of each function: from the line with its name to its closing brace, both in the first column.
sub functions
{
	my @found;
	for my $file (@_) {
		my ($name, $start);
		my $n = 0;
		for (split /\n/, code($text{$file}, 1)) {
			$n++;
			($name, $start) = ($1, $n) if /^([a-z_]\w*)\(/;
			push @found, [$file, $name, $n - $start + 1] if $name && /^\}/;
			undef $name if /^\}/ || /;\s*$/ && /^\S/;
		}
	}
	return @found;
}

sub at_share
{
	my ($share, @sorted) = @_;
	return $sorted[$share * $#sorted] // 0;
}

ok(@c > 0, 'there is code');

my @functions = functions(@c);
my @lengths = sort { $a <=> $b } map { $_->[2] } @functions;
none("no function over $limit{function} lines",
	map { "$_->[0]: $_->[1] has $_->[2]" } grep { $_->[2] > $limit{function} } @functions);
cmp_ok(at_share(0.5, @lengths), '<=', $limit{median}, "functions have a median of $limit{median} lines at most");
cmp_ok(at_share(0.9, @lengths), '<=', $limit{p90}, "nine in ten have $limit{p90} lines at most");
none("no file over $limit{file} lines",
	map { "$_ has " . ($text{$_} =~ tr/\n//) } grep { ($text{$_} =~ tr/\n//) > $limit{file} } @c, @h);

# A tab counts as four columns.
my @long;
for my $file (@c, @h) {
	my $n = 0;
	for (split /\n/, $text{$file}) {
		$n++;
		my $width = length(s/\t/    /gr);
		push @long, "$file:$n: $width columns" if $width > $limit{columns};
	}
}
none("no line over $limit{columns} columns", @long);
none('nothing but a line break ends a line', map { my $f = $_; map { "$f: $_" } $text{$f} =~ /^(.*[ \t]+)$/mg } @c, @h);
none('every file opens with a comment', grep { $text{$_} !~ m{\A/\* \S.{20}}s } @c, @h);
none('headers are guarded', grep { $text{$_} !~ /^#ifndef (\w+_H)\n#define \1\n/m } @h);

my $banned = join '|', qw(strcpy strcat sprintf vsprintf gets strtok strncpy strncat atoi atol atof alloca gmtime localtime
	ctime asctime rand srand tmpnam mktemp system popen setjmp longjmp scanf sscanf fscanf);
none('no banned call', findings(qr/\b(?:$banned)\s*\(/, 1, @c, grep { $_ ne 'lib/banned.h' } @h));
none('banned.h comes first in the library', grep { my ($first) = $text{$_} =~ /^#include "([^"]+)"/m; ($first // '') ne 'banned.h' } grep { m{^lib/} } @c);
none('no goto and no free() in cgi-bin', findings(qr/\bgoto\b|\bfree\s*\(/, 1, grep { m{^cgi-bin/} } @c));
none('no typedef', findings(qr/\btypedef\b/, 1, @c, @h));

# A program includes tv.h, its queries, its own parts' header, and headers of the system.
for my $file (grep { m{^cgi-bin/} } @c, @h) {
	my ($program) = basename($file) =~ /^([a-z]+)/;
	none("$file includes tv.h, and of ours only its own besides",
		grep { !/^(tv\.h|$program(-\w+)*\.h|\Q$program\E\.queries\.h)$/ } $text{$file} =~ /^#include "([^"]+)"/mg);
	ok((grep { /^#include "tv\.h"/m } $text{$file}, map { $text{"cgi-bin/$_"} // '' } $text{$file} =~ /^#include "([\w-]+\.h)"/mg),
		"$file includes tv.h, itself or by its program's header") if $file =~ /\.c$/;
}

# SQL belongs into sql/: in C it is neither linted nor checked against the grants, and invites concatenation.
my $sql = qr/"\s*(?i:select\s+\S|insert\s+into|update\s+\w+(?:\.\w+)?\s+set|delete\s+from|create\s+(?:table|index|schema|role|function|or\s|temp\s|unlogged\s)|alter\s|drop\s+(?:table|index|schema|role)|truncate\s|with\s+\w+\s+as|copy\s+\w+|merge\s+into|grant\s+\w+\s+(?:on|to))/;
none('no SQL text in C', findings($sql, 0, @c, @h));

# --- settings

my $settings = -x 'build/bin/system' ? `build/bin/system --settings 2>/dev/null` : '';
my @settings = $settings =~ /^(TV_\w+)/mg;
@settings = $text{'lib/conf.c'} =~ /"(TV_[A-Z0-9_]+)"/g unless @settings;
ok(@settings > 5, 'the settings are known');
SKIP: {
	skip 'no conf/tv.env.example', 1 unless ok(-e 'conf/tv.env.example', 'conf/tv.env.example is there');
	my $example = slurp('conf/tv.env.example');
	none('every setting is documented in conf/tv.env.example', grep { $example !~ /^#?\s?\Q$_\E=/m } @settings);
}

# --- the tree

my %top = map { $_ => 1 } qw(cgi-bin lib conf sql htdocs t Makefile README.md build);
opendir my $d, '.' or die "opendir: $!";
none('nothing else at the top level', grep { !/^\./ && !$top{$_} } readdir $d);

my %migration;
push @{ $migration{ m{/(\d+)-} ? $1 : $_ } }, $_ for glob 'sql/schema/*.sql';
none('every migration has a number of its own', map { "@$_" } grep { @$_ > 1 } values %migration);

my @queries = glob 'sql/queries/*.sql';
none('no select * in queries', map { my $f = $_; map { "$f: $_" } slurp($f) =~ /^(.*\bselect\s+\*.*)$/mig } @queries);
none('no offset in queries', map { my $f = $_; map { "$f: $_" } slurp($f) =~ /^(\s*offset\b.*)$/mig } @queries);

done_testing();

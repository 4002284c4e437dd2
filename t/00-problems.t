# Every problem code that a program, the database or the web server can answer stands in htdocs/docs/problems.html with its
# status; the page lists none that nobody answers.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP qw(decode_json);
use Test::More;

chdir abs_path(dirname(__FILE__) . '/..') or die "chdir: $!";

sub slurp
{
	my ($path) = @_;
	open my $f, '<:encoding(UTF-8)', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

sub slurp_bytes { my $text = slurp($_[0]); utf8::encode($text); return $text }

my $word = qr/[a-z][a-z0-9]*(?:_[a-z0-9]+)*/;
my (%answered, %member);

# code => { status => file }; several words (c ? "one" : "other") share a status.
sub note_codes
{
	my ($file, $status, $text) = @_;
	$answered{$_}{$status} //= $file for $text =~ /["']($word)["']/g;
}

for my $file (glob 'lib/*.c cgi-bin/*.c') {
	my $c = slurp($file) =~ s{/\*.*?\*/}{}gsr;
	note_codes($file, $1, $2) while $c =~ /\b(?:problem|begin)\(\s*\w+,\s*(\d{3}),\s*([^;]*?)\);/g;
	note_codes($file, 401, $1) while $c =~ /\bproblem_token\(\s*\w+,\s*([^;]*?)\);/g;
	note_codes($file, 422, $1) while $c =~ /\b(?:unprocessable|problem_value)\(\s*\w+,\s*("$word")/g;
	note_codes($file, $1, $2) while $c =~ /\{\s*(\d{3}),\s*("$word")/g;
	$member{$1} //= $file while $c =~ /\bproblem_field\(\s*\w+,\s*[^,]+,\s*"($word)"/g;
}
my $check = slurp('lib/json-check.c');
while ($check =~ /\brefuse\(\s*\w+,\s*([^;]*?)\);/g) {
	my $arguments = $1 =~ s/\*path \? path : "body"//r;
	$member{$_} //= 'lib/json-check.c' for grep { /^$word$/ } $arguments =~ /"([^"]*)"/g;
}
for my $file (glob 'sql/schema/*.sql sql/queries/*.sql') {
	my $sql = slurp($file) =~ s/^\s*--.*$//mgr;
	note_codes($file, $1, $2) while $sql =~ /\brefuse\(\s*(\d{3}),\s*('$word')/g;
	note_codes($file, $1, $2) while $sql =~ /errcode\s*=\s*'TV(\d{3})',\s*message\s*=\s*('$word')/g;
}
my $lua = slurp('conf/errors.lua');
note_codes('conf/errors.lua', $1, $2) while $lua =~ /\[(\d{3})\] = \{ ("$word")/g;
note_codes('conf/errors.lua', '4xx or 5xx', $1) while $lua =~ /\bor \{ ("$word")/g;
cmp_ok(scalar keys %answered, '>=', 40, 'codes are found');
cmp_ok(scalar keys %member, '>=', 8, 'codes of members are found');

my $html = slurp('htdocs/docs/problems.html');
my (%page, @twice);
while ($html =~ m{<section\ class="problem"\ id="([^"]*)">\s*<h3><code>([^<]*)</code>\ <span\ class="status">([^<]*)</span></h3>\s*
                  <p>\S.*?</p>\s*<p\ class="do">\S.*?</p>}xsg) {
	is($1, $2, "$1: the anchor is the code") if $1 ne $2;
	push @twice, $1 if $page{$1};
	$page{$1} = $3;
}
is(scalar keys %page, () = $html =~ /class="problem"/g, 'each has a sentence on what it is and one on what to do');
is_deeply(\@twice, [], 'none stands twice');
for my $code (sort keys %answered) {
	my @status = sort keys %{ $answered{$code} };
	is($page{$code}, join(', ', @status), "$code ($answered{$code}{$status[0]})");
}
is_deeply([grep { !$answered{$_} } sort keys %page], [], 'the page lists none that nobody answers');

# What the API's document says of operations besides.
my $operations = decode_json(slurp_bytes('conf/openapi-answers.json'))->{operations};
my @unknown;
for my $name (sort keys %$operations) {
	my $refusals = $operations->{$name}{refusals} || {};
	for my $status (sort keys %$refusals) {
		push @unknown, map { "$name: $status $_" } grep { !$answered{$_}{$status} } split / /, $refusals->{$status};
	}
}
is_deeply(\@unknown, [], 'conf/openapi-answers.json names no refusal that nobody answers');

my %listed = map { $_ => 1 } $html =~ m{<dt id="errors-($word)"><code>\1</code></dt>\s*<dd>[^<]}g;
is_deeply([grep { !$listed{$_} } sort keys %member], [], 'every code of a member is listed');
is_deeply([grep { !$member{$_} } sort keys %listed], [], 'and no other');
done_testing();

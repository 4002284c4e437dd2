# What can be read from the front end's source: the policy knows the import map, nothing is inline, one file calls fetch,
# both languages have the same texts and every text that is used, types hold (tsc --checkJs).
use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_base64);
use File::Basename qw(dirname);
use File::Find;
use JSON::PP;
use Test::More;

chdir abs_path(dirname(__FILE__) . '/..') or die "chdir: $!";

sub slurp
{
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

my @js;
find({ no_chdir => 1, wanted => sub { push @js, $_ if /\.js$/ } }, 'htdocs/js');
my %text = map { $_ => slurp($_) } @js;
my $page = slurp('htdocs/index.html');
my $docs = slurp('htdocs/docs/index.html');
my $conf = slurp('conf/lighttpd.conf');

# --- the first page

# What main.js imports, and what those import, as the page preloads it.
sub imports_of
{
	my ($file) = @_;
	my ($folder) = $file =~ m{^(.*)/};
	my @found = map { my $f = "$folder/$_"; 1 while $f =~ s{[^/]+/\.\./|/\.(?=/)}{}; $f } $text{$file} =~ /^(?:import|export)[^;]*? from '(\.[^']+)'/mg;
	return @found;
}
my %needed;
my @look = ('htdocs/js/boot.js', 'htdocs/js/main.js');
while (my $file = shift @look) {
	push @look, imports_of($file) unless $needed{$file}++;
}
delete $needed{'htdocs/js/boot.js'};
is_deeply([sort map { "htdocs$_" } $page =~ m{modulepreload" href="(/js/[^"]+)"}g], [sort keys %needed],
	'the page preloads every module that the first page needs, and no other');

# --- the policy

my ($map) = $page =~ m{<script type="importmap">(.*?)</script>}s;
ok($map, 'there is an import map');
my $hash = sha256_base64($map // '');
$hash .= '=' while length($hash) % 4;
like($conf, qr/'sha256-\Q$hash\E'/, 'the Content-Security-Policy has its hash (conf/npm.sh hash)');
unlike($conf, qr/unsafe-/, 'and nothing unsafe');
unlike($_, qr/<style|\sstyle=|\son\w+=|<script(?![^>]*(?:src=|importmap))/, 'nothing is inline') for $page, $docs;

my $lock = decode_json(slurp('conf/npm/package-lock.json'));
my %package = (vue => 'vue', 'vue-router' => 'vue-router', htm => 'htm', 'lean-qr' => 'lean-qr', hls => 'hls.js', 'hls-worker' => 'hls.js', 'swagger-ui' => 'swagger-ui-dist');
my %asked = map { $_ => 1 } join("\n", $page, $docs, values %text) =~ m{/vendor/([\w.-]+\.(?:js|css))}g;
for my $file (sort keys %asked) {
	my ($name, $version) = $file =~ /^(.*?)-(\d[\d.]*\d)\.\w+$/;
	is($version, $lock->{packages}{"node_modules/$package{$name}"}{version}, "$file is of the version in the lock file");
}
cmp_ok(scalar keys %asked, '>=', 7, 'all libraries are asked for by their version');
is_deeply([grep { !/^\d[\d.]*\d$/ } map { values %$_ } @{ decode_json(slurp('conf/npm/package.json')) }{qw(dependencies devDependencies)}],
	[], 'package.json names versions exactly');

# --- the source

is_deeply([sort grep { $text{$_} =~ /\bfetch\(/ } @js], ['htdocs/js/core/api.js'], 'one file calls fetch');
is_deeply([grep { $text{$_} =~ /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|v-html/ } @js], [],
	'nothing makes markup or code of text');
is_deeply([grep { $text{$_} !~ m{\A// \S} } @js], [], 'every file says what it is for');
my %sheet = map { $_ => slurp($_) } glob 'htdocs/css/*.css';
is_deeply([grep { (($text{$_} // $sheet{$_}) =~ tr/\n//) > 500 } @js, sort keys %sheet], [], 'no file is over 500 lines');
my $all = join "\n", $page, values %text;
is_deeply([grep { my ($name) = m{(\w+)\.css}; $all !~ m{/css/$name\.css|page\('[^)]*'$name'\)} } grep { !/docs/ } sort keys %sheet], [],
	'every style sheet is asked for, by the page or with one of its pages');

# --- texts

my %words;
for my $language (qw(en de)) {
	my $source = join '', map { $text{"htdocs/js/text/$_$language.js"} } '', 'admin-';
	my @pairs = $source =~ /^\t'([^']+)': '((?:[^'\\]|\\.)*)',$/mg;
	my %of = @pairs;
	is(scalar keys %of, @pairs / 2, "$language: no text stands twice");
	cmp_ok(scalar keys %of, '>', 250, "$language: texts are read");
	$words{$language} = \%of;
}
is_deeply([sort keys %{ $words{de} }], [sort keys %{ $words{en} }], 'both languages have the same texts');
sub values_of { return join ' ', sort { $a cmp $b } do { my %seen; grep { !$seen{$_}++ } $_[0] =~ /\{(\w+)\}/g } }
is_deeply([grep { values_of($words{en}{$_}) ne values_of($words{de}{$_} // '') } sort keys %{ $words{en} }], [], '  with the same values in them');

my %used;
for my $file (grep { !m{/text/} } @js) {
	$used{$_} = $file for $text{$file} =~ /\bt\('([a-z][\w.-]*)'/g;
	# the arms of t(a ? 'x' : 'y') and the prefixes of t(`kind.${…}`)
	for my $inside ($text{$file} =~ /\bt\(([^()`]*\?[^()`]*)\)/g) {
		$used{$_} = $file for grep { /\./ || /^[a-z_]+$/ } $inside =~ /'([a-z][\w.-]*)'/g;
	}
	for my $prefix ($text{$file} =~ /\bt\(`([\w.]+?)\$\{/g) {
		ok((grep { /^\Q$prefix\E/ } keys %{ $words{en} }), "$file: there are texts of $prefix…");
	}
}
cmp_ok(scalar keys %used, '>', 150, 'uses of texts are found');
is_deeply([map { "$_ ($used{$_})" } grep { !defined $words{en}{$_} } sort keys %used], [], 'every text that is used exists');

# --- types

SKIP: {
	my $tsc = 'build/npm/node_modules/typescript/bin/tsc';
	skip 'TypeScript is not installed (conf/npm.sh test)', 1 unless -e $tsc;
	my $said = qx(node $tsc -p conf/npm/tsconfig.json 2>&1);
	is($?, 0, 'types hold (tsc --checkJs)') or diag($said);
}
done_testing();

# The example of README.md ("Add an endpoint") works as printed: its three blocks are put into a copy of the tree, only the one
# program is built anew, and the new address does everything that an address does.
use strict;
use warnings;
use Test::More;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

my $origin = abs_path(dirname(__FILE__) . '/../..');
my $copy = tempdir('tv-newcomer-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $copy or die "chmod: $!"; # the serving user reads it

sub shell
{
	system(@_) == 0 or die "@_: status $?\n";
}

shell('cp', '-a', map({ "$origin/$_" } qw(cgi-bin lib conf sql htdocs t Makefile README.md)), $copy);
shell('mkdir', "$copy/build");
shell('cp', '-a', (grep { -e } map { "$origin/build/$_" } qw(bin gen obj libtv.a)), "$copy/build");

# From here on all is the copy: TV.pm takes the tree that it lies in.
delete $ENV{TV_BIN};
unshift @INC, "$copy/t/lib";
require TV;
TV->import;
our ($root, $bin);
is($root, $copy, 'the copy is what is tested');

# --- the blocks

my ($section) = read_file("$root/README.md") =~ /^## Add an endpoint\n(.*?)^## /ms or die 'README.md has no such section';
my ($query_file, $query) = $section =~ /^\*\*1\.\*\*.*?`(sql\/[\w\/.-]+)`.*?^```sql\n(.*?)^```$/ms;
my ($row_file, $row) = $section =~ /^\*\*2\.\*\*.*?`(cgi-bin\/[\w.-]+)`.*?^```c\n(.*?)^```$/ms;
my ($schema_file, $schema) = $section =~ /^\*\*3\.\*\*.*?`(conf\/[\w.-]+)`.*?^```json\n(.*?)^```$/ms;
ok($query && $row && $schema, 'three blocks, each with the file that it belongs to') or die 'no blocks';
my ($path) = $row =~ /"(\/[^"]+)"/;
ok(!(grep { $_->{path} eq $path } routes()), "$path is not there yet");

sub built { return map { $_ => (stat "$bin/$_")[9] . ' ' . (stat _)[1] } map { s{.*/}{}r } glob "$bin/*" }

sub build
{
	my $said = qx(make -s -C $root build 2>&1);
	is($?, 0, 'make build') or die $said;
	return built();
}

my %complete = build();

# Puts text into a file of the copy where the place (a pattern that ends before it) is.
sub insert
{
	my ($file, $place, $text) = @_;
	my $content = read_file("$root/$file");
	$content =~ s/($place)/$1$text/ or die "$file: no place for it";
	write_file("$root/$file", $content);
}

insert($query_file, qr/\z/, $query);
insert($row_file, qr/^static const struct route routes\[\] = \{\n.*?(?=^\};)/ms, $row);
insert($schema_file, qr/^\t\t"schemas": \{\n/m, $schema);

# --- the build

my %after = build();
my ($program) = $row_file =~ m{/([a-z]+)};
is_deeply([grep { ($complete{$_} // '') ne $after{$_} } sort keys %after], [sort $program, 'openapi.json'],
	'only its program is built anew, and the description of the API');

# --- what is there now

my ($route) = grep { $_->{path} eq $path } routes();
ok($route, "$program --routes has it");
is($route->{program}, $program, '  of that program');
is("$route->{method} $route->{role} $route->{cache}", 'GET user live', '  with what the row says');

my $database = database();
seed($database);
my $check = command($database, $program, '--check');
is($check->{exit}, 0, "$program --check") or diag("$check->{out}$check->{err}");
my $tv = server($database);
my $user = account($tv);

my $r = $tv->get($path, $user->{token});
is($r->{status}, 200, 'it answers') or diag($r->{content});
is_deeply($r->{json}, { items => [{ slug => 'news', name => 'News', channels => 2 }], next => undef }, '  the right body')
	or diag($r->{content});
my $tag = $r->{headers}{etag};
ok($tag, '  with an ETag');
is($tv->get($path, $user->{token}, headers => { 'If-None-Match' => $tag })->{status}, 304, '  that is honoured');

sql($database, "update content.item set min_age = 18 where kind = 'channel'");
sql($database, "update users.profile set max_age = 12 where account_id = $user->{id}");
my $child = TV::login($tv, $user);
is_deeply($tv->get($path, $child->{token})->{json}, { items => [], next => undef }, 'a child sees none of what is for adults');

is_problem($tv->get($path), 401, 'token_missing');
is_problem($tv->get($path, 'no.such.token'), 401, 'token_invalid');
$r = $tv->post($path, {}, $user->{token});
is_problem($r, 405, 'method_not_allowed');
is($r->{headers}{allow}, 'GET, HEAD, OPTIONS', '  with Allow');
is_problem($tv->get("$path?colour=red", $user->{token}), 400, 'unknown_parameter');

my $api = $tv->get('/openapi.json')->{json};
my $operation = $api->{paths}{$path}{get};
ok($operation, '/openapi.json has it');
like($row, qr/"\Q$operation->{summary}\E"/, '  with its summary');
my $item = $operation->{responses}{200}{content}{'application/json'}{schema}{properties}{items}{items}{'$ref'};
is($item, '#/components/schemas/channel_group', '  and what an item looks like');
my $properties = $api->{components}{schemas}{channel_group}{properties};
is_deeply([sort keys %$properties], [qw(channels name slug)], '  which is described');

done_testing();

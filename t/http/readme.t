# README.md is true: the commands of its tour, its imports and its log examples run as printed against what make run starts,
# and answer what stands under them; the paths and programs that it names are there.
use strict;
use warnings;
use Test::More;
use TV;

my $readme = read_file("$root/README.md");
my @tested = ('A tour in five minutes', 'Your own catalogue and channels', 'Selling', 'Searching', 'Playing', 'Logs');

# [commands, expected] of each pair of blocks under a heading.
sub examples
{
	my ($heading) = @_;
	my ($section) = $readme =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms or return;
	my @found;
	push @found, [$1, $2] while $section =~ /^```sh\n(.*?)^```\n(?:^```\n(.*?)^```\n)?/msg;
	return @found;
}

# The text under a command as a pattern: "…" is anything within its line, as the last line whatever follows.
sub pattern
{
	my ($text) = @_;
	my $end = $text =~ s/^…\n\z//m ? '' : '\z';
	my $pattern = join '[^\n]+', map { quotemeta } split /…/, $text, -1;
	return qr/\A$pattern$end/;
}

my @examples = map { examples($_) } @tested;
cmp_ok(scalar(grep { defined $_->[1] } @examples), '>=', 10, 'examples with their answers');
is(scalar(grep { !defined $_->[1] } @examples), 0, 'no command without what it answers');

# --- what make run starts, with a state directory and a port of its own

my $state = TV::scratch();
my $port = TV::free_port();
my %env = (TV_PORT => $port, TV_STATE => $state, TV_WORKERS => 2, TV_BCRYPT_COST => 4);
my $log = File::Temp->new;
delete $ENV{$_} for grep { /^TV_/ } keys %ENV;
# A session of its own, so that the signal at the end reaches all of it, as that of Ctrl-C does.
my $pid = start_process($log->filename, \%env, 'setsid', 'make', '-s', '-C', $root, 'run');
my $address = qr{^Antenna runs at http://127\.0\.0\.1:$port/\n.*stops\.\n}ms;
my $started = wait_for { read_file($log->filename) =~ $address || !TV::is_alive($pid) } 60;
ok($started && TV::is_alive($pid), 'make run starts and says where') or die read_file($log->filename);
my $said = read_file($log->filename);
like($said, qr/^  viewer +\S+\@\S+ +\S{16,}$/m, 'it prints the log-in of a viewer');
like($said, qr/^  admin +\S+\@\S+ +\S{16,}$/m, 'and of an administrator');

# --- the examples, as one shell session: later ones use what earlier ones have set

my $mark = "\x1e";
my $script = "cd '$root'\n" . join '', map { "$_->[0]\nprintf '$mark'\n" } @examples;
my $page = "$state/page.json";
$script =~ s{http://127\.0\.0\.1:8080}{http://127.0.0.1:$port}g;
$script =~ s{^state=build/run$}{state=$state}mg or fail('the state directory of the examples');
$script =~ s{/tmp/page\.json}{$page}g;
my $file = File::Temp->new;
write_file($file->filename, $script);
my @answers = split /$mark/, scalar qx(bash -eu -o pipefail $file 2>$log), -1;
is($?, 0, 'every command succeeds') or diag(read_file($log->filename));
for my $example (@examples) {
	my ($command, $expected) = @$example;
	my ($first) = $command =~ /\A(.*)$/m;
	like(shift(@answers) // '', pattern($expected // ''), $first) or diag($command);
}

# --- what it names

# Directories of the tree and of the state (build/run) are left out.
my %named = map { $_ => 1 } $readme =~ m{`((?:cgi-bin|lib|conf|sql|htdocs|t)/[\w./-]+)`}g;
is_deeply([grep { !-e "$root/$_" } sort keys %named], [], 'every file that it names is there');
my ($list) = $readme =~ /^## Not there yet\n(.*)/ms;
ok($list && $list =~ /^- /m, 'it says what is not there yet');
my @missing = $list =~ m{`(/[^`]*)`}g;
my @there = grep { my $path = $_->{path}; grep { $path =~ m{^\Q$_\E(/|$)} } @missing } routes();
is_deeply([map { "$_->{method} $_->{path}" } @there], [], 'and no address of that is there');
for ($list =~ m{`([a-z]+ [a-z-]+)`}g) {
	my ($program, $command) = split / /;
	next unless -x "$bin/$program";
	unlike(scalar qx($bin/$program --help), qr/^  \Q$_\E /m, "nor the command $_");
}

my @all = children($pid);
cmp_ok(scalar @all, '>', 10, 'make run has its processes');
kill 'TERM', -$pid; # INT is ignored by what a shell starts in the background
ok(wait_for(sub { !grep { TV::is_alive($_) } @all }, 20), 'and a signal ends all of them')
	or diag(join ' ', grep { TV::is_alive($_) } @all);
end_process($pid);
done_testing();

# What a run says of a failed file before it ends, and that its end is prove's (t/lib/TV/Harness.pm).
use strict;
use warnings;
use Test::More;
use TV::Process;

my $dir = scratch();
write_file("$dir/fails.t", <<'PERL');
use Test::More;
ok(1, 'this one holds');
subtest outer => sub { is('left', 'right', 'two words') };
print STDERR "a program says why\n";
ok(0, "number $_") for 1 .. $ARGV[0] // 0;
die "and so it ended\n";
PERL
write_file("$dir/holds.t", <<'PERL');
use Test::More tests => 2;
diag('a figure');
ok(1);
TODO: { local $TODO = 'later'; ok(0, 'not yet') }
PERL

# The exit status of a run, what it says of fails.t at the end, and the rest.
sub run_both
{
	my $out = qx(prove -j2 --harness TV::Harness $dir/fails.t $dir/holds.t @_ 2>$dir/errors);
	my $status = $? >> 8;
	my (undef, $said, $rest) = $out =~ /\A(.*)^\Q$dir\E\/fails\.t\n(.*?)^Test Summary Report\n(.*)\z/ms;
	return ($status, $said // '', $rest // '');
}

my ($status, $said, $rest) = run_both();
is($status, 1, 'the status is that of prove');
for my $line ('    not ok 1 - two words', q{    #          got: 'left'}, q{    #     expected: 'right'}, 'not ok 2 - outer', 'a program says why', 'and so it ended') {
	like($said, qr/^\Q$line\E$/m, "it says: $line");
}
unlike($said, qr/holds|figure|not yet/, 'and nothing of what holds');
like($rest, qr/^Files=2, .*\nResult: FAIL\n\z/m, "prove's lines are the last");
like(read_file("$dir/errors"), qr/^# a figure$/m, 'what tests say is still said at once');

(undef, $said) = run_both('::', 100);
my @lines = split /\n/, $said;
cmp_ok(@lines, '<=', 22, 'of many failures');
# how its output and its errors mix is nobody's to say
like($said, qr/two words.*\n    …\n.*number 100/s, '  the first and the last');
done_testing();

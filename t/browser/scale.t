# Thousands of titles and channels in a real Chromium: the document stays small, and no row is blank. As many as an operator may
# have take some minutes: TV_BROWSER_TITLES=30000 TV_BROWSER_CHANNELS=41105 t/run -v t/browser/scale.t
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Browser;

need_browser();
my %size = (titles => $ENV{TV_BROWSER_TITLES} || 1_000, channels => $ENV{TV_BROWSER_CHANNELS} || 4_000);
my $database = database();
sql($database, read_file("$TV::root/t/browser/scale.sql") =~ s/\{(\w+)\}/$size{$1}/gr);
my $tv = server($database);
my $who = account($tv);
run_script('scale.mjs', "http://127.0.0.1:$tv->{port}", $who->{email}, $password, $size{titles}, $size{channels});

# The app where answers are slow, come in the wrong order or not at all, keys come twice, and somebody has gone elsewhere
# meanwhile; and where the focus is after that.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
my $admin = TV::admin($tv);
run_script('unlucky.mjs', "http://127.0.0.1:$tv->{port}", $admin->{email}, $admin->{password}, $ENV{TV_BROWSER_ONLY} // '');

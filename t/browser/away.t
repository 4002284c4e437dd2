# The app while the service, the network, the viewer or the machine is away: what goes on by itself, what is not asked for
# meanwhile, and what is not shown again to who comes back.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
my $admin = TV::admin($tv);
run_script('away.mjs', "http://127.0.0.1:$tv->{port}", $admin->{email}, $admin->{password}, $ENV{TV_BROWSER_ONLY} // '');

# What people do with the app, from beginning to end, each by mouse and by the arrow keys alone, with the demonstration.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
my $admin = TV::admin($tv);
run_script('stories.mjs', "http://127.0.0.1:$tv->{port}", $admin->{email}, $admin->{password}, $ENV{TV_BROWSER_ONLY} // '');

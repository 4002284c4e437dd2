# What is kept by the app: subscription, purchases, lists, data of an account; what administrators make and change.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
my $admin = TV::admin($tv);
run_script('keep.mjs', "http://127.0.0.1:$tv->{port}", $admin->{email}, $admin->{password});

# A television set shows a code, and a phone lets it in.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = server(database());
run_script('device.mjs', "http://127.0.0.1:$tv->{port}");

# What a viewer says of what was watched: seen, not seen, removed, all of it forgotten; by mouse and by the arrow keys of a remote.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
run_script('seen.mjs', "http://127.0.0.1:$tv->{port}");

# Playing: new addresses by heartbeat, the limit of streams and taking over, the next episode, subtitles, going on where one was.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = demo_server();
run_script('play.mjs', "http://127.0.0.1:$tv->{port}");

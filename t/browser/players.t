# Addresses for IPTV players are made, replaced and ended on the account's page.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $tv = server(database());
run_script('players.mjs', "http://127.0.0.1:$tv->{port}");

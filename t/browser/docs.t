# The API's description as a page: Swagger UI under our policy, and "Try it out" with a token.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my $database = database();
seed($database);
my $tv = server($database);
my $who = account($tv);
run_script('docs.mjs', "http://127.0.0.1:$tv->{port}", $who->{token}, $who->{email}, $ENV{TV_SHOT} // '');

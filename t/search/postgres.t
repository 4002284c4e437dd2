# Searching by PostgreSQL alone: writes are found as soon as they are answered. What is found and what never is: t/http/search.t.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Elastic;

my $database = database();
my $tv = server($database);
writes($tv, admin($tv)->{token}, account($tv)->{token}, 'postgres');
done_testing();

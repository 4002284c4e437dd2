package TV::Browser;
# Runs a script of t/browser in node against a server, its TAP being the test's. Without node, Chromium or the packages of
# conf/npm the test is skipped, in CI it fails.
use strict;
use warnings;
use Exporter qw(import);
use Test::More;
use TV;
use TV::Accounts qw(load_demo);

our @EXPORT = qw(need_browser run_script demo_server);

sub need_browser
{
	my @missing = grep { system("command -v $_ >/dev/null 2>&1") } qw(node chromium);
	push @missing, 'packages of conf/npm (conf/npm.sh test)' unless -d "$root/build/npm/node_modules/playwright-core";
	push @missing, 'htdocs/vendor' unless -d "$root/htdocs/vendor";
	return unless @missing;
	BAIL_OUT("missing: @missing") if $ENV{CI};
	plan(skip_all => "missing: @missing");
}

# A server with the demonstration and its media, and these settings. Addresses of media hold for seconds, so that what plays needs new ones.
sub demo_server
{
	my (%env) = @_;
	my $database = database();
	load_demo($database);
	sql($database, "create or replace function play.address_life() returns interval language sql immutable parallel safe
			return interval '20 seconds';
		create or replace function play.address_renewal() returns interval language sql immutable parallel safe
			return interval '15 seconds'");
	return server($database, env => { TV_MEDIA_DIR => "$root/sql/demo/media", %env });
}

# Becomes the script, but for the end of the server.
sub run_script
{
	my ($script, @arguments) = @_;
	my $status = system 'timeout', '-k', '10', '400', 'node', "$root/t/browser/$script", @arguments;
	exit($status >> 8 || ($status ? 1 : 0));
}

1;

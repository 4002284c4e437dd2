#!/usr/bin/perl
# What playing costs: heartbeats as fast as they go, starts at a thousand a second, continue-watching of a profile with
# 100,000 rows of history; requests a second, latencies, and CPU a request by process. PostgreSQL flushes to disk as usual.
#   t/bench/play.pl [seconds each, 10]
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
my $root_dir;
BEGIN { $root_dir = abs_path(dirname(__FILE__) . '/../..') }
use lib "$root_dir/t/lib";
use POSIX qw(sysconf _SC_CLK_TCK);
use TV;
use TV::Play;

use constant ACCOUNTS => 8000;

my $seconds = shift // 10;
my $postmaster = cluster_pid();
sql('postgres', "alter system set $_") for 'fsync = on', 'synchronous_commit = on', 'full_page_writes = on';
sql('postgres', 'select pg_reload_conf()');
my $database = database();
my $tv = server($database, env => { TV_LOG_LEVEL => 'error' });
my @movies = make_movies($database, 200);
rule($database, type => 'free', kind => 'movie');

# People with a sign-in each, without a password; a play session each.
my $good = account($tv)->{token};
my @people = map { [split /\|/] } split /\n/, sql($database, qq{
	with a as (insert into users.account (email) select format('bench%s\@example.org', n) from generate_series(1, @{[ACCOUNTS]}) n returning id),
	p as (insert into users.profile (account_id, name) select id, 'Main' from a returning id, account_id),
	s as (insert into auth.session (account_id, profile_id, refresh_hash, expires_at)
		select account_id, id, sha256(id::text::bytea), now() + interval '1 day' from p returning id, account_id, profile_id),
	w as (insert into play.session (account_id, profile_id, item_id, group_id, directory, started_at, seen_at, url_until, duration)
		select account_id, profile_id, $movies[0] + id % 200, $movies[0] + id % 200, 'test', now(), now() + interval '1 hour',
			now() + interval '3 minutes', 6000 from s returning id, account_id)
	select s.account_id, s.id, s.profile_id, w.id from s join w using (account_id)});
sql($database, "insert into users.history (profile_id, item_id, position, watched_at)
		select $people[0][2], $movies[0] + n % 200, n % 6000, now() - n * interval '1 minute' from generate_series(1, 100000) n;
	insert into users.progress (profile_id, item_id, position, duration)
		select $people[0][2], $movies[0] + n, 3000, 6000 from generate_series(0, 199) n;
	insert into users.resume (profile_id, group_id, item_id, updated_at)
		select $people[0][2], $movies[0] + n, $movies[0] + n, now() - n * interval '1 minute' from generate_series(0, 199) n");
sql($database, 'vacuum (analyze)');
my @tokens = map { sign_token($good, sub => "$_->[0]", sid => 0 + $_->[1], pid => 0 + $_->[2]) } @people;

my $dir = tempdir(CLEANUP => 1);
write_file("$dir/people.lua", 'return {' . join(',', map { qq({"$tokens[$_]",$people[$_][3]}) } 0 .. $#people) . '}');

sub cpu
{
	my ($ticks, %of) = (sysconf(_SC_CLK_TCK));
	my %groups = (postgres => [$postmaster, children($postmaster)], lighttpd => [$tv->{pid}],
		programs => [map { $tv->program_pids($_) } qw(play users)]);
	for my $group (keys %groups) {
		for my $pid (@{ $groups{$group} }) {
			my $stat = eval { read_file("/proc/$pid/stat") } // next;
			my @f = split / /, $stat =~ s/^.*\) //r;
			$of{$group} += ($f[11] + $f[12]) / $ticks;
		}
	}
	return %of;
}

# wrk with this request in Lua: its figures, and CPU in microseconds a request.
sub measure
{
	my ($name, $connections, $request, $more) = @_;
	write_file("$dir/run.lua", qq{local people = dofile("$dir/people.lua")
local n, seq = math.random(#people), {}
local bad = 0
function request()
	n = n % #people + 1
	$request
end
$more
});
	my %before = cpu();
	my $out = qx(wrk -t1 -c$connections -d${seconds}s --latency -s $dir/run.lua http://127.0.0.1:$tv->{port}/);
	my %after = cpu();
	my ($requests) = $out =~ /(\d+) requests in/;
	my ($rate) = $out =~ m{Requests/sec:\s+([\d.]+)};
	my %at = $out =~ /^\s+(50|90|99)%\s+(\S+)/mg;
	my ($bad) = $out =~ /Non-2xx or 3xx responses: (\d+)/;
	printf "%-34s %7.0f/s  p50 %-8s p90 %-8s p99 %-8s  failed %d  CPU us:", $name, $rate, @at{50, 90, 99}, $bad // 0;
	printf " %s %.0f", $_, 1e6 * ($after{$_} - $before{$_}) / $requests for sort keys %after;
	print "\n";
}

# A heartbeat of one of the first so many people.
sub heartbeat
{
	my ($of) = @_;
	return qq{local i = n % $of + 1
	local p = people[i]
	seq[i] = (seq[i] or os.time() * 1000) + 1
	return wrk.format("POST", "/play/sessions/" .. p[2] .. "/heartbeat",
		{ Authorization = "Bearer " .. p[1], ["Content-Type"] = "application/json" },
		'{"position":' .. 600 + seq[i] % 100 * 30 .. ',"seq":' .. seq[i] .. '}')};
}
my $start = qq{return wrk.format("GET", "/play/ondemand/" .. $movies[0] + n % 200, { Authorization = "Bearer " .. people[n][1] })};
my $list = q{return wrk.format("GET", "/users/continue-watching", { Authorization = "Bearer " .. people[1][1] })};

measure('first heartbeats', 8, heartbeat(ACCOUNTS), '');
measure('heartbeats, warming up', 8, heartbeat(500), '');
measure('heartbeats', 8, heartbeat(500), '');
measure('starts, 1,000/s', 20, $start, 'function delay() return 18 end');
measure('continue-watching, 1 at a time', 1, $list, '');
measure('continue-watching, 4 at once', 4, $list, '');

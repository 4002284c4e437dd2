#!/usr/bin/perl
# Half an hour of everything at a modest rate: reads, writes, sign-ins, search, playing, purchases, imports, refusals.
# Each ten seconds the memory and the descriptors of every process and the connections of PostgreSQL are looked at; printed is
# what each worker grew by an hour (least squares), and the spread of what has to stay constant.
#
# Before that every worker is warmed. What it takes from the system for its first requests of each kind (libraries, statements,
# the most that its heap ever holds) it keeps, and the kernel wakes a program's second worker so seldom that it may begin after
# half an hour. So of each program one worker at a time is left running, and gets all kinds of requests as fast as they go, for
# longer than a kept answer lives (lib/store.h). What that took is printed, with how many requests it was.
#   t/bench/soak.pl [minutes, 30] [rounds a second, 4] [seconds of warming for each worker, 70]
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
my $root_dir;
BEGIN { $root_dir = abs_path(dirname(__FILE__) . '/../..') }
use lib "$root_dir/t/lib";
use List::Util qw(max min sum0);
use Time::HiRes qw(sleep time);
use TV;
use TV::Play;

use constant EVERY => 10; # seconds between samples
use constant WORKERS => 2; # of each program

my $minutes = shift // 30;
my $rate = shift // 4;
my $warming = shift // 70;
my @programs = qw(auth users ondemand livetv rights play search system);
cluster_pid();
my $database = database();
my %id = seed($database);
my $tv = server($database, cache => 1, env => { TV_WORKERS => WORKERS });
my @movies = make_movies($database, 50, 'Soak');
my $shop = $movies[-1];
rule($database, type => 'free', kind => $_) for qw(movie channel);
rule($database, type => 'purchase', content_id => $shop, price_amount => 499, currency => 'EUR', exclusive => 't');
sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x')");
my $admin = admin($tv);
my $guide = read_file("$root/t/data/guides/base.xml");
my $playlist = read_file("$root/t/data/guides/mess.m3u");

# --- the load: a round is one request or a few that belong together

my (%answers, $who, $signed);
my $round = 0;

sub asked
{
	my $r = $tv->request(@_);
	$answers{ $r->{status} }++;
	warn "$r->{what}: $r->{status} $r->{content}\n" if $r->{status} >= 500;
	return $r;
}

sub reads
{
	my (@paths) = @_;
	return map { my $path = $_; sub { asked('GET', $path =~ s/MOVIE/$movies[$round % @movies]/r, token => $who->{token}) } } @paths;
}

sub newcomer
{
	my $email = "soak$round\@example.org";
	my $password = 'correct horse 7';
	asked('POST', '/auth/register', body => { email => $email, password => $password });
	my $in = asked('POST', '/auth/login', body => { email => $email, password => $password })->{json};
	asked('POST', '/auth/login', body => { email => $email, password => 'wrong horse 7' });
	my $new = asked('POST', '/auth/refresh', body => { refresh_token => $in->{refresh_token} })->{json};
	asked('POST', "/ondemand/purchase/$shop", token => $new->{access_token}, body => { payment_token => 'tok_ok' });
	asked('GET', '/users/me/export', token => $new->{access_token});
	asked('DELETE', '/users/me', token => $new->{access_token}, body => { password => $password });
}

sub play
{
	my ($path) = @_;
	my $started = asked('GET', $path, token => $who->{token})->{json};
	my $to = "/play/sessions/$started->{session_id}/heartbeat";
	asked('POST', $to, token => $who->{token}, body => { position => 30 * $_, seq => $_, $_ == 4 ? (event => 'stop') : () }) for 1 .. 4;
}

# Each guide differs from the one before, so what was kept of channels is over.
sub guide
{
	my $changed = $guide =~ s{<title>A</title>}{<title>A $round</title>}r;
	asked('POST', '/admin/livetv/import?format=xmltv', token => $admin->{token}, body => $changed, type => 'text/xml');
}

sub edit
{
	my $to = '/admin/ondemand/movies/' . $movies[$round % (@movies - 1)];
	asked('PUT', $to, token => $admin->{token}, body => { title => "Soak $round", min_age => 0, runtime => 6000, state => 'published' });
}

my @kinds = (
	reads('/ondemand/home', '/ondemand/movies?sort=title&limit=50', '/ondemand/movies/MOVIE', '/ondemand/genres',
		"/ondemand/series/$id{series}", "/ondemand/series/$id{series}/episodes", "/ondemand/people/$id{person}",
		'/livetv/channels', '/livetv/now', '/livetv/epg', "/livetv/channels/$id{channel}/epg?date=2026-01-31&tz=Europe/Oslo",
		'/users/me', '/users/profiles', '/users/watchlist', '/users/continue-watching', '/users/history', '/auth/sessions',
		'/subscriptions', '/users/purchases', '/rights/access?ids=MOVIE', '/search/global?q=soak', '/search/suggest?q=se',
		'/play/sessions', '/health', '/metrics', '/openapi.json', '/ondemand/movies?colour=red', '/ondemand/movies/999999999', '/nothing'),
	sub { asked('GET', '/users/me') },
	sub { asked('PUT', "/users/watchlist/$movies[$round % @movies]", token => $who->{token}) },
	sub { asked('DELETE', "/users/watchlist/$movies[$round % @movies]", token => $who->{token}) },
	sub { asked('PATCH', '/users/me', token => $who->{token}, body => { name => "Soak $round" }) },
	sub { asked('PATCH', '/users/me', token => $who->{token}, body => { nothing => 1 }) },
	sub { play("/play/ondemand/$movies[$round % (@movies - 1)]") },
	sub { play("/play/live/$id{channel}") },
	\&newcomer,
	\&edit,
	sub { asked('GET', '/admin/audit', token => $admin->{token}) },
	sub { asked('GET', '/admin/users?q=soak', token => $admin->{token}) },
	\&guide,
	sub { asked('POST', '/admin/livetv/import?format=m3u', token => $admin->{token}, body => $playlist, type => 'text/plain') },
);

# Rounds until the time is over, so many a second or as fast as they go; tokens are renewed as a client does it.
sub load
{
	my ($end, $a_second) = @_;
	my $next = time;
	while (time < $end) {
		($who, $admin, $signed) = (TV::login($tv, $who), TV::login($tv, $admin), time) if time > $signed + 600;
		$kinds[$round++ % @kinds]->();
		next unless $a_second;
		$next += 1 / $a_second;
		sleep max(0, $next - time);
	}
}

# The processes of a program that take requests: those that wait by epoll.
sub takers
{
	my (undef, @pids) = $tv->program_pids($_[0]);
	return grep { grep { (readlink $_ // '') =~ /eventpoll/ } glob "/proc/$_/fd/*" } @pids;
}

sub warm
{
	for my $turn (0 .. WORKERS - 1) {
		my @others = map { my @all = takers($_); @all == WORKERS or die "$_ has @all"; splice @all, $turn, 1; @all } @programs;
		kill 'STOP', @others;
		load(time + $warming);
		kill 'CONT', @others;
	}
}

# --- what is looked at

my (%rss, %descriptors, @connections);

# "program what pid" => pid, of all that run.
sub processes
{
	my %found = (sprintf('%-8s %-6s %d', 'lighttpd', 'server', $tv->{pid}) => $tv->{pid});
	for my $name (@programs) {
		my ($master, @others) = $tv->program_pids($name);
		my %takes = map { ($_ => 1) } takers($name);
		$found{ sprintf '%-8s %-6s %d', $name, $_ == $master ? 'master' : $takes{$_} ? 'worker' : 'beside', $_ } = $_ for $master, @others;
	}
	return %found;
}

sub resident { my ($pid) = @_; return read_file("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0 }

sub look
{
	my ($at) = @_;
	my %pid = processes();
	for my $what (keys %pid) {
		push @{ $rss{$what} }, [$at, resident($pid{$what})];
		push @{ $descriptors{$what} }, scalar(() = glob "/proc/$pid{$what}/fd/*");
	}
	push @connections, sql($database, 'select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
}

# KiB an hour, by least squares.
sub slope
{
	my @points = @_;
	my ($x, $y) = map { my $i = $_; sum0(map { $_->[$i] } @points) / @points } 0, 1;
	my $width = sum0(map { ($_->[0] - $x)**2 } @points) or return 0;
	return 3600 * sum0(map { ($_->[0] - $x) * ($_->[1] - $y) } @points) / $width;
}

($who, $signed) = (account($tv), time);
my %cold = do { my %pid = processes(); map { ($_ => resident($pid{$_})) } keys %pid };
my $begun = time;
warm();
printf "warmed by %d requests in %d s\n", sum0(values %answers), time - $begun;
%answers = ();

my $start = time;
my $end = $start + 60 * $minutes;
my (undef, $from) = background(sub {
	load($end, $rate);
	print { $_[0] } "$_ $answers{$_}\n" for sort keys %answers;
});
while (time < $end) {
	look(time - $start);
	sleep EVERY;
}
my %status = map { split } <$from>;
for my $what (sort keys %rss) {
	my @points = @{ $rss{$what} };
	my @d = @{ $descriptors{$what} };
	printf "%-28s RSS cold %5d, warm %5d, at the end %5d KiB  %+7.3f MiB/h  descriptors %d to %d\n",
		$what, $cold{$what} // 0, $points[0][1], $points[-1][1], slope(@points) / 1024, min(@d), max(@d);
}
printf "connections of PostgreSQL %d to %d\n", min(@connections), max(@connections);
printf "answers: %s\n", join ' ', map { "$_: $status{$_}" } sort keys %status;

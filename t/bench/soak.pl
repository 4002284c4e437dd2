#!/usr/bin/perl
# Half an hour of everything at a modest rate: reads, writes, sign-ins, search, playing, purchases, imports, refusals.
# Each ten seconds the memory and the descriptors of every process and the connections of PostgreSQL are looked at; printed is
# what each worker grew by an hour (least squares, after the first fifth), and the spread of what has to stay constant.
#   t/bench/soak.pl [minutes, 30] [rounds a second, 4]
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

my $minutes = shift // 30;
my $rate = shift // 4;
my @programs = qw(auth users ondemand livetv rights play search system);
cluster_pid();
my $database = database();
my %id = seed($database);
my $tv = server($database, cache => 1);
my @movies = make_movies($database, 50, 'Soak');
my $shop = $movies[-1];
rule($database, type => 'free', kind => $_) for qw(movie channel);
rule($database, type => 'purchase', content_id => $shop, price_amount => 499, currency => 'EUR', exclusive => 't');
sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x')");
my $admin = admin($tv);
my $guide = read_file("$root/t/data/guides/base.xml");
my $playlist = read_file("$root/t/data/guides/mess.m3u");

# --- the load: a round is one request or a few that belong together

my (%answers, $who);
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
	sub { asked('POST', '/admin/livetv/import?format=xmltv', token => $admin->{token}, body => $guide, type => 'text/xml') },
	sub { asked('POST', '/admin/livetv/import?format=m3u', token => $admin->{token}, body => $playlist, type => 'text/plain') },
);

# Rounds until the time is over; tokens are renewed as a client does it.
sub load
{
	my ($to, $end) = @_;
	$who = account($tv);
	my $signed = time;
	my $next = time;
	while (time < $end) {
		if (time > $signed + 600) {
			($who, $admin, $signed) = (TV::login($tv, $who), TV::login($tv, $admin), time);
		}
		$kinds[$round++ % @kinds]->();
		$next += 1 / $rate;
		sleep max(0, $next - time);
	}
	print $to "$_ $answers{$_}\n" for sort keys %answers;
}

# --- what is looked at

my (%rss, %descriptors, @connections);

sub look
{
	my ($at) = @_;
	for my $name ('lighttpd', @programs) {
		my ($master, @workers) = $name eq 'lighttpd' ? $tv->{pid} : $tv->program_pids($name);
		for my $pid (grep { defined } $master, @workers) {
			my $what = sprintf '%-8s %-6s %d', $name, $pid == $master ? 'master' : 'worker', $pid;
			my ($kib) = read_file("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m or next;
			push @{ $rss{$what} }, [$at, $kib];
			push @{ $descriptors{$what} }, scalar(() = glob "/proc/$pid/fd/*");
		}
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

my $start = time;
my $end = $start + 60 * $minutes;
my (undef, $from) = background(sub { load($_[0], $end) });
while (time < $end) {
	look(time - $start);
	sleep EVERY;
}
my %status = map { split } <$from>;
my $late = 60 * $minutes / 5;
for my $what (sort keys %rss) {
	my @points = grep { $_->[0] >= $late } @{ $rss{$what} };
	my @d = @{ $descriptors{$what} }[-@points .. -1];
	printf "%-28s RSS %6d KiB to %6d KiB  %+7.3f MiB/h  descriptors %d to %d\n",
		$what, $points[0][1], $points[-1][1], slope(@points) / 1024, min(@d), max(@d);
}
my @late = @connections[@connections / 5 .. $#connections];
printf "connections of PostgreSQL %d to %d\n", min(@late), max(@late);
printf "answers: %s\n", join ' ', map { "$_: $status{$_}" } sort keys %status;

# What measuring needs besides TV: a cluster with data of real size, kept for the next time; servers with and without kept
# answers; wrk; and CPU by process. Perl core only.
package TV::Bench;
use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use JSON::PP ();
use List::Util qw(sum0);
use MIME::Base64 qw(encode_base64url);
use POSIX qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep time);
use TV;

our @EXPORT = qw(stack after bench_server token_of service_token wrk spent run_program median percentile peers_dir $shared);

our $shared = abs_path(dirname(__FILE__) . '/../../..') . '/../shared'; # of this tree, whatever is measured

my $here = $INC{'TV/Bench.pm'} =~ s{lib/TV/Bench\.pm\z}{bench}r;
my $json = JSON::PP->new->canonical;
my $settings = join ' ', qw(shared_buffers=512MB max_parallel_workers_per_gather=0 max_wal_size=4GB
	max_connections=200);
my $key = 'bench' x 8;
my $kept = abs_path(dirname(__FILE__) . '/../../..') . '/build/bench'; # also for another revision
my $cluster; # { dir, pid }

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[$#sorted / 2] }
sub percentile { my ($share, @values) = @_; return (sort { $a <=> $b } @values)[$share * $#values] }

# --- data

# Where the peers' data is, made by their load.py when it can be; nothing without it.
sub peers_dir
{
	my $peers = "$shared/peers";
	my $dir = ($ENV{PEER_TMP} || '/tmp/peers') . '/db';
	return unless -x "$peers/load.py" && -d "$shared/data";
	system("$peers/load.py $dir " . (-d $dir ? 'start' : 'init') . ' > /dev/null') == 0 or die "load.py failed\n";
	return $dir;
}

sub shell { my ($command) = @_; system('bash', '-c', "set -o pipefail; $command") == 0 or die "failed: $command\n" }

sub psql_file { my ($database, $file) = @_; shell("psql -Xq -v ON_ERROR_STOP=1 -o /dev/null -f '$file' '" . sql_url('postgres', $database) . "'") }

sub fill
{
	my ($database) = @_;
	psql_file($database, "$here/staging.sql");
	if (my $peers = peers_dir()) {
		my $from = "host=$peers/sock port=54391 user=tv dbname=tv";
		for my $table (qw(movie person series series_cast episode channel programme account subscription purchase rental content_rule)) {
			shell("psql -Xq '$from' -c 'copy $table to stdout' | psql -Xq -v ON_ERROR_STOP=1 -c 'copy bench.$table from stdin' '"
				. sql_url('postgres', $database) . "'");
		}
	} else {
		psql_file($database, "$here/synthetic.sql");
	}
	psql_file($database, "$here/fill.sql");
	sql($database, 'do $$ begin while search.catch_up() loop commit; end loop; end $$');
	sql($database, 'delete from live.guide_state; set client_min_messages = warning; drop schema bench cascade; create extension pg_stat_statements');
	sql($database, 'vacuum (analyze, freeze)');
}

our @more_settings;
sub start_cluster
{
	my ($dir) = @_;
	my $pid = start_process("$dir/log", {}, "$root/conf/postgres.sh", 'run', $dir, split(/ /, $settings), @more_settings);
	wait_for { system("$root/conf/postgres.sh ready $dir >/dev/null 2>&1") == 0 } 60
		or die 'PostgreSQL does not start: ' . read_file("$dir/log");
	$cluster = { dir => $dir, pid => $pid };
	$ENV{TV_TEST_CLUSTER} = $dir;
}

# The address of the page after a row; compare.pl measures revisions, too, whose cursors had no tag.
sub after
{
	my ($target, @keys) = @_;
	return "$target&cursor=" . (-e "$root/lib/cursor.c" ? cursor_of($target, @keys) : encode_base64url(join("\x1f", @keys), ''));
}

# A cluster whose database "bench" is filled; the filled files are kept in build/bench for the next time, and are made by one at
# a time (compare.pl). Commits are on the disk, as they are in earnest. Answers the database's name. With large => 1 there is a
# copy of it, named large.
sub stack
{
	my (%option) = @_;
	my $data = -d "$shared/peers" ? 'peers' : 'synthetic';
	my $digest = substr sha256_hex(join '', $data, map { read_file($_) } sort(glob("$root/sql/schema/*.sql")), glob "$here/*.sql"), 0, 16;
	my $saved = "$kept/$digest";
	my $dir = TV::scratch();
	make_path($kept);
	open my $lock, '>', "$kept/lock" or die "$kept/lock: $!";
	flock $lock, LOCK_EX or die "$kept/lock: $!";
	if (-e "$saved/ready") {
		shell("cp -a --reflink=auto $saved/pg $dir/");
		start_cluster($dir);
	} else {
		print STDERR "Filling a database ($data data); it is kept in build/bench\n";
		start_cluster($dir);
		sql('postgres', 'create database bench owner tv_owner');
		my $made = command('bench', 'system', 'migrate', "$root/sql/schema");
		die $made->{err} if $made->{exit};
		fill('bench');
		end_process($cluster->{pid}, 'INT');
		my @old = sort { -M $a <=> -M $b } grep { -d } glob "$kept/*";
		remove_tree(@old[1 .. $#old]); # two schemas, for compare.pl
		make_path($saved);
		shell("cp -a --reflink=auto $dir/pg $saved/ && touch $saved/ready");
		start_cluster($dir);
	}
	close $lock;
	sql('bench', "update auth.session set expires_at = now() + interval '30 days';
		update play.session set started_at = now(), seen_at = now() + interval '6 hours', url_until = now() + interval '6 hours'");
	sql('bench', "vacuum (analyze) $_") for qw(auth.session play.session);
	sql('postgres', 'create database large template bench strategy file_copy') if $option{large};
	sql('bench', 'checkpoint');
	return 'bench';
}

# --- servers

# store: "edge" (kept answers leave from lighttpd), "program" (from the program) or "off" (each is made anew).
sub bench_server
{
	my ($store, %env) = @_;
	my $tv = server($env{database} || 'bench', cache => $store ne 'off', home => bench_home(), env => {
		TV_LOG_LEVEL => 'error', TV_JWT_KEY => $key, TV_SERVICE_TOKEN => $key, TV_BCRYPT_COST => 10,
		TV_EDGE => $store eq 'edge' ? 'on' : 'off', %env });
	$tv->{store} = $store;
	return $tv;
}

# A copy of what lighttpd serves, with static files beside it.
my $home;
sub bench_home
{
	return $home if $home;
	$home = TV::scratch();
	shell("cp -R $root/conf $root/htdocs $home/ && chmod -R a+rX $home");
	return $home;
}

sub put_static { my ($name, $text) = @_; write_file(bench_home() . "/htdocs/$name", $text); chmod 0644, "$home/htdocs/$name" }

# As the auth program signs them.
sub token_of
{
	my ($account, $role) = @_;
	my $header = sprintf '{"alg":"HS256","typ":"at+jwt","kid":"%s"}', substr sha256_hex($key), 0, 16;
	my $now = time;
	my $claims = sprintf '{"iss":"antenna","aud":"antenna","sub":"%d","sid":%d,"role":"%s","pid":%d,"age":18,"iat":%d,"nbf":%d,"exp":%d,"jti":"%s"}',
		$account, $account, $role // 'user', $account, $now, $now, $now + 900, substr sha256_hex("$account"), 0, 16;
	my $text = encode_base64url($header, '') . '.' . encode_base64url($claims, '');
	return $text . '.' . encode_base64url(Digest::SHA::hmac_sha256($text, $key), '');
}

sub service_token { return $key }

# --- CPU and memory

sub postmaster { return $cluster->{pid} }

sub ticks
{
	my ($pid) = @_;
	my @f = split / /, (eval { read_file("/proc/$pid/stat") } // return 0) =~ s/^.*\) //sr;
	return sum0(@f[11 .. 14]);
}

sub pss { my ($pid) = @_; return (eval { read_file("/proc/$pid/smaps_rollup") } // '') =~ /^Pss:\s+(\d+)/m ? $1 / 1024 : 0 }
sub rss { my ($pid) = @_; return (eval { read_file("/proc/$pid/statm") } // '') =~ /^\d+ (\d+)/ ? $1 / 256 : 0 }

sub groups
{
	my ($tv) = @_;
	return (lighttpd => [$tv->{pid}], programs => [children($tv->{pid})], postgres => [$cluster->{pid}, children($cluster->{pid})]);
}

# CPU seconds that each group has used so far.
sub spent
{
	my ($tv) = @_;
	my %groups = groups($tv);
	return map { my $g = $_; ($g => sum0(map { ticks($_) } @{ $groups{$g} }) / sysconf(_SC_CLK_TCK)) } keys %groups;
}

sub memory
{
	my ($tv) = @_;
	my %groups = groups($tv);
	return { map { my $g = $_; ($g => sum0(map { $g eq 'lighttpd' ? rss($_) : pss($_) } @{ $groups{$g} })) } keys %groups };
}

# --- load

# Sends these requests in turn for so many seconds, as fast as they are answered or at a steady rate: { rate, p50, p99, max (ms), bytes, cpu => { … us }, memory, failed }. A
# request is [method, path, token, body, headers].
sub wrk
{
	my ($tv, $requests, %option) = @_;
	my $file = bench_home() . "/requests.$$"; # two may send at the same time
	write_file($file, join '', map { my $r = $_; join("\t", map { $r->[$_] // '' } 0 .. 3) . "\t" . join("\x1f", %{ $r->[4] || {} }) . "\n" } @$requests);
	my $load = sub {
		my ($seconds) = @_;
		local $ENV{REQUESTS} = $file;
		local $ENV{START} = int rand @$requests;
		local $ENV{RATE} = $option{rate} // '';
		my $out = qx(wrk -t1 -c$option{connections} -d${seconds}s --timeout 10s -s $here/wrk.lua http://127.0.0.1:$tv->{port});
		return $json->decode($out =~ /^JSON (.*)$/m ? $1 : die "wrk: $out\n");
	};
	$load->($option{warm} // 1);
	sleep 0.2;
	my %before = spent($tv);
	my $r = $load->($option{seconds});
	sleep 0.05;
	my %after = spent($tv);
	my $n = $r->{requests} || 1;
	return { rate => $n / $r->{us} * 1e6, (map { $_ => $r->{$_} / 1000 } qw(p50 p99 max)), bytes => $r->{bytes} / $n,
		cpu => { map { $_ => 1e6 * ($after{$_} - $before{$_}) / $n } keys %after }, memory => memory($tv),
		failed => ($r->{requests} ? '' : 'no answers') . ($r->{bad} ? "$r->{bad} answers were errors" : '') . ($r->{lost} ? "$r->{lost} were lost" : '') };
}

# Runs a command of a program on the database: { seconds, cpu (of it and of PostgreSQL, seconds), memory, out }.
sub run_program
{
	my ($database, $program, @arguments) = @_;
	my $dir = TV::scratch();
	my %env = (TV::environment($database, $dir), %{ ref $arguments[-1] ? pop @arguments : {} });
	my @before = (times, ticks_of_postgres());
	my $start = time;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		@ENV{keys %env} = values %env;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$dir/out" or POSIX::_exit(126);
		open STDERR, '>', "$dir/err" or POSIX::_exit(126);
		exec TV::as_user('/usr/bin/env', "$TV::bin/$program", @arguments) or POSIX::_exit(127);
	}
	my $top = 0;
	until (waitpid $pid, POSIX::WNOHANG()) {
		my $now = rss($pid);
		$top = $now if $now > $top;
		sleep 0.01;
	}
	my ($status, $seconds) = ($?, time - $start);
	my @after = (times, ticks_of_postgres());
	die "$program @arguments: " . substr(read_file("$dir/err"), -1000) if $status;
	return { seconds => $seconds, out => read_file("$dir/out") . read_file("$dir/err"), memory => { programs => $top },
		cpu => { programs => $after[2] + $after[3] - $before[2] - $before[3], postgres => $after[4] - $before[4] } };
}

sub ticks_of_postgres { return sum0(map { ticks($_) } $cluster->{pid}, children($cluster->{pid})) / sysconf(_SC_CLK_TCK) }

1;

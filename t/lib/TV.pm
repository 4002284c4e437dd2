# What the tests stand on: a throw-away PostgreSQL, a database made from a template for each test file, a real lighttpd
# with the programs behind it, a client, and an end to all of it whatever happens. Perl core only.
package TV;
use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(hmac_sha256 sha256_hex);
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
	$root $bin database sql sql_url command server sign_token account admin
	is_problem wait_for raw_response read_file write_file pages json_of uri
	children background start_process end_process cluster_pid seed routes needs
);

our $root = $ENV{TV_ROOT} || abs_path(dirname(__FILE__) . '/../..');
our $bin = $ENV{TV_BIN} || "$root/build/bin";
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $key = $ENV{TV_TEST_KEY} || join '', map { sprintf '%02x', rand 256 } 1 .. 32;
my $password = 'correct horse 7';
our @cluster_settings = qw(fsync=off synchronous_commit=off full_page_writes=off max_connections=400 shared_buffers=64MB);
my ($cluster, @servers, @databases, %processes);
my $owner = $$;

sub json_of { $json->decode($_[0]) }

sub read_file
{
	my ($path) = @_;
	open my $f, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

sub write_file
{
	my ($path, $text) = @_;
	open my $f, '>:raw', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

# Polls until the condition is true: its value, or nothing after so many seconds.
sub wait_for(&;$)
{
	my ($condition, $seconds) = @_;
	my $end = time + ($seconds || 10);
	while () {
		my $value = $condition->();
		return $value if $value;
		return if time > $end;
		sleep 0.02;
	}
}

# --- processes

# Runs a program in the background with this environment and its output in a file; answers its pid.
sub start_process
{
	my ($log, $env, @argv) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		@ENV{keys %$env} = values %$env;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log or POSIX::_exit(126);
		open STDERR, '>&', \*STDOUT;
		exec @argv or POSIX::_exit(127);
	}
	$processes{$pid} = 1;
	return $pid;
}

# Runs code in a process of its own, which ends with this one; what the code prints to its handle can be read from the
# handle that is answered: (pid, handle).
sub background
{
	my ($code) = @_;
	pipe my $read, my $write or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		close $read;
		$SIG{$_} = 'DEFAULT' for qw(HUP INT TERM PIPE);
		eval { $code->($write); close $write; 1 } or print STDERR $@;
		File::Temp::cleanup();
		POSIX::_exit(0);
	}
	$processes{$pid} = 1;
	return ($pid, $read);
}

# Ends a process that start_process or background made: a signal, ten seconds, then KILL.
sub end_process
{
	my ($pid, $signal) = @_;
	return unless delete $processes{$pid};
	kill $signal || 'TERM', $pid;
	return if wait_for { waitpid($pid, WNOHANG) } 10;
	kill 'KILL', $pid;
	waitpid $pid, 0;
}

# Process ids below pid, from /proc.
sub children
{
	my ($pid) = @_;
	my %of;
	for my $stat (glob '/proc/[0-9]*/stat') {
		my ($id, $parent) = (eval { read_file($stat) } // '') =~ /^(\d+) \(.*\) \S (\d+)/ or next;
		push @{ $of{$parent} }, $id;
	}
	my @found;
	my @left = @{ $of{$pid} || [] };
	while (defined(my $id = shift @left)) {
		push @found, $id;
		unshift @left, @{ $of{$id} || [] };
	}
	return @found;
}

sub is_alive { my ($pid) = @_; return (eval { read_file("/proc/$pid/stat") } // ') Z ') !~ /\) Z / }

# As whom servers run: PostgreSQL refuses root.
sub as_user
{
	return @_ if $>;
	return ('setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', @_);
}

sub scratch
{
	my $dir = tempdir('tv-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
	return $dir;
}

# --- PostgreSQL: one cluster for the whole prove run (t/run sets TV_TEST_CLUSTER), else one for this file

sub cluster
{
	my (%option) = @_;
	return $cluster if $cluster;
	return $cluster = { dir => $ENV{TV_TEST_CLUSTER} } if $ENV{TV_TEST_CLUSTER};
	my $dir = scratch();
	my $pid = start_process("$dir/log", {}, @{ $option{inside} || [] }, "$root/conf/postgres.sh", 'run', $dir, @cluster_settings,
		@{ $option{settings} || [] });
	$cluster = { dir => $dir, pid => $pid };
	wait_for { system("$root/conf/postgres.sh ready $dir >/dev/null 2>&1") == 0 } 30
		or die "PostgreSQL does not start: " . read_file("$dir/log");
	return $cluster;
}

# A cluster of one's own, for tests that stop it. Options: settings => […] besides, inside => a command that runs it.
sub cluster_pid
{
	delete $ENV{TV_TEST_CLUSTER};
	return cluster(@_)->{pid};
}

sub sql_url
{
	my ($role, $database) = @_;
	return "postgresql://$role@/$database?host=" . cluster()->{dir} . '/run';
}

# Runs SQL as superuser; the rows as text, columns with | between them.
sub sql
{
	my ($database, $text) = @_;
	open my $out, '-|', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', sql_url('postgres', $database), '-c', $text
		or die "psql: $!";
	local $/;
	my $rows = <$out> // '';
	close $out or die "psql failed: $text\n";
	return $rows =~ s/\n\z//r;
}

sub make_template
{
	open my $lock, '>>', cluster()->{dir} . '/template.lock' or die "lock: $!";
	flock $lock, LOCK_EX or die "lock: $!";
	return if sql('postgres', "select 1 from pg_database where datname = 'template_tv'");
	sql('postgres', "create database making_tv owner tv_owner");
	my $made = command('making_tv', 'system', 'migrate', "$root/sql/schema");
	die "migrate: $made->{out}$made->{err}" if $made->{exit};
	sql('postgres', 'alter database making_tv rename to template_tv');
}

# A database with the schema and nothing in it.
sub database
{
	my ($empty) = @_;
	make_template() unless $empty;
	my $name = sprintf 'tv_%d_%d', $$, scalar @databases;
	my $template = $empty ? 'template0' : 'template_tv';
	wait_for { eval { sql('postgres', "create database $name template $template owner tv_owner"); 1 } } 20
		or die "no database: $@";
	push @databases, $name;
	return $name;
}

# --- programs

sub environment
{
	my ($database, $state) = @_;
	return (
		TV_DATABASE_URL => sql_url('tv_%p', $database),
		TV_OWNER_URL => sql_url('tv_owner', $database),
		TV_JWT_KEY => $key,
		TV_MEDIA_KEY => scalar reverse($key),
		TV_BCRYPT_COST => 4,
		TV_WORKERS => 2,
		TV_STATE => $state,
		map { ("TV_RATE_$_" => 'off') } qw(LOGIN API WRITE PLAY SEARCH IMPORT),
	);
}

# Runs a command of a program, with nothing or TV::input to read: { exit, out, err }.
our $input = '';
sub command
{
	my ($database, $program, @arguments) = @_;
	my $dir = scratch();
	write_file("$dir/in", $input);
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		my %env = environment($database, $dir);
		@ENV{keys %env} = values %env;
		open STDIN, '<', "$dir/in" or POSIX::_exit(126);
		open STDOUT, '>', "$dir/out" or POSIX::_exit(126);
		open STDERR, '>', "$dir/err" or POSIX::_exit(126);
		exec as_user("$bin/$program", @arguments) or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	my $done = { exit => $? >> 8 || $? & 127, out => read_file("$dir/out"), err => read_file("$dir/err") };
	remove_tree($dir);
	return $done;
}

sub free_port
{
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "no port: $!";
	return $s->sockport;
}

# lighttpd with conf/lighttpd.conf and every program on a database. Options: env => {…} over the usual settings; cache => 1:
# answers are kept (what a test writes by SQL is then seen a moment later); home => the directory of conf and htdocs; up => sub:
# whether it serves, when it is not by clear HTTP; inside => a command that runs all of it, under => one that runs it as its user.
sub server
{
	my ($database, %option) = @_;
	my ($dir, $home) = (scratch(), $option{home} || $root);
	system(as_user('mkdir', '-p', map { "$dir/$_" } qw(log run cache/kept))) == 0 or die 'mkdir';
	my $host = $option{listen} || '127.0.0.1';
	my $self = bless { dir => $dir, database => $database, host => $host, cache => $option{cache}, http => HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0) };
	for my $try (1 .. 5) {
		$self->{port} = free_port();
		my %env = (
			environment($database, $dir), TV_LISTEN => $host, TV_PORT => $self->{port}, TV_HOME => $home,
			TV_BIN => $bin, TV_RUN => "$dir/run", TV_CACHE => $option{cache} ? "$dir/cache/kept" : '', %{ $option{env} || {} },
		);
		$self->{pid} = start_process("$dir/log/start.log", \%env,
			@{ $option{inside} || [] }, as_user('setpriv', '--pdeathsig=TERM', @{ $option{under} || [] }, 'lighttpd', '-D', '-f', "$home/conf/lighttpd.conf"));
		if (wait_for { ($option{up} ? $option{up}->($self) : $self->is_up) || waitpid($self->{pid}, WNOHANG) } 20 and is_alive($self->{pid})) {
			push @servers, $self;
			return $self;
		}
		end_process($self->{pid}, 'KILL');
	}
	die 'lighttpd does not start: ' . $self->log_text;
}

sub log_text
{
	my ($self) = @_;
	return join '', map { read_file($_) } glob "$self->{dir}/log/*.log";
}

sub address { my ($self) = @_; return ($self->{host} // '127.0.0.1') . ":$self->{port}" }

# It answers, and the programs behind it do; with a store, answers are given out of it (lib/lease.h).
sub is_up
{
	my ($self) = @_;
	return $self->{http}->get('http://' . $self->address . '/health/ready')->{status} == 200 && (!$self->{cache} || $self->keeps);
}

sub keeps { my ($self) = @_; return lease($self) > time }

# When the lease of its kept answers ends.
sub lease { my ($self) = @_; return unpack('q', eval { read_file("$self->{dir}/cache/kept/lease") } || "\0" x 8) / 1e6 }

sub stop
{
	my ($self) = @_;
	my @all = children($self->{pid});
	end_process($self->{pid}, 'TERM');
	return if wait_for { !grep { is_alive($_) } @all } 5;
	diag('still running after lighttpd has ended: ' . join ' ', grep { is_alive($_) } @all);
	kill 'KILL', grep { is_alive($_) } @all;
}

# Process ids of a program: its master first, then its workers.
sub program_pids
{
	my ($self, $program) = @_;
	for my $pid (children($self->{pid})) {
		my ($name) = split /\0/, eval { read_file("/proc/$pid/cmdline") } // '';
		return ($pid, children($pid)) if $name && $name =~ m{/\Q$program\E$};
	}
	return;
}

# A movie, a series with an episode, a channel with programmes and so on, straight into the database: name => id.
# Each comes for all ages (the name) and for adults (adult_ and the name).
sub seed
{
	my ($database) = @_;
	my %id;
	for my $row (split /\n/, sql($database, read_file("$root/t/data/seed.sql"))) {
		my ($name, $value) = split /\|/, $row;
		$id{$name} = $value;
	}
	return %id;
}

# The route tables of all programs that are built: rows of --routes.
sub routes
{
	my @all;
	for my $path (grep { -x && !/\.json$/ } glob "$bin/*") {
		my $text = qx($path --routes);
		die "$path --routes: $?" if $?;
		push @all, map { { %$_, program => (split /\//, $path)[-1] } } @{ $json->decode($text) };
	}
	return @all;
}

# Inside a subtest: skips it unless every route ("GET /path") is built; t/http/contract.t says which are not.
my %built;
sub needs
{
	%built = map { ("$_->{method} $_->{path}" => 1) } routes() unless %built;
	my @missing = grep { !$built{$_} } @_;
	plan(skip_all => "not built: @missing") if @missing;
}

# --- the client

sub uri
{
	my ($text) = @_;
	utf8::encode($text) if utf8::is_utf8($text);
	$text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

# One request. Options: token, headers => {…}, body (a reference is sent as JSON, text as it is), type.
# Answers HTTP::Tiny's hash with {json} when the answer is JSON.
sub request
{
	my ($self, $method, $path, %option) = @_;
	my %headers = %{ $option{headers} || {} };
	$headers{Authorization} = "Bearer $option{token}" if defined $option{token};
	my %content;
	if (exists $option{body}) {
		my $body = $option{body};
		$content{content} = ref $body ? $json->encode($body) : $body;
		$headers{'Content-Type'} = $option{type} // 'application/json';
		delete $headers{'Content-Type'} if exists $option{type} && !defined $option{type};
	}
	my $r = $self->{http}->request($method, 'http://' . $self->address . $path, { headers => \%headers, %content });
	$r->{content} //= '';
	$r->{json} = eval { $json->decode($r->{content}) }
		if length $r->{content} && ($r->{headers}{'content-type'} // '') =~ m{^application/([a-z.+-]*\+)?json\b};
	$r->{what} = "$method " . (length $path > 80 ? substr($path, 0, 77) . '...' : $path);
	return $r;
}

sub get { my ($self, $path, $token, %more) = @_; return $self->request('GET', $path, token => $token, %more) }

sub post
{
	my ($self, $path, $body, $token, %more) = @_;
	return $self->request('POST', $path, body => $body, token => $token, %more);
}

sub put
{
	my ($self, $path, $body, $token, %more) = @_;
	return $self->request('PUT', $path, body => $body, token => $token, %more);
}

# Bytes as they are over a socket of their own, and all that comes back until the other side closes.
sub raw
{
	my ($self, $bytes, $seconds) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 5) or die "connect: $!";
	local $SIG{ALRM} = sub { die "no answer in time\n" };
	alarm($seconds || 20);
	local $SIG{PIPE} = 'IGNORE';
	print $s $bytes;
	my $answer = do { local $/; <$s> };
	alarm 0;
	return $answer // '';
}

# Raw text of an answer as the hash that request() answers.
sub raw_response
{
	my ($text) = @_;
	my ($head, $content) = split /\r\n\r\n/, $text, 2;
	my ($first, @lines) = split /\r\n/, $head // '';
	my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @lines;
	my ($status) = ($first // '') =~ m{^HTTP/1\.[01] (\d{3})};
	my $r = { status => $status // 0, headers => \%headers, content => $content // '', what => 'raw request' };
	$r->{json} = eval { $json->decode($r->{content}) } if ($headers{'content-type'} // '') =~ /json/;
	return $r;
}

# All items of a list, page by page; calls between(n) before page n + 1.
sub pages
{
	my ($self, $path, $token, $between) = @_;
	my ($next, $n, @items) = ('', 0);
	do {
		my $r = $self->get($path . (length $next ? ($path =~ /\?/ ? '&' : '?') . 'cursor=' . uri($next) : ''), $token);
		die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 200;
		push @items, @{ $r->{json}{items} };
		$next = $r->{json}{next} // '';
		$between->(++$n) if $between && length $next;
	} while (length $next && $n < 10000);
	return @items;
}

# --- people

my $people = 0;

# A new account that is logged in: { id, email, password, token, refresh_token }.
sub account
{
	my ($self, %more) = @_;
	my $email = $more{email} || sprintf 'person%d-%d@example.org', $$, ++$people;
	my $made = $self->post('/auth/register', { email => $email, password => $password });
	die "register: $made->{status} $made->{content}" unless $made->{status} == 201;
	return login($self, { id => $made->{json}{id}, email => $email, password => $password });
}

sub login
{
	my ($self, $who) = @_;
	my $r = $self->post('/auth/login', { email => $who->{email}, password => $who->{password} });
	die "login: $r->{status} $r->{content}" unless $r->{status} == 200;
	return { %$who, token => $r->{json}{access_token}, refresh_token => $r->{json}{refresh_token} };
}

# An administrator, made on the command line as an operator does it.
sub admin
{
	my ($self) = @_;
	my $email = sprintf 'admin%d-%d@example.org', $$, ++$people;
	local $input = "$password\n";
	my $done = command($self->{database}, 'users', 'create', $email, '--admin');
	die "users create: $done->{out}$done->{err}" if $done->{exit};
	return login($self, { id => sql($self->{database}, "select id from users.account where email = '$email'"),
		email => $email, password => $password });
}

# A token with these claims over those of a good one, signed with the server's key.
sub sign_token
{
	my ($good, %claims) = @_;
	my ($header, $payload) = map { MIME::Base64::decode_base64url($_) } (split /\./, $good)[0, 1];
	my $body = encode_base64url($json->encode({ %{ $json->decode($payload) }, %claims }), '');
	my $input = encode_base64url($header, '') . '.' . $body;
	return $input . '.' . encode_base64url(hmac_sha256($input, $key), '');
}

# --- what every refusal has in common

sub is_problem
{
	my ($r, $status, $code, $name) = @_;
	$name //= "$r->{what}: $status" . ($code ? " $code" : '');
	my @wrong;
	push @wrong, "status $r->{status}, not $status" if ref $status ? $r->{status} !~ $status : $r->{status} != $status;
	push @wrong, 'Content-Type ' . ($r->{headers}{'content-type'} // 'missing')
		unless ($r->{headers}{'content-type'} // '') =~ m{^application/problem\+json\b};
	my $p = $r->{json};
	if (ref $p eq 'HASH') {
		push @wrong, map { "no $_" } grep { !defined $p->{$_} } qw(type title status detail code request_id);
		push @wrong, "member status $p->{status}" if defined $p->{status} && $p->{status} ne $r->{status};
		push @wrong, "code $p->{code}" if defined $code && ($p->{code} // '') ne $code;
		push @wrong, 'code is not a word' unless ($p->{code} // '') =~ /^[a-z][a-z0-9_]*$/;
		push @wrong, 'request_id differs from X-Request-Id'
			unless ($p->{request_id} // '') eq ($r->{headers}{'x-request-id'} // 'none');
		push @wrong, 'no errors' if $r->{status} == 422 && !(ref $p->{errors} eq 'ARRAY' && @{ $p->{errors} });
	} else {
		push @wrong, 'the body is not a JSON object';
	}
	push @wrong, 'no WWW-Authenticate' if $r->{status} == 401 && ($r->{headers}{'www-authenticate'} // '') !~ /^Bearer/;
	push @wrong, 'no Retry-After' if $r->{status} =~ /^(429|503)$/ && ($r->{headers}{'retry-after'} // '') !~ /^\d+$/;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(!@wrong, $name) || diag("$r->{what}: " . join(', ', @wrong) . "\n" . substr $r->{content}, 0, 600);
}

# --- the end

# PIPE too: prove closes its end when a test bails out, and a process that a signal kills runs no END.
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM PIPE);

END {
	if ($owner == $$) {
		local $?;
		$_->stop for splice @servers;
		my $shared = $ENV{TV_TEST_CLUSTER};
		eval { sql('postgres', "drop database if exists $_ with (force)") } for $shared || !$cluster ? @databases : ();
		end_process($cluster->{pid}, 'INT') if $cluster && $cluster->{pid};
		end_process($_, 'KILL') for keys %processes;
	}
}

1;

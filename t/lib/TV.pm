# What the tests stand on: a throw-away PostgreSQL, a database made from a template for each test file, a real lighttpd
# with the programs behind it, a client, and an end to all of it whatever happens. Perl core only.
package TV;
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Path qw(remove_tree);
use HTTP::Tiny;
use IO::Socket::INET;
use List::Util qw(shuffle);
use MIME::Base64 qw(encode_base64url);
use POSIX qw(WNOHANG);
use Socket qw(SO_REUSEADDR);
use Test::More;
use Time::HiRes qw(sleep time);
use TV::Client;
use TV::Postgres;
use TV::Process;

our @EXPORT = qw(
	$root $bin database sql sql_url command server sign_token account admin
	is_problem wait_for raw_response cursor_of read_file write_file pages json_of uri
	children background answer_each start_process end_process cluster_pid seed routes needs
);

our $bin = $ENV{TV_BIN} || "$root/build/bin";
my $key = $ENV{TV_TEST_KEY} || join '', map { sprintf '%02x', rand 256 } 1 .. 32;
my $password = 'correct horse 7';
my (@servers, @databases);
my $owner = $$;

# --- databases

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

# A port of 127.0.0.1, one of these if any are named, that is this test's until it ends. It is bound and not listened on: nobody
# else is given it, neither a test nor a connection, while a server of ours can bind it (SO_REUSEADDR) as late as it likes.
my @ours;
sub free_port
{
	for my $port (@_ ? shuffle(@_) : 0) {
		my $s = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.1', LocalPort => $port) or next;
		$s->sockopt(SO_REUSEADDR, 1) or die "no port: $!";
		push @ours, $s;
		return $s->sockport;
	}
	die "no port: $!";
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
	$self->{port} = free_port();
	my %env = (
		environment($database, $dir), TV_LISTEN => $host, TV_PORT => $self->{port}, TV_HOME => $home,
		TV_BIN => $bin, TV_RUN => "$dir/run", TV_CACHE => $option{cache} ? "$dir/cache/kept" : '', %{ $option{env} || {} },
	);
	$self->{pid} = start_process("$dir/log/start.log", \%env,
		@{ $option{inside} || [] }, as_user('setpriv', '--pdeathsig=TERM', @{ $option{under} || [] }, 'lighttpd', '-D', '-f', "$home/conf/lighttpd.conf"));
	if (wait_for { ($option{up} ? $option{up}->($self) : $self->is_up) || !is_alive($self->{pid}) } 60 and is_alive($self->{pid})) {
		push @servers, $self;
		return $self;
	}
	end_process($self->{pid}, 'KILL');
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
		push @all, map { { %$_, program => (split /\//, $path)[-1] } } @{ json_of($text) };
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

# --- people

my $people = 0;

# The test ends here, with why, as far as the log knows.
sub refused
{
	my ($self, $what, $r) = @_;
	my @warnings = grep { /"level":"(?:warn|error)"/ } split /\n/, $self->log_text;
	die join "\n", "$what: $r->{status} $r->{content}", @warnings, '';
}

# A new account that is logged in: { id, email, password, token, refresh_token }.
sub account
{
	my ($self, %more) = @_;
	my $email = $more{email} || sprintf 'person%d-%d@example.org', $$, ++$people;
	my $made = $self->post('/auth/register', { email => $email, password => $password });
	$self->refused('register', $made) unless $made->{status} == 201;
	return login($self, { id => $made->{json}{id}, email => $email, password => $password });
}

sub login
{
	my ($self, $who) = @_;
	my $r = $self->post('/auth/login', { email => $who->{email}, password => $who->{password} });
	$self->refused('login', $r) unless $r->{status} == 200;
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
	my $body = encode_base64url(json_text({ %{ json_of($payload) }, %claims }), '');
	my $input = encode_base64url($header, '') . '.' . $body;
	return $input . '.' . encode_base64url(hmac_sha256($input, $key), '');
}

# --- the end

# PIPE too: prove closes its end when a test bails out, and a process that a signal kills runs no END.
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM PIPE);

END {
	if ($owner == $$) {
		local $?;
		$_->stop for splice @servers;
		eval { sql('postgres', "drop database if exists $_ with (force)") } for $ENV{TV_TEST_CLUSTER} ? @databases : ();
		end_cluster();
		end_processes();
	}
}

1;

# What the tests of accounts and sign-in need besides TV: many requests at once and from other addresses, tokens made by hand,
# and the state of the database as one value. Perl core only.
package TV::Accounts;
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Exporter qw(import);
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(decode_base64url encode_base64url);
use Time::HiRes qw(sleep time);
use TV;

our @EXPORT = qw(
	$jwt_key $password keyed_server request_text start finish together exchange signed parts_of claims_of
	sign_in renew select_profile make_profile profile_of session_of state_of deleted_when_waited_for without_id median percentile load_demo
);

our $jwt_key = join '', map { sprintf '%02x', rand 256 } 1 .. 32;
our $password = 'correct horse 7';
my $json = JSON::PP->new->utf8->canonical;

# A server whose key for tokens is known here.
sub keyed_server
{
	my ($database, %env) = @_;
	my $tv = server($database, env => { TV_JWT_KEY => $jwt_key, %env });
	# kept connections and a body in a write of its own wait 40 ms for each other (Nagle, delayed acknowledgements)
	$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
	return $tv;
}

# --- requests as text, so that many can be under way in one process

sub request_text
{
	my ($method, $path, %option) = @_;
	my %headers = (Host => 'localhost', Connection => 'close', %{ $option{headers} || {} });
	my $body = ref $option{body} ? $json->encode($option{body}) : $option{body};
	$headers{Authorization} = "Bearer $option{token}" if defined $option{token};
	$headers{'Content-Type'} = 'application/json' if defined $body;
	$headers{'Content-Length'} = length($body // '') if defined $body || $method =~ /^P/;
	return join '', "$method $path HTTP/1.1\r\n", (map { "$_: $headers{$_}\r\n" } sort keys %headers), "\r\n", $body // '';
}

# Sends it, from an address of 127.0.0.0/8 when one is named; finish() waits for the answer.
sub start
{
	my ($tv, $text, $from) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, LocalAddr => $from // '127.0.0.1', Timeout => 10)
		or die "connect: $@";
	local $SIG{PIPE} = 'IGNORE';
	$s->syswrite($text) == length $text or die "short write: $!";
	return $s;
}

sub finish
{
	my ($s) = @_;
	my ($answer, $end) = ('', time + 30);
	while (IO::Select->new($s)->can_read($end - time)) {
		my $n = sysread $s, $answer, 65536, length $answer;
		return raw_response($answer) unless $n;
		die "no answer in time\n" if time > $end;
	}
	die "no answer in time\n";
}

# All of them at once; the answers in the order of the requests.
sub together
{
	my ($tv, @texts) = @_;
	my @sockets = map { start($tv, $_) } @texts;
	return map { finish($_) } @sockets;
}

# Something large that the other side may refuse before it has read all of it: what it said is not lost.
sub exchange
{
	my ($tv, $bytes) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, Timeout => 10) or die "connect: $@";
	local $SIG{PIPE} = 'IGNORE';
	$s->blocking(0);
	my ($sent, $answer, $end, $both) = (0, '', time + 30, IO::Select->new($s));
	while (time < $end) {
		if ($both->can_read($sent < length $bytes ? 0 : 1)) {
			my $n = sysread $s, $answer, 65536, length $answer;
			last if defined $n ? !$n : !grep { $! == $_ } EAGAIN, EWOULDBLOCK, EINTR;
		}
		next if $sent == length $bytes || !$both->can_write(0.1);
		my $n = syswrite $s, $bytes, 65536, $sent;
		$sent += $n if defined $n;
		$sent = length $bytes if !defined $n && !grep { $! == $_ } EAGAIN, EWOULDBLOCK, EINTR;
	}
	return raw_response($answer);
}

# --- tokens

sub parts_of { return map { decode_base64url($_) } (split /\./, $_[0])[0, 1] }
sub claims_of { return json_of((parts_of($_[0]))[1]) }

# header and payload are JSON text as it is: whatever a forger would write.
sub signed
{
	my ($header, $payload, $key, $mac) = @_;
	my $text = encode_base64url($header, '') . '.' . encode_base64url($payload, '');
	return $text . '.' . encode_base64url(($mac || \&hmac_sha256)->($text, $key // $jwt_key), '');
}

# --- people

sub sign_in { my ($tv, $email, $secret, %more) = @_; return $tv->post('/auth/login', { email => $email, password => $secret, %more }) }
sub renew { my ($tv, $token) = @_; return $tv->post('/auth/refresh', { refresh_token => $token }) }

sub make_profile
{
	my ($tv, $who, %body) = @_;
	return $tv->post('/users/profiles', { name => 'P' . int rand 1e9, %body }, $who->{token});
}

sub select_profile
{
	my ($tv, $who, $id, %body) = @_;
	return $tv->post("/users/profiles/$id/select", \%body, $who->{token});
}

# Somebody has locked a row, and deletes it when another one waits for that. What is answered waits for the end of it: "deleted".
sub deleted_when_waited_for
{
	my ($database, $table, $id) = @_;
	my ($pid, $read) = background(sub { print { $_[0] } sql($database, "begin; select from $table where id = $id for update;
		do 'begin loop exit when exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid);
			perform pg_sleep(0.01); end loop; end';
		delete from $table where id = $id returning 'deleted'; commit") });
	wait_for { sql($database, "select count(*) from pg_stat_activity where query like '%$table where id = $id for update%pg_locks%' and wait_event = 'PgSleep'") }
		or die "nobody holds $table $id\n";
	return sub { my $said = join '', <$read>; end_process($pid); return $said };
}

sub profile_of { return claims_of($_[0]{token})->{pid} }
sub session_of { return claims_of($_[0]{token})->{sid} }

# --- the database

# A value a table, over all rows: what a refused request must not change.
sub state_of
{
	my ($database) = @_;
	my @tables = split /\n/, sql($database, q{
		select format('%I.%I', schemaname, tablename) from pg_tables
		where schemaname !~ '^(pg_|information_schema|public)' order by 1});
	my $union = join ' union all ',
		map { "select '$_', md5(coalesce(string_agg(t::text, '|' order by t::text collate \"C\"), '')) from $_ t" } @tables;
	return { map { split /\|/ } split /\n/, sql($database, $union) };
}

# The demonstration, with ids of items from 1,000,000, of programmes from 2,000,000 and of people from 3,000,000: a number in an
# answer then tells what it is the id of.
sub load_demo
{
	my ($database) = @_;
	sql($database, "alter table content.item alter id restart 1000000; alter table live.programme alter id restart 2000000;
		alter table content.person alter id restart 3000000");
	local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
	system('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-1', '-o', '/dev/null', '-d', sql_url('tv_owner', $database), map { ('-f', $_) }
		sort glob "$root/sql/demo/*.sql") == 0 or die "the demonstration does not load\n";
}

# --- answers and figures

# Status and content without what differs from one answer to the next.
sub without_id
{
	my ($r) = @_;
	my %body = %{ $r->{json} || {} };
	delete $body{request_id};
	return { status => $r->{status}, body => \%body };
}

sub percentile { my ($p, @values) = @_; return (sort { $a <=> $b } @values)[int($#values * $p / 100)] }
sub median { return percentile(50, @_) }

1;

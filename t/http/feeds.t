# Feeds: guides and playlists that are fetched from a server of this test's own. What comes is imported as if by hand; what does not
# come, or is not for us to reach, is reported and tried again later; two never fetch the same; of two guides the one of higher
# priority supplies a channel.
use strict;
use warnings;
use IO::Compress::Gzip qw(gzip);
use IO::Select;
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

my $database = database();
my $tv = server($database);
my $admin = admin($tv);
my $guides = "$root/t/data/guides";

# --- the server: an answer is a file with all its bytes; NAME.etag makes it conditional, NAME.hold keeps it waiting

my $dir = TV::scratch();
my $listen = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) or die "listen: $!";
my $port = $listen->sockport;

sub answer_one
{
	my ($c) = @_;
	local $SIG{ALRM} = sub { POSIX::_exit(1) };
	alarm 60;
	my $head = '';
	while ($head !~ /\r\n\r\n/) {
		sysread($c, $head, 4096, length $head) or return;
	}
	my ($name) = $head =~ m{^GET /(\w*)} or return;
	open my $log, '>>', "$dir/requests" or die "log: $!";
	syswrite $log, ($head =~ s/\r\n/|/gr) . "\n";
	sleep 0.02 while -e "$dir/$name.hold";
	my $etag = -e "$dir/$name.etag" && read_file("$dir/$name.etag");
	my $same = $etag && $head =~ /^If-None-Match: \Q$etag\E\r$/m;
	my $text = $same ? "HTTP/1.1 304 Not Modified\r\nETag: $etag\r\n\r\n" : eval { read_file("$dir/$name") } // "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
	local $SIG{PIPE} = 'IGNORE';
	for (my $at = 0; $at < length $text;) {
		$at += syswrite($c, $text, 65536, $at) // return;
	}
}
my $server = answer_each($listen, \&answer_one);

sub url { my ($name) = @_; return "http://127.0.0.1:$port/$name" }

# What the server answers under this name from now on.
sub answers
{
	my ($name, $body, %more) = @_;
	my $length = exists $more{length} ? $more{length} : length $body;
	my $head = 'HTTP/1.1 ' . ($more{status} // '200 OK') . "\r\n" . join '', map { "$_\r\n" } @{ $more{headers} || [] };
	$head .= "Content-Length: $length\r\n" if defined $length;
	$head .= "ETag: $more{etag}\r\n" if $more{etag};
	write_file("$dir/$name.new", "$head\r\n$body");
	rename "$dir/$name.new", "$dir/$name" or die "rename: $!";
	$more{etag} ? write_file("$dir/$name.etag", $more{etag}) : unlink "$dir/$name.etag";
}
sub requests { my ($name) = @_; return grep { m{^GET /\Q$name\E[ ?]} } -e "$dir/requests" ? split /\n/, read_file("$dir/requests") : () }

# --- feeds

my $said = '';
sub feed
{
	my ($name, %more) = @_;
	my $r = $tv->post('/admin/livetv/feeds', { name => $name, url => url($name), format => 'xmltv', %more }, $admin->{token});
	is($r->{status}, 201, "the feed $name") or diag($r->{content});
	return $r->{json}{id};
}
sub get_feed { my ($id) = @_; return $tv->get("/admin/livetv/feeds/$id", $admin->{token})->{json} }
sub status_of { my ($id) = @_; return get_feed($id)->{status} }
sub due { my (@ids) = @_; sql($database, "update live.feed_state set next_at = now() - interval '1 second' where feed_id in (" . join(',', @ids) . ')') }
sub drop_feeds { sql($database, 'delete from live.feed') }

# One round with these settings; private addresses are allowed unless it is said.
sub fetch
{
	my (%env) = @_;
	local @ENV{ 'TV_FEED_PRIVATE', keys %env } = ('on', values %env);
	my $done = command($database, 'livetv', 'fetch-feeds');
	$said .= $done->{out} . $done->{err};
	return $done;
}
sub start_fetch
{
	my $state = TV::scratch();
	my %env = (TV::environment($database, $state), TV_FEED_PRIVATE => 'on');
	return start_process("$state/log", \%env, TV::as_user("$bin/livetv", 'fetch-feeds'));
}
sub has_ended { my ($pid) = @_; return wait_for { waitpid($pid, WNOHANG) == $pid } 20 }

# The sorted programmes of a channel, by its id in guides.
sub titles
{
	my ($channel) = @_;
	return sql($database, "select coalesce(string_agg(p.title, ' ' order by p.start_at), '') from live.programme p
		join live.channel c on c.id = p.channel_id where c.guide_id = '$channel'");
}
sub guide
{
	my (%channel) = @_;
	my $text = '<?xml version="1.0" encoding="UTF-8"?><tv>';
	for my $id (sort keys %channel) {
		my $n = 0;
		$text .= qq(<channel id="$id"><display-name>$id</display-name></channel>);
		$text .= sprintf '<programme start="20990101%02d0000 +0000" stop="20990101%02d0000 +0000" channel="%s"><title>%s</title></programme>',
			$n, ++$n, $id, $_ for split / /, $channel{$id};
	}
	return "$text</tv>";
}
sub stored { return sql($database, "select md5(coalesce(string_agg(p::text, ',' order by p.id), '')) from live.programme p") }

subtest 'made, changed and deleted' => sub {
	my $r = $tv->post('/admin/livetv/feeds', { name => 'First', url => url('first'), format => 'xmltv' }, $admin->{token});
	is($r->{status}, 201, 'made') or return diag($r->{content});
	my $id = $r->{json}{id};
	is($r->{headers}{location}, "/admin/livetv/feeds/$id", '  with its address');
	is_deeply([map { $r->{json}{$_} } qw(priority period enabled history_days only_known max_mib timeout)],
		[100, 3600, JSON::PP::true(), 7, JSON::PP::false(), 256, 300], '  and what was not said');
	is_deeply([@{ $r->{json}{status} }{qw(last_status last_error http_status report failures)}], [undef, undef, undef, undef, 0], '  not fetched yet');
	ok($r->{json}{status}{next_at}, '  but soon');
	my $tag = $r->{headers}{etag};
	my %body = (name => 'First', url => url('first'), format => 'xmltv', period => 7200);
	my $changed = $tv->put("/admin/livetv/feeds/$id", \%body, $admin->{token}, headers => { 'If-Match' => $tag });
	is("$changed->{status} $changed->{json}{period}", '200 7200', 'changed') or diag($changed->{content});
	is_problem($tv->put("/admin/livetv/feeds/$id", \%body, $admin->{token}, headers => { 'If-Match' => $tag }), 412, 'version_changed');
	is_problem($tv->request('DELETE', "/admin/livetv/feeds/$id", token => $admin->{token}, headers => { 'If-Match' => $tag }), 412, 'version_changed');
	my $now = $tv->get("/admin/livetv/feeds/$id", $admin->{token})->{headers}{etag};
	sql($database, "update live.feed_state set status = 'busy', changes = changes + 1 where feed_id = $id");
	is($tv->get("/admin/livetv/feeds/$id", $admin->{token}, headers => { 'If-None-Match' => $now })->{status}, 200, 'another status is another answer');
	is($tv->put("/admin/livetv/feeds/$id", \%body, $admin->{token}, headers => { 'If-Match' => $now })->{status}, 200, '  but in no editor\'s way');
	is_problem($tv->post('/admin/livetv/feeds', \%body, $admin->{token}), 409, 'name_taken');
	for my $url ('', 'ftp://x.example/x', 'file:///etc/shadow', '/etc/shadow', '../etc/shadow', 'a/../../b', 'a//b', './a', 'a/', 'http://', 'http:///x',
		'https://x.example/a b', "https://x.example/\x{1}", 'javascript:alert(1)', 'http://x.example/' . 'x' x 2000) {
		my $refused = $tv->post('/admin/livetv/feeds', { %body, name => 'Other', url => $url }, $admin->{token});
		is_problem($refused, 422, undef, "the url '" . substr($url, 0, 30) . "'");
		is($refused->{json}{errors}[0]{field}, 'url', '  which is named');
	}
	is_problem($tv->post('/admin/livetv/feeds', { %body, name => 'Other', %$_ }, $admin->{token}), 422)
		for { period => 59 }, { priority => -1 }, { priority => 1001 }, { format => 'csv' }, { language => 'NO' }, { history_days => 32 }, { max_mib => 0 },
			{ max_mib => 257 }, { timeout => 0 };
	is(scalar $tv->pages('/admin/livetv/feeds', $admin->{token}), 1, 'what was refused was not made');
	feed("Of many $_", url => url("many$_")) for 1 .. 5;
	my @all = $tv->pages('/admin/livetv/feeds?limit=2', $admin->{token});
	is_deeply([map { $_->{name} } @all], ['First', map { "Of many $_" } 1 .. 5], 'in pages');
	$r = $tv->request('DELETE', "/admin/livetv/feeds/$id", token => $admin->{token});
	is($r->{status}, 204, 'deleted');
	is_problem($tv->get("/admin/livetv/feeds/$id", $admin->{token}), 404);
	my @entries = map { $_->{action} } grep { $_->{target_id} == $id } $tv->pages('/admin/audit?kind=live.feed', $admin->{token});
	is_deeply(\@entries, [qw(delete update update insert)], 'all of it on record');
	drop_feeds();
};

subtest 'secrets' => sub {
	my $secret = 'http://ann:hush4711@127.0.0.1:' . $port . '/secret?username=bob4711&x=1&api_key=key4711&y=2';
	my $shown = "http://***\@127.0.0.1:$port/secret?username=***&x=1&api_key=***&y=2";
	answers('secret', '', status => '401 Unauthorized');
	my $id = feed('Secret', url => $secret);
	is(get_feed($id)->{url}, $shown, 'are not shown');
	is(fetch()->{exit}, 1, 'a fetch that fails');
	is(status_of($id)->{last_error}, 'the server answered 401', '  says why');
	my ($sent) = requests('secret');
	like($sent, qr/\|Authorization: Basic YW5uOmh1c2g0NzEx\|/, '  they are sent');
	like($sent, qr/username=bob4711&x=1&api_key=key4711/, '  all of them');
	my %body = (name => 'Secret', url => $shown, format => 'xmltv', period => 600);
	is($tv->put("/admin/livetv/feeds/$id", \%body, $admin->{token})->{json}{url}, $shown, 'a change with the address as shown');
	is(sql($database, "select url from live.feed where id = $id"), $secret, '  keeps them');
	my $moved = $tv->put("/admin/livetv/feeds/$id", { %body, url => $shown =~ s/127\.0\.0\.1/thief.example/r }, $admin->{token});
	is_problem($moved, 422, 'masked_url', '  but not for another server');
	is_problem($tv->post('/admin/livetv/feeds', { %body, name => 'Copy' }, $admin->{token}), 422, 'masked_url', '  nor for another feed');
	is($tv->put("/admin/livetv/feeds/$id", { %body, url => url('secret') }, $admin->{token})->{json}{url}, url('secret'), 'another address is another address');
	$tv->request('DELETE', "/admin/livetv/feeds/$id", token => $admin->{token});
	my $answers = join '', map { $_->{content} } $tv->get('/admin/livetv/feeds', $admin->{token}), $tv->get('/admin/audit?limit=100', $admin->{token});
	unlike($answers . $said . $tv->log_text . sql($database, 'select * from audit.entry'), qr/(?:hush|bob|key)4711|YW5uOmh1c2g/, 'they are in no answer, record, output or log');
};

subtest 'a guide' => sub {
	answers('guide', guide('a.example' => 'A B C', 'b.example' => 'D'), etag => '"one"', headers => ['Last-Modified: Sat, 01 Jan 2050 00:00:00 GMT']);
	my $id = feed('guide', period => 1800);
	my $done = fetch();
	is("$done->{exit} $done->{out}", "0 guide: read 4, created 4, changed 0, unchanged 0, rejected 0, left 0\n", 'is fetched') or diag($done->{err});
	is(titles('a.example'), 'A B C', '  and stored');
	my $status = status_of($id);
	is_deeply([@$status{qw(last_status http_status last_error failures)}], ['imported', 200, undef, 0], '  and told');
	is_deeply([map { $status->{report}{$_} } qw(read created rejected channels_created left channels_left)], [4, 4, 0, 2, 0, 0], '  with its report');
	is(ref $status->{report}{messages}, 'ARRAY', '  as an import\'s');
	is(sql($database, "select round(extract(epoch from next_at - fetched_at)) from live.feed_state where feed_id = $id"), 1800, '  until the next time');
	is(fetch()->{out}, '', 'not before');
	is(scalar requests('guide'), 1, '  nor asked for');
	unlike((requests('guide'))[0], qr/If-/, 'the first time without conditions');

	my $before = stored();
	due($id);
	is(fetch()->{out}, "guide: not modified\n", 'what has not changed');
	like((requests('guide'))[1], qr/\|If-None-Match: "one"\|If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT\|/, '  is not sent again');
	my $again = status_of($id);
	is_deeply([@$again{qw(last_status http_status last_error)}, $again->{report}], ['not_modified', 304, undef, $status->{report}], '  and told, with the report of before');
	is(stored(), $before, '  nothing written');

	gzip(\guide('a.example' => 'A B X'), \my $packed);
	answers('guide', $packed, headers => ['Content-Type: application/gzip']);
	due($id);
	is(fetch()->{out}, "guide: read 3, created 0, changed 1, unchanged 2, rejected 0, left 0\n", 'packed');
	is(titles('a.example'), 'A B X', '  unpacked');
	answers('guide', $packed, headers => ['Content-Encoding: gzip']);
	due($id);
	is(fetch()->{exit}, 0, 'packed on its way');
	unlike((requests('guide'))[3], qr/If-/, 'without an ETag it is asked for whole');

	answers('there', '', status => '302 Found', headers => ['Location: ' . url('guide')]);
	$tv->put("/admin/livetv/feeds/$id", { name => 'guide', url => url('there'), format => 'xmltv' }, $admin->{token});
	is(fetch()->{out}, "guide: read 3, created 0, changed 0, unchanged 3, rejected 0, left 0\n", 'another address, at once, that leads to it');
	drop_feeds();

	answers('list', "#EXTM3U\n#EXTINF:-1 tvg-id=\"m.example\",M\nhttps://s.example/m\n");
	$id = feed('list', format => 'm3u');
	is(fetch()->{out}, "list: read 1, created 1, changed 0, unchanged 0, rejected 0, left 0\n", 'a playlist');
	is(sql($database, 'select url from live.source'), 'https://s.example/m', '  with its stream');
	drop_feeds();
};

subtest 'asked for' => sub {
	answers('asked', guide('a.example' => 'A'), etag => '"x"');
	my $id = feed('asked');
	fetch();
	my $r = $tv->request('POST', "/admin/livetv/feeds/$id/fetch", token => $admin->{token});
	is($r->{status}, 202, 'at once') or diag($r->{content});
	like(fetch()->{out}, qr/^asked: read 1, /, '  and whole');
	is(scalar(grep { $_->{action} eq 'import' && $_->{target_id} == $id } $tv->pages('/admin/audit?kind=live.feed', $admin->{token})), 1, '  on record');
	write_file("$dir/asked.hold", '');
	due($id);
	my $pid = start_fetch();
	ok(wait_for(sub { requests('asked') == 3 }), 'while it is being fetched');
	is($tv->request('POST', "/admin/livetv/feeds/$id/fetch", token => $admin->{token})->{status}, 202, '  asked for again');
	unlink "$dir/asked.hold";
	ok(has_ended($pid), '  that one ends');
	like(fetch()->{out}, qr/^asked: read 1, /, '  and another follows');
	$tv->put("/admin/livetv/feeds/$id", { name => 'asked', url => url('asked'), format => 'xmltv', enabled => JSON::PP::false() }, $admin->{token});
	is_problem($tv->request('POST', "/admin/livetv/feeds/$id/fetch", token => $admin->{token}), 409, 'feed_disabled');
	is(fetch()->{out}, '', 'a disabled one is not fetched');
	is(status_of($id)->{next_at}, undef, '  nor announced');
	is_problem($tv->request('POST', '/admin/livetv/feeds/999999/fetch', token => $admin->{token}), 404);
	is(command($database, 'livetv', 'fetch-feeds', 'x')->{exit}, 2, 'the command takes no arguments');
	drop_feeds();
};

subtest 'what goes wrong' => sub {
	my %feed = (
		none => qr/^the server answered 404$/, error => qr/^the server answered 500$/, garbage => qr/not XML/, truncated => qr/line \d+: /, short => qr/^fetching failed: /,
		large => qr/^larger than 1048576 bytes$/, endless => qr/^larger than 1048576 bytes$/, slow => qr/^too slow: /, bomb => qr/250 times/, loop => qr/^more than 5 redirects$/,
		html => qr/not XMLTV/, partial => qr/^the server answered 206$/, unasked => qr/^the server answered 304$/, away => qr/^it leads to an address/, local => qr/^it leads to an address/,
		nobody => qr/^fetching failed: /, nowhere => qr/^fetching failed: /,
	);
	answers('error', 'x', status => '500 Oops');
	answers('garbage', join '', map { chr rand 256 } 1 .. 5000);
	answers('truncated', substr guide('a.example' => 'Lost Lost'), 0, -20);
	answers('short', guide('a.example' => 'Lost'), length => 5000);
	answers('large', ' ' x 2_000_000);
	answers('endless', ' ' x 2_000_000, length => undef);
	answers('slow', guide('a.example' => 'Lost'));
	write_file("$dir/slow.hold", '');
	answers('bomb', read_file("$guides/bomb.xml.gz"));
	answers('loop', '', status => '301 Moved Permanently', headers => ['Location: /loop']);
	answers('html', '<html><body>Hello</body></html>');
	answers('partial', guide('a.example' => 'Lost'), status => '206 Partial Content');
	answers('unasked', '', status => '304 Not Modified');
	answers('away', '', status => '302 Found', headers => ['Location: ftp://127.0.0.1/x']);
	answers('local', '', status => '302 Found', headers => ['Location: file:///etc/passwd']);
	answers('good', guide('good.example' => 'Good'));
	my %more = (large => { max_mib => 1 }, endless => { max_mib => 1 }, slow => { timeout => 1 }, nobody => { url => 'http://127.0.0.1:1/x' },
		nowhere => { url => 'http://no.such.name.invalid/x' });
	my %id = map { $_ => feed($_, %{ $more{$_} || {} }) } sort keys %feed;
	my $good = feed('good');
	my $known = titles('a.example');
	my $done = fetch();
	unlink "$dir/slow.hold";
	is($done->{exit}, 1, 'is told');
	for my $name (sort keys %feed) {
		my $status = status_of($id{$name});
		is($status->{last_status}, 'failed', $name);
		like($status->{last_error}, $feed{$name}, '  why');
		is_deeply([$status->{failures}, $status->{last_succeeded_at}, $status->{report}], [1, undef, undef], '  and no more');
	}
	is(status_of($good)->{last_status}, 'imported', 'others go on');
	my $log = $done->{err} . $tv->log_text;
	like($log, qr/feed $id{none} \(none\): failed: the server answered 404/, 'it is in the log');
	unlike($log, qr/127\.0\.0\.1:$port/, '  without addresses');
	is(titles('a.example'), $known, 'nothing of it was taken over');

	my $pause = sub { sql($database, "select extract(epoch from next_at - fetched_at) from live.feed_state where feed_id = $id{none}") };
	my @pauses = ($pause->());
	for (1 .. 7) {
		due($id{none});
		fetch();
		push @pauses, $pause->();
	}
	my @expected = map { $_ * 60 } 1, 2, 4, 8, 16, 32, 60, 60;
	is(scalar(grep { abs($pauses[$_] - $expected[$_]) > $expected[$_] * 0.11 } 0 .. $#expected), 0, 'it is tried again, less and less often') or diag("@pauses");
	answers('none', '', status => '503 Later', headers => ['Retry-After: 9000']);
	due($id{none});
	fetch();
	is(sprintf('%.0f', $pause->()), 9000, '  not before the server wants it');
	answers('none', guide('good.example' => 'Good'));
	due($id{none});
	fetch();
	is_deeply([@{ status_of($id{none}) }{qw(last_status last_error failures)}], ['imported', undef, 0], 'until it is there again');
	drop_feeds();
};

# --- addresses. A public one that leads here all the same: connect() of the fetcher takes it to 127.0.0.1.

my $public = '198.41.0.4';
my $shim = "$dir/shim.so";
write_file("$dir/shim.c", <<"END");
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sys/syscall.h>
#include <unistd.h>
int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)to;
	struct sockaddr_in here = *in;
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (to->sa_family == AF_INET && in->sin_addr.s_addr == inet_addr("$public"))
		return (int)syscall(SYS_connect, fd, &here, sizeof here);
	return (int)syscall(SYS_connect, fd, to, len);
}
END
is(system('gcc', '-shared', '-fPIC', '-o', $shim, "$dir/shim.c"), 0, 'the shim is built');
my %guarded = (TV_FEED_PRIVATE => 'off', LD_PRELOAD => $shim, ASAN_OPTIONS => 'verify_asan_link_order=0');

subtest 'addresses that are not public' => sub {
	answers('inside', guide('inside.example' => 'Secret'));
	my %url = (
		'IPv4' => url('inside'), 'a name' => "http://localhost:$port/inside", 'IPv6' => "http://[::1]:$port/inside", 'mapped' => "http://[::ffff:127.0.0.1]:$port/inside",
		'a number' => "http://2130706433:$port/inside", 'short' => "http://127.1:$port/inside", 'octal' => "http://0177.0.0.1:$port/inside", 'none' => "http://0.0.0.0:$port/inside",
		'metadata' => 'http://169.254.169.254/latest/', 'a site' => 'http://10.0.0.1/x', 'user' => "http://$public\@127.0.0.1:$port/inside",
	);
	my $n = 0;
	for my $to (grep { !/metadata|a site/ } sort keys %url) {
		answers('hop' . ++$n, '', status => '302 Found', headers => ["Location: $url{$to}"]);
		$url{"a redirect to $to"} = "http://$public:$port/hop$n";
	}
	my %id = map { $_ => feed($_, url => $url{$_}) } sort keys %url;
	answers('outside', guide('outside.example' => 'Fine'));
	answers('onward', '', status => '307 Temporary Redirect', headers => ["Location: http://$public:$port/outside"]);
	my $outside = feed('outside', url => "http://$public:$port/onward");
	my $done = fetch(%guarded, http_proxy => url('inside'));
	for my $name (sort keys %id) {
		my $why = status_of($id{$name})->{last_error};
		is($why, 'the address is not a public one, and TV_FEED_PRIVATE is not on', $name);
	}
	is(scalar requests('inside'), 0, 'nobody has connected');
	is(scalar(grep { requests("hop$_") == 1 } 1 .. $n), $n, '  though all redirects were met');
	is(status_of($outside)->{last_status}, 'imported', 'a redirect to a public one is followed') or diag($done->{out});
	drop_feeds();
};

subtest 'TLS' => sub {
	plan skip_all => 'no openssl' if system('openssl version >/dev/null 2>&1');
	my $tls = TV::free_port();
	system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout $dir/key.pem -out $dir/cert.pem >/dev/null 2>&1") == 0 or die 'openssl req';
	my $pid = start_process("$dir/tls.log", {}, 'openssl', 's_server', '-accept', "127.0.0.1:$tls", '-cert', "$dir/cert.pem", '-key', "$dir/key.pem", '-www', '-quiet');
	ok(wait_for(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tls) }), 'a server that vouches for itself');
	my $id = feed('tls', url => "https://localhost:$tls/x");
	fetch();
	like(status_of($id)->{last_error}, qr/^fetching failed: SSL peer certificate/, 'is not believed');
	TV::end_process($pid);
	drop_feeds();
};

subtest 'files' => sub {
	my $files = TV::scratch();
	my $outside = TV::scratch();
	write_file("$outside/secret.xml", guide('file.example' => 'Outside'));
	mkdir "$files/sub";
	write_file("$files/sub/guide.xml", guide('file.example' => 'One'));
	write_file("$files/shadow", "root:hush4711:19000:0:99999:7:::\n");
	symlink "$outside/secret.xml", "$files/link.xml";
	symlink $outside, "$files/dir";
	POSIX::mkfifo("$files/pipe", 0666);
	system('chmod', '-R', 'a+rX', $files, $outside);
	my %id = map { $_->[0] => feed($_->[0], url => $_->[1]) } ['file', 'sub/guide.xml'], ['link', 'link.xml'], ['below a link', 'dir/secret.xml'], ['pipe', 'pipe'],
		['directory', 'sub'], ['nothing', 'none.xml'], ['text', 'shadow'];
	fetch(TV_FEED_DIR => $files);
	my %why = map { $_ => status_of($id{$_})->{last_error} } keys %id;
	is($why{file}, undef, 'a file is read');
	is(titles('file.example'), 'One', '  and stored');
	like($why{$_}, qr/^there is no such file/, "$_: no") for 'link', 'below a link', 'nothing';
	is($why{$_}, 'it is not a file', "$_: no") for qw(pipe directory);
	like($why{text}, qr/not XML/, 'what is no guide');
	unlike($tv->get('/admin/livetv/feeds?limit=100', $admin->{token})->{content}, qr/hush4711|root/, '  is not told');
	due($id{file});
	like(fetch(TV_FEED_DIR => $files)->{out}, qr/^file: not modified$/m, 'the same file');
	write_file("$files/sub/guide.xml", guide('file.example' => 'Two'));
	due($id{file});
	like(fetch(TV_FEED_DIR => $files)->{out}, qr/^file: read 1, created 0, changed 1,/m, 'another one');
	due($id{file});
	fetch();
	is(status_of($id{file})->{last_error}, 'it is a file, and TV_FEED_DIR is not set', 'without the setting there are none');
	drop_feeds();
};

subtest 'several fetchers' => sub {
	answers($_, guide("$_.example" => 'X')) for qw(held other);
	write_file("$dir/held.hold", '');
	my ($held, $other) = (feed('held'), feed('other'));
	sql($database, "update live.feed_state set started_at = now() where feed_id = $other");
	my $first = start_fetch();
	ok(wait_for(sub { requests('held') == 1 }), 'one is busy with a feed');
	is(fetch()->{out}, "other: read 1, created 1, changed 0, unchanged 0, rejected 0, left 0\n", 'another one takes the others');
	is(fetch()->{out}, '', '  or nothing');
	is($tv->put("/admin/livetv/feeds/$other", { name => 'other', url => url('other'), format => 'xmltv' }, $admin->{token})->{status}, 200, 'editors are not held up');
	is($tv->request('POST', "/admin/livetv/feeds/$other/fetch", token => $admin->{token})->{status}, 202, '  nor those who ask');
	kill 'KILL', $first;
	ok(has_ended($first), 'it is killed');
	is(status_of($held)->{last_status}, undef, '  with nothing done');
	unlink "$dir/held.hold";
	ok(wait_for(sub { fetch()->{out} =~ /^held: read 1, created 1/m }, 10), 'the next round fetches it');
	is(titles('held.example'), 'X', '  and it is there');

	my @many = map { feed("many$_") } 1 .. 6;
	answers("many$_", guide("many$_.example" => 'M')) for 1 .. 6;
	my @pids = map { start_fetch() } 1 .. 4;
	ok(has_ended($_), 'a fetcher of four ends') for @pids;
	is(join(' ', map { scalar requests("many$_") } 1 .. 6), '1 1 1 1 1 1', 'each feed was fetched once');
	is(sql($database, "select count(*) from live.feed_state where status = 'imported' and feed_id in (" . join(',', @many) . ')'), 6, '  and imported');
	drop_feeds();
};

subtest 'killed while it imports' => sub {
	answers('killed', guide('killed.example' => 'K'));
	my $id = feed('killed');
	my ($lock) = background(sub { open STDERR, '>', '/dev/null'; sql($database, "select pg_advisory_lock(hashtext('import')), pg_sleep(60)") });
	my $in_database = 'database = (select oid from pg_database where datname = current_database())';
	ok(wait_for(sub { sql($database, "select 1 from pg_locks where locktype = 'advisory' and objid = hashtext('import')::bigint & 4294967295 and $in_database") }), 'another import runs');
	my $pid = start_fetch();
	ok(wait_for(sub { sql($database, "select 1 from pg_locks where locktype = 'advisory' and not granted and $in_database") }), '  ours waits');
	kill 'KILL', $pid;
	has_ended($pid);
	sql($database, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objid = hashtext('import')::bigint & 4294967295 and $in_database");
	TV::end_process($lock);
	ok(wait_for(sub { fetch()->{out} =~ /^killed: read 1, created 1/m }, 20), 'killed there: the next round does it');
	is(titles('killed.example'), 'K', '  once');
	drop_feeds();

	answers('deleted', guide('deleted.example' => 'D'));
	write_file("$dir/deleted.hold", '');
	$id = feed('deleted');
	$pid = start_fetch();
	ok(wait_for(sub { requests('deleted') == 1 }), 'a feed is fetched');
	is($tv->request('DELETE', "/admin/livetv/feeds/$id", token => $admin->{token})->{status}, 204, '  and deleted meanwhile');
	unlink "$dir/deleted.hold";
	ok(has_ended($pid), '  which ends well');
	is(titles('deleted.example'), '', '  with nothing of it stored');
};

subtest 'priority' => sub {
	answers('high', guide('p.example' => 'H1 H2', 'q.example' => 'H3'), etag => '"h1"');
	answers('low', guide('p.example' => 'L1 L2 L3', 'r.example' => 'L4'), etag => '"l1"');
	my $low = feed('low', priority => 10);
	fetch();
	is(titles('p.example'), 'L1 L2 L3', 'a lower one supplies what nobody else has');
	my $high = feed('high', priority => 20);
	fetch();
	like(titles('p.example'), qr/^H1 H2/, 'a higher one supplies it then');
	my $ids = sql($database, "select string_agg(id::text, ' ' order by id) from live.programme");
	due($low);
	is(fetch()->{out}, "low: read 4, created 0, changed 0, unchanged 1, rejected 0, left 3\n", 'the lower one leaves it');
	like(titles('p.example'), qr/^H1 H2/, '  untouched');
	is(titles('r.example'), 'L4', '  and has its own');
	is(sql($database, "select string_agg(id::text, ' ' order by id) from live.programme"), $ids, '  with their ids');
	my $report = status_of($low)->{report};
	is("$report->{left} $report->{channels_left}", '3 1', '  which is told');
	like(join('|', @{ $report->{messages} }), qr/3 programmes of 1 channels are left to feeds of higher priority/, '  in words');
	due($low, $high);
	is(join('', sort split /^/, fetch()->{out}), "high: not modified\nlow: not modified\n", 'and so it stays');

	my $r = $tv->request('POST', '/admin/livetv/import?format=xmltv', body => guide('p.example' => 'M1 M2'), type => 'text/xml', token => $admin->{token});
	like(titles('p.example'), qr/^M1 M2/, 'an import by hand is above all of them');
	is($r->{json}{left}, 0, '  and leaves nothing');
	$tv->request('POST', "/admin/livetv/feeds/$high/fetch", token => $admin->{token});
	fetch();
	like(titles('p.example'), qr/^H1 H2/, '  until its feed is read anew');

	sql($database, "update live.feed_state set succeeded_at = now() - interval '4 hours' where feed_id = $high");
	due($low);
	like(fetch()->{out}, qr/^low: read 4, .* left 0$/m, 'when the higher one has not been read for long, it is taken from it');
	like(titles('p.example'), qr/^L1 L2 L3/, '  all of it');
	due($high, $low);
	fetch();
	like(titles('p.example'), qr/^H1 H2/, '  and given back when it is, though it has not changed');
	due($low);
	fetch();
	like(titles('p.example'), qr/^H1 H2/, '  for good');

	$tv->put("/admin/livetv/feeds/$high", { name => 'high', url => url('high'), format => 'xmltv', priority => 5 }, $admin->{token});
	due($low);
	fetch();
	like(titles('p.example'), qr/^L1 L2 L3/, 'a priority that is changed counts, for what has not changed too');
	$tv->put("/admin/livetv/feeds/$high", { name => 'high', url => url('high'), format => 'xmltv', priority => 10 }, $admin->{token});
	fetch();
	like(titles('p.example'), qr/^L1 L2 L3/, 'of equal ones the first made');
	$tv->put("/admin/livetv/feeds/$low", { name => 'low', url => url('low'), format => 'xmltv', priority => 10, enabled => JSON::PP::false() }, $admin->{token});
	due($high);
	fetch();
	like(titles('p.example'), qr/^H1 H2/, 'a disabled one keeps nothing');
	$tv->put("/admin/livetv/feeds/$low", { name => 'low', url => url('low'), format => 'xmltv', priority => 10 }, $admin->{token});
	fetch();
	like(titles('p.example'), qr/^L1 L2 L3/, '  until it is enabled');
	due($high);
	fetch();
	answers('low', guide('r.example' => 'L4'), etag => '"l2"');
	due($low);
	fetch();
	due($high);
	like(fetch()->{out}, qr/^high: read 3, .* left 0$/m, 'a channel that it no longer has is free');
	like(titles('p.example'), qr/^H1 H2/, '  for the other one');
	is($tv->request('DELETE', "/admin/livetv/feeds/$low", token => $admin->{token})->{status}, 204, 'a feed is deleted');
	is(titles('r.example'), 'L4', '  what it brought stays');
	is(sql($database, "select count(*) from live.guide_owner where feed_id = $low"), 0, '  as nobody\'s');
	drop_feeds();
};

TV::end_process($server);
done_testing();

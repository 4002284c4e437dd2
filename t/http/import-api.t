# Guides and playlists over the API: plain or packed, with a report that is also on record. What is refused, broken off or not
# allowed changes nothing.
use strict;
use warnings;
use HTTP::Tiny;
use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

my $guides = "$root/t/data/guides";
my $database = database();
my $tv = server($database, env => { TV_WORKERS => 3 });
$tv->{http} = HTTP::Tiny->new(timeout => 60, max_redirect => 0, keep_alive => 0);
my ($admin, $viewer) = (admin($tv), account($tv));
sql($database, q{
	with made as (insert into content.item (kind, title, min_age) values ('channel', 'Én', 0) returning id)
	insert into live.channel (id, number, guide_id) select id, 1, 'one.example' from made});

sub import_body
{
	my ($query, $body, %more) = @_;
	return $tv->request('POST', "/admin/livetv/import$query", body => $body, type => 'application/octet-stream', token => $admin->{token}, %more);
}
sub import_file { my ($format, $file, %more) = @_; return import_body("?format=$format", read_file("$guides/$file"), %more) }

# All that an import may write, ids included.
sub stored
{
	return sql($database, q{
		select md5(coalesce(string_agg(t, ',' order by t), '')) from (
			select 'p' || p::text from live.programme p union all select 'i' || i::text from content.item i
			union all select 'c' || c::text from live.channel c union all select 's' || s::text from live.source s
			union all select 'd' || d::text from live.guide_state d union all select 'g' || g::text from live.channel_group g) x (t)});
}
sub counts { my ($r) = @_; return join ' ', map { $r->{json}{$_} // 'none' } qw(read created changed unchanged rejected) }
sub records { return sql($database, "select count(*) from audit.entry where action = 'import'") }
sub titles { return sql($database, "select string_agg(title, ' ' order by start_at) from live.programme") }

# One that must change nothing: a problem with this status, code and something in its sentence.
sub is_refused
{
	my ($r, $status, $code, $why, $name, $before) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_problem($r, $status, $code, $name);
	like($r->{json}{detail}, $why, '  which says why') if $why;
	is(stored(), $before, '  nothing has changed');
}

subtest 'a guide' => sub {
	my $r = import_file('xmltv', 'base.xml', headers => { 'X-Request-Id' => 'import-test-0001' });
	is($r->{status}, 200, 'is taken') or return diag($r->{content});
	is(counts($r), '3 3 0 0 0', '  counted');
	is_deeply([map { $r->{json}{$_} } qw(removed channels_created channels_matched channels_skipped)], [0, 0, 0, 0], '  completely');
	is(titles(), 'A B C', '  and stored');
	my $state = stored();
	for (['packed.xml.gz', 'gzip'], ['packed.xml.xz', 'xz'], ['members.xml.gz', 'several gzip members']) {
		sql($database, 'delete from live.programme');
		my $packed = import_file('xmltv', $_->[0]);
		is("$packed->{status} " . counts($packed), '200 3 3 0 0 0', $_->[1]) or diag($packed->{content});
		is(titles(), 'A B C', '  as the plain one');
		is(counts(import_file('xmltv', 'base.xml')), '3 0 0 3 0', '  the same again writes nothing');
	}
	is(import_file('xmltv', 'base.xml', type => 'text/xml')->{status}, 200, 'of any type');
	is(import_file('xmltv', 'base.xml', headers => { 'Transfer-Encoding' => 'chunked' })->{status}, 200, 'in chunks');
	$r = import_file('xmltv', 'bad-times.xml');
	is(counts($r), '8 1 0 0 7', 'rejected programmes are counted');
	like(join("\n", @{ $r->{json}{messages} }), qr/^line 3: start: "tomorrow" is no time$/m, '  and named with their lines');
	my $id = sql($database, "select id from live.channel where guide_id = 'one.example'");
	my $day = $tv->get("/livetv/channels/$id/epg?date=2099-01-01", $viewer->{token});
	is(join(' ', map { $_->{title} } @{ $day->{json}{programmes} || $day->{json}{items} }), 'A B C', 'viewers see it') or diag($day->{content});
};

subtest 'a playlist' => sub {
	my $r = import_file('m3u', 'mess.m3u');
	is("$r->{status} " . counts($r), '200 8 2 1 0 5', 'is taken') or return diag($r->{content});
	is(scalar(grep { /^line \d+: / } @{ $r->{json}{messages} }), 5, '  what was rejected, by line') or diag($r->{content});
	is(sql($database, "select count(*) from live.source"), 3, '  with its addresses');
	my $state = stored();
	is(counts(import_file('m3u', 'mess.m3u')), '8 0 0 3 5', 'the same again');
	gzip(\read_file("$guides/mess.m3u"), \my $packed);
	is(counts(import_body('?format=m3u', $packed)), '8 0 0 3 5', '  and packed');
	is(stored(), $state, '  writes nothing');
	my @odd = ("http://", "HTTP://capitals.example/1", "http://space.example/\xe2\x80\x83/1", "http://good.example/1");
	$r = import_body('?format=m3u', "#EXTM3U\n" . join '', map { "#EXTINF:-1 tvg-id=\"odd.$_\",Odd $_\n$odd[$_]\n" } 0 .. $#odd);
	is(counts($r), '4 3 0 0 1', 'addresses that are odd or none keep no others out') or diag($r->{content});
};

subtest 'what is refused' => sub {
	my $before = stored();
	for (['xmltv', 'truncated.xml'], ['xmltv', 'cut-in-tag.xml'], ['xmltv', 'not-xml.xml'], ['xmltv', 'html.xml'], ['xmltv', 'bad-nesting.xml'],
		['xmltv', 'laughs.xml'], ['xmltv', 'cut.xml.gz', qr/gzip data end too early/], ['xmltv', 'broken.xml.gz', qr/broken gzip data/],
		['xmltv', 'cut.xml.xz', qr/xz data end too early/], ['xmltv', 'broken.xml.xz', qr/broken xz data/], ['xmltv', 'tail.xml.gz'],
		['xmltv', 'bomb.xml.gz', qr/more than 250 times/], ['xmltv', 'bomb.xml.xz', qr/more than 250 times/], ['xmltv', 'mess.m3u'],
		['m3u', 'no-playlist.m3u', qr/does not begin with #EXTM3U/], ['m3u', 'stream.m3u', qr/the playlist of one stream/],
		['m3u', 'cut.m3u.gz', qr/gzip data end too early/], ['m3u', 'base.xml', qr/#EXTM3U/]) {
		my ($format, $file, $why) = @$_;
		is_refused(import_file($format, $file), 422, 'import_refused', $why // qr/\w+ \w+/, "$format: $file", $before);
	}
	for my $format (qw(xmltv m3u)) {
		is_refused(import_body("?format=$format", $_->[0]), 422, 'import_refused', qr/\w+ \w+/, "$format: $_->[1]", $before)
			for ["\0" x 5000, 'NUL'], [join('', map { chr rand 256 } 1 .. 5000), 'noise'], ["\x1f\x8b", 'the beginning of gzip'], ['<', 'a bracket'];
		is_refused(import_body("?format=$format", ''), 400, 'body_missing', undef, "$format: an empty body", $before);
	}
	is_refused(import_body($_, '<tv></tv>'), 400, undef, undef, "query '$_'", $before)
		for '', '?format=', '?format=csv', '?format=XMLTV', '?format=m3u&format=xmltv', '?format=xmltv&dry_run=true';
	is_problem($tv->get('/admin/livetv/import?format=xmltv', $admin->{token}), 405, 'method_not_allowed');
	is(sql($database, "select count(*) from live.programme where title like '%lol%'"), 0, 'no entity was expanded');
};

subtest 'who may' => sub {
	my ($before, $known) = (stored(), records());
	my $moved = read_file("$guides/moved.xml");
	is_refused(import_body('?format=xmltv', $moved, token => undef), 401, 'token_missing', undef, 'nobody', $before);
	is_refused(import_body('?format=xmltv', $moved, token => 'no.such.token'), 401, 'token_invalid', undef, 'a token that is none', $before);
	is_refused(import_body('?format=xmltv', $moved, token => $viewer->{token}), 403, undef, undef, 'a viewer', $before);
	my ($former, $ended) = (admin($tv), admin($tv));
	sql($database, "update users.account set role = 'user' where id = $former->{id}");
	is_refused(import_body('?format=xmltv', $moved, token => $former->{token}), qr/^40[13]$/, undef, undef, 'a former administrator', $before);
	sql($database, 'update auth.session set ended_at = now() where id = ' . session_of($ended));
	is_refused(import_body('?format=xmltv', $moved, token => $ended->{token}), 401, undef, undef, 'an ended session', $before);
	is(records(), $known, 'none of them is on record');
};

subtest 'on record' => sub {
	my $r = import_file('xmltv', 'moved.xml', headers => { 'X-Request-Id' => 'import-test-0002' });
	is($r->{status}, 200, 'an import') or return diag($r->{content});
	my @entries = grep { $_->{action} eq 'import' } $tv->pages('/admin/audit?limit=100', $admin->{token});
	my ($entry) = grep { $_->{request_id} eq 'import-test-0002' } @entries;
	is_deeply([@$entry{qw(account_id kind target_id)}], [0 + $admin->{id}, 'live.import', undef], 'who and what') or diag(explain(\@entries));
	is_deeply($entry->{before}, { format => 'xmltv' }, '  the format');
	is_deeply($entry->{after}, $r->{json}, '  and the report that was answered');
	$r = import_file('xmltv', 'truncated.xml', headers => { 'X-Request-Id' => 'import-test-0003' });
	($entry) = grep { ($_->{request_id} // '') eq 'import-test-0003' } $tv->pages('/admin/audit?limit=100', $admin->{token});
	is_deeply([@$entry{qw(account_id kind after)}], [0 + $admin->{id}, 'live.import', undef], 'one that was refused has no report');
};

# --- the body as it travels

sub head
{
	my ($length, %more) = @_;
	return join '', "POST /admin/livetv/import?format=xmltv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
		'Authorization: Bearer ' . ($more{token} // $admin->{token}) . "\r\nContent-Type: application/xml\r\nContent-Length: $length\r\n\r\n";
}

subtest 'a body that is too large' => sub {
	my ($before, $known) = (stored(), records());
	for my $length ((256 << 20) + 1, 300 << 20, 5 << 30, '9' x 18) {
		is_refused(raw_response($tv->raw(head($length))), 413, 'body_too_large', undef, "$length bytes", $before);
	}
	is_problem(raw_response($tv->raw(head('9' x 30))), qr/^4(00|13)$/, undef, 'a length that is no number of bytes');
	is(records(), $known, 'none of it is on record');
};

sub connection
{
	my ($text) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, Timeout => 10) or die "connect: $@";
	print $s $text;
	return $s;
}

subtest 'a client that hangs up' => sub {
	my ($before, $known) = (stored(), records());
	my $whole = '<?xml version="1.0"?><tv>' . join('', map { sprintf '<programme start="2099%02d%02d%02d0000 +0000" channel="one.example"><title>Lost %d</title></programme>',
		$_ / 600 + 2, $_ / 24 % 25 + 1, $_ % 24, $_ } 1 .. 5000) . '</tv>';
	close connection(head(length $whole) . substr $whole, 0, length($whole) / 2) for 1 .. 4;
	my $m3u = "#EXTM3U\n" . join '', map { "#EXTINF:-1 tvg-id=\"lost.$_\",Lost $_\nhttps://s.example/$_\n" } 1 .. 2000;
	close connection(head(length $m3u) =~ s/format=xmltv/format=m3u/r . substr $m3u, 0, length($m3u) / 2) for 1 .. 4;
	is_problem($tv->get('/admin/livetv/import', $admin->{token}), 405, undef, 'the programs serve on');
	is(counts(import_file('xmltv', 'moved.xml')), '2 0 0 2 0', '  imports as well');
	is(stored(), $before, 'in the middle: nothing has changed');
	is(records(), $known + 1, '  nothing is on record but the one after it');
	close connection(head(length $whole) . $whole) for 1 .. 2;
	ok(wait_for(sub { !sql($database, "select 1 from pg_stat_activity where datname = current_database() and application_name like '%livetv%' and state <> 'idle'") }, 20),
		'at the end: it comes to an end');
	my $lost = sql($database, "select count(*) from live.programme where title like 'Lost %'");
	ok($lost == 0 || $lost == 5000, '  with all of it or nothing') or diag($lost);
	is($tv->request('POST', '/admin/livetv/import?format=xmltv', body => $whole, type => 'text/xml', token => $admin->{token})->{status}, 200, '  and can be sent again');
	is(sql($database, "select count(*) from live.programme where title like 'Lost %'"), 5000, '  with all of it there');
};

subtest 'another import' => sub {
	my $before = stored();
	my $it = "locktype = 'advisory' and objid = (hashtext('import')::bigint & 4294967295)::oid";
	my ($locked) = background(sub { open STDERR, '>', '/dev/null'; sql($database, "select pg_advisory_lock(hashtext('import')), pg_sleep(60)") });
	my $held = sub { sql($database, "select 1 from pg_locks where $it and granted and database = (select oid from pg_database where datname = current_database())") };
	ok(wait_for(\&$held), 'is running');
	my @waiting = map { connection(head(length $_) . $_) } (read_file("$guides/base.xml")) x 2;
	ok(wait_for { sql($database, "select count(*) from pg_locks where $it and not granted and database = (select oid from pg_database where datname = current_database())") >= 2 }, '  two more wait for it');
	is($tv->get('/livetv/channels', $viewer->{token})->{status}, 200, '  viewers are served meanwhile');
	for (@waiting) {
		local $SIG{ALRM} = sub { die "no answer in time\n" };
		alarm 40;
		my $r = raw_response(do { local $/; <$_> // '' });
		alarm 0;
		is_refused($r, 409, 'import_running', qr/import/, '  but only so long', $before);
	}
	sql($database, "select pg_terminate_backend(pid) from pg_locks where $it and granted and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())");
	TV::end_process($locked);
	is(import_file('xmltv', 'base.xml')->{status}, 200, 'afterwards it is taken');
};

# The channel is deleted while the import goes on: it is as if that had been before.
subtest 'channels that are deleted meanwhile' => sub {
	my $guide = '<tv><channel id="gone.example"><display-name>Gone</display-name></channel><programme start="20990101000000" stop="20990101010000"'
		. ' channel="gone.example"><title>G</title></programme></tv>';
	my $list = "#EXTM3U\n#EXTINF:-1 tvg-id=\"gone.example\",Gone anew\nhttp://s.example/gone\n";
	my $waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name like '%livetv%'";
	for (['a guide, by its id', 'gone.example', 'xmltv', $guide], ['a guide, by its name', undef, 'xmltv', $guide], ['a playlist', 'gone.example', 'm3u', $list]) {
		my ($name, $guide_id, $format, $body) = @$_;
		my $known = $guide_id ? "'$guide_id'" : 'null';
		my $id = sql($database, "with made as (insert into content.item (kind, title, min_age) values ('channel', 'Gone', 0) returning id)
			insert into live.channel (id, number, guide_id) select id, 77, $known from made returning id");
		open my $deleting, '|-', 'psql', '-Xqo', '/dev/null', '-d', sql_url('postgres', $database) or die "psql: $!";
		$deleting->autoflush(1);
		print $deleting "begin; delete from content.item where id = $id;\n";
		ok(wait_for { sql($database, "select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and query like 'delete%$id%'") },
			"$name: its channel is being deleted");
		my $importing = connection(head(length $body) =~ s/format=xmltv/format=$format/r . $body);
		ok(wait_for { sql($database, $waits) }, '  the import waits');
		print $deleting "commit;\n";
		close $deleting;
		my $r = raw_response(do { local $/; <$importing> // '' });
		is("$r->{status} " . counts($r), '200 1 1 0 0 0', '  and is made as if it had never been there') or diag($r->{content});
		is(sql($database, q{select count(*) || ' ' || min(c.id) from live.channel c where guide_id = 'gone.example'}) =~ s/ $id$/ old/r =~ s/ \d+$/ new/r, '1 new',
			'  with a new channel');
		is(sql($database, 'select count(*) from live.programme p where not exists (select from live.channel c where c.id = p.channel_id)'), 0, '  and nothing of no channel');
		sql($database, q{delete from content.item where id = (select id from live.channel where guide_id = 'gone.example')});
	}
};

done_testing();

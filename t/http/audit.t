# The record of what administrators changed: who, when, in which request, what was there before and after. What is refused, what
# imports do and what customers do is not in it, and no customer's name or address ever is.
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
my $tv = server($database);
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my ($editor, $other) = (admin($tv), admin($tv));
my $viewer = account($tv);
my $request = 0;

sub count { return sql($database, 'select count(*) from audit.entry') }
sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }
sub entries { my ($query) = @_; return $tv->pages("/admin/audit?limit=100" . ($query ? "&$query" : ''), $editor->{token}) }
sub brief { return [map { "$_->{action} $_->{kind}" } reverse @_] }

# A write of the editor with a request id of its own: the answer, and the entries of that request, newest first.
sub write_as
{
	my ($who, $method, $path, $body, %headers) = @_;
	my $name = sprintf 'audit-test-%04d', ++$request;
	my $r = $tv->request($method, $path, token => $who->{token}, headers => { 'X-Request-Id' => $name, %headers }, $body ? (body => $body) : ());
	return ($r, grep { ($_->{request_id} // '') eq $name } entries('account=' . $who->{id}));
}

# Made, replaced and deleted; the table whose row is the thing, the member that changes, and what a delete takes besides.
my @writes = (
	['/admin/ondemand/movies', 'content.item', { title => 'Audited', min_age => 0, genres => ['drama'], credits => [{ person_id => 0 + $id{person}, role => 'actor' }],
		external_ids => [{ scheme => 'x', value => '1' }], markers => [{ kind => 'intro', start => 0, end => 9 }] }, 'title',
		qw(content.movie content.credit content.external_id content.media)],
	['/admin/ondemand/series', 'content.item', { title => 'Audited', min_age => 0 }, 'title', 'content.series'],
	['/admin/ondemand/seasons', 'content.item', { title => 'Audited', series_id => 0 + $id{series}, number => 9 }, 'title', 'content.season'],
	['/admin/ondemand/episodes', 'content.item', { title => 'Audited', season_id => 0 + $id{season}, number => 9 }, 'title', 'content.episode'],
	['/admin/ondemand/genres', 'content.genre', { slug => 'audited', name => 'Audited' }, 'name'],
	['/admin/ondemand/people', 'content.person', { name => 'Audited' }, 'name'],
	['/admin/livetv/channels', 'content.item', { name => 'Audited', number => 9, country => 'NO' }, 'name', 'live.channel'],
	['/admin/livetv/epg', 'live.programme', { channel_id => 0 + $id{channel}, title => 'Audited', start => instant(time + 50 * 3600),
		end => instant(time + 51 * 3600) }, 'title'],
);

sub check_writes
{
	my ($path, $kind, $body, $member, @more) = @_;
	my $column = $kind eq 'content.item' ? 'title' : $member;
	my ($made, @entries) = write_as($editor, 'POST', $path, $body);
	is($made->{status}, 201, "$path: made") or return diag($made->{content});
	my $id = $made->{json}{id};
	my ($of_thing) = grep { $_->{kind} eq $kind && $_->{action} eq 'insert' } @entries;
	is_deeply([@$of_thing{qw(account_id target_id before)}], [0 + $editor->{id}, $id, undef], '  who and what') or diag(explain(\@entries));
	is($of_thing->{after}{$column}, 'Audited', '  after it');
	like($of_thing->{at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.?\d*Z$/, '  when');
	for my $table (@more) {
		my ($row) = grep { $_->{kind} eq $table } @entries;
		is($row && $row->{target_id}, $id, "  and $table");
	}
	my %new = (%$body, $member => 'Changed');
	delete $new{slug};
	(my $changed, @entries) = write_as($editor, 'PUT', "$path/$id", \%new);
	is($changed->{status}, 200, "$path: replaced") or diag($changed->{content});
	($of_thing) = grep { $_->{kind} eq $kind } @entries;
	is($of_thing->{action}, 'update', '  an update');
	is_deeply([$of_thing->{before}{$column}, $of_thing->{after}{$column}], ['Audited', 'Changed'], '  from what to what');
	(my $gone, @entries) = write_as($other, 'DELETE', "$path/$id");
	is($gone->{status}, 204, "$path: deleted") or diag($gone->{content});
	($of_thing) = grep { $_->{kind} eq $kind && $_->{action} eq 'delete' } @entries;
	is_deeply([@$of_thing{qw(account_id target_id after)}], [0 + $other->{id}, $id, undef], '  by somebody else');
	is($of_thing->{before}{$column}, 'Changed', '  what it was');
	for my $table (@more) {
		ok((grep { $_->{kind} eq $table && $_->{action} eq 'delete' && $_->{target_id} == $id } @entries), "  and $table went along");
	}
	is_deeply(brief(entries("kind=$kind&target=$id")), [map { "$_ $kind" } qw(insert update delete)], '  its whole life');
}
subtest $_->[0] => sub { check_writes(@$_) } for @writes;

subtest 'what goes with something else' => sub {
	my $ask = sub { my ($path, $body) = @_; return $tv->post("/admin/$path", $body, $editor->{token})->{json}{id} };
	my $series = $ask->('ondemand/series', { title => 'S', min_age => 0 });
	my $season = $ask->('ondemand/seasons', { title => 'S1', series_id => $series, number => 1 });
	my $episode = $ask->('ondemand/episodes', { title => 'E1', season_id => $season, number => 1 });
	my ($r, @entries) = write_as($editor, 'PUT', "/admin/ondemand/seasons/$season", { title => 'S1', series_id => $series, number => 2 });
	ok((grep { $_->{kind} eq 'content.episode' && $_->{target_id} == $episode && $_->{after}{season_number} == 2 } @entries), 'an episode is renumbered with its season');
	($r, @entries) = write_as($editor, 'DELETE', "/admin/ondemand/series/$series");
	for my $gone ($series, $season, $episode) {
		ok((grep { $_->{kind} eq 'content.item' && $_->{target_id} == $gone && $_->{action} eq 'delete' } @entries), "item $gone of a deleted series");
	}
	my $channel = $ask->('livetv/channels', { name => 'C', number => 5 });
	my $programme = $ask->('livetv/epg', { channel_id => $channel, title => 'P', start => instant(time), end => instant(time + 60) });
	($r, @entries) = write_as($editor, 'DELETE', "/admin/livetv/channels/$channel");
	ok((grep { $_->{kind} eq 'live.programme' && $_->{target_id} == $programme } @entries), 'a programme of a deleted channel');
};

subtest 'filters and pages' => sub {
	my @all = entries();
	cmp_ok(scalar @all, '>', 60, 'there is something to filter');
	is(scalar @all, count(), 'all of it, newest first');
	is_deeply([grep { ($_->{account_id} // 0) == $editor->{id} && $_->{account_email} ne $editor->{email} } @all], [], 'who it was, by name');
	is_deeply([map { $_->{id} } @all], [sort { $b <=> $a } map { $_->{id} } @all], '  in order');
	is_deeply([map { $_->{id} } $tv->pages('/admin/audit?limit=7', $editor->{token})], [map { $_->{id} } @all], 'the same by pages of 7');
	my $n = 0;
	my @while = $tv->pages('/admin/audit?limit=9', $editor->{token}, sub { write_as($editor, 'POST', '/admin/ondemand/people', { name => 'Meanwhile' }) if $n++ < 3 });
	is_deeply([map { $_->{id} } @while], [map { $_->{id} } @all], '  also while more is written');
	@all = entries();
	my $ids = sub { my ($filter) = @_; return [map { $_->{id} } grep { $filter->($_) } @all] };
	my ($from, $to) = map { $all[$_]{at} } int(@all * 2 / 3), int(@all / 3);
	my %filter = (
		"account=$editor->{id}" => sub { $_[0]{account_id} == $editor->{id} }, "account=$other->{id}" => sub { $_[0]{account_id} == $other->{id} },
		'account=999999' => sub { 0 }, 'kind=content.item' => sub { $_[0]{kind} eq 'content.item' }, 'kind=live.programme' => sub { $_[0]{kind} eq 'live.programme' },
		'kind=no.such' => sub { 0 }, "target=$all[0]{target_id}" => sub { $_[0]{target_id} == $all[0]{target_id} },
		"from=" . uri($from) => sub { $_[0]{at} ge $from }, "to=" . uri($to) => sub { $_[0]{at} lt $to },
		"from=" . uri($from) . "&to=" . uri($to) => sub { $_[0]{at} ge $from && $_[0]{at} lt $to },
		"kind=content.item&account=$other->{id}" => sub { $_[0]{kind} eq 'content.item' && $_[0]{account_id} == $other->{id} },
	);
	for my $query (sort keys %filter) {
		my $expected = $ids->($filter{$query});
		is_deeply([map { $_->{id} } entries($query)], $expected, "$query: " . @$expected);
		is_deeply([map { $_->{id} } $tv->pages("/admin/audit?$query&limit=3", $editor->{token})], $expected, '  by pages of 3');
	}
	is_problem($tv->get("/admin/audit?$_", $editor->{token}), 400) for 'account=x', 'from=yesterday', 'target=0', 'kind=', 'limit=101', 'who=1';
};

subtest 'what is refused' => sub {
	my $before = count();
	my $movie = "/admin/ondemand/movies/$id{movie}";
	my %body = (title => 'Refused', min_age => 0);
	my @refused = (
		[422, 'POST', '/admin/ondemand/movies', { %body, genres => ['no-such-genre'] }], [422, 'POST', '/admin/ondemand/movies', { title => '' }],
		[422, 'POST', '/admin/ondemand/movies', { %body, credits => [{ person_id => 999999, role => 'actor' }] }],
		[412, 'PUT', $movie, \%body, 'If-Match' => '"999"'], [412, 'DELETE', $movie, undef, 'If-Match' => '"999"'],
		[404, 'PUT', '/admin/ondemand/movies/999999', \%body], [404, 'DELETE', '/admin/ondemand/movies/999999'],
		[409, 'POST', '/admin/ondemand/genres', { slug => 'drama', name => 'Drama' }], [422, 'PUT', "/admin/ondemand/seasons/$id{season}", { %body, series_id => 999999, number => 1 }],
		[409, 'POST', '/admin/livetv/epg', { channel_id => 0 + $id{channel}, title => 'Over', start => instant(time), end => instant(time + 60) }],
		[409, 'DELETE', '/admin/ondemand/genres/' . sql($database, "select id from content.genre where slug = 'drama'")],
	);
	for (@refused) {
		my ($status, @write) = @$_;
		my ($r, @entries) = write_as($editor, @write);
		is_problem($r, $status);
		is(scalar @entries, 0, '  leaves nothing');
	}
	is_problem($tv->request('DELETE', $movie, token => $viewer->{token}), 403);
	is_problem($tv->request('DELETE', $movie), 401);
	is(count(), $before, 'nothing at all');
};

# The same connections serve everybody.
subtest 'others' => sub {
	for (1 .. 5) {
		write_as($editor, 'POST', '/admin/ondemand/people', { name => "Between $_" });
		my $before = count();
		$tv->request('PATCH', '/users/me', body => { name => "Viewer $_" }, token => $viewer->{token});
		$tv->request('PUT', "/users/watchlist/$id{movie}", token => $viewer->{token});
		is(count(), $before, 'what a customer does is not in it');
	}
	my $before = count();
	my $done = command($database, 'ondemand', 'import', "$root/t/data/titles.csv");
	like($done->{out}, qr/created 4/, 'titles are imported') or diag($done->{err});
	$done = command($database, 'livetv', 'import-channels', "$root/t/data/channels.csv");
	like($done->{out}, qr/created 3/, 'channels are imported') or diag($done->{err});
	is(command($database, 'ondemand', 'count-genres')->{exit}, 0, 'genres are counted');
	is(count(), $before, 'and none of it is in it');
	for my $token ($viewer->{token}, undef) {
		is_problem($tv->get("/admin/audit$_", $token), $token ? 403 : 401) for '', '?kind=content.item', "?account=$viewer->{id}";
	}
};

subtest 'no names, no addresses' => sub {
	my ($email, $name) = ('secretive.person@example.org', 'Xantippa Unusual');
	my ($r, @entries) = write_as($editor, 'POST', '/users', { email => $email, password => 'correct horse 7', name => $name, country => 'NO' });
	is($r->{status}, 201, 'an account is made') or diag($r->{content});
	my $id = $r->{json}{id};
	ok((grep { $_->{kind} eq 'users.account' && $_->{target_id} == $id && $_->{action} eq 'insert' } @entries), '  and that is recorded');
	($r, @entries) = write_as($editor, 'PUT', "/admin/users/$id", { name => "$name II", role => 'user', status => 'suspended', country => 'SE' });
	is($r->{status}, 200, 'changed') or diag($r->{content});
	my ($entry) = grep { $_->{kind} eq 'users.account' } @entries;
	is_deeply([map { [@{ $entry->{$_} }{qw(status country)}] } qw(before after)], [['active', 'NO'], ['suspended', 'SE']], '  from what to what');
	$tv->request('PATCH', '/users/me', body => { name => "$name III" }, token => $editor->{token});
	($r, @entries) = write_as($editor, 'DELETE', "/admin/users/$id");
	is($r->{status}, 204, 'erased') or diag($r->{content});
	ok((grep { $_->{kind} eq 'users.account' && $_->{target_id} == $id && $_->{action} eq 'delete' } @entries), '  and that is recorded');
	for my $text ($email, 'Xantippa', $viewer->{email}, $editor->{email}, $other->{email}, '\$2[aby]\$', 'correct horse') {
		is(sql($database, "select count(*) from audit.entry e where e::text ~* '$text'"), 0, "no row has $text");
	}
	is(scalar(grep { grep { defined && (exists $_->{email} || exists $_->{name}) } @$_{qw(before after)} } entries('kind=users.account')), 0, 'no such member');
	my $mine = scalar entries("account=$other->{id}");
	my $all = count();
	($r, @entries) = write_as($editor, 'DELETE', "/admin/users/$other->{id}");
	is($r->{status}, 204, 'an administrator leaves') or diag($r->{content});
	cmp_ok(count(), '>=', $all, '  what was written stays');
	cmp_ok(sql($database, 'select count(*) from audit.entry where account_id is null'), '>=', $mine, '  under nobody');
	is_deeply([entries("account=$other->{id}")], [], '  and no longer under the number');
};

done_testing();

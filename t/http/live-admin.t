# Editing channels and the guide: made, read, replaced under If-Match and deleted; programmes never overlap, however many
# editors write at once; what is hidden or deleted is gone from every answer.
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);
use Test::More;
use TV;
use TV::Accounts;

use constant HOUR => 3600;

my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_WORKERS => 8 });
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my $editor = admin($tv);
my $viewer = account($tv);
my $kid = sign_token($viewer->{token}, age => 7);
my $base = (int(time / 86400) + 10) * 86400;
my $true = JSON::PP::true();

sub ask { my ($method, $path, %more) = @_; return $tv->request($method, "/admin/livetv/$path", token => $editor->{token}, %more) }
sub see { my ($path, $token) = @_; return $tv->get("/livetv/$path", $token // $viewer->{token}) }
sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

sub make
{
	my ($kind, %body) = @_;
	my $r = ask('POST', $kind, body => \%body);
	die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 201;
	return $r->{json};
}

sub change
{
	my ($kind, $id, %body) = @_;
	my $r = ask('PUT', "$kind/$id", body => \%body);
	die "$r->{what}: $r->{status} $r->{content}\n" unless $r->{status} == 200;
	return $r->{json};
}

# A body of a programme; from and to are seconds after the base.
sub programme
{
	my ($channel, $from, $to, %more) = @_;
	return { channel_id => 0 + $channel, title => 'P', start => instant($base + $from), end => instant($base + $to), %more };
}

sub is_refused
{
	my ($r, $field, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return unless is_problem($r, 422, undef, $name);
	my @fields = map { $_->{field} } @{ $r->{json}{errors} };
	ok((grep { $_ =~ $field } @fields), '  naming the member') or diag("@fields: $r->{content}");
}

# What a channel's guide has from the base on, for a day.
sub shown
{
	my ($channel) = @_;
	my $r = see("epg?channels=$channel&from=" . instant($base) . '&to=' . instant($base + 24 * HOUR));
	my ($row) = @{ $r->{json}{items} };
	return $row ? [map { $_->{title} } @{ $row->{programmes} }] : undef;
}

sub check_if_match
{
	my ($kind, $id, $body, $name) = @_;
	my $read = sub { return ask('GET', "$kind/$id") };
	my $put = sub { my ($value, $tag) = @_; return ask('PUT', "$kind/$id", body => { %$body, $name => $value }, headers => { 'If-Match' => $tag }) };
	my $before = $read->();
	my $etag = $before->{headers}{etag};
	for my $tag ('"0"', '"0", "999999"', "W/$etag", $etag =~ tr/"//dr, '""', ',', 'no tag', '"' . '9' x 40 . '"') {
		is_problem($put->('Not stored', $tag), 412, 'version_changed', "$kind, If-Match: $tag");
		is_problem(ask('DELETE', "$kind/$id", headers => { 'If-Match' => $tag }), 412, 'version_changed', '  nor deleted');
	}
	is_deeply($read->()->{json}, $before->{json}, "$kind: nothing has changed");
	is($read->()->{headers}{etag}, $etag, '  and the ETag neither');
	for my $form ('=', '"0", =', '*') {
		my $old = $read->()->{headers}{etag};
		my $r = $put->("Name $form", $form =~ s/=/$old/r);
		is($r->{status}, 200, "$kind, If-Match: $form") or diag($r->{content}), next;
		is($r->{json}{$name}, "Name $form", '  is stored');
		is($r->{headers}{etag}, $read->()->{headers}{etag}, '  with its new ETag');
		is_problem($put->('Not stored', $old), 412, 'version_changed', '  and the old one no longer matches');
	}
	is(ask('PUT', "$kind/$id", body => $body)->{status}, 200, "$kind without If-Match");
}

sub check_kind
{
	my ($kind, $name, %body) = @_;
	my $r = ask('POST', $kind, body => \%body);
	is($r->{status}, 201, "$kind: made") or return diag($r->{content});
	my $id = $r->{json}{id};
	is($r->{headers}{location}, "/admin/livetv/$kind/$id", '  its Location');
	like($r->{headers}{etag} // '', qr/^"[^"]+"$/, '  an ETag');
	is_deeply($r->{json}{$_}, $body{$_}, "  $_") for sort keys %body;
	my $read = ask('GET', "$kind/$id");
	is_deeply($read->{json}, $r->{json}, '  a read says the same');
	is($read->{headers}{etag}, $r->{headers}{etag}, '  with the same ETag');
	check_if_match($kind, $id, \%body, $name);
	my $gone = ask('DELETE', "$kind/$id", headers => { 'If-Match' => ask('GET', "$kind/$id")->{headers}{etag} });
	is($gone->{status}, 204, "$kind: deleted") or diag($gone->{content});
	is_problem(ask($_, "$kind/$id"), 404, 'not_found') for qw(GET DELETE);
	is_problem(ask('PUT', "$kind/$id", body => \%body), 404, 'not_found');
}

subtest 'a channel' => sub {
	my %channel = (name => 'Kanal Ny', number => 77, logo => '/media/ny.png', group => 'local', country => 'NO', languages => ['nor', 'sme'], min_age => 6,
		catchup_hours => 48, hidden => JSON::PP::false(), guide_id => 'ny.no', website => 'https://example.org/', alt_names => ['Ny', "\x{4E8C}"]);
	check_kind('channels', 'name', %channel);
	is(ask('GET', "channels/$_")->{status}, 404, 'what is no channel') for $id{movie}, 999999;
	is_problem(ask('DELETE', "channels/$id{movie}"), 404, 'not_found', 'a movie is not deleted as a channel');
	is(sql($database, "select count(*) from content.item where id = $id{movie}"), 1, '  it is there');
	my $made = make('channels', %channel, source => { schedule => [0 + $id{movie}] });
	my ($listed) = grep { $_->{id} == $made->{id} } $tv->pages('/livetv/channels?group=local&country=NO&language=sme', $viewer->{token});
	is_deeply([@$listed{qw(name logo group catchup_hours)}], ['Kanal Ny', '/media/ny.png', 'local', 48], 'viewers see it');
	my $bare = change('channels', $made->{id}, name => 'Kanal Ny', number => 77);
	is_deeply([@$bare{qw(logo group country guide_id website)}], [(undef) x 5], 'what a PUT does not name is empty');
	is_deeply([@$bare{qw(languages alt_names min_age catchup_hours)}], [[], [], 0, 0], '  lists and numbers too');
	is(scalar $tv->pages("/livetv/channels?$_", $viewer->{token}), 0, "  and gone from $_") for 'group=local', 'language=sme';
	change('channels', $made->{id}, name => 'Kanal Ny', number => 0);
	is(($tv->pages('/livetv/channels', $viewer->{token}))[0]{id}, $made->{id}, 'in order of the new number');
	change('channels', $made->{id}, name => 'Kanal Ny', number => 77, min_age => 15);
	is_problem(see("channels/$made->{id}", $kid), 404, 'not_found', 'a new age counts at once');
	is(scalar(grep { $_->{id} == $made->{id} } $tv->pages('/livetv/channels', $kid)), 0, '  in the list');
	change('channels', $made->{id}, name => 'Kanal Ny', number => 77, guide_id => 'only.one');
	is_problem(ask('POST', 'channels', body => { name => 'Other', number => 78, guide_id => 'only.one' }), 409, 'guide_id_taken');
	my @bad = (number => -1, number => 1000000, logo => 'http://example.org/x', logo => '//example.org/x', website => 'javascript:alert(1)', country => 'Norway',
		languages => ['x y'], min_age => 19, catchup_hours => 745, name => '', name => "\x{1F600}" x 301, state => 'gone', hidden => 'yes', group => 'A B');
	while (my ($member, $value) = splice @bad, 0, 2) {
		is_refused(ask('POST', 'channels', body => { name => 'x', number => 1, $member => $value }), qr/^$member/, "a bad $member");
	}
	is_refused(ask('POST', 'channels', body => { name => 'x', number => 1, logo => $_ }), qr/^logo$/, "logo $_")
		for 'http://example.org/x', '//example.org/x', 'data:image/png;base64,AA', '/\\x';
	my $evil = '<img src=x onerror=alert(1)>';
	change('channels', $made->{id}, name => $evil, number => 77);
	is(see("channels/$made->{id}")->{json}{name}, $evil, 'a name stays text');
	change('channels', $made->{id}, name => "\x{1F4FA}" x 300, number => 77);
	is(see("channels/$made->{id}")->{json}{name}, "\x{1F4FA}" x 300, 'of 300 characters of four bytes');
};

# What an import made can be saved as it was read.
subtest 'an imported channel' => sub {
	local $TV::input = "id,name,website,logo,alt_names,languages\nIn1.no,Inn,http://inn.example/a{b}|c,https://inn.example/{1}.png,"
		. join(';', map { "Other $_" } 1 .. 60) . ";" . 'N' x 300 . ",nor;eng\nIn2.no,To,https://to.example/,,,\n"
		. "In3.no,Many," . ',,' . join(';', map { "Other $_" } 1 .. 201) . ",\nIn4.no,Long,,," . 'N' x 301 . ",\nIn5.no,Tongues,,,," . join(';', map { "a" . chr(97 + $_ % 26) . chr(97 + $_ / 26) } 0 .. 50) . "\n";
	my $done = command($database, 'livetv', 'import-channels', '-');
	like($done->{out}, qr/^-:4: alt_names: .*^-:5: alt_names: .*^-:6: languages: .*: read 5, created 2, changed 0, unchanged 0, rejected 3$/ms, 'is brought')
		or diag("$done->{out}$done->{err}");
	for my $value ('In1.no', 'In2.no') {
		my $id = sql($database, "select id from live.channel where guide_id = '$value'");
		my $read = ask('GET', "channels/$id");
		my %body = map { ($_ => $read->{json}{$_}) } grep { !/^(id|created_at|updated_at)$/ } keys %{ $read->{json} };
		my $r = ask('PUT', "channels/$id", body => \%body, headers => { 'If-Match' => $read->{headers}{etag} });
		is($r->{status}, 200, "$value is saved as it was read") or diag($r->{content});
		is_deeply([@{ $r->{json} }{ sort keys %body }], [@body{ sort keys %body }], '  and stays so');
	}
	is(sql($database, q{select website from live.channel where guide_id = 'In1.no'}), 'http://inn.example/a%7Bb%7D%7Cc', 'addresses as they are written');
	sql($database, q{delete from content.item where id in (select id from live.channel where guide_id in ('In1.no', 'In2.no'))});
};

subtest 'a programme' => sub {
	check_kind('epg', 'title', %{ programme($id{channel}, 0, HOUR, subtitle => 'Sub', synopsis => "Two\nlines.", category => 'news', season => 2, episode => 3, min_age => 7) });
	my $channel = make('channels', name => 'Windows', number => 300)->{id};
	is_refused(ask('POST', 'epg', body => programme($channel, @{ $_->[0] })), qr/^end$/, $_->[1])
		for [[HOUR, 0], 'it ends before it starts'], [[HOUR, HOUR], '  or at once'], [[0, 24 * HOUR + 1], '  or after more than a day'];
	my $day = make('epg', %{ programme($channel, 0, 24 * HOUR) });
	is_deeply(shown($channel), ['P'], 'of 24 hours');
	is_refused(ask('PUT', "epg/$day->{id}", body => programme($channel, 0, $_)), qr/^end$/, "changed to $_ seconds") for 0, -1, 24 * HOUR + 1;
	is_refused(ask('POST', 'epg', body => programme($_, 0, HOUR)), qr/^channel_id$/, "on $_, which is no channel") for 999999, $id{movie};
	is_refused(ask('PUT', "epg/$day->{id}", body => programme(999999, 0, HOUR)), qr/^channel_id$/, 'moved to no channel');
	is_refused(ask('POST', 'epg', body => { %{ programme($channel, 0, HOUR) }, start => $_ }), qr/^start$/, "start $_")
		for 'now', '2026-02-30T00:00:00Z', '2026-01-01', 'infinity', '2026-01-01T00:00:00';
	is_refused(ask('POST', 'epg', body => programme($channel, 100 * HOUR, 101 * HOUR, title => $_)), qr/^title$/, 'a title that is none') for '', "\x{1F600}" x 301, "a\nb";
	my $evil = '<img src=x onerror=alert(1)>';
	my $made = make('epg', %{ programme($channel, 100 * HOUR, 101 * HOUR, title => $evil) });
	is(see("programmes/$made->{id}")->{json}{title}, $evil, 'a title stays text');
	is(change('epg', $made->{id}, %{ programme($channel, 100 * HOUR, 101 * HOUR, title => "\x{1F600}" x 300) })->{title}, "\x{1F600}" x 300, '  of 300 wide characters');
	is_deeply([map { $_->{id} } $tv->pages("/admin/livetv/epg?channel=$channel&limit=1", $editor->{token})], [$day->{id}, $made->{id}], 'programmes of a channel, paged');
	is_deeply([map { $_->{id} } $tv->pages("/admin/livetv/epg?channel=$channel&from=" . instant($base + HOUR), $editor->{token})], [$made->{id}], '  from a time on');
	is_problem(see("programmes/$made->{id}", $kid), 404, 'not_found', 'for adults only') if change('epg', $made->{id}, %{ programme($channel, 100 * HOUR, 101 * HOUR, min_age => 18) });
};

# From and to are seconds; there is one programme from the first to the second hour.
subtest 'overlaps' => sub {
	my $channel = make('channels', name => 'Full', number => 301)->{id};
	my $there = make('epg', %{ programme($channel, HOUR, 2 * HOUR, title => 'It is there') });
	my @overlapping = ([HOUR, 2 * HOUR], [HOUR + 60, 2 * HOUR - 60], [0, 3 * HOUR], [0, HOUR + 1], [2 * HOUR - 1, 3 * HOUR], [HOUR, HOUR + 1], [2 * HOUR - 1, 2 * HOUR],
		[HOUR, 3 * HOUR], [0, 2 * HOUR], [2 * HOUR - 1, 26 * HOUR - 1], [-23 * HOUR + 1, HOUR + 1]);
	for (@overlapping) {
		my $r = ask('POST', 'epg', body => programme($channel, @$_));
		is_problem($r, 409, 'overlap', "from $_->[0] to $_->[1]");
		like($r->{json}{detail}, qr/\b$there->{id}\b.*It is there/, '  naming what it overlaps');
	}
	is(ask('POST', 'epg', body => programme($channel, @$_))->{status}, 201, "from $_->[0] to $_->[1] touches it") for [0, HOUR], [2 * HOUR, 3 * HOUR];
	is(ask('POST', 'epg', body => programme($id{channel}, HOUR, 2 * HOUR))->{status}, 201, 'another channel is another matter');
	is(sql($database, "select count(*) from live.programme where channel_id = $channel"), 3, 'three programmes');
	my $long = make('epg', %{ programme($channel, 30 * HOUR, 54 * HOUR, title => 'All day') });
	is_problem(ask('POST', 'epg', body => programme($channel, 54 * HOUR - 1, 55 * HOUR)), 409, 'overlap', 'the end of one that lasts a day');
	is(ask('POST', 'epg', body => programme($channel, 54 * HOUR, 55 * HOUR))->{status}, 201, '  and after it');
};

subtest 'programmes that move' => sub {
	my ($one, $two) = map { make('channels', name => "Moving $_", number => 310 + $_)->{id} } 1, 2;
	my %p = map { $_ => make('epg', %{ programme($one, $_ * HOUR, ($_ + 1) * HOUR, title => "At $_") })->{id} } 1 .. 3;
	is(ask('PUT', "epg/$p{1}", body => programme($one, HOUR, 2 * HOUR, title => 'Renamed'))->{status}, 200, 'where it is');
	is(ask('PUT', "epg/$p{1}", body => programme($one, HOUR + 60, 2 * HOUR, title => 'Later'))->{status}, 200, 'a little later');
	my $before = ask('GET', "epg/$p{1}");
	is_problem(ask('PUT', "epg/$p{1}", body => programme($one, HOUR, 2 * HOUR + 1)), 409, 'overlap', 'into the next one');
	is_problem(ask('PUT', "epg/$p{1}", body => programme($one, 3 * HOUR, 4 * HOUR)), 409, 'overlap', 'onto another one');
	is_problem(ask('PUT', "epg/$p{1}", body => programme($one, 3 * HOUR, 4 * HOUR), headers => { 'If-Match' => '"999"' }), 412, 'version_changed',
		'  of another version: that is what is said');
	is_problem(ask('PUT', 'epg/999999', body => programme($one, 3 * HOUR, 4 * HOUR)), 404, 'not_found', '  of none: likewise');
	is_deeply(ask('GET', "epg/$p{1}")->{json}, $before->{json}, 'nothing has changed');
	is_deeply(shown($one), ['Later', 'At 2', 'At 3'], '  for viewers');
	change('epg', $p{2}, %{ programme($one, 10 * HOUR, 11 * HOUR, title => 'At 2') });
	is_deeply(shown($one), ['Later', 'At 3', 'At 2'], 'to the evening');
	is(see("programmes/$p{2}")->{json}{start}, instant($base + 10 * HOUR), '  under its id');
	is(ask('POST', 'epg', body => programme($one, 2 * HOUR, 3 * HOUR, title => 'Filler'))->{status}, 201, '  and its place is free');
	change('epg', $p{3}, %{ programme($two, 3 * HOUR, 4 * HOUR, title => 'At 3') });
	is_deeply([shown($one), shown($two)], [['Later', 'Filler', 'At 2'], ['At 3']], 'to another channel');
	is(see("programmes/$p{3}")->{json}{channel}{id}, $two, '  under its id');
	is(ask('DELETE', "epg/$p{3}")->{status}, 204, 'deleted');
	is_deeply(shown($two), [], '  gone from the guide');
	is_problem(see("programmes/$p{3}"), 404, 'not_found');
};

# Whoever comes first, what is left never overlaps.
subtest 'many editors at once' => sub {
	my $channel = make('channels', name => 'Contested', number => 320)->{id};
	my $post = sub { return request_text('POST', '/admin/livetv/epg', token => $editor->{token}, body => programme($channel, @_)) };
	my @answers = together($tv, map { $post->(HOUR + 60 * $_, 2 * HOUR + 60 * $_, title => "Try $_") } 1 .. 20);
	is(scalar(grep { $_->{status} == 201 } @answers), 1, 'one of twenty is made') or diag(join ' ', map { $_->{status} } @answers);
	is(scalar(grep { $_->{status} == 409 && $_->{json}{code} eq 'overlap' } @answers), 19, '  the others overlap it');
	is(sql($database, "select count(*) from live.programme where channel_id = $channel"), 1, '  one row');
	@answers = together($tv, map { $post->(($_ + 10) * HOUR, ($_ + 11) * HOUR) } 1 .. 12);
	is(scalar(grep { $_->{status} == 201 } @answers), 12, 'twelve that touch each other are all made') or diag(join ' ', map { $_->{status} } @answers);
	my ($a, $b) = map { make('epg', %{ programme($channel, (30 + $_) * HOUR, (31 + $_) * HOUR) })->{id} } 0, 10;
	@answers = together($tv, map { request_text('PUT', "/admin/livetv/epg/$_", token => $editor->{token}, body => programme($channel, 35 * HOUR, 36 * HOUR)) } ($a, $b) x 4);
	is(scalar(grep { $_->{status} !~ /^(200|409)$/ } @answers), 0, 'two that move to the same place') or diag(join ' ', map { $_->{status} } @answers);
	is(sql($database, "select count(*) from live.programme p join live.programme o on o.channel_id = p.channel_id and o.id > p.id
		and o.start_at < p.end_at and o.end_at > p.start_at"), 0, 'nothing overlaps anywhere');
};

# Everywhere a channel can be seen: where it is, by name of the place.
sub places
{
	my ($channel, $programme) = @_;
	my $in = sub { my ($path) = @_; return scalar grep { ($_->{channel} || $_)->{id} == $channel } $tv->pages("/livetv/$path", $viewer->{token}) };
	return join ' ', (map { $in->($_) } 'channels', 'channels?group=hidden-ones', 'channels?country=FI', 'channels?language=fin', 'now', "now?channels=$channel", 'epg',
		'epg?group=hidden-ones', "epg?channels=$channel"), map { see($_)->{status} } "channels/$channel", "channels/$channel/epg", "programmes/$programme";
}

subtest 'a channel that is hidden, and one that is deleted' => sub {
	my %channel = (name => 'Hide and Seek', number => 330, group => 'hidden-ones', country => 'FI', languages => ['fin']);
	my $channel = make('channels', %channel)->{id};
	my $programme = make('epg', %{ programme($channel, 0, HOUR) })->{id};
	my ($there, $gone) = ('1 1 1 1 1 1 1 1 1 200 200 200', '0 0 0 0 0 0 0 0 0 404 404 404');
	is(places($channel, $programme), $there, 'it is everywhere');
	for my $how ({ hidden => $true }, { state => 'draft' }) {
		change('channels', $channel, %channel, %$how);
		is(places($channel, $programme), $gone, join ' ', 'nowhere:', %$how);
		is(ask('GET', "$_")->{status}, 200, "  but $_ for editors") for "channels/$channel", "epg/$programme";
		change('channels', $channel, %channel);
		is(places($channel, $programme), $there, '  and back');
	}
	change('channels', $channel, %channel, hidden => $true);
	is_deeply([map { $_->{id} } $tv->pages('/admin/livetv/channels?hidden=true', $editor->{token})], [$channel], 'a list of the hidden ones');
	is(scalar(grep { $_->{id} == $channel } $tv->pages('/admin/livetv/channels?hidden=false&limit=100', $editor->{token})), 0, '  and of the others');
	change('channels', $channel, %channel);
	make('epg', %{ programme($channel, $_ * HOUR, ($_ + 1) * HOUR) }) for 1 .. 5;
	$tv->request('PUT', "/users/watchlist/$channel", token => $viewer->{token});
	is(ask('DELETE', "channels/$channel")->{status}, 204, 'deleted');
	is(places($channel, $programme), $gone, '  nowhere');
	is_problem(ask('GET', $_), 404, 'not_found') for "channels/$channel", "epg/$programme";
	is(sql($database, "select count(*) from $_->[0] where $_->[1] = $channel"), 0, "  nothing of it in $_->[0]")
		for ['live.programme', 'channel_id'], ['live.lineup', 'channel_id'], ['live.channel', 'id'], ['content.item', 'id'], ['users.watchlist', 'item_id'];
};

subtest 'only administrators' => sub {
	my %body = (channels => { name => 'x', number => 1 }, epg => programme($id{channel}, 200 * HOUR, 201 * HOUR));
	my $state = sub { my $s = state_of($database); return [map { $s->{$_} } qw(content.item live.channel live.programme)] };
	my $before = $state->();
	for my $route (grep { $_->{path} =~ m{^/admin/livetv/(channels|epg)} } routes()) {
		my ($kind) = $route->{path} =~ m{^/admin/livetv/(\w+)};
		(my $path = $route->{path}) =~ s/\{id\}/$kind eq 'epg' ? $id{programme} : $id{channel}/e;
		my @body = $route->{method} =~ /^P/ ? (body => $body{$kind}) : ();
		is_problem($tv->request($route->{method}, $path, token => $viewer->{token}, @body), 403);
		is_problem($tv->request($route->{method}, $path, @body), 401);
	}
	is_deeply($state->(), $before, 'nothing has changed');
};

done_testing();

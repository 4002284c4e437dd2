# Players that know no sign-in: a profile's key opens a playlist and a guide, which hold what the profile may see and nothing
# that could break their form; the key ends with whatever it stands on, and is in no log.
use strict;
use warnings;
use HTTP::Tiny;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use TV;
use TV::Accounts;

my $database = database();
my %id = seed($database);
sql($database, "insert into rights.rule (type, kind) values ('free', 'channel')");
my $tv = server($database, env => { TV_WORKERS => 4 });
$tv->{http} = HTTP::Tiny->new(timeout => 60, max_redirect => 0, keep_alive => 0);
my $base = "http://127.0.0.1:$tv->{port}";
my ($viewer, $stranger) = (account($tv), account($tv));
my (@keys, $number);

sub make_key
{
	my ($token) = @_;
	my $r = $tv->request('POST', '/livetv/player-key', token => $token);
	die "$r->{what}: $r->{status} $r->{content}" unless $r->{status} == 201;
	push @keys, $r->{json}{key};
	return $r->{json}{key};
}

# A profile of the viewer and its key.
sub profile_key
{
	my (%profile) = @_;
	my $profile = make_profile($tv, $viewer, %profile)->{json}{id};
	my $phone = { %$viewer, token => sign_in($tv, $viewer->{email}, $password)->{json}{access_token} };
	return ($profile, make_key(select_profile($tv, $phone, $profile)->{json}{access_token}));
}

sub make_channel
{
	my ($title, %more) = @_;
	my $made = sql($database, 'select nextval(pg_get_serial_sequence(\'content.item\', \'id\'))');
	my ($age, $group, $catchup, $guide_id) = map { $more{$_} } qw(age group catchup guide_id);
	my $text = sub { return defined $_[0] ? "convert_from('\\x" . unpack('H*', $_[0]) . "', 'UTF8')" : 'null' };
	sql($database, "insert into content.item (id, kind, title, min_age, poster) overriding system value values ($made, 'channel', " . $text->($title) . ", "
		. ($age // 0) . ', ' . $text->($more{logo}) . ");
		insert into live.channel (id, number, group_slug, catchup_hours, guide_id, hidden) values ($made, " . (++$number + 100) . ', '
		. $text->($group) . ', ' . ($catchup // 0) . ', ' . $text->($guide_id) . ', ' . ($more{hidden} ? 'true' : 'false') . ')');
	sql($database, "insert into live.source values ($made, 'https://stream.example/$made.m3u8', " . $text->($more{kept}) . ')') unless $more{silent};
	return $made;
}

# --- small readers of both forms; what they do not know is an error

# { name, url, and the attributes } of each channel.
sub read_playlist
{
	my ($text) = @_;
	my @lines = split /\n/, $text, -1;
	die "no end\n" if pop @lines ne '';
	my ($first, @found) = shift @lines;
	$first =~ /\A#EXTM3U url-tvg="([^"]+)" x-tvg-url="\1"\z/ or die "header: $first\n";
	while (my ($line, $url) = splice @lines, 0, 2) {
		my ($attributes, $name) = $line =~ /\A#EXTINF:-1((?: [a-z-]+="[^"]*")*),(.*)\z/ or die "line: $line\n";
		$url =~ m{\Ahttps?://[^\s"]+\z} or die "address: $url\n";
		push @found, { name => $name, url => $url, $attributes =~ / ([a-z-]+)="([^"]*)"/g };
	}
	return @found;
}

# XML in UTF-8 without comments, sections and entities but the five: [name, { attributes }, text, children…].
my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', apos => "'");
sub plain
{
	my ($text) = @_;
	$text =~ /[^\t\n\r\x{20}-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]/ and die sprintf "U+%04X is no character of XML\n", ord $&;
	$text =~ s/&(?:(\w+);)?/$entity{ $1 \/\/ '' } \/\/ die "a bare &\n"/ge;
	return $text;
}

sub read_xml
{
	my ($text) = @_;
	utf8::decode($text) or die "not UTF-8\n";
	$text =~ /\G<\?xml version="1\.0" encoding="UTF-8"\?>\n<!DOCTYPE tv SYSTEM "xmltv\.dtd">\n/gc or die "no declaration\n";
	my @open = ['', {}, ''];
	while ($text =~ /\G([^<]*)(?:<(\/?)([a-z-]+)((?:\s+[a-z-]+="[^"<]*")*)\s*(\/?)>|\z)/gc) {
		my ($before, $end, $name, $attributes, $empty) = ($1, $2, $3, $4, $5);
		$open[-1][2] .= plain($before);
		last unless defined $name;
		if ($end) {
			my $done = pop @open;
			die "</$name> ends <$done->[0]>\n" if $name ne $done->[0] || length $attributes;
			next;
		}
		my %value;
		while ($attributes =~ /([a-z-]+)="([^"]*)"/g) {
			die "$1 twice\n" if exists $value{$1};
			$value{$1} = plain($2);
		}
		push @{ $open[-1] }, my $new = [$name, \%value, ''];
		push @open, $new unless $empty;
	}
	die 'something that is no tag at ' . pos($text) . "\n" if (pos($text) // 0) < length $text;
	die 'not ended: ' . join(' ', map { $_->[0] } @open) . "\n" if @open != 1;
	my ($root, @more) = @{ $open[0] }[3 .. $#{ $open[0] }];
	die "not one root\n" if @more || $open[0][2] =~ /\S/ || $root->[0] ne 'tv';
	return $root;
}

sub children_of { my ($element, $name) = @_; return grep { $_->[0] eq $name } @$element[3 .. $#$element] }
sub text_of { my ($element, $name) = @_; my ($child) = children_of($element, $name); return $child && $child->[2] }

sub playlist { my ($key) = @_; return $tv->get("/livetv/playlist.m3u?key=$key") }
sub guide { my ($key, $more) = @_; return $tv->get("/livetv/guide.xml?key=$key" . ($more // '')) }
sub names { return join ' ', sort map { $_->{name} } read_playlist($_[0]{content}) }
sub titles { return join ' ', sort map { text_of($_, 'title') } children_of(read_xml($_[0]{content}), 'programme') }

sql($database, "insert into live.source values ($id{channel}, 'https://stream.example/one.m3u8'), ($id{adult_channel}, 'http://stream.example/two');
	delete from live.programme");

subtest 'the key' => sub {
	is_deeply($tv->get('/livetv/player-key', $viewer->{token})->{json}, { created_at => undef }, 'there is none at first');
	my $r = $tv->request('POST', '/livetv/player-key', token => $viewer->{token});
	is($r->{status}, 201, 'made') or return diag($r->{content});
	push @keys, my $key = $r->{json}{key};
	like($key, qr/\A[A-Za-z0-9_-]{43}\z/, '  256 bits');
	is($r->{json}{playlist_url}, "$base/livetv/playlist.m3u?key=$key", '  where the playlist is');
	is($r->{json}{guide_url}, "$base/livetv/guide.xml?key=$key", '  and the guide');
	is($r->{headers}{'cache-control'}, 'no-store', '  kept nowhere');
	my $state = $tv->get('/livetv/player-key', $viewer->{token});
	is_deeply($state->{json}, { created_at => $r->{json}{created_at} }, 'told once: later only since when');
	is(sql($database, "select encode(key_hash, 'hex') = encode(sha256('$key'), 'hex') from live.player_key"), 't', 'only its hash is stored');
	is(playlist($key)->{status}, 200, 'it opens the playlist');
	is(guide($key)->{status}, 200, '  and the guide');
	my $new = make_key($viewer->{token});
	is_problem(playlist($key), 404, 'not_found', 'a new key ends the one before');
	is(playlist($new)->{status}, 200, '  and works itself');
	my $other = make_key($stranger->{token});
	is($tv->request('DELETE', '/livetv/player-key', token => $viewer->{token})->{status}, 204, 'deleted');
	is_problem($_, 404, 'not_found', '  it opens nothing') for playlist($new), guide($new), $tv->get("/livetv/stream/$id{channel}?key=$new");
	is(playlist($other)->{status}, 200, "  somebody else's still does");
	is_deeply($tv->get('/livetv/player-key', $viewer->{token})->{json}, { created_at => undef }, '  and it is gone');
};

subtest 'a key that is none' => sub {
	my $key = make_key($viewer->{token});
	for my $path ('/livetv/playlist.m3u', '/livetv/guide.xml', "/livetv/stream/$id{channel}") {
		my $flipped = $key =~ s/\A(.)/$1 eq 'A' ? 'B' : 'A'/er;
		is_problem($tv->get("$path?key=$_"), 404, 'not_found', "$path: $_")
			for $flipped, substr($key, 0, 42), "${key}A", 'x', '%27%20or%20true--', lc $key eq $key ? uc $key : lc $key;
		is_problem($tv->get($path), 400, 'invalid_parameter', "$path without one");
		is_problem($tv->get("$path?key="), 400, undef, '  an empty one');
		is_problem($tv->get("$path?key=" . 'k' x 101), 400, 'invalid_parameter', '  a long one');
		is_problem($tv->get("$path?key=$key&key=$key"), 400, undef, '  two');
		is_problem($tv->get("$path?key=a%00b"), 400, undef, '  with NUL');
	}
	is_problem($tv->get('/livetv/playlist.m3u', $viewer->{token}), 400, 'invalid_parameter', 'a token does not stand in for it');
	is_problem($tv->get('/livetv/channels?key=' . $key), 401, 'token_missing', 'nor it for a token');
};

subtest 'it ends with what it stands on' => sub {
	my ($profile, $key) = profile_key(name => 'Short');
	is(playlist($key)->{status}, 200, 'a profile of its own');
	is($tv->request('DELETE', "/users/profiles/$profile", token => $viewer->{token})->{status}, 204, 'the profile is deleted');
	is_problem(playlist($key), 404, 'not_found', '  and the key with it');
	my $third = account($tv);
	$key = make_key($third->{token});
	sql($database, "update users.account set status = 'suspended' where id = $third->{id}");
	is_problem($_, 404, 'not_found', 'a suspended account') for playlist($key), guide($key), $tv->get("/livetv/stream/$id{channel}?key=$key");
	is_problem($tv->request('POST', '/livetv/player-key', token => $third->{token}), 403, 'account_suspended', '  which gets no new one');
	sql($database, "update users.account set status = 'active' where id = $third->{id}");
	is(playlist($key)->{status}, 200, '  is let in again');
	is($tv->request('DELETE', '/users/me', token => $third->{token}, body => { password => $password })->{status}, 204, 'the account is erased');
	is_problem(playlist($key), 404, 'not_found', '  and the key with it');
};

subtest 'it ends with the password that it was made by' => sub {
	my $who = account($tv);
	my $key = make_key($who->{token});
	my $bystander = make_key($stranger->{token});
	my $other = sign_in($tv, $who->{email}, $password)->{json}{access_token};
	is($tv->post('/auth/password', { current_password => $password, new_password => "new $password" }, $other)->{status}, 204, 'the password is changed');
	is_problem($_, 404, 'not_found', '  the key opens nothing') for playlist($key), guide($key), $tv->get("/livetv/stream/$id{channel}?key=$key");
	is_problem($tv->request('POST', '/livetv/player-key', token => $who->{token}), 401, 'session_ended', '  whose session ended makes no other');
	is(playlist($key = make_key($other))->{status}, 200, '  who changed it does');
	is(playlist($bystander)->{status}, 200, "  and somebody else's goes on");
	is(command($database, 'auth', 'revoke', $who->{email})->{exit}, 0, 'an operator ends all of an account');
	is_problem(playlist($key), 404, 'not_found', '  the key as well');
};

subtest 'nor is one left that is made at that moment' => sub {
	my ($who, $key) = (account($tv), 'k' x 43);
	my ($session, $profile) = (session_of($who), profile_of($who));
	my $other = sign_in($tv, $who->{email}, $password)->{json}{access_token};
	my ($pid, $made) = background(sub { sql($database, "begin; select live.make_player_key($session, $profile, sha256('$key'));
		do 'begin loop exit when clock_timestamp() > now() + interval ''20 s'' or exists (select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid);
			perform pg_sleep(0.01); end loop; end'; commit") });
	wait_for { sql($database, "select 1 from pg_stat_activity where query like '%make_player_key%pg_locks%' and wait_event = 'PgSleep'") } or die "nobody makes a key\n";
	is($tv->post('/auth/password', { current_password => $password, new_password => "new $password" }, $other)->{status}, 204, 'the password is changed, when the key is there');
	my $end = join '', <$made>;
	end_process($pid);
	is_problem(playlist($key), 404, 'not_found', '  which is over as well');
};

subtest 'what a profile may see' => sub {
	my $key = make_key($viewer->{token});
	my ($kid, $kids_key) = profile_key(name => 'Kid', is_kids => JSON::PP::true(), max_age => 6);
	my $silent = make_channel('Silent', silent => 1);
	my $hidden = make_channel('Hidden', hidden => 1);
	sql($database, "insert into live.programme (channel_id, start_at, end_at, title, min_age)
		select c, date_trunc('hour', now()) + h * interval '1 hour', date_trunc('hour', now()) + (h + 1) * interval '1 hour', t || c, age
		from unnest(array[$id{channel}, $id{adult_channel}, $silent, $hidden]) c, (values (2, 'all', 0), (3, 'six', 6), (4, 'seven', 7)) v (h, t, age)");
	is(names(playlist($key)), 'Adult One Seed One', 'an adult: what has a stream and is not hidden');
	is(names(playlist($kids_key)), 'Seed One', "  a child: nothing for adults");
	is(titles(guide($key)), join(' ', sort map { ("all$_", "six$_", "seven$_") } @id{qw(channel adult_channel)}), 'the guide of an adult');
	is(titles(guide($kids_key)), "all$id{channel} six$id{channel}", '  and of a child');
	is(join(' ', map { $_->[1]{id} } children_of(read_xml(guide($kids_key)->{content}), 'channel')), "channel-$id{channel}", '  only its channels');
	for (['the channel', $id{channel}, 302, 302], ['one for adults', $id{adult_channel}, 302, 404], ['without a stream', $silent, 404, 404],
		['hidden', $hidden, 404, 404], ['a film', $id{movie}, 404, 404], ['none', 9007199254740990, 404, 404]) {
		my ($what, $channel, @status) = @$_;
		is_deeply([map { $tv->get("/livetv/stream/$channel?key=$_")->{status} } $key, $kids_key], \@status, "the stream: $what");
	}
	my $r = $tv->get("/livetv/stream/$id{channel}?key=$key");
	is($r->{headers}{location}, 'https://stream.example/one.m3u8', 'where it is');
	is($r->{headers}{'cache-control'}, 'no-store', '  kept nowhere');
	unlike(playlist($key)->{content} . guide($key)->{content}, qr/stream\.example/, 'the address itself is in neither');
	sql($database, "update users.profile set max_age = 18, is_kids = false where id = $kid");
	is(names(playlist($kids_key)), 'Adult One Seed One', 'a raised age counts at once');
	sql($database, "update users.profile set max_age = 6 where id = $kid");
	is(names(playlist($kids_key)), 'Seed One', '  and a lowered one');
	sql($database, "delete from live.programme");
};

subtest 'the playlist' => sub {
	sql($database, "insert into live.channel_group (slug, name) values ('films', E'Films \"and\",\\nmore')");
	my %strange = (
		quotes => 'The "Best" One', comma => 'One, two', amp => 'A & B <b>', emoji => "\xf0\x9f\x93\xba \xc3\x85se",
		attribute => 'x" tvg-id="stolen', tag => '</title><title>',
	);
	my %made = map { $_ => make_channel($strange{$_}, group => 'films', guide_id => $_, catchup => 25,
		kept => $_ eq 'comma' ? 'https://stream.example/me/secret/{utc}.m3u8' : undef, logo => 'https://x.example/a.png?b=1&c=2') } sort keys %strange;
	my $key = make_key($viewer->{token});
	my $r = playlist($key);
	is($r->{headers}{'content-type'}, 'audio/x-mpegurl; charset=utf-8', 'its type');
	my %of = eval { map { $_->{'tvg-id'} => $_ } read_playlist($r->{content}) };
	is($@, '', 'no name breaks its form');
	is(scalar keys %of, 2 + keys %strange, '  nor adds a channel');
	is(($of{$_} || {})->{name}, $strange{$_}, "  $_") for qw(quotes comma amp emoji attribute tag);
	is_deeply($of{comma}, {
		name => 'One, two', 'tvg-id' => 'comma', 'tvg-name' => 'One, two', 'tvg-logo' => 'https://x.example/a.png?b=1&c=2',
		'tvg-chno' => sql($database, "select number from live.channel where id = $made{comma}"), 'group-title' => "Films 'and', more",
		catchup => 'append', 'catchup-source' => '&utc=${start}&lutc=${timestamp}', 'catchup-days' => 2, url => "$base/livetv/stream/$made{comma}?key=$key",
	}, 'attributes') or diag(explain($of{comma}));
	is_deeply([grep { /catchup/ } map { keys %$_ } @of{'amp', "channel-$id{adult_channel}"}], [], 'without catch-up no word of it');
	unlike($r->{content}, qr/stream\.example/, 'nor where a stream is');
	is_deeply([map { $_->{'tvg-chno'} } read_playlist($r->{content})], [split /\n/, sql($database, "select c.number from live.channel c
		join live.source s on s.channel_id = c.id where not c.hidden order by c.number, c.id")], 'in order of number') unless $@;
	my $xml = eval { read_xml(guide($key)->{content}) };
	is($@, '', 'nor the form of the guide');
	my %channel = $xml ? map { $_->[1]{id} => $_ } children_of($xml, 'channel') : ();
	for (sort keys %strange) {
		my $name = $channel{$_} ? text_of($channel{$_}, 'display-name') : '';
		utf8::encode($name);
		is($name, $strange{$_}, "  $_");
	}
	my $tag = playlist($key)->{headers}{etag};
	ok($tag, 'an ETag');
	my $same = $tv->get("/livetv/playlist.m3u?key=$key", undef, headers => { 'If-None-Match' => $tag });
	is("$same->{status} $same->{content}", '304 ', '  that is honoured');
	sql($database, "update content.item set title = 'Renamed' where id = $made{comma}");
	is($tv->get("/livetv/playlist.m3u?key=$key", undef, headers => { 'If-None-Match' => $tag })->{status}, 200, '  and changes with the playlist');
	my $head = $tv->request('HEAD', "/livetv/playlist.m3u?key=$key");
	is("$head->{status} $head->{content}", '200 ', 'HEAD');
	is($head->{headers}{'content-type'}, $r->{headers}{'content-type'}, '  of the same type');
	my $host = raw_response($tv->raw("GET /livetv/playlist.m3u?key=$key HTTP/1.1\r\nHost: a\"b\r\nConnection: close\r\n\r\n"));
	is($host->{status}, 400, 'a Host that is none gets nothing');
	sql($database, 'delete from content.item where id in (' . join(',', values %made) . ')');
};

subtest 'the guide' => sub {
	my $one = make_channel('Guide', guide_id => 'g&"1"<', logo => 'https://x.example/?a&b');
	my %strange = (1 => 'A & B', 2 => '</title><x y="', 3 => ']]>', 4 => "\xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x93\xba", 5 => "Bell \x07 and\x1b", 6 => "\xc2\x85 \xf0\x9f\xbf\xbd",
		7 => 'Cut && <<');
	for (sort keys %strange) {
		my $text = "convert_from('\\x" . unpack('H*', $strange{$_}) . "', 'UTF8')";
		sql($database, "insert into live.programme (channel_id, start_at, end_at, title, subtitle, synopsis, category, season, episode, icon)
			values ($one, date_trunc('hour', now()) + $_ * interval '1 hour', date_trunc('hour', now()) + $_ * interval '1 hour' + interval '59 minutes 30 seconds',
			        $text, $text, $text || E'\\nnext', $text, nullif($_ - 1, 0), $_, 'https://x.example/?a=1&b=2')");
	}
	my $key = make_key($viewer->{token});
	my $r = guide($key);
	is($r->{headers}{'content-type'}, 'application/xml; charset=utf-8', 'its type');
	my $xml = eval { read_xml($r->{content}) };
	is($@, '', 'well-formed whatever is in it') or return;
	my @all = children_of($xml, 'programme');
	is(scalar @all, keys %strange, 'all of them');
	is_deeply([map { my $n = $_; my $t = text_of($all[$n - 1], 'title'); utf8::encode($t); $t } 1, 2, 3, 4, 7], [@strange{1, 2, 3, 4, 7}], 'titles');
	my ($start, $stop) = split /\|/, sql($database, "select to_char(start_at at time zone 'UTC', 'YYYYMMDDHH24MISS') || ' +0000', to_char(end_at at time zone 'UTC', 'YYYYMMDDHH24MISS') || ' +0000'
		from live.programme where episode = 2");
	is_deeply($all[1][1], { start => $start, stop => $stop, channel => 'g&"1"<' }, 'when and where');
	is_deeply([map { text_of($all[1], $_) } qw(title sub-title desc category episode-num)], [$strange{2}, $strange{2}, "$strange{2}\nnext", $strange{2}, '0.1.'], 'the rest');
	is((children_of($all[1], 'icon'))[0][1]{src}, 'https://x.example/?a=1&b=2', '  and a picture');
	is(text_of($all[0], 'episode-num'), '.0.', 'an episode without a season');
	my $head = $tv->request('HEAD', "/livetv/guide.xml?key=$key");
	is("$head->{status} $head->{content}", '200 ', 'HEAD');
	is_problem(guide($key, "&days=$_"), 400, undef, "days=$_") for '0', '15', '-1', '1.5', 'x', '';
	sql($database, 'delete from live.programme');
};

subtest 'a guide that the player has' => sub {
	my $key = make_key($viewer->{token});
	my $kept = server($database, cache => 1);
	my $path = "/livetv/guide.xml?key=$key";
	my $tag = $kept->get($path)->{headers}{etag};
	like($tag, qr{^W/"[\w-]{22}"$}, 'an ETag');
	my $ask = sub { my ($more) = @_; return $kept->get($path . ($more // ''), undef, headers => { 'If-None-Match' => $tag }) };
	$tag = $kept->get($path)->{headers}{etag} if $ask->()->{status} == 200; # at the turn of an hour it is another one
	my $same = $ask->();
	is("$same->{status} $same->{content}", '304 ', '  that holds');
	is($same->{headers}{etag}, $tag, '  and is said again');
	is($ask->('&days=3')->{status}, 200, 'not for other days');
	my $editor = admin($kept);
	my @start = map { POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime int time + 3600 * $_) } 30, 31;
	my $made = $kept->post('/admin/livetv/epg', { channel_id => 0 + $id{channel}, title => 'New', start => $start[0], end => $start[1] }, $editor->{token});
	is($made->{status}, 201, 'another programme') or diag($made->{content});
	my $changed = $ask->();
	is($changed->{status}, 200, '  is another guide');
	like($changed->{content}, qr/<title>New</, '  with it');
	$tag = $changed->{headers}{etag};
	sql($database, "delete from live.source where channel_id = $id{adult_channel}");
	is($ask->()->{status}, 200, 'a channel less, too');
	sql($database, "insert into live.source values ($id{adult_channel}, 'http://stream.example/two'); delete from live.programme");
	$kept->stop;
};

subtest 'what was shown' => sub {
	my $one = make_channel('Kept', catchup => 24, guide_id => 'kept', kept => 'https://stream.example/me/secret/{utc}-{durationfs}.m3u8');
	my $bare = make_channel('Not kept', catchup => 24);
	my ($profile, $kids_key) = profile_key(name => 'Past kid', max_age => 6);
	my $key = make_key($viewer->{token});
	my $now = int time;
	my ($start, $end) = ($now - 7200, $now - 6000);
	sql($database, "insert into live.programme (channel_id, start_at, end_at, title)
		values ($one, to_timestamp($start), to_timestamp($end), 'Over'), ($one, to_timestamp($now - 600), to_timestamp($now + 1200), 'Running')");
	# as a player does it
	my ($told) = grep { $_->{'tvg-id'} eq 'kept' } read_playlist(playlist($key)->{content});
	my $ask = sub {
		my ($from, %more) = @_;
		my $source = $told->{'catchup-source'} =~ s/\$\{start\}/$from/r =~ s/\$\{timestamp\}/int(time) + 3600/er;
		my $url = ($more{url} // $told->{url}) . $source;
		$url =~ s/key=[^&]+/key=$more{key}/ if $more{key};
		$url =~ s{^\Q$base\E}{} or die $url;
		return $tv->get($url);
	};
	my $r = $ask->($start);
	is($r->{status}, 302, 'sent on') or diag($r->{content});
	is($r->{headers}{location}, "https://stream.example/me/secret/$start-1200.m3u8", '  to where it is kept, up to its end');
	is($ask->($start + 100)->{headers}{location}, 'https://stream.example/me/secret/' . ($start + 100) . '-1100.m3u8', 'from the middle');
	is($ask->($now - 600)->{headers}{location}, 'https://stream.example/me/secret/' . ($now - 600) . '-now.m3u8', 'what still runs');
	is($ask->(int(time) + $_)->{headers}{location}, "https://stream.example/$one.m3u8", "live, $_ s from now") for -10, 0, 3600;
	is_problem($ask->($now - 25 * 3600), 403, 'no_catchup', 'before what is kept');
	is_problem($tv->get("/livetv/stream/$bare?key=$key&utc=$start"), 403, 'no_catchup', 'of a channel that nobody keeps');
	is($tv->get("/livetv/stream/$one?key=$key&utc=$start&lutc=$_")->{status}, 302, "whatever time it is for the player: $_") for 0, '%24%7Btimestamp%7D';
	is_problem($tv->get("/livetv/stream/$one?key=$key&utc=$_"), 400, 'invalid_parameter', "utc=$_") for '', '-1', '1e9', '99999999999999999999', 'now';
	is_problem($tv->get("/livetv/stream/$one?key=$key&utc=$start&utc=$start"), 400, undef, 'two of them');
	is_problem($ask->($start, key => 'A' x 43), 404, 'not_found', 'another key');

	# for the profile as live is
	is($ask->($start, key => $kids_key)->{status}, 302, 'a child');
	sql($database, "update live.programme set min_age = 16 where channel_id = $one and title = 'Over'");
	is_problem($ask->($start, key => $kids_key), 404, 'not_found', '  not what is above its age');
	is_problem($ask->($start - 3600, key => $kids_key), 404, 'not_found', '  nor shortly before it');
	is($ask->($now - 600, key => $kids_key)->{status}, 302, '  but what comes after it');
	is($ask->($start)->{status}, 302, '  which adults see');
	sql($database, "update content.item set min_age = 18 where id = $one");
	is_problem($ask->($now - 600, key => $kids_key), 404, 'not_found', '  nor of a channel above its age');
	sql($database, "update content.item set min_age = 0 where id = $one; update rights.rule set valid_until = now(), valid_from = now() - interval '1 day' where kind = 'channel'");
	is_problem($ask->($start), 404, 'not_found', 'nor without a right');
	sql($database, "update rights.rule set valid_until = null, valid_from = null where kind = 'channel'");
	is($ask->($start)->{status}, 302, '  with one again');

	# a channel that is computed
	sql($database, "delete from live.source where channel_id = $one; insert into live.schedule (channel_id, content_ids) values ($one, '{$id{movie}}')");
	like($ask->($start)->{headers}{location}, qr{^\Q$base\E/play/hls/$one/\d+-[0-9a-f]{64}/$start/master\.m3u8$}, 'a schedule, as it was then');
	like($ask->(int time)->{headers}{location}, qr{/live/master\.m3u8$}, '  and live');
	is_problem($ask->($now - 25 * 3600), 403, 'no_catchup', '  no further back than it says');
	sql($database, "insert into live.source (channel_id, url) values ($one, 'https://stream.example/also')");
	like($ask->(int time)->{headers}{location}, qr{/live/master\.m3u8$}, 'with an address besides, it is still the schedule that plays');
	sql($database, "delete from live.programme; delete from content.item where id in ($one, $bare)");
};

subtest 'what has no place in a line or in XML' => sub {
	my $key = make_key($viewer->{token});
	my @before = read_playlist(playlist($key)->{content});
	my $lines = make_channel("First\n#EXTINF:-1,Second\nhttp://evil.example/");
	my @all = eval { read_playlist(playlist($key)->{content}) };
	is($@, '', 'line breaks in a name');
	is(scalar @all, @before + 1, '  add no channel');
	sql($database, "delete from content.item where id = $lines; insert into live.programme (channel_id, start_at, end_at, title)
		values ($id{channel}, date_trunc('hour', now()), date_trunc('hour', now()) + interval '1 hour', U&'Not \\FFFE a \\FFFF character')");
	my $xml = eval { read_xml(guide($key)->{content}) };
	is($@, '', 'U+FFFE and U+FFFF in a title');
	is($xml && scalar children_of($xml, 'programme'), 1, '  do not cost the programme');
	sql($database, 'delete from live.programme');
};

# --- a large one

# The answer as it comes: seconds to the first bytes of its body, and a function that reads on to the end.
sub begin
{
	my ($path) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $tv->{port}, Timeout => 10) or die "connect: $@";
	my ($begun, $text) = (time, '');
	print $s "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	local $SIG{ALRM} = sub { die "no answer in time\n" };
	alarm 60;
	while ($text !~ /\r\n\r\n./s) {
		sysread $s, $text, 65536, length $text or last;
	}
	alarm 0;
	return (time - $begun, $text, sub { local $/; return $text . (<$s> // '') });
}

sub body_of
{
	my ($head, $body) = split /\r\n\r\n/, $_[0], 2;
	return $body unless $head =~ /^transfer-encoding: chunked/mi;
	my $text = '';
	while ($body =~ s/\A([0-9a-f]+)\r\n//i) {
		my $n = hex $1;
		$text .= substr $body, 0, $n;
		substr $body, 0, $n + 2, '';
		return $text unless $n;
	}
	die "an answer that is cut off\n";
}

# What the guide should hold; the window moves, so it is looked at before and after.
sub expected
{
	my ($age, $days) = @_;
	return sql($database, "select coalesce(c.guide_id, 'channel-' || c.id), to_char(p.start_at at time zone 'UTC', 'YYYYMMDDHH24MISS'),
			to_char(p.end_at at time zone 'UTC', 'YYYYMMDDHH24MISS'), p.title
		from live.programme p join live.channel c on c.id = p.channel_id join content.item i on i.id = c.id join live.source s on s.channel_id = c.id
		where i.min_age <= $age and p.min_age <= $age and not c.hidden and p.start_at > now() - interval '1 day' and p.start_at < now() + interval '$days days'
		order by c.number, c.id, p.start_at");
}

sub told
{
	my ($xml) = @_;
	my $utc = sub { return $_[0] =~ s/ \+0000\z//r };
	my $text = join "\n", map { join '|', $_->[1]{channel}, $utc->($_->[1]{start}), $utc->($_->[1]{stop}), text_of($_, 'title') }
		children_of($xml, 'programme');
	utf8::encode($text);
	return $text;
}

sub is_as_stored
{
	my ($key, $age, $days, $name) = @_;
	my ($before, $after, $r) = ('');
	for (1 .. 5) {
		$before = expected($age, $days);
		$r = guide($key, "&days=$days");
		$after = expected($age, $days);
		last if $before eq $after;
	}
	my $told = told(read_xml($r->{content}));
	cmp_ok(length $told, '>', 1000, "$name: there is plenty");
	ok($told eq $before, '  as it is in the database') or diag(length($told), ' and ', length($before), ' bytes');
}

# Somebody else has the programmes for so many seconds.
sub held_back { return sql($database, "select 1 from pg_locks where mode = 'AccessExclusiveLock' and relation = 'live.programme'::regclass and granted") }
sub let_go { sql($database, "select pg_terminate_backend(pid) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'live.programme'::regclass and granted") }
sub hold_back
{
	my ($seconds) = @_;
	my ($pid) = background(sub { open STDERR, '>', '/dev/null'; sql($database, "begin; lock table live.programme in access exclusive mode; select pg_sleep($seconds)") });
	ok(wait_for { held_back() }, "programmes are held back for $seconds s");
	return $pid;
}

subtest 'a large guide' => sub {
	sql($database, q{
		with made as (insert into content.item (kind, title, min_age) select 'channel', 'Big ' || n, case when n % 10 = 0 then 18 else 0 end
			from generate_series(1, 300) n returning id)
		insert into live.channel (id, number, guide_id) select id, 1000 + row_number() over (order by id), 'big.' || id from made;
		insert into live.source select id, 'https://stream.example/' || id from live.channel where number > 1000;
		set tv.importing = on;
		set tv.pages = made; -- players read programmes, not pages
		insert into live.programme (channel_id, start_at, end_at, title, synopsis, min_age)
		select c.id, s, s + interval '30 minutes', 'Ü & ' || c.number || to_char(s, '/DD HH24:MI'), repeat('Words. ', 20), (extract(minute from s) / 30)::int * 12
		from live.channel c, generate_series(date_trunc('hour', now()) - interval '30 hours', now() + interval '8 days', interval '30 minutes') s
		where c.number > 1000;
		analyze live.programme; analyze live.channel; analyze live.source; analyze live.lineup});
	my $key = make_key($viewer->{token});
	my (undef, $kids_key) = profile_key(name => 'Other kid', max_age => 6);
	is_as_stored($key, 18, 7, 'an adult, seven days');
	is_as_stored($kids_key, 6, 2, 'a child, two days');
	is(length guide($key)->{content}, length guide($key, '&days=7')->{content}, 'seven days unless asked');
	my ($first) = sort { $a <=> $b } map { (begin("/livetv/guide.xml?key=$key"))[0] } 1 .. 3;
	cmp_ok($first, '<', 1, 'its first byte comes within a second') or diag("$first s");

	# The programmes are held back: what stands before them is there all the same.
	my $locked = hold_back(20);
	my ($seconds, $begin, $rest) = begin("/livetv/guide.xml?key=$key");
	my $still = held_back();
	let_go();
	my $whole = body_of($rest->());
	TV::end_process($locked);
	SKIP: {
		skip 'this machine took so long that the program gave up', 4 if $seconds > 1.2;
		ok($still, '  while they are held back');
		like($begin, qr{\AHTTP/1\.1 200 .*<channel id="channel-$id{channel}">}s, '  the channels are there before them');
		unlike($begin, qr/<programme/, '  and none of them');
		like($whole, qr{</programme>\n</tv>\n\z}, '  they follow when they can');
	}

	$locked = hold_back(5);
	(undef, undef, $rest) = begin("/livetv/guide.xml?key=$key");
	unlike($rest->(), qr{</tv>}, '  the guide does not end as if it were whole');
	TV::end_process($locked);

	# A client that reads no further does not keep the program.
	begin("/livetv/guide.xml?key=$key") for 1 .. 8;
	is($tv->get('/livetv/channels', $viewer->{token})->{status}, 200, 'clients that hang up harm nobody');
};

subtest 'the address of the service as it is set' => sub {
	my $other = server($database, env => { TV_PUBLIC_URL => 'https://tv.example.org' });
	my $r = $other->request('POST', '/livetv/player-key', token => $viewer->{token});
	is($r->{status}, 201, 'a key') or return diag($r->{content});
	push @keys, my $key = $r->{json}{key};
	is($r->{json}{playlist_url}, "https://tv.example.org/livetv/playlist.m3u?key=$key", 'in its addresses');
	my @all = read_playlist($other->get("/livetv/playlist.m3u?key=$key")->{content});
	is(scalar(grep { $_->{url} !~ m{\Ahttps://tv\.example\.org/livetv/stream/\d+\?key=\Q$key\E\z} } @all), 0, '  and in the playlist');
	$other->stop;
	is(scalar(grep { index($other->log_text, $_) >= 0 } @keys), 0, 'no key in its logs');
};
subtest 'only what the profile has a right to' => sub {
	my $who = account($tv);
	my $key = make_key($who->{token});
	my ($sold, $free) = map { make_channel($_) } 'Sold', 'Free One';
	sql($database, "delete from rights.rule; insert into rights.rule (type, content_id) values ('free', $free)");
	is_deeply([map { $_->{name} } read_playlist($tv->get("/livetv/playlist.m3u?key=$key")->{content})], ['Free One'], 'in the playlist');
	my $guide = $tv->get("/livetv/guide.xml?key=$key")->{content};
	like($guide, qr/Free One/, 'in the guide');
	unlike($guide, qr/<display-name>Sold/, '  and no other');
	is_problem($tv->get("/livetv/stream/$sold?key=$key"), 404, 'not_found', 'no other plays');
	is($tv->get("/livetv/stream/$free?key=$key")->{status}, 302, 'it plays');
	sql($database, "insert into rights.grant (account_id, content_id, valid_until) values ($who->{id}, $sold, now() + interval '1 hour')");
	is($tv->get("/livetv/stream/$sold?key=$key")->{status}, 302, 'with a grant the other does');
	sql($database, "delete from live.source where channel_id = $sold; insert into live.schedule (channel_id, content_ids) values ($sold, '{1}')");
	my $to = $tv->get("/livetv/stream/$sold?key=$key")->{headers}{location} // '';
	like($to, qr{/play/hls/$sold/(\d+)-[0-9a-f]{64}/live/master\.m3u8$}, 'a channel with a schedule has a signed playlist');
	my ($until) = $to =~ m{/(\d+)-};
	cmp_ok(abs($until - time - 3600), '<=', 5, '  as long as the right');
	sql($database, "insert into rights.rule (type, kind) values ('free', 'channel')");
};

$tv->stop;
my $log = $tv->log_text;
like($log, qr{/livetv/playlist\.m3u}, 'the logs know the requests');
is_deeply([grep { index($log, $_) >= 0 } @keys, 'secret'], [], 'and none of the keys, nor an address');
done_testing();

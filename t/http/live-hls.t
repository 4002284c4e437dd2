# Channels without an encoder: playlists that are computed from schedule, guide and clock, through the web server.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my $key = 'media key, ' . 'k' x 40;
my $database = database();
my %id = map { $_ } seed($database);
$_ += 0 for values %id;
my $tv = server($database, env => { TV_MEDIA_KEY => $key, TV_WORKERS => 4 });
my $other = server($database, env => { TV_MEDIA_KEY => $key });
system("mkdir $tv->{dir}/media && cp -r $root/sql/demo/media/test-transmission $tv->{dir}/media/long") == 0 or die 'cp';
system("chown -R postgres: $tv->{dir}/media") unless $>;
my $channel = $id{channel};

sub address
{
	my ($from, $file, %more) = @_;
	my ($of, $expiry) = ($more{channel} // $channel, int($more{expiry} // time + 300));
	my $mac = hmac_sha256_hex("antenna/live\n$of/" . ($more{signed} // $from) . "\n$expiry", $more{key} // $key);
	return "/play/hls/$of/$expiry-$mac/$from/$file";
}

# A playlist as { sequence => { url, discontinuity, length, at } }, and its text.
sub parse
{
	my ($text) = @_;
	my ($n) = $text =~ /^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m;
	my ($d) = $text =~ /^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m;
	my (%segment, $length, $map);
	for (split /\n/, $text) {
		$d++ if $_ eq '#EXT-X-DISCONTINUITY';
		$map = $1 if /^#EXT-X-MAP:URI="(.*)"$/;
		$length = $1 if /^#EXTINF:([\d.]+),$/;
		$segment{$n++} = { url => $_, discontinuity => $d, length => $length, map => $map } if m{^/};
	}
	return \%segment;
}

# Everything that is known moves to the past: the clock goes on.
sub time_passes
{
	my ($seconds) = @_;
	sql($database, "update live.run set starts_at = starts_at - interval '$seconds s' where channel_id = $channel;
		update live.schedule set planned_until = planned_until - interval '$seconds s' where channel_id = $channel;
		update live.programme set start_at = start_at - interval '$seconds s', end_at = end_at - interval '$seconds s' where channel_id = $channel");
}

sub variants { my ($text) = @_; return join ' ', map { s/.*x//r } $text =~ /RESOLUTION=(\d+x\d+)/g }
sub normal { return $_[0] =~ s{/\d+-[0-9a-f]{64}/}{/TOKEN/}r }

my @thirty = (6000) x 30;
sql($database, "insert into content.package (directory, segments, renditions) values
	('long', '{" . join(',', @thirty) . "}', '[{\"path\": \"180p/index.m3u8\", \"width\": 320, \"height\": 180, \"bitrate\": 50000, \"codecs\": \"avc1.4d401e,mp4a.40.2\"},
		{\"path\": \"360p/index.m3u8\", \"width\": 640, \"height\": 360, \"bitrate\": 110000, \"codecs\": \"avc1.4d401e,mp4a.40.2\"}]'),
	('short', '{4000,4000,1500}', '[{\"path\": \"480p/index.m3u8\", \"width\": 854, \"height\": 480, \"bitrate\": 900000, \"codecs\": \"avc1.4d401f,mp4a.40.2\"}]'),
	('uncut', '{90000}', '[{\"path\": \"480p/index.m3u8\", \"width\": 854, \"height\": 480, \"bitrate\": 900000, \"codecs\": \"avc1.4d401f,mp4a.40.2\"}]');
	insert into content.media (item_id, directory) values ($id{movie}, 'long'), ($id{episode}, 'short'), ($id{adult_movie}, 'uncut');
	delete from live.programme where channel_id = $channel;
	update live.channel set catchup_hours = 2 where id = $channel");

subtest 'a channel without a schedule, and one with nothing to show' => sub {
	is_problem($tv->get(address('live', 'master.m3u8')), 404, 'not_found');
	sql($database, "insert into live.schedule (channel_id, content_ids) values ($channel, '{$id{adult_movie}}')");
	is_problem($tv->get(address('live', 'master.m3u8')), 404, 'no_stream');
	is(sql($database, 'select count(*) from live.run'), 0, 'and nothing is planned');
	sql($database, "update live.schedule set content_ids = '{$id{movie}}' where channel_id = $channel");
};

subtest 'tickets' => sub {
	is($tv->get(address('live', 'master.m3u8'))->{status}, 200, 'a signed address');
	is_problem($tv->get(address('live', 'master.m3u8', expiry => time - 1)), 410, 'gone');
	is_problem($tv->get(address('live', 'master.m3u8', key => 'x' x 40)), 403, 'forbidden');
	is_problem($tv->get(address('live', 'master.m3u8', signed => int time - 60)), 403, 'forbidden');
	is_problem($tv->get(address(int time - 60, '0.m3u8', signed => 'live')), 403, 'forbidden');
	is_problem($tv->get(address('live', $_)), 404, 'not_found') for '9.m3u8', 'a.m3u8', '00.m3u8', '0.m3u', 'x';
	my $good = address('live', '0.m3u8');
	my ($token) = $good =~ m{/(\d+-\w+)/};
	my @open;
	for my $i (0 .. length($token) - 1) {
		for my $c (grep { $_ ne substr $token, $i, 1 } 0 .. 9, 'a', 'F') {
			substr(my $altered = $token, $i, 1) = $c;
			my $status = $tv->get($good =~ s/\Q$token\E/$altered/r)->{status};
			push @open, "$status $altered" unless $status =~ /^(403|404|410)$/;
		}
	}
	is_deeply(\@open, [], 'every character of one counts');
};

subtest 'the window' => sub {
	my $master = $tv->get(address('live', 'master.m3u8'));
	is($master->{headers}{'content-type'}, 'application/vnd.apple.mpegurl', 'its type');
	is(() = $master->{content} =~ /^\d\.m3u8$/mg, 2, 'both renditions');
	my $expiry = int(time) + 100;
	my $list = $tv->get(address('live', '1.m3u8', expiry => $expiry));
	my $now = parse($list->{content});
	cmp_ok(scalar keys %$now, '>=', 10, 'ten segments');
	is((grep { $_->{url} !~ m{^/media/$channel\.long/$expiry-[0-9a-f]{64}/360p/000\d\d\.m4s$} } values %$now), 0, 'each signed, until the ticket ends');
	is((grep { $tv->get($_->{url})->{status} != 200 } values %$now), 0, 'and there');
	is($tv->get((values %$now)[0]{map})->{status}, 200, 'with what they begin with');
	my ($time) = $list->{content} =~ /PROGRAM-DATE-TIME:(\S+)/;
	my $age = sql($database, "select extract(epoch from now() - '$time')");
	cmp_ok($age, '>', 55, 'begins a minute ago');
	cmp_ok($age, '<', 75, 'or a little more');
	unlike($list->{content}, qr/ENDLIST|PLAYLIST-TYPE/, 'goes on');
};

# Two programmes of their own, with a gap between: 100 s from now, and 400 s.
sql($database, "insert into live.programme (channel_id, start_at, end_at, title, content_id) values
	($channel, now() + interval '200 s', now() + interval '260 s', 'short', $id{episode}),
	($channel, now() + interval '260 s', now() + interval '320 s', 'short again', $id{episode}),
	($channel, now() + interval '500 s', now() + interval '800 s', 'nothing of its own', null),
	($channel, now() + interval '800 s', now() + interval '900 s', 'cannot be shown', $id{adult_movie})");

subtest 'many reloads, by several workers of two nodes, over twenty minutes' => sub {
	my (%seen, %map, $newest, $oldest, $different, $back, $discontinuities);
	for my $step (1 .. 60) {
		for my $node ($tv, $other) {
			my $list = $node->get(address('live', '0.m3u8'));
			is($list->{status}, 200, "step $step") or return;
			my $now = parse($list->{content});
			my ($first, $last) = (sort { $a <=> $b } keys %$now)[0, -1];
			$back .= " $first-$last after $oldest-$newest" if defined $newest && ($first < $oldest || $last < $newest);
			($oldest, $newest) = ($first, $last);
			for my $n (keys %$now) {
				my $what = join ' ', normal($now->{$n}{url}), @{ $now->{$n} }{qw(discontinuity length)};
				$different .= "$n: $seen{$n}, then $what\n" if defined $seen{$n} && $seen{$n} ne $what;
				$seen{$n} = $what;
			}
		}
		time_passes(20);
	}
	is($different, undef, 'a segment keeps number, address, discontinuity');
	is($back, undef, 'numbers do not go back');
	my @n = sort { $a <=> $b } keys %seen;
	is($n[-1] - $n[0] + 1, scalar @n, 'without a gap: ' . @n . ' segments');
	my @runs;
	for my $n (@n) {
		my ($dir, $index, $d) = $seen{$n} =~ m{/media/\d+\.(\w+)/TOKEN/\w+/(\d+)\.m4s (\d+)};
		push @runs, { dir => $dir, d => $d, n => 0, next => $index } if !@runs || $runs[-1]{d} != $d;
		fail("$n: $seen{$n} is not after the one before") if $index != $runs[-1]{next}++;
		$runs[-1]{n}++;
	}
	is((grep { $runs[$_]{d} != $runs[$_ - 1]{d} + 1 } 1 .. $#runs), 0, 'discontinuities by one');
	my $shown = join ' ', map { "$_->{dir}" } @runs;
	like($shown, qr/^long (long )*(short ){12,16}long (long )+long$/, 'the list, both programmes with their rounds, the list') or diag($shown);
	my @starts = sql($database, "select round(extract(epoch from r.starts_at - p.start_at)::numeric, 3) from live.run r
		join live.programme p on p.channel_id = r.channel_id and p.content_id = $id{episode} and r.starts_at >= p.start_at and r.starts_at < p.start_at + interval '20 s'
		order by 1") =~ /[\d.-]+/g;
	is(scalar @starts, 2, 'each programme begins a run');
	ok($starts[-1] <= 6, 'when the segment that is on has ended') or diag("@starts");
};

subtest 'what was seen stays, however the guide changes' => sub {
	my $before = parse($tv->get(address('live', '0.m3u8'))->{content});
	sql($database, "delete from live.programme where channel_id = $channel;
		insert into live.programme (channel_id, start_at, end_at, title, content_id) values
			($channel, now() - interval '10 minutes', now() + interval '1 minute', 'history rewritten', $id{episode})");
	my $after = parse($tv->get(address('live', '0.m3u8'))->{content});
	my @both = grep { $after->{$_} } keys %$before;
	cmp_ok(scalar @both, '>', 5, 'the windows overlap');
	is((grep { normal($after->{$_}{url}) ne normal($before->{$_}{url}) } @both), 0, 'and say the same');
};

subtest 'catch-up and start-over' => sub {
	my $start = int(time) - 1800;
	my $list = $tv->get(address($start, '0.m3u8'));
	is($list->{status}, 200, 'from half an hour ago');
	like($list->{content}, qr/^#EXT-X-PLAYLIST-TYPE:EVENT$/m, 'a list that grows');
	unlike($list->{content}, qr/ENDLIST/, 'and has not ended');
	my $first = parse($list->{content});
	my $sum = 0;
	$sum += $_->{length} for values %$first;
	cmp_ok(abs($sum - 1800), '<', 15, 'all of it up to now');
	my ($time) = $list->{content} =~ /PROGRAM-DATE-TIME:(\S+)/;
	my $age = sql($database, "select extract(epoch from to_timestamp($start) - '$time')");
	ok($age >= 0 && $age < 6.5, 'the segment that was on then is its first') or diag($age);
	sleep 7;
	my $later = parse($tv->get(address($start, '0.m3u8'))->{content});
	is((grep { !$later->{$_} } keys %$first), 0, 'later it has all of that');
	cmp_ok(scalar keys %$later, '>', scalar keys %$first, 'and more');
	sql($database, "update live.channel set catchup_hours = 24 where id = $channel");
	my $old = $tv->get(address(int(time) - 5 * 3600, '0.m3u8'));
	like($old->{content}, qr/#EXT-X-ENDLIST\n\z/, 'after four hours it has ended');
};

subtest 'what comes at once is planned once' => sub {
	sql($database, "delete from live.run; update live.schedule set planned_until = null");
	my @readers = map {
		my $node = $_ % 2 ? $tv : $other;
		background(sub { print { $_[0] } $node->get(address('live', '0.m3u8'))->{status} })
	} 1 .. 8;
	my %status;
	while (my ($pid, $read) = splice @readers, 0, 2) {
		$status{ scalar <$read> }++;
		end_process($pid);
	}
	is_deeply(\%status, { 200 => 8 }, 'eight first viewers');
	is(sql($database, "select count(*) from (select sequence, lead(sequence) over w as next, starts_at, lead(starts_at) over w as after
		from live.run where channel_id = $channel window w as (order by starts_at)) r where next <= sequence"), 0, 'numbers go up');
};

subtest 'an administrator says where the stream comes from' => sub {
	my $admin = $tv->admin;
	my %channel = (name => 'Set by hand', number => 4321);
	my $made = $tv->post('/admin/livetv/channels', { %channel, source => { schedule => [$id{movie}, $id{episode}] } }, $admin->{token});
	is($made->{status}, 201, 'made with a schedule') or diag($made->{content});
	is_deeply($made->{json}{source}, { url => undef, catchup => undef, schedule => [$id{movie}, $id{episode}] }, 'which it tells');
	my $new = $made->{json}{id};
	my $put = sub { return $tv->put("/admin/livetv/channels/$new", { %channel, @_ }, $admin->{token}) };
	like($tv->get(address('live', '1.m3u8', channel => $new))->{content}, qr{/media/$new\.(long|short)/}, 'and plays');
	my $newest = sql($database, "select max(sequence) from live.run where channel_id = $new");
	is_deeply($put->()->{json}{source}{schedule}, [$id{movie}, $id{episode}], 'a PUT without a source keeps it');
	is_problem($put->(source => $_->[0]), 422, $_->[1]) for [{}, 'invalid_source'], [{ url => 'https://x/', schedule => [$id{movie}] }, 'invalid_source'],
		[{ url => 'ftp://x/' }, 'invalid_source'], [{ schedule => [] }, 'invalid_source'], [{ schedule => [999999] }, 'unknown_content'],
		[{ schedule => [$id{series}] }, 'unknown_content'], [{ schedule => ['1'] }, 'invalid_body'];
	is_deeply($put->()->{json}{source}{schedule}, [$id{movie}, $id{episode}], 'what is refused changes nothing');
	my %url = (url => 'http://192.0.2.1/live.m3u8');
	is_deeply($put->(source => { %url, schedule => undef })->{json}{source}, { %url, catchup => undef, schedule => undef }, 'an address instead');
	my %kept = (%url, catchup => 'http://192.0.2.1/{Y}/{utc:md-HM}/{durationfs}.m3u8?a=%00');
	is_deeply($put->(source => \%kept)->{json}{source}, { %kept, schedule => undef }, '  and where the past is');
	is_deeply($put->()->{json}{source}, { %kept, schedule => undef }, '  which a PUT without a source keeps');
	is_problem($put->(source => { %url, catchup => $_ }), 422, 'invalid_body', '  but not in ' . substr $_, 0, 30) for '', 'ftp://x/{utc}', 'http://x/',
		'http://x/{utc}/{catchup-id}', 'http://x/{utc', 'http://x/{{utc}}', '{utc}', "http://x/\n{utc}", 'http://x/{utc}' . 'x' x 2000, "http://x/\x{e5}{utc}";
	is_problem($put->(source => $_), 422, 'invalid_source', '  nor of a schedule, or of nothing')
		for { schedule => [$id{movie}], catchup => $kept{catchup} }, { catchup => $kept{catchup} };
	is_deeply($put->(source => \%url)->{json}{source}, { %url, catchup => undef, schedule => undef }, '  a source is replaced as a whole');
	is($tv->get(address('live', '1.m3u8', channel => $new))->{status}, 404, 'no playlist of ours then');
	is($put->(source => { schedule => [$id{episode}] })->{status}, 200, 'a schedule again');
	like($tv->get(address('live', '1.m3u8', channel => $new))->{content}, qr{/media/$new\.}, 'which plays');
	cmp_ok(sql($database, "select max(sequence) from live.run where channel_id = $new"), '>', $newest, 'with numbers that go on');
	is($put->(source => undef)->{json}{source}, undef, 'none');
	my %programme = (channel_id => $new, title => 'A film', start => '2031-01-01T20:00:00Z', end => '2031-01-01T22:00:00Z');
	my $programme = $tv->post('/admin/livetv/epg', { %programme, content_id => $id{movie} }, $admin->{token});
	is($programme->{json}{content_id}, $id{movie}, 'a programme that shows a film');
	is_problem($tv->put("/admin/livetv/epg/$programme->{json}{id}", { %programme, content_id => $id{series} }, $admin->{token}), 422, 'unknown_content');
	is($tv->put("/admin/livetv/epg/$programme->{json}{id}", \%programme, $admin->{token})->{json}{content_id}, undef, 'and then none');
};

SKIP: {
	skip 'ffmpeg is not installed', 1 if system('command -v ffprobe >/dev/null 2>&1');
	subtest 'ffmpeg plays it' => sub {
		sql($database, "delete from live.programme where channel_id = $channel; delete from live.run; update live.schedule set planned_until = null");
		my $url = "http://127.0.0.1:$tv->{port}" . address('live', 'master.m3u8');
		my @streams = grep { length } split /\n/, qx(timeout 60 ffprobe -v error -show_entries stream=codec_name,height -of csv=p=0 '$url' 2>&1);
		my %kind = map { s/,$//r => 1 } @streams;
		is_deeply([sort keys %kind], ['aac', 'h264,180', 'h264,360'], 'both renditions') or diag("@streams");
		my $errors = qx(timeout 60 ffmpeg -nostdin -v error -t 15 -i '$url' -map 0:v:0 -map 0:a:0 -f null - 2>&1);
		is($errors, '', 'fifteen seconds of it decode');
	};
}

$other->stop;
subtest 'segments from elsewhere' => sub {
	my $edge = server($database, env => { TV_MEDIA_KEY => $key, TV_MEDIA_URL => 'https://cdn.example' });
	my $here = $tv->get(address('live', '0.m3u8'))->{content};
	my @there = map { /^https:/ ? $_ : () } split /\n/, $edge->get(address('live', '0.m3u8'))->{content};
	cmp_ok(scalar @there, '>', 5, 'a CDN has them');
	my %here = map { normal($_) => 1 } grep { m{^/media/} } split /\n/, $here;
	is((grep { !$here{ normal($_ =~ s{^https://cdn\.example}{}r) } } @there[0 .. 4]), 0, '  under the paths that they have here');
	$edge->stop;
};

subtest 'an address of a quality' => sub {
	# whatever is on
	sql($database, q{update content.package set renditions = '[{"path": "480p/index.m3u8", "width": 854, "height": 480, "bitrate": 900000, "codecs": "avc1.4d401f,mp4a.40.2"},
		{"path": "720p/index.m3u8", "width": 1280, "height": 720, "bitrate": 1900000, "codecs": "avc1.4d401f,mp4a.40.2"}]'});
	my %get = map { $_ => $tv->get(address($_, 'master.m3u8')) } 'live', 'live.sd', 'live.hd';
	my ($all, $sd, $hd) = map { variants($get{$_}{content}) } 'live', 'live.sd', 'live.hd';
	is($all, '480 720', 'one without has all variants');
	is($hd, $all, 'HD likewise, as none is better');
	is($sd, '480', 'SD has those it may play');
	my $list = $tv->get(address('live.sd', '0.m3u8'))->{content};
	like($list, qr{^/media/$channel\.\w+\.sd/[^/]+/480p/\d+\.m4s$}m, '  of addresses that are for SD');
	unlike($tv->get(address('live.sd', '1.m3u8'))->{content}, qr/720p/, '  and no others by another name');
	is_problem($tv->get(address('live', 'master.m3u8', signed => 'live.sd')), 403, 'forbidden');
	is_problem($tv->get(address('live.hd', 'master.m3u8', signed => 'live.sd')), 403, 'forbidden');
};

done_testing;

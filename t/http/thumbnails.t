# Pictures along the seek bar: play add-media makes them, play add-thumbnails those of older media; who plays has their signed
# address. The colour of the film tells the time. Skipped without ffmpeg.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Fcntl qw(:flock);
use File::Temp qw(tempdir);
use Test::More;
use TV;
use TV::Accounts;
use TV::Play;

plan skip_all => 'ffmpeg is not installed' if system('command -v ffmpeg >/dev/null 2>&1');

my $key = 'media key, ' . 'k' x 40;
my $database = database();
my %id = seed($database);
sql($database, 'create or replace function rights.stream_limit(account bigint) returns int language sql return 100');
my $dir = tempdir('tv-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $from = tempdir('tv-films-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
chmod 0755, $dir, $from;
local $ENV{TV_MEDIA_DIR} = $dir;

# A film that has another colour each four seconds.
sub film
{
	my ($name, $seconds, $size, $rate) = @_;
	my $colour = q(geq=r='40*mod(floor(T/4),6)':g='40*floor(T/24)':b=128,format=yuv420p);
	system('ffmpeg', qw(-nostdin -v error -y -f lavfi -i), "color=s=$size:r=$rate:d=$seconds,$colour", qw(-c:v libx264 -preset ultrafast), "$from/$name") == 0 or die "ffmpeg: $name";
	return "$from/$name";
}
sub colour { my ($at) = @_; my $n = int($at / 4); return (40 * ($n % 6), 40 * int($n / 6), 128) }

sub add
{
	my ($file) = @_;
	my $r = command($database, 'play', 'add-media', $id{movie}, $file);
	is($r->{exit}, 0, 'is added') or diag($r->{err});
	return $r->{out} =~ / in (\S+)$/;
}
sub thumbnails { return command($database, 'play', 'add-thumbnails', @_) }
sub known { return sql($database, "select coalesce(thumbnails, '-') from content.package where directory = '$_[0]'") }
sub left { opendir my $d, $_[0] or return 'none'; return join ' ', sort grep { !/^\.\.?$/ } readdir $d }

# The cues of a directory: from, until, sheet, x, y, w, h.
sub cues
{
	my ($name) = @_;
	my ($head, @blocks) = split /\n\n/, read_file("$dir/$name/thumbnails/thumbnails.vtt");
	is($head, 'WEBVTT', 'is WebVTT');
	my $stamp = qr/(\d\d):(\d\d):(\d\d\.\d{3})/;
	return map { [/^$stamp --> $stamp\n(sheet-\d{3}\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)\n*\z/ ? ($1 * 3600 + $2 * 60 + $3, $4 * 3600 + $5 * 60 + $6, $7, $8, $9, $10, $11) : die "cue: $_"] } @blocks;
}

# The cues of a directory whose picture has not the colour of the instant they begin at, or of one a little later.
sub wrong
{
	my ($name, $later, @cues) = @_;
	my (%sheet, @wrong);
	for my $cue (@cues) {
		my ($at, undef, $file, $x, $y, $w, $h) = @$cue;
		$sheet{$file} //= qx(ffmpeg -nostdin -v error -i $dir/$name/thumbnails/$file -pix_fmt rgb24 -f rawvideo -);
		my ($width) = read_file("$dir/$name/thumbnails/$file") =~ /\xff\xc0...(..)(..)/s ? unpack("n", $2) : die "size";
		my @is = unpack 'C3', substr $sheet{$file}, 3 * ($width * ($y + int($h / 2)) + $x + int($w / 2)), 3;
		my @should = colour($at + $later);
		push @wrong, "$at: @is, not @should" if grep { abs($is[$_] - $should[$_]) > 14 } 0 .. 2;
	}
	return @wrong;
}

my $film = film('film.mkv', 109, '320x180', 5);
my ($name) = add($film);

subtest 'add-media makes them' => sub {
	is(known($name), 'thumbnails/thumbnails.vtt', 'the database knows where');
	is(left("$dir/$name/thumbnails"), 'sheet-000.jpg sheet-001.jpg thumbnails.vtt', 'two sheets');
	my @cues = cues($name);
	is(scalar @cues, 28, 'one each segment of four seconds');
	is_deeply([map { "$_->[0] $_->[1]" } @cues], [map { 4 * $_ . ' ' . ($_ == 27 ? 109 : 4 * $_ + 4) } 0 .. 27], '  and each until the next, or the end');
	is_deeply([map { [@$_[2 .. 6]] } @cues[0, 1, 5, 24, 25]], [['sheet-000.jpg', 0, 0, 240, 136], ['sheet-000.jpg', 240, 0, 240, 136],
		['sheet-000.jpg', 0, 136, 240, 136], ['sheet-000.jpg', 960, 544, 240, 136], ['sheet-001.jpg', 0, 0, 240, 136]], '  five by five on a sheet');
	is_deeply([wrong($name, 0, @cues)], [], '  and shows that time');
	like(qx(ffprobe -v error -show_entries stream=width,height -of csv=p=0 $dir/$name/thumbnails/sheet-000.jpg), qr/^1200,680$/, '  sheets are as large as that');
};

subtest 'whatever the film' => sub {
	for my $case (['ntsc.mkv', 23, '320x240', '24000/1001', 6, '240,180'], ['wide.mkv', 6, '640x268', 25, 2, '240,102'], ['tall.mkv', 5, '180x320', 25, 2, '102,180'], ['slow.mkv', 9, '320x180', 1, 3, '240,136']) {
		my ($file, $seconds, $size, $rate, $n, $each) = @$case;
		my ($made) = add(film($file, $seconds, $size, $rate));
		my @cues = cues($made);
		is(scalar @cues, $n, "$file: $n pictures");
		is(join(',', @{ $cues[0] }[5, 6]), $each, "  of $each");
		# at 23.976 pictures a second one is shown a part of a picture late
		is_deeply([wrong($made, 0.1, @cues)], [], '  of their time');
		is(scalar(grep { $_->[1] <= $_->[0] } @cues), 0, '  none for no time');
	}
};

subtest 'media without them get them' => sub {
	is(thumbnails()->{exit}, 2, 'no title named');
	is(thumbnails('none')->{exit}, 2, 'not one');
	like(thumbnails($id{episode})->{err}, qr/$id{episode}: there is nothing to play of it/, 'one that has no media');
	sql($database, "select content.use_package($id{movie}, '$name')");
	my $before = read_file("$dir/$name/thumbnails/thumbnails.vtt");
	my $inode = (stat "$dir/$name/thumbnails/sheet-000.jpg")[1];
	is(thumbnails($id{movie})->{exit}, 0, 'one that has them');
	is((stat "$dir/$name/thumbnails/sheet-000.jpg")[1], $inode, '  keeps its own');

	sql($database, "update content.package set thumbnails = null");
	unlink "$dir/$name/thumbnails/thumbnails.vtt" or die $!;
	my $r = thumbnails($id{movie});
	is($r->{out}, "$name\n", 'what one left that was killed') or diag($r->{err});
	is(left("$dir/$name/thumbnails"), 'sheet-000.jpg sheet-001.jpg thumbnails.vtt', '  is made anew');
	is(read_file("$dir/$name/thumbnails/thumbnails.vtt"), $before, '  the same, of its own rendition');
	is(known($name), 'thumbnails/thumbnails.vtt', '  and known');
	my @cues = cues($name);
	is_deeply([wrong($name, 0, @cues)], [], '  and shows the time');

	sql($database, "update content.package set thumbnails = null; select content.use_package($id{episode}, '$name')");
	is(thumbnails('--all')->{out}, "$name\n", 'all that plays, once');
	is(known($name), 'thumbnails/thumbnails.vtt', '  has them');
	is(sql($database, 'select count(thumbnails) from content.package'), 1, '  and what no title has has none');
	is(thumbnails('--all')->{out}, '', 'then there is nothing left to do');
	sql($database, "update content.package set thumbnails = null; select content.add_package('away', '{4000}', '[{\"path\": \"144p/index.m3u8\", \"width\": 256, \"height\": 144}]');
		update content.package set created_at = now() - interval '1 day' where directory = 'away'; select content.use_package($id{adult_movie}, 'away')");
	$r = thumbnails('--all');
	like($r->{err}, qr{/away: No such file}, 'one that is not on the disk is told');
	is("$r->{exit} $r->{out}", "1 $name\n", '  and keeps no other from its own');
	sql($database, "delete from content.media where directory = 'away'; delete from content.package where directory = 'away'");
};

subtest 'a long film has no more than 900' => sub {
	sql($database, "update content.package set thumbnails = null, segments = array_fill(4004, array[5400]) where directory = '$name'");
	is(thumbnails($id{movie})->{exit}, 0, 'of six hours');
	my @cues = cues($name);
	is_deeply([scalar(@cues), @{ $cues[1] }[0, 1], @{ $cues[-1] }[0 .. 2]], [773, 28, 56, 21616, 21621.6, 'sheet-030.jpg'], 'one each 28 s');
};

subtest 'beside others' => sub {
	sql($database, "update content.package set thumbnails = null, segments = '{4000}' where directory = '$name'; delete from content.media");
	open my $held, '<', "$dir/$name" or die $!;
	flock $held, LOCK_EX or die $!;
	unlike(command($database, 'play', 'prune-media')->{out}, qr/$name/, 'what is added to is not pruned');
	ok(-d "$dir/$name", '  and stays');
	sql($database, "select content.use_package($id{movie}, '$name')");
	like(thumbnails($id{movie})->{err}, qr/is being added to by somebody else/, 'nor added to twice at once');
	is(known($name), '-', '  nothing is entered');
	close $held;
};

subtest 'all or nothing' => sub {
	my $real = qx(sh -c "command -v ffmpeg");
	chomp $real;
	mkdir "$from/bin";
	my %fault = ('cut short' => 'for last; do :; done; truncate -s 1000 "${last%/*}/sheet-000.jpg"', 'not there' => 'for last; do :; done; rm "${last%/*}/sheet-000.jpg"', 'killed' => 'kill -9 $$');
	for my $how (sort keys %fault) {
		write_file("$from/bin/ffmpeg", "#!/bin/sh\n$real \"\$@\" || exit\ncase \"\$*\" in *sheet-*) $fault{$how};; esac\n");
		chmod 0755, "$from/bin/ffmpeg";
		local $ENV{PATH} = "$from/bin:$ENV{PATH}";
		my $r = thumbnails($id{movie});
		is($r->{exit}, 1, "a sheet that is $how");
		like($r->{err}, $how eq 'killed' ? qr/ffmpeg does not read it/ : qr/what ffmpeg made is not whole/, '  is told');
		is(left("$dir/$name/thumbnails"), 'none', '  leaves nothing');
		is(known($name), '-', '  and is not entered');
		my @before = split ' ', left($dir);
		is(command($database, 'play', 'add-media', $id{movie}, "$from/slow.mkv")->{exit}, 1, '  nor are media without them');
		is_deeply([split ' ', left($dir)], \@before, '  of which nothing is left');
	}
	is(sql($database, "select directory from content.media where item_id = $id{movie}"), $name, 'the title has what it had');
};

subtest 'who plays has their address' => sub {
	my $tv = keyed_server($database, TV_MEDIA_KEY => $key, TV_MEDIA_DIR => $dir);
	my $who = account($tv);
	rule($database, type => 'free', content_id => $_) for @id{qw(movie channel)};
	sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/one.m3u8')");
	my $r = watch($tv, $who, $id{movie});
	ok(exists $r->{json}{thumbnails}, 'a title without them') or diag($r->{content});
	is($r->{json}{thumbnails}, undef, '  says so');
	is(thumbnails($id{movie})->{exit}, 0, 'then they are made');
	for my $quality ('', 'sd') {
		sql($database, "update rights.rule set max_quality = 'sd', exclusive = true where content_id = $id{movie}") if $quality;
		my $j = watch($tv, $who, $id{movie})->{json};
		is($j->{thumbnails}, $j->{playback_url} =~ s{master\.m3u8$}{thumbnails/thumbnails.vtt}r, 'below the address of the media' . ($quality && ", of $quality"));
		my ($path) = $j->{thumbnails} =~ m{^http://[^/]+(/.*)};
		like($path, qr{\.sd/}, '  which says so') if $quality;
		my $vtt = $tv->get($path);
		is("$vtt->{status} $vtt->{headers}{'content-type'}", '200 text/vtt; charset=utf-8', '  is WebVTT');
		my ($sheet) = $vtt->{content} =~ /^(sheet-\d+\.jpg)#/m;
		my $jpeg = $tv->get($path =~ s{[^/]+$}{$sheet}r);
		is("$jpeg->{status} $jpeg->{headers}{'content-type'}", '200 image/jpeg', '  and its sheet a JPEG');
		is($tv->get($path =~ s{([0-9a-f])/thumb}{($1 eq '0' ? 1 : 0) . '/thumb'}re)->{status}, 403, '  by no other signature');
		is($tv->get($path =~ s{\.$name}{.$name.hd}r)->{status}, 403, '  and of no other quality') unless $quality;
	}
	my ($subject, $over) = ("$id{movie}.$name", time - 1);
	is($tv->get("/media/$subject/$over-" . hmac_sha256_hex("antenna/media\n$subject\n$over", $key) . '/thumbnails/sheet-000.jpg')->{status}, 410, 'an address that is over');
	my $live = watch_live($tv, $who, $id{channel})->{json};
	is_deeply([exists $live->{thumbnails}, $live->{thumbnails}], [1, undef], 'a channel has none');
	my $head = $tv->request('HEAD', "/play/ondemand/$id{movie}", token => $who->{token});
	is($head->{status}, 200, 'HEAD');
	my $session = watch($tv, $who, $id{movie})->{json}{session_id};
	ok(!exists beat($tv, $who, $session, 1, 1)->{json}{thumbnails}, 'heartbeats say nothing of them');
};

done_testing;

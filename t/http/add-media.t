# play add-media: a real file becomes something that plays. Skipped without ffmpeg.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Fcntl qw(:flock);
use File::Temp qw(tempdir);
use POSIX ();
use Test::More;
use TV;

my $real = "$root/../shared/data/video/bbb-480p-30s.mp4";
my $has_ffmpeg = system('command -v ffmpeg >/dev/null 2>&1') == 0;

my $key = 'media key, ' . 'k' x 40;
my $database = database();
my %id = seed($database);
my $dir = tempdir('tv-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
chmod 0755, $dir;
local $ENV{TV_MEDIA_DIR} = $dir;

sub add { return command($database, 'play', 'add-media', @_) }
sub left { opendir my $d, $dir or die; return sort grep { !/^\.\.?$/ } readdir $d }

subtest 'what cannot be added changes nothing' => sub {
	write_file("$dir/text.mp4", "#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n");
	my $r = add($id{movie});
	is($r->{exit}, 2, 'no file named');
	is(add('x', "$dir/text.mp4")->{exit}, 2, 'an id that is none');
	$r = add(999999, "$dir/text.mp4");
	is($r->{exit}, 1, 'an id that does not exist');
	like($r->{err}, qr/no film or episode/, 'and why');
	$r = add($id{series}, "$dir/text.mp4");
	is($r->{exit}, 1, 'a series');
	$r = add($id{movie}, "$dir/none.mp4");
	like($r->{err}, qr/none\.mp4: No such file/, 'a file that is not there');
	{
		local $ENV{PATH} = "$dir/empty:/usr/sbin";
		mkdir "$dir/empty";
		symlink '/usr/bin/setpriv', "$dir/empty/setpriv";
		$r = add($id{movie}, "$dir/text.mp4");
		is($r->{exit}, 1, 'without ffmpeg');
		like($r->{err}, qr/ffprobe: is not installed \(Debian: apt-get install ffmpeg\)/, 'it says what to install');
		unlink "$dir/empty/setpriv";
		rmdir "$dir/empty";
	}
	if ($has_ffmpeg) {
		$r = add($id{movie}, "$dir/text.mp4");
		is($r->{exit}, 1, 'a playlist in disguise');
		like($r->{err}, qr/ffprobe does not read it/, 'is not read, and fetches nothing');
	}
	unlink "$dir/text.mp4";
	is_deeply([left()], [], 'nothing is left behind');
	is(sql($database, 'select count(*) from content.package'), 0, 'nothing is entered');
	$r = command($database, 'play', 'link-media', $id{movie}, 'nowhere');
	is($r->{exit}, 1, 'a directory that is not known');
};

subtest 'media that nothing plays any more' => sub {
	my @all = qw(listed shown played over);
	for my $name (@all) {
		mkdir "$dir/$name" or die $!;
		write_file("$dir/$name/master.m3u8", "#EXTM3U\n");
		chown((getpwnam 'postgres')[2, 3], "$dir/$name") unless $>;
		sql($database, qq(select content.add_package('$name', '{4000}', '[{"path": "240p/index.m3u8", "height": 240}]')));
	}
	sql($database, "select content.use_package($id{movie}, 'listed')");
	sql($database, "insert into live.run (channel_id, starts_at, sequence, discontinuity, directories) values ($id{channel}, now(), 0, 0, '{listed,shown}')");
	sql($database, "select users.create_account('viewer\@example.org', 'Vic', 'user', null, null)");
	sql($database, "insert into play.session (account_id, profile_id, item_id, started_at, seen_at, url_until, duration, directory)
		select account_id, id, $id{movie}, now(), now(), now(), 4, 'played' from users.profile");
	is(sql($database, 'select count(*) from play.session'), 1, 'somebody plays');
	is(command($database, 'play', 'prune-media', '--dry-run')->{out}, "over\n", 'is said');
	is_deeply([left()], [sort @all], '  and only said');
	is(command($database, 'play', 'prune-media')->{out}, "over\n", 'is removed');
	is_deeply([left()], [qw(listed played shown)], '  with its files');
	sql($database, 'delete from play.session; delete from live.run');
	is(command($database, 'play', 'prune-media')->{out}, "played\nshown\n", 'what is neither shown nor played goes as well');
	is_deeply([left()], ['listed'], '  and what a title has stays');
	is(command($database, 'play', 'prune-media', 'all')->{exit}, 2, 'anything else is refused');
	sql($database, "delete from content.media where item_id = $id{movie}");
	is(command($database, 'play', 'prune-media')->{out}, "listed\n", 'until it has it no more');
};

SKIP: {
	skip 'ffmpeg is not installed', 7 unless $has_ffmpeg;
	subtest 'a film without sound' => sub {
		system("ffmpeg -nostdin -v error -f lavfi -i testsrc=s=200x150:r=10:d=9 $dir/silent.mkv") == 0 or die 'ffmpeg';
		my $r = add($id{movie}, "$dir/silent.mkv");
		is($r->{exit}, 0, 'is added') or diag($r->{err});
		like($r->{out}, qr/: 9\.000 s, 3 segments, 2 renditions up to 240p, in $id{movie}-[0-9a-f]{8}$/, 'and told');
		unlink "$dir/silent.mkv";
		my ($name) = left();
		is(sql($database, "select directory from content.media where item_id = $id{movie}"), $name, 'under its new name');
		is(sql($database, "select runtime from content.item where id = $id{movie}"), 9, 'with its length');
		is(sql($database, "select segments::text || duration from content.package where directory = '$name'"), '{4000,4000,1000}9000', 'its segments');
		my %codec = map { $_ => 1 } grep { length } split /\n/, qx(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 $dir/$name/144p/index.m3u8);
		is_deeply([sort keys %codec], ['aac', 'h264'], 'silence for its sound');
		$r = command($database, 'play', 'link-media', $id{episode}, $name);
		is($r->{exit}, 0, 'another title may share it') or diag($r->{err});
		is(sql($database, "select directory from content.media where item_id = $id{episode}"), $name, 'and does');
	};

	my $sound = '-f lavfi -i sine=d=3';
	my $small = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac';

	sub make { my ($file, $how) = @_; system("ffmpeg -nostdin -v error -y $how $dir/$file") == 0 or die "ffmpeg: $file"; return "$dir/$file" }
	sub picture { return "-f lavfi -i testsrc=s=$_[0]:r=" . ($_[1] // 5) . ':d=3' }

	# The best rendition of what is added: size and codec by the playlist, size and level of the file itself; and its segments' lengths.
	sub best
	{
		my ($file) = @_;
		my $r = add($id{movie}, $file);
		my ($name) = $r->{out} =~ / in (\S+)$/ or return diag($r->{err});
		my ($said, $path) = read_file("$dir/$name/master.m3u8") =~ /RESOLUTION=(\S+)\n(\S+)\n\z/;
		my $is = qx(ffprobe -v error -select_streams v -show_entries stream=width,height,level -of csv=p=0:s=, $dir/$name/$path);
		my ($width, $height, $level) = $is =~ /(\d+),(\d+),(\d+)/;
		system('rm', '-r', "$dir/$name");
		return sprintf '%s %s is %dx%d avc1.4d40%02x', $path =~ /^(\w+)/, $said =~ /^(\w+,CODECS="[^,]+)/, $width, $height, $level;
	}

	subtest 'pictures are as they are shown' => sub {
		is(best(make('scope.mkv', picture('1920x800') . " $small")), '1080p 1920x800,CODECS="avc1.4d4028 is 1920x800 avc1.4d4028', 'wider than 16:9: as wide as a screen');
		is(best(make('dvd.mkv', picture('720x576') . ' -vf setsar=64/45 -c:v mpeg2video -r 25')), '480p 854x480,CODECS="avc1.4d401f is 854x480 avc1.4d401f', 'pixels that are not square');
		make('lying.mp4', picture('320x180') . " $small");
		is(best(make('turned.mp4', "-i $dir/lying.mp4 -c copy -metadata:s:v rotate=90")), '240p 136x240,CODECS="avc1.4d401e is 136x240 avc1.4d401e', 'filmed with the camera on its side');
		is(best(make('fast.mkv', picture('640x360', 50) . " $small")), '360p 640x360,CODECS="avc1.4d401f is 640x360 avc1.4d401f', 'a level for 50 pictures a second');
	};

	subtest 'what is no whole film is not added' => sub {
		my $whole = make('whole.mkv', '-f lavfi -i testsrc=s=320x180:r=5:d=12 ' . $small);
		truncate make('cut.mkv', "-i $whole -c copy"), int(0.6 * -s $whole) or die $!;
		make('cover.jpg', '-f lavfi -i color=red:s=64x64 -frames:v 1');
		make('song.mp3', "$sound -i $dir/cover.jpg -map 0 -map 1 -c:v copy -disposition:v attached_pic");
		my @before = left();
		like(add($id{movie}, "$dir/cut.mkv")->{err}, qr/cut\.mkv: it is broken off: of 12 s there are \d\b/, 'a file that was not copied to its end');
		like(add($id{movie}, "$dir/cover.jpg")->{err}, qr/there is no film in it/, 'a picture');
		like(add($id{movie}, "$dir/song.mp3")->{err}, qr/there is no picture in it/, 'a song with its cover');
		my $real = qx(sh -c "command -v ffmpeg");
		chomp $real;
		mkdir "$dir/bin";
		write_file("$dir/bin/ffmpeg", "#!/bin/sh\n$real \"\$@\" || exit\nfor last; do :; done\ntruncate -s 1000 \"\${last%/*}/00001.m4s\"\n");
		chmod 0755, "$dir/bin/ffmpeg";
		local $ENV{PATH} = "$dir/bin:$ENV{PATH}";
		like(add($id{movie}, $whole)->{err}, qr/what ffmpeg made is not whole/, 'a disk that was full for a while');
		system('rm', '-r', "$dir/bin");
		is_deeply([left()], \@before, 'nothing is left behind');
	};

	subtest 'sound is as long as the pictures, and the one that the file names' => sub {
		my $file = make('sounds.mkv', '-f lavfi -i testsrc=s=320x180:r=5:d=9 -f lavfi -i anullsrc -f lavfi -i sine=d=3 -map 0 -map 1 -map 2 ' . "$small -disposition:a:0 0 -disposition:a:1 default -t 9");
		my ($name) = add($id{movie}, $file)->{out} =~ / in (\S+)$/;
		my @at = qx(ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 $dir/$name/144p/index.m3u8);
		cmp_ok($at[-1], '>', 8.5, 'silence behind a sound that ends before');
		my ($loudest) = qx(ffmpeg -nostdin -i $dir/$name/144p/index.m3u8 -af volumedetect -f null - 2>&1) =~ /max_volume: (-?[0-9.]+) dB/;
		cmp_ok($loudest, '>', -40, 'it is the second of the file');
	};

	subtest 'what others are adding is left alone' => sub {
		mkdir "$dir/.adding-other" or die $!;
		open my $other, '<', $dir or die $!;
		flock $other, LOCK_SH or die $!;
		is(add($id{movie}, "$dir/whole.mkv")->{exit}, 0, 'beside another one');
		ok(-d "$dir/.adding-other", 'whose work stays');
		close $other;
		is(add($id{movie}, "$dir/whole.mkv")->{exit}, 0, 'and once more');
		ok(!-e "$dir/.adding-other", 'when nobody is there, it was left by one that was killed');
		unlink glob "$dir/*.mp4 $dir/*.mp3 $dir/*.jpg";
	};

	subtest 'what is being entered is not pruned' => sub {
		my $locks = sub { sql($database, "select count(*) from pg_locks where relation = 'content.media'::regclass and $_[0]") };
		open my $writers, '|-', 'psql', '-Xqo', '/dev/null', '-d', sql_url('postgres', $database) or die "psql: $!";
		$writers->autoflush(1);
		print {$writers} "begin; lock table content.media in share mode;\n";
		ok(wait_for(sub { $locks->("mode = 'ShareLock' and granted") }, 20), 'nothing can be written for a while');
		my $adding = fork // die $!;
		if (!$adding) {
			my $r = add($id{movie}, "$dir/whole.mkv");
			POSIX::_exit($r->{exit});
		}
		ok(wait_for(sub { $locks->('not granted') }, 60), '  so it is known, and the title has it not yet');
		command($database, 'play', 'prune-media');
		print {$writers} "commit;\n";
		waitpid $adding, 0;
		is($?, 0, 'is added all the same');
		close $writers;
		my $name = sql($database, "select directory from content.media where item_id = $id{movie}");
		ok(-s "$dir/$name/master.m3u8", '  with its files');
	};

	subtest 'an answer that is lost' => sub {
		my $kept = sql($database, "select pg_get_functiondef('content.use_package'::regproc)");
		sql($database, 'create or replace function content.use_package(item bigint, package text) returns boolean language plpgsql security invoker
			as $$ begin perform pg_terminate_backend(pg_backend_pid()); return true; end $$');
		my %before = map { $_ => 1 } left();
		is(add($id{movie}, "$dir/whole.mkv")->{exit}, 1, 'whether the title has them is not known');
		my @new = grep { !$before{$_} } left();
		is(scalar @new, 1, '  so they stay');
		sql($database, $kept);
		like(command($database, 'play', 'prune-media')->{out}, qr/^@new$/m, '  until it is known that it has not');
		unlink glob "$dir/*.mkv";
	};
}

SKIP: {
	skip "no $real", 1 unless -e $real;
	skip 'ffmpeg is not installed', 1 unless $has_ffmpeg;
	subtest 'a real film' => sub {
		my @before = left();
		my $r = add($id{movie}, $real);
		is($r->{exit}, 0, 'is added') or diag($r->{err});
		my ($name) = $r->{out} =~ / in (\S+)$/;
		ok(!(grep { !-d "$dir/$_" } @before), 'whoever plays the one before goes on');
		my $tv = server($database, env => { TV_MEDIA_KEY => $key, TV_MEDIA_DIR => $dir });
		my $expiry = time + 300;
		my $url = "http://127.0.0.1:$tv->{port}/media/$id{movie}.$name/$expiry-" . hmac_sha256_hex("antenna/media\n$id{movie}.$name\n$expiry", $key) . '/master.m3u8';
		my %stream = map { s/,$//r => 1 } grep { length } split /\n/, qx(ffprobe -v error -show_entries stream=codec_name,height -of csv=p=0 '$url');
		is_deeply([sort keys %stream], ['aac', map { "h264,$_" } 240, 360, 480], 'three renditions with sound');
		my $errors = qx(ffmpeg -nostdin -v error -i '$url' -map 0:v -map 0:a -f null - 2>&1);
		is($errors, '', 'every one of them decodes, through the web server');
		my $seconds = qx(ffprobe -v error -show_entries format=duration -of csv=p=0 '$url');
		cmp_ok(abs($seconds - sql($database, "select duration / 1000.0 from content.package where directory = '$name'")), '<', 0.2, 'as long as the database says');
	};
}

done_testing;

# play add-media: a real file becomes something that plays. Skipped without ffmpeg.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use File::Temp qw(tempdir);
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

SKIP: {
	skip 'ffmpeg is not installed', 1 unless $has_ffmpeg;
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
}

SKIP: {
	skip "no $real", 1 unless -e $real;
	skip 'ffmpeg is not installed', 1 unless $has_ffmpeg;
	subtest 'a real film' => sub {
		my ($before) = left();
		mkdir "$dir/.adding-4194304";
		my $r = add($id{movie}, $real);
		is($r->{exit}, 0, 'is added') or diag($r->{err});
		my ($name) = grep { $_ ne $before } left();
		ok(!-e "$dir/.adding-4194304", 'what a killed one left is removed');
		ok(-d "$dir/$before", 'whoever plays the one before goes on');
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

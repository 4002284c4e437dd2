# play add-media with several sounds and subtitles: what a master playlist names can be played, also of a lower quality, and what cannot
# be taken is named. Skipped without ffmpeg.
use strict;
use warnings;
use utf8;
use Digest::SHA qw(hmac_sha256_hex);
use File::Temp qw(tempdir);
use Test::More;
use TV;

plan skip_all => 'ffmpeg is not installed' if system('command -v ffmpeg >/dev/null 2>&1');
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $key = 'media key, ' . 'k' x 40;
my $database = database();
my %id = seed($database);
my $dir = tempdir('tv-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $from = tempdir('tv-films-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chown((getpwnam 'postgres')[2, 3], $dir) unless $>;
chmod 0755, $dir, $from;
local $ENV{TV_MEDIA_DIR} = $dir;

sub add { return command($database, 'play', 'add-media', $id{movie}, @_) }
sub ffmpeg { system("ffmpeg -nostdin -v error -y $_[0]") == 0 or die "ffmpeg $_[0]" }
sub make { my ($file, $how) = @_; ffmpeg("$how $from/$file"); return "$from/$file" }
sub text { my ($file, $text) = @_; utf8::encode($text); write_file("$from/$file", $text); return "$from/$file" }
sub left { opendir my $d, $dir or die; return sort grep { !/^\.\.?$/ } readdir $d }

# What was added: its directory and its master playlist.
sub added
{
	my ($r, $name) = @_;
	is($r->{exit}, 0, $name) or diag($r->{err});
	my ($directory) = $r->{out} =~ / in (\S+)$/;
	my $master = read_file("$dir/$directory/master.m3u8");
	utf8::decode($master);
	return ($directory, $master);
}

# EXT-X-MEDIA: a hash of attributes each; and the variants' as one line each.
sub media { return map { { map { s/"//gr } /([A-Z-]+)=("[^"]*"|[^",]+)/g } } $_[0] =~ /^#EXT-X-MEDIA:(.*)$/mg }
sub words { my ($m) = @_; return join ' ', map { "$_=$m->{$_}" } grep { $_ ne 'URI' } sort keys %$m }
sub seconds { my $s = 0; $s += $_ for read_file("$dir/$_[0]/index.m3u8") =~ /#EXTINF:([0-9.]+)/g; return $s }

# The tone of a sound: how often it crosses nothing on its way up, in the third second of it.
sub tone
{
	my $samples = qx(ffmpeg -nostdin -v error -i $_[0] -map 0:a:0 -ss 2 -t 1 -ac 1 -ar 8000 -f s16le -);
	my ($n, $last) = (0, 0);
	for (unpack 's<*', $samples) {
		$n++ if $last < 0 && $_ >= 0;
		$last = $_;
	}
	return 10 * int($n / 10 + 0.5);
}

text('one.srt', "1\n00:00:01,000 --> 00:00:03,000\nOne & only\n\n2\n00:00:05,000 --> 00:00:06,500\n<i>Two</i>\n");
text('un.srt', "1\n00:00:01,000 --> 00:00:03,000\nDéjà vu\n");
text('none.srt', '');
text('blank.srt', "1\n00:00:01,000 --> 00:00:03,000\n{\\an8}\n");
# two captions of a disc, without a picture in them: enough for a stream
my $disc = join '', map { my $t = $_; map { 'PG' . pack('NNCn', $t, 0, $_->[0], length $_->[1]) . $_->[1] } [0x16, pack 'nnCnCCCC', 320, 180, 0x10, 0, 0x80, 0, 0, 0], [0x80, ''] } 90000, 270000;
write_file("$from/disc.sup", $disc);
my $picture = '-f lavfi -i testsrc=s=320x180:r=5:d=9';
my $codecs = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac';
my $many = make('many.mkv', join ' ', $picture, (map { "-f lavfi -i sine=$_" } '300:d=9', '600:d=4', '900:d=9', '1200:d=9', '1500:d=9', '1800:d=9'),
	(map { "-i $from/$_" } qw(one.srt un.srt disc.sup)), (map { "-map $_" } 0 .. 6, 7, 8, 8, 8, 9), $codecs,
	'-c:s:0 srt -c:s:1 ass -c:s:2 webvtt -c:s:3 srt -c:s:4 copy',
	(map { "-metadata:s:$_" } 'a:0 language=ger', 'a:1 language=fre', 'a:2 language=eng', 'a:3 language=eng', 'a:4 language=eng', 'a:5 title="Ein Ton"',
		's:0 language=eng', 's:1 language=fre', 's:2 language=fre', 's:3 language=fre', 's:4 language=ger'),
	(map { "-disposition:$_" } 'a:0 0', 'a:1 0', 'a:2 default', 'a:3 comment', 'a:4 visual_impaired', 'a:5 0', 's:0 0', 's:1 0', 's:2 forced', 's:3 hearing_impaired', 's:4 0'));

subtest 'several sounds, and subtitles' => sub {
	my $r = add($many);
	my ($name, $master) = added($r, 'a film of several languages');
	like($r->{out}, qr/, 2 renditions up to 240p, 5 sounds \(en, de, fr, en described, \?\), 4 subtitles \(en, fr, fr forced, fr captions\), in /, 'what is taken');
	like($r->{out}, qr/^\S+many\.mkv: stream 4, sound in eng: a commentary, not taken$/m, 'what is not: a commentary');
	like($r->{out}, qr/^\S+many\.mkv: stream 11, subtitles in ger: pictures \(hdmv_pgs_subtitle\), not taken$/m, '  and pictures of letters, by their name');
	like($r->{out}, qr/^\S+many\.mkv: stream 2, sound in fre: it ends after 4 s, silence follows$/m, 'and what ends before the film');
	my @media = media($master);
	is_deeply([map { words($_) } @media], [
		(map { "AUTOSELECT=$_->[2] CHANNELS=2 " . ($_->[3] ? "CHARACTERISTICS=$_->[3] " : '') . "DEFAULT=$_->[1] GROUP-ID=sound " . ($_->[4] ? "LANGUAGE=$_->[4] " : '') . "NAME=$_->[0] TYPE=AUDIO" }
			['English', 'YES', 'YES', '', 'en'], ['Deutsch', 'NO', 'YES', '', 'de'], ['Français', 'NO', 'YES', '', 'fr'],
			['English (audio description)', 'NO', 'YES', 'public.accessibility.describes-video', 'en'], ['Ein Ton', 'NO', 'NO']),
		'AUTOSELECT=YES DEFAULT=NO GROUP-ID=subtitles LANGUAGE=en NAME=English TYPE=SUBTITLES',
		'AUTOSELECT=YES DEFAULT=NO GROUP-ID=subtitles LANGUAGE=fr NAME=Français TYPE=SUBTITLES',
		'AUTOSELECT=YES DEFAULT=NO FORCED=YES GROUP-ID=subtitles LANGUAGE=fr NAME=Français (forced) TYPE=SUBTITLES',
		'AUTOSELECT=YES CHARACTERISTICS=public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound DEFAULT=NO GROUP-ID=subtitles LANGUAGE=fr NAME=Français (captions) TYPE=SUBTITLES',
	], 'renditions, the default first') or diag($master);
	is_deeply([map { tone("$dir/$name/$_->{URI}") } @media[0 .. 4]], [900, 300, 600, 1500, 1800], 'each sound is its own');
	cmp_ok(abs(seconds("$name/sound-$_") - 9), '<', 0.1, "as long as the pictures: $_") for 1 .. 5;
	is(sql($database, "select subtitles ->> 2 from content.package where directory = '$name'"), '{"kind": "forced", "path": "subtitles-3/subtitles.vtt", "language": "fr"}', 'the database knows the subtitles');
	is((read_file("$dir/$name/subtitles-1/subtitles.vtt") =~ s/\.0\d\d/.000/gr), "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nOne & only\n\n00:00:05.000 --> 00:00:06.523\n<i>Two</i>\n\n", 'SubRip');
	is(read_file("$dir/$name/subtitles-$_/subtitles.vtt") =~ s/\.0\d\d/.000/gr, "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nD\xc3\xa9j\xc3\xa0 vu\n\n", $_ == 2 ? 'ASS' : 'WebVTT') for 2, 3;

	my $errors = qx(ffmpeg -nostdin -v error -i $dir/$name/master.m3u8 -map 0:v -map 0:a -f null - 2>&1);
	is($errors, '', 'every rendition decodes');
	my %video = map { $_ => 1 } grep { length } split /\n/, qx(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 $dir/$name/240p/video.m3u8);
	is_deeply(\%video, { h264 => 1 }, 'pictures without a sound');
	is(tone("$dir/$name/240p/index.m3u8"), 900, 'and with the first one, for channels');
	my ($best) = $master =~ /BANDWIDTH=(\d+)[^\n]*\n240p/;
	my @largest = map { my $d = $_; (sort { $b <=> $a } map { -s } glob "$dir/$name/$d/0000[01].m4s")[0] } '240p', 'sound-1';
	cmp_ok($best, '>', 8 * $largest[0] / 4, 'a bandwidth for pictures and any of the sounds');

	my $tv = server($database, env => { TV_MEDIA_KEY => $key, TV_MEDIA_DIR => $dir });
	my $signed = sub {
		my ($subject, $file) = @_;
		my $expiry = time + 300;
		return "/media/$subject/$expiry-" . hmac_sha256_hex("antenna/media\n$subject\n$expiry", $key) . "/$file";
	};
	is_deeply([map { $tv->get($signed->("$id{movie}.$name", $_))->{status} } map { my $d = $_->{URI} =~ s{/.*}{}r; ($_->{URI}, "$d/" . ($d =~ /^so/ ? '00000.m4s' : 'subtitles.vtt')) } @media], [(200) x 18], 'the web server hands all of it out');
	my $part = $tv->get($signed->("$id{movie}.$name", '240p/00000.m4s'), undef, headers => { Range => 'bytes=0-99' });
	is("$part->{status} " . length $part->{content}, '206 100', '  in parts');
	rename "$dir/$name/240p", "$dir/$name/1080p" or die $!;
	write_file("$dir/$name/master.m3u8", read_file("$dir/$name/master.m3u8") =~ s/^240p/1080p/mr);
	my $sd = $tv->get($signed->("$id{movie}.$name.sd", 'master.m3u8'))->{content};
	is(scalar(media($sd)), 9, 'a lower quality has the same sounds and subtitles');
	is(join(' ', $sd =~ /^(\d+p\S+)$/mg), '144p/video.m3u8', '  and the pictures that it may have');
	is($tv->get($signed->("$id{movie}.$name.sd", $_->[0]))->{status}, $_->[1], "  $_->[0]: $_->[1]") for ['1080p/video.m3u8', 403], ['144p/video.m3u8', 200], ['sound-3/00001.m4s', 200], ['subtitles-1/subtitles.vtt', 200];
	$tv->stop;
};

subtest 'a sound begins where the pictures do, for players that look no further than at the fragments' => sub {
	my $file = make('late.mkv', "$picture -itsoffset 2 -f lavfi -i sine=500:d=7 -map 0 -map 1 $codecs -bf 2");
	my ($name) = added(add($file), 'a sound that begins two seconds later');
	my $silent = qx(ffmpeg -nostdin -v info -i $dir/$name/144p/index.m3u8 -map 0:a -af silencedetect=d=0.5 -f null - 2>&1);
	my ($end) = $silent =~ /silence_end: ([0-9.]+)/;
	cmp_ok(abs($end - 2), '<', 0.1, 'is preceded by silence') or diag($silent);
	my $init = read_file("$dir/$name/144p/init.mp4");
	my @edits;
	push @edits, [unpack 'N', $1], unpack 'l>', $2 while $init =~ /elst.{4}(.{4}).{4}(.{4})/gs;
	is_deeply(\@edits, [[1], 0, [1], 1024], 'no edit but that the encoder of sound begins a frame before');
};

subtest 'one sound is as it was' => sub {
	my $file = make('one.mkv', "$picture -f lavfi -i sine=d=9 -map 0 -map 1 -metadata:s:a:0 language=fre $codecs");
	my ($name, $master) = added(add($file), 'a film with one sound');
	like($master, qr/\A#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n(?:#EXT-X-STREAM-INF:BANDWIDTH=\d+,RESOLUTION=\d+x\d+,CODECS="[^"]+"\n\d+p\/index\.m3u8\n){2}\z/, 'names pictures only');
	is_deeply([map { s{.*/}{}r } sort glob "$dir/$name/144p/*"], [qw(00000.m4s 00001.m4s 00002.m4s index.m3u8 init.mp4)], 'and has no other files');
};

subtest 'what a title says, where the flags do not' => sub {
	my $file = make('titles.mkv', join ' ', $picture, (map { "-f lavfi -i sine=$_:d=9" } 300, 600, 900), (map { "-i $from/$_.srt" } qw(un one one)), (map { "-map $_" } 0 .. 6), $codecs, '-c:s srt',
		(map { "-metadata:s:$_" } (map { ("a:$_ language=eng", "s:$_ language=eng") } 0 .. 2), 'a:0 title="Commentary by the director"', 'a:2 title="Audio Description"', 's:0 title="English (Forced)"', 's:2 title="English SDH"'),
		(map { "-disposition:$_ 0" } 'a:0', 's:0'));
	my $r = add($file);
	my ($name, $master) = added($r, 'streams without flags');
	like($r->{out}, qr/, 2 sounds \(en, en described\), 3 subtitles \(en forced, en, en captions\), in /, 'are what their titles say');
	like($r->{out}, qr/stream 1, sound in eng: a commentary, not taken/, '  a commentary that comes first as well');
	is(tone("$dir/$name/sound-1/index.m3u8"), 600, '  so the sound of the film is its own');
};

subtest 'files beside it' => sub {
	my $film = make('two.mkv', "$picture -i $from/one.srt -i $from/un.srt -i $from/blank.srt -map 0 -map 1 -map 2 -map 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:s srt -metadata:s:s:0 language=eng -metadata:s:s:1 language=fre -metadata:s:s:2 language=ger");
	my $vtt = text('pt.vtt', "\x{feff}WEBVTT\n\n00:01.000 --> 00:02.000 line:0\nOlá\n");
	my $r = add('--subtitles', "fr=$from/un.srt", $film, '--captions', "por_br=$vtt", '--forced', "fre=$from/un.srt");
	my ($name, $master) = added($r, 'subtitles, captions and forced ones');
	like($r->{out}, qr/, 4 subtitles \(fr, pt-BR captions, fr forced, en\), in /, 'in the order that they are named, before those of the file');
	like($r->{out}, qr/stream 2, subtitles in fre: a file is given instead, not taken/, 'instead of the one in the file');
	like($r->{out}, qr/stream 3, subtitles in ger: there is nothing in it, not taken/, 'what is empty is left out');
	is_deeply([map { $_->{NAME} } media($master)], ['Français', 'Português (BR) (captions)', 'Français (forced)', 'English'], 'the playlist names them');
	is(read_file("$dir/$name/subtitles-2/subtitles.vtt"), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\nOl\xc3\xa1\n\n", 'WebVTT');
	like(read_file("$dir/$name/subtitles-2/index.m3u8"), qr/#EXTINF:9\.000,\nsubtitles\.vtt\n#EXT-X-ENDLIST\n/, '  as one segment as long as the film');

	my @before = left();
	my @refused = (
		[2, qr/--subtitles fr: not LANGUAGE=FILE/, '--subtitles', 'fr'], [2, qr/--subtitles french=\S+: not LANGUAGE=FILE/, '--subtitles', "french=$vtt"],
		[2, qr/--subtitles und=\S+: not LANGUAGE/, '--subtitles', "und=$vtt"], [2, qr/--subtitles : not LANGUAGE=FILE/, '--subtitles'],
		[2, qr/--titles : there is no such option/, '--titles', "fr=$vtt"], [2, qr/there is a file for that already/, '--subtitles', "fr=$vtt", '--subtitles', "fra=$vtt"],
		[1, qr/none\.vtt: No such file/, '--subtitles', "fr=$from/none.vtt"], [1, qr/none\.srt: there are no subtitles in it/, '--subtitles', "fr=$from/none.srt"],
		[1, qr/latin\.srt:3: it is not UTF-8/, '--subtitles', "fr=$from/latin.srt"], [1, qr/cut\.srt:6: the end of this time cannot be read/, '--forced', "fr=$from/cut.srt"],
		[1, qr/large\.srt: is larger than subtitles are/, '--subtitles', "fr=$from/large.srt"], [2, qr/usage: play add-media CONTENT FILE \[--subtitles/, $film],
	);
	write_file("$from/latin.srt", "1\n00:00:01,000 --> 00:00:03,000\nD\xe9j\xe0 vu\n");
	write_file("$from/cut.srt", substr read_file("$from/one.srt"), 0, 72);
	write_file("$from/large.srt", "\n" x 9_000_000);
	for (@refused) {
		my ($exit, $why, @words) = @$_;
		$r = add($film, @words);
		is($r->{exit}, $exit, "refused: @words");
		like($r->{err}, $why, '  and why');
	}
	is_deeply([left()], \@before, 'nothing is left behind');
};

subtest 'what is broken in a film' => sub {
	text('half.srt', "1\n00:00:01,000 --> 00:00:03,000\nVoilà\n\n2\n00:00:04,000 --> 00:00:05,000\nDéjà vu\n");
	my $film = make('latin.mkv', "$picture -i $from/half.srt -map 0 -map 1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:s srt -metadata:s:s:0 language=fre");
	write_file($film, read_file($film) =~ s/D\xc3\xa9j\xc3\xa0/D\xe9j\xe0 h/r);
	my $r = add($film);
	my ($name, $master) = added($r, 'subtitles that are not UTF-8');
	like($r->{out}, qr/stream 1, subtitles in fre: ffmpeg does not read all of it, not taken/, 'are named, and not taken in part');
	unlike($master, qr/SUBTITLES/, '  and not in the playlist');

	my $real = qx(sh -c "command -v ffmpeg");
	chomp $real;
	mkdir "$from/bin";
	write_file("$from/bin/ffmpeg", "#!/bin/sh\n$real \"\$@\" || exit\nfor last; do :; done\ncase \$last in *sound-2*) truncate -s 1000 \"\${last%/*}/00001.m4s\";; esac\n");
	chmod 0755, "$from/bin/ffmpeg";
	my @before = left();
	local $ENV{PATH} = "$from/bin:$ENV{PATH}";
	like(add($many)->{err}, qr/what ffmpeg made is not whole/, 'a disk that was full for a while, where the second sound was written');
	is_deeply([left()], \@before, 'nothing is left behind');
};

done_testing;

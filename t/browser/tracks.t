# Sounds and subtitles of a film that play add-media made: chosen by keys, heard and read, kept for the next title; and its channel.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use TV;
use TV::Accounts qw(load_demo);
use TV::Browser;

need_browser();
plan skip_all => 'ffmpeg is not installed' if system('command -v ffmpeg >/dev/null 2>&1');

my $from = tempdir('tv-films-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $dir = tempdir('tv-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $from, $dir;
system("cp -r $root/sql/demo/media/* $dir") == 0 or die 'cp';
system("chown -R postgres: $dir") unless $>;
my %text = (en => 'One', fr => 'Deux', 'fr-forced' => 'Trois', 'en-captions' => 'Four');
write_file("$from/$_.srt", "1\n00:00:00,000 --> 00:01:00,000\n$text{$_}\n") for keys %text;
my $film = "$from/film.mkv";
system(join ' ', 'ffmpeg -nostdin -v error -f lavfi -i testsrc=s=320x180:r=10:d=60', (map { "-f lavfi -i sine=$_:d=60" } 500, 1000, 2000, 3000), (map { "-map $_" } 0 .. 4),
	'-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac', (map { "-metadata:s:a:$_" } '0 language=eng', '1 language=fre', '2 language=eng', '3 title="Only music"'),
	'-disposition:a:1 0 -disposition:a:2 visual_impaired -disposition:a:3 0', $film) == 0 or die 'ffmpeg';

my $database = database();
load_demo($database);
local $ENV{TV_MEDIA_DIR} = $dir;
my $movie = sql($database, "select min(id) from content.item where kind = 'movie'");
my $r = command($database, 'play', 'add-media', $movie, $film, '--subtitles', "en=$from/en.srt", '--subtitles', "fr=$from/fr.srt", '--forced', "fr=$from/fr-forced.srt", '--captions', "en=$from/en-captions.srt");
my ($name) = $r->{out} =~ / in (\S+)$/ or BAIL_OUT($r->{err});
sql($database, "update content.media m set directory = '$name' from content.movie f where f.id = m.item_id; delete from live.run; update live.schedule set planned_until = null");
my $tv = server($database, env => { TV_MEDIA_DIR => $dir });
run_script('tracks.mjs', "http://127.0.0.1:$tv->{port}");

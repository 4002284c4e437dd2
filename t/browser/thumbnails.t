# Pictures along the seek bar, of a film that play add-media made and whose colour tells the time.
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
system("chown -R postgres: $dir") unless $>;
my $film = "$from/film.mkv";
system('ffmpeg', qw(-nostdin -v error -f lavfi -i), q(color=s=320x180:r=10:d=120,geq=r='40*mod(floor(T/4),6)':g='40*floor(T/24)':b=128,format=yuv420p),
	qw(-c:v libx264 -preset ultrafast), $film) == 0 or die 'ffmpeg';

my $database = database();
load_demo($database);
local $ENV{TV_MEDIA_DIR} = $dir;
my $movie = sql($database, "select min(id) from content.item where kind = 'movie'");
my ($name) = command($database, 'play', 'add-media', $movie, $film)->{out} =~ / in (\S+)$/ or BAIL_OUT('add-media');
sql($database, "update content.media m set directory = '$name', markers = '[]' from content.movie f where f.id = m.item_id");
my $tv = server($database, env => { TV_MEDIA_DIR => $dir });
run_script('thumbnails.mjs', "http://127.0.0.1:$tv->{port}");

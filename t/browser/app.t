# The app in a real Chromium: by mouse, by keyboard alone, with hostile texts, on small and large screens, for screen readers.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Browser;

need_browser();
my $database = database();
load_demo($database);
my $tv = server($database);
my $who = account($tv);
my $admin = TV::admin($tv);

# One of everything that has markup for a name.
my $evil = '<img src=x onerror=alert(1)>"\'{{7*7}}</script><script>alert(2)</script>';
my %id;
sub make
{
	my ($name, $path, $body) = @_;
	my $r = $tv->post($path, $body, $admin->{token});
	die "$path: $r->{status} $r->{content}" unless $r->{status} == 201;
	$id{$name} = $r->{json}{id};
}
make(person => '/admin/ondemand/people', { name => $evil });
make(movie => '/admin/ondemand/movies', { title => $evil, original_title => "$evil 2", synopsis => $evil, min_age => 0, state => 'published', countries => [$evil],
	poster => 'https://elsewhere.example/x.png', credits => [{ person_id => $id{person}, role => 'actor', character => $evil }] });
make(series => '/admin/ondemand/series', { title => $evil, synopsis => $evil, min_age => 0, state => 'published' });
make(season => '/admin/ondemand/seasons', { title => $evil, series_id => $id{series}, number => 1, min_age => 0, state => 'published' });
make(episode => '/admin/ondemand/episodes', { title => $evil, season_id => $id{season}, number => 1, synopsis => $evil, min_age => 0, state => 'published' });
make(channel => '/admin/livetv/channels', { name => $evil, number => 0, min_age => 0, catchup_hours => 24, state => 'published' });
my $now = time;
sub instant { my @t = gmtime $_[0]; return sprintf '%04d-%02d-%02dT%02d:%02d:%02dZ', $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0] }
make(programme => '/admin/livetv/epg', { channel_id => $id{channel}, title => $evil, subtitle => $evil, synopsis => $evil, category => $evil, min_age => 0,
	start => instant($now - 1800), end => instant($now + 5400) });
my $profile = $tv->post('/users/profiles', { name => substr($evil, 0, 50), is_kids => JSON::PP::true }, $who->{token});
die "profile: $profile->{status} $profile->{content}" unless $profile->{status} == 201;

run_script('app.mjs', "http://127.0.0.1:$tv->{port}", $who->{email}, $password, $admin->{email}, JSON::PP->new->encode(\%id), $ENV{TV_BROWSER_ONLY} // '');

# What another host gives: external streams of channels, and media by TV_MEDIA_URL; from where it is allowed, and where not.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Browser;

need_browser();
my ($provider, $cdn) = map { TV::free_port() } 1 .. 2;
my $tv = demo_server(TV_MEDIA_URL => "http://127.0.0.1:$cdn", TV_STREAM_ORIGINS => "https://*.stream.example, http://127.0.0.1:$provider");
my $strict = server($tv->{database}, env => { TV_MEDIA_DIR => "$root/sql/demo/media" });

# Channels that are the provider's: one it gives everybody, one only to its own pages, and one that it has not.
my @channels = split /\n/, sql($tv->{database}, 'select id from live.channel order by number limit 4');
my %at;
@at{qw(open closed gone)} = @channels;
for my $what (keys %at) {
	sql($tv->{database}, "delete from live.schedule where channel_id = $at{$what};
		insert into live.source (channel_id, url) values ($at{$what}, 'http://127.0.0.1:$provider/$what/master.m3u8?ticket=me')");
}
run_script('elsewhere.mjs', (map { "http://127.0.0.1:$_->{port}" } $tv, $strict), $provider, $cdn, @at{qw(open closed gone)}, $channels[3]);

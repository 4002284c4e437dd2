# Signed media from lighttpd itself: what lib/media.c signs is served, anything else is not.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use TV;

my $key = 'media key, ' . 'k' x 40;
my $tv = server(database(), env => { TV_MEDIA_KEY => $key });
my $source = "$root/sql/demo/media/test-transmission";
system("mkdir $tv->{dir}/media && cp -r $source $tv->{dir}/media/shown && cp -r $source $tv->{dir}/media/4711") == 0 or die 'cp';
write_file("$tv->{dir}/media/4711/$_", 'secret') for 'notes.txt', 'no-extension', '.hidden.mp4';
write_file("$tv->{dir}/media/loose.mp4", 'secret');
system("chown -R postgres: $tv->{dir}/media") unless $>;

sub token
{
	my ($subject, $expiry, $with) = @_;
	return "$expiry-" . hmac_sha256_hex("antenna/media\n$subject\n$expiry", $with // $key);
}
sub address { my ($subject, $file, $expiry, $with) = @_; return "/media/$subject/" . token($subject, $expiry // time + 300, $with) . "/$file" }
sub status { return $tv->get($_[0])->{status} }

my $good = address('12.shown', 'master.m3u8');
my $r = $tv->get($good);
is($r->{status}, 200, 'a signed address');
is($r->{content}, read_file("$source/master.m3u8"), 'is the file');
is($r->{headers}{'content-type'}, 'application/vnd.apple.mpegurl', 'of its type');
like($r->{headers}{'cache-control'}, qr/^private, max-age=(29\d|300), immutable$/, 'kept as long as the address is good');
ok(!exists $r->{headers}{'access-control-allow-origin'}, 'for no other origin');
is(status(address('4711', 'master.m3u8')), 200, 'a directory named like the id');

subtest 'all that a playlist names, by its relative addresses' => sub {
	my @below = grep { !/^#/ && length } split /\n/, $r->{content};
	push @below, $r->{content} =~ /URI="([^"]+)"/g;
	is(scalar @below, 3, 'two renditions and subtitles');
	for my $file (@below) {
		my $list = $tv->get($good =~ s{master\.m3u8$}{$file}r);
		is($list->{status}, 200, $file);
		my ($dir) = $file =~ m{^(.*/)};
		my @files = ((grep { !/^#/ && length } split /\n/, $list->{content}), $list->{content} =~ /URI="([^"]+)"/g);
		is((grep { status($good =~ s{master\.m3u8$}{$dir$_}r) != 200 } @files), 0, scalar(@files) . " files of $file");
	}
};

subtest 'a quality opens what is not better' => sub {
	my $dir = "$tv->{dir}/media/better";
	system("cp -r $source $dir && cp -r $dir/360p $dir/1080p && cp -r $dir/360p $dir/2160p") == 0 or die 'cp';
	my $master = read_file("$source/master.m3u8");
	my @better = map { "#EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=1920x$_\n${_}p/index.m3u8\n" } 1080, 2160;
	write_file("$dir/master.m3u8", join '', $master, @better);
	system("chown -R postgres: $dir") unless $>;
	my %whole = ('12.better' => join('', $master, @better), '12.better.hd' => $master . $better[0], '12.better.sd' => $master);
	for my $subject (sort keys %whole) {
		my $list = $tv->get(address($subject, 'master.m3u8'));
		is("$list->{status} $list->{headers}{'content-type'}", '200 application/vnd.apple.mpegurl', $subject);
		is($list->{content}, $whole{$subject}, '  names what may be played');
		is(join(' ', map { status(address($subject, "${_}p/00003.m4s")) } 180, 360, 1080, 2160),
			join(' ', 200, 200, map { $whole{$subject} =~ /${_}p/ ? 200 : 403 } 1080, 2160), '  and opens no more');
		is(status(address($subject, 'en/subtitles.vtt')), 200, '  subtitles are of no quality');
	}
	is($tv->request('HEAD', address('12.better.sd', 'master.m3u8'))->{content}, '', 'HEAD');
	my $token = token('12.better.sd', time + 300);
	is(status("/media/$_/$token/master.m3u8"), 403, "the token of sd for $_") for '12.better', '12.better.hd', '12.better.uhd', '12.better.';
	is(status(address($_, 'master.m3u8')), 403, "no such quality: $_") for '12.better.xx', '12.better.sd.sd', '12.better.SD';
	is(status(address('4711.4711.sd', '360p/00003.m4s')), 200, 'a directory named like the id');
};

my %type = ('360p/init.mp4' => 'video/mp4', '360p/00003.m4s' => 'video/iso.segment', 'en/subtitles.vtt' => 'text/vtt; charset=utf-8');
is($tv->get(address('12.shown', $_))->{headers}{'content-type'}, $type{$_}, "$_ is $type{$_}") for sort keys %type;

subtest 'parts of a file, and HEAD' => sub {
	my $file = address('12.shown', '360p/00003.m4s');
	my $whole = read_file("$source/360p/00003.m4s");
	my $part = $tv->get($file, undef, headers => { Range => 'bytes=100-199' });
	is($part->{status}, 206, 'a range');
	is($part->{content}, substr($whole, 100, 100), 'is those bytes');
	is($part->{headers}{'content-range'}, 'bytes 100-199/' . length $whole, 'of so many');
	my $size = length $whole;
	for my $beyond ("$size-", '99999999-', '-0', '9' x 30 . '-') {
		my $r = $tv->get($file, undef, headers => { Range => "bytes=$beyond" });
		is_problem($r, 416, 'range_not_satisfiable', "none of $beyond");
		is($r->{headers}{'content-range'}, "bytes */$size", '  which says how long the file is');
	}
	for (['0-' . '9' x 30, $size], ['-99999999', $size], [$size - 1 . '-', 1], ['-1', 1], ["0-$size", $size]) {
		my ($range, $length) = @$_;
		my $r = $tv->get($file, undef, headers => { Range => "bytes=$range" });
		is("$r->{status} " . length $r->{content}, "206 $length", "of $range as much as there is");
	}
	for my $none ('bytes=5-2', 'bytes=a-b', 'bytes=-', 'items=0-1', 'bytes=0-1,4-5') {
		my $r = $tv->get($file, undef, headers => { Range => $none });
		is("$r->{status} " . length $r->{content}, "200 $size", "all of it for $none");
	}
	is($tv->get($file, undef, headers => { Range => 'bytes=99999999-', 'If-Range' => '"another"' })->{status}, 200, 'and when the range is of another version');
	is($tv->request('HEAD', $file, headers => { Range => 'bytes=99999999-' })->{status}, 200, 'HEAD knows no ranges');
	my $head = $tv->request('HEAD', $file);
	is($head->{status}, 200, 'HEAD');
	is($head->{headers}{'content-length'}, length $whole, 'says how long it is');
	is($head->{content}, '', 'and no more');
	is($tv->request($_, $file)->{status}, 405, $_) for qw(POST PUT DELETE PATCH);
	is($tv->request('OPTIONS', $file)->{headers}{allow}, 'GET, HEAD, OPTIONS', 'OPTIONS');
};

subtest 'every character of the address counts' => sub {
	my @open;
	for my $i (1 .. length($good) - 1) {
		for my $c (grep { $_ ne substr $good, $i, 1 } 'a', 'A', '0', '9', '-', '/', '.', 'z', lc substr($good, $i, 1), uc substr($good, $i, 1)) {
			my $altered = $good;
			substr($altered, $i, 1) = $c;
			my $status = status($altered);
			push @open, "$status $altered" unless $status =~ /^(400|403|404|410)$/;
		}
		my $cut = substr($good, 0, $i);
		my $status = status($cut);
		push @open, "$status $cut" unless $status =~ /^(403|404|410)$/ || $cut eq '/' && $status == 200;
	}
	is_deeply(\@open, [], 'refused each');
};

subtest 'over, forged, of something else' => sub {
	$r = $tv->get(address('12.shown', 'master.m3u8', time - 1));
	is_problem($r, 410, 'gone');
	is(status(address('12.shown', 'master.m3u8', time + 2)), 200, 'two seconds before its end');
	is(status(address('12.shown', 'master.m3u8', time)), 410, 'at its end');
	is_problem($tv->get(address('12.shown', 'master.m3u8', time + 300, 'another key, ' . 'x' x 40)), 403, 'forbidden');
	my $token = token('12.shown', time + 300);
	is(status("/media/$_/$token/master.m3u8"), 403, "the token of 12.shown for $_") for '13.shown', '12.4711', '4711', '12', 'shown', '12.shown.', '012.shown', '12..shown';
	my $live = time + 300 . '-' . hmac_sha256_hex("antenna/live\n12.shown\n" . (time + 300), $key);
	is(status("/media/12.shown/$live/master.m3u8"), 403, 'a token for something else');
	my $upper = address('12.shown', 'master.m3u8') =~ s{-([0-9a-f]{64})}{'-' . uc $1}er;
	is(status($upper), 403, 'in upper case');
	is(status("/media/$_"), 403, "/media/$_") for '', '12.shown', '12.shown/master.m3u8', '4711/master.m3u8', 'loose.mp4';
	is(status('/media'), 403, '/media');
};

subtest 'nothing but media, and nothing outside' => sub {
	is_problem($tv->get(address('12.shown', 'none.m3u8')), 404, 'not_found');
	is(status(address('4711', $_)), 404, $_) for 'notes.txt', 'no-extension', '.hidden.mp4', '360p', '360p/', '',
		'360p/00003.m4s/00003.m4s', '360p/00003.m4s/x.m4s', 'master.m3u8?x=1', 'master.m3u8;x', 'MASTER.m3u8', 'master.M3U8';
	for my $file ('../loose.mp4', '..%2floose.mp4', '%2e%2e/loose.mp4', '360p/../../loose.mp4', '%2e./loose.mp4', 'master%2em3u8', '360p//00003.m4s/../init.mp4', '..\\loose.mp4', '%00master.m3u8', 'master.m3u8%00.mp4') {
		my $answer = raw_response($tv->raw('GET ' . address('4711', $file) . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
		like($answer->{status}, qr/^40[034]$/, $file);
		unlike($answer->{content}, qr/secret|EXTM3U/, 'and nothing of it');
	}
	is(status(address('12.none', 'master.m3u8')), 404, 'a directory that is not there');
};

subtest 'a new key takes effect at once, and the one before it still holds' => sub {
	my $path = "$tv->{dir}/media.key";
	my $set = sub { write_file(@_); chown((getpwnam 'postgres')[2, 3], $_[0]) unless $> };
	$set->($path, 'first ' x 10);
	my $other = server($tv->{database}, env => { TV_MEDIA_KEY => '', TV_MEDIA_KEY_FILE => $path, TV_MEDIA_DIR => "$tv->{dir}/media" });
	my $old = address('12.shown', 'master.m3u8', undef, 'first ' x 10);
	is($other->get($old)->{status}, 200, 'the key of the file');
	$set->("$path.previous", 'first ' x 10);
	$set->($path, 'second ' x 10);
	is($other->get($old)->{status}, 200, 'after a rotation');
	is($other->get(address('12.shown', 'master.m3u8', undef, 'second ' x 10))->{status}, 200, 'and the new one');
	unlink "$path.previous";
	is($other->get($old)->{status}, 403, 'without the file of the one before, it is over');
	$set->($path, 'short');
	is_problem($other->get(address('12.shown', 'master.m3u8', undef, 'short')), 503, 'unavailable');
	$other->stop;
};

done_testing;

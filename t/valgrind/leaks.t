# Under valgrind: the unit tests, and every program through requests of its family; nothing is definitely lost, and nothing is
# read that was not written. make test-valgrind runs it.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Play;

plan(skip_all => 'valgrind is not installed') if system('command -v valgrind >/dev/null');
my $dir = TV::scratch();
my @valgrind = ('valgrind', '--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite', '--num-callers=20');

# What valgrind has to say in a log: nothing when all is well.
sub complaints
{
	my ($log) = @_;
	my $text = read_file($log);
	# what listens beside the workers ends by the signal itself, in the middle of it: what it holds is no leak
	return if $text =~ /Process terminating with default action of signal 15/;
	return "$log: not finished" if $text !~ /ERROR SUMMARY: (\d+) errors/;
	return $1 ? $text : ();
}

for my $unit (glob "$root/build/t/unit/*") {
	my ($name) = $unit =~ m{([^/]+)$};
	system("@valgrind --log-file=$dir/unit-$name $unit >/dev/null 2>&1");
	is(join('', complaints("$dir/unit-$name")), '', "unit test $name");
}

# --- the programs, each behind a script that lighttpd starts in its place

mkdir "$dir/bin";
mkdir "$dir/logs";
chmod 0777, "$dir/logs";
for my $program (grep { -x && !-d && !/\.json/ } glob "$bin/*") {
	my ($name) = $program =~ m{([^/]+)$};
	write_file("$dir/bin/$name", "#!/bin/sh\nexec @valgrind --log-file=$dir/logs/$name-%p $program \"\$@\"\n");
	chmod 0755, "$dir/bin/$name";
}
my $database = database();
my %id = seed($database);
my @movies = make_movies($database, 3);
rule($database, type => 'free', kind => $_) for qw(movie channel);
sql($database, "insert into live.source (channel_id, url) values ($id{channel}, 'https://stream.example/x')");
my $tv = do {
	local $TV::bin = "$dir/bin";
	server($database, cache => 1, env => { TV_WORKERS => 1 });
};
my $who = account($tv);
my $admin = admin($tv);
my ($user, $boss) = map { $_->{token} } $who, $admin;
my %status;
sub ask { my $r = $tv->request(@_); $status{ $r->{status} }++; return $r }

for my $round (1 .. 3) {
	ask('GET', $_, token => $user) for '/ondemand/movies', "/ondemand/movies/$movies[0]", "/ondemand/series/$id{series}/episodes", '/ondemand/home',
		'/livetv/channels', '/livetv/epg', "/livetv/channels/$id{channel}/epg?date=2026-01-31&tz=Europe/Oslo", '/users/me', '/users/me/export', '/users/history',
		'/search/global?q=seed', '/search/suggest?q=s', "/rights/access?ids=$movies[0]", '/subscriptions', '/auth/sessions', '/health', '/metrics', '/openapi.json',
		'/ondemand/movies?colour=red', '/nothing', '/users/me?x=%zz';
	ask('PUT', "/users/watchlist/$movies[0]", token => $user);
	ask('PATCH', '/users/me', token => $user, body => { name => "Round $round" });
	ask('PATCH', '/users/me', token => $user, body => $_) for { nothing => 1 }, '{"a":', '[]';
	ask('POST', '/auth/login', body => { email => $who->{email}, password => $_ }) for 'correct horse 7', 'wrong horse 7';
	ask('PUT', "/admin/ondemand/movies/$movies[1]", token => $boss, body => { title => "Round $round", min_age => 0 });
	ask('POST', "/admin/livetv/import?format=$_->[0]", token => $boss, body => read_file("$root/t/data/guides/$_->[1]"), type => 'text/plain')
		for ['xmltv', 'base.xml'], ['xmltv', 'packed.xml.gz'], ['xmltv', 'broken.xml.gz'], ['m3u', 'mess.m3u'];
	for my $path ("/play/ondemand/$movies[0]", "/play/live/$id{channel}") {
		my $session = ask('GET', $path, token => $user)->{json}{session_id} // 0;
		ask('POST', "/play/sessions/$session/heartbeat", token => $user, body => { position => 30 * $_, seq => $_, $_ == 3 ? (event => 'stop') : () }) for 1 .. 3;
	}
	ask('POST', "/ondemand/purchase/$id{series}", token => $user);
}
diag('answers: ' . join ', ', map { "$status{$_} of $_" } sort keys %status);
ok(!(grep { $_ >= 500 } keys %status), 'nothing failed');
$tv->stop;
my @logs = glob "$dir/logs/*";
cmp_ok(scalar @logs, '>=', 16, scalar(@logs) . ' processes were looked at');
my %lost;
for my $log (@logs) {
	my ($name) = $log =~ m{([^/-]+)-\d+$};
	push @{ $lost{$name} }, complaints($log);
}
is(join("\n", @{ $lost{$_} }), '', $_) for sort keys %lost;
done_testing();

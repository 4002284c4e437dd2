# An upgrade with the newest migration, as it is done: programs of a commit before it serve a database without it; it is
# migrated while they serve; then programs of now serve beside them. Nothing is lost, and each reads what the other writes.
use strict;
use warnings;
use Test::More;
use TV;

my ($newest) = map { s{.*/}{}r } (sort glob "$root/sql/schema/*.sql")[-1];
my $git = "git -C '$root' -c safe.directory='*'";
# a migration may have got another number since
chomp(my $made = qx($git log --follow --diff-filter=A --format=%H -1 -- 'sql/schema/$newest' 2>/dev/null) // '');
plan(skip_all => "git does not know which commit made $newest") unless $made =~ /^[0-9a-f]{40}$/;
# And so may those before it: the last commit all of whose migrations are as they are now.
sub migrations { my ($commit) = @_; return split /\n/, qx($git ls-tree $commit sql/schema/) }
my %now = map { $_ => 1 } migrations('HEAD');
chomp(my @earlier = qx($git rev-list $made^ -- sql/schema 2>/dev/null));
my ($last) = grep { !grep { !$now{$_} } migrations($_) } @earlier;
plan(skip_all => "there is nothing before $newest") unless $last;

# The tree before it, built.
my $old = TV::scratch();
chmod 0755, $old;
system("$git archive $last | tar -x -C $old") == 0 or die 'git archive';
my $said = qx(make -s -j2 -C $old build 2>&1);
is($?, 0, "the tree before $newest is built") or BAIL_OUT($said);

my $database = database('empty');
is(command($database, 'system', 'migrate', "$old/sql/schema")->{exit}, 0, 'a database without it');
my %id = seed($database);
my $before = do {
	local ($TV::root, $TV::bin) = ($old, "$old/build/bin");
	server($database);
};
my $who = account($before);

# Reads and writes one after the other until it is told to end: how many, and what failed.
sub client
{
	my ($tv) = @_;
	return background(sub {
		my ($to) = @_;
		my ($n, $stop, @failed) = (0, 0);
		$SIG{TERM} = sub { $stop = 1 };
		my @ask = (
			map({ my $path = $_; sub { $tv->get($path, $who->{token}) } } '/ondemand/movies', "/ondemand/movies/$id{movie}", '/livetv/epg', '/users/me', '/search/global?q=seed'),
			sub { $tv->put("/users/watchlist/$id{movie}", undef, $who->{token}) }, sub { $tv->request('PATCH', '/users/me', token => $who->{token}, body => { name => "N $n" }) });
		while (!$stop) {
			my $r = $ask[$n++ % @ask]->();
			push @failed, "$r->{what} $r->{status} $r->{content}" if $r->{status} !~ /^20[04]$/;
		}
		print $to "$n\n", map { s/\n/ /gr . "\n" } @failed;
	});
}

sub ended
{
	my ($name, $pid, $read) = @_;
	kill 'TERM', $pid;
	chomp(my ($n, @failed) = <$read>);
	end_process($pid);
	cmp_ok($n, '>', 20, "$name: $n requests");
	is_deeply(\@failed, [], '  and none failed');
}

my @first = client($before);
ok(wait_for(sub { $before->get('/users/me', $who->{token})->{json}{name} =~ /^N/ }, 20), 'programs of before serve');
my $done = command($database, 'system', 'migrate', "$root/sql/schema");
is($done->{exit}, 0, "$newest is applied while they do") or diag($done->{err});
my $after = server($database);
my @second = client($after);
is($after->get('/users/me', $who->{token})->{status}, 200, 'programs of now serve beside them');
is($after->request('PATCH', '/users/me', token => $who->{token}, body => { country => 'SE' })->{status}, 200, 'what the new ones write');
is($before->get('/users/me', $who->{token})->{json}{country}, 'SE', '  the old ones read');
sleep 2;
ended('of before', @first);
ended('of now', @second);
done_testing();

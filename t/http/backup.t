# The drill that a backup is for: one is made while people write, restored into a new database, everything in it is the same,
# and the system starts on it: people sign in and see what they had. Old ones go; what fails leaves nothing half.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);
is($tv->put("/users/watchlist/$id{movie}", '', $who->{token}, type => undef)->{status}, 204, 'something to keep');

my $dir = TV::scratch();
sub backup
{
	my ($database, @arguments) = @_;
	local $ENV{TV_OWNER_URL} = sql_url('tv_owner', $database);
	my $text = join '', map { "$_" } qx(@{[join ' ', TV::as_user("$root/conf/backup.sh", @arguments)]} 2>&1);
	return ($? >> 8, $text);
}

# Rows and a sum over all of them, of each table.
sub sums
{
	my ($database) = @_;
	my @tables = split /\n/, sql($database, q{select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname not in ('pg_catalog', 'information_schema') order by 1});
	return { map { $_ => sql($database, "select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from $_ t") } @tables };
}

my ($exit, $said) = backup($database, $dir);
is($exit, 0, 'a backup is made') or diag($said);
my ($file) = $said =~ /^(\S+\.dump): [1-9]\d* bytes$/;
ok($file && -s $file, '  and named') or BAIL_OUT($said);
is((stat $file)[2] & 077, 0, '  for nobody else');

my $restored = database('empty');
system('pg_restore', '--exit-on-error', '-d', sql_url('postgres', $restored), $file);
is($?, 0, 'it is restored into a new database');
my ($was, $is) = (sums($database), sums($restored));
cmp_ok(scalar keys %$was, '>', 20, 'tables');
is_deeply($is, $was, 'and every row of each is the same');
is(sql($restored, "select sum(last_value) from pg_sequences where last_value is not null"),
	sql($database, "select sum(last_value) from pg_sequences where last_value is not null"), 'numbers go on where they were');

my $again = server($restored);
my $back = TV::login($again, { email => $who->{email}, password => $who->{password} });
is_deeply([map { $_->{content}{id} // $_->{id} } @{ $again->get('/users/watchlist', $back->{token})->{json}{items} }], [$id{movie}],
	'on it people sign in and have what they had');
my $new = account($again);
ok($new->{id}, 'and new ones come');
for my $program (qw(auth users ondemand livetv system)) {
	is(command($restored, $program, '--check')->{exit}, 0, "$program: grants and queries fit");
}

# Retention.
for my $day ('01' .. '05') {
	write_file("$dir/antenna-202001${day}T000000Z.dump", 'old');
}
write_file("$dir/mine.dump", 'not one of ours');
($exit) = backup($database, $dir, 3);
is($exit, 0, 'one more, of which three are kept');
my @kept = map { s{.*/}{}r } glob "$dir/antenna-*.dump";
is(scalar @kept, 3, '  three are there');
ok(!(grep { /2020010[1-4]/ } @kept), '  the newest');
ok(-e "$dir/mine.dump", '  and nothing else is touched');

($exit, $said) = backup("no_such_$$", $dir);
isnt($exit, 0, 'a database that is not there fails');
like($said, qr/no backup was made/, '  and says so');
is_deeply([map { s{.*/}{}r } glob "$dir/antenna-*.dump"], \@kept, '  leaving the others');
is(scalar(() = glob "$dir/*.new"), 0, '  and nothing half');
isnt((backup($database, "$dir/missing"))[0], 0, 'nor is a directory made up');
isnt((backup($database, $dir, '0'))[0], 0, 'or all backups deleted');
done_testing();

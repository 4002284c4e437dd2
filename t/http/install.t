# make install: what it puts where serves, takes settings and keys from files, exchanges everything under load without a loss,
# answers nothing from before a restart; a newer schema is no trouble, an older one is said. make uninstall leaves the settings.
use strict;
use warnings;
use File::Find qw(find);
use File::Temp ();
use Test::More;
use Time::HiRes qw(sleep);
use TV;

my $dir = TV::scratch();
my $port = TV::free_port();
my $database = database();
seed($database);

sub make
{
	my ($target) = @_;
	return qx(make -s -C '$root' $target PREFIX=$dir/usr ETC=$dir/etc STATE=$dir/var RUN=$dir/var/run 2>&1);
}

like(make('install'), qr/\A\z/, 'make install says nothing');
is($?, 0, '  and ends well') or BAIL_OUT('not installed');
ok(-x "$dir/usr/lib/antenna/$_", "$_ is there") for map { s{.*/}{}r } grep { -x && !/json/ } glob "$root/build/bin/*";
my $unfilled = qx(grep -rlE '\@(ETC|STATE|RUN|BIN|SBIN)\@' $dir/usr/sbin $dir/etc $dir/usr/share/antenna/conf/antenna.sh);
is($unfilled, '', 'no place is left to fill in');
write_file("$dir/etc/tv.env", read_file("$dir/etc/tv.env") . "# mine\n");
make('install');
like(read_file("$dir/etc/tv.env"), qr/^# mine$/m, 'a second one leaves the settings alone');

# --- as an operator does it

my %set = (TV_USER => $> ? '' : 'postgres', TV_PORT => $port, TV_DATABASE_URL => sql_url('tv_%p', $database), TV_BCRYPT_COST => 4,
	TV_WORKERS => 2, map { ("TV_RATE_$_" => 'off') } qw(LOGIN API WRITE));
write_file("$dir/etc/tv.env", join '', map { "$_=$set{$_}\n" } sort keys %set);
write_file("$dir/etc/owner.env", 'TV_OWNER_URL=' . sql_url('tv_owner', $database) . "\n");
delete $ENV{$_} for grep { /^TV_(?!TEST)/ } keys %ENV;
my $antenna = "$dir/usr/sbin/antenna";
sub antenna { return scalar qx($antenna @_ 2>&1) }

is(antenna('keys'), '', 'keys are made');
my $key = read_file("$dir/etc/keys/jwt.key");
cmp_ok(length $key, '>=', 32, '  long enough');
is((stat "$dir/etc/keys/jwt.key")[2] & 077, 0, '  for nobody else');
antenna('keys');
is(read_file("$dir/etc/keys/jwt.key"), $key, '  and only once');
is(antenna('migrate'), '', 'the database is up to date');
is($?, 0, '  which is no error');
like(antenna('nothing'), qr/^usage: antenna/, 'a command that is none is explained');

my $tv = bless { dir => "$dir/var", database => $database, http => HTTP::Tiny->new(timeout => 20, keep_alive => 0), port => $port }, 'TV';
sub start
{
	$tv->{pid} = start_process("$dir/log", {}, $antenna, 'web');
	ok(wait_for(sub { $tv->is_up }, 20), 'it serves') or diag(read_file("$dir/log"));
}

start();
is($tv->get('/openapi.json')->{status}, 200, 'with the description of the API');
like($tv->get('/')->{content}, qr/<html/, 'and the pages');
my $token = account($tv)->{token};
my $path = '/ondemand/movies?limit=5';
my $before = $tv->get($path, $token);
is($before->{status}, 200, 'and films');

subtest 'an upgrade under load' => sub {
	my ($client, $read) = background(sub {
		my ($to) = @_;
		my ($n, $stop, @failed) = (0, 0);
		$SIG{TERM} = sub { $stop = 1 };
		while (!$stop) {
			my $r = $tv->get('/ondemand/movies?limit=' . (1 + $n++ % 100), $token, headers => { Connection => 'close' });
			push @failed, "$r->{status} $r->{content}" if $r->{status} != 200;
		}
		print $to "$n\n", map { s/\n/ /gr . "\n" } @failed;
	});
	my @old = $tv->program_pids('ondemand');
	my $more = File::Temp->newdir;
	chmod 0755, $more;
	system("cp $root/sql/schema/*.sql $more/") == 0 or die;
	write_file("$more/999-more.sql", 'alter table content.item add column if not exists of_the_next_version int;');
	my $migrated = command($database, 'system', 'migrate', "$more");
	is($migrated->{exit}, 0, 'the schema of the next version') or diag($migrated->{err});
	like(make('install'), qr/\A\z/, 'programs are exchanged');
	is(antenna('reload'), '', 'and taken over');
	ok(wait_for(sub { my ($m) = $tv->program_pids('ondemand'); $m && $m != $old[0] }, 20), '  by new processes');
	sleep 0.5;
	kill 'TERM', $client;
	chomp(my ($asked, @failed) = <$read>);
	end_process($client);
	cmp_ok($asked, '>', 20, "$asked requests");
	is_deeply(\@failed, [], '  and none was lost');
	like(antenna('migrate'), qr/\Amigrate: the database has schema 999 \(999-more\.sql\), newer than this program's \d+ .*: nothing was changed$/, 'an older program says that it is one');
	is($? >> 8, 3, '  by its exit status, too');
};

subtest 'a configuration that is not valid' => sub {
	local $ENV{TV_HOSTS} = '$(';
	like(antenna('reload'), qr/nothing is changed/, 'is refused');
	is($tv->get('/health/live')->{status}, 200, '  while it goes on');
};

$tv->stop;
sql($database, "update content.item set title = 'Renamed while away'");
start();
my ($renamed) = map { $_->{title} } @{ $tv->get($path, $token)->{json}{items} };
is($renamed, 'Renamed while away', 'nothing is answered from before the restart');
is(scalar(my @kept = glob "$dir/var/cache/*"), 1, 'one directory of kept answers');
$tv->stop;

# --- programs that are newer than their database

sql($database, "delete from public.schema_migration where version >= (select max(version) from public.schema_migration where version < 999)");
start_process("$dir/log2", {}, $antenna, 'web');
ok(wait_for(sub { $tv->get('/health/live')->{status} == 200 }, 20), 'one migration behind, it starts');
is_problem($tv->get('/ondemand/movies', $token), 503, 'database_away', 'and says 503');
like(join('', map { read_file($_) } glob "$dir/var/log/antenna.log"), qr/the database has schema \d+, this build needs \d+/, 'with the reason in the log');

# --- everything below a home directory, with a PostgreSQL of its own

subtest 'as an ordinary user does it' => sub {
	my $home = TV::scratch();
	my @make = ('make', '-s', '-C', $root, 'install', "PREFIX=$home/antenna", "STATE=$home/antenna/var");
	is(system("@make > $dir/make.log 2>&1"), 0, 'installed') or return diag(read_file("$dir/make.log"));
	my $own = "$home/antenna/sbin/antenna";
	my $own_port = TV::free_port();
	write_file("$home/antenna/etc/antenna/tv.env", "TV_USER=$set{TV_USER}\nTV_PORT=$own_port\nTV_WORKERS=1\nTV_BCRYPT_COST=4\n");
	is(scalar(qx($own keys 2>&1)), '', 'with its keys');
	ok(-d "$home/antenna/var", 'and the directory into which cron writes');
	my $serve = start_process("$dir/serve.log", {}, $own, 'serve');
	my $mine = bless { %$tv, dir => "$home/antenna/var", port => $own_port, pid => $serve }, 'TV';
	ok(wait_for(sub { $mine->is_up }, 60), 'it serves') or return diag(read_file("$dir/serve.log"));
	write_file("$home/password", 'small blue kettle');
	like(qx($own users create eve\@example.org --admin < $home/password 2>&1), qr/created admin/, 'commands find its PostgreSQL');
	my $import = qx(cd $root/t/data && $own ondemand import titles.csv 2>&1);
	like($import, qr/read 5, created 4/, '  and files by their names from here');
	my $tokens = $mine->post('/auth/login', { email => 'eve@example.org', password => 'small blue kettle' })->{json};
	is($mine->get('/ondemand/movies', $tokens->{access_token})->{status}, 200, 'who was made there signs in');
	mkdir "$home/backups";
	chown((getpwnam 'postgres')[2, 3], "$home/backups") unless $>;
	like(qx(cd $home && $own backup backups 2>&1), qr{^backups/antenna-\S+\.dump: \d+ bytes$}, '  and a directory by its name from here');
	like(qx(TV_STATE=$home/antenna/var/other $own serve 2>&1), qr/^antenna: port $own_port is in use/m, 'a second one on the same port is refused');
	unlike(read_file("$home/antenna/etc/antenna/logrotate.conf"), qr/\@|\bsu\b/, 'logs are rotated as oneself');
	is(scalar(qx($own serve --if-stopped 2>&1)), '', 'a second start from cron says nothing');
	is($?, 0, '  and is no failure');
	my @kept = glob "$home/antenna/var/cache/*";
	like(qx($own web 2>&1), qr/already running/, 'a second web server is refused');
	ok(-d $kept[0], '  and leaves the answers of the first alone');
	is(scalar(qx(PGHOST=$home/antenna/var/run PGUSER=postgres psql -Xqc "insert into public.schema_migration values (999, 'more', '')" antenna 2>&1)), '',
		'its database is of a newer version');
	TV::end_process($serve);
	ok(!$mine->is_up, 'and it ends');
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout $home/key.pem -out $home/cert.pem 2>/dev/null") == 0 or die;
	chown((getpwnam 'postgres')[2, 3], glob "$home/*.pem") unless $>;
	$serve = start_process("$dir/serve.log", { TV_TLS_CERT => "$home/cert.pem", TV_TLS_KEY => "$home/key.pem" }, $own, 'serve');
	ok(wait_for(sub { read_file("$dir/serve.log") =~ m{^Antenna runs at https://127\.0\.0\.1:$own_port/$}m }, 60), 'it serves TLS as well')
		or diag(read_file("$dir/serve.log"));
	like(read_file("$dir/serve.log"), qr/^migrate: the database has schema 999 /m, '  and by a database that is newer');
	TV::end_process($serve);
};

make('uninstall');
my @left;
find({ no_chdir => 1, wanted => sub { push @left, $_ if -f || -l } }, "$dir/usr", "$dir/etc");
is_deeply([sort @left], [map { "$dir/etc/$_" } qw(keys/jwt.key keys/media.key owner.env tv.env)], 'make uninstall leaves settings and keys only');
done_testing();

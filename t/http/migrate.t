# Migrations: applied once and in order, whoever runs them, and never changed afterwards; every program's queries fit the result.
use strict;
use warnings;
use File::Temp;
use IO::Socket::INET;
use Test::More;
use TV;

# A directory of migrations that the serving user can read.
sub directory
{
	my (%files) = @_;
	my $dir = File::Temp->newdir;
	chmod 0755, "$dir";
	write_file("$dir/$_", $files{$_}) for keys %files;
	return $dir;
}

sub migrate { my ($database, $dir) = @_; return command($database, 'system', 'migrate', "$dir") }

my $database = database('empty');
my $done = migrate($database, "$root/sql/schema");
is($done->{exit}, 0, 'an empty database is brought up to date') or diag($done->{err});
is(sql($database, "select to_regclass('content.item') is not null"), 't', 'the tables are there');
$done = migrate($database, "$root/sql/schema");
is($done->{exit}, 0, 'again');
unlike($done->{out}, qr/applied/, '  applies nothing');

my %two = ('001-a.sql' => 'create table public.a (n int);', '002-b.sql' => 'create table public.b (n int);');
my $small = database('empty');
is(migrate($small, directory(%two))->{exit}, 0, 'two migrations') or diag('not applied');
$done = migrate($small, directory(%two, '001-a.sql' => 'create table public.a (n bigint);'));
isnt($done->{exit}, 0, 'a changed file that was applied is refused');
like($done->{err}, qr/001-a/, '  and named');
$done = migrate($small, directory(%two, '003-c.sql' => "create table public.c (n int);\nselect 1/0;"));
isnt($done->{exit}, 0, 'a failing one fails');
is(sql($small, "select to_regclass('public.c') is null"), 't', '  and leaves nothing');
is(migrate($small, directory(%two, '003-c.sql' => 'create table public.c (n int);'))->{exit}, 0, 'put right, it is applied');
is(sql($small, "select to_regclass('public.c') is not null"), 't', '  and there');

subtest 'a database that is newer than the program' => sub {
	my $state = q{select md5(string_agg(t::text, ',')) || (select string_agg(xmin || ' ' || relname, ',' order by relname) from pg_class where relname = 'schema_migration')
		from public.schema_migration t};
	my $before = sql($small, $state);
	for my $files ({ %two }, { %two, '000-z.sql' => 'create table public.z (n int);' }, { '001-a.sql' => 'select 2;' }) {
		$done = migrate($small, directory(%$files));
		is($done->{exit}, 3, 'is told from a failure') or diag("$done->{out}$done->{err}");
		my ($last) = reverse sort keys %$files;
		my $number = 0 + substr($last, 0, 3);
		is($done->{err}, "migrate: the database has schema 3 (003-c.sql), newer than this program's $number ($last): nothing was changed\n", '  with both versions');
		is($done->{out}, '', '  and nothing else');
		is(sql($small, $state), $before, '  and nothing has changed');
	}
};

subtest 'two at once' => sub {
	my $both = database('empty');
	my $dir = directory('001-a.sql' => 'create table public.a (n int); select pg_sleep(0.5);');
	my @running = map { [background(sub { my ($to) = @_; print $to migrate($both, $dir)->{exit} })] } 1, 2;
	for (@running) {
		my ($pid, $from) = @$_;
		is(<$from>, 0, 'both end well');
		end_process($pid);
	}
	is(sql($both, "select count(*) from pg_tables where tablename = 'a'"), 1, 'one table');
};

subtest 'a server that does not answer' => sub {
	my $deaf = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	local $ENV{TV_OWNER_URL} = 'postgresql://tv_owner@127.0.0.1:' . $deaf->sockport . '/antenna';
	my $said = qx(timeout 60 $bin/system migrate $root/sql/schema 2>&1);
	is($? >> 8, 1, 'is not waited for');
	like($said, qr/^migrate: no connection: .*timeout expired/, 'and told');
};

# The grants are what the queries use: each program connects as its own role and prepares each of them.
for my $program (sort map { $_->{program} } @{ [ values %{ { map { $_->{program} => $_ } routes() } } ] }) {
	my $check = command($database, $program, '--check');
	is($check->{exit}, 0, "$program --check") or diag($check->{out}, $check->{err});
}
my $stale = command($small, 'ondemand', '--check');
isnt($stale->{exit}, 0, 'against another schema --check fails');

done_testing();

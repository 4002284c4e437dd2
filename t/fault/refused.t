# A connection to PostgreSQL that is ended while it is made, as by an administrator or a pooler that restarts, is made once more, and
# nobody is told that the database is away. Between the two stands a process of this test, which refuses as many as it is told.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $dir = TV::scratch();
my $name = '.s.PGSQL.5432';
my $real = TV::cluster()->{dir} . "/run/$name";
my $listen = IO::Socket::UNIX->new(Local => "$dir/$name", Listen => 50) or die "listen: $!";
chmod 0777, "$dir/$name";

sub pass_on
{
	my ($one) = @_;
	my $other = IO::Socket::UNIX->new(Peer => $real) or return;
	my $both = IO::Select->new($one, $other);
	while (my @ready = $both->can_read) {
		for my $from (@ready) {
			sysread($from, my $bytes, 65536) or return;
			syswrite $from == $one ? $other : $one, $bytes;
		}
	}
}

sub refuse { my ($n) = @_; write_file("$dir/left.new", $n); rename "$dir/left.new", "$dir/left" or die "rename: $!" }
refuse(0);
background(sub {
	$SIG{CHLD} = 'IGNORE';
	while () {
		my $s = $listen->accept or next;
		my $left = read_file("$dir/left");
		if ($left > 0) {
			refuse($left - 1);
		} elsif (!(fork // die "fork: $!")) {
			pass_on($s);
			POSIX::_exit(0);
		}
		close $s;
	}
});

my $tv = server($database, env => { TV_DATABASE_URL => "postgresql://tv_%p@/$database?host=$dir", TV_WORKERS => 1 });
my $who = account($tv);
sub asked { return $tv->get("/ondemand/movies/$id{movie}", $who->{token})->{status} }
sub end_connections { return sql('postgres', "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '$database' and usename = 'tv_ondemand'") }

is(asked(), 200, 'all is well');
refuse(1);
is(end_connections(), 1, 'its connection is ended');
is(asked(), 200, '  and the next one, while it is made: a read is answered');
is(read_file("$dir/left"), 0, '  by a third');
refuse(1000);
end_connections();
is(asked(), 503, 'where all are refused it is not');
cmp_ok(read_file("$dir/left"), '>', 990, '  after a few');
refuse(0);
ok(wait_for(sub { asked() == 200 }), 'until they are taken again');
done_testing();

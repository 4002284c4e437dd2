# Writers and readers at once: no answer is from before a write that was acknowledged when the reader asked. The control asks the
# same of programs that read the generation after the query, and must see such answers. TV_LONG=1: 20 seconds, and the control.
use strict;
use warnings;
use Fcntl;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

my ($writers, $readers, $seconds) = (2, 3, $ENV{TV_LONG} ? 20 : 4);
my $database = database();
my %id = seed($database);

# What was acknowledged last, a number a writer, where every process can see it.
sub acknowledged { sysseek $_[0], 12 * $_[1], 0; sysread $_[0], my $n, 12; return 0 + ($n || 0) }
sub acknowledge { sysseek $_[0], 12 * $_[1], 0; syswrite $_[0], sprintf '%011d ', $_[2] }

# Answers (reads, reads of before an acknowledged write).
sub race
{
	my ($tv) = @_;
	my @movies = map { sql($database, "with i as (insert into content.item (kind, title, min_age) values ('movie', 'Take 0', 0) returning id)
		insert into content.movie (id) select id from i returning id") } 1 .. $writers;
	my ($token, $admin) = (account($tv)->{token}, admin($tv)->{token});
	my $path = "$tv->{dir}/acknowledged";
	write_file($path, sprintf('%011d ', 0) x $writers);
	my $end = time + $seconds;
	my @running = map {
		my $i = $_;
		[background(sub {
			sysopen my $shared, $path, O_RDWR or die $!;
			my ($n, $stale) = (0, 0);
			while (time < $end) {
				if ($i < $writers) {
					my $put = $tv->put("/admin/ondemand/movies/$movies[$i]", { title => 'Take ' . ++$n, min_age => 0 }, $admin);
					acknowledge($shared, $i, $n) if $put->{status} == 200;
				} else {
					my $of = $n++ % $writers;
					my $known = acknowledged($shared, $of);
					my ($take) = $tv->get("/ondemand/movies/$movies[$of]", $token)->{content} =~ /"Take (\d+)"/ or die 'no answer';
					$stale++ if $take < $known;
				}
			}
			print { $_[0] } "$n $stale\n";
		})];
	} 0 .. $writers + $readers - 1;
	my @said = map { my ($pid, $from) = @$_; my $line = <$from>; end_process($pid); [split / /, $line // 'died'] } @running;
	my ($reads, $stale) = (0, 0);
	$reads += $_->[0], $stale += $_->[1] for @said[$writers .. $#said];
	note(join ', ', map({ "$_->[0] writes" } @said[0 .. $writers - 1]), "$reads reads, $stale of before an acknowledged write");
	return ($reads, $stale);
}

my ($reads, $stale) = race(server($database, cache => 1));
cmp_ok($reads, '>', 100, "$reads reads");
is($stale, 0, 'none is of before an acknowledged write');

SKIP: {
	skip 'the control takes TV_LONG=1', 1 unless $ENV{TV_LONG};
	my $late = "$root/build/late";
	system("cd $root && make -s B=build/late OPT='-O2 -g -DGENERATION_LATE' >&2") == 0 or die 'make';
	local $TV::bin = "$late/bin";
	(undef, $stale) = race(server($database, cache => 1));
	cmp_ok($stale, '>', 0, 'programs that read the generation after the query are seen to be wrong');
}
done_testing();

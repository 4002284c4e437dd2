package TV::Postgres;
# One PostgreSQL for the whole prove run (t/run sets TV_TEST_CLUSTER), else one for this file.
use strict;
use warnings;
use Exporter qw(import);
use TV::Process;

our @EXPORT = qw(@cluster_settings cluster cluster_pid end_cluster sql_url sql);

our @cluster_settings = qw(fsync=off synchronous_commit=off full_page_writes=off max_connections=400 shared_buffers=64MB);
my $cluster;

sub cluster
{
	my (%option) = @_;
	return $cluster if $cluster;
	return $cluster = { dir => $ENV{TV_TEST_CLUSTER} } if $ENV{TV_TEST_CLUSTER};
	my $dir = scratch();
	my $pid = start_process("$dir/log", {}, @{ $option{inside} || [] }, "$root/conf/postgres.sh", 'run', $dir, @cluster_settings,
		@{ $option{settings} || [] });
	$cluster = { dir => $dir, pid => $pid };
	wait_for { system("$root/conf/postgres.sh ready $dir >/dev/null 2>&1") == 0 || !is_alive($pid) } 120 and is_alive($pid)
		or die "PostgreSQL does not start: " . read_file("$dir/log");
	return $cluster;
}

# A cluster of one's own, for tests that stop it. Options: settings => […] besides, inside => a command that runs it.
sub cluster_pid
{
	delete $ENV{TV_TEST_CLUSTER};
	return cluster(@_)->{pid};
}

sub end_cluster { end_process($cluster->{pid}, 'INT') if $cluster && $cluster->{pid} }

sub sql_url
{
	my ($role, $database) = @_;
	return "postgresql://$role@/$database?host=" . cluster()->{dir} . '/run';
}

# Runs SQL as superuser; the rows as text, columns with | between them.
sub sql
{
	my ($database, $text) = @_;
	open my $out, '-|', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', sql_url('postgres', $database), '-c', $text
		or die "psql: $!";
	local $/;
	my $rows = <$out> // '';
	close $out or die "psql failed: $text\n";
	return $rows =~ s/\n\z//r;
}

1;

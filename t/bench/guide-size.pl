#!/usr/bin/perl
# What a window of the guide touches where there is little and where there is much:
#   t/bench/guide-size.pl [--channels 41105] [--programmes 3000000] [--few 100000]
# A PostgreSQL of its own (not safe against a crash: it is thrown away), channels from ../shared/data where it exists. Prints the
# plan of 25 channels x 4 hours, its buffers and its time, at both sizes; exits 1 when the plans differ, or when one reads a table
# whole or sorts more than it shows.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use POSIX qw(strftime);
use TV;

my %o = (channels => 41105, programmes => 3000000, few => 100000);
GetOptions(\%o, 'channels=i', 'programmes=i', 'few=i') or exit 2;
my $file = "$root/../shared/data/channels/channels.csv";
my $database = database();

if (-r $file) {
	my $done = command($database, 'livetv', 'import-channels', $file);
	die $done->{err} if $done->{exit};
	sql($database, 'update live.channel set hidden = false where hidden');
} else {
	sql($database, "with i as (insert into content.item (kind, title, min_age)
		select 'channel', 'Channel ' || n, 0 from generate_series(1, $o{channels}) n returning id, substr(title, 9)::int as n)
		insert into live.channel (id, number, country) select id, n, (array['NO', 'SE', 'DK'])[1 + n % 3] from i");
}
my $channels = sql($database, 'select count(*) from live.channel');

# Programmes of an hour, as many on each channel, around now.
sub fill
{
	my ($programmes) = @_;
	my $each = int($programmes / $channels) || 1;
	sql($database, qq{truncate live.programme; set session_replication_role = replica;
		insert into live.programme (channel_id, start_at, end_at, title, synopsis)
		select c.id, s.at, s.at + interval '1 hour', 'Programme ' || n, repeat('Synopsis. ', 8)
		from live.channel c
		cross join generate_series(0, $each - 1) n
		cross join lateral (select date_trunc('hour', now()) + (n - $each / 2) * interval '1 hour' as at) s
		order by c.id, n});
	sql($database, "vacuum (analyze) $_") for qw(live.programme live.lineup live.channel content.item);
	return sql($database, 'select count(*) from live.programme');
}

my ($epg) = read_file("$bin/../gen/livetv.queries.c") =~ /^\t\{ "epg",\s+"((?:[^"\\]|\\.)*)" \},?$/m or die "no statement epg\n";
$epg =~ s/\\(.)/$1/g;

# The plan as the program's prepared statement has it, run for the second time: its lines without numbers, buffers, milliseconds, faults.
sub measure
{
	my $hour = int(time / 3600) * 3600;
	my ($from, $to) = map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_) } $hour, $hour + 4 * 3600;
	my $run = "execute q(18, null, null, null, '$from', '$to', null, 25, null, null)";
	my $out = sql($database, "set plan_cache_mode to force_generic_plan; prepare q as $epg; $run; explain (analyze, buffers, format json) $run");
	my $plan = json_of('[' . (split /^\[$/m, $out)[-1])->[0];
	my (@shape, @faults);
	my $walk;
	$walk = sub {
		my ($node, $depth) = @_;
		push @shape, '  ' x $depth . join ' ', grep { defined } @$node{'Node Type', 'Relation Name', 'Index Name'};
		push @faults, "$shape[-1] reads a table whole" if $node->{'Node Type'} eq 'Seq Scan' && $node->{'Actual Loops'};
		push @faults, "$shape[-1] sorts $node->{'Actual Rows'} rows" if $node->{'Node Type'} =~ /Sort/ && $node->{'Actual Rows'} > 300;
		$walk->($_, $depth + 1) for @{ $node->{Plans} || [] };
	};
	$walk->($plan->{Plan}, 0);
	return { shape => join("\n", @shape), buffers => $plan->{Plan}{'Shared Hit Blocks'} + $plan->{Plan}{'Shared Read Blocks'},
		rows => $plan->{Plan}{'Actual Rows'}, ms => $plan->{'Execution Time'}, faults => \@faults };
}

my @found;
for my $programmes ($o{few}, $o{programmes}) {
	my $there = fill($programmes);
	push @found, my $m = measure();
	printf "%d channels, %d programmes: %d rows, %d buffers, %.2f ms\n", $channels, $there, @$m{qw(rows buffers ms)};
	print "  fault: $_\n" for @{ $m->{faults} };
}
my $same = $found[0]{shape} eq $found[1]{shape};
print $same ? "the same plan:\n$found[0]{shape}\n" : "the plans differ:\n$found[0]{shape}\n---\n$found[1]{shape}\n";
my @faults = map { @{ $_->{faults} } } @found;
exit($same && !@faults ? 0 : 1);

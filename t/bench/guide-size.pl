#!/usr/bin/perl
# What a window of the guide touches where there is little and where there is much:
#   t/bench/guide-size.pl [--channels 41105] [--programmes 3000000] [--few 100000]
# A PostgreSQL of its own (not safe against a crash: it is thrown away), channels from ../shared/data where it exists. Prints the
# plans of 4 hours of 25 channels, the next ones of all and named ones, with buffers and times, at both sizes; exits 1 when a plan
# differs between them, reads a table whole, or sorts more than it shows.
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
	sql($database, qq{truncate live.programme, live.guide_page; set session_replication_role = replica;
		insert into live.programme (channel_id, start_at, end_at, title, synopsis)
		select c.id, s.at, s.at + interval '1 hour', 'Programme ' || n, repeat('Synopsis. ', 8)
		from live.channel c
		cross join generate_series(0, $each - 1) n
		cross join lateral (select date_trunc('hour', now()) + (n - $each / 2) * interval '1 hour' as at) s
		order by c.id, n;
		select live.lay_out(array_agg(distinct p.channel_id), min(p.start_at), max(p.end_at)) from live.programme p});
	sql($database, "vacuum (analyze) $_") for qw(live.programme live.guide_page live.lineup live.channel content.item);
	return sql($database, 'select count(*) from live.programme');
}

# As the programs have it.
sub statement
{
	my ($name) = @_;
	my ($text) = read_file("$bin/../gen/livetv.queries.c") =~ /^\t\{ "$name",\s+"((?:[^"\\]|\\.)*)"(?:, true)? \},?$/m or die "no statement $name\n";
	return $text =~ s/\\(.)/$1/gr;
}

# The lines of a plan without numbers, and what is wrong with it.
sub walk
{
	my ($node, $depth) = @_;
	my $line = '  ' x $depth . join ' ', grep { defined } @$node{'Node Type', 'Relation Name', 'Index Name'};
	my @faults;
	push @faults, "$line reads a table whole" if $node->{'Node Type'} eq 'Seq Scan' && $node->{'Actual Loops'};
	push @faults, "$line sorts $node->{'Actual Rows'} rows" if $node->{'Node Type'} =~ /Sort/ && $node->{'Actual Rows'} > 300;
	my @below = map { walk($_, $depth + 1) } @{ $node->{Plans} || [] };
	return { shape => join("\n", $line, map { $_->{shape} } @below), faults => [@faults, map { @{ $_->{faults} } } @below] };
}

# The plan as the program's prepared statement has it, run for the second time: its lines, buffers, rows, milliseconds, faults.
sub measure
{
	my ($name, $named) = @_;
	my $hour = int(time / 3600) * 3600;
	my ($from, $to) = map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_) } $hour, $hour + 4 * 3600;
	my $run = "execute q(18, null, null, null, '$from', '$to', $named, 25, null, null)";
	my $out = sql($database, "set plan_cache_mode to force_generic_plan; prepare q as " . statement($name)
		. "; $run; explain (analyze, buffers, format json) $run");
	my $explained = json_of('[' . (split /^\[$/m, $out)[-1])->[0];
	my $plan = $explained->{Plan};
	return { %{ walk($plan, 0) }, buffers => $plan->{'Shared Hit Blocks'} + $plan->{'Shared Read Blocks'},
		rows => $plan->{'Actual Rows'}, ms => $explained->{'Execution Time'} };
}

my $apart = int($channels / 25) || 1;
my $ids = sql($database, "select string_agg(id::text, ',') from (select id from live.channel where number % $apart = 0 order by number limit 25) c");
my %channels_of = (epg => 'null', epg_of_channels => "'{$ids}'");

my (%found, $wrong);
for my $programmes ($o{few}, $o{programmes}) {
	my $there = fill($programmes);
	for my $name (sort keys %channels_of) {
		push @{ $found{$name} }, my $m = measure($name, $channels_of{$name});
		printf "%-16s %d channels, %d programmes: %d rows, %d buffers, %.2f ms\n", "$name:", $channels, $there, @$m{qw(rows buffers ms)};
		print "  fault: $_\n" for @{ $m->{faults} };
		$wrong ||= @{ $m->{faults} };
	}
}
for my $name (sort keys %found) {
	my ($few, $many) = map { $_->{shape} } @{ $found{$name} };
	print $few eq $many ? "$name has the same plan:\n$few\n" : "the plans of $name differ:\n$few\n---\n$many\n";
	$wrong ||= $few ne $many;
}
exit($wrong ? 1 : 0);

#!/usr/bin/perl
# Writes a guide (XMLTV) to standard output, always the same for the same arguments:
#   t/bench/make-guide.pl [--channels 2700] [--programmes 500000] [--seed 1] [--from YYYYMMDD] [--days-off 0]
#                         [--by-time] [--catalogue DIRECTORY] > guide.xml
# --from is the first day (today in UTC); --days-off moves the window, so that two guides overlap as those of two days do.
# --by-time puts programmes in order of time instead of channel. --catalogue takes titles and texts from *_titles.csv.
use strict;
use warnings;

use Getopt::Long;
use POSIX qw(strftime);
use Time::Local qw(timegm);

my %o = (channels => 2700, programmes => 500000, seed => 1, from => strftime('%Y%m%d', gmtime), 'days-off' => 0);
GetOptions(\%o, 'channels=i', 'programmes=i', 'seed=i', 'from=s', 'days-off=i', 'by-time', 'catalogue=s') or exit 2;

# A generator of our own: the same numbers on every machine.
my $state = $o{seed};
sub number { my ($n) = @_; $state = ($state * 1103515245 + 12345) & 0x7fffffff; return ($state >> 8) % $n }

my @words = qw(the night of a river and last house in winter city long road home secret garden stories from north
	summer evening with old friends on island people who never left big match after rain);
sub phrase { my ($n) = @_; return ucfirst join ' ', map { $words[number(scalar @words)] } 1 .. $n }

sub catalogue
{
	my ($directory) = @_;
	my @found;
	for my $file (sort glob "$directory/*_titles.csv") {
		open my $f, '<', $file or die "$file: $!";
		while (my $line = <$f>) {
			my @fields = $line =~ /\G("(?:[^"]|"")*"|[^,\n\r]*)(?:,|\r?\n|$)/g;
			next unless @fields > 11 && length $fields[2];
			s/^"|"$//g, s/""/"/g for @fields;
			push @found, [$fields[2], $fields[11]];
		}
	}
	return @found;
}

sub escape { my ($s) = @_; $s =~ s/&/&amp;/g; $s =~ s/</&lt;/g; $s =~ s/>/&gt;/g; return $s }

my @titles = $o{catalogue} ? catalogue($o{catalogue}) : ();
@titles = map { [phrase(2 + number(4)), phrase(12 + number(20)) . '.'] } 1 .. 4000 unless @titles;
$_ = [map { escape($_) } @$_] for @titles;
my @categories = ('News', 'Film', 'Series', 'Sports', 'Children', 'Documentary', 'Music &amp; culture');
my @people = map { phrase(2) } 1 .. 500;

my ($year, $month, $day) = $o{from} =~ /^(\d{4})(\d\d)(\d\d)$/ or die "--from: not YYYYMMDD\n";
my $from = timegm(0, 0, 0, $day, $month - 1, $year) + $o{'days-off'} * 86400;

# Programmes are a function of channel and time, so that a moved window says the same where it overlaps. Fifty minutes.
sub programme
{
	my ($channel, $at) = @_;
	$state = ($o{seed} * 7919 + $channel * 104729 + $at / 3000 * 31) & 0x7fffffff;
	number(2) for 1 .. 3;
	my ($title, $text) = @{ $titles[number(scalar @titles)] };
	my ($start, $stop) = map { strftime('%Y%m%d%H%M%S', gmtime $_) } $at, $at + 3000;
	my $more = '';
	$more .= "    <sub-title lang=\"en\">" . phrase(3) . "</sub-title>\n" if number(3) == 0;
	my $kind = number(scalar @categories);
	my $end = "    <category lang=\"en\">$categories[$kind]</category>\n";
	$end .= sprintf "    <episode-num system=\"xmltv_ns\">%d.%d.</episode-num>\n", number(9), number(20) if $kind == 2;
	$end .= "    <credits>\n      <actor>$people[number(500)]</actor>\n    </credits>\n" if $kind == 1;
	$end .= "    <rating system=\"age\">\n      <value>12+</value>\n    </rating>\n" if number(4) == 0;
	return "  <programme start=\"$start +0000\" stop=\"$stop +0000\" channel=\"c$channel.example\">\n"
		. "    <title lang=\"en\">$title</title>\n$more    <desc lang=\"en\">$text</desc>\n$end  </programme>\n";
}

print qq{<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv generator-info-name="make-guide">\n};
print qq{  <channel id="c$_.example">\n    <display-name>Channel $_</display-name>\n  </channel>\n} for 1 .. $o{channels};
my $each = int($o{programmes} / $o{channels});
my $rest = $o{programmes} - $each * $o{channels};
my $slot = int(($from + 2999) / 3000);
if ($o{'by-time'}) {
	for my $i (0 .. $each) {
		for my $channel (1 .. $o{channels}) {
			print programme($channel, ($slot + $i) * 3000) if $i < $each || $channel <= $rest;
		}
	}
} else {
	for my $channel (1 .. $o{channels}) {
		print programme($channel, ($slot + $_) * 3000) for 0 .. $each - 1 + ($channel <= $rest);
	}
}
print "</tv>\n";

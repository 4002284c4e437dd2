package TV::Harness;
# The harness of prove that t/run takes: before prove's own summary it says again what failed, for output of which only the end
# is kept, and in which the lines of tests that run at once are mixed.
use strict;
use warnings;
use parent 'TAP::Harness';

use constant LINES => 20; # of a file at most, half of them from its end

sub new
{
	my ($class, $arguments) = @_;
	return $class->SUPER::new({ %$arguments, parser_class => 'TV::Harness::Parser' });
}

sub summary
{
	my ($self, $aggregate, @more) = @_;
	for my $file ($aggregate->descriptions) {
		my ($parser) = $aggregate->parsers($file);
		next unless $parser->has_problems;
		my @lines = grep { /\S/ && !/^\s*# Subtest/ } split /\n/, $parser->{what_failed} // '';
		splice @lines, LINES / 2, @lines - LINES, '    …' if @lines > LINES;
		print join "\n", "\n$file", @lines, '' if @lines;
	}
	return $self->SUPER::summary($aggregate, @more);
}

# Keeps failed assertions, those of subtests too, with the comments on them, and whatever a test writes to its standard error.
package TV::Harness::Parser;
use parent 'TAP::Parser';

sub next
{
	my ($self) = @_;
	my $stderr = *STDERR{IO};
	my $result = do {
		local *STDERR;
		tie *STDERR, 'TV::Harness::Tee', $stderr, \$self->{what_failed};
		$self->SUPER::next;
	};
	return $result unless $result;
	$self->{failing} = !$result->is_ok if $result->is_test;
	$self->{what_failed} .= $result->as_string . "\n"
		if $self->{failing} && ($result->is_test || $result->is_comment) || $result->as_string =~ /^\s+not ok\b(?!.*# (?:TODO|SKIP))/;
	return $result;
}

package TV::Harness::Tee;

sub TIEHANDLE { my ($class, $handle, $kept) = @_; return bless { handle => $handle, kept => $kept }, $class }
sub PRINT { my ($self, @text) = @_; ${ $self->{kept} } .= join '', @text; return print { $self->{handle} } @text }

1;

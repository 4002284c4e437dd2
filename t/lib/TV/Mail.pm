# A post office for tests: an SMTP server of 127.0.0.1 that keeps what it is given.
package TV::Mail;
use strict;
use warnings;

use IO::Socket::INET;
use MIME::Base64 qw(decode_base64);
use Time::HiRes ();
use TV;

# It answers as told by says().
sub open_post
{
	my ($class) = @_;
	my $self = bless { dir => TV::scratch() }, $class;
	my $listen = IO::Socket::INET->new(Listen => 20, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) or die "listen: $!";
	$self->{url} = 'smtp://127.0.0.1:' . $listen->sockport;
	answer_each($listen, sub { $self->serve($_[0]) });
	return $self;
}

# Instead of what it says to a command of this name ('DATA.' is what it says to the message itself); undef: as before.
sub says
{
	my ($self, $command, $line) = @_;
	my $file = "$self->{dir}/$command.says";
	defined $line ? write_file($file, $line) : unlink $file;
}

sub serve
{
	my ($self, $c) = @_;
	local $SIG{ALRM} = sub { POSIX::_exit(1) };
	alarm 60;
	my ($text, @to) = ('');
	my $say = sub {
		my ($command, $usual) = @_;
		my $line = eval { read_file("$self->{dir}/$command.says") } // $usual;
		print {$c} "$line\r\n";
		return $line =~ /^[23]/;
	};
	$c->autoflush(1);
	$say->('hello', '220 post.example');
	while (my $line = <$c>) {
		my ($command) = $line =~ /^(\w+)/ or next;
		$command = uc $command;
		last if $command eq 'QUIT';
		push @to, $1 if $command eq 'RCPT' && $line =~ /<(.*?)>/;
		$self->{from} = $1 if $command eq 'MAIL' && $line =~ /<(.*?)>/;
		next unless $say->($command, $command eq 'DATA' ? '354 go on' : '250 good') && $command eq 'DATA';
		while (($line = <$c> // last) ne ".\r\n") {
			$text .= $line;
		}
		if ($say->('DATA.', '250 taken')) {
			my $name = sprintf '%s/%.6f-%d', $self->{dir}, Time::HiRes::time(), $$;
			write_file("$name.new", "$self->{from} @to\r\n$text");
			rename "$name.new", "$name.letter";
		}
	}
}

# What was taken, the oldest first: { from, to, header, text }.
sub letters
{
	my ($self) = @_;
	return map {
		my ($envelope, $header, $body) = read_file($_) =~ /\A(.*?)\r\n(.*?)\r\n\r\n(.*)\z/s;
		my ($from, $to) = split / /, $envelope, 2;
		{ from => $from, to => $to, header => $header, body => $body, text => decode_base64($body) };
	} sort glob "$self->{dir}/*.letter";
}

# The nth of them (from 1), when it has come; its link's token.
sub letter { my ($self, $n) = @_; return wait_for { ($self->letters)[$n - 1] } 30 }
sub token { my ($self, $n) = @_; my $letter = $self->letter($n) or return; return ($letter->{text} =~ /#([\w-]+)$/m)[0] }

1;

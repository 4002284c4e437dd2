# Who forgot a password gets a mail with a link for a new one, once, for an hour; who asks learns nothing of who has an account; of
# an office that is away, mail comes later.
use strict;
use warnings;
use MIME::Base64 qw(decode_base64);
use Test::More;
use TV;
use TV::Accounts;
use TV::Mail;

my $post = TV::Mail->open_post;
my $database = database();
my $public = 'https://tv.example';
my %mail = (TV_SMTP_URL => $post->{url}, TV_MAIL_FROM => 'antenna@tv.example', TV_PUBLIC_URL => $public);
my $tv = server($database, env => \%mail);
my ($people, $taken) = (0, 0);

sub person
{
	my (%body) = @_;
	my %who = (email => sprintf('forgot%d@example.org', ++$people));
	my $made = $tv->post('/auth/register', { email => $who{email}, password => $password, %body });
	my $in = sign_in($tv, $who{email}, $password)->{json};
	return { %who, id => $made->{json}{id}, token => $in->{access_token}, refresh => $in->{refresh_token} };
}

sub forgot { my ($email) = @_; return $tv->post('/auth/forgot', { email => $email }) }
sub set_new { my ($token, $new) = @_; return $tv->post('/auth/reset', { token => $token, new_password => $new }) }
sub waiting { return sql($database, 'select count(*) from auth.reset where sent_at is null') }

# The token of the next mail that comes.
sub next_token { return $post->token(++$taken) }
# Whatever was asked for is through: nothing waits.
sub quiet { return wait_for { !waiting() } 30 }

subtest 'a mail, a link, a new password' => sub {
	my $ann = person(locale => 'en-GB');
	my $r = forgot(uc $ann->{email});
	is($r->{status}, 204, 'asked, whatever the case of the address') or diag($r->{content});
	my $token = next_token();
	my $letter = $post->letter($taken);
	is("$letter->{from} $letter->{to}", "antenna\@tv.example $ann->{email}", 'a mail comes from the service to the account');
	like($letter->{header}, qr/^To: <\Q$ann->{email}\E>\r$/m, 'its header says so');
	like($letter->{header}, qr/^From: Antenna <antenna\@tv\.example>\r$/m, '  and from whom');
	like($letter->{header}, qr/^Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r$/m, '  and when');
	like($letter->{header}, qr/^Message-ID: <\w{32}\@tv\.example>\r$/m, '  with an id of its own');
	unlike("$letter->{header}\r\n$letter->{body}", qr/[^\x20-\x7e\r\n]|[^\r\n]{77}/, '  in lines of ASCII that every server passes on');
	like($letter->{text}, qr{^\Q$public\E/app/reset#[\w-]{43}$}m, 'its link leads to the page for a new password');
	unlike(sql($database, 'select * from auth.reset'), qr/\Q$token\E/, 'the database does not know the token');

	is_problem(set_new($token, 'password'), 422);
	is_problem(set_new($token, 'short'), 422);
	is(set_new($token, 'another horse 8')->{status}, 204, 'the new password is set');
	is_problem(sign_in($tv, $ann->{email}, $password), 401, 'invalid_credentials');
	is(sign_in($tv, $ann->{email}, 'another horse 8')->{status}, 200, 'it holds, and the old one does not');
	is_problem(renew($tv, $ann->{refresh}), 401, 'refresh_token_invalid');
	is_problem(set_new($token, 'a third horse 9'), 403, 'reset_token_invalid');
	is_problem(set_new($_, 'a third horse 9'), 403, 'reset_token_invalid') for 'x', 'x' x 43, "$token ";
};

subtest 'the words of the account' => sub {
	my $eva = person(locale => 'de-AT');
	forgot($eva->{email});
	ok(next_token(), 'a mail comes');
	my $letter = $post->letter($taken);
	like($letter->{text}, qr/Passwort zu dieser Adresse/, 'in its language');
	like($letter->{text}, qr/gilt weiter\.\n\z/, 'to its end');
	unlike($letter->{body}, qr/=\r\n(?!\z)/, '  of one encoding');
	my $subject = join '', map { decode_base64($_) } $letter->{header} =~ /=\?UTF-8\?B\?(.*?)\?=/g;
	is($subject, "Ein neues Passwort f\xc3\xbcr Antenna", 'the subject, too');
};

subtest 'who has no account' => sub {
	my $bob = person();
	my $users = '/admin/users/' . $bob->{id};
	my $admin = admin($tv)->{token};
	my $read = $tv->get($users, $admin);
	my $suspended = $tv->put($users, { name => 'Bob', role => 'user', status => 'suspended', country => undef }, $admin, headers => { 'If-Match' => $read->{headers}{etag} });
	is($suspended->{status}, 200, 'an account is suspended') or diag($suspended->{content});
	is(forgot($_)->{status}, 204, "the same answer for $_") for 'nobody@example.org', $bob->{email};
	is(sql($database, 'select count(*) from auth.reset where sent_at is null'), 0, 'but nothing is sent');
	is_problem(forgot('no address'), 422);
	is_problem($tv->post('/auth/forgot', {}), 422);
};

subtest 'three mails an hour' => sub {
	my $cat = person();
	is(forgot($cat->{email})->{status}, 204, 'asked') for 1 .. 5;
	my @tokens = map { next_token() } 1 .. 3;
	ok(quiet(), 'all are sent');
	is(scalar $post->letters, $taken, 'three of five');
	is(set_new($tokens[0], 'another horse 8')->{status}, 204, 'each of the links is good');
	is_problem(set_new($tokens[1], 'a third horse 9'), 403, 'reset_token_invalid');
	is(sql($database, "select count(*) from auth.reset where account_id = $cat->{id}"), 0, '  until one is used');
};

subtest 'what ends a link' => sub {
	my $dan = person();
	forgot($dan->{email});
	my $token = next_token();
	is($tv->post('/auth/password', { current_password => $password, new_password => 'another horse 8' }, $dan->{token})->{status}, 204, 'a password that is changed');
	is_problem(set_new($token, 'a third horse 9'), 403, 'reset_token_invalid');
	forgot($dan->{email});
	$token = next_token();
	sql($database, "update auth.reset set expires_at = now() - interval '1 s' where account_id = $dan->{id}");
	is_problem(set_new($token, 'a third horse 9'), 403, 'reset_token_invalid');
	forgot($dan->{email});
	$token = next_token();
	like(command($database, 'auth', 'revoke', $dan->{email})->{out}, qr/^ended/, 'an operator that ends the sessions');
	is_problem(set_new($token, 'a third horse 9'), 403, 'reset_token_invalid');
	is(sign_in($tv, $dan->{email}, 'another horse 8')->{status}, 200, 'the password stays');
};

subtest 'of two at once one sets it' => sub {
	my $fay = person();
	for my $round (1 .. 3) {
		sql($database, "update auth.reset set asked_at = now() - interval '2 hours'");
		forgot($fay->{email});
		my $token = next_token();
		my @status = map { $_->{status} } together($tv, map {
			request_text('POST', '/auth/reset', body => { token => $token, new_password => "horse number $round$_" }) } 1 .. 4);
		is("@{[sort @status]}", '204 403 403 403', 'one of four');
	}
};

subtest 'an office that is away' => sub {
	my $gus = person();
	$post->says(RCPT => '451 later');
	forgot($gus->{email});
	ok((wait_for { sql($database, "select tries from auth.reset where account_id = $gus->{id}") } 20), 'it is tried');
	is(waiting(), 1, 'and waits');
	is(scalar $post->letters, $taken, '  not sent');
	$post->says(RCPT => undef);
	sql($database, "update auth.reset set next_try_at = now(); notify reset");
	is(set_new(next_token(), 'another horse 8')->{status}, 204, 'then it comes, and its link is good');

	my $hal = person();
	$post->says(RCPT => '550 nobody here');
	forgot($hal->{email});
	ok((wait_for { !sql($database, "select count(*) from auth.reset where account_id = $hal->{id}") } 20), 'who the office does not know is given up');
	like($tv->log_text, qr/was not sent, and is given up: .*550/, 'the log says so');
	unlike($tv->log_text, qr/\Q$hal->{email}\E/, '  without the address');
	$post->says(RCPT => undef);
};

subtest 'without mail' => sub {
	my $ida = person();
	my $plain = server($database, env => { TV_PUBLIC_URL => $public });
	is_problem($plain->post('/auth/forgot', { email => $ida->{email} }), 404, 'mail_not_configured');
	local $ENV{TV_PUBLIC_URL} = $public;
	my $made = command($database, 'auth', 'reset-link', $ida->{email});
	is($made->{exit}, 0, 'an operator makes a link') or diag($made->{err});
	my ($token) = $made->{out} =~ m{^\Q$public\E/app/reset#([\w-]{43})\n\z};
	is($plain->post('/auth/reset', { token => $token, new_password => 'another horse 8' })->{status}, 204, 'and it is good');
	is(command($database, 'auth', 'reset-link', 'nobody@example.org')->{exit}, 1, 'not for nobody');
	is(command($database, 'auth', 'reset-link')->{exit}, 2, 'nor without an address');
	$plain->stop;
};

done_testing;

# An account takes another e-mail address when somebody has followed a link that was sent there; the old one is told.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;
use TV::Mail;

my $post = TV::Mail->open_post;
my $database = database();
my $public = 'https://tv.example';
my $tv = server($database, env => { TV_SMTP_URL => $post->{url}, TV_MAIL_FROM => 'antenna@tv.example', TV_PUBLIC_URL => $public });
my $others = 0;

sub other { return sprintf 'other%d@example.com', ++$others }
sub change { my ($who, $email, $secret) = @_; return $tv->post('/auth/email', { password => $secret // $who->{password}, email => $email }, $who->{token}) }
sub confirm { my ($token) = @_; return $tv->post('/auth/email/confirm', { token => $token }) }
sub email_of { my ($who) = @_; return $tv->get('/users/me', $who->{token})->{json}{email} }
sub letters_to { my ($email) = @_; return grep { $_->{to} eq $email } $post->letters }
# The nth letter to an address, when it has come.
sub letter_to { my ($email, $n) = @_; return wait_for { (letters_to($email))[($n // 1) - 1] } 30 }
sub token_in { my ($letter) = @_; return ($letter->{text} =~ m{^\Q$public\E/app/email#([\w-]{43})$}m)[0] }
sub changed { my ($who, $email) = @_; is(change($who, $email)->{status}, 204, "to $email"); return token_in(letter_to($email)) }

subtest 'a link, and a word to the old address' => sub {
	my $ann = account($tv);
	my ($old, $new) = ($ann->{email}, other());
	is_problem(change($ann, $new, 'wrong'), 403, 'wrong_password');
	is(change($ann, $new)->{status}, 204, 'asked for with the password');
	my $letter = letter_to($new);
	my $token = token_in($letter);
	ok($token, 'the new address gets a link') or diag($letter->{text});
	my $notice = letter_to($old);
	like($notice->{text}, qr/wants it to have\r?\nanother e-mail address/, 'the old one is told');
	unlike($notice->{text}, qr{/app/|\Q$new\E}, '  without a link, and without the new one');
	is(email_of($ann), $old, 'nothing has changed');
	is(sign_in($tv, $old, $password)->{status}, 200, '  and one signs in as before');
	unlike(sql($database, 'select * from auth.reset'), qr/\Q$token\E/, 'the database does not know the token');
	is_problem($tv->post('/auth/reset', { token => $token, new_password => 'another horse 8' }), 403, 'reset_token_invalid', 'it is none for a password');

	is(confirm($token)->{status}, 204, 'followed');
	is(email_of($ann), $new, 'it is another one');
	is_problem(sign_in($tv, $old, $password), 401, 'invalid_credentials');
	is(sign_in($tv, $new, $password)->{status}, 200, '  by which one signs in');
	is_problem(confirm($token), 403, 'email_token_invalid');
	is_problem(confirm($_), 403, 'email_token_invalid') for 'x', 'x' x 43, "$token ", $password;
	is(account($tv, email => $old)->{email}, $old, 'the old one is free');
};

subtest 'the words of the account' => sub {
	my $who = account($tv);
	$tv->request('PATCH', '/users/me', token => $who->{token}, body => { locale => 'de-AT' });
	my $new = other();
	change($who, $new);
	like(letter_to($new)->{text}, qr/^Hier wird das best.*\n\nhttps.*\n\n.*nicht benutzt\.\n\z/ms, 'in its language');
	like(letter_to($who->{email})->{text}, qr/beendet auch den Link\.\n\z/i, 'both');
};

subtest 'an address that is somebody\'s' => sub {
	my ($bob, $cat) = (account($tv), account($tv));
	is_problem(change($bob, uc $cat->{email}), 409, 'email_taken', 'is told as in register');
	is(sql($database, "select count(*) from auth.reset where account_id = $bob->{id}"), 0, '  and nothing is sent');
	is_problem(change($bob, $_), 422, undef, "'$_' is none") for 'no address', '@', '';
	my $new = other();
	my $token = changed($bob, $new);
	my $taker = account($tv, email => $new);
	is_problem(confirm($token), 409, 'email_taken', 'it may become so before the link is followed');
	is(email_of($bob), $bob->{email}, '  then nothing changes');
	is(change($bob, ucfirst $bob->{email})->{status}, 204, 'the own one in other letters is another one');
	is(confirm(token_in(letter_to(ucfirst $bob->{email})))->{status}, 204, '  that can be had');
	is(email_of($bob), ucfirst $bob->{email}, '  as written');
	my ($dan, $eva) = (account($tv), account($tv));
	$new = other();
	change($_, $new) for $dan, $eva;
	letter_to($new, 2);
	my @status = map { $_->{status} } together($tv, map { request_text('POST', '/auth/email/confirm', body => { token => token_in($_) }) } letters_to($new));
	is("@{[sort @status]}", '204 409', 'of two who want the same one has it');
};

subtest 'what ends a link' => sub {
	my $who = account($tv);
	my $first = changed($who, other());
	my $second = changed($who, other());
	is_problem(confirm($first), 403, 'email_token_invalid', 'a later one: the first may have been a stranger\'s');
	sql($database, "update auth.reset set expires_at = now() where account_id = $who->{id}");
	is_problem(confirm($second), 403, 'email_token_invalid', 'an hour');
	my $third = changed($who, other());
	my $r = change($who, other());
	is_problem($r, 429, 'too_many_attempts', 'three are sent an hour');
	ok($r->{headers}{'retry-after'} > 3500 && $r->{headers}{'retry-after'} <= 3600, '  and it says how long that is') or diag($r->{headers}{'retry-after'});
	is($tv->post('/auth/password', { current_password => $password, new_password => 'another horse 8' }, $who->{token})->{status}, 204, 'a new password');
	is_problem(confirm($third), 403, 'email_token_invalid');
	$who = account($tv);
	my $token = changed($who, other());
	sql($database, "update users.account set status = 'suspended' where id = $who->{id}");
	is_problem(confirm($token), 403, 'email_token_invalid', 'a suspension');
	$who = account($tv);
	$token = changed($who, other());
	is($tv->request('DELETE', '/users/me', token => $who->{token}, body => { password => $password })->{status}, 204, 'the end of the account');
	is_problem(confirm($token), 403, 'email_token_invalid');
};

subtest 'links for passwords' => sub {
	my $who = account($tv);
	$tv->post('/auth/forgot', { email => $who->{email} });
	my ($reset) = letter_to($who->{email})->{text} =~ m{/app/reset#([\w-]{43})$}m;
	is_problem(confirm($reset), 403, 'email_token_invalid', 'are none for an address');
	my $token = changed($who, other());
	is($tv->post('/auth/forgot', { email => $who->{email} })->{status}, 204, 'and are asked for beside one') for 1 .. 2;
	ok(letter_to($who->{email}, 4), '  three an hour of their own');
	is(confirm($token)->{status}, 204, 'when the address changes');
	is_problem($tv->post('/auth/reset', { token => $reset, new_password => 'another horse 8' }), 403, 'reset_token_invalid', '  those that went to the old one are over');
};

subtest 'of ten at once one changes it' => sub {
	my $who = account($tv);
	my $token = changed($who, other());
	my @status = map { $_->{status} } together($tv, map { request_text('POST', '/auth/email/confirm', body => { token => $token }) } 1 .. 10);
	is("@{[sort @status]}", join(' ', 204, (403) x 9), 'one of ten');
};

subtest 'of several asked for at once one is good' => sub {
	my $who = account($tv);
	my @new = map { other() } 1 .. 6;
	my @status = map { $_->{status} } together($tv, map { request_text('POST', '/auth/email', token => $who->{token}, body => { password => $password, email => $_ }) } @new);
	is_deeply([grep { !/^(204|409|429)$/ } @status], [], 'asked for') or diag("@status");
	ok((grep { $_ == 204 } @status), '  or in the way of another one');
	ok((wait_for { !sql($database, 'select count(*) from auth.reset where sent_at is null') } 30), 'all is sent');
	my @good = grep { $_ == 204 } map { my ($letter) = letters_to($_); $letter ? confirm(token_in($letter))->{status} : () } @new;
	is_deeply(\@good, [204], 'one link is good');
};

subtest 'without mail' => sub {
	my $who = account($tv);
	my $plain = server($database, env => { TV_PUBLIC_URL => $public });
	is_problem($plain->post('/auth/email', { password => $password, email => other() }, $who->{token}), 404, 'mail_not_configured');
	$plain->stop;
	is_problem($tv->post('/auth/email', { password => $password, email => other() }), 401, 'token_missing');
};

done_testing;

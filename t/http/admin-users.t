# Administration of accounts: finding, reading, changing with ETags, suspending, and that a taken role is gone at once.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my $tv = keyed_server($database);
my $admin = admin($tv);

sub found { my ($q, $limit) = @_; return map { $_->{name} } $tv->pages('/admin/users?q=' . uri($q) . '&limit=' . ($limit || 100), $admin->{token}) }
sub one { my ($id) = @_; return $tv->get("/admin/users/$id", $admin->{token}) }
sub change
{
	my ($id, $match, %body) = @_;
	return $tv->put("/admin/users/$id", { name => 'N', role => 'user', status => 'active', %body }, $admin->{token},
		defined $match ? (headers => { 'If-Match' => $match }) : ());
}
sub write_as { my ($who) = @_; return $tv->request('PATCH', '/users/me', body => { locale => 'nb' }, token => $who->{token}) }

subtest 'finding' => sub {
	my @names = ('100% sure', '100 sure', 'under_score', 'underXscore', 'back\\slash', 'backslash', q(O'Brien), 'say "hi"', 'Åse Ærlig',
		"Robert'); drop table users.account;--", 'a{b}[c](d)', 'star*', '$1', 'ＦＵＬＬ', '子供');
	$tv->post('/users', { email => "found$_\@example.org", password => $password, name => $names[$_] }, $admin->{token})->{status} == 201
		or die "account $_" for 0 .. $#names;
	my %cases = (
		'%' => ['100% sure'], '0% s' => ['100% sure'], '_' => ['under_score'], 'r_s' => ['under_score'], '\\' => ['back\\slash'], 'k\\s' => ['back\\slash'],
		"'" => [q(O'Brien), "Robert'); drop table users.account;--"], '"' => ['say "hi"'], 'åse' => ['Åse Ærlig'], 'ÆRLIG' => ['Åse Ærlig'],
		'drop table' => ["Robert'); drop table users.account;--"], '*' => ['star*'], '{' => ['a{b}[c](d)'], '[c]' => ['a{b}[c](d)'], '$1' => ['$1'],
		'子' => ['子供'], '%%' => [], '__' => [], '\\\\' => [], '%sure%' => [], '.*' => [], 'no such text' => [], 'UNDER' => ['under_score', 'underXscore'],
		'found3@' => ['underXscore'], 'FOUND3@EXAMPLE' => ['underXscore'],
	);
	is_deeply([found($_)], $cases{$_}, "q=$_") for sort keys %cases;
	$tv->post('/users', { email => 'last@example.org', password => $password, name => 'Ćq found' }, $admin->{token})->{status} == 201 or die 'no account';
	sql($database, "insert into users.account (email, name) select 'crowd' || n || '\@example.net', 'Crowd' from generate_series(1, 1500) n");
	$tv->post('/users', { email => 'after@example.org', password => $password, name => 'Jö ćq' }, $admin->{token})->{status} == 201 or die 'no account';
	is_deeply([found($_)], ['Ćq found', 'Jö ćq'], "q=$_, before and behind a crowd") for 'ćq', 'Ć', ' ćq';
	is_deeply([found('ćq', 1)], ['Ćq found', 'Jö ćq'], 'in pages of one');
	is(scalar(found('crowd')), 1500, 'and the crowd');
	sql($database, q(delete from users.account where name in ('Crowd', 'Ćq found', 'Jö ćq')));
	is_deeply([found('found', 2)], \@names, 'all, in pages of two');
	is_problem($tv->get("/admin/users?q=$_", $admin->{token}), 400, undef, "q=$_") for '', 'x' x 101, '%00', 'a%00b', '%FF';
};

subtest 'paging' => sub {
	my $first = sub { return { map { $_->{id} => 1 } @_ } };
	my $n = sql($database, 'select count(*) from users.account');
	my @all = $tv->pages('/admin/users?limit=3', $admin->{token}, sub {
		my ($page) = @_;
		sql($database, "select users.create_account('late$page\@example.org', 'Late', 'user', null, null)") if $page <= 2;
	});
	is(scalar keys %{ $first->(@all) }, scalar @all, 'nobody twice');
	cmp_ok(scalar @all, '>=', $n, 'and nobody left out while others come');
	is_deeply([map { $_->{id} } @all], [sort { $a <=> $b } map { $_->{id} } @all], 'in order');
	unlike($tv->get('/admin/users?limit=100', $admin->{token})->{content}, qr/\$2b\$|hash/, 'no secret');
	my $r = $tv->get('/admin/users?limit=1', $admin->{token});
	like($r->{headers}{link} // '', qr/^<[^>]*cursor=[^>]*>; rel="next"$/, 'Link');
	is_problem($tv->get("/admin/users?cursor=$_", $admin->{token}), 400, undef, "cursor $_") for 'x', 'bnVsbA', uri("1' or 1=1"), 'MR8x', '9' x 30;
};

subtest 'ETag and If-Match' => sub {
	my $who = account($tv);
	my $before = one($who->{id});
	is_deeply([grep { !exists $before->{json}{$_} } qw(id email name role status country locale created_at)], [], 'members');
	like($before->{headers}{etag}, qr/^"\d+"$/, 'an ETag');
	for my $match ('"999"', '"other"', 'W/"1"', '"-1"', '1', '"1" "2"', '""', '"99999999999999999999"', "\"1'\"") {
		is_problem(change($who->{id}, $match, name => 'No', status => 'suspended'), 412, 'version_changed', "If-Match $match");
		is_problem($tv->request('DELETE', "/admin/users/$who->{id}", token => $admin->{token}, headers => { 'If-Match' => $match }), 412);
	}
	is_deeply(one($who->{id})->{json}, $before->{json}, 'nothing has changed');
	my $changed = change($who->{id}, "\"777\", $before->{headers}{etag}", name => 'Yes', country => 'NO');
	is($changed->{status}, 200, 'with the right one, in a list') or diag($changed->{content});
	is_deeply([@{ $changed->{json} }{qw(name country role status)}], ['Yes', 'NO', 'user', 'active'], '  it is');
	isnt($changed->{headers}{etag}, $before->{headers}{etag}, '  with a new ETag');
	is(one($who->{id})->{headers}{etag}, $changed->{headers}{etag}, '  which a read has, too');
	is_problem(change($who->{id}, $before->{headers}{etag}, name => 'Late'), 412, undef, 'the old one holds no longer');
	is(change($who->{id}, '*', name => 'Star')->{status}, 200, 'any');
	is(change($who->{id}, undef, name => 'None')->{status}, 200, 'none');
	my $etag = one($who->{id})->{headers}{etag};
	my @r = together($tv, map { request_text('PUT', "/admin/users/$who->{id}", token => $admin->{token}, headers => { 'If-Match' => $etag },
		body => { name => "Racer $_", role => 'user', status => 'active' }) } 1 .. 8);
	is_deeply([sort map { $_->{status} } @r], [200, (412) x 7], 'of eight at once one wins');
	is(one($who->{id})->{json}{name}, (map { $_->{json}{name} } grep { $_->{status} == 200 } @r)[0], '  and it is the one');
	is_problem(change(9007199254740990, '"1"'), 404, 'not_found', 'who is not there has no version');
	$etag = one($who->{id})->{headers}{etag};
	my $gone = $tv->request('DELETE', "/admin/users/$who->{id}", token => $admin->{token}, headers => { 'If-Match' => $etag });
	is($gone->{status}, 204, 'erased');
	is_problem(one($who->{id}), 404, 'not_found');
};

subtest 'what a body may be' => sub {
	my $who = account($tv);
	my $before = state_of($database);
	my %cases = (
		role => ['root', '', 'Admin', 1, undef], status => ['deleted', '', undef], country => ['no', 'NOR', 1],
		name => ['x' x 101, undef, "a\x07b"],
	);
	for my $name (sort keys %cases) {
		is_problem(change($who->{id}, undef, $name => $_), 422, undef, "$name " . ($_ // 'null')) for @{ $cases{$name} };
	}
	is_problem($tv->put("/admin/users/$who->{id}", { name => 'N' }, $admin->{token}), 422);
	is_deeply(state_of($database), $before, 'nothing has changed');
};

subtest 'suspended, and back' => sub {
	my $who = account($tv);
	is(write_as($who)->{status}, 200, 'writes');
	is(change($who->{id}, undef, status => 'suspended')->{status}, 200, 'suspended');
	is_problem(write_as($who), 403, 'account_suspended', 'no writes, at once');
	is_problem(renew($tv, $who->{refresh_token}), qr/^40[13]$/, undef, 'no refresh');
	is_problem(sign_in($tv, $who->{email}, $password), 403, 'account_suspended');
	is_problem(sign_in($tv, $who->{email}, 'wrong password'), 401, 'invalid_credentials', 'who does not know the password learns nothing');
	is_problem($tv->get('/users/me/export', $who->{token}), 403, 'account_suspended');
	is(change($who->{id}, undef)->{status}, 200, 'let in again');
	is(write_as($who)->{status}, 200, 'writes');
	is(renew($tv, $who->{refresh_token})->{status}, 200, 'refreshes: the refused one did not spend the token');
};

subtest 'a role that was taken or given' => sub {
	my $second = admin($tv);
	is($tv->get('/admin/users', $second->{token})->{status}, 200, 'an administrator');
	is(change($second->{id}, undef, role => 'user')->{status}, 200, 'no longer');
	for my $r ($tv->get('/admin/users', $second->{token}), $tv->get("/admin/users/$admin->{id}", $second->{token}),
		$tv->get('/admin/ondemand/movies', $second->{token}),
		$tv->post('/users', { email => 'by@example.org', password => $password }, $second->{token}),
		$tv->request('DELETE', "/admin/users/$admin->{id}", token => $second->{token})) {
		is_problem($r, qr/^40[13]$/, undef, "$r->{what}: nothing of /admin, at once");
	}
	is(claims_of(renew($tv, $second->{refresh_token})->{json}{access_token})->{role}, 'user', 'the next token says so');
	my $who = account($tv);
	is_problem($tv->get('/admin/users', $who->{token}), 403, 'forbidden');
	is(change($who->{id}, undef, role => 'admin')->{status}, 200, 'made one');
	is_problem($tv->get('/admin/users', $who->{token}), 403, 'forbidden', 'its old token is a user\'s');
	is($tv->get('/admin/users', renew($tv, $who->{refresh_token})->{json}{access_token})->{status}, 200, 'its next one is not');
};

subtest 'POST /users' => sub {
	my %body = (email => 'Made@Example.org', password => $password, name => 'Made', role => 'admin', country => 'SE', locale => 'sv-SE');
	my $r = $tv->post('/users', \%body, $admin->{token});
	is($r->{status}, 201, 'made') or return diag($r->{content});
	is_deeply([@{ $r->{json} }{qw(email name role country locale)}], [@body{qw(email name role country locale)}], 'as sent');
	is($r->{headers}{location}, "/admin/users/$r->{json}{id}", 'Location');
	is($tv->get($r->{headers}{location}, $admin->{token})->{json}{email}, 'Made@Example.org', '  where it is');
	is(sign_in($tv, 'made@example.org', $password)->{status}, 200, 'signs in');
	is_problem($tv->post('/users', { %body, email => 'MADE@example.org' }, $admin->{token}), 409, 'email_taken');
	is_problem($tv->post('/users', { %body, email => 'other@example.org', password => $_ }, $admin->{token}), 422) for 'short', 'password1', 'x' x 73;
	my @both = together($tv, map { request_text('POST', '/users', token => $admin->{token}, body => { %body, email => $_ }) }
		qw(twin@example.org TWIN@example.org));
	is_deeply([sort map { $_->{status} } @both], [201, 409], 'of two at once one is made');
};

done_testing();

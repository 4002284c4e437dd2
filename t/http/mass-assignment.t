# What a client may not set: members beyond those that a route declares are named and refused, and nothing is written.
use strict;
use warnings;
use Test::More;
use TV;
use TV::Accounts;

my $database = database();
my %id = (seed($database), webhook => 'sandbox');
my $tv = keyed_server($database);
my $user = account($tv);
my $admin = admin($tv);
my $second = make_profile($tv, $user, name => 'Second')->{json}{id};

my @forbidden = qw(
	id account_id user_id role status age max_age is_kids password password_hash pin_hash has_pin version created_at updated_at
	email email_verified profile_id profile item_id kind series_id season_id popularity added_at sort_title refresh_hash session_id
	ended_at expires_at owner admin is_admin row_hash __proto__ constructor
);
my %value = (id => 1, role => 'admin', status => 'active', max_age => 18, age => 18, is_kids => JSON::PP::false(), admin => JSON::PP::true());

# A good value of each type, for the members that must be there.
my %good = (
	email => 'new@example.org', password => 'correct horse 9', secret => $password, text => 'text', longtext => 'text', int => 1, id => 1,
	bool => JSON::PP::true(), country => 'NO', language => 'nor', pin => '1234', url => '/x.jpg', slug => 'drama', time => '2026-01-01T00:00:00Z',
	date => '2026-01-01',
);

sub example
{
	my ($members) = @_;
	return { map { ($_->{name} => value_of($_)) } grep { $_->{required} } @$members };
}

sub value_of
{
	my ($p) = @_;
	return example($p->{of} || []) if $p->{type} eq 'object';
	return [] if $p->{type} eq 'list';
	return ($p->{choices} =~ /^([^|]*)/)[0] if $p->{type} eq 'enum';
	return substr $good{text}, 0, $p->{max} || 9 if $p->{type} eq 'text';
	return $good{ $p->{type} } // die "no value for $p->{name} of type $p->{type}";
}

# An id that the caller may write to, so that only the body can be what is wrong.
sub path_of
{
	my ($path) = @_;
	$path =~ s/\{id\}/$second/ if $path =~ m{^/users/profiles};
	$path =~ s/\{id\}/$user->{id}/ if $path =~ m{^/admin/users};
	my %name = (people => 'person', series => 'series');
	return $path =~ s{([a-z-]+)/\{\w+\}}{"$1/" . ($id{ $name{$1} || $1 =~ s/s$//r } // 1)}er;
}

my @writes = grep { $_->{body} } routes();
cmp_ok(scalar @writes, '>', 8, 'routes that take a body');
my $before = state_of($database);
for my $route (@writes) {
	subtest "$route->{method} $route->{path}" => sub {
		my $path = path_of($route->{path});
		my $token = $route->{role} =~ /^(admin|service)$/ ? $admin->{token} : $user->{token};
		my %declared = map { ($_->{name} => 1) } @{ $route->{body} };
		for my $name (grep { !$declared{$_} } @forbidden) {
			my $body = { %{ example($route->{body}) }, $name => $value{$name} // 'x' };
			my $r = $tv->request($route->{method}, $path, body => $body, token => $token);
			is_problem($r, 422, undef, $name);
			is_deeply([map { "$_->{field} $_->{code}" } @{ $r->{json}{errors} || [] }], ["$name unknown"], '  which is named, alone') or diag($r->{content});
		}
		for my $p (grep { $_->{of} && $_->{of}[0]{name} } @{ $route->{body} }) {
			my $inner = { %{ example($p->{of}) }, id => 1 };
			my $body = { %{ example($route->{body}) }, $p->{name} => $p->{type} eq 'list' ? [$inner] : $inner };
			is_problem($tv->request($route->{method}, $path, body => $body, token => $token), 422, undef, "id inside $p->{name}");
		}
	};
}
is_deeply(state_of($database), $before, 'nothing is written, in no table');

subtest 'as a query parameter' => sub {
	for my $route (grep { $_->{method} ne 'GET' } routes()) {
		my $path = path_of($route->{path});
		my $token = $route->{role} =~ /^(admin|service)$/ ? $admin->{token} : $user->{token};
		for my $name (qw(role account_id max_age age pid)) {
			my $r = $tv->request($route->{method}, "$path?$name=1", token => $token, $route->{body} ? (body => example($route->{body})) : ());
			is_problem($r, 400, 'unknown_parameter');
		}
	}
};
is_deeply(state_of($database), $before, 'nothing is written by that either');

subtest 'what may be set, but not by everybody' => sub {
	is_problem($tv->post('/users', { email => 'a@example.org', password => 'correct horse 9', role => 'admin' }, $user->{token}), 403);
	is_problem($tv->put("/admin/users/$user->{id}", { name => 'N', role => 'admin', status => 'active' }, $user->{token}), 403);
	is(sql($database, "select role from users.account where id = $user->{id}"), 'user', 'still a user');
	for my $headers ({ 'X-Account-Id' => 1 }, { 'X-Role' => 'admin' }, { 'X-Forwarded-User' => $admin->{email} }, { 'Remote-User' => $admin->{email} },
		{ 'X-Http-Method-Override' => 'DELETE' }) {
		is_problem($tv->get('/admin/users', $user->{token}, headers => $headers), 403, 'forbidden', join ' ', 'header', %$headers);
	}
	is_deeply(state_of($database), $before, 'nothing is written');
};

done_testing();

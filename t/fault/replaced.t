# A migration replaces what statements are just using: views, functions, the type of a column. Programs that serve meanwhile answer
# all the same, reads and writes, and each write once.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

use constant { CLIENTS => 4, SECONDS => $ENV{TV_LONG} ? 30 : 5 };

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);

subtest 'a column of another type' => sub {
	my $genres = sub { $tv->get('/ondemand/genres', $who->{token}) };
	my $before = $genres->();
	cmp_ok(scalar @{ $before->{json}{items} }, '>', 0, 'a list');
	$genres->() for 1 .. 20; # every worker has its statement
	sql($database, 'alter table content.genre alter column name type varchar(200)');
	my %after = map { ("$_->{status} $_->{content}" => 1) } map { $genres->() } 1 .. 20;
	is_deeply([keys %after], ["200 $before->{content}"], 'is answered as before');
};

# The statements that make anew what is there, with its grants: what a migration does that replaces it.
my $anew = sql($database, q{
	with things as (
		select 'function' as kind, oid::regprocedure::text as name, pg_get_functiondef(oid) as made, proacl as acl
		from pg_proc where oid in ('users.speaks_for_all'::regproc, 'auth.require_session'::regproc)
		union all
		select 'view', oid::regclass::text, format('create view %s as %s', oid::regclass, pg_get_viewdef(oid)), relacl
		from pg_class where oid in ('auth.session_card'::regclass, 'play.session_card'::regclass)
	)
	select string_agg(format('drop %s %s; %s; %s', kind, name, rtrim(made, ';'), (
		select string_agg(format('grant %s on %s %s to %s;', a.privilege_type, case kind when 'view' then 'table' else kind end, name,
			case a.grantee when 0 then 'public' else a.grantee::regrole::text end), ' ')
		from aclexplode(acl) a)), ' ')
	from things});

subtest 'what is used is made anew, again and again' => sub {
	my $end = time + SECONDS;
	my @clients = map {
		my $mine = account($tv);
		[background(sub {
			my ($n, $profile, %said) = (0);
			my @ask = (
				sub { $tv->get('/users/me/export', $mine->{token}) },
				sub { my $r = $tv->post('/users/profiles', { name => "P$n" }, $mine->{token}); $profile = $r->{json}{id}; $r },
				sub { $profile ? $tv->request('DELETE', "/users/profiles/$profile", token => $mine->{token}) : () },
			);
			while (time < $end) {
				my $r = $ask[$n++ % @ask]->() or next;
				$said{ $r->{status} . ($r->{status} >= 300 ? " $r->{what} " . ($r->{json}{code} // '') : '') }++;
			}
			print { $_[0] } map { "$_ x $said{$_}\n" } keys %said;
		})];
	} 1 .. CLIENTS;
	my $times = 0;
	sql($database, "begin; set local role tv_owner; $anew commit;" x 10), $times += 10 while time < $end;
	my @said = map { my ($pid, $from) = @$_; my @lines = <$from>; end_process($pid); @lines } @clients;
	cmp_ok($times, '>', 20, "$times times");
	is(scalar(grep { /^200 / } @said), CLIENTS, 'all clients are answered') or diag(@said);
	note(@said);
	is_deeply([grep { !/^20/ } @said], [], '  and none with an error, or by a second try of what was done');
};

done_testing();

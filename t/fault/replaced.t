# A migration replaces what statements are just using: the type of a column, a function. Programs that serve meanwhile answer all the
# same, and do each write once.
use strict;
use warnings;
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database, env => { TV_WORKERS => 1 });
my $who = account($tv);

subtest 'a column of another type' => sub {
	my $genres = sub { $tv->get('/ondemand/genres', $who->{token}) };
	my $before = $genres->();
	cmp_ok(scalar @{ $before->{json}{items} }, '>', 0, 'a list');
	sql($database, 'alter table content.genre alter column name type varchar(200)');
	is_deeply([map { $_->{content} } $genres->(), $genres->()], [($before->{content}) x 2], 'is answered as before');
};

# The function, called by one that waits first. While that runs the function is made anew, so what runs calls one that is gone.
sub replaced_under
{
	my ($schema, $name, $types, $result, $ask) = @_;
	my @types = split /, /, $types;
	my $call = "$schema.${name}_then(" . join(', ', map { "\$$_" } 1 .. @types) . ')';
	my $owner = 'begin; set local role tv_owner;';
	my $everybody = sql($database, "select coalesce(string_agg(a.grantee::regrole::text, ', ') filter (where a.grantee <> 0), 'public')
		from pg_proc, aclexplode(proacl) a where oid = '$schema.$name($types)'::regprocedure");
	$ask->(); # the worker has its statement
	sql($database, "$owner alter function $schema.$name($types) rename to ${name}_then;
		create function $schema.$name($types) returns $result language plpgsql security definer
			as 'begin perform pg_sleep(1); " . ($result =~ /^setof/ ? "return query select * from $call" : "return $call") . "; end';
		grant execute on function $schema.$name($types) to $everybody; commit");
	my ($pid, $from) = background(sub { print { $_[0] } $ask->() });
	ok(wait_for(sub { sql($database, "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") }, 10), 'it runs');
	sql($database, "$owner drop function $schema.$name($types); alter function $schema.${name}_then($types) rename to $name; commit");
	my $said = do { local $/; <$from> };
	end_process($pid);
	return $said;
}

subtest 'a function that a read runs' => sub {
	my $ask = sub { my $r = $tv->get('/users/me/export', $who->{token}); join ' ', $r->{status}, sort keys %{ $r->{json} } };
	is(replaced_under('users', 'speaks_for_all', 'bigint, integer', 'boolean', $ask), $ask->(), 'is answered');
};

subtest 'a function that a write runs' => sub {
	my $n = 0;
	my $ask = sub {
		my $r = $tv->post('/auth/register', { email => 'new' . ++$n . '@example.org', password => 'correct horse 7' });
		return "$r->{status} " . ($r->{json}{email} // $r->{content});
	};
	is(replaced_under('auth', 'register', 'text, text, text, text, text, text', 'setof users.account_card', $ask), '201 new2@example.org', 'is done');
	is(sql($database, "select string_agg(a.email, ' ' order by a.id) from users.account a where a.email like 'new_@%'"), 'new1@example.org new2@example.org', '  once');
};

done_testing();

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

# Who has the lock that the wrapped function waits for, or waits for it.
my $locks = "from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and";

# Holds the lock until somebody waits for it, does this, and lets go with its commit: the pid of its process.
sub do_when_awaited
{
	my ($what) = @_;
	my ($pid) = background(sub { sql($database, "do \$\$ begin
		perform pg_advisory_xact_lock(1);
		while not exists (select $locks not granted) loop
			if clock_timestamp() > now() + interval '20 s' then raise exception 'nobody waits'; end if;
			perform pg_sleep(0.01);
		end loop;
		set local role tv_owner;
		$what;
	end \$\$") });
	wait_for { sql($database, "select count(*) $locks granted") } 20 or die 'nobody holds the lock';
	return $pid;
}

# The function, called by one that waits first. While that waits the function is made anew, so what runs calls one that is gone. The
# waiting ends with the change, however slow the machine is: a request has two seconds.
sub replaced_under
{
	my ($schema, $name, $types, $result, $ask) = @_;
	my @types = split /, /, $types;
	my $call = "$schema.${name}_then(" . join(', ', map { "\$$_" } 1 .. @types) . ')';
	my $everybody = sql($database, "select coalesce(string_agg(a.grantee::regrole::text, ', ') filter (where a.grantee <> 0), 'public')
		from pg_proc, aclexplode(proacl) a where oid = '$schema.$name($types)'::regprocedure");
	$ask->(); # the worker has its statement
	sql($database, "begin; set local role tv_owner; alter function $schema.$name($types) rename to ${name}_then;
		create function $schema.$name($types) returns $result language plpgsql security definer
			as 'begin perform pg_advisory_xact_lock(1); " . ($result =~ /^setof/ ? "return query select * from $call" : "return $call") . "; end';
		grant execute on function $schema.$name($types) to $everybody; commit");
	my $pid = do_when_awaited("drop function $schema.$name($types); alter function $schema.${name}_then($types) rename to $name");
	my $said = $ask->();
	end_process($pid);
	is(sql($database, "select count(*) from pg_proc where proname = '${name}_then'"), 0, 'it was replaced');
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

# What is kept of several rows (rights.topic, content.credit_list, live.lineup, search.document) is right also when those rows change at once: pairs of changes, the
# second begun before the first commits, in both orders; then editors at random. TV_LONG=1: 60 seconds of them.
use strict;
use warnings;
use IPC::Open3;
use IO::Handle;
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);
use TV;

use constant { EDITORS => 6, SECONDS => $ENV{TV_LONG} ? 60 : 5 };

my $database = database();

my $control;
sub said
{
	my ($text) = @_;
	$control //= session();
	ask($control, $text);
	my $said = heard($control);
	die $said if $said =~ /ERROR/;
	return $said =~ s/\n\z//r;
}

# Two series with two seasons of two episodes each, and two channels: a word for each that can change => its id.
sub world
{
	my %id = map { split /\|/ } split /\n/, said("
		insert into content.genre (slug, name) values ('drama', 'Drama'), ('war', 'War') on conflict do nothing;
		create or replace function pg_temp.item(kind text, called text, out id bigint) language sql as
			'insert into content.item (kind, title, min_age) values (kind, called, 0) returning id';
		with s as (select n as name, pg_temp.item('series', n) as id from unnest(array['s1', 's2']) n),
		series as (insert into content.series (id) select id from s),
		n as (select s.name || 'n' || n as name, pg_temp.item('season', s.name || 'n' || n) as id, s.id as series_id, n from s, generate_series(1, 2) n),
		season as (insert into content.season (id, series_id, number) select id, series_id, n from n),
		e as (select n.name || 'e' || e as name, pg_temp.item('episode', n.name || 'e' || e) as id, n.id as season_id, series_id, n, e from n, generate_series(1, 2) e),
		episode as (insert into content.episode (id, series_id, season_id, season_number, number) select id, series_id, season_id, n, e from e),
		c as (select n as name, pg_temp.item('channel', n) as id from unnest(array['c1', 'c2']) n),
		channel as (insert into live.channel (id, number) select id, row_number() over () from c),
		p as (insert into content.person (name) values ('p1'), ('p2') returning name, id),
		credit as (insert into content.credit (item_id, person_id, role, position) select s.id, p.id, 'actor', 1 from s, p where (s.name, p.name) = ('s1', 'p1'))
		select name || '|' || id from (select name, id from s union all select name, id from n union all select name, id from e union all select name, id from c union all select name, id from p) w");
	return \%id;
}

# Rows that are not what they are made of.
sub apart
{
	return said("with wanted as (
			select '' as facet, c.number, c.id, i.min_age, i.title from live.channel c join content.item i on i.id = c.id where not c.hidden and i.state = 'published'
		), found as (select facet, number, channel_id, min_age, name from live.lineup),
		documents as (
			select k, s.ref_id, s.title, s.min_age, s.open_from, s.open_until
			from unnest('{series,episode,channel}'::search.kind[]) k, search.source(k, array(select id from content.item)) s
		), made as (select kind, ref_id, title, min_age, open_from, open_until from search.document where gone_at is null and kind <> 'person')
		select (select count(*) from ((table rights.topic except table rights.topic_now) union all (table rights.topic_now except table rights.topic)) t)
		       + (select count(*) from ((table content.credit_list except table content.credit_list_now)
		                                union all (table content.credit_list_now except table content.credit_list)) l)
		       + (select count(*) from ((table wanted except table found) union all (table found except table wanted)) t)
		       + (select count(*) from ((table documents except table made) union all (table made except table documents)) t)");
}

# --- sessions that wait for each other

sub session
{
	my $pid = open3(my $in, my $out, undef, 'psql', '-XAtq', '-d', sql_url('postgres', $database));
	$in->autoflush(1);
	my $s = { in => $in, out => $out, pid => $pid, n => 0 };
	ask($s, 'select pg_backend_pid()');
	$s->{backend} = 0 + heard($s);
	return $s;
}

sub ask { my ($s, $text) = @_; print { $s->{in} } "$text;\n\\echo done ", ++$s->{n}, "\n"; return }

# What it said to the last that was asked.
sub heard
{
	my ($s) = @_;
	my ($said, $line) = ('');
	local $SIG{ALRM} = sub { die "a session says nothing: $said\n" };
	alarm 20;
	$said .= $line while defined($line = readline $s->{out}) && $line ne "done $s->{n}\n";
	alarm 0;
	return $said;
}

sub ends { my ($s) = @_; close $s->{in}; waitpid $s->{pid}, 0; return }

# Waits until it has done what it was asked, or waits for somebody's lock.
sub rests
{
	my ($s) = @_;
	my $state = wait_for {
		return 'done' if IO::Select->new($s->{out})->can_read(0);
		return 'waits' if said("select wait_event_type from pg_stat_activity where pid = $s->{backend}") eq 'Lock';
	} 10;
	die 'neither done nor waiting' unless $state;
	return $state;
}

my %change = (
	'a new episode' => sub { "with i as (insert into content.item (kind, title, min_age) values ('episode', 'New', 0) returning id)
		insert into content.episode (id, series_id, season_id, season_number, number) select id, $_[0]{s1}, $_[0]{s1n1}, 1, 9 from i" },
	'a new season' => sub { "with i as (insert into content.item (kind, title, min_age) values ('season', 'New', 0) returning id)
		insert into content.season (id, series_id, number) select id, $_[0]{s1}, 9 from i" },
	'a draft of the series' => sub { "update content.item set state = 'draft' where id = $_[0]{s1}" },
	'a genre of the series' => sub { "update content.item set genres = '{war}' where id = $_[0]{s1}" },
	'the age of the other series' => sub { "update content.item set min_age = 12 where id = $_[0]{s2}" },
	'a draft of the season' => sub { "update content.item set state = 'draft' where id = $_[0]{s1n1}" },
	'the end of the other season' => sub { "update content.item set available_until = now() + interval '1 day' where id = $_[0]{s2n1}" },
	'the age of an episode' => sub { "update content.item set min_age = 6 where id = $_[0]{s1n1e1}" },
	'an episode moved to the other series' => sub { "update content.episode set series_id = $_[0]{s2}, season_id = $_[0]{s2n1}, number = 8 where id = $_[0]{s1n1e1}" },
	'a season moved to the other series' => sub { my $i = $_[0]; "update content.season set series_id = $i->{s2}, number = 7 where id = $i->{s1n1};
		update content.episode set series_id = $i->{s2}, season_number = 7 where season_id = $i->{s1n1}" },
	'an episode deleted' => sub { "delete from content.item where id = $_[0]{s1n1e2}" },
);
my %of_channel = (
	'a channel hidden' => sub { "update live.channel set hidden = true where id = $_[0]{c1}" },
	'a channel no longer hidden' => sub { "update live.channel set hidden = false where id = $_[0]{c2}" },
	'the age of a channel' => sub { "update content.item set min_age = 16 where id = $_[0]{c1}" },
	'a channel published' => sub { "update content.item set state = 'published' where id = $_[0]{c2}" },
);

my %of_credits = (
	'another name' => sub { "update content.person set name = 'Anne' where id = $_[0]{p1}" },
	'a name of somebody who is nowhere yet' => sub { "update content.person set name = 'Bob' where id = $_[0]{p2}" },
	'somebody more' => sub { "insert into content.credit (item_id, person_id, role, position) values ($_[0]{s1}, $_[0]{p2}, 'actor', 2)" },
	'the same one again' => sub { "insert into content.credit (item_id, person_id, role, position) values ($_[0]{s1}, $_[0]{p1}, 'writer', 1)" },
	'a title that had nobody' => sub { "insert into content.credit (item_id, person_id, role, position) values ($_[0]{s2}, $_[0]{p1}, 'actor', 1)" },
	'nobody any more' => sub { "delete from content.credit where item_id = $_[0]{s1}" },
	'a person gone' => sub { "delete from content.person where id = $_[0]{p1}" },
	'a title gone' => sub { "delete from content.item where id = $_[0]{s1}" },
);

# first is done and holds what it did; second is begun; then the first commits. A third, if there is one, begins when the second waits.
sub pairs
{
	my ($changes) = @_;
	my (@apart, @errors, %states);
	my @s = map { session() } 1, 2;
	for my $first (sort keys %$changes) {
		for my $second (grep { $_ ne $first } sort keys %$changes) {
			my $id = world();
			said("update content.item set state = 'draft' where id = $id->{c2}; update live.channel set hidden = true where id = $id->{c2}");
			ask($s[0], 'begin; ' . $changes->{$first}->($id));
			my $said = heard($s[0]);
			ask($s[1], 'begin; ' . $changes->{$second}->($id));
			$states{ rests($s[1]) }++;
			ask($s[0], 'commit');
			$said .= heard($s[0]) . heard($s[1]);
			ask($s[1], 'commit');
			$said .= heard($s[1]);
			push @errors, "$first, then $second: $said" if $said =~ /ERROR:(?!.*(?:credit_person|credit_item)_fkey)/; # what is gone is gone
			push @apart, "$first, then $second" if apart();
			said('delete from content.item; delete from content.person');
		}
	}
	ends($_) for @s;
	note(join ', ', map { "$states{$_} $_" } sort keys %states);
	is_deeply(\@errors, [], 'no error');
	is_deeply(\@apart, [], 'and all is as it should be');
}

subtest 'two changes of what is part of a series' => sub { pairs(\%change) };
subtest 'two changes of a channel' => sub { pairs(\%of_channel) };
subtest 'two changes of who a title is by' => sub { pairs(\%of_credits) };

# As programs do it: who changes an episode that is being moved, and who changes the series that it goes to.
subtest 'three at once' => sub {
	my $id = world();
	my @s = map { session() } 1 .. 3;
	my $shared = '"title": "T", "genres": [], "state": "published", "number": 9';
	ask($s[0], qq(begin; select content.save_episode($id->{s1n1e1}, null, '{$shared, "min_age": 0, "season_id": $id->{s2n1}}')));
	heard($s[0]);
	ask($s[1], qq(begin; select content.save_episode($id->{s1n1e1}, null, '{$shared, "min_age": 6, "season_id": $id->{s2n2}}')));
	ask($s[2], qq(begin; select content.save_series($id->{s2}, null, '{$shared, "min_age": 12, "countries": []}')));
	is(rests($_), 'waits', 'both wait') for @s[1, 2];
	ask($s[0], 'commit');
	my $said = heard($s[0]);
	for (1, 2) {
		my $next = wait_for { my ($next) = grep { IO::Select->new($_->{out})->can_read(0) } @s[1, 2]; $next } 10 or die 'nobody goes on';
		$said .= heard($next);
		ask($next, 'commit');
		$said .= heard($next);
		@s[1, 2] = reverse @s[1, 2] if $next == $s[1];
	}
	unlike($said, qr/ERROR/, 'without an error');
	is(apart(), 0, 'all is as it should be');
	ends($_) for @s;
};

# --- editors

my $world = world();
my @series = @$world{qw(s1 s2)};
my @channels = @$world{qw(c1 c2)};
my ($seasons, $episodes) = map { my $k = $_; "(select id from content.$k order by random() limit 1)" } qw(season episode);
sub any { return $_[rand @_] }
sub shared { return sprintf q('{"title": "T", "min_age": %d, "state": "%s", "genres": [%s], %s}'), any(0, 6, 12), any(qw(draft published)), any('', '"war"', '"drama", "war"'), $_[0] }

# As the programs do it.
my @edits = (
	sub { 'select content.save_series(' . any(@series) . ', null, ' . shared('"countries": []') . ')' },
	sub { "select content.save_season(id, null, (" . shared(sprintf '"number": 0, "series_id": %d', any(@series)) . "::jsonb || jsonb_build_object('number', number))::json) from content.season order by random() limit 1" },
	sub { "select content.save_season(null, null, " . shared(sprintf '"number": %d, "series_id": %d', rand 9999, any(@series)) . ')' },
	sub { "select content.save_episode($episodes, null, (" . shared('"number": 0') . "::jsonb || jsonb_build_object('number', " . int(rand 99999) . ", 'season_id', $seasons))::json)" },
	(sub { "select content.save_episode(null, null, (" . shared('"number": 0') . "::jsonb || jsonb_build_object('number', " . int(rand 99999) . ", 'season_id', $seasons))::json)" }) x 2,
	sub { "select content.remove('episode', $episodes, null)" },
	sub { rand() < 0.2 ? "select content.remove('season', (select id from content.season offset 4 limit 1), null)" : 'select 1' },
	sub { sprintf q(select live.save_channel(%d, null, '{"name": "C", "number": 5, "min_age": %d, "hidden": %s, "state": "%s"}')), any(@channels), any(0, 16), any(qw(true false)), any(qw(draft published)) },
	sub { "update live.channel set hidden = not hidden where id = " . any(@channels) },
	sub { "update content.item set min_age = " . any(0, 16) . " where id = " . any(@channels) },
);

subtest EDITORS . ' editors at random' => sub {
	my $end = time + SECONDS;
	my @running = map {
		[background(sub {
			srand $$;
			my $s = session();
			my ($n, %error) = (0);
			while (time < $end) {
				ask($s, $edits[rand @edits]->());
				my $said = heard($s);
				my ($error) = $said =~ /ERROR:\s+(.*)/;
				$error{$error}++ if $error;
				diag($said) if $said =~ /deadlock/;
				$n++;
			}
			ends($s);
			print { $_[0] } "$n\n", map { "$_ x $error{$_}\n" } sort keys %error;
		})];
	} 1 .. EDITORS;
	my ($n, @errors) = (0);
	for (@running) {
		my ($pid, $from) = @$_;
		my ($count, @said) = <$from>;
		$n += $count;
		# two may choose the same number, or what another one has just deleted
		push @errors, grep { !/(season|episode)_number_key|unknown_season|violates foreign key/ } @said;
		end_process($pid);
	}
	note("$n changes");
	cmp_ok($n, '>', 200, 'all of them did something');
	is_deeply(\@errors, [], 'without being in each other\'s way');
	sql($database, 'do $$ begin while search.catch_up() loop commit; end loop; end $$'); # documents of more than 200 rows at once are made later
	is(apart(), 0, 'all is as it should be');
};
done_testing();

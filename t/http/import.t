# Bulk import on the command line: what the last line says, what is stored, and that a second run changes nothing.
use strict;
use warnings;
use Test::More;
use TV;

# The report's numbers by file name: read, created, changed, unchanged, rejected.
sub report
{
	my ($done) = @_;
	my %of;
	$of{ $1 } = { read => $2, created => $3, changed => $4, unchanged => $5, rejected => $6 }
		while $done->{out} =~ m{^(?:.*/)?([^/:]+): read (\d+), created (\d+), changed (\d+), unchanged (\d+), rejected (\d+)$}mg;
	return \%of;
}

sub run_import { my ($database, $program, $command, @files) = @_; return command($database, $program, $command, @files) }

sub total { my ($report, $what) = @_; my $n = 0; $n += $_->{$what} for values %$report; return $n }

# Everything that an import may touch, as one number.
sub state_of
{
	my ($database) = @_;
	return sql($database, q{
		select md5(string_agg(t, ',' order by t)) from (
			select 'i' || i.id || ':' || i.version || i.title from content.item i
			union all select 'c' || item_id || role || position || person_id from content.credit
			union all select 'p' || id || name from content.person union all select 'g' || slug from content.genre
			union all select 'n' || id || number || coalesce(guide_id, '') from live.channel) x (t)});
}

subtest 'titles' => sub {
	my $database = database();
	my $done = run_import($database, 'ondemand', 'import', "$root/t/data/titles.csv");
	is_deeply(report($done)->{'titles.csv'}, { read => 5, created => 4, changed => 0, unchanged => 0, rejected => 1 }, 'the last line')
		or diag("$done->{out}$done->{err}");
	is(sql($database, "select title from content.item where title like 'Å%'"), 'Åse på øya', 'UTF-8');
	is(sql($database, q{select title from content.item where year = 1988}), 'A "Quoted" Film', 'quotes');
	like(sql($database, q{select synopsis from content.item where year = 1988}), qr/Two lines\s+of text\./, 'a line break in a field');
	is(sql($database, q{select kind || '|' || min_age from content.item where title = 'A Series'}), 'series|14', 'a series with its age');
	is(sql($database, q{select runtime from content.item where title = 'The First Film'}), 95 * 60, 'runtime in seconds');
	is(sql($database, q{select min_age from content.item where year = 2001}), 18, 'without a rating it is for adults');
	is(sql($database, q{select array_to_string(genres, ',') from content.item where title = 'A Series'}), 'drama,sci-fi-and-fantasy', 'genres');
	is(sql($database, "select count(*) from content.person where name = 'Bo Actor'"), 1, 'one person for one name');
	my $before = state_of($database);
	$done = run_import($database, 'ondemand', 'import', "$root/t/data/titles.csv");
	is_deeply(report($done)->{'titles.csv'}, { read => 5, created => 0, changed => 0, unchanged => 4, rejected => 1 }, 'the second time')
		or diag("$done->{out}$done->{err}");
	is(state_of($database), $before, '  nothing has changed');
	my $changed = File::Temp->newdir;
	chmod 0755, "$changed";
	write_file("$changed/titles.csv", read_file("$root/t/data/titles.csv") =~ s/A first film\./A changed film./r);
	$done = run_import($database, 'ondemand', 'import', "$changed/titles.csv");
	is_deeply(report($done)->{'titles.csv'}, { read => 5, created => 0, changed => 1, unchanged => 3, rejected => 1 }, 'one changed row')
		or diag("$done->{out}$done->{err}");
	is(sql($database, "select synopsis from content.item where title = 'The First Film'"), 'A changed film.', '  is stored');
};

subtest 'channels' => sub {
	my $database = database();
	my $done = run_import($database, 'livetv', 'import-channels', "$root/t/data/channels.csv");
	is_deeply(report($done)->{'channels.csv'}, { read => 3, created => 3, changed => 0, unchanged => 0, rejected => 0 }, 'the last line')
		or diag("$done->{out}$done->{err}");
	is(sql($database, q{select string_agg(i.title, ',' order by c.number) from live.channel c join content.item i using (id)}),
		'Kanal Én,Kanal Två,Kanal Tre', 'in the order of the file');
	is(sql($database, q{select count(*) from live.lineup where facet = ''}), 3, 'and in the line-up');
	my $before = state_of($database);
	$done = run_import($database, 'livetv', 'import-channels', "$root/t/data/channels.csv");
	is_deeply(report($done)->{'channels.csv'}, { read => 3, created => 0, changed => 0, unchanged => 3, rejected => 0 }, 'the second time')
		or diag("$done->{out}$done->{err}");
	is(state_of($database), $before, '  nothing has changed');
};

# A file of these lines in a directory of its own, imported with these options.
sub import_lines
{
	my ($database, $program, $command, $name, @lines) = @_;
	my $dir = File::Temp->newdir;
	chmod 0755, "$dir";
	write_file("$dir/$name", join '', map { "$_\n" } @lines);
	my $done = run_import($database, $program, split(/ /, $command), "$dir/$name");
	return { %$done, report => report($done)->{$name} };
}

subtest 'rows that contradict each other' => sub {
	my $database = database();
	my $done = import_lines($database, 'ondemand', 'import', 'films.jsonl', '{"title": "Twice", "year": 2001, "cast": ["Ann"]}',
		'{"title": "Twice", "year": 2001, "cast": ["Ann"]}', '{"title": "Twice", "year": 2001, "cast": ["Ann", "Bo"]}');
	is_deeply($done->{report}, { read => 3, created => 1, changed => 0, unchanged => 1, rejected => 1 }, 'a title without an id') or diag("$done->{out}$done->{err}");
	like($done->{out}, qr/films\.jsonl:3: Twice\|2001\| stands in the file before, with other content/, '  is named');
	like($done->{out}, qr/films\.jsonl: 2 titles have no rating: /, '  and in no other count');
	$done = import_lines($database, 'ondemand', 'import', 'land-episodes.csv', 'version,season,episode,episode_title', 'US,1,1,Ashore', 'AU,1,1,Aground');
	is_deeply($done->{report}, { read => 2, created => 1, changed => 0, unchanged => 0, rejected => 1 }, 'an episode of another series') or diag("$done->{out}$done->{err}");
	like($done->{out}, qr/land-episodes\.csv:3: episode:1:1:land stands in the file before, with other content/, '  is named');
};

subtest 'what is not taken over' => sub {
	my $database = database();
	my @lines = ('title,rating,cast,poster', 'A,NR,Ann,http://p.example/a.jpg', 'B,-12,"Ann, ), .",https://p.example/b.jpg', 'C,PG,,', 'D,NR,),ftp://p.example/d.jpg');
	for my $time ('first', 'second') {
		my $done = import_lines($database, 'ondemand', 'import', 'films.csv', @lines);
		like($done->{out}, qr{films\.csv: 3 ratings are not known here \(-12, NR\): what has them is for 18 and older\n}, "ratings, the $time time");
		like($done->{out}, qr{films\.csv: 3 names are left out: without a letter}, '  names');
		like($done->{out}, qr{films\.csv: 2 posters are left out: neither https nor a path}, '  posters');
		like($done->{out}, qr{^[^\n]*: read 4, [^\n]*rejected 0\n\z}m, '  before the last line');
	}
	my $done = import_lines($database, 'livetv', 'import-channels', 'channels.csv', 'id,name,categories,logo,website', 'a,A,news;public;kids,http://l.example/a.png,ftp://a.example/',
		'b,B,news,https://l.example/b.png,http://b.example/', ',C,news;public,http://l.example/c.png,');
	like($done->{out}, qr{: there is no id\n[^\n]*: 2 groups are left out: a channel has one, the first\n[^\n]*: 1 logos are left out: neither https nor a path on this server\n[^\n]*: 1 websites are left out: neither http nor https\n[^\n]*: read 3, created 2,},
		'of channels') or diag($done->{out});
	is(import_lines($database, 'ondemand', 'import', 'films.csv', @lines[0, 3])->{out} =~ tr/\n//, 1, 'where there is none, nothing is said');
};

subtest 'every row is accounted for' => sub {
	my $database = database();
	my $done = import_lines($database, 'ondemand', 'import', 'many.csv', 'title', map { $_ % 2 ? 'x' x 301 : "T$_" } 1 .. 2600);
	is_deeply($done->{report}, { read => 2600, created => 1300, changed => 0, unchanged => 0, rejected => 1300 }, 'counted');
	my @named = $done->{out} =~ /:(\d+): title: longer than 300 characters$/mg;
	is("@named", join(' ', map { 2 * $_ } 1 .. 1000), '  named with their lines');
	like($done->{out}, qr/^[^\n]*many\.csv: 300 more are rejected$/m, '  up to a thousand');
	like($done->{out}, qr/^[^\n]*many\.csv: 1300 titles have no rating: they are for 18 and older$/m, 'those without a rating are said');
	$done = import_lines($database, 'ondemand', 'import', 'line.json', '[{"title": "A", "rating": "G"}, {"title": ""}, {"title": "A", "rating": "PG"}, {"name": 5}]');
	is_deeply($done->{report}, { read => 4, created => 1, changed => 0, unchanged => 0, rejected => 3 }, 'records of one line');
	is(join(' ', $done->{out} =~ /:1: (record \d+): /g), 'record 2 record 3 record 4', '  are told apart') or diag($done->{out});
	$done = import_lines($database, 'ondemand', 'import', 'land-episodes.csv', 'season,episode,episode_title,rating', '1,1,Ashore,G', '2,1,Aground,G', '2,2,Afloat,G');
	like($done->{out}, qr/^[^\n]*: 1 series and 2 seasons are made that have no row of their own\n[^\n]*: read 3, created 3,/m, 'what is made besides') or diag($done->{out});
	$done = import_lines($database, 'livetv', 'import-channels', 'channels.csv', 'id,name,closed', 'a,A,2001-01-01', 'b,B,');
	like($done->{out}, qr/^[^\n]*: 1 channels are closed: they are hidden$/m, 'channels that are closed') or diag($done->{out});
	$done = import_lines($database, 'livetv', 'import-channels', 'feeds.csv', 'channel,id,is_main,languages', 'a,HD,FALSE,nor', 'a,SD,TRUE,eng', 'b,SD,FALSE,');
	like($done->{out}, qr/^[^\n]*: 2 feeds are left out: a channel has the languages of its main one\n[^\n]*: read 3, created 0, changed 1, unchanged 2, rejected 0$/m,
		'feeds that are not the main one') or diag($done->{out});
};

subtest 'names of other scripts' => sub {
	my $database = database();
	my $done = import_lines($database, 'livetv', 'import-m3u', 'list.m3u', '#EXTM3U',
		'#EXTINF:-1 group-title="Кино 4K",Первый HD', 'http://s.example/1', '#EXTINF:-1 group-title="Спорт 4K",Матч HD', 'http://s.example/2',
		'#EXTINF:-1 group-title="ニュース",Россия', 'http://s.example/3', '#EXTINF:-1 group-title="News",Łódź TV', 'http://s.example/4');
	is_deeply($done->{report}, { read => 4, created => 4, changed => 0, unchanged => 0, rejected => 0 }, 'channels are told apart') or diag("$done->{out}$done->{err}");
	is(sql($database, q{select string_agg(i.title || '=' || g.name, ' ' order by c.number)
		from live.channel c join content.item i using (id) join live.channel_group g on g.slug = c.group_slug}),
		'Первый HD=Кино 4K Матч HD=Спорт 4K Россия=ニュース Łódź TV=News', '  and so are their groups');
	is(sql($database, q{select guide_id || ' ' || group_slug from live.channel order by number desc limit 1}), 'lodz-tv news', '  with words for addresses where there are some');
	import_lines($database, 'ondemand', 'import', 'films.csv', 'id,title,genre', '1,A,"Драма 18+, Sci-Fi & Fantasy"', '2,B,"Комедия 18+, アニメ"');
	is(sql($database, q{select string_agg(g.name, ' ' order by i.id, t.n) from content.item i cross join unnest(i.genres) with ordinality t (slug, n)
		join content.genre g on g.slug = t.slug where i.kind = 'movie'}), 'Драма 18+ Sci-Fi & Fantasy Комедия 18+ アニメ', 'genres as well');
};

# A title is deleted while the import goes on: it is as if that had been before.
subtest 'titles that are deleted meanwhile' => sub {
	my $database = database();
	my @film = ('id,title,year', '1,A film,2001', '2,Another,2002');
	my @episode = ('season,episode,episode_title', '1,1,Ashore', '1,2,Aground');
	my @import = ('ondemand', 'import');
	for (['a film', 'films.csv', "kind = 'movie' and title = 'A film'", \@film, ['id,title,year', '1,A film,2003', '2,Another,2002'], '1 0 1'],
		['a series', 'land-episodes.csv', "kind = 'series'", \@episode, ['season,episode,episode_title', '1,1,Ashore', '1,2,Afloat'], '2 0 0'],
		['a channel', 'channels.csv', "kind = 'channel'", ['id,name', 'a.no,A'], ['id,name', 'a.no,B'], '1 0 0']) {
		my ($name, $file, $which, $before, $after, $numbers) = @$_;
		@import = ('livetv', 'import-channels') if $name eq 'a channel';
		import_lines($database, @import, $file, @$before);
		my $id = sql($database, "select id from content.item where $which");
		open my $deleting, '|-', 'psql', '-Xqo', '/dev/null', '-d', sql_url('postgres', $database) or die "psql: $!";
		$deleting->autoflush(1);
		print $deleting "begin; delete from content.item where id = $id;\n";
		ok(wait_for { sql($database, "select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and query like 'delete%$id%'") },
			"$name is being deleted");
		my ($importing, $from) = background(sub {
			my ($to) = @_;
			my $done = import_lines($database, @import, $file, @$after);
			print $to join(' ', map { $done->{report}{$_} // 'none' } qw(created changed unchanged)), ' ', $done->{err}, "\n";
		});
		ok(wait_for { sql($database, "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") }, '  the import waits');
		print $deleting "commit;\n";
		close $deleting;
		is(<$from>, "$numbers \n", '  and makes it anew');
		TV::end_process($importing);
		is(sql($database, "select count(*) from content.item where $which and id <> $id"), 1, '  once');
	}
};

subtest 'what cannot be read' => sub {
	my $database = database();
	isnt(run_import($database, 'ondemand', 'import', '/no/such/file.csv')->{exit}, 0, 'a missing file');
	isnt(run_import($database, 'ondemand', 'import')->{exit}, 0, 'no file');
	isnt(run_import($database, 'ondemand', 'import', '--no-such-option', 'x')->{exit}, 0, 'an unknown option');
	is(sql($database, 'select count(*) from content.item'), 0, 'nothing was stored');
};

my $data = "$root/../shared/data";
subtest 'real data' => sub {
	plan(skip_all => 'no ../shared/data') unless -d $data;
	my $database = database();
	my @files = (glob("$data/catalogue/*_titles.csv"), glob("$data/catalogue/wiki-movies-*.json"));
	my $first = run_import($database, 'ondemand', 'import', @files);
	is($first->{exit}, 0, 'imported') or diag(substr $first->{err}, 0, 2000);
	is(total(report($first), 'read'), 33333, '33,333 rows read') or diag($first->{out});
	my $stored = sql($database, 'select count(*) from content.item');
	my $before = state_of($database);
	my $second = report(run_import($database, 'ondemand', 'import', @files));
	is(total($second, 'read'), 33333, 'again');
	is(total($second, $_), 0, "  none $_") for qw(created changed);
	is(sql($database, 'select count(*) from content.item'), $stored, '  as many titles as before');
	is(state_of($database), $before, '  and the same');
	my $channels = report(run_import($database, 'livetv', 'import-channels', "$data/channels/channels.csv"))->{'channels.csv'};
	is($channels->{read}, 41105, '41,105 channels read');
	my $again = report(run_import($database, 'livetv', 'import-channels', "$data/channels/channels.csv"))->{'channels.csv'};
	is($again->{$_}, 0, "  none $_ the second time") for qw(created changed);
};

done_testing();

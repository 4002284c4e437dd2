# Channels and the guide: filters, order, paging, which programmes a window has, and what a profile's age hides.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $who = account($tv);
my $adult = $who->{token};
my $kid = sign_token($adult, age => 7);

sub items { my ($path, $token) = @_; my $r = $tv->get($path, $token // $adult); return @{ $r->{json}{items} || die("$path: $r->{content}\n") } }
sub names { return [map { $_->{name} } items(@_)] }
sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }
sub guide { my ($query, $token) = @_; return $tv->get("/livetv/epg?$query", $token // $adult) }

# The titles of the seed's channel in a window.
sub shown
{
	my ($from, $to) = @_;
	my $r = guide("channels=$id{channel}&from=" . uri($from) . '&to=' . uri($to));
	return [map { $_->{title} } @{ ($r->{json}{items} || die $r->{content})->[0]{programmes} }];
}

sub add_channels
{
	my ($from, $n) = @_;
	sql($database, "with i as (insert into content.item (kind, title, min_age) select 'channel', 'C' || n, 0
		from generate_series($from, $from + $n - 1) n returning id, substr(title, 2)::int as n)
		insert into live.channel (id, number, country, languages) select id, n / 2, 'DK', '{dan}' from i");
}

subtest 'channels' => sub {
	my ($one) = items('/livetv/channels');
	is_deeply($one, { id => 0 + $id{channel}, number => 1, name => 'Seed One', logo => undef, group => 'news', country => 'NO',
		languages => ['nor'], min_age => 0, catchup_hours => 0 }, 'a channel') or diag(explain($one));
	# 24 are set: where its past can be played
	for my $source (["schedule (channel_id, content_ids) values ($id{channel}, '{$id{movie}}')", 24], ["source (channel_id, url) values ($id{channel}, 'https://x/')", 0],
		["source (channel_id, url, catchup) values ($id{channel}, 'https://x/', 'https://x/{utc}')", 24]) {
		sql($database, "insert into live.$source->[0]");
		is((items('/livetv/channels'))[0]{catchup_hours}, $source->[1], $source->[0]);
		is($tv->get("/livetv/channels/$id{channel}", $adult)->{json}{catchup_hours}, $source->[1], '  by its id');
		sql($database, "delete from live.schedule where channel_id = $id{channel}; delete from live.source where channel_id = $id{channel}");
	}
	my $keeping = server($database, cache => 1);
	my $hours = sub { return $keeping->get('/livetv/channels', $adult)->{json}{items}[0]{catchup_hours} };
	is($hours->(), 0, 'an answer that is kept');
	sql($database, "insert into live.source (channel_id, url, catchup) values ($id{channel}, 'https://x/', 'https://x/{utc}')");
	ok((wait_for { $hours->() == 24 }), '  ends when a source says another thing');
	sql($database, "delete from live.source; insert into live.schedule (channel_id, content_ids) values ($id{channel}, '{$id{movie}}')");
	$hours->();
	sql($database, "delete from live.schedule");
	ok((wait_for { $hours->() == 0 }), '  or a schedule does');
	$keeping->stop;
	is_deeply(names('/livetv/channels'), ['Seed One', 'Adult One'], 'in order of number');
	is_deeply(names('/livetv/channels', $kid), ['Seed One'], 'a child sees its own');
	is_deeply(names('/livetv/channels?group=news', $kid), ['Seed One'], '  also in a group');
	my %cases = (
		'group=news' => 2, 'country=NO' => 1, 'country=SE' => 1, 'language=nor' => 1, 'group=news&country=NO' => 1,
		'group=news&language=swe' => 1, 'country=NO&language=swe' => 0, 'group=news&country=NO&language=nor' => 1,
		'group=no-such' => 0, 'country=DK' => 0, 'language=dan' => 0,
	);
	is(scalar(items("/livetv/channels?$_")), $cases{$_}, $_) for sort keys %cases;
};

subtest 'what is hidden' => sub {
	sql($database, "update live.channel set hidden = true where id = $id{channel}");
	is_deeply(names('/livetv/channels'), ['Adult One'], 'a hidden channel');
	sql($database, "update live.channel set hidden = false, number = 3 where id = $id{channel}");
	is_deeply(names('/livetv/channels'), ['Adult One', 'Seed One'], 'a new number');
	sql($database, "update content.item set state = 'draft' where id = $id{channel}");
	is_deeply(names('/livetv/channels'), ['Adult One'], 'a draft');
	is_deeply([map { $_->{channel}{name} } @{ guide('')->{json}{items} }], ['Adult One'], '  nor is it in the guide');
	sql($database, "update content.item set state = 'published' where id = $id{channel}");
	sql($database, "update live.channel set number = 1 where id = $id{channel}");
};

subtest 'a guide' => sub {
	my $r = guide('');
	is($r->{status}, 200, 'read') or return diag($r->{content});
	my $half = int(time / 1800) * 1800;
	is($r->{json}{from}, instant($half), 'from this half hour');
	is($r->{json}{to}, instant($half + 4 * 3600), 'for four hours');
	is_deeply([sort keys %{ $r->{json}{items}[0]{channel} }], [sort qw(id number name logo)], 'a channel');
	is_deeply([sort keys %{ $r->{json}{items}[0]{programmes}[0] }], [sort qw(id title subtitle start end category season episode min_age)],
		'a programme');
	is($r->{json}{items}[0]{programmes}[0]{id}, $id{programme}, 'what runs now comes first');
	is(scalar @{ $r->{json}{items} }, 2, 'two channels');
	is(scalar @{ guide('', $kid)->{json}{items} }, 1, 'a child sees one');
	is(scalar @{ guide("channels=$id{channel},$id{adult_channel}", $kid)->{json}{items} }, 1, '  also when it asks for both');
	sql($database, "update live.programme set min_age = 16 where id = $id{programme}");
	is(scalar(grep { $_->{id} == $id{programme} } @{ guide('', $kid)->{json}{items}[0]{programmes} }), 0, 'nor programmes that are not for it');
	sql($database, "update live.programme set min_age = 0 where id = $id{programme}");
};

# start < to and end > from: what touches the window's edge is outside.
subtest 'windows' => sub {
	my $hour = int(time / 3600) * 3600;
	my @cases = (
		[0, 3600, ['Hour 0']], [1, 3599, ['Hour 0']], [1, 3601, ['Hour 0', 'Hour 1']], [-1, 3600, ['Hour -1', 'Hour 0']],
		[3599, 3600, ['Hour 0']], [3600, 3601, ['Hour 1']], [0, 7200, ['Hour 0', 'Hour 1']],
		[-12 * 3600, -9 * 3600, []], [-4 * 3600, -3 * 3600, []], [-4 * 3600, -3 * 3600 + 1, ['Hour -3']],
		[25 * 3600, 26 * 3600, []], [25 * 3600 - 1, 26 * 3600, ['Hour 24']], [0, 24 * 3600, [map { "Hour $_" } 0 .. 23]],
	);
	for (@cases) {
		my ($from, $to, $titles) = @$_;
		is_deeply(shown(instant($hour + $from), instant($hour + $to)), $titles, "from $from to $to seconds");
	}
	is_deeply(shown(strftime('%Y-%m-%dT%H:%M:%S+02:00', gmtime $hour + 7200), instant($hour + 60)), ['Hour 0'], 'an offset is understood');
	sql($database, "insert into live.programme (channel_id, start_at, end_at, title) select $id{channel}, s, s + l * interval '1 hour', 'Long ' || l
		from (values (to_timestamp($hour + 30 * 3600), 24), (to_timestamp($hour + 54 * 3600), 4)) v (s, l)");
	is_deeply(shown(instant($hour + 30 * 3600 + $_), instant($hour + 30 * 3600 + $_ + 60)), ['Long 24'], "$_ seconds into a long one")
		for 0, 3 * 3600 - 1, 3 * 3600, 23 * 3600, 24 * 3600 - 60;
	is_deeply(shown(instant($hour + 54 * 3600 + $_), instant($hour + 58 * 3600)), ['Long 4'], "$_ seconds into the next") for 0, 1, 3.5 * 3600;
	is_deeply(shown(instant($hour + 58 * 3600), instant($hour + 59 * 3600)), [], 'after it');
	sql($database, "delete from live.programme where title like 'Long%'");
	is_problem(guide('from=' . instant($hour) . '&to=' . instant($hour + $_)), 400) for 0, -1, 24 * 3600 + 1;
	is_problem(guide("from=$_"), 400) for 'now', '2026-01-01', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00';
	my $r = guide('from=' . instant($hour));
	is($r->{json}{to}, instant($hour + 4 * 3600), 'to is four hours after from');
};

subtest 'a channel without programmes is in the guide' => sub {
	sql($database, "delete from live.programme where channel_id = $id{adult_channel}");
	my ($row) = grep { $_->{channel}{id} == $id{adult_channel} } @{ guide('')->{json}{items} };
	is_deeply($row->{programmes}, [], 'with an empty list');
};

# While pages are read, channels appear in front of and behind the reader.
subtest 'paging' => sub {
	add_channels(100, 200);
	for my $path ('/livetv/channels?limit=9', '/livetv/channels?limit=9&country=DK', '/livetv/channels?limit=9&language=dan&country=DK', '/livetv/epg?limit=9',
		'/livetv/epg?country=DK&limit=9') {
		my $of = sub { $_[0]{channel} ? $_[0]{channel}{id} : $_[0]{id} };
		my @before = map { $of->($_) } $tv->pages($path =~ s/limit=9/limit=100/r, $adult);
		my $n = 0;
		my %times;
		$times{ $of->($_) }++ for $tv->pages($path, $adult, sub { add_channels(90 + 40 * $n, 2) if $n++ < 8 });
		is(scalar(grep { $_ > 1 } values %times), 0, "$path: nothing twice");
		is(scalar(grep { !$times{$_} } @before), 0, '  and nothing is missing');
	}
};

done_testing();

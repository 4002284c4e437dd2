# A channel's day in a time zone, also where days have 23 or 25 hours or are not there at all, and what runs now at the very
# second when programmes change.
use strict;
use warnings;
use HTTP::Tiny;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(time);
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
$tv->{http} = HTTP::Tiny->new(timeout => 20, max_redirect => 0, keep_alive => 0);
my $viewer = account($tv)->{token};
my $kid = sign_token($viewer, age => 7);

sub see { my ($path, $token) = @_; return $tv->get("/livetv/$path", $token // $viewer) }
sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

sub new_channel
{
	my ($name, $number) = @_;
	my $id = sql($database, "insert into content.item (kind, title, min_age) values ('channel', '$name', 0) returning id");
	sql($database, "insert into live.channel (id, number) values ($id, $number)");
	return $id;
}

# From and to are SQL or instants; answers the id.
sub programme
{
	my ($channel, $title, $from, $to, $age) = @_;
	($from, $to) = map { /^\d{4}-/ ? "timestamptz '$_'" : $_ } $from, $to;
	return sql($database, "insert into live.programme (channel_id, title, start_at, end_at, min_age) values ($channel, '$title', $from, $to, " . ($age // 0) . ') returning id');
}

my $hourly = new_channel('Hourly', 100);
# One an hour, named after its start in UTC, around each of the days below.
sub fill_around
{
	my ($from, $to) = @_;
	sql($database, "insert into live.programme (channel_id, title, start_at, end_at)
		select $hourly, to_char(h at time zone 'UTC', 'DD HH24:MI'), h, h + interval '1 hour'
		from generate_series(date_trunc('hour', timestamptz '$from') - interval '5 hours', timestamptz '$to' + interval '5 hours', interval '1 hour') h
		on conflict do nothing");
}

# Zone, day, its start and end, how many hourly programmes touch it.
my @days = (
	['Europe/Oslo', '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 23], ['Europe/Oslo', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 25],
	['Europe/Oslo', '2026-06-15', '2026-06-14T22:00:00Z', '2026-06-15T22:00:00Z', 24], ['Europe/Oslo', '2026-01-15', '2026-01-14T23:00:00Z', '2026-01-15T23:00:00Z', 24],
	['America/New_York', '2026-03-08', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 23], ['America/New_York', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', 25],
	['Asia/Kathmandu', '2026-06-15', '2026-06-14T18:15:00Z', '2026-06-15T18:15:00Z', 25], ['Pacific/Apia', '2026-06-15', '2026-06-14T11:00:00Z', '2026-06-15T11:00:00Z', 24],
	['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z', 24], ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z', 24],
	['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z', 23], ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z', 25],
	['UTC', '2026-02-28', '2026-02-28T00:00:00Z', '2026-03-01T00:00:00Z', 24], [undef, '2028-02-29', '2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z', 24],
	['Etc/GMT+12', '2026-06-15', '2026-06-15T12:00:00Z', '2026-06-16T12:00:00Z', 24], ['America/Argentina/Buenos_Aires', '2026-06-15', '2026-06-15T03:00:00Z', '2026-06-16T03:00:00Z', 24],
);
subtest 'days' => sub {
	fill_around(@$_[2, 3]) for @days;
	for (@days) {
		my ($zone, $date, $from, $to, $n) = @$_;
		my $name = "$date in " . ($zone // 'no zone');
		my $r = see("channels/$hourly/epg?date=$date" . ($zone ? '&tz=' . uri($zone) : ''));
		is($r->{status}, 200, $name) or diag($r->{content}), next;
		is_deeply([@{ $r->{json} }{qw(from to)}], [$from, $to], '  its start and end');
		my @items = @{ $r->{json}{items} };
		is(scalar @items, $n, "  $n programmes");
		is(scalar(grep { $_->{start} ge $to || $_->{end} le $from } @items), 0, '  which touch it');
		is_deeply([map { $_->{start} } @items], [sort map { $_->{start} } @items], '  in order');
	}
	my $r = see("channels/$hourly/epg?date=2011-12-30&tz=Pacific/Apia");
	like($r->{status}, qr/^(200|400|404)$/, 'a day that Samoa never had');
	is_deeply($r->{json}{items} || [], [], '  has no programmes');
	is_deeply([@{ see("channels/$hourly/epg?date=2026-03-29&tz=Europe/Oslo")->{json}{channel} }{qw(id name number)}], [0 + $hourly, 'Hourly', 100], 'whose day it is');
};

# Without a date it is the zone's today; two zones of which one has another day at any time.
subtest 'today' => sub {
	for my $zone ('Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Oslo', undef) {
		my $sql = sub { return sql($database, "select to_char(now() at time zone '" . ($zone // 'UTC') . "', 'YYYY-MM-DD')") };
		my ($before, $r, $after) = ($sql->(), see("channels/$hourly/epg" . ($zone ? '?tz=' . uri($zone) : '')), $sql->());
		my @same = grep { my $day = see("channels/$hourly/epg?date=$_" . ($zone ? '&tz=' . uri($zone) : '')); $day->{json}{from} eq $r->{json}{from} } $before, $after;
		ok(@same > 0, ($zone // 'no zone') . ": today is $before") or diag("$r->{json}{from} $r->{json}{to}");
		my $now = instant(time);
		ok($r->{json}{from} le $now && ($r->{json}{to} gt $now || $before ne $after), '  and now is in it');
	}
};

subtest 'edges of a day' => sub {
	my $channel = new_channel('Edges', 101);
	my ($from, $to) = ('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z');
	programme($channel, 'Before', '2026-03-28T20:00:00Z', '2026-03-28T22:00:00Z');
	programme($channel, 'Ends at its start', '2026-03-28T22:00:00Z', $from);
	my $path = "channels/$channel/epg?date=2026-03-29&tz=Europe/Oslo";
	my $titles = sub { return [map { $_->{title} } @{ see($path, @_)->{json}{items} }] };
	is_deeply($titles->(), [], 'what ends when the day starts is not of it');
	programme($channel, 'First', $from, '2026-03-28T23:00:01Z', 18);
	programme($channel, 'Over its end', '2026-03-29T21:59:59Z', '2026-03-30T01:00:00Z');
	is_deeply($titles->(), ['First', 'Over its end'], 'what starts then is, and what runs over its end');
	is_deeply($titles->($kid), ['Over its end'], 'a child sees its own');
	sql($database, "delete from live.programme where channel_id = $channel");
	programme($channel, 'Over its start', '2026-03-28T22:00:00Z', '2026-03-28T23:00:01Z');
	programme($channel, 'Starts at its end', $to, '2026-03-30T01:00:00Z');
	is_deeply($titles->(), ['Over its start'], 'what starts when the day ends is not of it');
	sql($database, "delete from live.programme where channel_id = $channel");
	programme($channel, 'A day long', '2026-03-27T23:00:01Z', '2026-03-28T23:00:01Z');
	is_deeply($titles->(), ['A day long'], 'one that lasts 24 hours and ends in its first second');
	sql($database, "delete from live.programme where channel_id = $channel");
	programme($channel, 'All of it', '2026-03-28T22:59:59Z', '2026-03-29T22:00:01Z');
	is_deeply($titles->(), ['All of it'], 'one that is longer than the day');
	sql($database, "delete from live.programme where channel_id = $channel");
	my $r = see($path);
	is_deeply([$r->{status}, $r->{json}{items}, $r->{json}{next}], [200, [], undef], 'no programmes are an empty list');
};

subtest 'what is not a day or a zone' => sub {
	is_problem(see("channels/$hourly/epg?tz=" . uri($_)), 400, undef, "zone '$_'") for 'Mars/Olympus', 'Europe/Osl0', 'Europe', 'Europe/', 'Europe/Oslo/', 'Nowhere+3', 'Xyz5', 'PDT',
		'europe/oslo', '+02:00', '02:00', '../etc/passwd', 'Europe/../Europe/Oslo', "Europe/Oslo'", 'UTC;', 'A' x 200, 'infinity', "\x{e5}";
	is_problem(see("channels/$hourly/epg?date=$_"), 400, undef, "date '$_'") for '2026-02-29', '2026-13-01', '2026-00-01', '2026-1-1', 'today', 'infinity', '20260101', '2026-01-01T00:00:00Z';
	for my $far ('0001-01-01', '9999-12-31') {
		my $r = see("channels/$hourly/epg?date=$far");
		like($r->{status}, qr/^(200|400)$/, "$far is far, but no fault");
		cmp_ok($r->{json}{from}, 'lt', $r->{json}{to}, '  and ends after it starts') if $r->{status} == 200;
	}
	is_problem(see("channels/$_/epg?date=2026-03-29"), 404, 'not_found') for $id{movie}, 999999;
	is_problem(see("channels/$id{adult_channel}/epg", $kid), 404, 'not_found', 'a channel that is not for children');
	sql($database, "update live.channel set hidden = true where id = $id{adult_channel}");
	is_problem(see("channels/$id{adult_channel}/epg"), 404, 'not_found', 'a hidden channel');
	sql($database, "update live.channel set hidden = false where id = $id{adult_channel}");
};

# The programmes that a channel is said to have now and next, by both ways of asking.
sub now_next
{
	my ($channel, $token) = @_;
	my $one = see("channels/$channel", $token)->{json};
	my ($of_list) = @{ see("now?channels=$channel", $token)->{json}{items} };
	my @both = map { my $answer = $_; join ' ', map { $_ ? $_->{title} : '-' } @$answer{qw(now next)} } $one, $of_list;
	return $both[0] eq $both[1] ? $both[0] : "$both[0] / $both[1]";
}

# Three programmes that follow each other by the second, looked at all the while: what was seen that was not so when it was asked
# for, and all that was seen. A machine that is busy may sleep through a second.
sub changes
{
	my ($channel) = @_;
	my $edge = sql($database, "delete from live.programme where channel_id = $channel;
		with edge as (select ceil(extract(epoch from now()))::int + 1 as at),
		p as (insert into live.programme (channel_id, title, start_at, end_at, min_age)
			select $channel, title, to_timestamp(at + from_s), to_timestamp(at + to_s), 0
			from edge, (values ('First', -60, 0), ('Second', 0, 1), ('Third', 2, 60)) p (title, from_s, to_s))
		select at from edge");
	my @seen;
	wait_for {
		my $started = time;
		my $state = see("channels/$channel")->{json};
		push @seen, [$started, join(' ', map { $_ ? $_->{title} : '-' } @$state{qw(now next)}), time];
		return $started > $edge + 2;
	} 30;
	my @phases = ([0, $edge, 'First Second'], [$edge, $edge + 1, 'Second Third'], [$edge + 1, $edge + 2, '- Third'], [$edge + 2, $edge + 60, 'Third -']);
	my @wrong = grep { my ($from, $said, $to) = @$_; !grep { $_->[2] eq $said && $_->[0] <= $to && $_->[1] > $from } @phases } @seen;
	my %said = map { $_->[1] => 1 } @seen;
	return (\@wrong, [sort keys %said]);
}

subtest 'now and next' => sub {
	my $channel = new_channel('Now', 102);
	is(now_next($channel), '- -', 'nothing at all');
	my $later = programme($channel, 'Later', "now() + interval '2 hours'", "now() + interval '3 hours'");
	is(now_next($channel), '- Later', 'nothing now');
	programme($channel, 'Long', "now() - interval '23 hours'", "now() + interval '1 hour'");
	is(now_next($channel), 'Long Later', 'one that began yesterday, and a gap');
	sql($database, "update live.programme set min_age = 16 where title = 'Long'");
	is(now_next($channel, $kid), '- Later', 'a child does not see what is not for it');
	sql($database, "update live.programme set min_age = 16 where title = 'Later'; update live.programme set min_age = 0 where title = 'Long'");
	programme($channel, 'Much later', "now() + interval '4 hours'", "now() + interval '5 hours'");
	is(now_next($channel, $kid), 'Long Much later', '  and next is what is');
	my ($wrong, $seen);
	for (1 .. 5) {
		($wrong, $seen) = changes($channel);
		last if @$wrong || @$seen == 4;
	}
	is_deeply($wrong, [], 'each for its own time: none runs at its end, each does at its start');
	is_deeply($seen, ['- Third', 'First Second', 'Second Third', 'Third -'], '  and nothing was left out');
	is(now_next($channel), 'Third -', 'both ways of asking agree');
};

subtest 'now for many channels' => sub {
	my @channel = map { new_channel("Many $_", 1000 + $_) } 1 .. 101;
	my $r = see('now?channels=' . join(',', @channel[0 .. 99]) . '&limit=100');
	is($r->{status}, 200, '100 channels') or diag($r->{content});
	is_deeply([map { $_->{channel}{id} } @{ $r->{json}{items} }], [map { 0 + $_ } @channel[0 .. 99]], '  in order of number');
	is(scalar $tv->pages('/livetv/now?channels=' . join(',', reverse @channel[0 .. 99]) . '&limit=7', $viewer), 100, '  by pages');
	is(scalar @{ see('now?channels=' . join(',', @channel[0 .. 99]))->{json}{items} }, 100, '  and all of those that are named when no limit is');
	is_problem(see('now?channels=' . join(',', @channel)), 400);
	is_problem(see("now?channels=$_"), 400) for '', ',', '1,', '1,,2', '1,x', '0', '1;2', '-1';
	is_deeply([map { $_->{channel}{id} } @{ see("now?channels=$channel[3],$channel[3],999999,$id{movie},$channel[1]")->{json}{items} }], [0 + $channel[1], 0 + $channel[3]],
		'each once, and what does not exist not at all');
	is_deeply(see("now?channels=$id{adult_channel}", $kid)->{json}{items}, [], 'nor what is not for children');
	is_deeply([map { $_->{channel}{name} } @{ see('now?limit=2')->{json}{items} }], ['Seed One', 'Adult One'], 'without ids the first page');
	is_deeply([sort keys %{ see('now?limit=1')->{json}{items}[0] }], [qw(channel next now)], 'an item');
};

done_testing();

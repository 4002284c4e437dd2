# The guide's pages (live.guide_page) are what its programmes make of them, whoever writes these: the importer, which makes most pages
# itself, the triggers, two writers at once, and what prunes. The guide is read from them: ages, long programmes, and windows that
# begin and end within pages.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use TV;

my $database = database();
my %id = seed($database);
my $tv = server($database);
my $viewer = account($tv)->{token};
my $channel = sql($database, "insert into content.item (kind, title, min_age) values ('channel', 'Pages', 0) returning id");
sql($database, "insert into live.channel (id, number, guide_id) values ($channel, 900, 'pages.example')");
my $day = int(time / 86400) * 86400 + 2 * 86400;
sub at { my ($hours) = @_; return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $day + $hours * 3600) }

sub pages_of { return "(select g.* from (select min(start_at) as a, max(end_at) as b from live.programme) s,
	live.guide_pages_of(array(select id from live.channel), live.page_start(s.a), live.page_start(s.b)) g)" }

sub right
{
	my ($what, $least) = @_;
	is(sql($database, 'select count(*) from ((table live.guide_page except all ' . pages_of() . ') union all (' . pages_of() . ' except all table live.guide_page)) x'), 0,
		"$what: each page is what its programmes make of it");
	cmp_ok(sql($database, "select count(*) from live.guide_page where channel_id = $channel"), '>=', $least, '  and there are some') if $least;
}

sub programme
{
	my ($title, $from, $to, $age) = @_;
	return sql($database, sprintf q{insert into live.programme (channel_id, start_at, end_at, title, min_age) values (%d, '%s', '%s', '%s', %d) returning id},
		$channel, at($from), at($to), $title, $age // 0);
}

# Titles of the channel's programmes in a window.
sub shown
{
	my ($from, $to, $age) = @_;
	my $token = defined $age ? sign_token($viewer, age => $age) : $viewer;
	my $r = $tv->get("/livetv/epg?channels=$channel&from=" . at($from) . '&to=' . at($to), $token);
	is($r->{status}, 200, 'the guide') or diag($r->{content});
	return join ' ', map { $_->{title} } map { @{ $_->{programmes} } } @{ json_of($r->{content})->{items} };
}

subtest 'one by one' => sub {
	right('what was there before', 0);
	programme(@$_) for ['A', 1, 2], ['B', 2, 7.5], ['C', 7.5, 9], ['D', 9, 10, 12], ['E', 16, 39], ['F', 39, 40], ['G', 40, 41];
	right('new ones', 6);
	is(shown(0, 4), 'A B', 'a window within a page');
	is(shown(2, 7.5), 'B', 'one ends where the next programme begins');
	is(shown(3, 10), 'B C D', 'over the end of a page: what runs then is there once');
	is(shown(8, 16), 'C D', 'what began on the page before');
	is(shown(8, 17, 7), 'C E', '  for a child');
	is(shown(9, 10, 7), '', '  nothing for it');
	is(shown(16, 40), 'E F', 'a day, of which most is one programme');
	is(shown(30, 31), 'E', 'within it');
	is(shown(26, 50), 'E F G', 'from within it');
	is(shown(10, 16), '', 'nothing is on');
	sql($database, "update live.programme set title = 'C \"\\' || chr(7) || chr(128512) || 'ü', subtitle = '', season = 3, start_at = start_at + interval '1.5 s' where title = 'C'");
	right('another title, and a second that is not whole', 6);
	like(shown(7, 9), qr/C "\\\x07\x{1F600}\x{fc}\z/, 'as it was written');
	sql($database, "update live.programme set start_at = start_at + interval '20 hours', end_at = end_at + interval '20 hours' where title = 'G'");
	right('moved to another page', 6);
	sql($database, "delete from live.programme where title = 'E'");
	right('deleted', 4);
	is(shown(16, 40), 'F', 'it is not there');
	sql($database, "update live.programme set channel_id = $id{channel}, start_at = start_at + interval '30 days', end_at = end_at + interval '30 days' where title = 'F'");
	right('moved to another channel', 3);
};

subtest 'two at once' => sub {
	my $insert = sub { my ($title, $from) = @_; return sprintf q{insert into live.programme (channel_id, start_at, end_at, title) values (%d, '%s', '%s', '%s')}, $channel, at($from), at($from + 0.5), $title };
	my ($first) = background(sub { sql($database, 'begin; ' . $insert->('First', 100) . '; select pg_sleep(1.5); commit') });
	ok((wait_for { sql($database, q{select count(*) from pg_stat_activity where query like '%pg_sleep(1.5)%' and wait_event = 'PgSleep'}) } 10), 'one has written and not committed');
	sql($database, $insert->('Second', 101));
	waitpid $first, 0;
	is(shown(100, 102), 'First Second', 'both are on the page');
	right('both', 3);
};

sub guide
{
	my (@programmes) = @_;
	my $clock = sub { strftime('%Y%m%d%H%M%S +0000', gmtime $day + $_[0] * 3600) };
	write_file("$tv->{dir}/guide.xml", qq{<tv><channel id="pages.example"><display-name>Pages</display-name></channel>} . join('', map {
		sprintf '<programme channel="pages.example" start="%s" stop="%s"><title>%s</title><sub-title>&lt;"\\&gt; %s</sub-title><category>News</category><episode-num system="xmltv_ns">1.%d.</episode-num></programme>',
			$clock->($_->[1]), $clock->($_->[2]), $_->[0], $_->[0], $_->[1] < 0 ? 0 : $_->[1] } @programmes) . '</tv>');
	my $done = command($database, 'livetv', 'import-guide', "$tv->{dir}/guide.xml");
	is($done->{exit}, 0, 'imported') or diag($done->{err});
	return $done->{out} =~ /read (.*)$/m ? $1 : '';
}

subtest 'imports' => sub {
	sql($database, "delete from live.programme where channel_id = $channel");
	right('none', 0);
	my @half_hours = map { ["P$_", $_ / 2 + 0.25, $_ / 2 + 0.75] } 0 .. 99;
	like(guide(@half_hours), qr/created 100/, 'a channel that had none');
	right('its pages are made by the importer', 7);
	is(shown(0, 3), 'P0 P1 P2 P3 P4 P5', 'they are shown');
	is(shown(7.5, 8.5), 'P14 P15 P16', 'over the end of a page');
	is(json_of($tv->get("/livetv/epg?channels=$channel&from=" . at(1) . '&to=' . at(1.5), $viewer)->{content})->{items}[0]{programmes}[0]{id},
		sql($database, "select id from live.programme where channel_id = $channel and title = 'P1'"), 'with their ids');
	like(guide(@half_hours[0 .. 9], ['Long', 5.25, 20.75], @half_hours[41 .. 99]), qr/changed 1,/, 'another guide');
	right('compared with what was there', 7);
	is(shown(4, 21), 'P7 P8 P9 Long P41', 'what it says is shown');
	like(guide(['Later', 300, 301]), qr/created 1,/, 'what comes later');
	right('added', 8);
	sql($database, "update live.programme set start_at = start_at - interval '20 days', end_at = end_at - interval '20 days' where channel_id = $channel");
	right('long ago', 7);
	my $from = -($day - time) / 3600 - 7 * 24;
	like(guide(['Running then', $from - 3, $from + 3], map { ["Q$_", $from + 3 + $_, $from + 4 + $_] } 0 .. 9), qr/created 11/, 'the guide goes on where the history begins');
	right('old and new on the same page', 7);
};

# A window is of one time and of neighbouring channels: where its pages lie together it reads a few blocks.
sub blocks_of { my ($where) = @_; return sql($database, "select string_agg(to_char(starts, 'DDHH24') || '/' || channel_id, ' ' order by ctid) from live.guide_page where $where") }
subtest 'pages lie in order of time' => sub {
	my @ids = map { my $c = sql($database, "insert into content.item (kind, title, min_age) values ('channel', 'Side by side $_', 0) returning id");
		sql($database, "insert into live.channel (id, number, guide_id) values ($c, 90$_, 'side$_.example')"); $c } 1 .. 3;
	my @starts = map { strftime('%d%H', gmtime $day + $_ * 8 * 3600) } 0 .. 2;
	my $in_order = join ' ', map { my $s = $_; map { "$s/$_" } @ids } @starts;
	my $clock = sub { strftime('%Y%m%d%H%M%S +0000', gmtime $day + $_[0] * 3600) };
	write_file("$tv->{dir}/side.xml", '<tv>' . join('', map { qq{<channel id="side$_.example"><display-name>Side by side $_</display-name></channel>} } 1 .. 3)
		. join('', map { my $c = $_; map { sprintf '<programme channel="side%d.example" start="%s" stop="%s"><title>S</title></programme>', $c, $clock->($_), $clock->($_ + 1) } 0 .. 23 } 1 .. 3) . '</tv>');
	sql($database, 'vacuum full live.guide_page'); # no room before its end
	my $done = command($database, 'livetv', 'import-guide', "$tv->{dir}/side.xml");
	like($done->{out}, qr/created 72/, 'imported') or diag($done->{err});
	my $ours = 'channel_id in (' . join(',', @ids) . ')';
	is(blocks_of($ours), $in_order, 'as the importer writes them');
	right('three channels', 0);
	sql($database, "delete from live.guide_page where $ours");
	sql($database, 'vacuum full live.guide_page');
	sql($database, 'select live.lay_out(array[' . join(',', @ids) . qq{]::bigint[], '@{[at(0)]}', '@{[at(23)]}')});
	is(blocks_of($ours), $in_order, 'and as the database does');
};

subtest 'gone' => sub {
	is(command($database, 'livetv', 'prune', '--history', '3')->{exit}, 0, 'pruned');
	right('what is left', 0);
	is(sql($database, "select count(*) from live.programme where end_at < now() - interval '4 days'"), 0, 'old programmes are gone');
	programme('Last', 500, 501);
	sql($database, "delete from content.item where id = $channel");
	is(sql($database, "select count(*) from live.guide_page where channel_id = $channel"), 0, 'with its channel a page goes');
	right('the others', 0);
};

done_testing();

# What a page costs does not grow with what there is: the plans of the list statements, as the programs prepare them, over small
# and large catalogues and guides. No list is read from its beginning, none is sorted, and the pages of memory that an answer touches
# are as many with ten times the rows, on the first page, in the middle and near the end.
use strict;
use warnings;
use IO::Handle;
use IPC::Open2;
use POSIX qw(strftime);
use Test::More;
use TV;

# Buffers of a page of 20: for each row three of an index and one of the table, for two tables.
use constant PAGE => 20 * 4 * 2;

# Tables that may not be read from one end to the other.
my $large_tables = qr/^(item|listing|movie|series|episode|person|credit|programme|lineup|channel|entry|account|purchase|rental|rule|grant|ledger|watchlist|progress|resume|history)$/;
my %text = map { statements($_) } qw(ondemand livetv rights users system);

# A database with so much in it.
sub filled
{
	my (%n) = @_;
	my $database = database();
	sql($database, read_file("$root/t/data/growth.sql") =~ s/\{(\w+)\}/$n{$1}/gr);
	sql($database, 'vacuum (analyze) ' . $_) for qw(content.item content.listing content.credit content.person content.episode content.credit_list rights.topic live.lineup live.channel
		live.programme audit.entry users.account users.watchlist users.progress users.resume users.history rights.rule rights.grant rights.purchase rights.rental rights.ledger rights.holding);
	return $database;
}

# The statements that a program prepares: name => text, from what the build made of sql/queries.
sub statements
{
	my ($program) = @_;
	my $source = read_file("$bin/../gen/$program.queries.c");
	my %found;
	while ($source =~ /^\t\{ "(\w+)",\s+"((?:[^"\\]|\\.)*)"(?:, true)? \},?$/mg) {
		my ($name, $statement) = ($1, $2);
		$found{$name} = $statement =~ s/\\(.)/$1/gr;
	}
	return %found;
}

# Each database has one session; an answer is its rows as text.
my %session;
sub ask
{
	my ($database, $sql) = @_;
	my $s = $session{$database} ||= do {
		my $pid = open2(my $out, my $in, 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', sql_url('postgres', $database));
		$in->autoflush;
		print $in "set timezone to 'UTC'; set plan_cache_mode to force_generic_plan;\n";
		{ pid => $pid, in => $in, out => $out };
	};
	print { $s->{in} } "$sql;\n\\echo the end of it\n";
	my $answer = '';
	while (defined(my $line = readline $s->{out})) {
		return $answer =~ s/\n\z//r if $line eq "the end of it\n";
		$answer .= $line;
	}
	die "psql failed: $sql\n";
}

sub end_sessions
{
	for my $s (values %session) {
		close $s->{$_} for qw(in out);
		waitpid $s->{pid}, 0;
	}
}

# The plan of a statement with these parameters as it ran the second time.
sub plan_of
{
	my ($database, $name, @parameters) = @_;
	my $values = join ', ', map { defined ? "'" . s/'/''/gr . "'" : 'null' } @parameters;
	my $run = 'explain (analyze, buffers, timing off, format json) execute q' . (@parameters ? "($values)" : '');
	my $out = ask($database, 'deallocate all; prepare q as ' . ($text{$name} // die "no statement $name\n") . "; $run; $run");
	return json_of((split /^(?=\[$)/m, $out)[-1])->[0]{Plan};
}

sub nodes { my ($node) = @_; return ($node, map { nodes($_) } @{ $node->{Plans} || [] }) }
sub touched { my ($plan) = @_; return $plan->{'Shared Hit Blocks'} + $plan->{'Shared Read Blocks'} }

# What the plan does that grows: tables that are read whole, and steps that take more rows than so many.
sub faults
{
	my ($plan, $most) = @_;
	my @found;
	for my $node (grep { $_->{'Actual Loops'} } nodes($plan)) {
		my $what = join ' ', grep { defined } @$node{'Node Type', 'Relation Name', 'Index Name'};
		my $table = $node->{'Relation Name'} // '';
		push @found, "$what reads the whole table" if $node->{'Node Type'} eq 'Seq Scan' && $table =~ $large_tables;
		my $rows = $node->{'Actual Loops'} * ($node->{'Actual Rows'} + ($node->{'Rows Removed by Filter'} // 0) + ($node->{'Rows Removed by Index Recheck'} // 0));
		push @found, "$what takes $rows rows" if $rows > $most;
		push @found, "$what sorts " . $node->{Plans}[0]{'Actual Rows'} * $node->{Plans}[0]{'Actual Loops'} . ' rows'
			if $node->{'Node Type'} =~ /Sort/ && $node->{Plans}[0]{'Actual Rows'} * $node->{Plans}[0]{'Actual Loops'} > $most;
	}
	return @found;
}

# A statement over two databases. Parameters may be code, called with the database. Options: rows, the most that a step may take;
# page, the buffers of a page whose rows lie nowhere near each other (a small database has them together); probes, how many look-ups
# are in an index that is one level deeper where there is more; empty, when nothing may be found.
sub same_cost
{
	my ($what, $small, $large, $name, $parameters, %option) = @_;
	my @plans = map { my $database = $_; plan_of($database, $name, map { ref eq 'CODE' ? $_->($database) : $_ } @$parameters) } $small, $large;
	my @faults = faults($plans[1], $option{rows} // 150);
	ok(!@faults, "$what: only what it shows") or diag(join "\n", @faults);
	cmp_ok($plans[1]{'Actual Rows'}, '>', 0, '  which is something') unless $option{empty};
	my ($less, $more) = map { touched($_) } @plans;
	my $page = $option{page} // PAGE;
	cmp_ok($more, '<=', 1.2 * ($less > $page ? $less : $page) + ($option{probes} // 0), "  $less buffers, and $more where there is more");
}

my %few = (titles => 3000, episodes => 120, channels => 2000, programmes => 10, entries => 1000);
my %many = (titles => 30000, episodes => 1200, channels => 2000, programmes => 200, entries => 20000);
my ($small, $large) = (filled(%few), filled(%many));
my $wide = filled(%few, channels => 5000);
# Where a page starts: as an offset, by how many there are.
my @places = (['first page'], ['middle', 'count(*) / 2'], ['near the end', 'count(*) - 60']);

# The sort keys of the row that stands there in a list, as a cursor holds them.
sub keys_at
{
	my ($part, $from, $order, @keys) = @_;
	return (undef) x @keys unless $part;
	return map { my $key = $_; sub { ask($_[0], "select $keys[$key] from $from order by $order offset (select $part from $from) limit 1") } } 0 .. $#keys;
}

my %order = (
	newest => ['added_at desc, item_id desc', 'added_at'], title => ['sort_title, item_id', 'sort_title'],
	year => ['year desc, item_id desc', 'year'], popular => ['popularity desc, item_id desc', 'popularity'],
);
for my $sort (sort keys %order) {
	subtest "movies by $sort" => sub {
		my ($order, $key) = @{ $order{$sort} };
		my @list = ($small, $large, "title_list_$sort");
		my @of_person = ($small, $large, "person_list_$sort");
		for my $genre (undef, 'g3') {
			my $of = $genre ? ", genre $genre" : '';
			my $from = "content.listing where kind = 'movie' and genre = '" . ($genre // '') . "'";
			for (@places) {
				my ($place, $part) = @$_;
				my @at = keys_at($part, $from, $order, $key, 'item_id');
				same_cost("$place$of, age $_", @list, [$_, 'movie', $genre, undef, undef, undef, 20, @at]) for 18, 7;
			}
		}
		my $person = sub { ask($_[0], 'select max(id) from content.person') };
		same_cost('a person', @of_person, [18, 'movie', undef, undef, undef, $person, 20, undef, undef], probes => 60);
		same_cost('a person, and a genre', @of_person, [18, 'movie', 'g3', undef, undef, $person, 20, undef, undef], probes => 60, empty => 1);
	};
}

subtest 'movies by year, of some years' => sub {
	my @list = ($small, $large, 'title_list_year');
	same_cost("$_->[0] to $_->[1]", @list, [18, 'movie', undef, $_->[0], $_->[1], undef, 20, undef, undef]) for [1930, 1940], [1980, 1980], [2000, 2024];
};

subtest 'a series of 1,200 episodes' => sub {
	my $series = sub { ask($_[0], 'select id from content.series') };
	my $episode = sub { my ($part) = @_; return sub { ask($_[0], "select id from content.episode order by number offset (select $part from content.episode) limit 1") } };
	for (@places) {
		my ($place, $part) = @$_;
		my @at = keys_at($part, 'content.episode', 'season_number, number', 'season_number', 'number');
		same_cost("$place, $_->[0]", $small, $large, 'episode_list', [18, $series, $_->[1], 20, @at]) for ['all', undef], ['a season', 1];
	}
	same_cost("an episode, $_->[0]", $small, $large, 'episode', [18, $episode->($_->[1] // 'count(*) * 0')]) for @places;
	same_cost('for editors', $small, $large, 'admin_episode_list', [sub { ask($_[0], 'select id from content.season') }, 20, undef]);
};

# Of eleven rails with 20 titles each.
use constant HOME => 11 * 20 * 4;

subtest 'home, genres and people' => sub {
	same_cost('genres', $small, $large, 'genre_list', [$_], rows => 250) for 18, 7;
	same_cost('home', $small, $large, 'home', [18], rows => 400, page => HOME);
	same_cost('home of a child', $small, $large, 'home', [7], rows => 1000, page => HOME);
	same_cost('a person', $small, $large, 'person', [18, sub { ask($_[0], 'select max(id) from content.person') }], rows => 200, probes => 2 * 60);
};

subtest 'lists of editors' => sub {
	for (@places) {
		my ($place, $part) = @$_;
		my @at = keys_at($part, "content.item where kind = 'movie'", 'id desc', 'id');
		same_cost("movies, $place", $small, $large, 'admin_item_list', ['movie', undef, 20, @at]);
		same_cost("people, $place", $small, $large, 'admin_person_list', [undef, 20, keys_at($part, 'content.person', 'name, id', 'name', 'id')]);
		same_cost("channels, $place", $small, $wide, 'admin_channel_list', [undef, 20, keys_at($part, 'live.channel', 'number, id', 'number', 'id')]);
	}
	same_cost('drafts', $small, $large, 'admin_item_list', ['movie', 'draft', 20, undef]);
	same_cost('hidden channels', $small, $wide, 'admin_channel_list', ['true', 20, undef, undef]);
	same_cost('people by name', $small, $large, 'admin_person_list', ['Person 0020', 20, undef, undef]);
	same_cost('people by a common beginning', $small, $large, 'admin_person_list', ['Person', 20, undef, undef]);
	my $channel = sub { ask($_[0], 'select max(id) from live.channel') };
	same_cost('programmes of a channel', $small, $large, 'admin_programme_list', [$channel, undef, undef, 20, undef]);
	same_cost('the record', $small, $large, 'audit', [undef, undef, undef, undef, undef, 20, undef, undef]);
	same_cost('the record of one thing', $small, $large, 'audit', [undef, 'content.item', 42, undef, undef, 20, undef, undef]);
	same_cost('the record of somebody who did nothing', $small, $large, 'audit', [1, undef, undef, undef, undef, 20, undef, undef], empty => 1);
	same_cost('the record before a time', $small, $large, 'audit', [undef, undef, undef, undef, sub { ask($_[0], 'select min(at) + interval \'30 seconds\' from audit.entry') }, 20, undef, undef]);
	same_cost('the record after a time', $small, $large, 'audit', [undef, undef, undef, sub { ask($_[0], 'select min(at) + interval \'30 seconds\' from audit.entry') }, undef, 20, undef, undef]);
	same_cost('the record of a kind', $small, $large, 'audit', [undef, 'content.person', undef, undef, undef, 20, undef, undef]);
	for (@places) {
		my ($place, $part) = @$_;
		same_cost("the record, $place", $small, $large, 'audit', [undef, undef, undef, undef, undef, 20, keys_at($part, 'audit.entry', 'at desc, id desc', 'at', 'id')]);
	}
};

subtest 'accounts, receipts and plans' => sub {
	same_cost('accounts', $small, $large, 'admin_user_list', [undef, 20, undef]);
	same_cost('accounts, middle', $small, $large, 'admin_user_list', [undef, 20, sub { ask($_[0], 'select avg(id)::bigint from users.account') }]);
	same_cost("accounts by $_", $small, $large, 'admin_user_list', [$_, 20, undef], rows => 1100) for 'viewer77@', 'er', 'example.com';
	sql($_, "insert into users.account (email, name) values ('xq\@example.com', 'Zoë Xq')") for $small, $large;
	same_cost("accounts by the rare $_", $small, $large, 'admin_user_list', [$_, 20, undef], rows => 1100) for 'xq', 'Ë', 'zoë';
	same_cost('receipts', $small, $large, 'admin_receipt_list', [undef, 20, undef]);
	same_cost('receipts, middle', $small, $large, 'admin_receipt_list', [undef, 20, sub { ask($_[0], 'select avg(id)::bigint from rights.rental') }]);
	same_cost('receipts of an account', $small, $large, 'admin_receipt_list', [sub { ask($_[0], 'select max(account_id) from rights.rental') }, 20, undef]);
	# what they include is read within a function
	same_cost('plans', $small, $large, 'plans_on_sale', [18]);
	same_cost('own plan and all', $small, $large, 'subscriptions', [1, 18]);
};

subtest 'of a viewer who has much, and of all of them' => sub {
	my ($account, $profile) = map { my $of = $_; sub { ask($_[0], "select $of from users.profile where name = 'Eager'") } } qw(account_id id);
	my %list = (watchlist => ['watchlist', 'added_at', 'item_id'], resume_list => ['resume', 'updated_at', 'group_id'], history_list => ['history', 'watched_at', 'id']);
	for my $name (sort keys %list) {
		my ($table, $at, $id) = @{ $list{$name} };
		same_cost("$name, $_->[0]", $small, $large, $name, [$profile, 18, 20, keys_at($_->[1], "users.$table where profile_id > 0", "$at desc, $id desc", $at, $id)])
			for @places;
	}
	same_cost('purchases', $small, $large, 'purchase_list', [$account, 18, 20, undef]);
	same_cost('rentals', $small, $large, 'rental_list', [$account, 18, 20, undef]);
	for (@places) {
		my ($place, $part) = @$_;
		same_cost("grants, $place", $small, $large, 'admin_grant_list', [undef, 20, keys_at($part, 'rights.grant', 'id', 'id')]);
		same_cost("rules, $place", $small, $large, 'admin_rule_list', [undef, undef, 20, keys_at($part, 'rights.rule', 'id', 'id')]);
		same_cost("the ledger, $place", $small, $large, 'admin_ledger', [undef, undef, undef, 20, keys_at($part, 'rights.ledger', 'at desc, id desc', 'at', 'id')]);
	}
	my $ten = sub { '{' . ask($_[0], "select string_agg(id::text, ',') from (select id from content.movie order by id limit 10) m") . '}' };
	same_cost('rights of ten titles', $small, $large, 'access_list', [$account, $profile, 18, $ten], probes => 10 * 7);
	same_cost('grants to it', $small, $large, 'admin_grant_list', [$account, 20, undef]);
	same_cost('rules of a plan', $small, $large, 'admin_rule_list', [undef, sub { ask($_[0], 'select max(id) from rights.plan') }, 20, undef]);
	same_cost('rules of a title', $small, $large, 'admin_rule_list', [sub { ask($_[0], 'select max(id) from content.movie') }, undef, 20, undef]);
	same_cost('the ledger of it', $small, $large, 'admin_ledger', [$account, undef, undef, 20, undef, undef]);
	same_cost('receipts of it', $small, $large, 'admin_receipt_list', [$account, 20, undef]);
};

subtest 'related' => sub {
	my $movie = sub { ask($_[0], 'select min(id) + 100 from content.movie') };
	same_cost('a movie', $small, $large, 'related', [18, 'movie', $movie], rows => 250);
};

# Of the guide, for each of 25 channels: its place and name, two searches for programmes, and pages of these.
use constant GUIDE => 25 * (4 * 4 + 2);

# Group, country, language as parameters, and the facet of the line-up that they walk.
my @facets = (['all', [undef, undef, undef], ''], ['a group', ['g3', undef, undef], 'g:g3'], ['a country', [undef, 'SE', undef], 'c:SE'], ['a language', [undef, undef, 'nor'], 'l:nor']);
my $half = int(time / 1800) * 1800;
my @window = map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $half + $_ * 3600) } 0, 4;

subtest 'channels' => sub {
	for my $facet (@facets) {
		my ($of, $filter, $name) = @$facet;
		for (@places) {
			my ($place, $part) = @$_;
			my @at = keys_at($part, "live.lineup where facet = '$name'", 'number, channel_id', 'number', 'channel_id');
			same_cost("$of, $place, age $_", $small, $wide, 'channel_list', [$_, @$filter, 20, @at]) for 18, 7;
		}
	}
	my $name = 'g:g3 c:SE l:eng';
	my @at = keys_at('count(*) / 2', "live.lineup where facet = '$name'", 'number, channel_id', 'number', 'channel_id');
	same_cost('a group in a country', $small, $wide, 'channel_list', [18, 'g3', 'SE', undef, 20, undef, undef]);
	same_cost('a group in a country and a language, middle', $small, $wide, 'channel_list', [18, 'g3', 'SE', 'eng', 20, @at]);
	same_cost('a group in a country in which it is not', $small, $wide, 'channel_list', [18, 'g3', 'US', undef, 20, undef, undef], empty => 1);
};

subtest 'the guide: 25 channels, 4 hours' => sub {
	for my $facet (@facets) {
		my ($of, $filter, $name) = @$facet;
		for (@places) {
			my ($place, $part) = @$_;
			my @at = keys_at($part, "live.lineup where facet = '$name'", 'number, channel_id', 'number', 'channel_id');
			my @parameters = (18, @$filter, @window, undef, 25, @at);
			same_cost("$of, $place, more programmes", $small, $large, 'epg', \@parameters, rows => 300, page => GUIDE);
			same_cost("$of, $place, more channels", $small, $wide, 'epg', \@parameters, rows => 300, page => GUIDE);
		}
	}
	my $ids = sub { '{' . ask($_[0], "select string_agg(id::text, ',') from (select id from live.channel where number % 79 = 16 order by id limit 25) c") . '}' };
	same_cost('named channels', $small, $large, 'epg_of_channels', [18, undef, undef, undef, @window, $ids, 25, undef, undef], rows => 300, page => GUIDE);
	same_cost('named channels, more channels', $small, $wide, 'epg_of_channels', [18, undef, undef, undef, @window, $ids, 25, undef, undef], rows => 300, page => GUIDE);
};

subtest 'now' => sub {
	for (@places) {
		my ($place, $part) = @$_;
		my @at = keys_at($part, "live.lineup where facet = ''", 'number, channel_id', 'number', 'channel_id');
		same_cost("$place, more programmes", $small, $large, 'now_list', [18, undef, 20, @at], probes => 2 * 21);
		same_cost("$place, more channels", $small, $wide, 'now_list', [18, undef, 20, @at]);
	}
	my $channel = sub { ask($_[0], 'select max(id) from live.channel') };
	same_cost('a channel', $small, $large, 'channel', [18, $channel]);
	my $today = strftime('%Y-%m-%d', gmtime);
	same_cost('its day', $small, $large, 'channel_day', [18, $channel, $today, 'UTC']);
	same_cost('a programme', $small, $large, 'programme', [18, sub { ask($_[0], 'select max(p.id) from live.programme p join live.channel c on c.id = p.channel_id where not c.hidden') }]);
};

end_sessions();
done_testing();

# How well searching finds what was meant: queries are made from the data by rules, with a seed, and never by hand. For each
# engine and rule it prints success@1, success@5 and the mean reciprocal rank. Real data from ../shared/data where there is
# any (TV_SEARCH_FULL=1: all of it), else the small committed sample. With TV_ELASTICSEARCH_URL both engines are tested.
#
# Right answers: whatever bears the title that the query was made from, under any of its names. Of a misspelt query also what is
# no further away from it; of a prefix that more than five titles begin with, any of those.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use List::Util qw(min sum0 uniq);
use Test::More;
use TV;
use Unicode::Normalize qw(NFD NFKC);

use constant { A_RULE => 25, AGE => 6 };

my $shared = "$root/../shared/data";
my $database = database();
# a loaded machine is no miss: how fast it is, t/bench/search.pl measures
local $ENV{TV_ELASTICSEARCH_TIMEOUT} = 1500;
delete local $ENV{TV_ELASTICSEARCH_URL} unless $ENV{TV_ELASTICSEARCH_URL};
load();

sub run_command { my @c = @_; my $done = command($database, @c); die "@c: $done->{err}" if $done->{exit}; return $done }

sub load
{
	my @titles = -d $shared ? $ENV{TV_SEARCH_FULL} ? glob "$shared/catalogue/*" : map { "$shared/catalogue/$_" } qw(netflix_titles.csv wiki-movies-2000s.json)
		: "$root/t/data/titles.csv";
	my @episodes = -d $shared ? glob "$shared/episodes/*-episodes.json" : ();
	run_command('ondemand', 'import', @titles, @episodes);
	my $channels = -d $shared ? "$shared/channels/channels.csv" : "$root/t/data/channels.csv";
	if (-d $shared && !$ENV{TV_SEARCH_FULL}) {
		# every fifth channel, and all that have names in other scripts
		my $n = 0;
		my @lines = split /^/, read_file($channels);
		my $dir = TV::scratch();
		write_file("$dir/channels.csv", join '', shift @lines, grep { /[\x{d0}-\x{ef}][\x{80}-\x{bf}]/ || !($n++ % 5) } @lines);
		chmod 0644, "$dir/channels.csv";
		$channels = "$dir/channels.csv";
	}
	run_command('livetv', 'import-channels', $channels);
	run_command('search', 'refresh');
	sql($database, 'vacuum analyze');
}

# --- the data: everything that everybody may find, with its names

sub rows { return map { TV::json_of($_) } split /\n/, sql($database, $_[0]) }
my @all = map { { key => "$_->[0] $_->[1]", kind => $_->[0], title => $_->[2], names => [uniq grep { defined } $_->[2], @{ $_->[3] }] } } rows(<<'SQL');
	select json_build_array(i.kind, i.id, i.title, array[i.original_title] || i.alternative_titles || coalesce(c.alt_names, '{}'))
	from content.item i left join live.channel c on c.id = i.id where i.kind <> 'season' and not coalesce(c.hidden, false)
	union all
	select json_build_array('person', p.id, p.name, '{}'::text[]) from content.person p
	where exists (select from content.credit c where c.person_id = p.id)
SQL
my %forbidden = map { $_ => 1 } split /\n/, sql($database, 'select i.kind || $$ $$ || i.id from content.item i
	left join content.episode e on e.id = i.id left join content.item s on s.id = e.series_id left join content.item t on t.id = e.season_id
	where greatest(i.min_age, s.min_age, t.min_age) > ' . AGE . '
	union all select $$person $$ || p.id from content.person p
	where not exists (select from content.credit c join content.item i on i.id = c.item_id where c.person_id = p.id and i.min_age <= ' . AGE . ')');

my %letters = ('ß' => 'ss', 'æ' => 'ae', 'œ' => 'oe', 'ø' => 'o', 'đ' => 'd', 'ł' => 'l', 'ı' => 'i', 'ð' => 'd', 'þ' => 'th');
sub norm
{
	my ($s) = @_;
	$s = lc NFKC($s);
	$s =~ s/&/ and /g;
	$s =~ s/['’]//g;
	$s =~ s/([ßæœøđłıðþ])/$letters{$1}/g;
	$s = NFD($s);
	$s =~ s/\pM//g;
	$s =~ s/[^\pL\pN]+/ /g;
	return $s =~ s/^ | $//gr;
}
my (%bearing, @begins);
for my $thing (@all) {
	for my $name (map { norm($_) } @{ $thing->{names} }) {
		$bearing{$name}{ $thing->{key} } = 1;
		push @begins, $name;
	}
}
# Errors between two texts: letters too many, too few, others, or swapped.
sub distance
{
	my @a = split //, $_[0];
	my @b = split //, $_[1];
	my @d = ([0 .. @b]);
	for my $i (1 .. @a) {
		$d[$i][0] = $i;
		for my $j (1 .. @b) {
			$d[$i][$j] = min($d[$i - 1][$j] + 1, $d[$i][$j - 1] + 1, $d[$i - 1][$j - 1] + ($a[$i - 1] ne $b[$j - 1]));
			$d[$i][$j] = min($d[$i][$j], $d[$i - 2][$j - 2] + 1) if $i > 1 && $j > 1 && $a[$i - 1] eq $b[$j - 2] && $a[$i - 2] eq $b[$j - 1];
		}
	}
	return $d[@a][@b];
}

# --- the rules: each makes a query of a name, or nothing where it does not apply

my $state = 20;
sub dice { my ($n) = @_; $state = ($state * 1103515245 + 12345) & 0x7fffffff; return ($state >> 8) % $n }
sub letter { return chr(97 + dice(26)) }
sub one_error
{
	my ($word) = @_;
	my $at = dice(length $word);
	my $how = dice(3);
	my $made = substr($word, 0, $at) . ($how == 0 ? '' : $how == 1 ? letter() : letter() . substr($word, $at, 1)) . substr($word, $at + 1);
	return $made eq $word ? one_error($word) : $made;
}
# Changes one word of at least so many Latin letters, by chance.
sub in_word
{
	my ($name, $least, $change, $other) = @_;
	my @words = split / /, norm($name);
	my @can = grep { $words[$_] =~ /^[a-z]{$least,}$/ && $_ != ($other // -1) } 0 .. $#words;
	return unless @can;
	my $which = $can[dice(scalar @can)];
	$words[$which] = $change->($words[$which]) // return;
	return (join(' ', @words), $which);
}
sub swap { my ($w) = @_; for (1 .. 9) { my $at = dice(length($w) - 1); my $s = $w; substr($s, $at, 2) = reverse substr $s, $at, 2; return $s if $s ne $w } return }
my %roman = (II => 2, III => 3, IV => 4, VI => 6, VII => 7, VIII => 8, IX => 9);
my %digit = reverse %roman;
my $articles = qr/^(?:The|A|An|La|Le|Les|El|Los|Der|Die|Das|Il) (?=.{4})/;

# name => [kinds, the rule, what is right besides: nearer, or beginning so]
my @rules = (
	['full title', 'movie|series', sub { $_[0] }],
	['prefix', 'movie|series', sub { my $n = norm($_[0]); return length $n > 2 ? substr($n, 0, 1 + dice(min(length($n), 14))) : undef }, 'prefix'],
	['prefix of a word', 'movie|series', sub {
		my @w = split / /, norm($_[0]);
		return unless @w > 1;
		my $at = 1 + dice($#w);
		return join(' ', @w[$at .. $#w]) =~ /^(.{4,12})/ ? $1 : undef;
	}, 'inside'],
	['one typo', 'movie|series', sub { (in_word($_[0], 4, \&one_error))[0] }, 'near'],
	['two typos', 'movie|series', sub {
		my ($q, $at) = in_word($_[0], 5, \&one_error) or return;
		my ($again) = in_word($q, 5, \&one_error, $at);
		($again) = in_word($_[0], 8, sub { one_error(one_error($_[0])) }) unless defined $again;
		return $again;
	}, 'near'],
	['swapped letters', 'movie|series', sub { (in_word($_[0], 4, \&swap))[0] }, 'near'],
	['accents missing', 'movie|series|person|channel', sub { return NFD($_[0]) =~ /[A-Za-z]\pM/ ? norm($_[0]) : undef }],
	['ligatures', 'movie|series|person|channel', sub { return $_[0] =~ /[œßæøŒÆØ]/ ? norm($_[0]) : undef }],
	['& and and', 'movie|series', sub { my $n = $_[0]; return $n =~ s/ & / and / || $n =~ s/ and / & / ? $n : undef }],
	['joined words', 'movie|series', sub { my $n = norm($_[0]); return $n =~ /^[a-z]{3,} [a-z]{3,}/ ? $n =~ s/ //r : undef }],
	['hyphens', 'movie|series', sub { my $n = $_[0]; return unless $n =~ /\pL-\pL/; return dice(2) ? $n =~ s/-//r : $n =~ s/-/ /r }],
	['numerals', 'movie|series', sub {
		my $n = $_[0];
		return $n =~ s/\b(II|III|IV|VI|VII|VIII|IX)\b/$roman{$1}/ || $n =~ s/(?<=\pL )([2346789])\b(?!\S)/$digit{$1}/ ? $n : undef;
	}],
	['without article', 'movie|series', sub { my $n = $_[0]; return $n =~ s/$articles// ? $n : undef }],
	['word order', 'movie|series', sub { my @w = split / /, norm($_[0]); return @w > 1 && @w < 6 ? join(' ', reverse @w) : undef }],
	['CJK', 'channel', sub { return $_[0] =~ /^([\p{Han}\p{Hiragana}\p{Katakana}]{2,})/ ? $1 : undef }, 'prefix'],
	['Arabic', 'channel', sub { return $_[0] =~ /^\p{Arabic}/ ? $_[0] : undef }],
	['Cyrillic', 'channel', sub { return $_[0] =~ /^\p{Cyrillic}{3}/ ? $_[0] : undef }],
	['people', 'person', sub { return $_[0] =~ /^\S+ \S+$/ ? $_[0] : undef }],
	['people, turned round', 'person', sub { return $_[0] =~ /^(\pL{2,}) (\pL{2,})$/ ? lc "$2 $1" : undef }],
	['people, one typo', 'person', sub { return $_[0] =~ /^\pL{4,} \pL{4,}$/ ? (in_word($_[0], 4, \&one_error))[0] : undef }, 'near'],
	['episodes', 'episode', sub { return $_[0] =~ /\pL{4}/ ? $_[0] : undef }],
	['channels', 'channel', sub { return $_[0] }],
	['alternative names', 'channel', sub { return $_[0] =~ /^[\x20-\x7e]{4,}$/ && $_[1] ? $_[0] : undef }],
);

sub right
{
	my ($query, $name, $also) = @_;
	my %right = %{ $bearing{ norm($name) } };
	return sub { $right{ $_[0]{key} } } unless $also;
	my $typed = norm($query);
	if ($also eq 'near') {
		my $errors = distance($typed, norm($name));
		return sub { $right{ $_[0]{key} } || distance($typed, norm($_[0]{title})) <= $errors };
	}
	my $start = $also eq 'prefix' ? qr/^\Q$typed\E/ : qr/(?:^| )\Q$typed\E/;
	my $many = grep { /$start/ } @begins;
	return sub { $right{ $_[0]{key} } || $many > 5 && begins_so($_[0], $start) };
}

my %names_of = map { $_->{key} => $_->{names} } @all;
sub begins_so { my ($item, $start) = @_; return scalar grep { norm($_) =~ $start } @{ $names_of{ $item->{key} } || [] } }

my @queries;
for my $rule (@rules) {
	my ($what, $kinds, $make, $also) = @$rule;
	my @from = grep { $_->{kind} =~ /^(?:$kinds)$/ } @all;
	my (%seen, $n);
	for (1 .. 40000) {
		last if !@from || ($n // 0) >= A_RULE;
		my $thing = $from[dice(scalar @from)];
		my $which = dice(scalar @{ $thing->{names} });
		my $name = $thing->{names}[$which];
		next if length norm($name) < 2;
		my $query = $make->($name, $which);
		next if !defined $query || length norm($query) == 0 || length $query > 80 || $seen{$query}++;
		push @queries, { rule => $what, query => $query, right => right($query, $name, $also) };
		$n++;
	}
}
cmp_ok(scalar @queries, '>=', -d $shared ? 300 : 100, scalar(@queries) . ' queries');

# --- asking

sub items
{
	my ($tv, $token, $query) = @_;
	my $r = $tv->get('/search/global?limit=10&q=' . uri($query), $token);
	die encode_utf8("$query: ") . "$r->{status} $r->{content}" unless $r->{status} == 200;
	$_->{key} = "$_->{kind} $_->{id}" for @{ $r->{json}{items} };
	return ($r->{json}, @{ $r->{json}{items} });
}

sub mean { return @_ ? sum0(@_) / @_ : 0 }
sub summary { my @r = @_; return (mean(map { $_ == 1 } @r), mean(map { $_ && $_ <= 5 } @r), mean(map { $_ ? 1 / $_ : 0 } @r)) }

sub measure
{
	my ($tv, $token, $engine) = @_;
	my (%rank, @missed, %engines);
	for my $q (@queries) {
		my ($answer, @items) = items($tv, $token, $q->{query});
		$engines{"$answer->{engine} $answer->{degraded}"}++;
		my ($first) = grep { $q->{right}->($items[$_]) } 0 .. $#items;
		push @{ $rank{ $q->{rule} } }, defined $first ? $first + 1 : 0;
		push @missed, $q if !defined $first || $first > 4;
	}
	is_deeply([keys %engines], ["$engine 0"], "$engine answered all of them");
	diag(sprintf '%-13s %-22s %4s %7s %7s %7s', $engine, 'rule', 'n', '@1', '@5', 'MRR');
	diag(sprintf '%-13s %-22s %4d %7.3f %7.3f %7.3f', $engine, $_->[0], scalar @{ $rank{ $_->[0] } }, summary(@{ $rank{ $_->[0] } })) for grep { $rank{ $_->[0] } } @rules;
	diag(encode_utf8("missed: $_->{rule}: $_->{query}")) for $ENV{TV_SEARCH_MISSED} ? @missed : ();
	my @all = map { @$_ } values %rank;
	my @typos = map { @{ $rank{$_} || [] } } grep { /typo|swap/ } keys %rank;
	diag(sprintf '%-13s %-22s %4d %7.3f %7.3f %7.3f', $engine, 'all', scalar @all, summary(@all));
	my $goal = $engine eq 'postgres' ? 0.9 : 0.95;
	cmp_ok((summary(@all))[1], '>=', $goal, "$engine: success\@5");
	cmp_ok((summary(@typos))[1], '>=', 0.85, "$engine: success\@5 of typing errors");
}

# Nothing that is not for a child, whatever of these it types.
sub for_children
{
	my ($tv, $token, $engine) = @_;
	my ($n, @leaks) = (0);
	for my $q (@queries) {
		my ($answer, @items) = items($tv, $token, $q->{query});
		$n += @items;
		push @leaks, map { encode_utf8("$q->{query}: $_->{key}") } grep { $forbidden{ $_->{key} } } @items;
	}
	is_deeply(\@leaks, [], "$engine: nothing above the age of " . AGE);
	cmp_ok($n, '>', 0, "$engine: of $n items");
}

for my $engine ('postgres', $ENV{TV_ELASTICSEARCH_URL} ? 'elasticsearch' : ()) {
	local $ENV{TV_ELASTICSEARCH_URL} = $ENV{TV_ELASTICSEARCH_URL};
	delete $ENV{TV_ELASTICSEARCH_URL} if $engine eq 'postgres';
	run_command('search', 'rebuild') if $engine eq 'elasticsearch';
	my $tv = server($database);
	my $token = account($tv)->{token};
	measure($tv, $token, $engine);
	for_children($tv, sign_token($token, age => AGE), $engine);
	$tv->stop;
}
done_testing();

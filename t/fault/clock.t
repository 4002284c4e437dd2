# No address outlives its right, by a clock that this test sets: PostgreSQL, the web server and the programs run under libfaketime
# and are asked at the last second before each of a thousand rentals ends, when it ends, and a second later; likewise purchases,
# grants, a subscription, free titles and channels. Time stands still while they are asked, so every answer has one right value.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Time::Local qw(timegm);
use TV;
use TV::Accounts;
use TV::Play;

my ($faketime) = glob '/usr/lib/*/faketime/libfaketime.so.1';
plan(skip_all => 'libfaketime is not installed (Debian package libfaketime)') unless $faketime;
use constant { ROUNDS => 10, APART => 600, LONG => 6000, SHORT => 60 };

my $scratch = TV::scratch();
chmod 0755, $scratch;
my $now;
sub set_clock
{
	($now) = @_;
	write_file("$scratch/clock.new", strftime("%Y-%m-%d %H:%M:%S\n", gmtime $now));
	rename "$scratch/clock.new", "$scratch/clock" or die "clock: $!";
	return;
}
my @under = ('env', "LD_PRELOAD=$faketime", "FAKETIME_TIMESTAMP_FILE=$scratch/clock", 'TZ=UTC', 'FAKETIME_NO_CACHE=1',
	'FAKETIME_DONT_FAKE_MONOTONIC=1', 'NO_FAKE_STAT=1');
my $begin = 86400 + int time;
set_clock($begin);
my $cluster = cluster_pid(inside => [TV::as_user(@under)]);
my $database = database();
is(sql($database, 'select extract(epoch from clock_timestamp())::bigint'), $begin, 'PostgreSQL has the clock');
# the web server hands its programs no such variables
mkdir "$scratch/bin" or die "bin: $!";
for my $path (glob "$bin/*") {
	my ($name) = $path =~ m{([^/]+)$};
	-x $path && $name !~ /\./ or symlink($path, "$scratch/bin/$name"), next;
	write_file("$scratch/bin/$name", "#!/bin/sh\nexec @under $path \"\$@\"\n");
	chmod 0755, "$scratch/bin/$name";
}
my $tv = server($database, under => \@under, env => { TV_BIN => "$scratch/bin" });
my $service = $tv->admin;
my %place = (test => "$root/sql/demo/media/test-transmission", 'test-' . SHORT, "$root/sql/demo/media/test-transmission");
system('mkdir', "$tv->{dir}/media") == 0 or die 'mkdir';
system('cp', '-r', $place{$_}, "$tv->{dir}/media/$_") == 0 or die 'cp' for keys %place;
system("chown -R postgres: $tv->{dir}/media") unless $>;
sql($database, 'create or replace function rights.stream_limit(account bigint) returns int language sql return 100000');

sub instant { return "to_timestamp($_[0])" }
sub seconds
{
	my ($y, $mo, $d, $h, $mi, $s, $part) = ($_[0] // '') =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?Z$/ or return 'none';
	return timegm($s, $mi, $h, $d, $mo - 1, $y) + ($part // 0);
}

# --- rights: { account, item, until, before and after (the decision's words), finish (until when a session that was begun may go on) }

sub titles
{
	my ($n, $name, $seconds, $kind) = @_;
	my @ids = make_movies($database, $n, $name);
	my $ids = join ',', @ids;
	sql($database, "update content.item set runtime = $seconds where id in ($ids)") if $seconds != LONG;
	make_playable($database, @ids) if $seconds != LONG;
	return @ids;
}

sub rentals
{
	my ($right, @ids) = @_;
	my ($started, $by) = $right->{begun} ? (instant($begin - 60), instant($begin + 30 * 86400)) : ('null', instant($right->{until}));
	my $expires = !$right->{begun} ? 'null' : instant($right->{held_until} // $right->{until});
	sql($database, "insert into rights.rental (account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, start_within,
			watch_within, paid_at, start_by, started_at, expires_at)
		select $right->{account}, id, 'movie', 'M', 399, 'EUR', 'hd', 86400, 172800, @{[instant($begin - 3600)]}, $by, $started, $expires
		from unnest('{@{[join ',', @ids]}}'::bigint[]) id");
	return map { { source => 'rental', after => 'rental_expired', %$right, item => $_ } } @ids;
}

sub window { my ($until, @ids) = @_; sql($database, 'update content.item set available_until = ' . instant($until) . ' where id in (' . join(',', @ids) . ')'); return @ids }

# Paid over HTTP while the clock stands at the beginning; begun: with a first heartbeat then.
sub bought
{
	my ($who, $right, @ids) = @_;
	my $within = $right->{until} - $begin;
	my ($start, $watch) = $right->{begun} ? (86400, $within) : ($within, 172800);
	sql($database, "insert into rights.rule (type, content_id, price_amount, currency, start_within, watch_within)
		select 'rental', id, 399, 'EUR', $start, $watch from unnest('{@{[join ',', @ids]}}'::bigint[]) id");
	my @paid = together($tv, map { request_text('POST', "/ondemand/rent/$_", token => $who->{token}) } @ids);
	die "rent: $_->{status} $_->{content}" for grep { $_->{status} != 201 } @paid;
	if ($right->{begun}) {
		my @r = together($tv, map { request_text('GET', "/play/ondemand/$_", token => $who->{token}) } @ids);
		@r = together($tv, map { request_text('POST', "/play/sessions/$_->{json}{session_id}/heartbeat", token => $who->{token}, body => { position => 1, seq => 1, event => 'stop' }) } @r);
		die "heartbeat: $_->{status} $_->{content}" for grep { $_->{status} != 200 } @r;
	}
	return map { { source => 'rental', after => 'rental_expired', %$right, item => $_ } } @ids;
}

sub others
{
	my ($who, $end, $plan) = @_;
	my ($at, @m) = (instant($end), titles(14, 'Other', LONG));
	my @free = @m[0 .. 2];
	rule($database, type => 'free', content_id => $_, valid_until => $at) for @free;
	my $receipt = "(account_id, item_id, content_kind, content_title, price_amount, currency, max_quality, outlives_window, excluded_countries, paid_at, valid_until)
		select $who->{id}, id, 'movie', 'M', 900, 'EUR', 'hd'";
	my $paid = instant($begin - 60);
	sql($database, "insert into rights.purchase $receipt, true, '{}', $paid, $at from unnest('{@{[join ',', @m[3 .. 5]]}}'::bigint[]) id;
		insert into rights.purchase $receipt, false, '{}', $paid, null from unnest('{@{[join ',', window($end, @m[6 .. 8])]}}'::bigint[]) id;
		insert into rights.grant (account_id, content_id, valid_until) select $who->{id}, id, $at from unnest('{@{[join ',', @m[9, 10]]}}'::bigint[]) id;
		insert into rights.subscription (account_id, plan_id, status, started_at, anchor_at, period_start, period_end, grace_days, cancel_at_period_end)
			values ($who->{id}, $plan, 'active', $paid, $paid, $paid, $at, 3, true)");
	rule($database, type => 'subscription', plan_id => $plan, content_id => $_) for @m[11 .. 13];
	my $channel = sql($database, "with i as (insert into content.item (kind, title, min_age) values ('channel', 'C', 0) returning id),
		c as (insert into live.channel (id, number) select id, 1 from i), s as (insert into live.schedule (channel_id, content_ids) select id, '{$m[0]}' from i),
		g as (insert into rights.grant (account_id, content_id, valid_until) select $who->{id}, id, $at from i) select id from i");
	my %all = (until => $end);
	return (
		(map { { %all, item => $_, source => 'free', after => 'no_longer_available' } } @free),
		(map { { %all, item => $_, source => 'purchase', after => 'no_entitlement' } } @m[3 .. 5]),
		(map { { %all, item => $_, source => 'purchase', after => 'no_longer_available' } } @m[6 .. 8]),
		(map { { %all, item => $_, source => 'grant', after => 'no_entitlement' } } @m[9, 10]),
		(map { { %all, item => $_, source => 'subscription', after => 'no_entitlement' } } @m[11 .. 13]),
		{ %all, item => $channel, source => 'grant', after => 'no_entitlement', live => 1 },
	);
}

# What is needed of a package before a channel can be made of it.
titles(1, 'Package', $_) for LONG, SHORT;
sql($database, q(update content.package set renditions = '[{"path": "360p/index.m3u8", "width": 640, "height": 360, "bitrate": 110000, "codecs": "avc1.4d401e"}]'));
my $plan = sql($database, "insert into rights.plan (code, name, price_amount, currency) values ('basic', 'Basic', 799, 'EUR') returning id");
my (@round, %made);
for my $n (1 .. ROUNDS) {
	my ($end, $who) = ($begin + $n * APART, account($tv));
	my %of = (account => $who->{id}, until => $end);
	my @rights = (
		rentals({ %of, starts => 1 }, titles(20, 'Not begun', LONG)),
		rentals({ %of }, titles(10, 'Never begun', LONG)),
		rentals({ %of, begun => 1, finish => $end + LONG }, titles(10, 'Begun', LONG)),
		rentals({ %of, begun => 1, until => $end + 0.25, finish => $end + 0.25 + LONG }, titles(10, 'Part of a second', LONG)),
		rentals({ %of, begun => 1, finish => $end + SHORT, short => 1 }, titles(15, 'Short', SHORT)),
		rentals({ %of, begun => 1, held_until => $end + 86400, after => 'no_longer_available' }, window($end, titles(15, 'Window', LONG))),
		bought($who, { %of }, titles(10, 'Bought', LONG)),
		bought($who, { %of, begun => 1, finish => $end + LONG }, titles(10, 'Bought and begun', LONG)),
	);
	$made{rental} += @rights;
	push @rights, others($who, $end, $plan);
	$_->{finish} //= $_->{until} for @rights;
	push @round, { end => $end, who => $who, rights => \@rights };
}
is($made{rental}, 1000, 'a thousand rentals');
is(sql($database, 'select count(*) from rights.rental where account_id is not null and rule_id is not null'), 20 * ROUNDS, '  200 of them bought over HTTP');

# --- what is said of them

my (%asked, @wrong);
sub expect
{
	my ($right, $what, $got, $wanted) = @_;
	$asked{$what}++;
	push @wrong, sprintf '%s of %s %d at end%+g: %s, not %s', $what, $right->{source}, $right->{item}, $now - $right->{until}, $got, $wanted if $got ne $wanted;
	return;
}

# When an address that is made now ends: in five minutes, or with what it is for.
sub address_end { my ($ends) = @_; return $now + 300 < $ends ? $now + 300 : int $ends }

sub given
{
	my ($right, $what, $json, $wanted) = @_;
	expect($right, "$what: expires_at", seconds($json->{expires_at}), $wanted);
	my $url = $json->{playback_url} // return;
	expect($right, "$what: end of the address", expiry_of($url) // 'none', $wanted);
	push @{ $right->{urls} }, { until => expiry_of($url), path => $url =~ s{^http://[^/]+}{}r };
	return;
}

sub ask_all { my ($rights, $text) = @_; my @r; my @left = @$rights; while (my @some = splice @left, 0, 60) { push @r, together($tv, map { $text->($_) } @some) } return @r }

# Everybody tries to start, and check_access and the account's own list say why.
sub try_to_start
{
	my ($round) = @_;
	my $token = $round->{who}{token};
	my @rights = @{ $round->{rights} };
	my @r = ask_all(\@rights, sub { request_text('GET', ($_[0]{live} ? '/play/live/' : '/play/ondemand/') . $_[0]{item}, token => $token) });
	my @d = ask_all(\@rights, sub { request_text('POST', '/rights/check_access', token => $service->{token}, body => { user_id => 0 + $round->{who}{id}, content_id => 0 + $_[0]{item} }) });
	for my $n (0 .. $#rights) {
		my ($right, $r, $d) = ($rights[$n], $r[$n], $d[$n]{json});
		my $held = $now < $right->{until};
		expect($right, 'check_access', join(' ', @$d{qw(granted reason)}), $held ? "1 $right->{source}" : "0 $right->{after}");
		expect($right, 'check_access: until', $held ? seconds($d->{expires_at}) : $d->{expires_at} // 'null', $held ? $right->{until} : 'null');
		expect($right, 'start', "$r->{status} " . ($held ? '' : $r->{json}{reason} // ''), $held ? '200 ' : "403 $right->{after}");
		next unless $r->{status} == 200;
		my $ends = address_end($right->{until});
		given($right, 'start', $r->{json}, $ends);
		$right->{session} //= { id => $r->{json}{session_id}, seq => 0, url => $ends };
	}
	return;
}

# A heartbeat for each session, but of rentals that are not to begin.
sub go_on
{
	my ($round) = @_;
	my @running = grep { $_->{session} && !$_->{live} && ($_->{begun} || $_->{starts} || $_->{source} ne 'rental' || $now >= $_->{until}) } @{ $round->{rights} };
	my @r = ask_all(\@running, sub { my $s = $_[0]{session}; request_text('POST', "/play/sessions/$s->{id}/heartbeat", token => $round->{who}{token}, body => { position => 10, seq => ++$s->{seq} }) });
	for my $n (0 .. $#running) {
		my ($right, $r) = ($running[$n], $r[$n]);
		my $session = $right->{session};
		@$right{qw(begun until finish)} = (1, $now + 172800, $now + 172800 + LONG) if $right->{starts} && !$right->{begun};
		my $runs = $now < $right->{finish};
		my $wanted = $runs ? '200 ' : $session->{over} ? '410 ' : "403 $right->{after}";
		expect($right, 'heartbeat', "$r->{status} " . ($r->{status} == 403 ? $r->{json}{reason} // '' : ''), $wanted);
		$session->{over} = !$runs;
		next unless $r->{status} == 200;
		$session->{url} = address_end($right->{finish}) if $session->{url} < $now + 120;
		given($right, 'heartbeat', $r->{json}, $session->{url});
	}
	return;
}

# Every address that was given out is as good as it says.
sub use_addresses
{
	my ($round) = @_;
	my @use;
	for my $right (@{ $round->{rights} }) {
		my %seen;
		for my $url (grep { !$seen{ $_->{path} }++ } @{ $right->{urls} || [] }) {
			my @paths = ($url->{path}, $right->{live} ? () : $url->{path} =~ s{master\.m3u8$}{360p/00003.m4s}r);
			push @use, map { { right => $right, path => $_, until => $url->{until} } } @paths;
		}
	}
	my @r = ask_all(\@use, sub { request_text('GET', $_[0]{path}) });
	expect($use[$_]{right}, 'what is at the address', $r[$_]{status}, $now < $use[$_]{until} ? 200 : 410) for 0 .. $#use;
	return;
}

my $number = 0;
for my $round (@round) {
	for my $after (-1, 0, 1, SHORT - 1, SHORT, SHORT + 1) {
		set_clock($round->{end} + $after);
		$_->{token} = sign_token($_->{token}, iat => 0 + $now, nbf => 0 + $now, exp => $now + 900) for $round->{who}, $service;
		# the last three are about sessions that may go on for as long as their film
		local $round->{rights} = [grep { $after < SHORT - 1 || $_->{short} } @{ $round->{rights} }];
		try_to_start($round);
		go_on($round);
		use_addresses($round);
	}
	note(sprintf 'round %d: %d wrong so far', ++$number, scalar @wrong);
}
note("$asked{$_} x $_") for sort keys %asked;
cmp_ok($asked{"$_: end of the address"}, '>=', 1000, "$_: addresses were given out") for qw(start heartbeat);
is(scalar @wrong, 0, 'none outlives its right, and no right ends before its time') or diag(join "\n", @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);
my @first = ($cluster, $tv->{pid}, children($tv->{pid}));
$tv->stop;
end_process($cluster, 'INT');
# each first process under libfaketime has made these, and leaves them when a signal ends it
unlink glob "/dev/shm/{sem.faketime_sem,faketime_shm}_{@{[join ',', @first]}}";
done_testing();

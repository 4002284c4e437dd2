# What the tests of playback share: titles that can be played, starting, heartbeats. Perl core only.
package TV::Play;
use strict;
use warnings;

use Exporter qw(import);
use TV;

our @EXPORT = qw(make_playable make_movies make_series rule watch watch_live beat beats view expiry_of);

# Gives items media as long as their runtime (8 seconds without one): "test" of 6,000 seconds, "test-SECONDS" of others.
sub make_playable
{
	my ($database, @ids) = @_;
	my $ids = join ',', @ids;
	my $seconds = 'coalesce(i.runtime, 8)';
	my $directory = "case $seconds when 6000 then 'test' else 'test-' || $seconds end";
	sql($database, qq{insert into content.package (directory, segments, renditions)
			select distinct $directory, array_fill(1000, array[$seconds]), '[{"path": "x.m3u8"}]'::jsonb
			from content.item i where i.id in ($ids)
			on conflict do nothing;
		insert into content.media (item_id, directory, markers, subtitles)
			select i.id, $directory, '[{"kind": "intro", "start": 10, "end": 40}]', '[{"language": "en", "kind": "subtitles", "url": "en.m3u8"}]'
			from content.item i where i.id in ($ids) on conflict (item_id) do update set directory = excluded.directory});
	return;
}

# So many movies of 6,000 seconds for all ages, playable: their ids.
sub make_movies
{
	my ($database, $n, $name) = @_;
	$name //= 'Movie';
	my @ids = split /\n/, sql($database, qq{with made as (insert into content.item (kind, title, min_age, runtime)
			select 'movie', '$name ' || n, 0, 6000 from generate_series(1, $n) n returning id),
		m as (insert into content.movie (id) select id from made)
		select id from made order by id});
	make_playable($database, @ids);
	return @ids;
}

# A series of seasons with episodes of 1,000 seconds: its id and theirs in order.
sub make_series
{
	my ($database, $title, $seasons, $each) = @_;
	my ($id, @all) = split /\n/, sql($database, qq{
		with s as (insert into content.item (kind, title, min_age) values ('series', '$title', 0) returning id),
		r as (insert into content.series (id) select id from s returning id),
		n as (insert into content.item (kind, title, min_age) select 'season', n::text, 0 from generate_series(1, $seasons) n returning id, title),
		m as (insert into content.season (id, series_id, number) select n.id, r.id, n.title::int from n, r returning id, number),
		e as (insert into content.item (kind, title, min_age, runtime) select 'episode', format('S%sE%s', s, e), 0, 1000
			from generate_series(1, $seasons) s, generate_series(1, $each) e returning id, title),
		x as (insert into content.episode (id, series_id, season_id, season_number, number)
			select e.id, r.id, m.id, m.number, substr(e.title, 4)::int from e join m on m.number = substr(e.title, 2, 1)::int, r returning id)
		(select id from r) union all (select e.id from e order by e.title)});
	make_playable($database, @all);
	return ($id, @all);
}

# A rule of rights: rule($database, type => 'free', kind => 'movie').
sub rule
{
	my ($database, %column) = @_;
	my @names = sort keys %column;
	return sql($database, 'insert into rights.rule (' . join(', ', @names) . ') values ('
		. join(', ', map { $column{$_} =~ /\(/ ? $column{$_} : "'$column{$_}'" } @names) . ') returning id');
}

sub watch { my ($tv, $who, $id, $query) = @_; return $tv->get("/play/ondemand/$id" . ($query ? "?$query" : ''), $who->{token}) }
sub watch_live { my ($tv, $who, $id, $query) = @_; return $tv->get("/play/live/$id" . ($query ? "?$query" : ''), $who->{token}) }

sub beat
{
	my ($tv, $who, $session, $position, $seq, $event) = @_;
	my $body = { position => $position, seq => $seq, $event ? (event => $event) : () };
	return $tv->post("/play/sessions/$session/heartbeat", $body, $who->{token});
}

# Heartbeats at these positions, numbered from 1, and a stop at the last: the statuses.
sub beats
{
	my ($tv, $who, $session, @positions) = @_;
	my $seq = 0;
	return join ' ', map { $seq++; beat($tv, $who, $session, $_, $seq, $seq == @positions ? 'stop' : undef)->{status} } @positions;
}

# Plays to these positions, one session: what the start said.
sub view
{
	my ($tv, $who, $id, @positions) = @_;
	my $r = watch($tv, $who, $id);
	die "$r->{what}: $r->{content}" unless $r->{status} == 200;
	my $statuses = beats($tv, $who, $r->{json}{session_id}, @positions);
	die "heartbeats: $statuses" if $statuses =~ /[^2 0]/;
	return $r->{json};
}

# Seconds since 1970 at which an address of media ends, by the address itself.
sub expiry_of { my ($url) = @_; return ($url // '') =~ m{/(\d+)-[0-9a-f]{64}/} ? $1 : undef }

1;

# What the tests of playback share: titles that can be played, starting, heartbeats. Perl core only.
package TV::Play;
use strict;
use warnings;

use Exporter qw(import);
use TV;

our @EXPORT = qw(make_playable make_movies rule watch watch_live beat beats expiry_of);

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

# Seconds since 1970 at which an address of media ends, by the address itself.
sub expiry_of { my ($url) = @_; return ($url // '') =~ m{/(\d+)-[0-9a-f]{64}/} ? $1 : undef }

1;

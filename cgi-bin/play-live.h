/* Live channels: an external stream is given out as it is, what it has shown as its provider keeps
 * it (lib/catchup.h); a channel with a schedule gets its playlists from the clock (lib/hls.h). */
#ifndef PLAY_LIVE_H
#define PLAY_LIVE_H

#include "tv.h"

/* Where the channel plays, for somebody who may watch it until expires_at (seconds since 1970), by
 * the row's columns (origin_columns in sql/queries/play.sql). start: NULL, or that it starts over
 * or catches up. quality: of the right, NULL is any. The decision about access is the caller's.
 * Answers 0 and *url, or the status of a problem: 404 no_stream, 403 no_catchup (a stream
 * whose past nobody keeps any more), 503. How far back "start" may be, play.start() says. */
int live_url(struct req *r, const PGresult *rows, int row, const char *channel, const char *start,
	const char *quality, int64_t expires_at, const char **url);

/* GET /play/hls/{id}/{token}/{from}/{file}: anybody's, the token is the ticket. */
int live_playlist(struct req *r);

#endif

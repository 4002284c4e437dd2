/* What the files of fetching share: a feed as a row says it, and what was got of it. */
#ifndef LIVETV_FEED_PARTS_H
#define LIVETV_FEED_PARTS_H

#include "livetv-guide-parts.h"

struct feed {
	const char *id, *name;
	const char *url; /* holds secrets: for nobody's eyes */
	bool m3u, only_known;
	const char *language;
	int history_days, seconds;
	int64_t max_bytes;
	const char *etag, *modified; /* of what is there already; NULL: all of it is wanted */
};

/* Gets the feed's file, by http or from the feeds' directory, into a descriptor that the arena
 * closes; *fd stands at its beginning. out->status is that of HTTP, also of a file. */
struct fetched feed_get(struct arena *a, const struct feed *feed, int *fd);

#endif

/* What a channel with a schedule shows at an instant: arithmetic on instants (milliseconds since
 * 1970) and on lists of segments, and the playlists (RFC 8216) that say so. It knows no clock, no
 * database and no request, so every worker and every node says the same.
 *
 * A channel's time is cut into runs: a run shows its items, one after the other and from the
 * beginning again, until the next run begins, which is where a segment ends. Numbers of segments
 * and of discontinuities go on from run to run. Each item begins with a discontinuity. */
#ifndef HLS_H
#define HLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* No segment of a channel is longer than HLS_TARGET seconds and a half. */
enum { HLS_TARGET = 6, HLS_WINDOW_MS = 60000, HLS_MAX_VARIANTS = 4 };

struct hls_rendition {
	const char *directory; /* "360p" */
	int width, height;
	int bitrate; /* bits a second, at the most */
	const char *codecs;
};

struct hls_item {
	const char *directory;
	const int *segments; /* milliseconds of each, all positive */
	int n;
	struct hls_rendition renditions[HLS_MAX_VARIANTS]; /* the lowest bitrate first */
	int n_renditions;
};

struct hls_run {
	int64_t starts_at;
	int64_t sequence, discontinuity; /* of its first segment */
	const struct hls_item *items;
	int n_items;
};

/* A segment in its place. */
struct hls_place {
	const struct hls_item *item;
	int index; /* in item */
	int64_t starts_at, ends_at;
	int64_t sequence, discontinuity;
};

/* The segment of run that is on at instant (not before the run's start), as if no run followed. */
struct hls_place hls_at(const struct hls_run *run, int64_t instant);
/* The place after that one. next: the run that follows, NULL when none does; the place is in it
 * when it begins where the place before ends. */
struct hls_place
hls_after(const struct hls_run *run, const struct hls_run *next, const struct hls_place *place);
/* Makes next (whose items are set) follow run at the first end of a segment from instant on. */
void hls_follow(const struct hls_run *run, int64_t instant, struct hls_run *next);

/* A time in which a channel shows an item of its own instead of its list. */
struct hls_span {
	int64_t starts_at, ends_at;
	const struct hls_item *item;
};

struct hls_plan {
	const struct hls_run *last; /* NULL: there is none yet */
	int64_t from, until; /* what is planned: from was the end of the plan before */
	const struct hls_span *spans; /* in order, without overlaps */
	size_t n_spans;
	const struct hls_item *items; /* of the rest of the time */
	int n_items;
};

/* The next run of the plan after *at, which moves on: call until false. The caller makes next the
 * plan's last. */
bool hls_plan_next(const struct hls_plan *plan, int64_t *at, struct hls_run *next);

struct hls_playlist {
	const struct hls_run *runs; /* in order; the first one is on at from */
	int n_runs;
	int variant; /* an item without so many shows its best */
	int64_t from, until; /* segments that end after from, and not after until */
	bool event; /* it grows, and loses nothing at its beginning */
	bool ended;
	/* the address of an item's directory, without a slash at the end */
	const char *(*base)(void *context, const struct hls_item *item);
	void *context;
};

void hls_media_playlist(struct buf *b, const struct hls_playlist *p);
/* Variants "0.m3u8", "1.m3u8" …, with the most that any of the items needs. */
void hls_master_playlist(struct buf *b, const struct hls_item *items, int n_items);
int hls_variants(const struct hls_item *items, int n_items);

#endif

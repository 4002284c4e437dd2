/* A file of a film as HLS: renditions of one length each, cut at the same places. */
#ifndef PLAY_ENCODE_H
#define PLAY_ENCODE_H

#include "tv.h"

enum { ENCODE_MAX = 4, ENCODE_SEGMENT = 4 /* seconds */ };

struct encoded {
	int n; /* renditions, the lowest first */
	struct encoded_rendition {
		int width, height;
		int bitrate; /* of its largest segment */
		const char *name, *codecs;
	} renditions[ENCODE_MAX];
	int *segments; /* milliseconds */
	int n_segments;
	int64_t duration; /* milliseconds */
};

/* Writes master.m3u8 and a directory a rendition into dir, which is there and empty. False after a
 * message on stderr. seconds: the longest that each rendition may take. */
bool
encode_file(struct arena *a, const char *file, const char *dir, int seconds, struct encoded *out);

#endif

/* A file of a film as HLS: renditions of one length each, cut at the same places, and what goes
 * with them. */
#ifndef PLAY_ENCODE_H
#define PLAY_ENCODE_H

#include "play-tracks.h"
#include "tv.h"

enum { ENCODE_MAX = 4 };

struct encoded {
	int n; /* renditions, the lowest first */
	struct encoded_rendition {
		int width, height;
		int bitrate; /* of its largest segment, with the first sound */
		int pictures; /* the same without a sound; 0: that is not to be had */
		const char *name, *codecs;
	} renditions[ENCODE_MAX];
	int *segments; /* milliseconds */
	int n_segments;
	int64_t duration; /* milliseconds */
	struct tracks tracks;
};

/* Writes master.m3u8 and a directory a rendition into dir, which is there and empty. False after a
 * message on stderr. seconds: the longest that each rendition may take. out may have subtitles
 * already, which go before those of the file. */
bool
encode_file(struct arena *a, const char *file, const char *dir, int seconds, struct encoded *out);

#endif

/* What ffmpeg made, read back from the files: it ends well also where it could not write one. */
#ifndef PLAY_SEGMENTS_H
#define PLAY_SEGMENTS_H

#include "tv.h"

struct segments {
	int *lengths; /* milliseconds */
	int n;
	int bitrate; /* of the largest one */
	int64_t duration; /* milliseconds */
};

/* Of dir/index.m3u8; false: they are not whole. */
bool segments_measure(struct arena *a, const char *dir, struct segments *out);

/* Players of browsers cannot take the pictures alone out of segments that have a sound as well, and
 * have to where there are several. Writes dir/video.m3u8 and video.mp4, by which the pictures are
 * played from the same files; bitrate is that of their largest part. False after a message on
 * stderr. */
bool segments_pictures(
	struct arena *a, const char *dir, const struct segments *whole, int *bitrate);

#endif

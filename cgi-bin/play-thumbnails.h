/* Small pictures along a film, for players to show while somebody looks for a place in it: sheets
 * of them, and a WebVTT file whose cues name parts of those (sheet-000.jpg#xywh=240,0,240,136). */
#ifndef PLAY_THUMBNAILS_H
#define PLAY_THUMBNAILS_H

#include "tv.h"

#define THUMBNAILS_DIRECTORY "thumbnails"
#define THUMBNAILS_FILE THUMBNAILS_DIRECTORY "/thumbnails.vtt"

/* The rendition that they are made of. */
struct thumbnails_source {
	const char *playlist; /* below the directory; each of its segments begins with a key frame */
	int width, height;
	int longest; /* segment, milliseconds */
	int64_t duration; /* milliseconds */
};

/* Writes THUMBNAILS_DIRECTORY, which is not there yet, into dir. False after a message on stderr.
 * seconds: the longest that it may take. */
bool thumbnails_make(
	struct arena *a, const char *dir, const struct thumbnails_source *in, int seconds);

#endif

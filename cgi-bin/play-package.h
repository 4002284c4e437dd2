/* What is told of media that were made: to the database, in its own words, and to people. */
#ifndef PLAY_PACKAGE_H
#define PLAY_PACKAGE_H

#include "play-encode.h"
#include "tv.h"

const char *package_segments(struct arena *a, const struct encoded *e);
const char *package_renditions(struct arena *a, const struct encoded *e);
const char *package_subtitles(struct arena *a, const struct encoded *e);
/* "9.000 s, 3 segments, 2 renditions up to 240p, 2 sounds (en, fr)" */
const char *package_text(struct arena *a, const struct encoded *e);

#endif

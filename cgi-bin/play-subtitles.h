/* Subtitles as WebVTT, whole files of it: of a film's own streams, and of files beside it. */
#ifndef PLAY_SUBTITLES_H
#define PLAY_SUBTITLES_H

#include "play-tracks.h"
#include "tv.h"

/* Takes "--subtitles", "--captions" or "--forced" with its "pt-BR=FILE". 0, or the exit status
 * after a message on stderr. */
int subtitles_option(struct arena *a, const char *option, const char *value, struct tracks *out);

/* Reads those of the film's streams in t. What cannot be read whole, or has nothing in it, is told
 * on stdout and left out of t. work: a directory for files that go again. */
void subtitles_extract(
	struct arena *a, const struct source *in, const char *work, int seconds, struct tracks *t);

/* Writes a directory for each, with its playlist. False after a message on stderr. */
bool subtitles_write(struct arena *a, const char *dir, int64_t duration, const struct tracks *t);

#endif

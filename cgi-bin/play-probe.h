/* What a file of a film holds, as ffprobe says. */
#ifndef PLAY_PROBE_H
#define PLAY_PROBE_H

#include "tv.h"

enum { STREAMS_MAX = 128 };

/* A sound or subtitles. */
struct stream {
	int index; /* as ffmpeg counts them */
	bool sound;
	const char *codec, *language, *title; /* "" where the file says nothing */
	/* what the file says that it is for, by flags or in the title */
	bool is_default, comment, described, captions, forced;
	int64_t duration; /* milliseconds by the file's own word; 0: it says none */
};

struct source {
	const char *file;
	int video; /* its stream; −1: there is none */
	int width, height; /* as it is shown: turned, and with square pixels */
	bool fast; /* more than 30 pictures a second, or none knows */
	int64_t duration; /* as a stream's */
	struct stream streams[STREAMS_MAX]; /* in the file's order */
	int n_streams;
};

/* False after a message on stderr. */
bool probe_file(struct arena *a, const char *file, struct source *out);

#endif

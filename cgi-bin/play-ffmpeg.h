/* Command lines of ffmpeg: from a file of a film to a directory of segments, or of pictures. */
#ifndef PLAY_FFMPEG_H
#define PLAY_FFMPEG_H

#include "tv.h"

enum { FFMPEG_SEGMENT = 4 /* seconds */ };

struct ffmpeg {
	struct arena *arena;
	const char *file;
	char *argv[96];
	int n;
};

struct ffmpeg ffmpeg_reading(struct arena *a, const char *file);
/* Decodes no other pictures than those. */
struct ffmpeg ffmpeg_reading_key_frames(struct arena *a, const char *file);
/* Adds words, until NULL. */
void ffmpeg_add(struct ffmpeg *f, ...) __attribute__((sentinel));
/* The sound of an output: two channels from the very beginning on, and silence behind its end. */
void ffmpeg_sound(struct ffmpeg *f, int kbit);
/* The end of an output: dir/index.m3u8, init.mp4, 00000.m4s … apart: each of its streams has a
 * fragment of its own in each segment, one behind the other (play-segments.h). */
void ffmpeg_segments(struct ffmpeg *f, const char *dir, bool apart);
/* Runs ffmpeg or ffprobe over a file (exec_program); false after a message on stderr. */
bool ffmpeg_program(const char *file, char *const *argv, struct buf *out, int seconds);
/* False after a message on stderr. */
bool ffmpeg_run(struct ffmpeg *f, int seconds);

#endif

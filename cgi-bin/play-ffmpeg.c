/* Nothing but files is read, as in play-probe.c. */
#include "play-ffmpeg.h"

#include "play-exec.h"
#include "play-files.h"

#include <stdarg.h>

void
ffmpeg_add(struct ffmpeg *f, ...)
{
	va_list words;
	va_start(words, f);
	for (char *word; (word = va_arg(words, char *));) {
		if (f->n == (int)(sizeof f->argv / sizeof f->argv[0]) - 1)
			abort();
		f->argv[f->n++] = word;
	}
	va_end(words);
}

static struct ffmpeg
reading(struct arena *a, const char *file, char *frames)
{
	struct ffmpeg f = { .arena = a, .file = file };
	ffmpeg_add(&f, "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file",
		"-skip_frame", frames, "-i", arena_printf(a, "file:%s", file), NULL);
	return f;
}

struct ffmpeg
ffmpeg_reading(struct arena *a, const char *file)
{
	return reading(a, file, "default");
}

struct ffmpeg
ffmpeg_reading_key_frames(struct arena *a, const char *file)
{
	return reading(a, file, "nokey");
}

void
ffmpeg_sound(struct ffmpeg *f, int kbit)
{
	ffmpeg_add(f, "-af", "aresample=48000:async=1:first_pts=0,apad", "-c:a", "aac", "-ac", "2",
		"-ar", "48000", "-b:a", arena_printf(f->arena, "%dk", kbit), NULL);
}

/* Times begin at nothing, as far as players look that know no edit lists (those of browsers know
 * the simplest only): else the sound is early by what the encoder of pictures looks ahead. */
void
ffmpeg_segments(struct ffmpeg *f, const char *dir, bool apart)
{
	struct arena *a = f->arena;
	const char *flags = apart ? "+separate_moof" : "";
	ffmpeg_add(f, "-map_metadata", "-1", "-map_chapters", "-1", "-avoid_negative_ts", "disabled",
		"-f", "hls", "-hls_time", arena_printf(a, "%d", FFMPEG_SEGMENT), "-hls_playlist_type",
		"vod", "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments",
		"-hls_fmp4_init_filename", "init.mp4", "-hls_segment_options",
		arena_printf(a, "movflags=+negative_cts_offsets%s", flags), "-hls_segment_filename",
		arena_printf(a, "%s/%%05d.m4s", dir), arena_printf(a, "%s/index.m3u8", dir), NULL);
}

bool
ffmpeg_program(const char *file, char *const *argv, struct buf *out, int seconds)
{
	struct arena *a = arena_new();
	int status = exec_program(argv, out, seconds);
	if (status == EXEC_NOT_FOUND)
		files_complain(argv[0], "is not installed (Debian: apt-get install ffmpeg)");
	else if (status == EXEC_TOO_LONG)
		files_complain(file, arena_printf(a, "%s took too long", argv[0]));
	else if (status)
		files_complain(file, arena_printf(a, "%s does not read it (status %d)", argv[0], status));
	arena_free(a);
	return !status;
}

bool
ffmpeg_run(struct ffmpeg *f, int seconds)
{
	f->argv[f->n] = NULL;
	return ffmpeg_program(f->file, f->argv, NULL, seconds);
}

/* lib/cues.h reads all of them, those of streams as well once ffmpeg has made them WebVTT. */
#include "play-subtitles.h"

#include "play-ffmpeg.h"
#include "play-files.h"

#include <errno.h>
#include <unistd.h>

enum { MAX_TEXT = 8 << 20 };

static bool
take_kind(const char *option, enum track_kind *kind)
{
	static const enum track_kind takes[] = { TRACK_PLAIN, TRACK_CAPTIONS, TRACK_FORCED };
	for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++)
		if (!strncmp(option, "--", 2) && !strcmp(option + 2, track_kind_name(takes[i]))) {
			*kind = takes[i];
			return true;
		}
	return false;
}

static int
misused(const char *option, const char *value, const char *why)
{
	fprintf(stderr, "play add-media: %s %s: %s\n", option, value ? value : "", why);
	return 2;
}

static const struct buf *
read_file(struct arena *a, const char *path)
{
	size_t len;
	struct cues_fault fault;
	struct buf *out = arena_alloc(a, sizeof *out);
	errno = 0;
	const char *text = files_read(a, path, MAX_TEXT, &len);
	*out = buf_new(a);
	int n = text ? cues_read(text, len, out, &fault) : 0;
	if (!text)
		files_complain(path, errno ? strerror(errno) : "is larger than subtitles are");
	else if (n < 0)
		files_complain(arena_printf(a, "%s:%d", path, fault.line), fault.why);
	else if (!n)
		files_complain(path, "there are no subtitles in it");
	return n > 0 ? out : NULL;
}

int
subtitles_option(struct arena *a, const char *option, const char *value, struct tracks *out)
{
	enum track_kind kind;
	char tag[LANGUAGE_MAX];
	const char *file = value ? strchr(value, '=') : NULL;
	if (!take_kind(option, &kind))
		return misused(option, "", "there is no such option");
	if (!file || !file[1] ||
		!language_tag(arena_strndup(a, value, (size_t)(file - value)), tag))
		return misused(option, value, "not LANGUAGE=FILE, such as pt-BR=film.srt");
	if (tracks_find(out, tag, kind))
		return misused(option, value, "there is a file for that already");
	if (out->n_texts == TEXTS_MAX)
		return misused(option, value, "there are too many");
	const struct buf *text = read_file(a, file + 1);
	if (!text)
		return 1;
	tracks_add(a, arena_strdup(a, tag), kind, text, out);
	return 0;
}

/* ---- of streams */

/* NULL after *why is set. */
static const struct buf *
read_stream(struct arena *a, const struct source *in, const struct track *t, const char *path,
	int seconds, const char **why)
{
	size_t len;
	struct cues_fault fault;
	struct buf *out = arena_alloc(a, sizeof *out);
	struct ffmpeg f = ffmpeg_reading(a, in->file);
	*out = buf_new(a);
	*why = "ffmpeg does not read all of it, not taken";
	/* what cannot be decoded ends it: else it would be left out, and nobody would know */
	ffmpeg_add(&f, "-map", arena_printf(a, "0:%d", t->stream), "-map_metadata", "-1", "-xerror",
		"-c:s", "webvtt", "-f", "webvtt", path, NULL);
	if (!ffmpeg_run(&f, seconds))
		return NULL;
	const char *text = files_read(a, path, MAX_TEXT, &len);
	int n = text ? cues_read(text, len, out, &fault) : -1;
	if (n == 0)
		*why = "there is nothing in it, not taken";
	return n > 0 ? out : NULL;
}

void
subtitles_extract(
	struct arena *a, const struct source *in, const char *work, int seconds, struct tracks *t)
{
	const char *path = arena_printf(a, "%s/subtitles.vtt", work), *why;
	int n = 0;
	for (int i = 0; i < t->n_texts; i++) {
		struct track *text = &t->texts[i];
		const struct stream *s = in->streams;
		while (text->stream >= 0 && s->index != text->stream)
			s++;
		if (!text->text)
			text->text = read_stream(a, in, text, path, seconds, &why);
		if (text->text)
			t->texts[n++] = *text;
		else
			tracks_say(in, s, why);
	}
	t->n_texts = n;
	unlink(path);
}

/* ---- the files */

/* One segment as long as the film: a player reads it once. */
bool
subtitles_write(struct arena *a, const char *dir, int64_t duration, const struct tracks *t)
{
	for (int i = 0; i < t->n_texts; i++) {
		const char *own = arena_printf(a, "%s/%s", dir, t->texts[i].directory);
		struct buf list = buf_new(a);
		buf_printf(&list,
			"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%lld\n#EXT-X-PLAYLIST-TYPE:VOD\n"
			"#EXTINF:%lld.%03lld,\nsubtitles.vtt\n#EXT-X-ENDLIST\n",
			(long long)((duration + 999) / 1000), (long long)(duration / 1000),
			(long long)(duration % 1000));
		if (!files_directory(own) ||
			!files_write(arena_printf(a, "%s/subtitles.vtt", own), t->texts[i].text) ||
			!files_write(arena_printf(a, "%s/index.m3u8", own), &list))
			return false;
	}
	return true;
}

/* ffprobe says what a file holds, ffmpeg encodes it, once a rendition; what came of it is read back
 * from the files. Both may read nothing but files: a playlist in disguise cannot make them fetch.
 */
#include "play-encode.h"

#include "play-exec.h"

#include <sys/stat.h>

enum { PROBE_SECONDS = 60, MAX_PLAYLIST = 4 << 20 };

/* Main profile, so the level is all that differs in the name of the codec (RFC 6381). */
static const struct rung {
	int height, kbit, audio_kbit;
	const char *level, *codecs;
} rungs[] = {
	{ 1080, 4500, 128, "4.0", "avc1.4d4028,mp4a.40.2" },
	{ 720, 2500, 128, "3.1", "avc1.4d401f,mp4a.40.2" },
	{ 480, 1200, 96, "3.1", "avc1.4d401f,mp4a.40.2" },
	{ 360, 700, 96, "3.0", "avc1.4d401e,mp4a.40.2" },
	{ 240, 350, 64, "3.0", "avc1.4d401e,mp4a.40.2" },
	{ 144, 150, 48, "3.0", "avc1.4d401e,mp4a.40.2" },
};

struct source {
	const char *file;
	int width, height;
	bool sound;
};

static bool
complain(const char *file, const char *what)
{
	fprintf(stderr, "play add-media: %s: %s\n", file, what);
	return false;
}

static bool
succeeded(const char *program, const char *file, int status)
{
	struct arena *a = arena_new();
	if (status == EXEC_NOT_FOUND)
		complain(program, "is not installed (Debian: apt-get install ffmpeg)");
	else if (status == EXEC_TOO_LONG)
		complain(file, arena_printf(a, "%s took too long", program));
	else if (status)
		complain(file, arena_printf(a, "%s does not read it (status %d)", program, status));
	arena_free(a);
	return !status;
}

static bool
is_member(struct json_object *o, const char *name, const char *value)
{
	struct json_object *v = json_object_object_get(o, name);
	return v && !strcmp(json_object_get_string(v), value);
}

/* Of the first picture; a cover of a sound file is none. */
static void
take_stream(struct json_object *o, struct source *out)
{
	if (is_member(o, "codec_type", "audio"))
		out->sound = true;
	if (out->width || !is_member(o, "codec_type", "video"))
		return;
	out->width = json_object_get_int(json_object_object_get(o, "width"));
	out->height = json_object_get_int(json_object_object_get(o, "height"));
}

static bool
probe(struct arena *a, const char *file, struct source *out)
{
	char *argv[] = { "ffprobe", "-v", "error", "-protocol_whitelist", "file", "-of", "json",
		"-show_entries", "stream=codec_type,width,height", arena_printf(a, "file:%s", file), NULL };
	struct buf text = buf_new(a);
	const char *why;
	*out = (struct source){ .file = file };
	if (!succeeded("ffprobe", file, exec_program(argv, &text, PROBE_SECONDS)))
		return false;
	struct json_object *all = json_read(a, text.data, text.len, &why);
	struct json_object *streams = all ? json_object_object_get(all, "streams") : NULL;
	for (size_t i = 0; streams && i < json_object_array_length(streams); i++)
		take_stream(json_object_array_get_idx(streams, i), out);
	if (out->width < 16 || out->height < 16)
		return complain(file, "there is no picture in it");
	return true;
}

/* The source's height or the nearest below it, and the next ones down; at least two, at most
 * three. */
static int
choose(const struct source *in, const struct rung **chosen)
{
	enum { ALL = sizeof rungs / sizeof rungs[0], WANTED = 3 };
	int first = 0;
	while (first < ALL - 2 && rungs[first].height > in->height)
		first++;
	int n = ALL - first < WANTED ? ALL - first : WANTED;
	for (int i = 0; i < n; i++)
		chosen[i] = &rungs[first + n - 1 - i];
	return n;
}

static bool
encode_one(
	struct arena *a, const struct source *in, const struct rung *to, const char *dir, int seconds)
{
	char *rate = arena_printf(a, "%dk", to->kbit), *twice = arena_printf(a, "%dk", 2 * to->kbit);
	char *argv[] = { "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", "-i",
		arena_printf(a, "file:%s", in->file), "-f", "lavfi", "-i",
		"anullsrc=channel_layout=stereo:sample_rate=48000", "-map", "0:v:0", "-map",
		in->sound ? "0:a:0" : "1:a:0", "-shortest", "-sn", "-dn", "-map_metadata", "-1",
		"-map_chapters", "-1", "-vf",
		arena_printf(a, "scale=-2:%d,format=yuv420p,setsar=1", to->height), "-c:v", "libx264",
		"-preset", "veryfast", "-profile:v", "main", "-level:v", (char *)to->level, "-b:v", rate,
		"-maxrate", rate, "-bufsize", twice, "-sc_threshold", "0", "-force_key_frames",
		arena_printf(a, "expr:gte(t,n_forced*%d)", ENCODE_SEGMENT), "-c:a", "aac", "-ac", "2",
		"-ar", "48000", "-b:a", arena_printf(a, "%dk", to->audio_kbit), "-f", "hls", "-hls_time",
		arena_printf(a, "%d", ENCODE_SEGMENT), "-hls_playlist_type", "vod", "-hls_segment_type",
		"fmp4", "-hls_flags", "independent_segments", "-hls_fmp4_init_filename", "init.mp4",
		"-hls_segment_filename", arena_printf(a, "%s/%%05d.m4s", dir),
		arena_printf(a, "%s/index.m3u8", dir), NULL };
	if (mkdir(dir, 0755) < 0)
		return complain(dir, "cannot be made");
	return succeeded("ffmpeg", in->file, exec_program(argv, NULL, seconds));
}

static char *
read_text(struct arena *a, const char *path)
{
	char *text = arena_alloc(a, MAX_PLAYLIST + 1);
	FILE *f = fopen(path, "re");
	if (!f)
		return NULL;
	size_t n = fread(text, 1, MAX_PLAYLIST, f);
	text[n] = 0;
	fclose(f);
	return text;
}

/* Segment lengths by the playlist, and the largest bitrate by the files; −1: it is not whole. */
static int
measure(struct arena *a, const char *dir, int **lengths, int *bitrate)
{
	const char *text = read_text(a, arena_printf(a, "%s/index.m3u8", dir));
	int n = 0, size = 0;
	if (!text || !strstr(text, "#EXT-X-ENDLIST"))
		return -1;
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); at++)
		size++;
	*lengths = arena_alloc(a, (size_t)size * sizeof **lengths);
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); n++) {
		struct stat file;
		at += 8;
		int length = (int)(strtod(at, NULL) * 1000 + 0.5);
		if (length <= 0 || stat(arena_printf(a, "%s/%05d.m4s", dir, n), &file) < 0)
			return -1;
		int64_t bits = file.st_size * 8 * 1000 / length;
		/* the rest at the end may be shorter than its packaging */
		if ((length > 1000 || n == 0) && bits > *bitrate)
			*bitrate = (int)bits;
		(*lengths)[n] = length;
	}
	return n;
}

static bool
write_master(struct arena *a, const char *dir, const struct encoded *e)
{
	struct buf b = buf_new(a);
	const char *path = arena_printf(a, "%s/master.m3u8", dir);
	buf_puts(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
	for (int i = 0; i < e->n; i++) {
		const struct encoded_rendition *r = &e->renditions[i];
		buf_printf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=\"%s\"\n",
			r->bitrate, r->width, r->height, r->codecs);
		buf_printf(&b, "%s/index.m3u8\n", r->name);
	}
	FILE *f = fopen(path, "we");
	bool good = f && fwrite(b.data, 1, b.len, f) == b.len;
	good = f && fclose(f) == 0 && good;
	return good || complain(path, "cannot be written");
}

bool
encode_file(struct arena *a, const char *file, const char *dir, int seconds, struct encoded *out)
{
	struct source in;
	const struct rung *chosen[ENCODE_MAX];
	*out = (struct encoded){ 0 };
	if (!probe(a, file, &in))
		return false;
	out->n = choose(&in, chosen);
	for (int i = 0; i < out->n; i++) {
		const struct rung *to = chosen[i];
		struct encoded_rendition *r = &out->renditions[i];
		*r = (struct encoded_rendition){ (int)((int64_t)in.width * to->height / in.height + 1) & ~1,
			to->height, 0, arena_printf(a, "%dp", to->height), to->codecs };
		const char *own = arena_printf(a, "%s/%s", dir, r->name);
		if (!encode_one(a, &in, to, own, seconds))
			return false;
		int n = measure(a, own, &out->segments, &r->bitrate);
		if (n <= 0 || (i && n != out->n_segments))
			return complain(file, "the renditions are not cut at the same places");
		out->n_segments = n;
	}
	for (int i = 0; i < out->n_segments; i++)
		out->duration += out->segments[i];
	return write_master(a, dir, out);
}

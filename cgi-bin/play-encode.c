/* ffmpeg encodes a film, once a rendition; what came of it is read back from the files, because
 * ffmpeg ends well also where it could not write a segment. Nothing but files is read, as in
 * play-probe.c. */
#include "play-encode.h"

#include "play-probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MAX_PLAYLIST = 4 << 20, SHORTEST = 1000 /* ms */ };

/* Main profile, so the level is all that differs in the name of the codec (RFC 6381); one for up to
 * 30 pictures a second and one for up to 60 (H.264, table A-1). */
static const struct rung {
	int height, kbit, audio_kbit;
	struct level {
		const char *name, *codecs;
	} levels[2];
} rungs[] = {
	{ 1080, 4500, 128, { { "4.0", "avc1.4d4028,mp4a.40.2" }, { "4.2", "avc1.4d402a,mp4a.40.2" } } },
	{ 720, 2500, 128, { { "3.1", "avc1.4d401f,mp4a.40.2" }, { "3.2", "avc1.4d4020,mp4a.40.2" } } },
	{ 480, 1200, 96, { { "3.1", "avc1.4d401f,mp4a.40.2" }, { "3.1", "avc1.4d401f,mp4a.40.2" } } },
	{ 360, 700, 96, { { "3.0", "avc1.4d401e,mp4a.40.2" }, { "3.1", "avc1.4d401f,mp4a.40.2" } } },
	{ 240, 350, 64, { { "3.0", "avc1.4d401e,mp4a.40.2" }, { "3.0", "avc1.4d401e,mp4a.40.2" } } },
	{ 144, 150, 48, { { "3.0", "avc1.4d401e,mp4a.40.2" }, { "3.0", "avc1.4d401e,mp4a.40.2" } } },
};

static int
even(int n)
{
	return n < 2 ? 2 : (n + 1) & ~1;
}

/* A rung is a picture of 16:9: what is wider has fewer lines in it. */
static int
widest(const struct rung *r)
{
	return even(r->height * 16 / 9);
}

static void
set_size(const struct source *in, const struct rung *to, struct encoded_rendition *r)
{
	r->height = to->height;
	r->width = even((int)((int64_t)in->width * to->height / in->height));
	if (r->width > widest(to)) {
		r->width = widest(to);
		r->height = even((int)((int64_t)in->height * r->width / in->width));
	}
}

/* The rung that the source fills or the nearest below it, and the next ones down; at least two, at
 * most three. */
static int
choose(const struct source *in, const struct rung **chosen)
{
	enum { ALL = sizeof rungs / sizeof rungs[0], WANTED = 3 };
	int first = 0;
	while (first < ALL - 2 && rungs[first].height > in->height && widest(&rungs[first]) > in->width)
		first++;
	int n = ALL - first < WANTED ? ALL - first : WANTED;
	for (int i = 0; i < n; i++)
		chosen[i] = &rungs[first + n - 1 - i];
	return n;
}

/* The pictures say how long it is: sound that ends before them is followed by silence, for players
 * wait for both. */
static bool
encode_one(struct arena *a, const struct source *in, const struct rung *to,
	const struct encoded_rendition *r, const char *dir, int seconds)
{
	char *rate = arena_printf(a, "%dk", to->kbit), *twice = arena_printf(a, "%dk", 2 * to->kbit);
	char *sound = in->sound < 0 ? "1:a:0" : arena_printf(a, "0:%d", in->sound);
	char *argv[] = { "ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file", "-i",
		arena_printf(a, "file:%s", in->file), "-f", "lavfi", "-i",
		"anullsrc=channel_layout=stereo:sample_rate=48000", "-map",
		arena_printf(a, "0:%d", in->video), "-map", sound, "-shortest", "-sn", "-dn",
		"-map_metadata", "-1", "-map_chapters", "-1", "-vf",
		arena_printf(a, "scale=%d:%d,format=yuv420p,setsar=1", r->width, r->height), "-fpsmax",
		"60", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-level:v",
		(char *)to->levels[in->fast].name, "-b:v", rate, "-maxrate", rate, "-bufsize", twice,
		"-sc_threshold", "0", "-force_key_frames",
		arena_printf(a, "expr:gte(t,n_forced*%d)", ENCODE_SEGMENT), "-af", "apad", "-c:a", "aac",
		"-ac", "2", "-ar", "48000", "-b:a", arena_printf(a, "%dk", to->audio_kbit), "-f", "hls",
		"-hls_time", arena_printf(a, "%d", ENCODE_SEGMENT), "-hls_playlist_type", "vod",
		"-hls_segment_type", "fmp4", "-hls_flags", "independent_segments",
		"-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename",
		arena_printf(a, "%s/%%05d.m4s", dir), arena_printf(a, "%s/index.m3u8", dir), NULL };
	if (mkdir(dir, 0755) < 0)
		return probe_complain(dir, "cannot be made");
	return probe_run(in->file, argv, NULL, seconds);
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

/* The size of a file of boxes (ISO 14496-12) whose last one ends where the file does; −1: it is not
 * whole. */
static int64_t
whole_size(const char *path)
{
	struct stat file;
	uint32_t box[2];
	int64_t at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &file) < 0)
		file.st_size = -1;
	while (at < file.st_size && pread(fd, box, sizeof box, at) == sizeof box && ntohl(box[0]) >= 8)
		at += ntohl(box[0]);
	if (fd >= 0)
		close(fd);
	return at == file.st_size && at > 0 ? at : -1;
}

/* Segment lengths by the playlist, and the largest bitrate by the files; −1: it is not whole. */
static int
measure(struct arena *a, const char *dir, int **lengths, int *bitrate)
{
	const char *text = read_text(a, arena_printf(a, "%s/index.m3u8", dir));
	int n = 0, size = 0;
	if (!text || !strstr(text, "#EXT-X-ENDLIST") ||
		whole_size(arena_printf(a, "%s/init.mp4", dir)) < 0)
		return -1;
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); at++)
		size++;
	*lengths = arena_alloc(a, (size_t)size * sizeof **lengths);
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); n++) {
		at += 8;
		int length = (int)(strtod(at, NULL) * 1000 + 0.5);
		int64_t bytes = whole_size(arena_printf(a, "%s/%05d.m4s", dir, n));
		if (length <= 0 || bytes < 0)
			return -1;
		int64_t bits = bytes * 8 * 1000 / length;
		/* the rest at the end may be shorter than its packaging */
		if ((length > 1000 || n == 0) && bits > *bitrate)
			*bitrate = (int)bits;
		(*lengths)[n] = length;
	}
	return n;
}

static bool
complain_of_output(const char *file, const char *dir)
{
	struct statvfs disk;
	if (statvfs(dir, &disk) == 0 && disk.f_bavail * disk.f_frsize < 16 << 20)
		return probe_complain(dir, "there is no room left");
	return probe_complain(file, "what ffmpeg made is not whole: was there room all the time?");
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
	return good || probe_complain(path, "cannot be written");
}

/* What is much shorter than it should be comes of a file that was not copied to its end. */
static bool
long_enough(struct arena *a, const struct source *in, const struct encoded *e)
{
	if (e->duration < SHORTEST)
		return probe_complain(in->file, "there is no film in it, a second long at least");
	if (e->duration + 2000 >= in->duration - in->duration / 100)
		return true;
	return probe_complain(in->file,
		arena_printf(a, "it is broken off: of %lld s there are %lld",
			(long long)in->duration / 1000, (long long)e->duration / 1000));
}

static bool
encode_rendition(struct arena *a, const struct source *in, const struct rung *to, const char *dir,
	int seconds, struct encoded *out)
{
	const struct encoded_rendition *before = out->n ? &out->renditions[0] : NULL;
	struct encoded_rendition *r = &out->renditions[out->n++];
	r->name = arena_printf(a, "%dp", to->height);
	r->codecs = to->levels[in->fast].codecs;
	set_size(in, to, r);
	const char *own = arena_printf(a, "%s/%s", dir, r->name);
	if (!encode_one(a, in, to, r, own, seconds))
		return false;
	int n = measure(a, own, &out->segments, &r->bitrate);
	if (n <= 0)
		return complain_of_output(in->file, own);
	if (before && n != out->n_segments)
		return probe_complain(in->file, "the renditions are not cut at the same places");
	out->n_segments = n;
	return true;
}

bool
encode_file(struct arena *a, const char *file, const char *dir, int seconds, struct encoded *out)
{
	struct source in;
	const struct rung *chosen[ENCODE_MAX];
	*out = (struct encoded){ 0 };
	if (!probe_file(a, file, &in))
		return false;
	int n = choose(&in, chosen);
	for (int i = 0; i < n; i++)
		if (!encode_rendition(a, &in, chosen[i], dir, seconds, out))
			return false;
	for (int i = 0; i < out->n_segments; i++)
		out->duration += out->segments[i];
	return long_enough(a, &in, out) && write_master(a, dir, out);
}

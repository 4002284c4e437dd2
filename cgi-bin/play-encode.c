/* ffmpeg encodes a film, once a rendition and once a sound. Channels show pictures and sound from
 * the same segments, so the first sound is in those of the pictures, also where there are several.
 */
#include "play-encode.h"

#include "play-ffmpeg.h"
#include "play-files.h"
#include "play-master.h"
#include "play-segments.h"
#include "play-subtitles.h"
#include "play-thumbnails.h"

#include <sys/statvfs.h>

enum { SHORTEST = 1000 /* ms */, SAME_LENGTH = 500 /* ms */ };

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
	const struct encoded_rendition *r, const struct tracks *t, const char *dir, int seconds)
{
	char *rate = arena_printf(a, "%dk", to->kbit), *twice = arena_printf(a, "%dk", 2 * to->kbit);
	char *sound = t->n_sounds ? arena_printf(a, "0:%d", t->sounds[0].stream) : "1:a:0";
	struct ffmpeg f = ffmpeg_reading(a, in->file);
	ffmpeg_add(&f, "-f", "lavfi", "-i", "anullsrc=channel_layout=stereo:sample_rate=48000", "-map",
		arena_printf(a, "0:%d", in->video), "-map", sound, "-shortest", "-vf",
		arena_printf(a, "scale=%d:%d,format=yuv420p,setsar=1", r->width, r->height), "-fpsmax",
		"60", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-level:v",
		to->levels[in->fast].name, "-b:v", rate, "-maxrate", rate, "-bufsize", twice,
		"-sc_threshold", "0", "-force_key_frames",
		arena_printf(a, "expr:gte(t,n_forced*%d)", FFMPEG_SEGMENT), NULL);
	ffmpeg_sound(&f, to->audio_kbit);
	ffmpeg_segments(&f, dir, t->n_sounds > 1);
	return files_directory(dir) && ffmpeg_run(&f, seconds);
}

static bool
complain_of_output(const char *file, const char *dir)
{
	struct statvfs disk;
	if (statvfs(dir, &disk) == 0 && disk.f_bavail * disk.f_frsize < 16 << 20)
		return files_complain(dir, "there is no room left");
	return files_complain(file, "what ffmpeg made is not whole: was there room all the time?");
}

/* What is much shorter than it should be comes of a file that was not copied to its end. */
static bool
is_broken_off(int64_t duration, int64_t wanted)
{
	return duration + 2000 < wanted - wanted / 100;
}

static bool
long_enough(struct arena *a, const struct source *in, const struct encoded *e)
{
	if (e->duration < SHORTEST)
		return files_complain(in->file, "there is no film in it, a second long at least");
	if (!is_broken_off(e->duration, in->duration))
		return true;
	return files_complain(in->file,
		arena_printf(a, "it is broken off: of %lld s there are %lld",
			(long long)in->duration / 1000, (long long)e->duration / 1000));
}

static bool
encode_rendition(struct arena *a, const struct source *in, const struct rung *to, const char *dir,
	int seconds, struct encoded *out)
{
	struct segments made;
	bool first = !out->n, apart = out->tracks.n_sounds > 1;
	struct encoded_rendition *r = &out->renditions[out->n++];
	r->name = arena_printf(a, "%dp", to->height);
	r->codecs = to->levels[in->fast].codecs;
	set_size(in, to, r);
	const char *own = arena_printf(a, "%s/%s", dir, r->name);
	if (!encode_one(a, in, to, r, &out->tracks, own, seconds))
		return false;
	if (!segments_measure(a, own, &made))
		return complain_of_output(in->file, own);
	if (!first && made.n != out->n_segments)
		return files_complain(in->file, "the renditions are not cut at the same places");
	r->bitrate = made.bitrate;
	out->segments = made.lengths;
	out->n_segments = made.n;
	out->duration = made.duration;
	return !apart || segments_pictures(a, own, &made, &r->pictures);
}

/* Says what will be silent. */
static const struct stream *
look_at_sound(struct arena *a, const struct source *in, const struct track *t, int64_t duration)
{
	const struct stream *s = in->streams;
	while (s->index != t->stream)
		s++;
	if (s->duration && is_broken_off(s->duration, duration))
		tracks_say(in, s, arena_printf(a, "it ends after %d s, silence follows",
			(int)(s->duration / 1000)));
	return s;
}

static bool
encode_sound(struct arena *a, const struct source *in, struct track *t, int kbit, const char *dir,
	int seconds, int64_t duration)
{
	struct segments made;
	struct ffmpeg f = ffmpeg_reading(a, in->file);
	const char *own = arena_printf(a, "%s/%s", dir, t->directory);
	ffmpeg_add(&f, "-map", arena_printf(a, "0:%d", t->stream), "-t",
		arena_printf(a, "%lldms", (long long)duration), NULL);
	ffmpeg_sound(&f, kbit);
	ffmpeg_segments(&f, own, false);
	if (!files_directory(own))
		return false;
	const struct stream *s = look_at_sound(a, in, t, duration);
	if (!ffmpeg_run(&f, seconds)) {
		tracks_say(in, s, "it cannot be read");
		return false;
	}
	if (!segments_measure(a, own, &made) || llabs(made.duration - duration) > SAME_LENGTH)
		return complain_of_output(in->file, own);
	t->bitrate = made.bitrate;
	return true;
}

static bool
encode_sounds(struct arena *a, const struct source *in, const char *dir, int kbit, int seconds,
	struct encoded *out)
{
	struct tracks *t = &out->tracks;
	for (int i = 0; i < t->n_sounds && t->n_sounds > 1; i++)
		if (!encode_sound(a, in, &t->sounds[i], kbit, dir, seconds, out->duration))
			return false;
	return true;
}

static bool
draw_thumbnails(struct arena *a, const char *dir, int seconds, const struct encoded *e)
{
	const struct encoded_rendition *smallest = &e->renditions[0];
	struct thumbnails_source in = {
		.playlist = arena_printf(a, "%s/index.m3u8", smallest->name),
		.width = smallest->width,
		.height = smallest->height,
		.longest = FFMPEG_SEGMENT * 1000,
		.duration = e->duration,
	};
	return thumbnails_make(a, dir, &in, seconds);
}

bool
encode_file(struct arena *a, const char *file, const char *dir, int seconds, struct encoded *out)
{
	struct source in;
	const struct rung *chosen[ENCODE_MAX];
	if (!probe_file(a, file, &in))
		return false;
	tracks_choose(a, &in, &out->tracks);
	subtitles_extract(a, &in, dir, seconds, &out->tracks);
	int n = choose(&in, chosen);
	for (int i = 0; i < n; i++)
		if (!encode_rendition(a, &in, chosen[i], dir, seconds, out))
			return false;
	return long_enough(a, &in, out) &&
		encode_sounds(a, &in, dir, chosen[n - 1]->audio_kbit, seconds, out) &&
		draw_thumbnails(a, dir, seconds, out) &&
		subtitles_write(a, dir, out->duration, &out->tracks) && master_write(a, dir, out);
}

/* Nothing but key frames is decoded, of the smallest rendition. A picture is of the instant its cue
 * begins at, or of the last key frame before that. */
#include "play-thumbnails.h"

#include "play-ffmpeg.h"
#include "play-files.h"

/* So many that a film of two hours has one each eight seconds; a sheet is some 100 KB. */
enum { MOST = 900, WIDTH = 240, HEIGHT = 180, COLUMNS = 5, ROWS = 5 };

struct sheets {
	int every; /* seconds */
	int n; /* pictures */
	int width, height; /* of each */
	int columns, rows;
};

static int
ceiling(int64_t n, int64_t of)
{
	return (int)((n + of - 1) / of);
}

static int
even(int64_t n)
{
	return n < 2 ? 2 : (int)(n + 1) & ~1;
}

/* Segments begin at multiples of a length; some are longer by a frame than they should be. */
static struct sheets
lay_out(const struct thumbnails_source *in)
{
	struct sheets s = { .width = WIDTH, .height = even((int64_t)WIDTH * in->height / in->width) };
	int unit = in->longest < 1000 ? 1 : (in->longest + 500) / 1000;
	s.every = unit * ceiling(in->duration, (int64_t)MOST * unit * 1000);
	s.n = ceiling(in->duration, s.every * 1000);
	if (s.height > HEIGHT) {
		s.height = HEIGHT;
		s.width = even((int64_t)HEIGHT * in->width / in->height);
	}
	s.columns = s.n < COLUMNS ? s.n : COLUMNS;
	s.rows = s.n < COLUMNS * ROWS ? ceiling(s.n, COLUMNS) : ROWS;
	return s;
}

/* A key frame counts half a second early, so that the one which is due is not missed by a frame.
 * There is one for each cue, however the rendition ends. */
static bool
draw(struct arena *a, const char *playlist, const char *own, const struct sheets *s, int seconds)
{
	struct ffmpeg f = ffmpeg_reading_key_frames(a, playlist);
	ffmpeg_add(&f, "-an", "-sn", "-vf",
		arena_printf(a,
			"setpts=PTS-STARTPTS-0.5/TB,tpad=stop=-1:stop_mode=clone,"
			"fps=fps=1/%d:round=up:start_time=0,trim=end_frame=%d,"
			"scale=%d:%d,setsar=1,tile=%dx%d",
			s->every, s->n, s->width, s->height, s->columns, s->rows),
		"-q:v", "5", "-map_metadata", "-1", "-fps_mode", "passthrough", "-f", "image2",
		"-start_number", "0", arena_printf(a, "%s/sheet-%%03d.jpg", own), NULL);
	return ffmpeg_run(&f, seconds);
}

/* ffmpeg ends well also where it could not write. */
static bool
is_whole(const char *path)
{
	static const unsigned char whole[] = { 0xff, 0xd8, 0xff, 0xd9 };
	unsigned char ends[sizeof whole];
	FILE *f = fopen(path, "re");
	bool good = f && fread(ends, 2, 1, f) == 1 && fseek(f, -2, SEEK_END) == 0 &&
		fread(ends + 2, 2, 1, f) == 1 && !memcmp(ends, whole, sizeof whole);
	if (f)
		fclose(f);
	return good;
}

static bool
are_whole(struct arena *a, const char *own, const struct sheets *s)
{
	int n = ceiling(s->n, s->columns * s->rows);
	for (int i = 0; i < n; i++)
		if (!is_whole(arena_printf(a, "%s/sheet-%03d.jpg", own, i)))
			return files_complain(own, "what ffmpeg made is not whole: was there room?");
	return true;
}

static bool
write_cues(struct arena *a, const char *path, const struct sheets *s, int64_t duration)
{
	struct buf b = buf_new(a);
	int on_sheet = s->columns * s->rows;
	buf_puts(&b, "WEBVTT\n");
	for (int i = 0; i < s->n; i++) {
		int64_t at = (int64_t)i * s->every * 1000, until = at + s->every * 1000;
		int tile = i % on_sheet;
		buf_putc(&b, '\n');
		cues_put_time(&b, (int)at);
		buf_puts(&b, " --> ");
		cues_put_time(&b, (int)(until < duration ? until : duration));
		buf_printf(&b, "\nsheet-%03d.jpg#xywh=%d,%d,%d,%d\n", i / on_sheet,
			tile % s->columns * s->width, tile / s->columns * s->height, s->width, s->height);
	}
	return files_write(path, &b);
}

bool
thumbnails_make(
	struct arena *a, const char *dir, const struct thumbnails_source *in, int seconds)
{
	struct sheets s = lay_out(in);
	const char *own = arena_printf(a, "%s/" THUMBNAILS_DIRECTORY, dir);
	const char *playlist = arena_printf(a, "%s/%s", dir, in->playlist);
	return files_directory(own) && draw(a, playlist, own, &s, seconds) && are_whole(a, own, &s) &&
		write_cues(a, arena_printf(a, "%s/" THUMBNAILS_FILE, dir), &s, in->duration);
}

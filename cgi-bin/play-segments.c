/* Boxes (ISO 14496-12): their length, their type, and what is in them. Where each stream has a
 * fragment of its own, that of the pictures is the first part of a file. */
#include "play-segments.h"

#include "play-files.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PLAYLIST = 4 << 20, MAX_INIT = 1 << 20, HEADER = 8, TRACK_ID_AT = 44 };

struct box {
	uint32_t len;
	char type[4];
};

static bool
box_at(int fd, int64_t at, struct box *out)
{
	bool good = pread(fd, out, sizeof *out, at) == sizeof *out;
	out->len = ntohl(out->len);
	return good && out->len >= HEADER;
}

static bool
is(const struct box *b, const char *type)
{
	return !memcmp(b->type, type, sizeof b->type);
}

struct parts {
	int64_t size; /* of a file whose last box ends where it does; −1: it is not whole */
	int64_t first; /* up to its second fragment */
	int fragments;
	uint32_t track; /* of the first one */
};

static struct parts
look_at(const char *path)
{
	struct stat file;
	struct box b;
	struct parts p = { .size = -1 };
	int64_t at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &file) < 0)
		file.st_size = -1;
	for (; at < file.st_size && box_at(fd, at, &b); at += b.len) {
		if (is(&b, "moof") && p.fragments++ == 0)
			(void)!pread(fd, &p.track, sizeof p.track, at + TRACK_ID_AT);
		if (is(&b, "mdat") && p.fragments == 1)
			p.first = at + b.len;
	}
	if (fd >= 0)
		close(fd);
	p.track = ntohl(p.track);
	p.size = at == file.st_size && at > 0 ? at : -1;
	return p;
}

static const char *
segment_path(struct arena *a, const char *dir, int n)
{
	return arena_printf(a, "%s/%05d.m4s", dir, n);
}

/* Into most, unless it is the rest at the end, which may be shorter than its packaging. */
static void
most_bits(int64_t bytes, int length, int n, int *most)
{
	int64_t bits = bytes * 8 * 1000 / length;
	if ((length > 1000 || n == 0) && bits > *most)
		*most = (int)bits;
}

bool
segments_measure(struct arena *a, const char *dir, struct segments *out)
{
	size_t len;
	const char *text = files_read(a, arena_printf(a, "%s/index.m3u8", dir), MAX_PLAYLIST, &len);
	int size = 0;
	*out = (struct segments){ 0 };
	if (!text || !strstr(text, "#EXT-X-ENDLIST") ||
		look_at(arena_printf(a, "%s/init.mp4", dir)).size < 0)
		return false;
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); at++)
		size++;
	out->lengths = arena_alloc(a, (size_t)size * sizeof *out->lengths);
	for (const char *at = text; (at = strstr(at, "#EXTINF:")); out->n++) {
		at += 8;
		int length = (int)(strtod(at, NULL) * 1000 + 0.5);
		int64_t bytes = look_at(segment_path(a, dir, out->n)).size;
		if (length <= 0 || bytes < 0)
			return false;
		most_bits(bytes, length, out->n, &out->bitrate);
		out->lengths[out->n] = length;
		out->duration += length;
	}
	return out->n > 0;
}

/* ---- the pictures alone */

/* Boxes without the second track and what is said of it. */
static bool
copy_first_track(const char *from, size_t len, struct buf *to)
{
	int tracks = 0;
	while (len) {
		struct box b;
		memcpy(&b, from, len < sizeof b ? len : sizeof b);
		b.len = ntohl(b.len);
		if (len < HEADER || b.len < HEADER || b.len > len)
			return false;
		size_t begin = to->len;
		if (is(&b, "moov") || is(&b, "mvex")) {
			buf_add(to, from, HEADER);
			if (!copy_first_track(from + HEADER, b.len - HEADER, to))
				return false;
			uint32_t size = htonl((uint32_t)(to->len - begin));
			memcpy(to->data + begin, &size, sizeof size);
		} else if (!(is(&b, "trak") || is(&b, "trex")) || ++tracks == 1) {
			buf_add(to, from, b.len);
		}
		from += b.len;
		len -= b.len;
	}
	return true;
}

static bool
write_beginning(struct arena *a, const char *dir)
{
	size_t len;
	const char *path = arena_printf(a, "%s/init.mp4", dir);
	const char *whole = files_read(a, path, MAX_INIT, &len);
	struct buf pictures = buf_new(a);
	if (!whole || !copy_first_track(whole, len, &pictures))
		return files_complain(path, "cannot be read");
	return files_write(arena_printf(a, "%s/video.mp4", dir), &pictures);
}

/* The playlist again, with the first part of each file. */
static bool
put_parts(struct arena *a, const char *dir, const char *text, const struct segments *whole,
	struct buf *out, int *bitrate)
{
	int n = 0;
	for (const char *end; *text; text = end) {
		end = strchrnul(text, '\n');
		end += *end == '\n';
		if (!strncmp(text, "#EXT-X-MAP:", 11)) {
			buf_puts(out, "#EXT-X-MAP:URI=\"video.mp4\"\n");
			continue;
		}
		if (*text != '#' && *text != '\n' && n < whole->n) {
			struct parts p = look_at(segment_path(a, dir, n));
			if (p.fragments != 2 || p.track != 1)
				return false;
			most_bits(p.first, whole->lengths[n], n, bitrate);
			n++;
			buf_printf(out, "#EXT-X-BYTERANGE:%lld@0\n", (long long)p.first);
		}
		buf_add(out, text, (size_t)(end - text));
	}
	return n == whole->n;
}

bool
segments_pictures(struct arena *a, const char *dir, const struct segments *whole, int *bitrate)
{
	size_t len;
	struct buf list = buf_new(a);
	const char *text = files_read(a, arena_printf(a, "%s/index.m3u8", dir), MAX_PLAYLIST, &len);
	*bitrate = 0;
	if (!text || !put_parts(a, dir, text, whole, &list, bitrate))
		return files_complain(dir, "pictures and sound are not apart in what ffmpeg made");
	return write_beginning(a, dir) && files_write(arena_printf(a, "%s/video.m3u8", dir), &list);
}

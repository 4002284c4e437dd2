/* A packer's stream may be followed by another (gzip members, xz streams); zeros may follow it.
 * What else follows is a broken file. */
#include "banned.h"

#include "unpack.h"

#include "arena.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK = 65536, MAGIC = 6, RATIO_AFTER = 16 << 20, XZ_MEMORY = 80 << 20 };

struct unpack {
	struct unpack_source source;
	struct arena *arena;
	int (*step)(struct unpack *u, char *to, size_t n, size_t *made); /* of the packer */
	const char *why;
	const unsigned char *at; /* not yet unpacked, in block */
	size_t left;
	uint64_t in, out;
	bool over, between; /* no more input; a gzip member has just ended */
	int fd;
	z_stream gzip;
	lzma_stream xz;
	unsigned char block[BLOCK];
};

enum { STEP_ON, STEP_END, STEP_BROKEN };

static int
broken(struct unpack *u, const char *why)
{
	u->why = why;
	return STEP_BROKEN;
}

/* Appends what one read gives to what is left; false when reading failed. */
static bool
fill(struct unpack *u)
{
	memmove(u->block, u->at, u->left);
	u->at = u->block;
	ssize_t n;
	do
		n = u->source.read(u->source.context, (char *)u->block + u->left, BLOCK - u->left);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		u->why = arena_printf(u->arena, "reading failed: %s", strerror(errno));
		return false;
	}
	u->over = n == 0;
	u->left += (size_t)n;
	u->in += (uint64_t)n;
	return true;
}

static void
took(struct unpack *u, size_t n)
{
	u->at += n;
	u->left -= n;
}

static int
step_plain(struct unpack *u, char *to, size_t n, size_t *made)
{
	*made = n < u->left ? n : u->left;
	memcpy(to, u->at, *made);
	took(u, *made);
	return u->over && !u->left ? STEP_END : STEP_ON;
}

/* Between members: another one, zeros, or the end. */
static int
next_member(struct unpack *u)
{
	while (u->left && !*u->at)
		took(u, 1);
	if (!u->left)
		return u->over ? STEP_END : STEP_ON;
	if (*u->at != 0x1f)
		return broken(u, "something follows the gzip data");
	u->between = false;
	inflateReset(&u->gzip);
	return STEP_ON;
}

static int
step_gzip(struct unpack *u, char *to, size_t n, size_t *made)
{
	*made = 0;
	if (u->between)
		return next_member(u);
	u->gzip.next_in = (unsigned char *)(uintptr_t)u->at;
	u->gzip.avail_in = (unsigned)u->left;
	u->gzip.next_out = (unsigned char *)to;
	u->gzip.avail_out = (unsigned)n;
	int status = inflate(&u->gzip, Z_NO_FLUSH);
	*made = n - u->gzip.avail_out;
	took(u, u->left - u->gzip.avail_in);
	if (status == Z_STREAM_END)
		u->between = true;
	else if (status != Z_OK && status != Z_BUF_ERROR)
		return broken(u, "broken gzip data");
	else if (!*made && !u->left && u->over)
		return broken(u, "the gzip data end too early");
	return STEP_ON;
}

static int
step_xz(struct unpack *u, char *to, size_t n, size_t *made)
{
	u->xz.next_in = u->at;
	u->xz.avail_in = u->left;
	u->xz.next_out = (unsigned char *)to;
	u->xz.avail_out = n;
	lzma_ret status = lzma_code(&u->xz, u->over ? LZMA_FINISH : LZMA_RUN);
	*made = n - u->xz.avail_out;
	took(u, u->left - u->xz.avail_in);
	if (status == LZMA_STREAM_END)
		return STEP_END;
	if (status == LZMA_MEMLIMIT_ERROR)
		return broken(u, "the xz data need too much memory");
	if (status == LZMA_BUF_ERROR && u->over && !u->left)
		return broken(u, "the xz data end too early");
	if (status != LZMA_OK && status != LZMA_BUF_ERROR)
		return broken(u, "broken xz data");
	return STEP_ON;
}

static void
end_gzip(void *stream)
{
	inflateEnd(stream);
}

static void
end_xz(void *stream)
{
	lzma_end(stream);
}

/* Looks at the first bytes. */
static bool
begin(struct unpack *u)
{
	while (u->left < MAGIC && !u->over)
		if (!fill(u))
			return false;
	u->step = step_plain;
	if (u->left >= 2 && memcmp(u->at, "\x1f\x8b", 2) == 0) {
		if (inflateInit2(&u->gzip, 16 + MAX_WBITS) != Z_OK)
			abort();
		arena_defer(u->arena, end_gzip, &u->gzip);
		u->step = step_gzip;
	} else if (u->left >= MAGIC &&
		memcmp(u->at,
			"\xfd"
			"7zXZ",
			MAGIC) == 0) {
		if (lzma_stream_decoder(&u->xz, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
			abort();
		arena_defer(u->arena, end_xz, &u->xz);
		u->step = step_xz;
	}
	return true;
}

static bool
within_limits(struct unpack *u)
{
	if (u->out > UNPACK_MAX_BYTES)
		u->why = "more than 4 GiB unpacked";
	else if (u->out > RATIO_AFTER && u->out / UNPACK_MAX_RATIO > u->in)
		u->why = "it unpacks to more than 250 times its size";
	return !u->why;
}

ssize_t
unpack_read(struct unpack *u, char *to, size_t n)
{
	if (!u->why && !u->step && !begin(u))
		return -1;
	while (!u->why) {
		size_t made;
		if (!u->left && !u->over && !fill(u))
			break;
		int status = u->step(u, to, n, &made);
		u->out += made;
		if (status == STEP_BROKEN || !within_limits(u))
			break;
		if (made || status == STEP_END)
			return (ssize_t)made;
	}
	return -1;
}

const char *
unpack_why(const struct unpack *u)
{
	return u->why;
}

struct unpack *
unpack_open(struct arena *a, struct unpack_source source)
{
	struct unpack *u = arena_alloc(a, sizeof *u);
	u->source = source;
	u->arena = a;
	u->at = u->block;
	return u;
}

static ssize_t
read_fd(void *context, char *to, size_t n)
{
	const struct unpack *u = context;
	return read(u->fd, to, n);
}

struct unpack *
unpack_open_fd(struct arena *a, int fd)
{
	struct unpack *u = unpack_open(a, (struct unpack_source){ read_fd, NULL });
	u->source.context = u;
	u->fd = fd;
	return u;
}

/* Packed streams: what comes out, in pieces of every size, and what becomes of broken ones. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "unpack.h"

#include <errno.h>
#include <lzma.h>
#include <zlib.h>

enum { ROOM = 70000 };

/* Bytes that are handed out so many at a time; then the end, or an error. */
struct bytes {
	const char *data;
	size_t len, step;
	int error;
};

static struct arena *arena;

static ssize_t
read_bytes(void *context, char *to, size_t n)
{
	struct bytes *b = context;
	size_t some = n < b->step ? n : b->step;
	if (!b->len && b->error) {
		errno = b->error;
		return -1;
	}
	some = some < b->len ? some : b->len;
	memcpy(to, b->data, some);
	b->data += some;
	b->len -= some;
	return (ssize_t)some;
}

/* All that comes out, or "! why". */
static const char *
unpacked(struct bytes b)
{
	struct buf out = buf_new(arena);
	struct unpack *u = unpack_open(arena, (struct unpack_source){ read_bytes, &b });
	ssize_t n;
	do {
		n = unpack_read(u, buf_reserve(&out, 1000), 1000);
		out.len += n > 0 ? (size_t)n : 0;
		out.data[out.len] = 0;
	} while (n > 0 && out.len < ((size_t)64 << 20));
	return n < 0 ? arena_printf(arena, "! %s", unpack_why(u)) : out.data;
}

static struct bytes
gzip(const char *text, size_t len)
{
	char *to = arena_alloc(arena, len / 2 + ROOM);
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text, .avail_in = (unsigned)len,
		           .next_out = (unsigned char *)to, .avail_out = (unsigned)(len / 2 + ROOM) };
	if (deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, 0) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	struct bytes b = { to, z.total_out, 1000, 0 };
	deflateEnd(&z);
	return b;
}

static struct bytes
xz(const char *text, size_t len)
{
	uint8_t *to = arena_alloc(arena, len / 2 + ROOM);
	size_t n = 0;
	if (lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, (const uint8_t *)text, len, to, &n, len / 2 + ROOM) != LZMA_OK)
		abort();
	return (struct bytes){ (char *)to, n, 1000, 0 };
}

static struct bytes
joined(struct bytes a, struct bytes b)
{
	struct buf both = buf_new(arena);
	buf_add(&both, a.data, a.len);
	buf_add(&both, b.data, b.len);
	return (struct bytes){ both.data, both.len, a.step, 0 };
}

static void
test_formats(const char *text, size_t len)
{
	struct bytes kinds[] = { { text, len, 1, 0 }, gzip(text, len), xz(text, len) };
	static const char *const names[] = { "plain", "gzip", "xz" };
	for (size_t i = 0; i < 3; i++)
		for (size_t step = 1; step < 100000; step = step * 10 + 3) {
			kinds[i].step = step;
			ok(strcmp(unpacked(kinds[i]), text) == 0, arena_printf(arena, "%s in steps of %zu", names[i], step));
		}
	ok(strcmp(unpacked(joined(kinds[1], kinds[1])), arena_printf(arena, "%s%s", text, text)) == 0, "two gzip members");
	ok(strcmp(unpacked(joined(kinds[2], kinds[2])), arena_printf(arena, "%s%s", text, text)) == 0, "two xz streams");
	static const char zeros[64];
	is(unpacked(joined(gzip("x", 1), (struct bytes){ zeros, 64, 1, 0 })), "x", "zeros after gzip");
	is(unpacked(joined(gzip("x", 1), (struct bytes){ "tail", 4, 1, 0 })), "! something follows the gzip data", "text after it");
}

static void
test_broken(const char *text, size_t len)
{
	struct bytes g = gzip(text, len), x = xz(text, len);
	for (size_t cut = 1; cut < 12; cut++) {
		struct bytes b = g, c = x;
		b.len -= cut;
		c.len -= cut;
		is(unpacked(b), "! the gzip data end too early", "gzip that is cut off");
		is(unpacked(c), "! the xz data end too early", "xz that is cut off");
	}
	((char *)(uintptr_t)g.data)[g.len - 6] ^= 1;
	is(unpacked(g), "! broken gzip data", "a wrong checksum");
	((char *)(uintptr_t)x.data)[20] ^= 1;
	is(unpacked(x), "! broken xz data", "a wrong byte");
	is(unpacked((struct bytes){ "", 0, 1, 0 }), "", "nothing");
	is(unpacked((struct bytes){ "\x1f", 1, 1, 0 }), "\x1f", "half a mark");
	is(unpacked((struct bytes){ "abc", 3, 1, EIO }), "! reading failed: Input/output error", "a read that fails");
}

static void
test_bombs(void)
{
	size_t len = (size_t)20 << 20;
	char *spaces = arena_alloc(arena, len);
	memset(spaces, ' ', len);
	is(unpacked(gzip(spaces, len)), "! it unpacks to more than 250 times its size", "a gzip bomb");
	is(unpacked(xz(spaces, len)), "! it unpacks to more than 250 times its size", "an xz bomb");
	is_int((int64_t)strlen(unpacked(gzip(spaces, len / 2))), (int64_t)len / 2, "a small one is a file");
}

int
main(void)
{
	arena = arena_new();
	struct buf text = buf_new(arena);
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%d,", i * 7919 % 10007);
	test_formats(text.data, text.len);
	test_broken(text.data, text.len);
	test_bombs();
	arena_free(arena);
	return done();
}

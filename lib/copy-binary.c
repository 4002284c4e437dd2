/* Numbers in network order, each value after its length (PostgreSQL's documentation of COPY,
 * "Binary Format"). */
#include "banned.h"

#include "copy-binary.h"

#include "db.h"
#include "pgtype.h"

#include <endian.h>

static void
put16(struct buf *b, int16_t n)
{
	uint16_t net = htobe16((uint16_t)n);
	buf_add(b, &net, sizeof net);
}

static void
put32(struct buf *b, int32_t n)
{
	uint32_t net = htobe32((uint32_t)n);
	buf_add(b, &net, sizeof net);
}

void
binary_begin(struct buf *b)
{
	static const char signature[11] = "PGCOPY\n\377\r\n";
	buf_add(b, signature, sizeof signature);
	put32(b, 0);
	put32(b, 0);
}

void
binary_row(struct buf *b, int n)
{
	put16(b, (int16_t)n);
}

void
binary_null(struct buf *b)
{
	put32(b, -1);
}

void
binary_text(struct buf *b, const char *s)
{
	size_t len = s ? strlen(s) : 0;
	if (!s) {
		binary_null(b);
		return;
	}
	put32(b, (int32_t)len);
	buf_add(b, s, len);
}

void
binary_int2(struct buf *b, int16_t n)
{
	put32(b, sizeof n);
	put16(b, n);
}

void
binary_int4(struct buf *b, int32_t n)
{
	put32(b, sizeof n);
	put32(b, n);
}

void
binary_int8(struct buf *b, int64_t n)
{
	uint64_t net = htobe64((uint64_t)n);
	put32(b, sizeof net);
	buf_add(b, &net, sizeof net);
}

void
binary_bool(struct buf *b, bool value)
{
	put32(b, 1);
	buf_putc(b, value);
}

void
binary_instant(struct buf *b, int64_t seconds)
{
	binary_int8(b, (seconds - PG_EPOCH_SECONDS) * 1000000);
}

void
binary_bytes(struct buf *b, const char *data, size_t len)
{
	put32(b, (int32_t)len);
	buf_add(b, data, len);
}

/* Dimensions, whether nulls are among them, the element's type; of a dimension its size and where
 * it begins. */
size_t
binary_array(struct buf *b, int32_t type, size_t n)
{
	size_t at = b->len;
	put32(b, 0);
	put32(b, n > 0);
	put32(b, 0);
	put32(b, type);
	if (n) {
		put32(b, (int32_t)n);
		put32(b, 1);
	}
	return at;
}

void
binary_array_end(struct buf *b, size_t at)
{
	uint32_t len = htobe32((uint32_t)(b->len - at - sizeof len));
	memcpy(b->data + at, &len, sizeof len);
}

void
binary_list(struct buf *b, const char *const *list, size_t n)
{
	size_t at = binary_array(b, PG_TEXT, n);
	for (size_t i = 0; i < n; i++)
		binary_text(b, list[i]);
	binary_array_end(b, at);
}

void
binary_end(struct buf *b)
{
	put16(b, -1);
}

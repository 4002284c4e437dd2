/* Growth doubles; the old space stays in the arena until the arena ends. */
#include "banned.h"

#include "buf.h"

#include "arena.h"

#include <stdarg.h>

enum { FIRST_SIZE = 256 };

const char buf_pairs[201] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

struct buf
buf_new(struct arena *a)
{
	struct buf b = { .arena = a, .data = arena_space(a, FIRST_SIZE), .size = FIRST_SIZE };
	b.data[0] = 0;
	return b;
}

struct buf
buf_over(struct arena *a, char *data, size_t len)
{
	return (struct buf){ .arena = a, .data = data, .len = len, .size = len + 1 };
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t size = b->size;
	while (size - b->len <= n) {
		if (size > SIZE_MAX / 2)
			abort();
		size *= 2;
	}
	char *data = arena_space(b->arena, size);
	memcpy(data, b->data, b->len + 1);
	b->data = data;
	b->size = size;
	return data + b->len;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_int(struct buf *b, int64_t n)
{
	char digits[20];
	size_t i = sizeof digits;
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;
	for (; u >= 10; u /= 100) {
		digits[--i] = buf_pairs[u % 100 * 2 + 1];
		digits[--i] = buf_pairs[u % 100 * 2];
	}
	if (u || i == sizeof digits)
		digits[--i] = (char)('0' + u);
	if (n < 0)
		buf_putc(b, '-');
	buf_add(b, digits + i, sizeof digits - i);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	size_t room;
	int n;
	do {
		va_list args;
		va_start(args, format);
		room = b->size - b->len;
		n = vsnprintf(b->data + b->len, room, format, args);
		va_end(args);
		if (n < 0)
			abort();
		buf_reserve(b, (size_t)n);
	} while ((size_t)n >= room);
	b->len += (size_t)n;
}

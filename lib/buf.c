/* Growth doubles; the old space stays in the arena until the arena ends. */
#include "banned.h"

#include "buf.h"

#include "arena.h"

#include <stdarg.h>

enum { FIRST_SIZE = 256 };

struct buf
buf_new(struct arena *a)
{
	return (struct buf){ .arena = a, .data = arena_alloc(a, FIRST_SIZE), .size = FIRST_SIZE };
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (n < b->size - b->len)
		return b->data + b->len;
	size_t size = b->size;
	while (size - b->len <= n) {
		if (size > SIZE_MAX / 2)
			abort();
		size *= 2;
	}
	char *data = arena_alloc(b->arena, size);
	memcpy(data, b->data, b->len);
	b->data = data;
	b->size = size;
	return data + b->len;
}

void
buf_add(struct buf *b, const void *data, size_t n)
{
	memcpy(buf_reserve(b, n), data, n);
	b->len += n;
	b->data[b->len] = 0;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	char *to = buf_reserve(b, 1);
	to[0] = c;
	to[1] = 0;
	b->len++;
}

void
buf_int(struct buf *b, int64_t n)
{
	char digits[20];
	size_t i = sizeof digits;
	uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;
	do
		digits[--i] = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0)
		buf_putc(b, '-');
	buf_add(b, digits + i, sizeof digits - i);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	buf_reserve(b, (size_t)n);
	va_start(args, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

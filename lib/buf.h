/* A growing byte string in an arena. Invariant: data[len] == 0, so data is always a C string. */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct buf {
	struct arena *arena;
	char *data;
	size_t len;
	size_t size;
};

struct buf buf_new(struct arena *a);
/* What data holds already: len bytes and a NUL, which live as long as the arena does. */
struct buf buf_over(struct arena *a, char *data, size_t len);
/* More space than there is. */
char *buf_grow(struct buf *b, size_t n);

/* Room for n more bytes; answers where they go. The caller then adds to len. */
static inline char *
buf_reserve(struct buf *b, size_t n)
{
	return n < b->size - b->len ? b->data + b->len : buf_grow(b, n);
}

static inline void
buf_add(struct buf *b, const void *data, size_t n)
{
	memcpy(buf_reserve(b, n), data, n);
	b->len += n;
	b->data[b->len] = 0;
}

static inline void
buf_putc(struct buf *b, char c)
{
	char *to = buf_reserve(b, 1);
	to[0] = c;
	to[1] = 0;
	b->len++;
}

/* 00 to 99, two characters each. */
extern const char buf_pairs[201];

void buf_puts(struct buf *b, const char *s);
void buf_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

/* Blocks in a list, bump allocation in the newest. A large request gets a block of its own behind
 * the newest, so that the rest of that one is not lost. */
#include "banned.h"

#include "arena.h"

#include <stdarg.h>
#include <stdint.h>

enum { BLOCK_SIZE = 32768, ALIGNMENT = 16 };

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(ALIGNMENT) char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *thing;
};

struct arena {
	struct block *blocks;
	struct deferred *deferred;
};

static struct block *
block_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct block))
		abort();
	struct block *b = malloc(sizeof *b + size);
	if (!b)
		abort();
	*b = (struct block){ .size = size };
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);
	if (!a)
		abort();
	a->blocks = block_new(BLOCK_SIZE);
	return a;
}

static void
run_deferred(struct arena *a)
{
	struct deferred *d = a->deferred;
	a->deferred = NULL;
	for (; d; d = d->next)
		d->fn(d->thing);
}

static void
free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		free(b);
		b = next;
	}
}

void
arena_reset(struct arena *a)
{
	run_deferred(a);
	free_blocks(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->used = 0;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	run_deferred(a);
	free_blocks(a->blocks);
	free(a);
}

/* size is already a multiple of ALIGNMENT */
static void *
take(struct block *b, size_t size)
{
	void *p = b->data + b->used;
	b->used += size;
	return p;
}

void *
arena_space(struct arena *a, size_t size)
{
	if (size > SIZE_MAX - ALIGNMENT)
		abort();
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct block *b = a->blocks;
	if (size <= b->size - b->used)
		return take(b, size);
	if (size > BLOCK_SIZE / 4) {
		struct block *own = block_new(size);
		own->next = b->next;
		b->next = own;
		return take(own, size);
	}
	struct block *fresh = block_new(BLOCK_SIZE);
	fresh->next = b;
	a->blocks = fresh;
	return take(fresh, size);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_space(a, size), 0, size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);
	memcpy(copy, s, n);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	char few[256];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(few, sizeof few, format, args);
	va_end(args);
	if (n < 0)
		abort();
	char *s = arena_space(a, (size_t)n + 1);
	if ((size_t)n < sizeof few)
		return memcpy(s, few, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(s, (size_t)n + 1, format, args);
	va_end(args);
	return s;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *thing)
{
	struct deferred *d = arena_alloc(a, sizeof *d);
	*d = (struct deferred){ a->deferred, fn, thing };
	a->deferred = d;
}

void
arena_defer_free(struct arena *a, void *thing)
{
	arena_defer(a, free, thing);
}

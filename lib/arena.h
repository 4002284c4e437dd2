/* Memory of one request (or one import batch): everything is freed at once.
 * Running out of memory aborts the process: the master forks another worker. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Runs the deferred calls, last first, and frees all. */
void arena_free(struct arena *a);
/* The same, but keeps one block for the next use. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type; never NULL. */
void *
arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull, warn_unused_result));
/* The same, not zeroed: for what is written at once. */
void *
arena_space(struct arena *a, size_t size) __attribute__((returns_nonnull, warn_unused_result));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
/* Copies n bytes and adds a NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));
/* Calls fn(thing) when the arena is reset or freed: for what other libraries allocate. */
void arena_defer(struct arena *a, void (*fn)(void *), void *thing);
/* The same with free(). */
void arena_defer_free(struct arena *a, void *thing);

#endif

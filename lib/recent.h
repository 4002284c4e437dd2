/* Kept answers (store.h) that this worker gave out lately: their files stay mapped, so that one
 * that is asked for again costs no call of the kernel and no copy. The memory is the page cache's,
 * which all workers share; of files that the janitor removed meanwhile it is held until they are
 * replaced here, RECENT_BYTES a worker at most. What is kept never changes, so nothing here is ever
 * out of date: its key, with its minute and the target that says its tag, is of one generation. */
#ifndef RECENT_H
#define RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

enum { RECENT_BYTES = 16 << 20 };

struct kept {
	const char *etag;
	bool gzipped;
	const char *headers; /* lines, each ending in \r\n */
	size_t headers_len;
	const char *body; /* a NUL behind it */
	size_t body_len;
};

/* Both hold the answer until the arena is reset. NULL: it is not here; there is no such file, or
 * it is no kept answer. */
const struct kept *recent_find(struct arena *a, const struct buf *key, int64_t generation);
const struct kept *
recent_open(struct arena *a, const struct buf *key, int64_t generation, const char *path);

#endif

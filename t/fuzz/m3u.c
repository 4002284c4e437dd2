/* Any bytes as a playlist, whole and in two pieces: what is handed out must be as lib/m3u.h says, and
 * the pieces must make no difference.
 *   clang -std=c17 -D_GNU_SOURCE -Ilib -g -O1 -fsanitize=fuzzer,address t/fuzz/m3u.c lib/m3u.c
 *   lib/xmltv*.c lib/clean.c lib/arena.c lib/buf.c lib/url.c -lexpat -lcrypto */
#include "banned.h"

#include "arena.h"
#include "m3u.h"
#include "url.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct count {
	size_t entries, usable, bytes;
};

static void
check(struct count *n, const char *s)
{
	if (s && (!*s || !utf8_valid(s, strlen(s))))
		abort();
	n->bytes += s ? strlen(s) : 0;
}

static void
take(void *context, const struct m3u_entry *e)
{
	struct count *n = context;
	n->entries++;
	n->usable += !e->why;
	if (!e->why && (!e->name || !e->url || strncasecmp(e->url, "http", 4) != 0))
		abort();
	check(n, e->name);
	check(n, e->url);
	for (size_t i = 0; i < e->n; i++)
		check(n, e->attributes[i].value);
}

static struct count
run(const char *data, size_t first, size_t size)
{
	struct count n = { 0 };
	struct arena *a = arena_new();
	struct m3u *m = m3u_open(a, (struct m3u_events){ &n, take });
	const char *why = m3u_feed(m, data, first, first == size);
	if (!why && first < size)
		why = m3u_feed(m, data + first, size - first, true);
	if (why && (!*why || strchr(why, '\n')))
		abort();
	arena_free(a);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct count whole = run((const char *)data, size, size);
	struct count pieces = run((const char *)data, size ? data[size - 1] % size : 0, size);
	if (memcmp(&whole, &pieces, sizeof whole) != 0)
		abort();
	return 0;
}

/* Any bytes as a playlist, whole and in two pieces: what is handed out must be as lib/m3u.h says, and
 * the pieces must make no difference. What an entry says of catching up is a template or it is not. */
#include "banned.h"

#include "arena.h"
#include "catchup.h"
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

/* Whatever the names of the attributes are. */
static void
check_catchup(const struct m3u_entry *e)
{
	static const char *const modes[] = { NULL, "default", "append", "shift", "fs", "xc", "vod" };
	struct arena *a = arena_new();
	const char *source = e->n ? e->attributes[0].value : NULL, *template;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct catchup_words said = { modes[i], source, NULL, e->url };
		const char *why = catchup_of_playlist(a, &said, &template);
		if (why ? template || !*why : template && catchup_check(template) != NULL)
			abort();
		const char *url = template ? catchup_fill(a, template, (struct catchup_time){ 1, 2, 3 }) : "";
		if (strpbrk(url, "{} \r\n\"") || strlen(url) > 8 * CATCHUP_MAX)
			abort();
	}
	arena_free(a);
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
	if (!e->why)
		check_catchup(e);
	for (size_t i = 0; i < e->n; i++)
		check(n, e->attributes[i].value);
	for (size_t i = 0; e->head && i < e->head->n; i++)
		check(n, e->head->attributes[i].value);
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

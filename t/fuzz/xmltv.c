/* Any bytes as a guide, whole and in two pieces: what is handed out must be as lib/xmltv.h says, and
 * the pieces must make no difference.
 *   clang -std=c17 -D_GNU_SOURCE -Ilib -g -O1 -fsanitize=fuzzer,address t/fuzz/xmltv.c lib/xmltv*.c
 *   lib/clean.c lib/arena.c lib/buf.c lib/url.c -lexpat -lcrypto */
#include "banned.h"

#include "arena.h"
#include "url.h"
#include "xmltv.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct count {
	size_t channels, programmes, usable;
};

static void
check(const char *s, size_t max)
{
	if (s && (!*s || !utf8_valid(s, strlen(s)) || utf8_length(s) > max))
		abort();
}

static void
take_channel(void *context, const struct xmltv_channel *c)
{
	struct count *n = context;
	n->channels++;
	check(c->id, XMLTV_MAX_ID);
	check(c->icon, XMLTV_MAX_URL);
	for (size_t i = 0; i < c->n_names; i++)
		check(c->names[i], XMLTV_MAX_TITLE);
}

static void
take_programme(void *context, const struct xmltv_programme *p)
{
	struct count *n = context;
	n->programmes++;
	n->usable += !p->why;
	if (!p->why && (!p->title || !p->channel || p->start == XMLTV_NO_TIME))
		abort();
	check(p->channel, XMLTV_MAX_ID);
	check(p->title, XMLTV_MAX_TITLE);
	check(p->subtitle, XMLTV_MAX_TITLE);
	check(p->synopsis, XMLTV_MAX_SYNOPSIS);
	check(p->icon, XMLTV_MAX_URL);
	for (size_t i = 0; i < p->n_categories; i++)
		check(p->categories[i], XMLTV_MAX_CATEGORY);
	for (size_t i = 0; i < p->n_credits; i++) {
		check(p->credits[i].name, XMLTV_MAX_PERSON);
		check(p->credits[i].character, XMLTV_MAX_PERSON);
	}
	if (p->season < 0 || p->episode < 0 || p->season > 99999 || p->episode > 99999)
		abort();
}

static struct count
run(const char *data, size_t first, size_t size)
{
	struct count n = { 0 };
	struct arena *a = arena_new();
	struct xmltv *x = xmltv_open(a, (struct xmltv_events){ &n, take_channel, take_programme }, "nor");
	const char *why = xmltv_feed(x, data, first, first == size);
	if (!why && first < size)
		why = xmltv_feed(x, data + first, size - first, true);
	if (why && (!*why || strchr(why, '\n')))
		abort();
	arena_free(a);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct count whole = run((const char *)data, size, size);
	if (size < 512)
		return 0;
	struct count pieces = run((const char *)data, 256 + data[300] % (size - 256), size);
	if (memcmp(&whole, &pieces, sizeof whole) != 0)
		abort();
	return 0;
}

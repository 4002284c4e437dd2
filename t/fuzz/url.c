/* Any bytes as a query string, a part of a path and base64url: what is decoded must be as lib/url.h
 * says, and encoding it again must lead back to it. */
#include "banned.h"

#include "arena.h"
#include "url.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
query(struct arena *a, const char *text)
{
	struct query_string q = { 0 };
	const char *why = url_parse_query(a, text, &q);
	must(!why || *why);
	must(q.n <= URL_MAX_PAIRS);
	for (size_t i = 0; !why && i < q.n; i++) {
		const char *name = q.pairs[i].name, *value = q.pairs[i].value;
		must(*name && utf8_valid(name, strlen(name)));
		must(utf8_valid(value, strlen(value)));
		for (size_t j = 0; j < i; j++)
			must(strcmp(name, q.pairs[j].name) != 0);
		const char *encoded = url_encode(a, value);
		must(strcmp(url_decode(a, encoded, strlen(encoded), true), value) == 0);
	}
}

static void
decode(struct arena *a, const char *data, size_t size)
{
	const char *text = url_decode(a, data, size, false);
	if (text)
		must(utf8_valid(text, strlen(text)) && utf8_length(text) <= strlen(text));
	size_t len = 0;
	unsigned char *bytes = base64url_decode(a, data, size, &len);
	if (!bytes)
		return;
	const char *again = base64url_encode(a, bytes, len);
	must(strlen(again) == size && memcmp(again, data, size) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	query(a, arena_strndup(a, (const char *)data, size));
	decode(a, (const char *)data, size);
	arena_free(a);
	return 0;
}

/* Playlists of channels (#EXTM3U, #EXTINF with attributes, an address): a stream of bytes in, one
 * entry after the other out. Memory is bounded by a line. */
#ifndef M3U_H
#define M3U_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { M3U_MAX_LINE = 16384, M3U_MAX_ATTRIBUTES = 24, M3U_MAX_URL = 2000 };

struct m3u_attribute {
	const char *name, *value;
};

/* Texts are valid UTF-8 and trimmed. */
struct m3u_entry {
	size_t line; /* of #EXTINF */
	const char *why; /* set: it cannot be used */
	const char *name; /* NULL: none */
	const char *url; /* http or https */
	struct m3u_attribute attributes[M3U_MAX_ATTRIBUTES]; /* group-title may come from #EXTGRP */
	size_t n;
	const struct m3u_entry *head; /* the attributes of #EXTM3U; NULL without an #EXTINF */
};

struct m3u_events {
	void *context;
	/* What is pointed to lives until it returns. */
	void (*entry)(void *context, const struct m3u_entry *entry);
};

struct m3u;

struct m3u *m3u_open(struct arena *a, struct m3u_events events);
/* The next bytes. NULL, or why the file is refused. */
const char *m3u_feed(struct m3u *m, const char *data, size_t len, bool last);
/* Case does not count; NULL when the entry has no such attribute, or an empty one. */
const char *m3u_attribute(const struct m3u_entry *entry, const char *name);

#endif

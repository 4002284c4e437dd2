/* Documents for Elasticsearch's _bulk, and what it says of each. Versions are ours (external): an
 * older document never replaces a newer one, whoever sends it. */
#ifndef BULK_H
#define BULK_H

#include <libpq-fe.h>
#include <stddef.h>

#include "buf.h"
#include "es.h"

/* Appends a line for each row of documents (binary; sql/queries/outbox.sql names the columns). */
void bulk_add(struct buf *b, const PGresult *rows);

enum bulk_verdict {
	BULK_DONE, /* there, gone, or a newer one is there */
	BULK_LATER,
	BULK_REFUSED, /* for good: *why says what is wrong with it */
};

struct bulk_item {
	enum bulk_verdict verdict;
	const char *why;
};

/* Sends to index; true when each of the n lines has a verdict in items. */
bool bulk_send(struct arena *a, const char *index, const struct buf *b, size_t n, int timeout_ms,
	bool insist, struct bulk_item *items);
/* The same in two steps, for several at a time; b stays as it is in between. */
struct es_pending *
bulk_begin(struct arena *a, const char *index, const struct buf *b, int timeout_ms);
bool bulk_end(struct arena *a, struct es_pending *pending, size_t n, struct bulk_item *items);

#endif

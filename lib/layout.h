/* What the names of a result's columns say, read once, and the rows written as JSON by it:
 *   title           "title": …
 *   rating.code     "rating": {"code": …}; null when all of rating.* is null
 *   cast[].name     "cast": [{"name": …}]: array columns are taken element by element; other
 *                   columns row by row, over the rows that have the same _key
 *   programmes[]    "programmes": […]: bytes that are elements as JSON, each with a comma after it;
 *                   those of the rows that have the same _key, one behind the other
 *   _1 _2 …         sort keys, for the cursor
 *   _none           true: this row says only that what the list belongs to exists; with this
 *                   column, no row is a 404
 *   _etag _location headers
 * A column may have several of these names, with a blank between them: "channel.id _2 _key". */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <libpq-fe.h>

struct arena;
struct buf;
struct layout_node;

enum { LAYOUT_MAX_COLUMNS = 64 };

struct layout {
	const PGresult *rows;
	struct layout_node *members;
	struct cell *cells; /* of the row that is being written, by column */
	int n;
	struct layout_word *words; /* the names that begin with _ */
};

/* Lives as long as the arena and the rows. */
struct layout layout_of(struct arena *a, const PGresult *rows);
/* The rows from…to − 1 as one object, appended. */
void layout_write(struct buf *b, const struct layout *l, int from, int to);
/* The column that has this name, which begins with _, among its names; −1: none. */
int layout_column(const struct layout *l, const char *name);

#endif

/* PostgreSQL's binary values as JSON. The types are those of pg_type.dat; anything else is text
 * (enums, names). */
#ifndef PGTYPE_H
#define PGTYPE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;

struct cell {
	const char *data;
	int len; /* −1: null */
	Oid type;
};

/* The value, "null" included, appended. */
void pgtype_json(struct buf *b, struct cell cell);
/* The value as text that PostgreSQL reads back: for cursors. */
void pgtype_text(struct buf *b, struct cell cell);
bool pgtype_is_array(Oid type);
/* Types that would be written wrongly (numeric, interval, records …): --check refuses them. */
bool pgtype_known(Oid type);

/* Walking a one-dimensional array: begin, then next until it answers false. */
struct array_walk {
	const char *at;
	int left;
	Oid type;
};
struct array_walk pgtype_walk(struct cell array);
bool pgtype_next(struct array_walk *w, struct cell *element);

/* Big-endian integer of 2, 4 or 8 bytes. */
int64_t pgtype_int(const char *data, int len);

#endif

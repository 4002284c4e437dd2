/* PostgreSQL's binary values as JSON. The types are those of pg_type.dat; anything else is text
 * (enums, names). */
#ifndef PGTYPE_H
#define PGTYPE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;

/* By their OIDs. */
enum {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_NAME = 19,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_JSON = 114,
	PG_FLOAT4 = 700,
	PG_FLOAT8 = 701,
	PG_INET = 869,
	PG_VARCHAR = 1043,
	PG_DATE = 1082,
	PG_TIMESTAMPTZ = 1184,
	PG_VOID = 2278,
	PG_JSONB = 3802,
	PG_BOOL_ARRAY = 1000,
	PG_INT2_ARRAY = 1005,
	PG_INT4_ARRAY = 1007,
	PG_TEXT_ARRAY = 1009,
	PG_VARCHAR_ARRAY = 1015,
	PG_INT8_ARRAY = 1016,
	PG_FLOAT8_ARRAY = 1022,
	PG_DATE_ARRAY = 1182,
	PG_TIMESTAMPTZ_ARRAY = 1185,
};

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

/* Records of a file one at a time, whatever the file is: CSV with a header, a JSON array of
 * objects, JSON lines, or an object whose members are arrays of objects. Found out from the
 * content. Memory is bounded by one record. */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct reader;

enum { RECORD_MAX_BYTES = 65536 };

enum field_type {
	FIELD_NULL,
	FIELD_TEXT,
	FIELD_NUMBER, /* text as it stands in the file */
	FIELD_BOOL, /* "true" or "false" */
	FIELD_LIST, /* of texts */
	FIELD_OTHER, /* an object or another list */
};

struct field {
	const char *name;
	enum field_type type;
	const char *text; /* NULL unless text, number or bool */
	const char *const *items;
	size_t n_items;
};

struct record {
	size_t line; /* where it begins, from 1 */
	const char *why; /* set: the record cannot be used (it has no fields), or the file is broken */
	const struct field *fields;
	size_t n;
};

enum records_status {
	RECORDS_ROW, /* a record; it may have a why */
	RECORDS_END,
	RECORDS_BROKEN, /* the file cannot be read on: not readable, cut off, or not what it began as */
};

struct records;

/* The reader must be at the file's beginning, and both live as long as the arena. */
struct records *records_open(struct arena *a, struct reader *in);
/* The next record, in an arena that the caller resets when it likes. */
enum records_status records_next(struct records *r, struct arena *a, struct record *out);
/* Case does not count. NULL when the record has no such field. */
const struct field *record_field(const struct record *record, const char *name);

#endif

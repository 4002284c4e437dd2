/* Comma-separated values (RFC 4180), a row at a time. A row that breaks the rules is still
 * consumed, so that the next one can be read. It knows nothing of headers. */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

struct arena;
struct reader;

enum { CSV_MAX_ROW = 65536, CSV_MAX_FIELDS = 1000 };

struct csv_row {
	size_t line; /* where it begins */
	const char **fields; /* in the arena */
	size_t n;
	const char *why; /* NULL: a sound row; else what is wrong with it */
};

enum csv_status {
	CSV_ROW,
	CSV_LAST, /* a row without a line end: the file may have been cut off here */
	CSV_END,
	CSV_CUT, /* the file ends inside quotes */
};

/* The next row that is not an empty line. Line ends are CRLF, LF or CR; a quote inside a bare
 * field is text. */
enum csv_status csv_next(struct reader *in, struct arena *a, struct csv_row *row);

#endif

/* Cuts the text of one JSON value out of a stream, so that a large document is parsed a record
 * at a time. It counts brackets and skips strings; whether the text is JSON is for json_read to
 * say. */
#ifndef JSON_CUT_H
#define JSON_CUT_H

#include "buf.h"

struct reader;

enum json_cut_status {
	JSON_CUT_VALUE,
	JSON_CUT_LONG, /* the value was passed over: longer than max */
	JSON_CUT_END, /* the stream ended inside it */
};

/* Skips white space; answers the next byte without taking it, −1 at the end. */
int json_cut_space(struct reader *in);
/* Appends the next value, which begins at the next byte. A line break ends a string: it has no
 * place in one, and what follows can still be read. */
enum json_cut_status json_cut(struct reader *in, struct buf *out, size_t max);

#endif

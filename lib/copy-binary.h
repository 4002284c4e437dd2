/* PostgreSQL's COPY … FROM STDIN in binary format, value by value: a header, rows of as many values
 * as the statement names columns, the end. The server takes it with a quarter less work than text;
 * in return each value must be of its column's very type. */
#ifndef COPY_BINARY_H
#define COPY_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

void binary_begin(struct buf *b);
/* A row of n values follows. */
void binary_row(struct buf *b, int n);
/* Also of json; NULL is null. */
void binary_text(struct buf *b, const char *s);
void binary_null(struct buf *b);
void binary_int2(struct buf *b, int16_t n);
void binary_int4(struct buf *b, int32_t n);
void binary_int8(struct buf *b, int64_t n);
void binary_bool(struct buf *b, bool value);
/* timestamptz, from seconds since 1970 */
void binary_instant(struct buf *b, int64_t seconds);
void binary_bytes(struct buf *b, const char *data, size_t len);
/* An array of n elements of this type (its OID): they follow, and then its end, which takes what
 * this answers. */
size_t binary_array(struct buf *b, int32_t type, size_t n);
void binary_array_end(struct buf *b, size_t at);
/* text[] */
void binary_list(struct buf *b, const char *const *list, size_t n);
void binary_end(struct buf *b);

#endif

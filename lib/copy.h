/* One line of PostgreSQL's COPY … FROM STDIN in text format, value by value. */
#ifndef COPY_H
#define COPY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* NULL is null. Each value ends with a tab, of which copy_end makes the line's end. */
void copy_text(struct buf *b, const char *s);
void copy_int(struct buf *b, int64_t n);
void copy_bool(struct buf *b, bool value);
void copy_hex(struct buf *b, const unsigned char *bytes, size_t n);
/* A text[]; list NULL is null. */
void copy_list(struct buf *b, const char *const *list, size_t n);
void copy_end(struct buf *b);

#endif

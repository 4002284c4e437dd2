/* Cursors: where in a list a page ended, and which list that was. Opaque to clients. */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>

struct layout;
struct req;

/* For the page that ends with this row of sort keys (_1 _2 …). In the request's arena. */
const char *cursor_make(struct req *r, const struct layout *l, int row);
/* The n sort keys of a cursor, in the arena. False: it is none, or one of another list: another
 * address, or other parameters than limit. */
bool cursor_read(struct req *r, const char *text, const char **keys, int n);

#endif

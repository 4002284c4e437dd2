/* POST /admin/livetv/import: a guide or a playlist as the body, as it is or packed. */
#ifndef LIVETV_IMPORT_H
#define LIVETV_IMPORT_H

struct buf;
struct guide_report;
struct req;

int import_body(struct req *r);
/* The report as JSON; messages is a line each. */
void import_report(struct buf *b, const struct guide_report *report, char *messages);

#endif

/* POST /admin/livetv/import: a guide or a playlist as the body, as it is or packed. */
#ifndef LIVETV_IMPORT_H
#define LIVETV_IMPORT_H

struct req;

int import_body(struct req *r);

#endif

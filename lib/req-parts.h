/* What req.c hands on: reading parameters (params.c) and writing the answer (reply.c). */
#ifndef REQ_PARTS_H
#define REQ_PARTS_H

struct buf;
struct req;

/* Fills values with the route's $1…$n from token, path, query and body. 0, or the status of a
 * problem. */
int params_take(struct req *r);
/* A parameter of the query string, decoded; NULL: there is none. */
const char *query_value(const struct req *r, const char *name);
/* The body's tag, unless the handler set one. */
void reply_tag(struct req *r);
/* Status line and headers: ETag, 304 and HEAD are decided here. Their body stays in r->out. */
void reply(struct req *r, struct buf *head);

#endif

/* The OpenAPI document: made at build time from every program's --routes, served from beside the
 * program. */
#ifndef SYSTEM_OPENAPI_H
#define SYSTEM_OPENAPI_H

struct req;

/* system openapi BASE ANSWERS ROUTES…: the document on standard output. BASE has everything but the
 * paths and what ANSWERS has: an example of each schema, and what stands in no row.
 */
int openapi_make(int argc, char **argv);
/* GET /openapi.json */
int openapi_document(struct req *r);

#endif

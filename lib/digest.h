/* SHA-256 as text: what is stored in place of a secret, and what tells files apart. And a tag of
 * what was sent, which is quicker and keeps nothing secret. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

struct arena;

enum { DIGEST_SIZE = 32 };

void digest_bytes(const void *data, size_t len, unsigned char out[DIGEST_SIZE]);
/* 64 hex digits. */
char *digest_hex(struct arena *a, const void *data, size_t len);
/* The same of a text, as PostgreSQL reads bytea: \x… */
char *digest_bytea(struct arena *a, const char *text);
/* An ETag with its quotes, of 128 bits (XXH3): the same bytes have the same one on every node. */
char *digest_etag(struct arena *a, const void *data, size_t len);

#endif

/* SHA-256 as text: what is stored in place of a secret, and what tells files apart. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

struct arena;

/* 64 hex digits. */
char *digest_hex(struct arena *a, const void *data, size_t len);
/* The same of a text, as PostgreSQL reads bytea: \x… */
char *digest_bytea(struct arena *a, const char *text);

#endif

/* What signing and verifying agree on. */
#ifndef TOKEN_FORM_H
#define TOKEN_FORM_H

#include <stddef.h>

struct arena;

#define TOKEN_ISSUER "antenna"
#define TOKEN_AUDIENCE "antenna"

enum { TOKEN_CLAIMS = 11 };

/* {"alg":"HS256","typ":"at+jwt","kid":"…"}: one fixed string a key. */
char *token_header(struct arena *a, const void *key, size_t len);

#endif

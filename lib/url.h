/* Percent-decoding, UTF-8, query strings (RFC 3986), base64url (RFC 4648). */
#ifndef URL_H
#define URL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct pair {
	const char *name;
	const char *value;
};

enum { URL_MAX_PAIRS = 24 };

struct query_string {
	struct pair pairs[URL_MAX_PAIRS];
	size_t n;
};

/* Valid UTF-8 without NUL: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_valid(const char *s, size_t len);
/* Whether a file begins as UTF-16 does. */
bool utf16_begins(const char *s, size_t len);
/* Characters (code points) of valid UTF-8. */
size_t utf8_length(const char *s);

/* Decodes %XX (and + as space when plus) into the arena. NULL: bad escape, NUL, or not UTF-8. */
char *url_decode(struct arena *a, const char *s, size_t len, bool plus);
/* Splits name=value&… and decodes both. NULL on success, else a sentence that says what is wrong.
 */
const char *url_parse_query(struct arena *a, const char *s, struct query_string *out);
const char *url_encode(struct arena *a, const char *s);

/* Unpadded base64url. Decoding is strict: alphabet, no padding, no stray bits; NULL otherwise. */
char *base64url_encode(struct arena *a, const void *data, size_t len);
unsigned char *base64url_decode(struct arena *a, const char *s, size_t len, size_t *out_len);

#endif

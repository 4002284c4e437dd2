/* JSON both ways. Writing: into a buf, by these few calls. Reading: json-c behind a strict gate
 * (see json-read.c). */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct param;

/* A quoted string; bytes must be UTF-8. Escapes what RFC 8259 says, and nothing else. */
void json_string(struct buf *b, const char *s, size_t len);
void json_cstring(struct buf *b, const char *s);
/* "name": with the comma before it when the object already has a member. */
void json_key(struct buf *b, const char *name);
/* A member that is a string; NULL is null. */
void json_member(struct buf *b, const char *name, const char *value);
/* Microseconds since 1970 as "YYYY-MM-DDThh:mm:ssZ" with quotes, fraction only when there is one.
 */
void json_time(struct buf *b, int64_t micros);
/* The same without quotes, at most 28 bytes; answers how many. */
size_t json_put_time(char *to, int64_t micros);
/* Ten bytes YYYY-MM-DD; days since 1970. Years 0 to 9999. */
void json_put_date(char *to, int64_t days);

enum { JSON_MAX_DEPTH = 16 };

/* Parses the whole of text. Refuses what json-c lets through: duplicate members, NaN, single
 * quotes, control characters, \u0000, lone surrogates, numbers out of int64, trailing bytes. NULL
 * and *why (a sentence) on failure. The object lives as long as the arena. */
struct json_object *json_read(struct arena *a, const char *text, size_t len, const char **why);

struct body_error {
	const char *field; /* "price.amount", "credits.2.role" */
	const char *
		code; /* required unknown wrong_type too_short too_long out_of_range invalid not_a_choice */
	const char *message;
};

enum { BODY_MAX_ERRORS = 20 };

struct body_errors {
	struct body_error list[BODY_MAX_ERRORS];
	size_t n;
};

/* Checks an object against its declared members (ends with P_END). True when it holds; nothing is
 * coerced. */
bool json_check(struct arena *a, struct json_object *object, const struct param *members,
	struct body_errors *errors);

#endif

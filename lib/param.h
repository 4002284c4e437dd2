/* What a request may carry, as data: parameters of the path and the query, and members of a body. A
 * route lists them in the order of its query's $1…$n. Trusted ones come from the access token and
 * are never read from the request. */
#ifndef PARAM_H
#define PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum param_type {
	P_END,
	/* trusted: from the token or the connection */
	P_ACCOUNT,
	P_PROFILE,
	P_SESSION,
	P_AGE,
	P_ADDRESS,
	P_CONST, /* .choices is the value */
	P_IF_MATCH, /* the versions that If-Match names, as an array; null without the header */
	/* from the path or the query; in a body a member of the same kind */
	P_ID, /* 1 … 2^53 */
	P_INT, /* .min … .max */
	P_BOOL, /* true, false */
	P_TEXT, /* .min … .max characters, no control characters */
	P_LONGTEXT, /* the same, with line breaks */
	P_SLUG, /* a-z 0-9 and - */
	P_ENUM, /* one of .choices, "a|b|c" */
	P_COUNTRY, /* ISO 3166-1 alpha-2, upper case */
	P_LANGUAGE, /* ISO 639 or BCP 47 */
	P_TIME, /* RFC 3339 */
	P_DATE, /* YYYY-MM-DD */
	P_TZ, /* IANA time zone name */
	P_IDS, /* 1,2,3: at most .max, goes to SQL as an array */
	P_EMAIL,
	P_PASSWORD, /* 8 … 72 bytes: bcrypt reads no more */
	P_PIN, /* 4 … 8 digits */
	P_SECRET, /* text that is compared, not chosen here: 1 … .max bytes */
	P_URL, /* https://… or a path on this server */
	P_LINK, /* the same, or http://…: followed by who clicks it, never loaded with a page */
	P_TEMPLATE, /* the address of what has been shown (lib/catchup.h) */
	/* paging: one of each, last */
	P_LIMIT, /* 1 … 100, 20 (or .def) */
	P_CURSOR, /* as many $n as .keys says; columns _1, _2 … of the last row make the next one */
	/* bodies only */
	P_LIST, /* array of at most .max values of .of[0] (unnamed), or of objects when .of[0] is named
			 */
	P_OBJECT, /* members .of */
	/* route only: the whole checked body, as one json parameter; or each of its members as one
	 * (not .nullable) */
	P_BODY,
	P_MEMBERS,
};

struct param {
	const char *name; /* as in {name} of the path, or of the query or member */
	enum param_type type;
	bool required; /* a query parameter or member that must be there */
	bool nullable; /* member: null is a value */
	int64_t min, max;
	int64_t def; /* P_LIMIT: the default; else unused */
	int keys; /* P_CURSOR: how many sort keys */
	const char *choices;
	const struct param *of; /* P_LIST, P_OBJECT; ends with P_END */
	const struct param *body; /* P_BODY, P_MEMBERS: the members; ends with P_END */
	bool unchecked; /* P_BODY: any JSON; the handler checks it, and .body is what is usual */
	const char *doc;
};

/* Common rows, for route tables. */
/* clang-format off */
#define AGE { .type = P_AGE }
#define ACCOUNT { .type = P_ACCOUNT }
#define PROFILE { .type = P_PROFILE }
#define SESSION { .type = P_SESSION }
#define IF_MATCH { .type = P_IF_MATCH }
#define LIMIT { "limit", P_LIMIT, .max = 100, .def = 20 }
#define CURSOR(n) { "cursor", P_CURSOR, .keys = (n) }
#define PAGE(n) LIMIT, CURSOR(n)
/* clang-format on */

/* Whether text is a value of p's type. NULL when it is, else a sentence. *out is what goes to SQL
 * (text itself, mostly). */
const char *param_check(struct arena *a, const struct param *p, const char *text, const char **out);

/* Decimal integer, the whole of s, no sign but '-', within [min, max]. */
bool parse_int(const char *s, int64_t min, int64_t max, int64_t *out);
/* RFC 3339 instant with offset; answers microseconds since 1970. */
bool parse_time(const char *s, int64_t *micros);
/* A real day of the calendar, YYYY-MM-DD. */
bool parse_date(const char *s);

const char *param_type_name(enum param_type type);

#endif

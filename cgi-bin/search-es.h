/* What the parts of search that speak with Elasticsearch share. */
#ifndef SEARCH_ES_H
#define SEARCH_ES_H

#include "tv.h"

#include "search.h"

/* The search for ask, in the arena. nearly: also for what is nearly so. */
struct es_call *search_call(struct arena *a, const struct search_ask *ask, bool nearly);

struct search_value {
	const char *name; /* as in "@name@" */
	const char *json;
};

/* A document of conf/search with its "@name@" replaced; ends with a NULL name. */
struct buf search_fill(struct arena *a, const char *json, const struct search_value *values);
/* Down the members of an object; NULL when one is missing. Names end with NULL. */
struct json_object *search_member(struct json_object *o, const char *const *names);
/* clang-format off */
#define MEMBER(o, ...) search_member(o, (const char *const[]){ __VA_ARGS__, NULL })
/* clang-format on */
/* KIND_COUNT: none of that name. */
enum search_kind search_kind_of(const char *name, size_t len);

#endif

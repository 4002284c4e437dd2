/* Elasticsearch (or OpenSearch: the same calls) over HTTP. Several addresses are tried in turn, one
 * that failed comes last for a while. Every call has a deadline and a bound for its answer. */
#ifndef ES_H
#define ES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct json_object;

enum {
	ES_SEND_MS = 500, /* what a write may wait for its search documents */
	ES_COMMAND_MS = 30000,
};

struct es_pending;

struct es_call {
	const char *method;
	const char *path; /* begins with / */
	const char *body; /* NULL: none */
	size_t len;
	bool lines; /* the body is of _bulk */
	int timeout_ms; /* for all addresses together */
	bool insist; /* es_try: also while the breaker is open */
};

struct es_answer {
	int status; /* HTTP; 0: nobody answered in time, or what came is not an answer */
	struct json_object *json; /* NULL when status is 0 or the answer has no body */
};

/* Whether TV_ELASTICSEARCH_URL is set. */
bool es_configured(void);
/* TV_ELASTICSEARCH_INDEX: the alias that searches and writes go to. */
const char *es_alias(void);
/* The answer's memory is the arena's. */
struct es_answer es_call(struct arena *a, const struct es_call *call);
/* The same behind the node's breaker: no answer, at once, while it is open. 429 and 5xx are
 * failures like silence. */
struct es_answer es_try(struct arena *a, const struct es_call *call);
/* After an answer that had to do without: when a look is due, asks again with more time, some times
 * over, because a node that has just started is slow at first. A quick answer closes the breaker.
 */
void es_look(struct arena *a, const struct es_call *call);
/* A call whose answer is not waited for here, so that several are under way; it goes to one
 * address, whatever the breaker says. Returns when it is sent. The arena ends it. */
struct es_pending *es_begin(struct arena *a, const struct es_call *call);
/* Its answer, within the call's time. */
struct es_answer es_end(struct arena *a, struct es_pending *pending);
/* For status and health: whether calls are let through. */
bool es_available(void);

#endif

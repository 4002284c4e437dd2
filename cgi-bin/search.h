/* Between the routes of search and its engines. An engine answers kinds, ids and scores; what is
 * shown of them is read from PostgreSQL afterwards, with age and availability looked at again. */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct req;
struct buf;

enum {
	SEARCH_MAX_HITS = 150,
	SEARCH_MAX_QUERY = 200,
	SEARCH_FEW = 3, /* with fewer hits typing errors are allowed for; search.find() has the same */
};

/* In the order of search.kind. */
enum search_kind {
	KIND_MOVIE,
	KIND_SERIES,
	KIND_CHANNEL,
	KIND_PROGRAMME, /* ids are those of search.show: a programme's title */
	KIND_PERSON,
	KIND_EPISODE,
	KIND_COUNT,
};

extern const char *const search_kinds[KIND_COUNT];

struct search_ask {
	const char *text; /* as typed, trimmed, never empty */
	bool kinds[KIND_COUNT]; /* at least one */
	int64_t age; /* of the profile */
	size_t limit; /* at most SEARCH_MAX_HITS */
	bool suggest; /* titles as one types: no groups */
};

struct search_hit {
	enum search_kind kind;
	int64_t id;
	double score; /* higher is better; the order of the hits is that of the scores */
};

struct search_hits {
	struct search_hit list[SEARCH_MAX_HITS];
	size_t n;
	int64_t groups[KIND_COUNT]; /* how many match, a kind */
};

enum engine_status {
	ENGINE_OK,
	ENGINE_OFF, /* not configured */
	ENGINE_AWAY, /* configured, but did not answer in time, or the breaker is open */
};

/* search-es.c */
enum engine_status
engine_es_search(struct req *r, const struct search_ask *ask, struct search_hits *hits);
/* Whether it is configured; and the members of "elasticsearch" in /admin/search/status. */
bool engine_es_configured(void);
void engine_es_status(struct req *r, struct buf *out);

/* search-commands.c: rebuild of the index behind the alias; called by `search reindex` after the
 * documents have been made again. Answers the exit status. */
int engine_es_rebuild(void);

#endif

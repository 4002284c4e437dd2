/* The index of Elasticsearch as a whole. Searches and writes know its alias only; behind it stands
 * an index named ALIAS-YYYYMMDDhhmmss. */
#ifndef SEARCH_INDEX_H
#define SEARCH_INDEX_H

#include "tv.h"

#include "search-es.h"

/* A connection for a command, or NULL after a message. The arena ends it. */
PGconn *index_connect(struct arena *a);
/* Runs a query of the program on it, results in binary; NULL after a message. */
PGresult *index_query(struct arena *a, PGconn *conn, int query, int n, const char *const *values);
/* Takes the lock that lets one command at a time work on the index. */
bool index_lock(struct arena *a, PGconn *conn);

/* A call with a command's time-out; false after a message, unless the status is one that is
 * allowed (0: only success). */
struct es_answer
index_call(struct arena *a, const char *method, const char *path, const char *body);

/* A new, empty index by conf/search/index.json. */
bool index_create(struct arena *a, const char *name);
enum index_state {
	INDEX_UNKNOWN, /* Elasticsearch did not say, after a message */
	INDEX_MISSING,
	INDEX_OTHER, /* made from another definition than this build's */
	INDEX_GOOD,
};

/* Of an index, or of what the alias names. */
enum index_state index_look(struct arena *a, const char *name);
/* The alias names this index from now on; its old ones end a moment later. */
bool index_publish(struct arena *a, const char *name);
/* Indices that a rebuild left behind. */
bool index_sweep(struct arena *a, const char *keep);

/* Sends rows of a query that has the columns of bulk_add; waits and repeats where Elasticsearch is
 * overloaded. False after a message. */
bool index_send(struct arena *a, const char *index, const PGresult *rows);

/* The same in two steps, for several at a time: what is under way is the arena's. */
struct index_sending;
struct index_sending *
index_send_begin(struct arena *a, const char *index, const PGresult *rows);
bool index_send_end(struct arena *a, struct index_sending *sending);

/* Compares under a lock that the caller holds; *n: differences, which are in the queue now. */
bool reconcile_with(struct arena *a, PGconn *conn, size_t *n);

#endif

/* What db.c, db-connect.c and db-pipe.c share of a connection. */
#ifndef DB_PARTS_H
#define DB_PARTS_H

#include "db.h"

/* Statements that are sent together. */
struct burst {
	int sent[8]; /* what the answers to come are of: the query being prepared, or 0 */
	int n;
};

/* A statement whose answer is to come. */
struct asked {
	int query;
	bool known; /* it was prepared before */
	bool fresh;
	unsigned connection;
	int64_t since;
	struct burst burst;
};

struct db {
	const char *program;
	const struct query *queries;
	int n_queries;
	char *url;
	PGconn *conn;
	unsigned connections;
	int host; /* of db-hosts.c, that it is connected to */
	bool *prepared; /* without preparing: has run */
	bool prepare;
	bool fresh; /* nothing has succeeded on this connection yet */
	struct asked asked[DB_MOST_ASKED]; /* in this order */
	int n_asked;
	int64_t read_us; /* when the last answer was there */
};

/* --- db-connect.c */

/* A connection that is good as far as is known. False: at once while another process looks whether
 * the server is there, or when there is none up to the deadline. */
bool db_connect(struct db *db, int64_t deadline);
void db_disconnect(struct db *db);
/* After an answer that did not come in time. Where nobody else was answered either since, it is
 * found out here whether the server is there, and not by the next ones. */
void db_was_late(struct db *db, int64_t began);

/* --- db-pipe.c */

/* All of one burst is on its way when it answers true. */
bool db_send(struct db *db, struct burst *b, int query, int n, const char *const *values,
	const struct db_guard *guard, int64_t deadline);
bool db_send_settings(const struct db *db, struct burst *b);
bool db_flush(PGconn *conn, int64_t deadline);
/* Reads up to the sync; the rows of the last statement are the answer. */
struct db_result db_read(
	struct db *db, const struct burst *b, struct arena *a, int64_t deadline);

#endif

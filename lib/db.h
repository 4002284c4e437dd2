/* PostgreSQL over libpq's asynchronous calls, one connection a process. Every wait has a deadline.
 */
#ifndef DB_H
#define DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

/* A row of the table that sql/embed.awk makes of sql/queries/<program>.sql. */
struct query {
	const char *name;
	const char *sql;
	bool together; /* the next one answers several of those that ask for this one (together.h) */
};

struct db;

enum db_status {
	DB_OK,
	DB_REFUSED, /* PostgreSQL answered with an error: sqlstate, constraint and message say which */
	DB_AWAY, /* no connection, lost, or too late; what a write did is unknown */
};

struct db_result {
	enum db_status status;
	PGresult *rows; /* DB_OK: freed with the arena */
	char sqlstate[6]; /* DB_REFUSED */
	const char *constraint; /* DB_REFUSED: name or "" */
	const char *detail; /* DB_REFUSED: of a TV… code, a sentence for people, or "" */
	const char *message; /* DB_REFUSED: PostgreSQL's text, for the log and for TV… codes only */
};

struct db *db_new(const char *program, const struct query *queries, int n_queries);
void db_free(struct db *db);
/* For waiting: −1 when not connected. */
int db_socket(const struct db *db);
/* How many there have been: another number is another socket. */
unsigned db_connections(const struct db *db);
/* Call when the socket is readable between requests: notices a lost connection, reads
 * notifications. */
void db_idle(struct db *db);

/* What must hold before a statement runs, checked in the same round trip and transaction. */
struct db_guard {
	const char *session, *account, *role, *request_id; /* decimal text; role name */
	bool several; /* each is an array, for a statement that answers several (together.h) */
};

/* Runs queries[query] with n text parameters (NULL is null); rows come in binary.
 * deadline: CLOCK_MONOTONIC microseconds. retry: the statement may run twice (reads). */
struct db_result db_query(struct db *db, struct arena *a, int query, int n,
	const char *const *values, const struct db_guard *guard, bool retry, int64_t deadline);

/* The two halves of db_query(), so that one statement waits while another one runs. False: there is
 * no connection, or enough is on its way, or it is not prepared yet and others are. Answers come in
 * the order in which they were asked for; db_query() before the last one aborts. DB_AWAY also when
 * nothing was done, and db_query() would be answered. */
enum { DB_MOST_ASKED = 2 };
bool db_ask(struct db *db, int query, int n, const char *const *values,
	const struct db_guard *guard, int64_t deadline);
struct db_result db_answer(struct db *db, struct arena *a, int64_t deadline);

/* Prepares every query and hands its description to expect; for --check. */
bool db_check(const char *program, const struct query *queries, int n_queries,
	bool (*expect)(void *context, int query, const PGresult *description), void *context);

/* TV_DATABASE_URL with the program's name for %p: a login role a program. To be freed. */
char *db_url(const char *program);

/* Runs one statement without parameters as a command of program; answers the exit status, after a
 * message on stderr. */
int db_command(const char *program, const char *sql);

/* A plain connection for commands (imports, migrations): blocking, no statement time-out; NULL
 * after a message. */
PGconn *db_command_connection(const char *program);

/* Waits for the connection's socket, and for an answer that PQgetResult then has; false: not up to
 * the deadline. */
bool db_wait(PGconn *conn, short events, int64_t deadline);
bool db_wait_result(PGconn *conn, int64_t deadline);

/* From 1970 to 2000, where PostgreSQL's instants begin. */
enum { PG_EPOCH_SECONDS = 946684800 };

/* CLOCK_MONOTONIC in microseconds. */
int64_t now_us(void);

#endif

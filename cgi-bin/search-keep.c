/* Documents of what was written in bulk, made after its commit: a process beside the workers does
 * it as soon as PostgreSQL says so, and cron in any case. */
#include "tv.h"

#include "search-keep.h"
#include "search.queries.h"

#include <poll.h>
#include <unistd.h>

enum {
	ROUND_SECONDS = 10, /* a pooler passes no notices on */
	RETRY_SECONDS = 1,
	STUCK_SECONDS = 60, /* a database that says nothing for so long is left */
	BATCH_ROWS = 1000,
};

/* 1: more may be left; 0: nothing is; −1 after a message. */
static int
step(PGconn *conn)
{
	PGresult *r = PQexec(conn, search_queries[Q_CATCH_UP].sql);
	bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
	int more = good && PQgetvalue(r, 0, 0)[0] == 't';
	if (!good)
		log_msg(LOG_WARN, "documents were not made: %s", PQresultErrorMessage(r));
	PQclear(r);
	return good ? more : -1;
}

static bool
catch_up(PGconn *conn, bool watched)
{
	int more;
	do {
		alarm(watched ? STUCK_SECONDS : 0); /* ends the process; its master starts another */
		more = step(conn);
		alarm(0);
	} while (more > 0);
	return more == 0;
}

bool
keep_catch_up(void)
{
	PGconn *conn = db_command_connection("search");
	bool good = conn && catch_up(conn, false);
	PQfinish(conn);
	return good;
}

int
command_refresh(int argc, char **argv)
{
	(void)argc, (void)argv;
	return keep_catch_up() ? 0 : 1;
}

static PGconn *
connected(void)
{
	alarm(STUCK_SECONDS);
	PGconn *conn = db_command_connection("search");
	PGresult *r = conn ? PQexec(conn, search_queries[Q_LISTEN].sql) : NULL;
	alarm(0);
	bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	if (good)
		return conn;
	PQfinish(conn);
	return NULL;
}

/* What bulk writes queued goes to Elasticsearch with its documents. */
static void
send_queued(struct db *db)
{
	static const struct outbox outbox = { Q_OUTBOX_CLAIM, Q_OUTBOX_SETTLE };
	struct outbox_report report = { 0 };
	struct arena *a = arena_new();
	while (es_available() && outbox_send(db, a, &outbox, BATCH_ROWS, true, &report))
		arena_reset(a);
	arena_free(a);
}

/* Until the connection is lost. */
static void
follow(PGconn *conn, struct db *db)
{
	struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };
	while (catch_up(conn, true)) {
		if (es_configured())
			send_queued(db);
		if (poll(&fd, 1, ROUND_SECONDS * 1000) > 0 && !PQconsumeInput(conn))
			return;
		for (PGnotify *n; (n = PQnotifies(conn));)
			PQfreemem(n);
	}
}

int
keep_run(void)
{
	struct db *db = db_new("search", search_queries, Q_COUNT);
	for (;;) {
		PGconn *conn = connected();
		if (conn)
			follow(conn, db);
		PQfinish(conn);
		sleep(RETRY_SECONDS);
	}
}

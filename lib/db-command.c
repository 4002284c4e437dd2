/* Connections of commands: blocking, without a statement time-out; and the comparison of queries
 * with a database. */
#include "banned.h"

#include "arena.h"
#include "common.queries.h"
#include "db.h"

enum { MAX_VALUES = 32 };

PGconn *
db_command_connection(const char *program)
{
	char *url = db_url(program);
	/* of several servers each gets so many seconds, unless the address says otherwise */
	const char *names[] = { "connect_timeout", "dbname", NULL };
	PGconn *conn = PQconnectdbParams(names, (const char *[]){ "3", url, NULL }, 1);
	free(url);
	const char *values[] = { "0", program };
	PGresult *r = NULL;
	if (PQstatus(conn) == CONNECTION_OK)
		r = PQexecParams(
			conn, common_queries[Q_COMMON_SETTINGS].sql, 2, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) == PGRES_TUPLES_OK) {
		PQclear(r);
		return conn;
	}
	fprintf(stderr, "%s: no connection to the database: %s", program, PQerrorMessage(conn));
	PQclear(r);
	PQfinish(conn);
	return NULL;
}

static bool
tell(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);
	bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return good;
}

/* Later statements of an import need its temporary tables: they are made, empty, and go with the
 * connection. */
static void
make_temporary(PGconn *conn, const struct query *q, int n)
{
	const char *nulls[MAX_VALUES] = { NULL };
	struct arena *a = arena_new();
	PGresult *r = PQexecParams(
		conn, arena_printf(a, "%s with no data", q->sql), n, NULL, nulls, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && tell(conn, "rollback to query"))
		PQclear(PQexec(conn, q->sql)); /* columns are written out, not those of a select */
	PQclear(r);
	arena_free(a);
}

static PGresult *
describe(PGconn *conn, const struct query *q)
{
	PGresult *r = PQprepare(conn, q->name, q->sql, 0, NULL);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		return r;
	PQclear(r);
	r = PQdescribePrepared(conn, q->name);
	if (!strncmp(q->sql, "create temp", 11))
		make_temporary(conn, q, PQnparams(r));
	return r;
}

bool
db_check(const char *program, const struct query *queries, int n_queries,
	bool (*expect)(void *context, int query, const PGresult *description), void *context)
{
	PGconn *conn = db_command_connection(program);
	bool good = conn && tell(conn, "begin");
	for (int i = 1; conn && i < n_queries; i++) {
		good &= tell(conn, "savepoint query");
		PGresult *description = describe(conn, &queries[i]);
		if (PQresultStatus(description) == PGRES_COMMAND_OK) {
			good &= expect(context, i, description);
		} else {
			fprintf(stderr, "%s: query %s: %s", program, queries[i].name,
				PQresultErrorMessage(description));
			good = tell(conn, "rollback to query") && false;
		}
		PQclear(description);
	}
	PQfinish(conn);
	return good;
}

int
db_command(const char *program, const char *sql)
{
	PGconn *conn = db_command_connection(program);
	if (!conn)
		return 1;
	PGresult *r = PQexec(conn, sql);
	bool good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
	if (!good)
		fprintf(stderr, "%s: %s", program, PQresultErrorMessage(r));
	PQclear(r);
	PQfinish(conn);
	return good ? 0 : 1;
}

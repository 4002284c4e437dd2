/* Statements of imports over a blocking connection: each answers NULL, or a sentence about what
 * went wrong. */
#include "livetv-guide-parts.h"

enum { COPY_CHUNK = 65536 };

const char guide_busy[] = "another import is running, and the waiting was not enough";

static const char *
explain(PGconn *conn, struct arena *a, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	if (state && strcmp(state, "55P03") == 0) /* lock_not_available */
		return guide_busy;
	if (message)
		return arena_printf(
			a, "the database refused: %s (SQLSTATE %s)", message, state ? state : "none");
	const char *text = PQerrorMessage(conn);
	return arena_printf(a, "the database is not there: %.*s", (int)strcspn(text, "\n"), text);
}

static bool
is_success(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN;
}

static void
clear_result(void *result)
{
	PQclear(result);
}

const char *
guide_run(
	PGconn *conn, struct arena *a, int query, int n, const char *const *values, PGresult **rows)
{
	const char *sql = livetv_queries[query].sql;
	PGresult *result =
		n ? PQexecParams(conn, sql, n, NULL, values, NULL, NULL, 0) : PQexec(conn, sql);
	arena_defer(a, clear_result, result);
	if (rows)
		*rows = result;
	return is_success(result) ? NULL : explain(conn, a, result);
}

const char *
guide_change(
	PGconn *conn, struct arena *a, int query, int n, const char *const *values, int64_t *changed)
{
	PGresult *result;
	const char *why = guide_run(conn, a, query, n, values, &result);
	if (!why)
		*changed += strtoll(PQcmdTuples(result), NULL, 10);
	return why;
}

const char *
copy_open(struct copy_stream *s, PGconn *conn, struct arena *a, int query)
{
	*s = (struct copy_stream){ .conn = conn, .out = buf_new(a) };
	buf_reserve(&s->out, 2 * COPY_CHUNK);
	return guide_run(conn, a, query, 0, NULL, NULL);
}

void
copy_flush(struct copy_stream *s, bool all)
{
	if (s->out.len < (all ? 1 : COPY_CHUNK) || s->failed)
		return;
	s->failed = PQputCopyData(s->conn, s->out.data, (int)s->out.len) != 1;
	s->out.len = 0;
}

const char *
copy_close(struct copy_stream *s, struct arena *a)
{
	copy_flush(s, true);
	const char *why = NULL;
	bool sent = PQputCopyEnd(s->conn, NULL) == 1;
	PGresult *result = PQgetResult(s->conn);
	if (!sent || !is_success(result))
		why = explain(s->conn, a, result);
	for (; result; result = PQgetResult(s->conn))
		PQclear(result);
	return why;
}

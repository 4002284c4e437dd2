/* What must be checked, prepared and run goes out in one burst and is one transaction, up to the
 * sync. */
#include "banned.h"

#include "db-parts.h"

#include "arena.h"
#include "common.queries.h"

#include <errno.h>
#include <poll.h>

/* The server gives up before the client does: then the connection stays good. */
static const char statement_timeout[] = "1800ms";

bool
db_wait(PGconn *conn, short events, int64_t deadline)
{
	struct pollfd p = { .fd = PQsocket(conn), .events = events };
	int ready;
	do {
		int64_t left = deadline - now_us();
		if (p.fd < 0)
			return false;
		if (left < 0)
			left = 0; /* what is there already is not late */
		struct timespec t = { left / 1000000, left % 1000000 * 1000 };
		ready = ppoll(&p, 1, &t, NULL);
	} while (ready < 0 && errno == EINTR); /* a signal, such as to end soon, is no answer */
	return ready > 0;
}

/* Everything that was sent is on its way, and reading what comes back never stops (a full pipe both
 * ways would). */
bool
db_flush(PGconn *conn, int64_t deadline)
{
	int left;
	while ((left = PQflush(conn)) == 1) {
		if (!db_wait(conn, POLLIN | POLLOUT, deadline) || !PQconsumeInput(conn))
			return false;
	}
	return left == 0;
}

bool
db_wait_result(PGconn *conn, int64_t deadline)
{
	while (PQisBusy(conn))
		if (!db_wait(conn, POLLIN, deadline) || !PQconsumeInput(conn))
			return false;
	return true;
}

/* --- answers */

static const char *
field(const PGresult *r, int code)
{
	const char *text = PQresultErrorField(r, code);
	return text ? text : "";
}

static void
take_error(struct db_result *out, struct arena *a, const PGresult *r)
{
	if (out->status == DB_REFUSED)
		return; /* the first one says why; what follows was skipped */
	out->status = DB_REFUSED;
	snprintf(out->sqlstate, sizeof out->sqlstate, "%s", field(r, PG_DIAG_SQLSTATE));
	out->constraint = arena_strdup(a, field(r, PG_DIAG_CONSTRAINT_NAME));
	out->message = arena_strdup(a, field(r, PG_DIAG_MESSAGE_PRIMARY));
	out->detail = arena_strdup(a, field(r, PG_DIAG_MESSAGE_DETAIL));
}

static void
clear_result(void *r)
{
	PQclear(r);
}

/* Statements stay prepared also when what follows them fails. */
static void
note_prepared(struct db *db, const struct burst *b, int answers)
{
	if (answers < b->n && b->sent[answers])
		db->prepared[b->sent[answers]] = true;
}

struct db_result
db_read(struct db *db, const struct burst *b, struct arena *a, int64_t deadline)
{
	struct db_result out = { .status = DB_AWAY };
	int answers = 0;
	for (int nulls = 0; nulls < 2;) {
		if (!db_wait_result(db->conn, deadline))
			return (struct db_result){ .status = DB_AWAY };
		PGresult *r = PQgetResult(db->conn);
		if (!r) {
			nulls++;
			continue;
		}
		nulls = 0;
		arena_defer(a, clear_result, r);
		switch (PQresultStatus(r)) {
		case PGRES_PIPELINE_SYNC:
			if (answers && out.status != DB_REFUSED)
				out.status = DB_OK;
			return out;
		case PGRES_TUPLES_OK:
		case PGRES_COMMAND_OK:
			out.rows = r;
			note_prepared(db, b, answers++);
			break;
		case PGRES_PIPELINE_ABORTED: break;
		default:
			if (!*field(r, PG_DIAG_SQLSTATE))
				return (struct db_result){ .status = DB_AWAY };
			take_error(&out, a, r);
		}
	}
	return (struct db_result){ .status = DB_AWAY };
}

/* --- sending */

static bool
sent(struct burst *b, int ok, int preparing)
{
	b->sent[b->n++] = preparing;
	return ok == 1;
}

static bool
send_query(struct db *db, struct burst *b, int query, int n, const char *const *values)
{
	const struct query *q = &db->queries[query];
	if (!db->prepare)
		return sent(b, PQsendQueryParams(db->conn, q->sql, n, NULL, values, NULL, NULL, 1), query);
	if (!db->prepared[query] && !sent(b, PQsendPrepare(db->conn, q->name, q->sql, 0, NULL), query))
		return false;
	return sent(b, PQsendQueryPrepared(db->conn, q->name, n, values, NULL, NULL, 1), 0);
}

bool
db_send_settings(const struct db *db, struct burst *b)
{
	const char *values[] = { statement_timeout, db->program };
	const struct query *q = &common_queries[Q_COMMON_SETTINGS];
	return sent(b, PQsendQueryParams(db->conn, q->sql, 2, NULL, values, NULL, NULL, 1), 0);
}

static bool
send_guard(struct db *db, struct burst *b, const struct db_guard *guard)
{
	const char *values[] = { guard->session, guard->account, guard->role, guard->request_id };
	return send_query(db, b, Q_COMMON_REQUIRE_SESSION + guard->several, 4, values);
}

bool
db_send(struct db *db, struct burst *b, int query, int n, const char *const *values,
	const struct db_guard *guard, int64_t deadline)
{
	/* a pooler hands out another server session each transaction: settings travel along */
	return (db->prepare || db_send_settings(db, b)) && (!guard || send_guard(db, b, guard)) &&
		send_query(db, b, query, n, values) && PQpipelineSync(db->conn) &&
		db_flush(db->conn, deadline);
}

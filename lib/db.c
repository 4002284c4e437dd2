/* The connection lives in pipeline mode: what must be checked, prepared and run goes out in one
 * burst and is one transaction, up to the sync. A connection that fails in any way is closed; the
 * next request makes a new one. */
#include "banned.h"

#include "db.h"

#include "arena.h"
#include "common.queries.h"
#include "conf.h"
#include "db-away.h"
#include "db-hosts.h"
#include "log.h"
#include "metrics.h"
#include "schema-version.h"
#include "shared.h"

#include <errno.h>
#include <poll.h>

enum {
	CONNECT_US = 1000000,
};

/* The server gives up before the client does: then the connection stays good. */
static const char statement_timeout[] = "1800ms";

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
	/* what the answers to come are of: the query being prepared, or 0 */
	int sent[8], n_sent;
};

int64_t
now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

char *
db_url(const char *program)
{
	const char *pattern = conf_text(CONF_DATABASE_URL);
	if (!pattern)
		pattern = "";
	size_t size = strlen(pattern) + 1;
	for (const char *p = pattern; (p = strstr(p, "%p")); p += 2)
		size += strlen(program);
	char *url = malloc(size), *to = url;
	if (!url)
		abort();
	for (const char *p = pattern; *p;) {
		if (p[0] == '%' && p[1] == 'p') {
			size_t n = strlen(program);
			memcpy(to, program, n);
			to += n;
			p += 2;
		} else {
			*to++ = *p++;
		}
	}
	*to = 0;
	return url;
}

struct db *
db_new(const char *program, const struct query *queries, int n_queries)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db)
		abort();
	*db = (struct db){
		.program = program,
		.queries = queries,
		.n_queries = n_queries,
		.url = db_url(program),
		.prepared = calloc((size_t)n_queries + 1, sizeof(bool)),
		.prepare = strcmp(conf_text(CONF_DB_PREPARE), "off") != 0,
	};
	if (!db->prepared)
		abort();
	return db;
}

static void
disconnect(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	memset(db->prepared, 0, (size_t)db->n_queries * sizeof(bool));
}

void
db_free(struct db *db)
{
	disconnect(db);
	free(db->prepared);
	free(db->url);
	free(db);
}

int
db_socket(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}

unsigned
db_connections(const struct db *db)
{
	return db->connections;
}

void
db_idle(struct db *db)
{
	if (!db->conn)
		return;
	if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK) {
		disconnect(db);
		return;
	}
	PGnotify *n;
	while ((n = PQnotifies(db->conn)))
		PQfreemem(n);
}

/* ---- waiting */

bool
db_wait(PGconn *conn, short events, int64_t deadline)
{
	struct pollfd p = { .fd = PQsocket(conn), .events = events };
	int ready;
	do {
		int64_t left = deadline - now_us();
		if (p.fd < 0 || left <= 0)
			return false;
		struct timespec t = { left / 1000000, left % 1000000 * 1000 };
		ready = ppoll(&p, 1, &t, NULL);
	} while (ready < 0 && errno == EINTR); /* a signal, such as to end soon, is no answer */
	return ready > 0;
}

/* Everything that was sent is on its way, and reading what comes back never stops (a full pipe both
 * ways would). */
static bool
flush(PGconn *conn, int64_t deadline)
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

/* ---- the answers of one pipeline */

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
note_prepared(struct db *db, int answers)
{
	if (answers < db->n_sent && db->sent[answers])
		db->prepared[db->sent[answers]] = true;
}

/* Reads up to the sync; the rows of the last statement are the answer. */
static struct db_result
read_pipeline(struct db *db, struct arena *a, int64_t deadline)
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
			note_prepared(db, answers++);
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

/* ---- sending */

enum { MAX_VALUES = 32 };

static bool
sent(struct db *db, int ok, int preparing)
{
	db->sent[db->n_sent++] = preparing;
	return ok == 1;
}

static bool
send_query(struct db *db, int query, int n, const char *const *values)
{
	const struct query *q = &db->queries[query];
	if (!db->prepare)
		return sent(db, PQsendQueryParams(db->conn, q->sql, n, NULL, values, NULL, NULL, 1), query);
	if (!db->prepared[query] && !sent(db, PQsendPrepare(db->conn, q->name, q->sql, 0, NULL), query))
		return false;
	return sent(db, PQsendQueryPrepared(db->conn, q->name, n, values, NULL, NULL, 1), 0);
}

static bool
send_settings(struct db *db)
{
	const char *values[] = { statement_timeout, db->program };
	const struct query *q = &common_queries[Q_COMMON_SETTINGS];
	return sent(db, PQsendQueryParams(db->conn, q->sql, 2, NULL, values, NULL, NULL, 1), 0);
}

static bool
send_guard(struct db *db, const struct db_guard *guard)
{
	const char *values[] = { guard->session, guard->account, guard->role, guard->request_id };
	return send_query(db, Q_COMMON_REQUIRE_SESSION + guard->several, 4, values);
}

static struct db_result
run(struct db *db, struct arena *a, int query, int n, const char *const *values,
	const struct db_guard *guard, int64_t deadline)
{
	db->n_sent = 0;
	/* a pooler hands out another server session each transaction: settings travel along */
	bool gone = (db->prepare || send_settings(db)) && (!guard || send_guard(db, guard)) &&
		send_query(db, query, n, values) && PQpipelineSync(db->conn) && flush(db->conn, deadline);
	if (!gone)
		return (struct db_result){ .status = DB_AWAY };
	return read_pipeline(db, a, deadline);
}

/* ---- connecting */

/* The settings of the session, and whether the database is one that this build knows. */
static bool
greet(struct db *db, int64_t deadline)
{
	struct arena *a = arena_new();
	const struct query *q = &common_queries[Q_COMMON_SCHEMA_VERSION];
	db->n_sent = 0;
	bool gone = PQsetnonblocking(db->conn, 1) == 0 && PQenterPipelineMode(db->conn) &&
		send_settings(db) && PQsendQueryParams(db->conn, q->sql, 0, NULL, NULL, NULL, NULL, 1) &&
		PQpipelineSync(db->conn) && flush(db->conn, deadline);
	struct db_result r = { .status = DB_AWAY };
	if (gone)
		r = read_pipeline(db, a, deadline);
	int version = 0;
	if (r.status == DB_OK)
		for (int i = 0; i < 4; i++)
			version = version << 8 | (unsigned char)PQgetvalue(r.rows, 0, 0)[i];
	if (r.status != DB_AWAY && version < SCHEMA_VERSION)
		log_msg(LOG_ERROR, "the database has schema %d, this build needs %d: run `system migrate`",
			version, SCHEMA_VERSION);
	arena_free(a);
	return version >= SCHEMA_VERSION;
}

static void
discard_notice(void *context, const PGresult *r)
{
	(void)context;
	log_msg(LOG_DEBUG, "postgres: %s", field(r, PG_DIAG_MESSAGE_PRIMARY));
}

static bool
connect_one(struct db *db, int64_t deadline)
{
	db->conn = db_hosts_connect(db->url, deadline, &db->host);
	db->connections++;
	if (db->conn) {
		PQsetNoticeReceiver(db->conn, discard_notice, NULL);
		if (greet(db, deadline)) {
			db_hosts_good(db->host);
			return true;
		}
		disconnect(db);
		db_hosts_next(db->host);
	}
	log_msg(LOG_WARN, "no connection to PostgreSQL (%s)",
		now_us() >= deadline ? "too late" : "refused");
	return false;
}

/* Each of its servers once, while there is time. */
static bool
connect_now(struct db *db, int64_t deadline)
{
	int64_t began = now_us();
	bool in_vain = false;
	for (int n = db_hosts_count(db->url); n > 0 && now_us() < deadline; n--) {
		int64_t latest = now_us() + CONNECT_US;
		latest = deadline < latest ? deadline : latest;
		if (connect_one(db, latest)) {
			db_away_connected(&shared()->db_away);
			return true;
		}
		in_vain |= now_us() >= latest;
	}
	db_away_refused(&shared()->db_away, began, now_us(), in_vain);
	return false;
}

/* Makes a connection, or leaves it at once while another one looks whether the server is there. */
static bool
look(struct db *db, int64_t deadline)
{
	if (!db_away_look(&shared()->db_away, now_us(), &deadline))
		return false;
	disconnect(db); /* of a machine that vanished nobody says that it is closed */
	db->fresh = true;
	return connect_now(db, deadline);
}

static bool
ensure_connected(struct db *db, int64_t deadline)
{
	if (db->conn && !db_hosts_current(db->url, &db->host))
		disconnect(db);
	if (db->conn && !db_away_silent(&shared()->db_away))
		return true;
	return look(db, deadline);
}

/* Where nobody else was answered either, it is found out here and not by the next ones. */
static void
was_late(struct db *db, int64_t began)
{
	disconnect(db);
	if (!db_away_late(&shared()->db_away, began, now_us()))
		return;
	db->fresh = true;
	connect_now(db, now_us() + AWAY_LOOK_US);
}

/* What a statement that was good before is refused with when a migration replaces what it uses: the
 * plan is of things that are gone. A new connection knows those that are there. */
static bool
replaced(const struct db_result *out)
{
	static const char *const states[] = { "0A000", "42P01", "42883", "XX000" };
	if (out->status != DB_REFUSED)
		return false;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (!strcmp(out->sqlstate, states[i]))
			return true;
	return false;
}

struct db_result
db_query(struct db *db, struct arena *a, int query, int n, const char *const *values,
	const struct db_guard *guard, bool retry, int64_t deadline)
{
	struct db_result away = { .status = DB_AWAY };
	if (n > MAX_VALUES || !ensure_connected(db, deadline))
		return away;
	int64_t start = now_us();
	bool known = db->prepared[query];
	struct db_result out = run(db, a, query, n, values, guard, deadline);
	metrics_database(now_us() - start, out.status == DB_AWAY);
	if (known && replaced(&out) && now_us() < deadline) { /* nothing was done, so writes too */
		disconnect(db);
		return db_query(db, a, query, n, values, guard, retry, deadline);
	}
	if (out.status != DB_AWAY) {
		db_away_answered(&shared()->db_away, now_us());
		db->fresh = false;
		return out;
	}
	bool late = now_us() >= deadline, fresh = db->fresh;
	log_msg(LOG_WARN, "%s: PostgreSQL %s", db->queries[query].name,
		late ? "did not answer in time" : "closed the connection");
	if (late)
		was_late(db, start);
	else
		disconnect(db);
	/* the server closed an idle connection, or restarted: for a read that is no reason to fail */
	if (late || fresh || !retry)
		return away;
	return db_query(db, a, query, n, values, guard, false, deadline);
}

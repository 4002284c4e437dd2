/* The connection lives in pipeline mode (db-pipe.c). One that fails in any way is closed; the next
 * request makes a new one. */
#include "banned.h"

#include "db-parts.h"

#include "common.queries.h"
#include "db-away.h"
#include "db-hosts.h"
#include "log.h"
#include "metrics.h"
#include "shared.h"

enum { MAX_VALUES = 32 };

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

/* Two transactions that each wait for what the other has locked: all of this one is undone. */
static bool
deadlocked(const struct db_result *out)
{
	return out->status == DB_REFUSED && !strcmp(out->sqlstate, "40P01");
}

/* Whether it may be sent while another one is on its way: then nothing else is sent but it. */
static bool
follows(struct db *db, int query, const struct db_guard *guard)
{
	return db->prepare && db->n_asked < DB_MOST_ASKED && db->prepared[query] &&
		(!guard || db->prepared[Q_COMMON_REQUIRE_SESSION + guard->several]) &&
		db_hosts_current(db->url, &db->host) && !db_away_silent(&shared()->db_away);
}

bool
db_ask(struct db *db, int query, int n, const char *const *values, const struct db_guard *guard,
	int64_t deadline)
{
	if (n > MAX_VALUES ||
		!(db->n_asked ? follows(db, query, guard) : db_connect(db, deadline)))
		return false;
	struct asked *asked = &db->asked[db->n_asked++];
	*asked = (struct asked){ .query = query, .known = db->prepared[query], .fresh = db->fresh,
		.connection = db->connections, .since = now_us() };
	if (!db_send(db, &asked->burst, query, n, values, guard, deadline))
		asked->connection = 0; /* its answer is that it has none */
	return true;
}

/* What an answer says of the connection. Whether it was late. */
static bool
note_answer(struct db *db, const struct asked *asked, enum db_status status, int64_t deadline)
{
	int64_t now = now_us();
	bool late = status == DB_AWAY && now >= deadline;
	/* one that was sent behind another began with its end */
	int64_t began = asked->since > db->read_us ? asked->since : db->read_us;
	metrics_database(now - began, status == DB_AWAY);
	db->read_us = now;
	if (status != DB_AWAY) {
		db_away_answered(&shared()->db_away, now);
		db->fresh = false;
		return false;
	}
	log_msg(LOG_WARN, "%s: PostgreSQL %s", db->queries[asked->query].name,
		late ? "did not answer in time" : "closed the connection");
	if (late)
		db_was_late(db, asked->since);
	else
		db_disconnect(db);
	return late;
}

/* Of the one that was asked first. *again: nothing was done, and it may be asked for once more. */
static struct db_result
answer(struct db *db, struct arena *a, bool harmless, bool *again, int64_t deadline)
{
	struct db_result out = { .status = DB_AWAY };
	struct asked asked = db->asked[0];
	memmove(db->asked, db->asked + 1, sizeof asked * (size_t)--db->n_asked);
	*again = false;
	/* it went with the one before it, of which everything is said */
	if (asked.connection && (asked.connection != db->connections || !db->conn))
		return out;
	if (asked.connection)
		out = db_read(db, &asked.burst, a, deadline);
	bool late = note_answer(db, &asked, out.status, deadline);
	/* the server closed an idle connection, or restarted: for a read that is no reason to fail */
	bool old = asked.known && replaced(&out);
	*again = out.status == DB_AWAY ? harmless && !late && !asked.fresh
								   : (old || deadlocked(&out)) && now_us() < deadline;
	if (*again && old && db->conn)
		db_disconnect(db); /* the next one knows what is there now */
	return out;
}

struct db_result
db_answer(struct db *db, struct arena *a, int64_t deadline)
{
	bool again;
	struct db_result out = answer(db, a, false, &again, deadline);
	if (again)
		out.status = DB_AWAY;
	return out;
}

struct db_result
db_query(struct db *db, struct arena *a, int query, int n, const char *const *values,
	const struct db_guard *guard, bool retry, int64_t deadline)
{
	struct db_result out = { .status = DB_AWAY };
	bool again;
	if (db->n_asked)
		abort(); /* its answer would be another one's */
	if (!db_ask(db, query, n, values, guard, deadline))
		return out;
	out = answer(db, a, retry, &again, deadline);
	if (!again)
		return out;
	return db_query(
		db, a, query, n, values, guard, retry && out.status == DB_REFUSED, deadline);
}

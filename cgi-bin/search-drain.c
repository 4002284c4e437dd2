/* The commands that cron runs. Without Elasticsearch they see to it that nothing is queued. */
#include "search-commands.h"
#include "search-index.h"
#include "search-keep.h"

#include "search.queries.h"
#include "tv.h"

#include <unistd.h>

enum { BATCH_ROWS = 1000, DRAIN_SECONDS = 50 };

/* Rows that others have claimed or that were put off are waited for. */
static bool
wait_for_due(struct arena *a, PGconn *conn, int64_t end)
{
	while (now_us() < end) {
		PGresult *r = index_query(a, conn, Q_INDEX_WAITING, 0, NULL);
		if (!r || !row_int(r, 0, 0))
			return false;
		if (row_int(r, 0, 1))
			return true;
		usleep(200000);
	}
	return false;
}

static void
print_report(struct arena *a, PGconn *conn, const struct outbox_report *report)
{
	PGresult *r = index_query(a, conn, Q_INDEX_WAITING, 0, NULL);
	if (r)
		printf("search drain: sent %lld, put off %lld, refused %lld, left %lld\n",
			(long long)report->sent, (long long)report->put_off, (long long)report->refused,
			(long long)row_int(r, 0, 0));
}

int
drain_queue(void)
{
	static const struct outbox outbox = { Q_OUTBOX_CLAIM, Q_OUTBOX_SETTLE };
	struct arena *a = arena_new(), *batch = arena_new();
	struct db *db = db_new("search", search_queries, Q_COUNT);
	struct outbox_report report = { 0 };
	PGconn *conn = index_connect(a);
	int64_t end = now_us() + (int64_t)DRAIN_SECONDS * 1000000;
	while (conn && !report.away && wait_for_due(a, conn, end))
		while (now_us() < end && outbox_send(db, batch, &outbox, BATCH_ROWS, true, &report))
			arena_reset(batch);
	if (conn)
		print_report(a, conn, &report);
	if (report.away)
		fprintf(stderr, "search: Elasticsearch or PostgreSQL does not answer\n");
	bool good = conn && !report.away;
	db_free(db);
	arena_free(batch);
	arena_free(a);
	return good ? 0 : 1;
}

/* No Elasticsearch: the queue ends. */
static int
switch_off(void)
{
	struct arena *a = arena_new();
	PGconn *conn = index_connect(a);
	const char *off = "false";
	bool good = conn && index_query(a, conn, Q_INDEX_QUEUEING, 1, &off) &&
		index_query(a, conn, Q_INDEX_FORGET, 0, NULL);
	arena_free(a);
	return good ? 0 : 1;
}

/* 1: somebody has just begun to queue, so the index may have missed something; −1 on failure. */
static int
switch_on(struct arena *a)
{
	const char *on = "true";
	PGconn *conn = index_connect(a);
	PGresult *changed = conn ? index_query(a, conn, Q_INDEX_QUEUEING, 1, &on) : NULL;
	return changed ? PQntuples(changed) : -1;
}

int
command_drain(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (!es_configured())
		return switch_off();
	struct arena *a = arena_new();
	enum index_state state = index_look(a, es_alias());
	int begun = state != INDEX_UNKNOWN ? switch_on(a) : -1;
	arena_free(a);
	if (begun < 0)
		return 1;
	if (state != INDEX_GOOD)
		return rebuild_index();
	return begun ? reconcile_index() : drain_queue();
}

/* For commands that are of no use without it. */
static bool
needs_es(void)
{
	if (!es_configured())
		fprintf(stderr, "search: TV_ELASTICSEARCH_URL is not set\n");
	return es_configured();
}

int
command_rebuild(int argc, char **argv)
{
	(void)argc, (void)argv;
	return needs_es() ? !keep_catch_up() || rebuild_index() : 2;
}

int
command_reconcile(int argc, char **argv)
{
	(void)argc, (void)argv;
	return needs_es() ? !keep_catch_up() || reconcile_index() : 2;
}

int
engine_es_rebuild(void)
{
	return es_configured() ? rebuild_index() : 0;
}

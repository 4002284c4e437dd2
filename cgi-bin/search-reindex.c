/* Documents made again from what they are made of: for those who changed rows behind the triggers'
 * back, and after a release that folds texts in another way. A thousand at a time, so that writers
 * do not wait. */
#include "tv.h"

#include "search-reindex.h"

#include "search-commands.h"
#include "search.h"
#include "search.queries.h"

static PGresult *
run(PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = PQexecParams(conn, search_queries[query].sql, n, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	fprintf(stderr, "search: %s", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

static bool
reindex_kind(PGconn *conn, const char *kind)
{
	char after[32] = "0";
	for (;;) {
		const char *values[] = { kind, after, "1000" };
		PGresult *r = run(conn, Q_REINDEX, 3, values);
		bool more = r && !PQgetisnull(r, 0, 0);
		if (more)
			snprintf(after, sizeof after, "%s", PQgetvalue(r, 0, 0));
		PQclear(r);
		if (!more)
			return r != NULL;
	}
}

static bool
reindex_kinds(PGconn *conn)
{
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (!reindex_kind(conn, search_kinds[k]))
			return false;
	return engine_es_rebuild() == 0;
}

/* Who asked is only forgotten when it is done: after a crash the next minute begins again. */
static bool
reindex_all(PGconn *conn, const char *asked)
{
	PGresult *begun = run(conn, Q_REINDEX_BEGIN, 1, &asked);
	bool good = begun != NULL;
	if (good && PQntuples(begun)) {
		const char *since = PQgetisnull(begun, 0, 0) ? NULL : PQgetvalue(begun, 0, 0);
		good = reindex_kinds(conn);
		if (good)
			PQclear(run(conn, Q_REINDEX_END, 1, &since));
	}
	PQclear(begun);
	return good;
}

int
command_reindex(int argc, char **argv)
{
	bool asked = argc == 2 && !strcmp(argv[1], "--asked");
	if (argc > 1 && !asked) {
		fprintf(stderr, "usage: search reindex [--asked]\n");
		return 2;
	}
	PGconn *conn = db_command_connection("search");
	if (!conn)
		return 1;
	bool good = reindex_all(conn, asked ? "true" : "false");
	PQfinish(conn);
	return good ? 0 : 1;
}

int
command_prune(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return db_command("search", search_queries[Q_PRUNE].sql);
}

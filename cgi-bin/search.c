/* Searching: titles, people, channels and programmes, by PostgreSQL or Elasticsearch behind the
 * same answers. */
#include "tv.h"

#include "search-commands.h"
#include "search-find.h"
#include "search-keep.h"
#include "search-reindex.h"
#include "search.h"
#include "search.queries.h"

static int
search_state(struct req *r)
{
	struct db_result state = req_query(r, Q_STATE, 0, NULL);
	if (state.status != DB_OK)
		return problem_db(r, &state);
	bool elastic = engine_es_configured();
	struct buf *b = &r->out;
	buf_printf(b, "{\"engine\":\"%s\",\"database\":", elastic ? "elasticsearch" : "postgres");
	rows_object(b, state.rows, 0);
	buf_puts(b, ",\"elasticsearch\":");
	if (elastic) {
		buf_putc(b, '{');
		engine_es_status(r, b);
		buf_putc(b, '}');
	} else {
		buf_puts(b, "null");
	}
	buf_putc(b, '}');
	return 200;
}

/* clang-format off */
#define QUERY { "q", P_TEXT, .required = true, .min = 1, .max = SEARCH_MAX_QUERY, \
	.doc = "what was typed so far" }
/* clang-format on */

static const struct route routes[] = {
	{ GET, "/search/global", ROLE_USER, .limit = LIMIT_SEARCH, .handler = search_global,
		.answer = "search",
		.summary = "Titles, people, channels and programmes by what was typed, best first",
		.params = { AGE, QUERY,
			{ "types", P_TEXT, .min = 1, .max = 100,
				.doc = "movie,series,episode,person,channel,programme" },
			LIMIT } },
	{ GET, "/search/suggest", ROLE_USER, .limit = LIMIT_SEARCH, .handler = search_suggest,
		.answer = "search", .summary = "At most ten titles, while one types",
		.params = { AGE, QUERY } },
	{ GET, "/admin/search/status", ROLE_ADMIN, .handler = search_state, .answer = "search_status",
		.summary = "Engine, documents of each kind, and what is not in the index yet" },
	{ POST, "/admin/search/reindex", ROLE_ADMIN, Q_ASK_REINDEX, .ok = 202,
		.answer = "search_reindex",
		.summary = "Make documents and index again, from the next minute on" },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "drain", "", command_drain },
		{ "rebuild", "", command_rebuild },
		{ "reconcile", "", command_reconcile },
		{ "status", "", command_status },
		{ "refresh", "", command_refresh },
		{ "reindex", "[--asked]", command_reindex },
		{ "prune", "", command_prune },
		{ 0 },
	};
	static const struct outbox outbox = { Q_OUTBOX_CLAIM, Q_OUTBOX_SETTLE };
	static const struct program program = {
		.name = "search",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = search_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.beside = keep_run,
		.outbox = &outbox,
	};
	return program_main(&program, argc, argv);
}

/* Playing: sessions, their heartbeats and the addresses that they play from. Whether somebody may
 * is decided by rights.decide(), how many at once and how far by the functions of schema play. */
#include "tv.h"

#include "play.queries.h"

static const struct route routes[] = {
	{ GET, "/play/sessions", ROLE_USER, Q_SESSION_LIST, .answer = "play_session", .list = true,
		.fresh = true, .summary = "What plays on this account now", .params = { ACCOUNT, AGE } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ 0 },
	};
	static const struct program program = {
		.name = "play",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = play_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}

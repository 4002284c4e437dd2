/* Channels and the guide. */
#include "tv.h"

#include "livetv-channels.h"
#include "livetv.queries.h"

enum { HALF_HOUR = 1800, DEFAULT_HOURS = 4, MAX_HOURS = 24 };

static const int64_t SECOND = 1000000;

/* In r->values of the guide. */
enum { V_FROM = 4, V_TO = 5 };

static const char *
instant(struct req *r, int64_t micros)
{
	char text[32] = "";
	json_put_time(text, micros);
	return arena_strdup(r->arena, text);
}

/* from and to are optional: this half hour, and four hours after from. */
static int
guide(struct req *r)
{
	int64_t from = time(NULL) / HALF_HOUR * HALF_HOUR * SECOND, to;
	if (r->values[V_FROM])
		parse_time(r->values[V_FROM], &from);
	to = from + DEFAULT_HOURS * 3600 * SECOND;
	if (r->values[V_TO])
		parse_time(r->values[V_TO], &to);
	if (to <= from || to - from > MAX_HOURS * 3600 * SECOND)
		return problem(r, 400, "invalid_window", "to must be after from, by 24 hours at most.");
	r->values[V_FROM] = instant(r, from);
	r->values[V_TO] = instant(r, to);
	r->lead = arena_printf(r->arena, "\"from\":\"%s\",\"to\":\"%s\",", r->values[V_FROM], r->values[V_TO]);
	return req_run(r);
}

#define CHANNEL_FILTERS AGE, { "group", P_SLUG }, { "country", P_COUNTRY }, { "language", P_LANGUAGE }

static const struct route routes[] = {
	{ GET, "/livetv/channels", ROLE_USER, Q_CHANNEL_LIST, .cache = CACHE_LIVE, .answer = "channel",
	  .summary = "Channels in order of number", .params = { CHANNEL_FILTERS, PAGE(2) } },
	{ GET, "/livetv/epg", ROLE_USER, Q_EPG, .handler = guide, .cache = CACHE_LIVE, .answer = "epg",
	  .summary = "The guide: a window of time of some channels",
	  .params = { CHANNEL_FILTERS, { "from", P_TIME }, { "to", P_TIME }, { "channels", P_IDS, .max = 100 },
	              { "limit", P_LIMIT, .max = 100, .def = 25 }, CURSOR(2) } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "import-channels", "[options] FILE…", livetv_import_channels },
		{ 0 },
	};
	static const struct program program = {
		.name = "livetv",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = livetv_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}

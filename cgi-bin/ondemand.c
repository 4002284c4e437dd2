/* Films and series. */
#include "tv.h"

#include "ondemand-import.h"
#include "ondemand.queries.h"

/* In the order of the choices of sort. */
static const int title_lists[] = { Q_TITLE_LIST_NEWEST, Q_TITLE_LIST_TITLE, Q_TITLE_LIST_YEAR, Q_TITLE_LIST_POPULAR };

#define TITLE_FILTERS(kind)                                                                     \
	AGE, { .type = P_CONST, .choices = kind }, { "genre", P_SLUG },                         \
	{ "year_from", P_INT, .min = 1870, .max = 2200 },                                       \
	{ "year_to", P_INT, .min = 1870, .max = 2200 }, { "person", P_ID },                     \
	{ "sort", P_ENUM, .choices = "newest|title|year|popular" }, PAGE(2)

static const struct route routes[] = {
	{ GET, "/ondemand/movies", ROLE_USER, .picks = title_lists, .cache = CACHE_CONTENT, .answer = "card",
	  .summary = "Movies", .params = { TITLE_FILTERS("movie") } },
	{ GET, "/ondemand/movies/{id}", ROLE_USER, Q_MOVIE, .cache = CACHE_CONTENT, .answer = "movie",
	  .summary = "A movie with cast and crew", .params = { AGE, { "id", P_ID } } },
	{ GET, "/ondemand/series", ROLE_USER, .picks = title_lists, .cache = CACHE_CONTENT, .answer = "card",
	  .summary = "Series", .params = { TITLE_FILTERS("series") } },
	{ GET, "/ondemand/series/{id}", ROLE_USER, Q_SERIES, .cache = CACHE_CONTENT, .answer = "series",
	  .summary = "A series with its seasons", .params = { AGE, { "id", P_ID } } },
	{ GET, "/ondemand/series/{id}/episodes", ROLE_USER, Q_EPISODE_LIST, .cache = CACHE_CONTENT, .answer = "card",
	  .summary = "Episodes in order",
	  .params = { AGE, { "id", P_ID }, { "season", P_INT, .min = 0, .max = 9999 }, PAGE(2) } },
	{ GET, "/ondemand/episodes/{id}", ROLE_USER, Q_EPISODE, .cache = CACHE_CONTENT, .answer = "episode",
	  .summary = "An episode, with the ones before and after it", .params = { AGE, { "id", P_ID } } },
	{ GET, "/ondemand/genres", ROLE_USER, Q_GENRE_LIST, .cache = CACHE_CONTENT, .answer = "genre", .list = true,
	  .summary = "Genres, with how many titles each has", .params = { AGE } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "import", "[options] FILE…", ondemand_import },
		{ 0 },
	};
	static const struct program program = {
		.name = "ondemand",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = ondemand_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}

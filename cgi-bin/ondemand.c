/* Films and series: what viewers read, and what editors write. */
#include "ondemand.h"

#include "ondemand-import.h"
#include "ondemand.queries.h"

/* In the order of the choices of sort. */
static const int title_lists[] = { Q_TITLE_LIST_NEWEST, Q_TITLE_LIST_TITLE, Q_TITLE_LIST_YEAR,
	Q_TITLE_LIST_POPULAR };
static const int person_lists[] = { Q_PERSON_LIST_NEWEST, Q_PERSON_LIST_TITLE, Q_PERSON_LIST_YEAR,
	Q_PERSON_LIST_POPULAR };

/* In r->values of the lists. */
enum { V_PERSON = 5 };

/* A person's titles are few: they are looked up and sorted, where others are walked in order. */
static int
titles(struct req *r)
{
	for (size_t i = 0; r->values[V_PERSON] && i < sizeof title_lists / sizeof title_lists[0]; i++)
		if (r->picked == title_lists[i]) {
			r->picked = person_lists[i];
			break;
		}
	return 0;
}

#define TITLE_FILTERS(kind)                                                 \
	AGE, { .type = P_CONST, .choices = kind }, { "genre", P_SLUG },         \
		{ "year_from", P_INT, .min = 1870, .max = 2200 },                   \
		{ "year_to", P_INT, .min = 1870, .max = 2200 }, { "person", P_ID }, \
		{ "sort", P_ENUM, .choices = "newest|title|year|popular" }, PAGE(2)

#define ID         \
	{              \
		"id", P_ID \
	}
#define KIND(kind)                       \
	{                                    \
		.type = P_CONST, .choices = kind \
	}
#define STATE                                         \
	{                                                 \
		"state", P_ENUM, .choices = "draft|published" \
	}
#define BODY(members)                   \
	{                                   \
		.type = P_BODY, .body = members \
	}

#define RELATED(path, kind)                                                                \
	{                                                                                      \
		GET, "/ondemand/" path "/{id}/related", ROLE_USER, Q_RELATED,                      \
			.cache = CACHE_CONTENT, .list = true, .answer = "card",                        \
			.summary = "Up to 20 titles with the same people or of the same genres",       \
			.params = {                                                                    \
				AGE,                                                                       \
				KIND(kind),                                                                \
				ID                                                                         \
			}                                                                              \
	}

/* The four writes and reads of one item; their lists differ. */
#define ITEM_ROUTES(path, kind, QUERY, body)                                                      \
	{ POST, "/admin/ondemand/" path, ROLE_ADMIN, Q_ADMIN_##QUERY##_CREATE,                        \
		.reread = Q_ADMIN_##QUERY, .ok = 201, .answer = "admin_" kind, .summary = "Make a " kind, \
		.params = { BODY(body##_body) } },                                                        \
		{ GET, "/admin/ondemand/" path "/{id}", ROLE_ADMIN, Q_ADMIN_##QUERY,                      \
			.answer = "admin_" kind, .summary = "A " kind " as editors see it",                   \
			.params = { ID } },                                                                   \
		{ PUT, "/admin/ondemand/" path "/{id}", ROLE_ADMIN, Q_ADMIN_##QUERY##_REPLACE,            \
			.reread = Q_ADMIN_##QUERY, .answer = "admin_" kind,                                   \
			.summary =                                                                            \
				"Replace a " kind "; credits, ids and media that the body does not name stay",    \
			.params = { ID, IF_MATCH, BODY(body##_body) } },                                      \
	{                                                                                             \
		DELETE, "/admin/ondemand/" path "/{id}", ROLE_ADMIN, Q_ADMIN_ITEM_DELETE,                 \
			.ok = 204, .summary = "Delete a " kind, .params = {                                   \
				KIND(kind),                                                                       \
				ID,                                                                               \
				IF_MATCH                                                                          \
			}                                                                                     \
	}

static const struct route routes[] = {
	{ GET, "/ondemand/movies", ROLE_USER, .choose = titles, .picks = title_lists,
		.cache = CACHE_CONTENT, .answer = "card", .summary = "Movies",
		.params = { TITLE_FILTERS("movie") } },
	{ GET, "/ondemand/movies/{id}", ROLE_USER, Q_MOVIE, .cache = CACHE_CONTENT, .answer = "movie",
		.summary = "A movie with cast and crew", .params = { AGE, ID } },
	RELATED("movies", "movie"),
	{ GET, "/ondemand/series", ROLE_USER, .choose = titles, .picks = title_lists,
		.cache = CACHE_CONTENT, .answer = "card", .summary = "Series",
		.params = { TITLE_FILTERS("series") } },
	{ GET, "/ondemand/series/{id}", ROLE_USER, Q_SERIES, .cache = CACHE_CONTENT, .answer = "series",
		.summary = "A series with its seasons", .params = { AGE, ID } },
	RELATED("series", "series"),
	{ GET, "/ondemand/series/{id}/episodes", ROLE_USER, Q_EPISODE_LIST, .cache = CACHE_CONTENT,
		.answer = "episode_card", .summary = "Episodes in order",
		.params = { AGE, ID, { "season", P_INT, .min = 0, .max = 9999 }, PAGE(2) } },
	{ GET, "/ondemand/episodes/{id}", ROLE_USER, Q_EPISODE, .cache = CACHE_CONTENT,
		.answer = "episode", .summary = "An episode, with the ones before and after it",
		.params = { AGE, ID } },
	{ GET, "/ondemand/genres", ROLE_USER, Q_GENRE_LIST, .cache = CACHE_CONTENT, .answer = "genre",
		.list = true, .summary = "Genres, with how many titles each has", .params = { AGE } },
	{ GET, "/ondemand/people/{id}", ROLE_USER, Q_PERSON, .cache = CACHE_CONTENT, .answer = "person",
		.summary = "A person with filmography", .params = { AGE, ID } },
	{ GET, "/ondemand/home", ROLE_USER, Q_HOME, .cache = CACHE_CONTENT, .answer = "rail",
		.list = true, .summary = "Rails: newest, popular, genres, coming soon, leaving soon",
		.params = { AGE } },

	ITEM_ROUTES("movies", "movie", MOVIE, movie),
	{ GET, "/admin/ondemand/movies", ROLE_ADMIN, Q_ADMIN_ITEM_LIST, .answer = "admin_item",
		.summary = "Movies, drafts as well", .params = { KIND("movie"), STATE, PAGE(1) } },
	ITEM_ROUTES("series", "series", SERIES, series),
	{ GET, "/admin/ondemand/series", ROLE_ADMIN, Q_ADMIN_ITEM_LIST, .answer = "admin_item",
		.summary = "Series, drafts as well", .params = { KIND("series"), STATE, PAGE(1) } },
	ITEM_ROUTES("seasons", "season", SEASON, season),
	{ GET, "/admin/ondemand/seasons", ROLE_ADMIN, Q_ADMIN_SEASON_LIST, .answer = "admin_item",
		.summary = "Seasons of a series",
		.params = { { "series", P_ID, .required = true }, PAGE(1) } },
	ITEM_ROUTES("episodes", "episode", EPISODE, episode),
	{ GET, "/admin/ondemand/episodes", ROLE_ADMIN, Q_ADMIN_EPISODE_LIST, .answer = "admin_item",
		.summary = "Episodes of a season",
		.params = { { "season", P_ID, .required = true }, PAGE(1) } },

	{ GET, "/admin/ondemand/genres", ROLE_ADMIN, Q_ADMIN_GENRE_LIST, .answer = "admin_genre",
		.summary = "Genres", .params = { PAGE(1) } },
	{ POST, "/admin/ondemand/genres", ROLE_ADMIN, Q_ADMIN_GENRE_CREATE, .reread = Q_ADMIN_GENRE,
		.ok = 201, .answer = "admin_genre", .summary = "Make a genre",
		.params = { BODY(genre_body) } },
	{ GET, "/admin/ondemand/genres/{id}", ROLE_ADMIN, Q_ADMIN_GENRE, .answer = "admin_genre",
		.summary = "A genre", .params = { ID } },
	{ PUT, "/admin/ondemand/genres/{id}", ROLE_ADMIN, Q_ADMIN_GENRE_REPLACE,
		.reread = Q_ADMIN_GENRE, .answer = "admin_genre", .summary = "Rename a genre",
		.params = { ID, IF_MATCH, BODY(genre_change_body) } },
	{ DELETE, "/admin/ondemand/genres/{id}", ROLE_ADMIN, Q_ADMIN_GENRE_DELETE, .ok = 204,
		.summary = "Delete a genre that no title has", .params = { ID, IF_MATCH } },

	{ GET, "/admin/ondemand/people", ROLE_ADMIN, Q_ADMIN_PERSON_LIST, .answer = "admin_person",
		.summary = "People",
		.params = { { "q", P_TEXT, .min = 1, .max = 200,
						.doc = "beginning of the name; case and accents do not count" },
			PAGE(2) } },
	{ POST, "/admin/ondemand/people", ROLE_ADMIN, Q_ADMIN_PERSON_CREATE, .reread = Q_ADMIN_PERSON,
		.ok = 201, .answer = "admin_person", .summary = "Make a person",
		.params = { BODY(person_body) } },
	{ GET, "/admin/ondemand/people/{id}", ROLE_ADMIN, Q_ADMIN_PERSON, .answer = "admin_person",
		.summary = "A person", .params = { ID } },
	{ PUT, "/admin/ondemand/people/{id}", ROLE_ADMIN, Q_ADMIN_PERSON_REPLACE,
		.reread = Q_ADMIN_PERSON, .answer = "admin_person", .summary = "Rename a person",
		.params = { ID, IF_MATCH, BODY(person_body) } },
	{ DELETE, "/admin/ondemand/people/{id}", ROLE_ADMIN, Q_ADMIN_PERSON_DELETE, .ok = 204,
		.summary = "Delete a person and the credits", .params = { ID, IF_MATCH } },
};

/* Home shows the genres that have most titles; cron keeps the counts. */
static int
count_genres(int argc, char **argv)
{
	(void)argc, (void)argv;
	return db_command("ondemand", ondemand_queries[Q_COUNT_GENRES].sql);
}

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "import", "[options] FILE…", ondemand_import },
		{ "count-genres", "", count_genres },
		{ 0 },
	};
	static const struct outbox outbox = { Q_OUTBOX_CLAIM, Q_OUTBOX_SETTLE };
	static const struct program program = {
		.name = "ondemand",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = ondemand_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.changes = 1u << CACHE_CONTENT | 1u << CACHE_PLANS,
		.outbox = &outbox,
	};
	return program_main(&program, argc, argv);
}

/* Accounts, profiles, and what a profile has on its list and has watched. What takes a password or
 * a PIN is in auth. */
#include "tv.h"

#include "users-commands.h"
#include "users.queries.h"

static const struct param me_body[] = {
	{ "name", P_TEXT, .max = 100 },
	{ "country", P_COUNTRY, .nullable = true },
	{ "locale", P_LANGUAGE, .nullable = true },
	{ 0 },
};

static const struct param create_body[] = {
	{ "email", P_EMAIL, .required = true },
	{ "password", P_PASSWORD, .required = true },
	{ "name", P_TEXT, .max = 100 },
	{ "role", P_ENUM, .choices = "user|admin" },
	{ "country", P_COUNTRY, .nullable = true },
	{ "locale", P_LANGUAGE, .nullable = true },
	{ 0 },
};

static const struct param admin_body[] = {
	{ "name", P_TEXT, .max = 100, .required = true },
	{ "role", P_ENUM, .choices = "user|admin", .required = true },
	{ "status", P_ENUM, .choices = "active|suspended", .required = true },
	{ "country", P_COUNTRY, .nullable = true },
	{ 0 },
};

static int
create_account(struct req *r)
{
	const char *password = body_string(r, "password");
	if (password_common(password))
		return problem_field(
			r, "password", "too_common", "is one of the passwords that are tried first");
	const char *values[] = { body_string(r, "email"), password_hash(r->arena, password),
		body_string(r, "name"), body_string(r, "role"), body_string(r, "country"),
		body_string(r, "locale") };
	struct db_result made = req_query(r, Q_ACCOUNT_CREATE, 6, values);
	return made.status == DB_OK ? rows_one(r, made.rows) : problem_db(r, &made);
}

#define ID         \
	{              \
		"id", P_ID \
	}
#define CONTENT_ID         \
	{                      \
		"content_id", P_ID \
	}

static const struct route routes[] = {
	{ POST, "/users", ROLE_ADMIN, .handler = create_account, .ok = 201, .answer = "user",
		.summary = "Make an account", .params = { { .type = P_BODY, .body = create_body } } },
	{ GET, "/users/me", ROLE_USER, Q_ME, .answer = "user",
		.summary = "Who is signed in, and the profile that speaks",
		.params = { ACCOUNT, PROFILE } },
	{ PATCH, "/users/me", ROLE_USER, Q_ME_CHANGE, .answer = "user",
		.summary = "Change name, country, locale",
		.params = { ACCOUNT, PROFILE, { .type = P_BODY, .body = me_body } } },
	{ DELETE, "/users/me", ROLE_USER, .elsewhere = "auth" },
	{ GET, "/users/me/export", ROLE_USER, Q_EXPORT, .answer = "export", .fresh = true,
		.summary = "Everything kept about the caller", .params = { ACCOUNT, AGE } },

	{ GET, "/users/profiles", ROLE_USER, Q_PROFILE_LIST, .list = true, .answer = "profile",
		.summary = "Own profiles", .params = { ACCOUNT } },
	{ POST, "/users/profiles", ROLE_USER, .elsewhere = "auth" },
	{ GET, "/users/profiles/{id}", ROLE_USER, Q_PROFILE, .answer = "profile",
		.summary = "A profile", .params = { ACCOUNT, ID } },
	{ PUT, "/users/profiles/{id}", ROLE_USER, .elsewhere = "auth" },
	{ DELETE, "/users/profiles/{id}", ROLE_USER, .elsewhere = "auth" },
	{ POST, "/users/profiles/{id}/select", ROLE_USER, .elsewhere = "auth" },

	{ GET, "/users/watchlist", ROLE_USER, Q_WATCHLIST, .answer = "watchlist_entry",
		.summary = "The profile's watch list", .params = { PROFILE, AGE, PAGE(2) } },
	{ PUT, "/users/watchlist/{content_id}", ROLE_USER, Q_WATCHLIST_ADD, .ok = 204,
		.summary = "Put on the watch list", .params = { PROFILE, AGE, CONTENT_ID } },
	{ DELETE, "/users/watchlist/{content_id}", ROLE_USER, Q_WATCHLIST_REMOVE, .ok = 204,
		.summary = "Take off the watch list", .params = { PROFILE, CONTENT_ID } },
	{ GET, "/users/continue-watching", ROLE_USER, Q_RESUME_LIST, .answer = "resume_entry",
		.summary = "What was begun: one entry a series, its episode to go on with",
		.params = { PROFILE, AGE, PAGE(2) } },
	{ DELETE, "/users/continue-watching/{content_id}", ROLE_USER, Q_RESUME_HIDE, .ok = 204,
		.summary = "Hide an entry; its position stays", .params = { PROFILE, CONTENT_ID } },
	{ GET, "/users/history", ROLE_USER, Q_HISTORY_LIST, .answer = "history_entry",
		.summary = "What was watched, newest first", .params = { PROFILE, AGE, PAGE(2) } },
	{ DELETE, "/users/history", ROLE_USER, Q_HISTORY_CLEAR, .ok = 204,
		.summary = "As if the profile had never watched anything", .params = { ACCOUNT, PROFILE } },
	{ PUT, "/users/history/{content_id}", ROLE_USER, Q_HISTORY_SEEN, .ok = 204,
		.summary = "Mark as seen; of a series or season all episodes that can be watched",
		.params = { ACCOUNT, PROFILE, AGE, CONTENT_ID } },
	{ DELETE, "/users/history/{content_id}", ROLE_USER, Q_HISTORY_REMOVE, .ok = 204,
		.summary = "As if never watched; of a series or season all episodes",
		.params = { ACCOUNT, PROFILE, CONTENT_ID } },
	{ GET, "/users/progress", ROLE_USER, Q_PROGRESS_LIST, .list = true, .answer = "progress",
		.summary = "How far the profile is in these, and whether it has seen them",
		.params = { PROFILE, AGE, { "ids", P_IDS, .required = true, .max = 100 } } },

	{ GET, "/admin/users", ROLE_ADMIN, Q_ADMIN_USER_LIST, .answer = "account",
		.summary = "Accounts",
		.params = { { "q", P_TEXT, .min = 1, .max = 100,
						.doc = "in the e-mail address or the name" },
			PAGE(1) } },
	{ GET, "/admin/users/{id}", ROLE_ADMIN, Q_ADMIN_USER, .answer = "account",
		.summary = "An account", .params = { ID } },
	{ PUT, "/admin/users/{id}", ROLE_ADMIN, Q_ADMIN_USER_CHANGE, .answer = "account",
		.summary = "Change an account",
		.params = { ID, IF_MATCH, { .type = P_BODY, .body = admin_body } } },
	{ DELETE, "/admin/users/{id}", ROLE_ADMIN, Q_ADMIN_USER_ERASE, .ok = 204,
		.summary = "Erase an account", .params = { ID, IF_MATCH } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "create", "EMAIL [--admin] < PASSWORD", command_create },
		{ "grant-admin", "EMAIL", command_grant_admin },
		{ 0 },
	};
	static const struct program program = {
		.name = "users",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = users_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}

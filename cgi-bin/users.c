/* Accounts and profiles. */
#include "tv.h"

#include "users.queries.h"

#include <unistd.h>

/* The first line of standard input, without its end: a password on the command line would be in everybody's process list. */
static char *
read_line(struct arena *a)
{
	struct buf b = buf_new(a);
	char c;
	while (b.len < 1000 && read(0, &c, 1) == 1 && c != '\n')
		buf_putc(&b, c);
	return b.data;
}

static int
store_account(struct arena *a, const char *email, const char *role)
{
	static const struct param email_param = { "EMAIL", P_EMAIL }, password_param = { "password", P_PASSWORD };
	const char *out, *password = read_line(a);
	const char *wrong = param_check(a, &email_param, email, &out);
	if (!wrong)
		wrong = param_check(a, &password_param, password, &out);
	if (wrong) {
		fprintf(stderr, "users create: %s %s\n", out == email ? "EMAIL" : "the password", wrong);
		return 2;
	}
	PGconn *conn = db_command_connection("users");
	if (!conn)
		return 1;
	const char *values[] = { email, password_hash(a, password), NULL, role, NULL, NULL };
	PGresult *made =
		PQexecParams(conn, users_queries[Q_ACCOUNT_CREATE].sql, 6, NULL, values, NULL, NULL, 0);
	const char *state = PQresultErrorField(made, PG_DIAG_SQLSTATE);
	bool good = PQresultStatus(made) == PGRES_TUPLES_OK;
	bool there = state && !strcmp(state, "23505");
	if (good)
		printf("created %s %s\n", role, email);
	else if (there)
		printf("%s is there already, unchanged\n", email);
	else
		fprintf(stderr, "users create: %s", PQresultErrorMessage(made));
	PQclear(made);
	PQfinish(conn);
	return good || there ? 0 : 1;
}

static int
create(int argc, char **argv)
{
	bool admin = argc == 3 && !strcmp(argv[2], "--admin");
	if (argc < 2 || argc > 3 || (argc == 3 && !admin)) {
		fprintf(stderr, "usage: users create EMAIL [--admin] < password\n");
		return 2;
	}
	struct arena *a = arena_new();
	int status = store_account(a, argv[1], admin ? "admin" : "user");
	arena_free(a);
	return status;
}

static const struct route routes[] = {
	{ GET, "/users/me", ROLE_USER, Q_ME, .answer = "user", .summary = "Who is signed in, and the profile that speaks",
	  .params = { ACCOUNT, PROFILE } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "create", "EMAIL [--admin] < PASSWORD", create },
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

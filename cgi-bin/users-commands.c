/* Accounts from the command line: the first administrator has nobody to ask. */
#include "tv.h"

#include "users-commands.h"
#include "users.queries.h"

#include <unistd.h>

/* The first line of standard input, without its end: a password on the command line would be in
 * everybody's process list. */
static char *
read_line(struct arena *a)
{
	struct buf b = buf_new(a);
	char c;
	while (b.len < 1000 && read(0, &c, 1) == 1 && c != '\n')
		buf_putc(&b, c);
	return b.data;
}

static bool
acceptable(struct arena *a, const struct param *p, const char *text)
{
	const char *out, *wrong = param_check(a, p, text, &out);
	if (wrong)
		fprintf(stderr, "users create: %s %s\n", p->name, wrong);
	return !wrong;
}

/* Answers the exit status: an account that is there is as good as a new one. */
static int
store_account(PGconn *conn, const char *const *values)
{
	PGresult *made =
		PQexecParams(conn, users_queries[Q_ACCOUNT_CREATE].sql, 6, NULL, values, NULL, NULL, 0);
	const char *state = PQresultErrorField(made, PG_DIAG_SQLSTATE);
	bool good = PQresultStatus(made) == PGRES_TUPLES_OK, there = state && !strcmp(state, "23505");
	if (good)
		printf("created %s %s\n", values[3], values[0]);
	else if (there)
		printf("%s is there already, unchanged\n", values[0]);
	else
		fprintf(stderr, "users create: %s", PQresultErrorMessage(made));
	PQclear(made);
	return good || there ? 0 : 1;
}

static int
create(struct arena *a, const char *email, const char *role)
{
	static const struct param email_param = { "EMAIL", P_EMAIL };
	static const struct param password_param = { "the password on standard input", P_PASSWORD };
	if (!acceptable(a, &email_param, email))
		return 2;
	const char *password = read_line(a);
	if (!acceptable(a, &password_param, password))
		return 2;
	PGconn *conn = db_command_connection("users");
	if (!conn)
		return 1;
	const char *values[] = { email, password_hash(a, password), NULL, role, NULL, NULL };
	int status = store_account(conn, values);
	PQfinish(conn);
	return status;
}

int
command_create(int argc, char **argv)
{
	bool admin = argc == 3 && !strcmp(argv[2], "--admin");
	if (argc < 2 || argc > 3 || (argc == 3 && !admin)) {
		fprintf(stderr, "usage: users create EMAIL [--admin] < PASSWORD\n");
		return 2;
	}
	struct arena *a = arena_new();
	int status = create(a, argv[1], admin ? "admin" : "user");
	arena_free(a);
	return status;
}

int
command_grant_admin(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: users grant-admin EMAIL\n");
		return 2;
	}
	PGconn *conn = db_command_connection("users");
	if (!conn)
		return 1;
	const char *email = argv[1];
	PGresult *r =
		PQexecParams(conn, users_queries[Q_GRANT_ADMIN].sql, 1, NULL, &email, NULL, NULL, 0);
	bool good = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
	if (good)
		printf("%s is an administrator\n", email);
	else if (PQresultStatus(r) == PGRES_TUPLES_OK)
		fprintf(stderr, "users grant-admin: there is no account %s\n", email);
	else
		fprintf(stderr, "users grant-admin: %s", PQresultErrorMessage(r));
	PQclear(r);
	PQfinish(conn);
	return good ? 0 : 1;
}

/* Migrations: files NNN-name.sql of a directory, in order, each in a transaction of its own
 * together with its record (version and SHA-256). A file that was applied and has changed since is
 * refused: what a database is made of must be readable. */
#include "tv.h"

#include "system-migrate.h"
#include "system.queries.h"

#include <dirent.h>
#include <errno.h>

enum { FILE_MAX = 4 << 20, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NEWER = 3 };

struct migration {
	const char *name;
	const char *path;
	const char *version; /* decimal */
	const char *text;
	const char *sha256; /* hex */
};

static int
is_migration(const struct dirent *e)
{
	size_t n = strlen(e->d_name);
	return n > 8 && strspn(e->d_name, "0123456789") == 3 && e->d_name[3] == '-' &&
		!strcmp(e->d_name + n - 4, ".sql");
}

static bool
complain(const char *about, const char *what)
{
	fprintf(stderr, "migrate: %s: %s\n", about, what);
	return false;
}

static bool
read_text(struct arena *a, struct migration *m)
{
	FILE *f = fopen(m->path, "re");
	if (!f)
		return complain(m->path, strerror(errno));
	char *text = arena_alloc(a, FILE_MAX + 1);
	size_t n = fread(text, 1, FILE_MAX + 1, f);
	bool good = !ferror(f) && n <= FILE_MAX && strlen(text) == n;
	fclose(f);
	if (!good)
		return complain(m->path, "cannot be read, or is no SQL text");
	m->text = text;
	m->sha256 = digest_hex(a, text, n);
	return true;
}

static PGresult *
run(PGconn *conn, int query, int n, const char *const *values)
{
	return PQexecParams(conn, system_queries[query].sql, n, NULL, values, NULL, NULL, 0);
}

/* For statements whose rows do not matter. */
static bool
done(PGconn *conn, const char *about, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	PQclear(r);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return true;
	return complain(about, PQerrorMessage(conn));
}

/* A lock that several runners queue for; and the table, made under it. What is there already is not
 * touched: the database may be newer. */
static bool
prepare(PGconn *conn)
{
	return done(conn, "time-outs", run(conn, Q_MIGRATION_TIMEOUTS, 0, NULL)) &&
		done(conn, "another runner holds the lock", run(conn, Q_MIGRATION_LOCK, 0, NULL)) &&
		done(conn, "table", run(conn, Q_MIGRATION_TABLE, 0, NULL));
}

/* Says so when the database has migrations later than the last file. Programs go on serving with
 * such a one, as while several nodes are upgraded one after the other. */
static bool
is_newer(PGconn *conn, const char *last)
{
	PGresult *r = run(conn, Q_MIGRATION_NEWEST, 0, NULL);
	long here = strtol(last, NULL, 10), there = 0;
	if (PQntuples(r) > 0)
		there = strtol(PQgetvalue(r, 0, 0), NULL, 10);
	if (there > here)
		fprintf(stderr,
			"migrate: the database has schema %ld (%s), newer than this program's %ld (%s): "
			"nothing was changed\n",
			there, PQgetvalue(r, 0, 1), here, last);
	PQclear(r);
	return there > here;
}

static bool
apply(PGconn *conn, const struct migration *m)
{
	const char *values[] = { m->version, m->name, m->sha256 };
	bool good = done(conn, m->path, PQexec(conn, "begin")) &&
		done(conn, m->path, PQexec(conn, m->text)) &&
		done(conn, m->path, run(conn, Q_MIGRATION_RECORD, 3, values)) &&
		done(conn, m->path, PQexec(conn, "commit"));
	if (good)
		printf("applied %s\n", m->name);
	return good;
}

static bool
apply_if_new(PGconn *conn, const struct migration *m)
{
	PGresult *r = run(conn, Q_MIGRATION_APPLIED, 1, &m->version);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		return done(conn, m->path, r);
	bool there = PQntuples(r) > 0;
	bool same = there && !strcmp(PQgetvalue(r, 0, 1), m->sha256);
	PQclear(r);
	if (there && !same)
		return complain(
			m->path, "was applied already and has changed since; make a new file instead");
	return there || apply(conn, m);
}

/* The exit status. */
static int
apply_all(struct arena *a, PGconn *conn, const char *directory)
{
	struct dirent **files;
	int n = scandir(directory, &files, is_migration, alphasort);
	if (n <= 0) {
		complain(directory, n ? strerror(errno) : "has no migrations");
		return EXIT_FAILED;
	}
	arena_defer_free(a, files);
	for (int i = 0; i < n; i++)
		arena_defer_free(a, files[i]);
	if (is_newer(conn, files[n - 1]->d_name))
		return EXIT_NEWER;
	bool good = done(conn, "table", run(conn, Q_MIGRATION_GRANT, 0, NULL));
	for (int i = 0; i < n; i++) {
		struct migration m = { .name = files[i]->d_name,
			.version = arena_strndup(a, files[i]->d_name, 3) };
		m.path = arena_printf(a, "%s/%s", directory, m.name);
		good = good && read_text(a, &m) && apply_if_new(conn, &m);
	}
	return good ? 0 : EXIT_FAILED;
}

int
migrate(int argc, char **argv)
{
	const char *url = conf_text(CONF_OWNER_URL);
	if (argc > 2 || !url) {
		fprintf(stderr,
			"usage: system migrate [DIRECTORY]\n"
			"TV_OWNER_URL must name the database, as the role that owns it.\n"
			"Exit status 3: the database is newer than this program, and nothing was changed.\n");
		return EXIT_USAGE;
	}
	struct arena *a = arena_new();
	/* as every command's (lib/db-command.c): a server that does not answer is not waited for */
	const char *names[] = { "connect_timeout", "dbname", NULL };
	PGconn *conn = PQconnectdbParams(names, (const char *[]){ "3", url, NULL }, 1);
	bool good = PQstatus(conn) == CONNECTION_OK || complain("no connection", PQerrorMessage(conn));
	int status = EXIT_FAILED;
	if (good && prepare(conn))
		status = apply_all(a, conn, argc == 2 ? argv[1] : "sql/schema");
	PQfinish(conn);
	arena_free(a);
	return status;
}

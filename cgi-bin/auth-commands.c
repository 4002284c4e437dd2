/* auth revoke, prune, rotate-key. */
#include "auth.h"

#include "auth.queries.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

PGresult *
command_query(int query, int n, const char *const *values)
{
	PGconn *conn = db_command_connection("auth");
	if (!conn)
		return NULL;
	PGresult *r = PQexecParams(conn, auth_queries[query].sql, n, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK) {
		fprintf(stderr, "auth: %s", PQresultErrorMessage(r));
		PQclear(r);
		r = NULL;
	}
	PQfinish(conn);
	return r;
}

int
command_revoke(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: auth revoke EMAIL\n");
		return 2;
	}
	const char *email = argv[1];
	PGresult *r = command_query(Q_REVOKE, 1, &email);
	bool known = r && strcmp(PQgetvalue(r, 0, 0), "0");
	if (known)
		printf("ended %s sessions of %s\n", PQgetvalue(r, 0, 1), email);
	else if (r)
		fprintf(stderr, "auth revoke: there is no account %s\n", email);
	PQclear(r);
	return known ? 0 : 1;
}

int
command_prune(int argc, char **argv)
{
	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: auth prune\n");
		return 2;
	}
	PGresult *links = command_query(Q_RESET_PRUNE, 0, NULL);
	PGresult *devices = links ? command_query(Q_DEVICE_PRUNE, 0, NULL) : NULL;
	PGresult *r = devices ? command_query(Q_PRUNE, 0, NULL) : NULL;
	if (r)
		printf("removed %s sessions that are over\n", PQcmdTuples(r));
	PQclear(links);
	PQclear(devices);
	PQclear(r);
	return r ? 0 : 1;
}

static bool
complain(const char *path, const char *what)
{
	fprintf(stderr, "auth rotate-key: %s: %s\n", path, what);
	return false;
}

/* Another file of that content in place of path, at once or not at all, with the owner of like. */
static bool
put_file(const char *path, const struct stat *like, const void *data, size_t len)
{
	char fresh[4200];
	snprintf(fresh, sizeof fresh, "%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain(fresh, strerror(errno));
	bool good = write(fd, data, len) == (ssize_t)len && fsync(fd) == 0 &&
		(fchown(fd, like->st_uid, like->st_gid) == 0 || geteuid() != 0);
	good = close(fd) == 0 && good;
	return (good && rename(fresh, path) == 0) || complain(path, strerror(errno));
}

static bool
rotate(const char *path, bool force)
{
	struct stat current;
	size_t len;
	unsigned char random[48];
	const void *key = conf_secret(CONF_JWT_KEY, &len);
	const char *previous = conf_previous_key_file();
	if (len < TOKEN_MIN_KEY || stat(path, &current) < 0)
		return complain(path, "has no usable key");
	if (!force && time(NULL) - current.st_mtime < TOKEN_LIFE)
		return complain(path,
			"is not 15 minutes old: tokens of the key before it are still in use "
			"(--force if they may end)");
	if (RAND_bytes(random, sizeof random) != 1)
		abort();
	struct arena *a = arena_new();
	char *text = base64url_encode(a, random, sizeof random);
	/* first the old one is safe as the previous one, then the new one takes its place */
	bool good =
		put_file(previous, &current, key, len) && put_file(path, &current, text, strlen(text));
	arena_free(a);
	return good;
}

/* No sign-out: tokens of the previous key stay valid, and every program looks at the file when it
 * meets a new key id. */
int
command_rotate_key(int argc, char **argv)
{
	bool force = argc == 2 && !strcmp(argv[1], "--force");
	const char *path = conf_secret_file(CONF_JWT_KEY);
	if (argc > 2 || (argc == 2 && !force) || !path) {
		fprintf(stderr,
			"usage: auth rotate-key [--force]\nTV_JWT_KEY_FILE must name the key's file.\n");
		return 2;
	}
	if (!rotate(path, force))
		return 1;
	printf("new key in %s, the one before it in %s\n", path, conf_previous_key_file());
	return 0;
}

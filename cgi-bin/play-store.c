/* Locks are of the directories, not of numbers of processes: containers may share the disk. */
#include "play-store.h"

#include "play-files.h"
#include "play.queries.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <unistd.h>

const char *
store_root(struct arena *a)
{
	const char *set = conf_text(CONF_MEDIA_DIR);
	return *set ? set : arena_printf(a, "%s/media", conf_text(CONF_STATE));
}

static int
remove_entry(const char *path, const struct stat *s, int type, struct FTW *at)
{
	(void)s, (void)type, (void)at;
	return remove(path);
}

bool
store_remove(const char *path)
{
	return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

int
store_hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		errno = EWOULDBLOCK;
		return -1;
	}
	return fd;
}

int
store_fail(const char *what, const char *why)
{
	return !files_complain(what, why);
}

PGresult *
store_rows(PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = PQexecParams(conn, play_queries[query].sql, n, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	fprintf(stderr, "play: %s", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

const char *
store_ask(struct arena *a, PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = store_rows(conn, query, n, values);
	const char *value = r && PQntuples(r) ? arena_strdup(a, PQgetvalue(r, 0, 0)) : NULL;
	PQclear(r);
	return value;
}

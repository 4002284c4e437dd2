/* Ends kept answers (lib/store.h) when the database says that something changed, whoever changed
 * it, and when availability opens or closes; deletes those that are over. One such process a node.
 * It answers no requests. */
#include "system-listen.h"
#include "system.queries.h"
#include "tv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUND_SECONDS = 2, /* between looks at the store */
	RETRY_SECONDS = 1,
	DAY = 86400,
	STUCK_SECONDS = 5, /* a database that says nothing for so long is left */
};

static const char *const channels[] = {
	[CACHE_CONTENT] = "content", [CACHE_LIVE] = "live", [CACHE_PLANS] = "plans"
};

static void
end_all(void)
{
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		store_changed(tag);
}

static PGresult *
ask(PGconn *conn, int query)
{
	alarm(STUCK_SECONDS); /* ends the process; its master starts another */
	PGresult *r = PQexec(conn, system_queries[query].sql);
	alarm(0);
	return r;
}

static bool
listen_to(PGconn *conn, int query)
{
	PGresult *r = ask(conn, query);
	bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return good;
}

/* What was said while nobody listened is not known: everything ends. */
static PGconn *
connected(void)
{
	alarm(STUCK_SECONDS);
	PGconn *conn = db_command_connection("system");
	alarm(0);
	if (conn && listen_to(conn, Q_LISTEN_CONTENT) && listen_to(conn, Q_LISTEN_LIVE) &&
		listen_to(conn, Q_LISTEN_PLANS)) {
		end_all();
		return conn;
	}
	PQfinish(conn);
	return NULL;
}

/* Monotonic microseconds of the next opening or closing; INT64_MAX without one. False: the
 * connection is lost. */
static bool
find_edge(PGconn *conn, int64_t *edge)
{
	PGresult *r = ask(conn, Q_NEXT_EDGE);
	bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
	*edge = INT64_MAX;
	double seconds = good && !PQgetisnull(r, 0, 0) ? strtod(PQgetvalue(r, 0, 0), NULL) : DAY;
	if (seconds < DAY)
		*edge = now_us() + (int64_t)(seconds * 1e6) + 1;
	PQclear(r);
	return good;
}

static bool
take_notices(PGconn *conn)
{
	if (!PQconsumeInput(conn))
		return false;
	unsigned said = 0;
	for (PGnotify *n; (n = PQnotifies(conn)); PQfreemem(n))
		for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
			said |= !strcmp(n->relname, channels[tag]) ? 1u << tag : 0;
	if (said) /* plans include titles and channels */
		said |= 1u << CACHE_PLANS;
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		if (said & 1u << tag)
			store_changed(tag);
	return true;
}

/* Bytes below a directory of answers; when they are over, deletes them and it. */
static int64_t
sweep(const char *directory, bool over)
{
	int64_t bytes = 0;
	DIR *d = opendir(directory);
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		if (over)
			unlinkat(dirfd(d), e->d_name, 0);
		else if (fstatat(dirfd(d), e->d_name, &st, 0) == 0)
			bytes += st.st_blocks * 512;
	}
	if (d)
		closedir(d);
	if (over)
		rmdir(directory);
	return bytes;
}

/* Generations that are over go one round later: a reader may just have begun. Too many answers of
 * one generation end it. */
static void
tidy(enum cache tag, int64_t *kept)
{
	char path[4096], one[4400];
	int64_t generation, found, bytes = 0;
	if (!store_state(tag, path, sizeof path, &generation))
		return;
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (!parse_int(e->d_name, 0, INT64_MAX, &found))
			continue;
		snprintf(one, sizeof one, "%s/%s", path, e->d_name);
		bytes += sweep(one, found < *kept);
	}
	if (d)
		closedir(d);
	*kept = generation;
	if (bytes > conf_int(CONF_CACHE_MB) << 20)
		store_changed(tag);
}

static void
tidy_all(void)
{
	static int64_t kept[CACHE_PLANS + 1];
	static int64_t next;
	if (now_us() < next)
		return;
	next = now_us() + ROUND_SECONDS * 1000000;
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		tidy(tag, &kept[tag]);
}

/* Until the connection is lost. Notices that came with the answer to a question are looked at
 * before waiting: the socket has nothing more to say of them. */
static void
follow(PGconn *conn)
{
	int64_t edge;
	while (find_edge(conn, &edge) && take_notices(conn)) {
		int64_t left = edge - now_us();
		int wait = left < ROUND_SECONDS * 1000000 ? (int)(left / 1000) + 1 : ROUND_SECONDS * 1000;
		struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };
		if (poll(&fd, 1, wait > 0 ? wait : 0) > 0 && !take_notices(conn))
			return;
		if (now_us() >= edge)
			end_all();
		tidy_all();
	}
}

int
listen_run(void)
{
	for (;;) {
		PGconn *conn = connected();
		if (conn)
			follow(conn);
		PQfinish(conn);
		tidy_all();
		sleep(RETRY_SECONDS);
	}
}

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
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	TIDY_US = 2000000, /* between looks at the store */
	ROUND_US = 500000, /* between two renewals of the lease */
	JOIN_US = 5000, /* the same until the others know of this node */
	RETRY_US = 500000,
	ANSWER_US = 2000000, /* a database that says nothing for so long is left */
	DAY = 86400,
	GRACE = 5, /* seconds that answers stay after their minute: a reader may just have begun */
};

/* The node in node.member, for as long as a connection. */
struct node {
	PGconn *conn;
	char id[24]; /* decimal */
	int64_t number; /* taken when it joined: the others must have seen it */
	bool joined;
	int64_t heard; /* the highest number that came in, and what the others know of that */
	int64_t said;
	bool back; /* the notice that this process sent to itself in this round */
	bool alone;
	int64_t lease; /* as this process wrote it */
	int64_t edge; /* monotonic microseconds of the next opening or closing */
};

static volatile sig_atomic_t leaving;

static const char *const channels[] = {
	[CACHE_CONTENT] = "content", [CACHE_LIVE] = "live", [CACHE_PLANS] = "plans"
};

static void
end_all(void)
{
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		store_changed(tag);
}

static void
on_term(int signal)
{
	(void)signal;
	leaving = 1;
}

/* NULL after an error, or without an answer in time. */
static PGresult *
ask(PGconn *conn, int query, int n, const char *const *values)
{
	int64_t deadline = now_us() + ANSWER_US;
	PGresult *last = NULL;
	if (!PQsendQueryParams(conn, system_queries[query].sql, n, NULL, values, NULL, NULL, 0))
		return NULL;
	while (db_wait_result(conn, deadline)) {
		PGresult *r = PQgetResult(conn);
		if (!r)
			return last;
		PQclear(last);
		last = r;
		if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
			break;
	}
	PQclear(last);
	return NULL;
}

static bool
say(PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = ask(conn, query, n, values);
	PQclear(r);
	return r != NULL;
}

static bool
listens(PGconn *conn)
{
	return say(conn, Q_SETTINGS, 2, (const char *const[]){ "2s", "system" }) &&
		say(conn, Q_LISTEN_CONTENT, 0, NULL) && say(conn, Q_LISTEN_LIVE, 0, NULL) &&
		say(conn, Q_LISTEN_PLANS, 0, NULL) && say(conn, Q_LISTEN_NODE, 0, NULL);
}

/* Takes the place of the process before it, whose row may still be there. What was said while
 * nobody listened is not known: everything ends. */
static bool
join(struct node *n)
{
	snprintf(n->id, sizeof n->id, "%lld", (long long)lease_node());
	lease_take();
	end_all();
	PGresult *r = listens(n->conn)
		? ask(n->conn, Q_NODE_JOIN, 1, (const char *const[]){ n->id })
		: NULL;
	int64_t id;
	bool good = r && parse_int(PQgetvalue(r, 0, 0), 1, INT64_MAX, &id) &&
		parse_int(PQgetvalue(r, 0, 1), 1, INT64_MAX, &n->number);
	if (good) {
		snprintf(n->id, sizeof n->id, "%s", PQgetvalue(r, 0, 0));
		lease_name(id);
	}
	n->heard = n->said = n->number;
	PQclear(r);
	return good;
}

/* Of channel node: "told N", a number to be seen; "here ID", sent by renewals. */
static void
take_word(struct node *n, const char *said)
{
	int64_t number;
	if (!strncmp(said, "told ", 5) && parse_int(said + 5, 1, INT64_MAX, &number) &&
		number > n->heard)
		n->heard = number;
	else if (!strncmp(said, "here ", 5) && !strcmp(said + 5, n->id))
		n->back = true;
}

/* Of the answers that a notice ends, the bits of their tags. */
static unsigned
take_notice(struct node *n, const PGnotify *notice)
{
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		if (!strcmp(notice->relname, channels[tag]))
			return 1u << tag | 1u << CACHE_PLANS; /* plans include titles and channels */
	if (!strcmp(notice->relname, "node"))
		take_word(n, notice->extra);
	return 0;
}

static bool
take_notices(struct node *n)
{
	unsigned over = 0;
	if (!PQconsumeInput(n->conn))
		return false;
	for (PGnotify *one; (one = PQnotifies(n->conn)); PQfreemem(one))
		over |= take_notice(n, one);
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		if (over & 1u << tag)
			store_changed(tag);
	/* before the new one is told that it is known */
	return n->heard == n->said || !n->joined || lease_not_alone(&n->lease);
}

/* The next one in so many seconds; the one before may have come while that was asked. */
static void
take_edge(struct node *n, double seconds)
{
	int64_t now = now_us();
	int64_t next = seconds < DAY ? now + (int64_t)(seconds * 1e6) + 1 : INT64_MAX;
	if (now >= n->edge)
		end_all();
	n->edge = now < n->edge && n->edge < next ? n->edge : next;
}

/* Tells the database what was heard, and asks how far the others are and what opens or closes next.
 * False: the connection is lost, or this is no node any more. */
static bool
renew(struct node *n)
{
	char heard[24];
	int64_t slowest = INT64_MAX;
	snprintf(heard, sizeof heard, "%lld", (long long)n->heard);
	n->said = n->heard;
	n->back = false;
	PGresult *r = ask(n->conn, Q_NODE_RENEW, 2, (const char *const[]){ n->id, heard });
	bool good = r && PQntuples(r) == 1;
	n->alone = good && PQgetisnull(r, 0, 0);
	if (good && !n->alone)
		good = parse_int(PQgetvalue(r, 0, 0), 0, INT64_MAX, &slowest);
	take_edge(n, good && !PQgetisnull(r, 0, 1) ? strtod(PQgetvalue(r, 0, 1), NULL) : DAY);
	PQclear(r);
	if (good && !n->joined && slowest >= n->number) {
		end_all();
		n->joined = true;
	}
	return good;
}

/* A renewal, what came with its answer, and a lease from before it was sent. */
static bool
renew_lease(struct node *n)
{
	int64_t sent = lease_now();
	if (!renew(n) || !take_notices(n))
		return false;
	return !n->joined || !n->back ||
		lease_prolong(&n->lease, sent + LEASE_US, n->alone && n->heard == n->said);
}

/* Bytes below a directory of answers. Those whose minute is over are deleted; when all are, so is
 * it. */
static int64_t
sweep(const char *directory, bool over)
{
	int64_t bytes = 0;
	time_t minute = (time(NULL) - GRACE) / 60;
	DIR *d = opendir(directory);
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		if (over || (fstatat(dirfd(d), e->d_name, &st, 0) == 0 && st.st_mtime / 60 < minute))
			unlinkat(dirfd(d), e->d_name, 0);
		else
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
	int64_t generation, found, bytes = 0;
	if (!store_state(tag, &generation))
		return;
	struct arena *a = arena_new();
	struct buf path = buf_new(a);
	store_directory(&path, tag);
	DIR *d = opendir(path.data);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (!parse_int(e->d_name, 0, INT64_MAX, &found))
			continue;
		bytes += sweep(arena_printf(a, "%s/%s", path.data, e->d_name), found < *kept);
	}
	if (d)
		closedir(d);
	arena_free(a);
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
	next = now_us() + TIDY_US;
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		tidy(tag, &kept[tag]);
}

/* Until the next renewal is due, or something opens or closes; what was heard is said at once. More
 * notices do not end it: each renewal is one, and nodes would answer each other without end. */
static bool
wait_notices(struct node *n, const sigset_t *waiting)
{
	int64_t left, due = now_us() + (n->joined ? ROUND_US : JOIN_US);
	due = n->edge < due ? n->edge : due;
	while (!leaving && n->heard == n->said && (left = due - now_us()) > 0) {
		struct pollfd fd = { .fd = PQsocket(n->conn), .events = POLLIN };
		struct timespec t = { .tv_nsec = left * 1000 };
		if (ppoll(&fd, 1, &t, waiting) > 0 && !take_notices(n))
			return false;
	}
	return true;
}

/* Until the connection is lost, another process has the lease, or this one is to end. */
static void
follow(struct node *n, const sigset_t *waiting)
{
	while (!leaving && renew_lease(n) && wait_notices(n, waiting)) {
		if (now_us() >= n->edge)
			end_all();
		tidy_all();
	}
}

/* What is given out needs this row: first nothing is, then it goes. */
static void
leave(struct node *n)
{
	if (lease_leave(n->lease))
		end_all();
	say(n->conn, Q_NODE_LEAVE, 1, (const char *const[]){ n->id });
}

static void
be_node(const char *url, const sigset_t *waiting)
{
	int tried;
	struct node n = { .conn = db_hosts_connect(url, now_us() + ANSWER_US, &tried),
		.edge = INT64_MAX };
	if (n.conn && join(&n)) {
		follow(&n, waiting);
		if (leaving)
			leave(&n);
	}
	PQfinish(n.conn);
}

bool
listen_wanted(void)
{
	return *conf_text(CONF_CACHE);
}

int
listen_run(void)
{
	sigset_t waiting, term;
	sigemptyset(&waiting);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	struct arena *a = arena_new();
	char *url = db_url("system");
	arena_defer_free(a, url);
	while (!leaving) {
		be_node(url, &waiting);
		struct timespec t = { .tv_nsec = leaving ? 0 : RETRY_US * 1000 };
		ppoll(NULL, 0, &t, &waiting);
	}
	arena_free(a);
	return 0;
}

/* A round of fetching: each feed that is due, one after the other. A second connection holds the
 * feed's lock meanwhile, so a fetcher that dies leaves nothing behind: the next round takes its
 * feed. */
#include "tv.h"

#include "livetv-feed.h"
#include "livetv-feed-parts.h"

#include "livetv-import.h"
#include "livetv-m3u.h"

#include <getopt.h>
#include <signal.h>
#include <unistd.h>

enum {
	EXIT_FEED = 1,
	EXIT_USAGE = 2,
	ROUND_SECONDS = 50, /* after that no other feed is begun: the next round is near */
	CONNECT_SECONDS = 60,
	IMPORT_SECONDS = 1800,
	MIB = 1 << 20,
};

static const char usage[] =
	"usage: livetv fetch-feeds\n"
	"Fetches and imports the feeds that are due (/admin/livetv/feeds), for cron: each minute.\n"
	"Several at once take different feeds. A line for each feed says what was done.\n";

struct fetcher {
	PGconn *conn; /* what is written */
	PGconn *lock; /* a transaction as long as a feed is ours */
	struct arena *arena; /* of a feed */
};

struct outcome {
	const char *status, *error;
	struct fetched got;
	struct guide_report report;
	struct buf json;
};

static const char *
column(PGresult *rows, int i)
{
	return PQgetisnull(rows, 0, i) ? NULL : PQgetvalue(rows, 0, i);
}

/* False when another fetcher has the feed, or nothing of it is due any more; or with *why. */
static bool
take(struct fetcher *f, const char *id, struct feed *out, const char **why)
{
	PGresult *rows;
	*why = guide_run(f->lock, f->arena, Q_GUIDE_TRANSACTION, 0, NULL, NULL);
	if (!*why)
		*why = guide_run(f->lock, f->arena, Q_FEED_LOCK, 1, &id, &rows);
	if (*why || PQgetvalue(rows, 0, 0)[0] != 't')
		return false;
	*why = guide_run(f->conn, f->arena, Q_FEED_TAKE, 1, &id, &rows);
	if (*why || !PQntuples(rows))
		return false;
	*out = (struct feed){ .id = id,
		.name = column(rows, 0),
		.url = column(rows, 1),
		.m3u = strcmp(column(rows, 2), "m3u") == 0,
		.language = column(rows, 3),
		.history_days = (int)strtol(column(rows, 4), NULL, 10),
		.only_known = column(rows, 5)[0] == 't',
		.max_bytes = strtoll(column(rows, 6), NULL, 10) * MIB,
		.seconds = (int)strtol(column(rows, 7), NULL, 10),
		.etag = column(rows, 8),
		.modified = column(rows, 9) };
	return true;
}

static void
import(struct fetcher *f, const struct feed *feed, int fd, struct outcome *o)
{
	struct guide_options options = { .language = feed->language,
		.history_days = feed->history_days,
		.wait = GUIDE_WAIT,
		.only_known = feed->only_known,
		.feed = strtoll(feed->id, NULL, 10) };
	struct buf messages = buf_new(f->arena);
	struct unpack *in = unpack_open_fd(f->arena, fd);
	if (feed->m3u)
		o->report = m3u_import(f->conn, in, &options, &messages);
	else
		o->report = guide_import_unpacked(f->conn, in, &options, &messages);
	o->error = o->report.why;
	o->status = o->report.status == GUIDE_BUSY ? "busy" : o->error ? "failed" : "imported";
	if (!o->error)
		import_report(&o->json, &o->report, messages.data);
}

/* Whoever's lock is gone, with its connection, may not be alone any more. */
static struct outcome
get_and_import(struct fetcher *f, const struct feed *feed)
{
	int fd;
	struct outcome o = { .status = "failed", .json = buf_new(f->arena) };
	o.got = feed_get(f->arena, feed, &fd);
	o.error = o.got.why;
	if (!o.error && o.got.status == 304)
		o.status = "not_modified";
	else if (!o.error)
		o.error = guide_run(f->lock, f->arena, Q_FEED_LOCKED, 0, NULL, NULL);
	if (!o.error && o.got.status != 304)
		import(f, feed, fd, &o);
	return o;
}

static const char *
keep(struct fetcher *f, const struct feed *feed, const struct outcome *o)
{
	struct arena *a = f->arena;
	const char *http = o->got.status ? arena_printf(a, "%ld", o->got.status) : NULL;
	const char *values[] = { feed->id, o->status, http, o->error, o->json.len ? o->json.data : NULL,
		o->got.etag, o->got.modified, arena_printf(a, "%lld", (long long)o->got.retry_after) };
	return guide_run(f->conn, a, Q_FEED_END, 8, values, NULL);
}

static void
tell(const struct feed *feed, const struct outcome *o)
{
	const struct guide_report *r = &o->report;
	if (o->error) {
		printf("%s: %s: %s\n", feed->name, o->status, o->error);
		log_msg(LOG_WARN, "feed %s (%s): %s: %s", feed->id, feed->name, o->status, o->error);
	} else if (!o->json.len) {
		printf("%s: not modified\n", feed->name);
	} else {
		printf(
			"%s: read %lld, created %lld, changed %lld, unchanged %lld, rejected %lld, left %lld\n",
			feed->name, (long long)r->read, (long long)r->created, (long long)r->changed,
			(long long)r->unchanged, (long long)r->rejected, (long long)r->left);
	}
	fflush(stdout);
}

/* Answers the exit status; *why is set when the database is gone. */
static int
fetch_feed(struct fetcher *f, const char *id, const char **why)
{
	struct feed feed;
	int status = 0;
	if (take(f, id, &feed, why)) {
		alarm((unsigned)feed.seconds + IMPORT_SECONDS);
		struct outcome o = get_and_import(f, &feed);
		*why = keep(f, &feed, &o);
		tell(&feed, &o);
		status = o.error ? EXIT_FEED : 0;
	}
	if (!*why)
		*why = guide_run(f->lock, f->arena, Q_GUIDE_ROLLBACK, 0, NULL, NULL);
	return status;
}

static int
fetch_due(struct fetcher *f, struct arena *a)
{
	PGresult *due;
	int status = 0;
	int64_t end = now_us() + (int64_t)ROUND_SECONDS * 1000000;
	const char *why = guide_run(f->conn, a, Q_FEED_DUE, 0, NULL, &due);
	if (!why && PQntuples(due) && !(f->lock = db_command_connection("livetv")))
		return EXIT_FEED;
	for (int i = 0; !why && i < PQntuples(due) && now_us() < end; i++) {
		alarm(CONNECT_SECONDS);
		status |= fetch_feed(f, PQgetvalue(due, i, 0), &why);
		if (why)
			why = arena_strdup(a, why);
		arena_reset(f->arena);
	}
	if (why)
		fprintf(stderr, "livetv fetch-feeds: %s\n", why);
	return why ? EXIT_FEED : status;
}

static int
fetch_round(void)
{
	struct fetcher f = { db_command_connection("livetv"), NULL, arena_new() };
	struct arena *a = arena_new();
	int status = EXIT_FEED;
	if (f.conn)
		status = fetch_due(&f, a);
	PQfinish(f.conn);
	PQfinish(f.lock);
	arena_free(f.arena);
	arena_free(a);
	return status;
}

/* Nothing here waits for ever: a database that hangs is ended by the alarm. */
int
livetv_fetch_feeds(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	optind = 0;
	int c = getopt_long(argc, argv, "", options, NULL);
	if (c == 'h') {
		fputs(usage, stdout);
		return 0;
	}
	if (c != -1 || optind < argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	alarm(CONNECT_SECONDS);
	int status = fetch_round();
	return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_FEED;
}

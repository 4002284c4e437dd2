/* The number of the current server only grows; modulo their count it is the place in the list. */
#include "banned.h"

#include "db-hosts.h"

#include "arena.h"
#include "db.h"
#include "shared.h"

#include <poll.h>

/* What the address says about one keyword; NULL: nothing. The text lives as long as the options. */
static const char *
option(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (!strcmp(options->keyword, keyword))
			return options->val;
	return NULL;
}

static int
length_of(const char *list)
{
	int n = 1;
	for (; list && *list; list++)
		n += *list == ',';
	return n;
}

/* Item i of a list with commas; of a list of one, that one; the default where nothing is said: for
 * libpq an empty value would leave the whole list. */
static const char *
item(struct arena *a, const char *list, int i, const char *otherwise)
{
	if (!list)
		return otherwise;
	for (i = length_of(list) == 1 ? 0 : i; i; i--)
		list += strcspn(list, ",") + 1;
	size_t n = strcspn(list, ",");
	return n ? arena_strndup(a, list, n) : otherwise;
}

int
db_hosts_count(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	const char *host = option(options, "host");
	int n = option(options, "hostaddr") ? 1 : length_of(host);
	PQconninfoFree(options);
	return n;
}

static PGconn *
start(const char *url, int *tried)
{
	int n = db_hosts_count(url);
	struct arena *a = arena_new();
	*tried = atomic_load(&shared()->db_host);
	PQconninfoOption *options = n > 1 ? PQconninfoParse(url, NULL) : NULL;
	const char *names[] = { "dbname", n > 1 ? "host" : NULL, "port", NULL };
	const char *values[] = { url, item(a, option(options, "host"), *tried % n, NULL),
		item(a, option(options, "port"), *tried % n, "5432"), NULL };
	PGconn *conn = PQconnectStartParams(names, values, 1);
	PQconninfoFree(options);
	arena_free(a);
	if (!conn)
		abort();
	return conn;
}

static bool
finish(PGconn *conn, int64_t deadline)
{
	for (PostgresPollingStatusType want = PGRES_POLLING_WRITING; want != PGRES_POLLING_OK;) {
		if (want == PGRES_POLLING_FAILED ||
			!db_wait(conn, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return false;
		want = PQconnectPoll(conn);
	}
	return true;
}

PGconn *
db_hosts_connect(const char *url, int64_t deadline, int *tried)
{
	PGconn *conn = start(url, tried);
	if (PQstatus(conn) != CONNECTION_BAD && finish(conn, deadline))
		return conn;
	PQfinish(conn);
	db_hosts_next(*tried);
	return NULL;
}

void
db_hosts_good(int tried)
{
	atomic_store(&shared()->db_good_host, tried);
}

bool
db_hosts_current(const char *url, int *tried)
{
	int good = atomic_load_explicit(&shared()->db_good_host, memory_order_relaxed);
	if (good == *tried)
		return true;
	if ((good - *tried) % db_hosts_count(url))
		return false;
	*tried = good;
	return true;
}

void
db_hosts_next(int tried)
{
	atomic_compare_exchange_strong(&shared()->db_host, &tried, tried < INT32_MAX ? tried + 1 : 0);
}

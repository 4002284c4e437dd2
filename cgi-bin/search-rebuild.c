/* A new index is filled while the old one is searched; then the alias is swapped. What changes
 * meanwhile goes to the old one and, by its version, to the new one before the swap and after it;
 * the comparison at the end finds what a long transaction hid. Killed, it goes on where it was. */
#include "search-commands.h"
#include "search-index.h"

#include "search.queries.h"
#include "tv.h"

enum { PAGE_ROWS = 2000, PAGES = 3, SAY_EACH = 20000, WARM_US = 8000000 };

struct rebuild {
	PGconn *conn;
	char index[128];
	int64_t begun_version, sent, started;
	enum search_kind kind; /* filled up to here */
	int64_t id;
};

static void
say(const char *what, int64_t n, int64_t started)
{
	double seconds = (double)(now_us() - started) / 1e6;
	fprintf(stderr, "search: rebuild: %s %lld documents in %.1f s (%.0f/s)\n", what, (long long)n,
		seconds, (double)n / (seconds > 0.001 ? seconds : 0.001));
}

/* Goes on with the index of a rebuild that was cut off, when it is there and of this build. */
static bool
resume(struct arena *a, struct rebuild *b, const PGresult *state)
{
	const char *name = row_text(a, state, 0, 2), *kind = row_text(a, state, 0, 3);
	if (!*name || !row_int(state, 0, 6) || index_look(a, name) != INDEX_GOOD)
		return false;
	snprintf(b->index, sizeof b->index, "%s", name);
	b->kind = *kind ? search_kind_of(kind, strlen(kind)) : 0;
	b->id = row_int(state, 0, 4);
	b->begun_version = row_int(state, 0, 5);
	fprintf(stderr, "search: rebuild: going on with %s after %s %lld\n", name, *kind ? kind : "-",
		(long long)b->id);
	return true;
}

static bool
begin(struct arena *a, struct rebuild *b)
{
	char stamp[16] = "";
	struct tm tm;
	time_t now = time(NULL);
	strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", gmtime_r(&now, &tm));
	snprintf(b->index, sizeof b->index, "%s-%s", es_alias(), stamp);
	const char *name = b->index;
	PGresult *r = index_query(a, b->conn, Q_INDEX_BEGIN, 1, &name);
	if (!r || !PQntuples(r))
		return false;
	b->begun_version = row_int(r, 0, 0);
	return index_create(a, b->index);
}

static bool
prepare(struct arena *a, struct rebuild *b)
{
	const char *on = "true";
	PGresult *state = index_query(a, b->conn, Q_INDEX_STATE, 0, NULL);
	return state && index_query(a, b->conn, Q_INDEX_QUEUEING, 1, &on) &&
		(resume(a, b, state) || begin(a, b));
}

/* One page on its way: while Elasticsearch takes some, PostgreSQL makes the next one. */
struct page {
	struct arena *a;
	struct index_sending *sending; /* NULL: nothing is under way */
	enum search_kind kind;
	int64_t id; /* of its last document */
	int n;
};

/* The next page, of whichever kind still has one; none (p->n is 0) at the end. */
static bool
begin_page(struct rebuild *b, struct page *p)
{
	PGresult *rows = NULL;
	for (p->n = 0; !p->n && b->kind < KIND_COUNT;) {
		const char *values[] = { search_kinds[b->kind],
			arena_printf(p->a, "%lld", (long long)b->id), arena_printf(p->a, "%d", PAGE_ROWS) };
		rows = index_query(p->a, b->conn, Q_INDEX_PAGE, 3, values);
		if (!rows)
			return false;
		p->kind = b->kind;
		p->n = PQntuples(rows);
		b->id = p->n ? row_int(rows, p->n - 1, PQfnumber(rows, "id")) : 0;
		b->kind += !p->n;
	}
	p->id = b->id;
	p->sending = p->n ? index_send_begin(p->a, b->index, rows) : NULL;
	return true;
}

/* Pages end in their order, so that all before the noted one are there. */
static bool
end_page(struct rebuild *b, struct page *p)
{
	bool good = !p->sending || index_send_end(p->a, p->sending);
	if (good && p->sending) {
		const char *filled[] = { search_kinds[p->kind],
			arena_printf(p->a, "%lld", (long long)p->id) };
		good = index_query(p->a, b->conn, Q_INDEX_FILLED, 2, filled);
		int64_t before = b->sent / SAY_EACH;
		b->sent += p->n;
		if (b->sent / SAY_EACH > before)
			say("sent", b->sent, b->started);
	}
	p->sending = NULL;
	arena_reset(p->a);
	return good;
}

static bool
fill(struct rebuild *b)
{
	struct page pages[PAGES] = { 0 };
	bool good = true, more = true;
	for (int i = 0; i < PAGES; i++)
		pages[i].a = arena_new();
	b->started = now_us();
	int next = 0;
	for (; good && more; next = (next + 1) % PAGES) {
		good = end_page(b, &pages[next]) && begin_page(b, &pages[next]);
		more = pages[next].n;
	}
	for (int i = 0; i < PAGES; i++, next = (next + 1) % PAGES) {
		good = good && end_page(b, &pages[next]);
		arena_free(pages[next].a);
	}
	if (good)
		say("filled with", b->sent, b->started);
	return good;
}

/* What was written since that version; *version moves on. */
static bool
catch_up(struct rebuild *b, const char *index, int64_t *version)
{
	struct arena *a = arena_new();
	bool good = true;
	for (int n = PAGE_ROWS; good && n == PAGE_ROWS;) {
		const char *values[] = { arena_printf(a, "%lld", (long long)*version),
			arena_printf(a, "%d", PAGE_ROWS) };
		PGresult *rows = index_query(a, b->conn, Q_INDEX_CHANGED, 2, values);
		good = rows && index_send(a, index, rows);
		n = good ? PQntuples(rows) : 0;
		if (n)
			*version = row_int(rows, n - 1, 0);
		arena_reset(a);
	}
	arena_free(a);
	return good;
}

/* The first searches of a new node or index take longer than a request waits. */
static void
warm_up(struct arena *a)
{
	struct search_ask ask = { .text = "a", .age = 18, .limit = 20 };
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		ask.kinds[k] = true;
	struct es_call *call = search_call(a, &ask, true);
	int64_t end = now_us() + WARM_US;
	call->insist = true;
	call->timeout_ms = WARM_US / 1000;
	for (int quick = 0; quick < 10 && now_us() < end;) {
		int64_t started = now_us();
		es_try(a, call);
		quick = now_us() - started < conf_int(CONF_ELASTICSEARCH_TIMEOUT) * 250 ? quick + 1 : 0;
	}
}

static bool
finish(struct arena *a, struct rebuild *b)
{
	int64_t version = b->begun_version;
	if (!catch_up(b, b->index, &version))
		return false;
	int64_t before_swap = version;
	return index_publish(a, b->index) && catch_up(b, b->index, &before_swap) &&
		index_query(a, b->conn, Q_INDEX_FINISH, 0, NULL) && index_sweep(a, b->index);
}

int
rebuild_index(void)
{
	struct arena *a = arena_new();
	struct rebuild b = { .conn = index_connect(a) };
	size_t n = 0;
	bool good = b.conn && index_lock(a, b.conn) && prepare(a, &b) && fill(&b) && finish(a, &b);
	if (good)
		warm_up(a);
	/* on the same connection: the lock of one that was just closed may linger */
	good = good && reconcile_with(a, b.conn, &n);
	arena_free(a);
	return good ? drain_queue() : 1;
}

/* A route finds its slot once a process, by the hash of its label; after that a request costs three
 * additions. Whoever is killed in between leaves a slot without a name, which the next one names.
 */
#include "banned.h"

#include "metrics.h"

#include "breaker.h"
#include "buf.h"
#include "command.h"
#include "limit.h"
#include "route.h"

enum { KNOWN = 128 };

/* The last one has no limit. */
static const struct {
	int64_t us;
	const char *seconds;
} bounds[METRICS_BUCKETS] = { { 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" },
	{ 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" }, { 100000, "0.1" },
	{ 250000, "0.25" }, { 500000, "0.5" }, { 2000000, "2" }, { INT64_MAX, "+Inf" } };

_Static_assert((int)LIMIT_COUNT <= (int)METRICS_CLASSES, "a counter for each class of limits");

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
observe(struct histogram *h, int64_t us)
{
	int i = 0;
	while (us > bounds[i].us)
		i++;
	add(&h->bucket[i], 1);
	add(&h->sum_us, us > 0 ? (uint64_t)us : 0);
}

/* FNV-1a; never 0, which is an empty slot. */
static uint64_t
hash(const char *text)
{
	uint64_t h = 14695981039346656037u;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h ? h : 1;
}

/* NULL: the table is full, and this route is not counted. */
static struct route_metrics *
find(const char *label)
{
	struct route_metrics *slots = shared()->metrics.route;
	uint64_t key = hash(label);
	for (uint64_t i = 0; i < SHARED_ROUTE_SLOTS; i++) {
		struct route_metrics *s = &slots[(key + i) % SHARED_ROUTE_SLOTS];
		uint64_t had = 0;
		if (!atomic_compare_exchange_strong(&s->key, &had, key) && had != key)
			continue;
		if (!atomic_load(&s->named)) {
			snprintf(s->label, sizeof s->label, "%s", label);
			atomic_store(&s->named, true);
		}
		return s;
	}
	return NULL;
}

static struct route_metrics *
slot_of(const struct program *p, const struct route *route)
{
	static struct route_metrics *known[KNOWN];
	size_t i = route ? (size_t)(route - p->routes) + 1 : 0;
	if (i < KNOWN && known[i])
		return known[i];
	char label[sizeof known[0]->label];
	snprintf(label, sizeof label, "program=\"%s\",method=\"%s\",route=\"%s\"", p->name,
		route ? method_name(route->method) : "-", route ? route->path : "-");
	struct route_metrics *found = find(label);
	if (i < KNOWN)
		known[i] = found;
	return found;
}

void
metrics_request(const struct program *p, const struct route *route, int status, int64_t duration_us)
{
	struct route_metrics *s = slot_of(p, route);
	if (!s || status < 100 || status > 599)
		return;
	add(&s->status[status / 100], 1);
	observe(&s->duration, duration_us);
}

void
metrics_database(int64_t duration_us, bool away)
{
	struct metrics *m = &shared()->metrics;
	observe(&m->database, duration_us);
	if (away)
		add(&m->database_away, 1);
}

void
metrics_search(int64_t duration_us, bool elasticsearch)
{
	observe(&shared()->metrics.search[elasticsearch], duration_us);
}

void
metrics_limited(int class)
{
	add(&shared()->metrics.limited[class], 1);
}

void
metrics_worker_ended(void)
{
	add(&shared()->metrics.workers_ended, 1);
}

/* ---- the text */

void
metrics_family(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* name_suffix{label,le="…"}, with a blank after it; label may be "", le NULL. */
static void
put_name(struct buf *b, const char *name, const char *suffix, const char *label, const char *le)
{
	bool braces = *label || le;
	buf_puts(b, name);
	buf_puts(b, suffix);
	buf_puts(b, braces ? "{" : "");
	buf_puts(b, label);
	if (le) {
		buf_puts(b, *label ? ",le=\"" : "le=\"");
		buf_puts(b, le);
		buf_putc(b, '"');
	}
	buf_puts(b, braces ? "} " : " ");
}

static void
put_value(struct buf *b, uint64_t n)
{
	buf_int(b, (int64_t)n);
	buf_putc(b, '\n');
}

static void
put_seconds(struct buf *b, uint64_t us)
{
	buf_int(b, (int64_t)(us / 1000000));
	buf_putc(b, '.');
	for (uint64_t of = 100000; of; of /= 10)
		buf_putc(b, (char)('0' + us / of % 10));
	buf_putc(b, '\n');
}

/* By hand: there are some thousand lines of it. */
static void
put_histogram(struct buf *b, const char *name, const char *label, const struct histogram *h)
{
	uint64_t n = 0;
	for (int i = 0; i < METRICS_BUCKETS; i++) {
		n += get(&h->bucket[i]);
		put_name(b, name, "_bucket", label, bounds[i].seconds);
		put_value(b, n);
	}
	put_name(b, name, "_sum", label, NULL);
	put_seconds(b, get(&h->sum_us));
	put_name(b, name, "_count", label, NULL);
	put_value(b, n);
}

static const struct route_metrics *
named(const struct metrics *m, int i)
{
	return atomic_load(&m->route[i].named) ? &m->route[i] : NULL;
}

static void
put_routes(struct buf *b, const struct metrics *m)
{
	const struct route_metrics *s;
	metrics_family(b, "antenna_requests_total", "counter", "Requests answered by the programs.");
	for (int i = 0; i < SHARED_ROUTE_SLOTS; i++)
		for (int digit = 1; (s = named(m, i)) && digit <= 5; digit++)
			if (get(&s->status[digit]))
				buf_printf(b, "antenna_requests_total{%s,status=\"%dxx\"} %llu\n", s->label, digit,
					(unsigned long long)get(&s->status[digit]));
	metrics_family(
		b, "antenna_request_duration_seconds", "histogram", "Time from a request to its answer.");
	for (int i = 0; i < SHARED_ROUTE_SLOTS; i++)
		if ((s = named(m, i)))
			put_histogram(b, "antenna_request_duration_seconds", s->label, &s->duration);
}

static void
put_counter(struct buf *b, const char *name, const char *help, const _Atomic uint64_t *counter)
{
	metrics_family(b, name, "counter", help);
	buf_printf(b, "%s %llu\n", name, (unsigned long long)get(counter));
}

void
metrics_print(struct buf *b)
{
	const struct metrics *m = &shared()->metrics;
	put_routes(b, m);
	metrics_family(
		b, "antenna_database_duration_seconds", "histogram", "Round trips to PostgreSQL.");
	put_histogram(b, "antenna_database_duration_seconds", "", &m->database);
	put_counter(b, "antenna_database_failures_total", "Round trips without an answer in time.",
		&m->database_away);
	metrics_family(b, "antenna_search_duration_seconds", "histogram",
		"Time from a search to what it found, by what found it.");
	put_histogram(b, "antenna_search_duration_seconds", "engine=\"postgres\"", &m->search[0]);
	put_histogram(b, "antenna_search_duration_seconds", "engine=\"elasticsearch\"", &m->search[1]);
	metrics_family(b, "antenna_rate_limited_total", "counter", "Requests refused for their rate.");
	for (int c = LIMIT_API; c < LIMIT_COUNT; c++)
		buf_printf(b, "antenna_rate_limited_total{class=\"%s\"} %llu\n", limit_class_name(c),
			(unsigned long long)get(&m->limited[c]));
	metrics_family(b, "antenna_search_breaker_open", "gauge",
		"Whether Elasticsearch is taken for away, and PostgreSQL searches.");
	buf_printf(b, "antenna_search_breaker_open %d\n", breaker_open(&shared()->es));
	put_counter(b, "antenna_workers_ended_total", "Workers that crashed or were killed.",
		&m->workers_ended);
}

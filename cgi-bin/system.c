/* What is not of any family: health, and the description of the API. Also the command that migrates
 * the database. */
#include "tv.h"

#include "system-listen.h"
#include "system-migrate.h"
#include "system-openapi.h"
#include "system.queries.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The programs that lighttpd starts (conf/families.conf). */
static const char *const services[] = { "auth", "users", "ondemand", "livetv", "rights", "play",
	"search" };

/* Whether the program's socket takes connections: its master is there. lighttpd adds -0, the number
 * of the process. */
static bool
accepts(const char *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(
		address.sun_path, sizeof address.sun_path, "%s/%s-0", conf_text(CONF_RUN), service);
	if (n < 0 || (size_t)n >= sizeof address.sun_path)
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	/* a full backlog is EAGAIN: overloaded, but there */
	bool good = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
	close(fd);
	return good;
}

struct health {
	bool postgres;
	int64_t postgres_us;
	bool service[sizeof services / sizeof services[0]];
	bool all_services;
};

static struct health
look(struct req *r)
{
	struct health h = { .all_services = true };
	int64_t start = now_us();
	h.postgres = req_query(r, Q_PING, 0, NULL).status == DB_OK;
	h.postgres_us = now_us() - start;
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		h.service[i] = accepts(services[i]);
		h.all_services &= h.service[i];
	}
	return h;
}

static const char *
word(bool good)
{
	return good ? "ok" : "down";
}

static int
health(struct req *r)
{
	struct health h = look(r);
	struct buf *b = &r->out;
	const char *status = !h.postgres ? "down" : h.all_services ? "ok" : "degraded";
	buf_printf(b,
		"{\"status\":\"%s\",\"checks\":{\"postgres\":{\"status\":\"%s\",\"duration_us\":%lld},",
		status, word(h.postgres), (long long)h.postgres_us);
	buf_puts(b, "\"services\":{");
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		json_key(b, services[i]);
		buf_printf(b, "{\"status\":\"%s\"}", word(h.service[i]));
	}
	buf_puts(b, "}}}");
	if (!h.postgres)
		req_header(r, "Retry-After", "1");
	return h.postgres ? 200 : 503;
}

static int
live(struct req *r)
{
	buf_puts(&r->out, "{\"status\":\"ok\"}");
	return 200;
}

static int
ready(struct req *r)
{
	struct health h = look(r);
	if (!h.postgres)
		return problem(r, 503, "database_away", "The service's database is away.");
	if (!h.all_services)
		return problem(r, 503, "not_ready", "Some programs of the service are not there.");
	return live(r);
}

/* From this machine itself, and for nobody behind a proxy on it. */
static bool
is_local(struct req *r)
{
	const char *address = req_env(r, "REMOTE_ADDR");
	return address && (!strcmp(address, "127.0.0.1") || !strcmp(address, "::1")) &&
		!req_env(r, "HTTP_X_FORWARDED_FOR") && !req_env(r, "HTTP_FORWARDED");
}

static void
put_gauge(struct buf *b, const char *name, const char *help, const char *value)
{
	metrics_family(b, name, "gauge", help);
	buf_printf(b, "%s %s\n", name, value);
}

static void
put_search(struct req *r, struct buf *b)
{
	static const char *const gauges[][2] = {
		{ "antenna_search_queue_length", "Changes that Elasticsearch has not been told of." },
		{ "antenna_search_queue_age_seconds", "How long the oldest of them waits." },
		{ "antenna_search_refused", "Documents that Elasticsearch refuses for good." },
		{ "antenna_search_noted", "Batches of bulk writes that are not searchable yet." },
	};
	struct db_result behind = req_query(r, Q_SEARCH_BACKLOG, 0, NULL);
	for (int i = 0; behind.status == DB_OK && i < 4; i++)
		put_gauge(b, gauges[i][0], gauges[i][1],
			arena_printf(r->arena, "%lld", (long long)row_int(behind.rows, 0, i)));
}

/* Kept answers that lighttpd gave out since it was started: its own variables, which no client can
 * set (conf/kept.lua). */
static void
put_kept(struct req *r, struct buf *b)
{
	static const struct {
		const char *tag, *variable;
	} tags[] = { { "content", "ANTENNA_KEPT_CONTENT" }, { "live", "ANTENNA_KEPT_LIVE" },
		{ "plans", "ANTENNA_KEPT_PLANS" } };
	int64_t n;
	metrics_family(b, "antenna_kept_answers_total", "counter",
		"Kept answers that the web server gave out without a program.");
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		const char *text = req_env(r, tags[i].variable);
		if (text && parse_int(text, 0, INT64_MAX, &n))
			buf_printf(b, "antenna_kept_answers_total{tag=\"%s\"} %lld\n", tags[i].tag,
				(long long)n);
	}
}

static void
put_lease(struct buf *b)
{
	bool off = *conf_text(CONF_CACHE) && !lease_good();
	put_gauge(b, "antenna_kept_answers_off",
		"1 while this node does not hear of writes and makes each answer anew.", off ? "1" : "0");
}

/* What is counted goes out also while PostgreSQL is away. */
static int
metrics(struct req *r)
{
	int status = is_local(r) ? 0 : req_authenticate(r, ROLE_ADMIN);
	if (status)
		return status;
	struct buf *b = &r->out;
	r->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_print(b);
	put_kept(r, b);
	put_lease(b);
	struct db_result sizes = req_query(r, Q_TABLE_SIZES, 0, NULL);
	bool there = sizes.status == DB_OK;
	put_gauge(b, "antenna_database_up", "Whether PostgreSQL answers.", there ? "1" : "0");
	metrics_family(b, "antenna_rows", "gauge", "Rows of a table, as PostgreSQL estimates them.");
	for (int i = 0; there && i < PQntuples(sizes.rows); i++)
		buf_printf(b, "antenna_rows{table=\"%s\"} %lld\n", row_text(r->arena, sizes.rows, i, 0),
			(long long)row_int(sizes.rows, i, 1));
	if (there)
		put_search(r, b);
	metrics_family(b, "antenna_service_up", "gauge", "Whether a program's socket is served.");
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		buf_printf(b, "antenna_service_up{program=\"%s\"} %d\n", services[i], accepts(services[i]));
	return 200;
}

static const struct route routes[] = {
	{ GET, "/health", ROLE_ANYONE, .limit = LIMIT_NONE, .handler = health, .answer = "health",
		.summary = "State of the service and what it needs" },
	{ GET, "/health/live", ROLE_ANYONE, .limit = LIMIT_NONE, .handler = live, .answer = "status",
		.summary = "Whether programs run at all" },
	{ GET, "/health/ready", ROLE_ANYONE, .limit = LIMIT_NONE, .handler = ready, .answer = "status",
		.summary = "Whether requests can be served" },
	{ GET, "/metrics", ROLE_ANYONE, .limit = LIMIT_NONE, .handler = metrics,
		.summary = "Counters for Prometheus: for administrators, and for this machine itself" },
	{ GET, "/admin/audit", ROLE_ADMIN, Q_AUDIT, .answer = "audit_entry",
		.summary = "What administrators changed, newest first",
		.params = { { "account", P_ID },
			{ "kind", P_TEXT, .min = 1, .max = 60, .doc = "schema.table, as in content.item" },
			{ "target", P_ID }, { "from", P_TIME }, { "to", P_TIME }, PAGE(2) } },
	{ GET, "/openapi.json", ROLE_ANYONE, .handler = openapi_document, .common = true,
		.answer = "openapi", .summary = "This document" },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "migrate", "[DIRECTORY]", migrate },
		{ "openapi", "BASE ANSWERS ROUTES…", openapi_make },
		{ 0 },
	};
	static const struct program program = {
		.name = "system",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = system_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.beside = listen_run,
		.beside_wanted = listen_wanted,
	};
	return program_main(&program, argc, argv);
}

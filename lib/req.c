/* A request's way: id, route, token, parameters, body, handler, answer. Every step may end it with
 * a problem. */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "command.h"
#include "conf.h"
#include "log.h"
#include "metrics.h"
#include "nodes.h"
#include "peer.h"
#include "req-parts.h"
#include "store.h"
#include "token.h"

#include <strings.h>
#include <sys/random.h>

const char *
req_env(const struct req *r, const char *name)
{
	for (char **e = r->env; *e; e++) {
		const char *at = *e, *to = name;
		while (*to && *at == *to)
			at++, to++;
		if (!*to && *at == '=')
			return at + 1;
	}
	return NULL;
}

const char *
req_base_url(struct req *r)
{
	const char *set = conf_text(CONF_PUBLIC_URL), *host = req_env(r, "HTTP_HOST");
	const char *scheme = req_env(r, "HTTPS") ? "https" : "http";
	return *set ? set : arena_printf(r->arena, "%s://%s", scheme, host ? host : "localhost");
}

void
req_takes(struct req *r, int seconds)
{
	r->watchdog(seconds);
	r->deadline_us = now_us() + (int64_t)seconds * 1000000;
}

void
req_header(struct req *r, const char *name, const char *value)
{
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			return; /* would be another header line */
	buf_printf(&r->headers, "%s: %s\r\n", name, value);
}

/* The kernel is asked for many at once. */
static uint64_t
next_random(void)
{
	static uint64_t numbers[32];
	static size_t left;
	if (!left && getrandom(numbers, sizeof numbers, 0) != sizeof numbers)
		return (uint64_t)now_us();
	left = left ? left : sizeof numbers / sizeof numbers[0];
	return numbers[--left];
}

/* The client's, when it has the form that goes into logs and headers unchanged; else a random one.
 */
static void
take_request_id(struct req *r)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *id = req_env(r, "HTTP_X_REQUEST_ID");
	size_t n = id ? strspn(id, allowed) : 0;
	if (id && n >= 8 && n <= REQUEST_ID_MAX && !id[n]) {
		memcpy(r->request_id, id, n + 1);
		return;
	}
	uint64_t random = next_random();
	for (int i = 0; i < 16; i++)
		r->request_id[i] = "0123456789abcdef"[random >> 4 * i & 15];
}

static bool
take_method(struct req *r)
{
	const char *name = req_env(r, "REQUEST_METHOD");
	if (!name)
		return false;
	r->head = !strcmp(name, "HEAD");
	if (r->head)
		name = "GET";
	for (r->method = GET; r->method < METHOD_COUNT; r->method++)
		if (!strcmp(name, method_name(r->method)))
			return true;
	return false; /* METHOD_COUNT: fits no route, but tells which methods the path has */
}

static void
header_allow(struct req *r, unsigned allow)
{
	struct buf b = buf_new(r->arena);
	for (enum method m = GET; m < METHOD_COUNT; m++)
		if (allow & 1u << m)
			buf_printf(&b, "%s%s, ", method_name(m), m == GET ? ", HEAD" : "");
	buf_puts(&b, "OPTIONS");
	req_header(r, "Allow", b.data);
}

/* 0: there is a route. */
static int
find_route(struct req *r)
{
	unsigned allow;
	take_method(r);
	const char *method = req_env(r, "REQUEST_METHOD");
	r->path = req_env(r, "PATH_INFO");
	if (!r->path || !utf8_valid(r->path, strlen(r->path)))
		return problem(r, 400, "invalid_path", "The path is not percent-encoded UTF-8.");
	r->route = route_match(r->program, r->method, r->path, r->path_values, &allow);
	if (r->route && r->route->elsewhere)
		return problem(
			r, 503, "misrouted", "The web server sent this request to the wrong program.");
	if (r->route)
		return 0;
	if (!allow)
		return problem(r, 404, "not_found", NULL);
	header_allow(r, allow);
	if (method && !strcmp(method, "OPTIONS"))
		return 204;
	return problem(r, 405, "method_not_allowed", "This address does not know that method.");
}

int
req_authenticate(struct req *r, enum role role)
{
	if (role == ROLE_ANYONE)
		return 0;
	const char *header = req_env(r, "HTTP_AUTHORIZATION");
	if (!header || !*header) {
		req_header(r, "WWW-Authenticate", "Bearer realm=\"antenna\"");
		return problem(
			r, 401, "token_missing", "This needs an access token: Authorization: Bearer …");
	}
	if (strncasecmp(header, "Bearer ", 7))
		return problem_token(
			r, "token_invalid", "The Authorization header is not a Bearer token.");
	if (role == ROLE_SERVICE && token_is_service(header + 7)) {
		r->claims.role = ROLE_SERVICE;
		return 0;
	}
	switch (token_verify(r->arena, header + 7, time(NULL), &r->claims)) {
	case TOKEN_OK: break;
	case TOKEN_EXPIRED:
		return problem_token(r, "token_expired", "The access token has expired. Refresh it.");
	case TOKEN_INVALID:
		return problem_token(r, "token_invalid", "The access token is not valid.");
	case TOKEN_NO_KEY:
		log_msg(LOG_ERROR, "TV_JWT_KEY has fewer than %d bytes: no token can be checked",
			TOKEN_MIN_KEY);
		return problem(r, 503, "not_configured", "The service has no key to check tokens with.");
	}
	if (role >= ROLE_ADMIN && r->claims.role != ROLE_ADMIN)
		return problem(r, 403, "forbidden", "This is for administrators.");
	return 0;
}

static enum limit_class
class_of(const struct route *route)
{
	if (route->limit != LIMIT_DEFAULT)
		return route->limit;
	return route->method == GET ? LIMIT_API : LIMIT_WRITE;
}

/* By account, without one by address; who comes with a bad token is an address. status: what
 * req_authenticate() said. */
static int
count(struct req *r, int status)
{
	struct timespec t;
	if (r->claims.role == ROLE_SERVICE)
		return status;
	r->rate = limit_of(class_of(r->route));
	if (!r->rate->name)
		return status;
	const char *subject = r->claims.account
		? arena_printf(r->arena, "account %lld", (long long)r->claims.account)
		: peer_network(r);
	clock_gettime(CLOCK_REALTIME, &t);
	r->rate_answer = limit_take(r->rate, subject, t.tv_sec * 1000000LL + t.tv_nsec / 1000);
	if (r->rate_answer.allowed)
		return status;
	metrics_limited((int)class_of(r->route));
	req_header(r, "Retry-After",
		arena_printf(r->arena, "%lld", (long long)(r->rate_answer.wait_us + 999999) / 1000000));
	return problem(r, 429, "rate_limited", "Too many requests. Wait before the next one.");
}

bool
req_guarded(const struct req *r)
{
	return route_guarded(r->route) && r->claims.role != ROLE_SERVICE;
}

struct db_guard
req_guard(struct req *r)
{
	return (struct db_guard){ arena_printf(r->arena, "%lld", (long long)r->claims.session),
		arena_printf(r->arena, "%lld", (long long)r->claims.account), role_name(r->claims.role),
		r->request_id, .several = false };
}

struct db_result
req_query(struct req *r, int query, int n, const char *const *values)
{
	struct db_guard guard, *guarded = NULL;
	if (req_guarded(r)) {
		guard = req_guard(r);
		guarded = &guard;
	}
	/* what came before (a password's hash) must not leave the database without any time */
	int64_t least = now_us() + REQ_DEADLINE_US / 4;
	return db_query(r->db, r->arena, query, n, values, guarded,
		r->method == GET && !r->route->writes, r->deadline_us > least ? r->deadline_us : least);
}

/* What a write made, as a read would answer it. */
static struct db_result
reread(struct req *r, const struct db_result *written)
{
	const char *id = PQntuples(written->rows) ? row_text(r->arena, written->rows, 0, 0) : NULL;
	if (!id)
		return *written;
	if (r->route->ok == 201)
		req_header(r, "Location", arena_printf(r->arena, "%s/%s", r->path, id));
	return req_query(r, r->route->reread, 1, &id);
}

int
req_run(struct req *r)
{
	struct db_result result = req_query(r, r->picked, r->n_values, r->values);
	if (result.status == DB_OK && r->route->reread) {
		if (PQntuples(result.rows) && PQgetisnull(result.rows, 0, 0))
			return problem(r, 404, "not_found", NULL);
		result = reread(r, &result);
	}
	if (result.status != DB_OK)
		return problem_db(r, &result);
	return rows_answer(r, result.rows, 0, PQntuples(result.rows));
}

const char *
body_string(const struct req *r, const char *member)
{
	struct json_object *v;
	if (!r->body || !json_object_object_get_ex(r->body, member, &v) || !v)
		return NULL;
	return json_object_get_string(v);
}

/* What an administrator changed must not be answered as it was, to anybody. Also when the outcome
 * is unknown. */
static void
end_kept_answers(struct req *r, int status)
{
	if (!r->route || r->route->role != ROLE_ADMIN || r->method == GET ||
		(status >= 400 && status < 500))
		return;
	for (enum cache tag = CACHE_CONTENT; tag <= CACHE_PLANS; tag++)
		if (r->program->changes & 1u << tag)
			store_changed(tag);
	if (r->program->changes && status < 400)
		nodes_tell(r->db, r->arena);
}

/* 0: it is good, and to be acted upon. */
static int
prepare(struct req *r)
{
	int status = find_route(r);
	if (!status)
		status = count(r, req_authenticate(r, r->route->role));
	if (!status)
		status = params_take(r);
	if (!status && r->route->choose)
		status = r->route->choose(r);
	r->found = !status && store_find(r);
	return r->found ? 200 : status;
}

void
req_begin(struct req *r)
{
	r->headers = buf_new(r->arena);
	r->out = buf_new(r->arena);
	r->content_type = "application/json";
	r->limit = INT64_MAX;
	r->started_us = now_us();
	r->deadline_us = r->started_us + REQ_DEADLINE_US;
	take_request_id(r);
	log_request_id(r->request_id);
	r->status = prepare(r);
}

void
req_act(struct req *r)
{
	log_request_id(r->request_id);
	if (!r->status)
		r->status = r->route->handler ? r->route->handler(r) : req_run(r);
}

void
req_end(struct req *r, struct buf *head)
{
	if (r->status == 200 && r->route->cache && !r->found)
		store_keep(r);
	end_kept_answers(r, r->status);
	r->queued |= r->route && r->method != GET && r->status < 300;
	reply(r, head);
	struct log_access entry = {
		.method = req_env(r, "REQUEST_METHOD"),
		.route = r->route ? r->route->path : "-",
		.status = r->status,
		.duration_us = now_us() - r->started_us,
		.account = r->claims.account,
		.bytes = r->begun ? r->sent : (int64_t)(head->len + r->out.len),
	};
	log_access(&entry);
	metrics_request(r->program, r->route, r->status, entry.duration_us);
	log_request_id(NULL);
}

/* Making, naming and filling indices, for the commands. */
#include "search-index.h"

#include "search-json.h"
#include "search.queries.h"
#include "tv.h"

#include <unistd.h>

enum { SEND_TRIES = 6, OLD_SECONDS = 2 };

static void
end_connection(void *conn)
{
	PQfinish(conn);
}

static void
end_result(void *result)
{
	PQclear(result);
}

PGconn *
index_connect(struct arena *a)
{
	PGconn *conn = db_command_connection("search");
	if (conn)
		arena_defer(a, end_connection, conn);
	return conn;
}

PGresult *
index_query(struct arena *a, PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = PQexecParams(conn, search_queries[query].sql, n, NULL, values, NULL, NULL, 1);
	arena_defer(a, end_result, r);
	if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	fprintf(stderr, "search: %s: %s", search_queries[query].name, PQresultErrorMessage(r));
	return NULL;
}

bool
index_lock(struct arena *a, PGconn *conn)
{
	PGresult *r = index_query(a, conn, Q_INDEX_LOCK, 0, NULL);
	if (r && row_int(r, 0, 0))
		return true;
	if (r)
		fprintf(stderr, "search: another command works on the index\n");
	return false;
}

struct es_answer
index_call(struct arena *a, const char *method, const char *path, const char *body)
{
	struct es_call call = {
		.method = method,
		.path = path,
		.body = body,
		.len = body ? strlen(body) : 0,
		.timeout_ms = ES_COMMAND_MS,
		.insist = true,
	};
	struct es_answer answer = es_try(a, &call);
	if (answer.status >= 300 && answer.status != 404) {
		const char *why = json_object_get_string(MEMBER(answer.json, "error", "reason"));
		fprintf(stderr, "search: %s %s: status %d%s%s\n", method, path, answer.status,
			why ? ": " : "", why ? why : "");
	} else if (!answer.status) {
		fprintf(stderr, "search: Elasticsearch does not answer\n");
	}
	return answer;
}

static const char *
own_digest(struct arena *a)
{
	return digest_hex(a, search_index_json, strlen(search_index_json));
}

bool
index_create(struct arena *a, const char *name)
{
	struct buf digest = buf_new(a);
	json_cstring(&digest, own_digest(a));
	const struct search_value values[] = { { "digest", digest.data }, { 0 } };
	struct buf body = search_fill(a, search_index_json, values);
	return index_call(a, "PUT", arena_printf(a, "/%s", name), body.data).status == 200;
}

/* The answer has the real name where an alias was asked for: the first member is it. */
static struct json_object *
first_member(struct json_object *o)
{
	if (!json_object_is_type(o, json_type_object))
		return NULL;
	struct json_object_iterator i = json_object_iter_begin(o), end = json_object_iter_end(o);
	return json_object_iter_equal(&i, &end) ? NULL : json_object_iter_peek_value(&i);
}

enum index_state
index_look(struct arena *a, const char *name)
{
	struct es_answer answer = index_call(a, "GET", arena_printf(a, "/%s/_mapping", name), NULL);
	if (answer.status == 404)
		return INDEX_MISSING;
	if (answer.status != 200)
		return INDEX_UNKNOWN;
	const char *digest =
		json_object_get_string(MEMBER(first_member(answer.json), "mappings", "_meta", "digest"));
	return digest && !strcmp(digest, own_digest(a)) ? INDEX_GOOD : INDEX_OTHER;
}

/* ALIAS-YYYYMMDDhhmmss: nobody else's index looks like that. */
static bool
is_ours(const char *name)
{
	size_t n = strlen(es_alias());
	return !strncmp(name, es_alias(), n) && name[n] == '-' &&
		strspn(name + n + 1, "0123456789") == 14 && strlen(name + n + 1) == 14;
}

static struct buf
alias_actions(struct arena *a, const char *name, struct json_object *holders)
{
	struct buf b = buf_new(a);
	buf_puts(&b, "{\"actions\":[");
	if (holders) {
		json_object_object_foreach(holders, old, value)
		{
			(void)value;
			if (strcmp(old, name))
				buf_printf(
					&b, "{\"remove\":{\"index\":\"%s\",\"alias\":\"%s\"}},", old, es_alias());
		}
	}
	buf_printf(&b, "{\"add\":{\"index\":\"%s\",\"alias\":\"%s\"}}]}", name, es_alias());
	return b;
}

bool
index_publish(struct arena *a, const char *name)
{
	static const char settings[] =
		"{\"index\":{\"refresh_interval\":\"500ms\",\"translog\":{\"durability\":\"request\"}}}";
	if (index_call(a, "PUT", arena_printf(a, "/%s/_settings", name), settings).status != 200 ||
		index_call(a, "POST", arena_printf(a, "/%s/_flush", name), NULL).status != 200 ||
		index_call(a, "POST", arena_printf(a, "/%s/_refresh", name), NULL).status != 200)
		return false;
	struct es_answer now = index_call(a, "GET", arena_printf(a, "/_alias/%s", es_alias()), NULL);
	if (now.status != 200 && now.status != 404)
		return false;
	struct buf body = alias_actions(a, name, now.status == 200 ? now.json : NULL);
	return index_call(a, "POST", "/_aliases", body.data).status == 200;
}

bool
index_sweep(struct arena *a, const char *keep)
{
	struct es_answer all = index_call(a, "GET", arena_printf(a, "/%s-*/_alias", es_alias()), NULL);
	if (all.status == 404)
		return true;
	if (all.status != 200 || !json_object_is_type(all.json, json_type_object))
		return false;
	sleep(OLD_SECONDS); /* searches that began in one of them end in it */
	bool good = true;
	json_object_object_foreach(all.json, name, value)
	{
		(void)value;
		if (is_ours(name) && strcmp(name, keep))
			good &= index_call(a, "DELETE", arena_printf(a, "/%s", name), NULL).status == 200;
	}
	return good;
}

/* True when nothing is left to be sent again. */
static bool
settled(const struct bulk_item *items, size_t n)
{
	bool all = true;
	for (size_t i = 0; i < n; i++) {
		if (items[i].verdict == BULK_REFUSED)
			fprintf(stderr, "search: refused: %s\n", items[i].why);
		all &= items[i].verdict != BULK_LATER;
	}
	return all;
}

struct index_sending {
	const char *index;
	size_t n;
	struct buf body;
	struct bulk_item *items;
	struct es_pending *pending;
};

struct index_sending *
index_send_begin(struct arena *a, const char *index, const PGresult *rows)
{
	struct index_sending *s = arena_alloc(a, sizeof *s);
	*s = (struct index_sending){ index, (size_t)PQntuples(rows), buf_new(a), NULL, NULL };
	if (!s->n)
		return s;
	s->items = arena_alloc(a, s->n * sizeof *s->items);
	bulk_add(&s->body, rows);
	s->pending = bulk_begin(a, index, &s->body, ES_COMMAND_MS);
	return s;
}

bool
index_send_end(struct arena *a, struct index_sending *s)
{
	if (!s->n || (bulk_end(a, s->pending, s->n, s->items) && settled(s->items, s->n)))
		return true;
	for (int i = 0; i < SEND_TRIES; i++) {
		usleep(250000u << i);
		if (bulk_send(a, s->index, &s->body, s->n, ES_COMMAND_MS, true, s->items) &&
			settled(s->items, s->n))
			return true;
	}
	fprintf(stderr, "search: Elasticsearch does not take documents\n");
	return false;
}

bool
index_send(struct arena *a, const char *index, const PGresult *rows)
{
	return index_send_end(a, index_send_begin(a, index, rows));
}

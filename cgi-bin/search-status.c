/* What an operator wants to know of Elasticsearch: over HTTP and on the command line. */
#include "search-commands.h"
#include "search-index.h"

#include "search-json.h"
#include "search.queries.h"
#include "tv.h"

enum { STATUS_MS = 1000 };

static struct es_answer
ask(struct arena *a, int timeout_ms, bool insist)
{
	struct es_call call = {
		.method = "POST",
		.path = arena_printf(
			a, "/%s/_search?filter_path=hits.total.value,aggregations.*.buckets", es_alias()),
		.body = search_status_json,
		.len = strlen(search_status_json),
		.timeout_ms = timeout_ms,
		.insist = insist,
	};
	return es_try(a, &call);
}

static void
write_kinds(struct buf *out, struct json_object *buckets)
{
	for (enum search_kind k = 0; k < KIND_COUNT; k++) {
		int64_t n = 0;
		for (size_t i = 0; i < json_object_array_length(buckets); i++) {
			struct json_object *bucket = json_object_array_get_idx(buckets, i);
			const char *key = json_object_get_string(MEMBER(bucket, "key"));
			if (key && !strcmp(key, search_kinds[k]))
				n = json_object_get_int64(MEMBER(bucket, "doc_count"));
		}
		json_key(out, search_kinds[k]);
		buf_int(out, n);
	}
}

/* The first name of a terms aggregation; NULL for none. */
static const char *
first_key(struct json_object *buckets)
{
	if (!json_object_is_type(buckets, json_type_array) || !json_object_array_length(buckets))
		return NULL;
	return json_object_get_string(MEMBER(json_object_array_get_idx(buckets, 0), "key"));
}

static void
write_status(struct buf *out, const struct es_answer *answer)
{
	struct json_object *kinds = MEMBER(answer->json, "aggregations", "kinds", "buckets");
	const char *name = first_key(MEMBER(answer->json, "aggregations", "names", "buckets"));
	const char *state = answer->status == 200 ? "ok"
		: answer->status == 404               ? "no_index"
		: es_available()                      ? "failing"
											  : "away";
	json_member(out, "status", state);
	json_member(out, "index", name);
	json_key(out, "documents");
	buf_putc(out, '{');
	if (json_object_is_type(kinds, json_type_array))
		write_kinds(out, kinds);
	buf_putc(out, '}');
}

void
engine_es_status(struct req *r, struct buf *out)
{
	struct es_answer answer = ask(r->arena, STATUS_MS, false);
	write_status(out, &answer);
}

static bool
print_database(struct arena *a, PGconn *conn)
{
	PGresult *waiting = index_query(a, conn, Q_INDEX_WAITING, 0, NULL);
	PGresult *total = index_query(a, conn, Q_INDEX_TOTAL, 0, NULL);
	if (!waiting || !total)
		return false;
	printf("documents %lld\nwaiting %lld, the oldest for %lld s\nrefused %lld\n",
		(long long)row_int(total, 0, 0), (long long)row_int(waiting, 0, 0),
		(long long)row_int(waiting, 0, 2), (long long)row_int(waiting, 0, 3));
	return true;
}

int
command_status(int argc, char **argv)
{
	(void)argc, (void)argv;
	struct arena *a = arena_new();
	PGconn *conn = index_connect(a);
	bool good = conn && print_database(a, conn);
	if (es_configured()) {
		struct es_answer answer = ask(a, ES_COMMAND_MS, true);
		struct buf b = buf_new(a);
		buf_putc(&b, '{');
		write_status(&b, &answer);
		printf("elasticsearch %s}\n", b.data);
		good &= answer.status == 200;
	} else {
		printf("elasticsearch not configured\n");
	}
	arena_free(a);
	return good ? 0 : 1;
}

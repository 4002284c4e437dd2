/* Searching by Elasticsearch: the template conf/search/query.json, filled, and the ids that come
 * back. Age and availability are filters of the template; what is shown is looked at again. */
#include "search-es.h"

#include "search-json.h"
#include "search.queries.h"

enum { CLOCK_TICK_MS = 200 };

struct json_object *
search_member(struct json_object *o, const char *const *names)
{
	for (; *names && o; names++) {
		struct json_object *v = NULL;
		if (json_object_is_type(o, json_type_object))
			json_object_object_get_ex(o, *names, &v);
		o = v;
	}
	return o;
}

enum search_kind
search_kind_of(const char *name, size_t len)
{
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (strlen(search_kinds[k]) == len && !memcmp(search_kinds[k], name, len))
			return k;
	return KIND_COUNT;
}

static const struct search_value *
find_value(const struct search_value *values, const char *name, size_t len)
{
	for (; values->name; values++)
		if (strlen(values->name) == len && !memcmp(values->name, name, len))
			return values;
	return NULL;
}

struct buf
search_fill(struct arena *a, const char *json, const struct search_value *values)
{
	struct buf b = buf_new(a);
	for (const char *mark; (mark = strstr(json, "\"@"));) {
		const char *name = mark + 2, *end = strstr(name, "@\"");
		const struct search_value *v = end ? find_value(values, name, (size_t)(end - name)) : NULL;
		if (!v)
			abort(); /* the template names what no caller gives */
		buf_add(&b, json, (size_t)(mark - json));
		buf_puts(&b, v->json);
		json = end + 2;
	}
	buf_puts(&b, json);
	return b;
}

static const char *
kinds_json(struct arena *a, const bool *kinds)
{
	struct buf b = buf_new(a);
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (kinds[k]) {
			buf_putc(&b, b.len ? ',' : '[');
			json_cstring(&b, search_kinds[k]);
		}
	buf_putc(&b, ']');
	return b.data;
}

/* nearly: typing errors are allowed for, which is most of the work. */
static struct buf
make_query(struct arena *a, const struct search_ask *ask, bool nearly)
{
	struct buf text = buf_new(a);
	json_cstring(&text, ask->text);
	const struct search_value typed[] = { { "text", text.data }, { 0 } };
	const struct search_value values[] = {
		{ "text", text.data },
		{ "nearly",
			nearly ? search_fill(a, search_nearly_json, typed).data : "{\"match_none\":{}}" },
		{ "kinds", kinds_json(a, ask->kinds) },
		{ "age", arena_printf(a, "%lld", (long long)ask->age) },
		/* so that it does not work for nobody; the clock that it looks at ticks five times a
		 * second, so less would end searches that have only just begun */
		{ "timeout",
			arena_printf(a, "\"%ldms\"", conf_int(CONF_ELASTICSEARCH_TIMEOUT) + CLOCK_TICK_MS) },
		{ "limit", arena_printf(a, "%zu", ask->limit) },
		{ "groups", ask->suggest ? "{}" : search_groups_json },
		{ 0 },
	};
	return search_fill(a, search_query_json, values);
}

/* _id is kind-id. */
static bool
take_hit(struct search_hits *hits, struct json_object *hit)
{
	const char *name = json_object_get_string(MEMBER(hit, "_id"));
	const char *dash = name ? strrchr(name, '-') : NULL;
	if (!dash || hits->n == SEARCH_MAX_HITS)
		return false;
	struct search_hit *to = &hits->list[hits->n];
	to->kind = search_kind_of(name, (size_t)(dash - name));
	to->score = json_object_get_double(MEMBER(hit, "_score"));
	if (to->kind == KIND_COUNT || !parse_int(dash + 1, 1, INT64_MAX, &to->id))
		return false;
	hits->n++;
	return true;
}

static bool
take_group(struct search_hits *hits, struct json_object *bucket)
{
	const char *name = json_object_get_string(MEMBER(bucket, "key"));
	enum search_kind kind = name ? search_kind_of(name, strlen(name)) : KIND_COUNT;
	if (kind == KIND_COUNT)
		return false;
	hits->groups[kind] = json_object_get_int64(MEMBER(bucket, "doc_count"));
	return true;
}

static size_t
length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* A search that was cut short, or missed a shard, is none: it would hide what is there. */
static bool
complete(struct json_object *answer)
{
	return json_object_is_type(MEMBER(answer, "timed_out"), json_type_boolean) &&
		!json_object_get_boolean(MEMBER(answer, "timed_out")) &&
		!json_object_get_int(MEMBER(answer, "_shards", "failed"));
}

static bool
take_answer(struct search_hits *hits, struct json_object *answer)
{
	struct json_object *list = MEMBER(answer, "hits", "hits");
	struct json_object *groups = MEMBER(answer, "aggregations", "kinds", "buckets");
	bool good = complete(answer);
	for (size_t i = 0; good && i < length(list); i++)
		good = take_hit(hits, json_object_array_get_idx(list, i));
	for (size_t i = 0; good && i < length(groups); i++)
		good = take_group(hits, json_object_array_get_idx(groups, i));
	return good;
}

/* After an absence the index lacks what was written meanwhile: until it is sent, PostgreSQL knows
 * better, and searches help with the sending. */
static bool
behind(struct req *r)
{
	struct db_result oldest = req_query(r, Q_INDEX_BEHIND, 0, NULL);
	r->queued =
		oldest.status == DB_OK && PQntuples(oldest.rows) && PQgetvalue(oldest.rows, 0, 0)[0];
	return r->queued;
}

struct es_call *
search_call(struct arena *a, const struct search_ask *ask, bool nearly)
{
	static const char wanted[] = "timed_out,_shards.failed,hits.hits._id,hits.hits._score,"
								 "aggregations.kinds.buckets";
	struct buf body = make_query(a, ask, nearly);
	struct es_call *call = arena_alloc(a, sizeof *call);
	*call = (struct es_call){
		.method = "POST",
		.path = arena_printf(a, "/%s/_search?filter_path=%s", es_alias(), wanted),
		.body = body.data,
		.len = body.len,
		.timeout_ms = (int)conf_int(CONF_ELASTICSEARCH_TIMEOUT),
	};
	return call;
}

static bool
try_search(struct req *r, const struct es_call *call, struct search_hits *hits)
{
	struct es_answer answer = es_try(r->arena, call);
	*hits = (struct search_hits){ 0 };
	if (answer.status == 200 && take_answer(hits, answer.json))
		return true;
	if (answer.status && answer.status != 404)
		log_msg(LOG_WARN, "Elasticsearch did not answer a search: status %d", answer.status);
	return false;
}

enum engine_status
engine_es_search(struct req *r, const struct search_ask *ask, struct search_hits *hits)
{
	if (!es_configured())
		return ENGINE_OFF;
	struct es_call *call = search_call(r->arena, ask, false);
	int64_t end = now_us() + call->timeout_ms * INT64_C(1000);
	if (!es_available())
		r->look = call;
	if (behind(r) || !es_available() || !try_search(r, call, hits))
		return ENGINE_AWAY;
	if (hits->n >= SEARCH_FEW)
		return ENGINE_OK;
	call = search_call(r->arena, ask, true);
	call->timeout_ms = (int)((end - now_us()) / 1000);
	return call->timeout_ms > 0 && try_search(r, call, hits) ? ENGINE_OK : ENGINE_AWAY;
}

bool
engine_es_configured(void)
{
	return es_configured();
}

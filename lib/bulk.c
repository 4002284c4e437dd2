/* _bulk answers 200 whatever became of the documents: each has a status of its own. */
#include "banned.h"

#include "bulk.h"

#include "arena.h"
#include "json.h"
#include "layout.h"
#include "req.h"

static void
add_action(struct buf *b, const char *action, const char *kind, int64_t id, int64_t version)
{
	buf_printf(b, "{\"%s\":{\"_id\":\"%s-%lld\",\"version\":%lld,\"version_type\":\"external\"}}\n",
		action, kind, (long long)id, (long long)version);
}

void
bulk_add(struct buf *b, const PGresult *rows)
{
	int kind = PQfnumber(rows, "kind"), id = PQfnumber(rows, "id");
	int version = PQfnumber(rows, "_version"), gone = PQfnumber(rows, "_gone");
	struct layout l = layout_of(b->arena, rows);
	for (int row = 0; row < PQntuples(rows); row++) {
		const char *kind_name = PQgetvalue(rows, row, kind);
		int64_t n = row_int(rows, row, id), v = row_int(rows, row, version);
		bool index = !PQgetvalue(rows, row, gone)[0];
		add_action(b, index ? "index" : "delete", kind_name, n, v);
		if (index) {
			layout_write(b, &l, row, row + 1);
			buf_putc(b, '\n');
		}
	}
}

static struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &v);
	return v;
}

/* {"index": {"status": 400, "error": {"type": …, "reason": …}}} */
static struct bulk_item
judge(struct arena *a, struct json_object *item)
{
	struct json_object *deleted = member(item, "delete");
	struct json_object *of = deleted ? deleted : member(item, "index");
	struct json_object *error = member(of, "error");
	int status = json_object_get_int(member(of, "status"));
	const char *type = json_object_get_string(member(error, "type"));
	const char *reason = json_object_get_string(member(error, "reason"));
	if ((status >= 200 && status < 300) || status == 409 || (deleted && status == 404 && !error))
		return (struct bulk_item){ BULK_DONE, NULL };
	if (status == 400)
		return (struct bulk_item){ BULK_REFUSED,
			arena_printf(a, "%s: %s", type ? type : "error", reason ? reason : "no reason") };
	return (struct bulk_item){ BULK_LATER, NULL };
}

static struct es_call
bulk_call(struct arena *a, const char *index, const struct buf *b, int timeout_ms)
{
	static const char options[] =
		"filter_path=items.*.status,items.*.error.type,items.*.error.reason";
	bool alias = !strcmp(index, es_alias());
	return (struct es_call){
		.method = "POST",
		.path =
			arena_printf(a, "/%s/_bulk?%s%s", index, options, alias ? "&require_alias=true" : ""),
		.body = b->data,
		.len = b->len,
		.lines = true,
		.timeout_ms = timeout_ms,
	};
}

static bool
judge_all(struct arena *a, const struct es_answer *answer, size_t n, struct bulk_item *items)
{
	struct json_object *list = member(answer->json, "items");
	if (answer->status != 200 || !json_object_is_type(list, json_type_array) ||
		json_object_array_length(list) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		items[i] = judge(a, json_object_array_get_idx(list, i));
	return true;
}

bool
bulk_send(struct arena *a, const char *index, const struct buf *b, size_t n, int timeout_ms,
	bool insist, struct bulk_item *items)
{
	struct es_call call = bulk_call(a, index, b, timeout_ms);
	call.insist = insist;
	struct es_answer answer = es_try(a, &call);
	return judge_all(a, &answer, n, items);
}

struct es_pending *
bulk_begin(struct arena *a, const char *index, const struct buf *b, int timeout_ms)
{
	struct es_call call = bulk_call(a, index, b, timeout_ms);
	return es_begin(a, &call);
}

bool
bulk_end(struct arena *a, struct es_pending *pending, size_t n, struct bulk_item *items)
{
	struct es_answer answer = es_end(a, pending);
	return judge_all(a, &answer, n, items);
}

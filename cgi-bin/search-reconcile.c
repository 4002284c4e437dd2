/* The index and the database, kind by kind, in order of ids. The index is read first: what is newer
 * in the database is then behind, what is newer in the index is not ours. Differences go to the
 * queue, and the queue is sent. */
#include "search-commands.h"
#include "search-index.h"

#include "search-json.h"
#include "search.queries.h"
#include "tv.h"

enum { PAGE_ROWS = 5000 };

struct version {
	int64_t id, version;
	bool gone;
};

struct page {
	struct version *list;
	size_t n;
};

/* Ids for search.repair: those that are behind, and those that must become newer than whatever the
 * index has or remembers. */
struct repairs {
	struct buf queue, renew;
	int64_t above;
	size_t n;
};

static bool
read_index(struct arena *a, enum search_kind kind, int64_t after, struct page *page)
{
	const struct search_value values[] = {
		{ "kind", arena_printf(a, "\"%s\"", search_kinds[kind]) },
		{ "after", arena_printf(a, "%lld", (long long)after) },
		{ "size", arena_printf(a, "%d", PAGE_ROWS) },
		{ 0 },
	};
	struct buf body = search_fill(a, search_versions_json, values);
	struct es_answer answer = index_call(a, "POST",
		arena_printf(a, "/%s/_search?filter_path=timed_out,_shards,hits.hits", es_alias()),
		body.data);
	struct json_object *hits = MEMBER(answer.json, "hits", "hits");
	if (answer.status != 200 || json_object_get_int(MEMBER(answer.json, "_shards", "failed")))
		return false;
	page->n = hits ? json_object_array_length(hits) : 0;
	page->list = arena_alloc(a, page->n * sizeof *page->list);
	for (size_t i = 0; i < page->n; i++) {
		struct json_object *hit = json_object_array_get_idx(hits, i);
		page->list[i].id = json_object_get_int64(json_object_array_get_idx(MEMBER(hit, "sort"), 0));
		page->list[i].version = json_object_get_int64(MEMBER(hit, "_version"));
	}
	return true;
}

static bool
read_database(struct arena *a, PGconn *conn, enum search_kind kind, int64_t after, int64_t to,
	struct page *page)
{
	const char *values[] = { search_kinds[kind], arena_printf(a, "%lld", (long long)after),
		arena_printf(a, "%lld", (long long)to), arena_printf(a, "%d", PAGE_ROWS) };
	PGresult *rows = index_query(a, conn, Q_INDEX_VERSIONS, 4, values);
	if (!rows)
		return false;
	page->n = (size_t)PQntuples(rows);
	page->list = arena_alloc(a, page->n * sizeof *page->list);
	for (int i = 0; i < (int)page->n; i++)
		page->list[i] =
			(struct version){ row_int(rows, i, 0), row_int(rows, i, 1), PQgetvalue(rows, i, 2)[0] };
	return true;
}

static void
note(struct buf *list, int64_t id)
{
	buf_putc(list, list->len ? ',' : '{');
	buf_int(list, id);
}

/* One id: what the index has and what the database has; NULL: nothing. */
static void
compare(struct repairs *to, const struct version *index, const struct version *database)
{
	bool wanted = database && !database->gone;
	if (wanted ? index && index->version == database->version : !index)
		return;
	to->n++;
	if (wanted && index && index->version < database->version)
		note(&to->queue, database->id);
	else
		note(&to->renew, database ? database->id : index->id);
	if (index && index->version > to->above)
		to->above = index->version;
}

static void
merge(struct repairs *to, const struct page *index, const struct page *database, int64_t up_to)
{
	size_t i = 0, d = 0;
	for (;;) {
		const struct version *x =
			i < index->n && index->list[i].id <= up_to ? &index->list[i] : NULL;
		const struct version *y = d < database->n ? &database->list[d] : NULL;
		if (!x && !y)
			return;
		bool take_x = x && (!y || x->id <= y->id), take_y = y && (!x || y->id <= x->id);
		compare(to, take_x ? x : NULL, take_y ? y : NULL);
		i += take_x;
		d += take_y;
	}
}

static bool
repair(struct arena *a, PGconn *conn, enum search_kind kind, struct buf *ids, const char *above)
{
	if (!ids->len)
		return true;
	buf_putc(ids, '}');
	const char *values[] = { search_kinds[kind], ids->data, above };
	return index_query(a, conn, Q_INDEX_REPAIR, 3, values);
}

/* From *after on; *after is INT64_MAX when the kind is done. */
static bool
compare_page(struct arena *a, PGconn *conn, enum search_kind kind, int64_t *after, size_t *n)
{
	struct page index, database;
	struct repairs to = { .queue = buf_new(a), .renew = buf_new(a) };
	if (!read_index(a, kind, *after, &index))
		return false;
	int64_t up_to = index.n == PAGE_ROWS ? index.list[index.n - 1].id : INT64_MAX;
	if (!read_database(a, conn, kind, *after, up_to, &database))
		return false;
	if (database.n == PAGE_ROWS)
		up_to = database.list[database.n - 1].id;
	merge(&to, &index, &database, up_to);
	*after = up_to;
	*n += to.n;
	return repair(a, conn, kind, &to.queue, NULL) &&
		repair(a, conn, kind, &to.renew, arena_printf(a, "%lld", (long long)to.above));
}

static bool
compare_all(PGconn *conn, size_t *n)
{
	struct arena *a = arena_new();
	bool good = true;
	for (enum search_kind kind = 0; good && kind < KIND_COUNT; kind++)
		for (int64_t after = 0; good && after < INT64_MAX; arena_reset(a))
			good = compare_page(a, conn, kind, &after, n);
	arena_free(a);
	return good;
}

bool
reconcile_with(struct arena *a, PGconn *conn, size_t *n)
{
	*n = 0;
	bool good =
		index_call(a, "POST", arena_printf(a, "/%s/_refresh", es_alias()), NULL).status == 200 &&
		compare_all(conn, n) && index_query(a, conn, Q_INDEX_RECONCILED, 0, NULL);
	if (good)
		fprintf(stderr, "search: reconcile: %zu differences\n", *n);
	return good;
}

int
reconcile_index(void)
{
	struct arena *a = arena_new();
	PGconn *conn = index_connect(a);
	size_t n = 0;
	bool good = conn && index_lock(a, conn) && reconcile_with(a, conn, &n);
	arena_free(a);
	return good && !n ? 0 : good ? drain_queue() : 1;
}

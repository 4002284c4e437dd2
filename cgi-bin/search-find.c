/* What a request searches for: Elasticsearch is asked first where there is one; PostgreSQL answers
 * when there is none, or it is away. What is shown is read from PostgreSQL in either case. */
#include "tv.h"

#include "search-find.h"
#include "search.h"
#include "search.queries.h"

const char *const search_kinds[KIND_COUNT] = {
	[KIND_MOVIE] = "movie",
	[KIND_SERIES] = "series",
	[KIND_CHANNEL] = "channel",
	[KIND_PROGRAMME] = "programme",
	[KIND_PERSON] = "person",
	[KIND_EPISODE] = "episode",
};

/* What was found: rows of the queries find or show, and how many of each kind there are. */
struct finding {
	const char *engine;
	bool degraded;
	const PGresult *rows;
	const char *groups; /* a JSON object */
};

static bool
take_kind(struct search_ask *ask, const char *name, size_t len)
{
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (strlen(search_kinds[k]) == len && !strncmp(search_kinds[k], name, len)) {
			bool again = ask->kinds[k];
			ask->kinds[k] = true;
			return !again;
		}
	return false;
}

/* "movie,series"; NULL is all. False: not such a list. */
static bool
take_kinds(struct search_ask *ask, const char *types)
{
	if (!types) {
		for (enum search_kind k = 0; k < KIND_COUNT; k++)
			ask->kinds[k] = true;
		return true;
	}
	for (const char *at = types;; at++) {
		size_t len = strcspn(at, ",");
		if (!take_kind(ask, at, len))
			return false;
		at += len;
		if (!*at)
			return true;
	}
}

/* The kinds as an array for SQL. */
static const char *
kinds_array(struct arena *a, const struct search_ask *ask)
{
	struct buf b = buf_new(a);
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (ask->kinds[k])
			buf_printf(&b, "%s%s", b.len ? "," : "{", search_kinds[k]);
	buf_putc(&b, '}');
	return b.data;
}

static const char *
number(struct req *r, int64_t n)
{
	return arena_printf(r->arena, "%lld", (long long)n);
}

/* Either query's first row has the groups, if PostgreSQL was the engine. */
static struct db_result
take_rows(struct req *r, struct db_result found, struct finding *out)
{
	if (found.status != DB_OK)
		return found;
	out->rows = found.rows;
	if (!out->groups && PQntuples(found.rows))
		out->groups = row_text(r->arena, found.rows, 0, PQfnumber(found.rows, "_groups"));
	return found;
}

static struct db_result
find_postgres(struct req *r, const struct search_ask *ask, struct finding *out)
{
	out->engine = "postgres";
	const char *values[] = { ask->text, kinds_array(r->arena, ask), number(r, ask->age),
		number(r, (int64_t)ask->limit) };
	return take_rows(r, req_query(r, Q_FIND, 4, values), out);
}

static const char *
groups_json(struct arena *a, const struct search_hits *hits)
{
	struct buf b = buf_new(a);
	buf_putc(&b, '{');
	for (enum search_kind k = 0; k < KIND_COUNT; k++)
		if (hits->groups[k]) {
			json_key(&b, search_kinds[k]);
			buf_int(&b, hits->groups[k]);
		}
	buf_putc(&b, '}');
	return b.data;
}

static struct db_result
show(struct req *r, const struct search_ask *ask, const struct search_hits *hits,
	struct finding *out)
{
	struct buf kinds = buf_new(r->arena), ids = buf_new(r->arena), scores = buf_new(r->arena);
	for (size_t i = 0; i < hits->n; i++) {
		const struct search_hit *h = &hits->list[i];
		char before = i ? ',' : '{';
		buf_printf(&kinds, "%c%s", before, search_kinds[h->kind]);
		buf_printf(&ids, "%c%lld", before, (long long)h->id);
		buf_printf(&scores, "%c%g", before, h->score);
	}
	const char *end = hits->n ? "}" : "{}";
	buf_puts(&kinds, end);
	buf_puts(&ids, end);
	buf_puts(&scores, end);
	out->groups = groups_json(r->arena, hits);
	const char *values[] = { ask->text, kinds.data, ids.data, scores.data, number(r, ask->age),
		number(r, (int64_t)ask->limit) };
	return take_rows(r, req_query(r, Q_SHOW, 6, values), out);
}

static struct db_result
find(struct req *r, const struct search_ask *ask, struct finding *out)
{
	struct search_hits *hits = arena_alloc(r->arena, sizeof *hits);
	struct search_ask more = *ask;
	/* a title's programmes may all be over, and an index may be behind */
	more.limit = ask->limit + 10;
	enum engine_status status = engine_es_search(r, &more, hits);
	out->degraded = status == ENGINE_AWAY;
	if (status != ENGINE_OK)
		return find_postgres(r, ask, out);
	out->engine = "elasticsearch";
	return show(r, ask, hits, out);
}

/* What the answer's ETag is made of: all of it but the time it took. */
static struct buf
rest_of_answer(struct req *r, const struct finding *found)
{
	struct buf b = buf_new(r->arena);
	buf_printf(&b, "\"engine\":\"%s\",\"degraded\":%s,\"items\":[", found->engine,
		found->degraded ? "true" : "false");
	rows_objects(&b, found->rows);
	buf_printf(&b, "],\"groups\":%s}", found->groups ? found->groups : "{}");
	return b;
}

static void
write_finding(struct req *r, const struct search_ask *ask, const struct finding *found)
{
	struct buf rest = rest_of_answer(r, found);
	r->etag = digest_etag(r->arena, rest.data, rest.len);
	buf_puts(&r->out, "{\"query\":");
	json_cstring(&r->out, ask->text);
	buf_printf(&r->out, ",\"took_ms\":%lld,", (long long)(now_us() - r->started_us) / 1000);
	buf_add(&r->out, rest.data, rest.len);
}

/* Without blanks at its ends; NULL when nothing is left. */
static const char *
trim(struct arena *a, const char *s)
{
	s += strspn(s, " ");
	size_t n = strlen(s);
	while (n && s[n - 1] == ' ')
		n--;
	return n ? arena_strndup(a, s, n) : NULL;
}

static int
answer(struct req *r, const struct search_ask *ask)
{
	struct finding found = { 0 };
	int64_t start = now_us();
	struct db_result result = find(r, ask, &found);
	if (result.status != DB_OK)
		return problem_db(r, &result);
	metrics_search(now_us() - start, !strcmp(found.engine, "elasticsearch"));
	write_finding(r, ask, &found);
	return 200;
}

/* $1 age, $2 text, $3 types, $4 limit */
int
search_global(struct req *r)
{
	struct search_ask ask = { .text = trim(r->arena, r->values[1]), .limit = (size_t)r->limit };
	if (!ask.text)
		return problem(r, 400, "invalid_parameter", "q holds nothing to search for.");
	if (!take_kinds(&ask, r->values[2]))
		return problem(r, 400, "invalid_parameter",
			"types is not a list of movie, series, episode, person, channel, programme.");
	ask.age = r->claims.age;
	return answer(r, &ask);
}

/* $1 age, $2 text */
int
search_suggest(struct req *r)
{
	struct search_ask ask = { .text = trim(r->arena, r->values[1]), .limit = 10, .suggest = true };
	if (!ask.text)
		return problem(r, 400, "invalid_parameter", "q holds nothing to search for.");
	take_kinds(&ask, NULL);
	ask.age = r->claims.age;
	return answer(r, &ask);
}

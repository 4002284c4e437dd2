/* The guide may change at any time, and what viewers have seen may not: so the plan is made a
 * little ahead, and what it says stays. The statement that keeps it does so only when nobody was
 * faster. */
#include "play-plan.h"
#include "tv.h"

#include "play.queries.h"

struct input {
	struct hls_item *list, *last_items;
	struct hls_span *spans;
	struct hls_run last;
	struct hls_plan plan;
};

enum { C_WHAT, C_SEQUENCE, C_DISCONTINUITY, C_STARTS, C_ENDS };

static void
take_row(const PGresult *rows, int row, const char *what, struct hls_item item, struct input *in)
{
	int64_t starts = row_int(rows, row, C_STARTS), ends = row_int(rows, row, C_ENDS);
	struct hls_plan *plan = &in->plan;
	if (!strcmp(what, "list")) {
		plan->from = starts;
		plan->until = ends;
		in->list[plan->n_items++] = item;
	} else if (!strcmp(what, "run")) {
		in->last_items[in->last.n_items++] = item;
		in->last.starts_at = starts;
		in->last.sequence = row_int(rows, row, C_SEQUENCE);
		in->last.discontinuity = row_int(rows, row, C_DISCONTINUITY);
		plan->last = &in->last;
	} else {
		struct hls_item *own = &in->list[PQntuples(rows) - 1 - (int)plan->n_spans];
		*own = item;
		in->spans[plan->n_spans++] = (struct hls_span){ starts, ends, own };
	}
}

/* Items of spans lie behind those of the list, from the end on. */
static void
take_rows(struct arena *a, const PGresult *rows, struct input *in)
{
	size_t n = (size_t)PQntuples(rows) + 1;
	*in = (struct input){ .list = arena_alloc(a, n * sizeof *in->list),
		.last_items = arena_alloc(a, n * sizeof *in->last_items),
		.spans = arena_alloc(a, n * sizeof *in->spans) };
	in->plan.items = in->list;
	in->plan.spans = in->spans;
	in->last.items = in->last_items;
	for (int row = 0; row < PQntuples(rows); row++) {
		struct hls_item item;
		if (item_read(a, rows, row, &item))
			take_row(rows, row, row_text(a, rows, row, C_WHAT), item, in);
	}
}

static void
put_run(struct buf *b, const struct hls_run *run)
{
	if (b->len > 1)
		buf_putc(b, ',');
	buf_printf(b, "{\"starts\":%lld,\"sequence\":%lld,\"discontinuity\":%lld,\"directories\":[",
		(long long)run->starts_at, (long long)run->sequence, (long long)run->discontinuity);
	for (int i = 0; i < run->n_items; i++) {
		if (i)
			buf_putc(b, ',');
		json_cstring(b, run->items[i].directory);
	}
	buf_puts(b, "]}");
}

static const char *
new_runs(struct arena *a, struct hls_plan *plan)
{
	struct buf b = buf_new(a);
	int64_t at = plan->from;
	struct hls_run next, kept;
	buf_putc(&b, '[');
	while (hls_plan_next(plan, &at, &next)) {
		put_run(&b, &next);
		kept = next;
		plan->last = &kept;
	}
	buf_putc(&b, ']');
	return b.data;
}

int
plan_channel(struct req *r, const char *channel, const char *planned)
{
	struct input in;
	const char *ask[] = { channel, planned, arena_printf(r->arena, "%d", PLAN_AHEAD) };
	struct db_result found = req_query(r, Q_LIVE_PLAN, 3, ask);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	take_rows(r->arena, found.rows, &in);
	if (!in.plan.n_items)
		return problem(r, 404, "no_stream", "The channel has nothing to show.");
	const char *until = arena_printf(r->arena, "%lld", (long long)in.plan.until);
	const char *keep[] = { channel, planned, until, new_runs(r->arena, &in.plan) };
	struct db_result kept = req_query(r, Q_LIVE_PLAN_SAVE, 4, keep);
	return kept.status == DB_OK ? 0 : problem_db(r, &kept);
}

/* The pages of the guide (live.guide_page) that are of new programmes only: made here, as
 * live.guide_pages_of() makes them, in less time than their rows take to be written. */
#include "livetv-guide-parts.h"

enum { PAGE_SECONDS = 8 * 3600, COLUMNS = 9, MANY_BYTES = 4 << 20 };

/* Of a record's values, in the order of COPY's columns. */
enum { V_TITLE, V_SUBTITLE, V_SYNOPSIS, V_CATEGORY, V_SEASON, V_EPISODE, V_MIN_AGE, N_VALUES };

int64_t
page_start(int64_t at)
{
	int64_t into = (at - PG_EPOCH_SECONDS) % PAGE_SECONDS;
	return at - (into < 0 ? into + PAGE_SECONDS : into);
}

struct pages
pages_new(struct arena *a)
{
	return (struct pages){
		.arena = a, .body = buf_new(a), .piece = buf_new(a), .rows = buf_new(a)
	};
}

static void
read_values(const struct guide_record *r, struct cell *cells)
{
	const char *at = r->values;
	for (int i = 0; i < N_VALUES; i++) {
		int len = (int)pgtype_int(at, 4);
		cells[i] = (struct cell){ at + 4, len, i < V_SEASON ? PG_TEXT : PG_INT4 };
		at += 4 + (len > 0 ? len : 0);
	}
}

/* What live.guide_pages_of() makes of it. */
static void
put_programme(struct buf *b, const struct cell *v, const struct pages_entry *e, int64_t id)
{
	b->len = 0;
	buf_puts(b, "{\"id\":");
	buf_int(b, id);
	buf_puts(b, ",\"title\":");
	pgtype_json(b, v[V_TITLE]);
	buf_puts(b, ",\"subtitle\":");
	pgtype_json(b, v[V_SUBTITLE]);
	buf_puts(b, ",\"start\":");
	json_time(b, e->start * 1000000);
	buf_puts(b, ",\"end\":");
	json_time(b, e->end * 1000000);
	buf_puts(b, ",\"category\":");
	pgtype_json(b, v[V_CATEGORY]);
	buf_puts(b, ",\"season\":");
	pgtype_json(b, v[V_SEASON]);
	buf_puts(b, ",\"episode\":");
	pgtype_json(b, v[V_EPISODE]);
	buf_puts(b, ",\"min_age\":");
	pgtype_json(b, v[V_MIN_AGE]);
	buf_puts(b, "},");
}

/* items, with space for more than the n that there are. */
static void *
with_room(struct arena *a, void *items, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return items;
	*room = *room ? 2 * *room : 64;
	void *more = arena_alloc(a, *room * size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

static void
remember_row(struct pages *p, size_t at)
{
	p->full = with_room(p->arena, p->full, p->n_full, &p->room_full, sizeof *p->full);
	p->full[p->n_full++] = (struct pages_row){ p->start, at, p->rows.len - at };
}

static void
end_page(struct pages *p)
{
	const struct pages_entry *e = p->entries;
	struct buf *out = &p->rows;
	size_t row = out->len;
	int max_age = 0, carried = 0;
	if (!p->n)
		return;
	for (size_t i = 0; i < p->n; i++) {
		max_age = e[i].min_age > max_age ? e[i].min_age : max_age;
		carried += e[i].start < p->start;
	}
	binary_row(out, COLUMNS);
	binary_int8(out, p->channel);
	binary_instant(out, p->start);
	binary_int2(out, (int16_t)max_age);
	binary_int2(out, (int16_t)carried);
	size_t at = binary_array(out, PG_TIMESTAMPTZ, p->n);
	for (size_t i = 0; i < p->n; i++)
		binary_instant(out, e[i].start);
	binary_array_end(out, at);
	at = binary_array(out, PG_TIMESTAMPTZ, p->n);
	for (size_t i = 0; i < p->n; i++)
		binary_instant(out, e[i].end);
	binary_array_end(out, at);
	at = binary_array(out, PG_INT2, p->n);
	for (size_t i = 0; i < p->n; i++)
		binary_int2(out, e[i].min_age);
	binary_array_end(out, at);
	at = binary_array(out, PG_INT4, p->n + 1);
	for (size_t i = 0; i < p->n; i++)
		binary_int4(out, e[i].at);
	binary_int4(out, (int32_t)p->body.len);
	binary_array_end(out, at);
	binary_bytes(out, p->body.data, p->body.len);
	remember_row(p, row);
	p->n = p->body.len = 0;
}

static int
by_time(const void *a, const void *b)
{
	const struct pages_row *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void
put_rows(struct pages *p, struct buf *out)
{
	if (p->n_full)
		qsort(p->full, p->n_full, sizeof *p->full, by_time);
	for (size_t i = 0; i < p->n_full; i++)
		buf_add(out, p->rows.data + p->full[i].at, p->full[i].len);
	p->n_full = p->rows.len = 0;
}

void
pages_flush(struct pages *p, struct buf *out)
{
	end_page(p);
	put_rows(p, out);
}

static void
append(struct pages *p, struct pages_entry e)
{
	p->entries = with_room(p->arena, p->entries, p->n, &p->room, sizeof *p->entries);
	e.at = (int32_t)p->body.len;
	p->entries[p->n++] = e;
	buf_add(&p->body, p->piece.data, p->piece.len);
}

void
pages_add(struct pages *p, struct buf *out, int64_t channel, const struct guide_record *r,
	int64_t id, int64_t start, int64_t end, int64_t from)
{
	struct cell values[N_VALUES];
	read_values(r, values);
	struct pages_entry e = { .start = start, .end = end,
		.min_age = (int16_t)pgtype_int(values[V_MIN_AGE].data, values[V_MIN_AGE].len) };
	put_programme(&p->piece, values, &e, id);
	for (int64_t page = page_start(start); page < end; page += PAGE_SECONDS) {
		if (page < from)
			continue;
		if (channel != p->channel || page != p->start)
			end_page(p);
		if (p->rows.len > MANY_BYTES)
			put_rows(p, out);
		p->channel = channel;
		p->start = page;
		append(p, e);
	}
}

/* Rows as an answer: one object or a list, its cursor and its headers (the names: layout.h). */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "cursor.h"
#include "layout.h"
#include "pgtype.h"
#include "url.h"

static struct cell
cell_at(const PGresult *rows, int row, int column)
{
	return (struct cell){ PQgetvalue(rows, row, column),
		PQgetisnull(rows, row, column) ? -1 : PQgetlength(rows, row, column),
		PQftype(rows, column) };
}

void
rows_object(struct buf *b, const PGresult *rows, int row)
{
	struct layout l = layout_of(b->arena, rows);
	layout_write(b, &l, row, row + 1);
}

void
rows_objects(struct buf *b, const PGresult *rows)
{
	struct layout l = layout_of(b->arena, rows);
	for (int row = 0; row < PQntuples(rows); row++) {
		if (row)
			buf_putc(b, ',');
		layout_write(b, &l, row, row + 1);
	}
}

/* The first row after row that belongs to the next item, before end. */
static int
next_item(const PGresult *rows, int row, int end, int key)
{
	int next = row + 1;
	if (key < 0)
		return next;
	int len = PQgetlength(rows, row, key);
	while (next < end && PQgetlength(rows, next, key) == len &&
		!memcmp(PQgetvalue(rows, next, key), PQgetvalue(rows, row, key), (size_t)len))
		next++;
	return next;
}

static const char *
text_at(struct arena *a, const PGresult *rows, int row, int column)
{
	struct buf b = buf_new(a);
	pgtype_text(&b, cell_at(rows, row, column));
	return b.data;
}

static void
take_headers(struct req *r, const struct layout *l, int row)
{
	int etag = layout_column(l, "_etag"), location = layout_column(l, "_location");
	if (etag >= 0)
		r->etag = arena_printf(r->arena, "\"%s\"", text_at(r->arena, l->rows, row, etag));
	if (location >= 0)
		req_header(r, "Location", text_at(r->arena, l->rows, row, location));
}

static int
one(struct req *r, const PGresult *rows, int from, int to)
{
	if (from == to)
		return problem(r, 404, "not_found", NULL);
	struct layout l = layout_of(r->arena, rows);
	take_headers(r, &l, from);
	layout_write(&r->out, &l, from, to);
	return r->route->ok ? r->route->ok : 200;
}

int
rows_one(struct req *r, const PGresult *rows)
{
	return one(r, rows, 0, PQntuples(rows));
}

/* Link: <…>; rel="next" (RFC 8288): the request's own address with the next cursor. */
static void
link_next(struct req *r, const char *cursor)
{
	struct buf b = buf_new(r->arena);
	buf_printf(&b, "<%s?", r->path);
	for (size_t i = 0; i < r->query.n; i++)
		if (strcmp(r->query.pairs[i].name, "cursor"))
			buf_printf(&b, "%s=%s&", r->query.pairs[i].name,
				url_encode(r->arena, r->query.pairs[i].value));
	buf_printf(&b, "cursor=%s>; rel=\"next\"", cursor);
	req_header(r, "Link", b.data);
}

/* Of a row, on average. */
static size_t
size_of(const PGresult *rows)
{
	return PQresultMemorySize(rows) / (size_t)PQntuples(rows);
}

static int
list(struct req *r, const PGresult *rows, int from, int to)
{
	struct layout l = layout_of(r->arena, rows);
	int none = layout_column(&l, "_none"), key = layout_column(&l, "_key"), row = from, last = from;
	if (from == to && none >= 0)
		return problem(r, 404, "not_found", NULL);
	if (from < to && none >= 0 && PQgetvalue(rows, from, none)[0])
		to = from; /* the only one */
	int64_t items = 0;
	if (from < to)
		buf_reserve(&r->out, size_of(rows) * (size_t)(to - from));
	buf_putc(&r->out, '{');
	buf_puts(&r->out, r->lead ? r->lead : "");
	buf_puts(&r->out, "\"items\":[");
	while (row < to && items < r->limit) {
		int next = next_item(rows, row, to, key);
		if (items)
			buf_putc(&r->out, ',');
		layout_write(&r->out, &l, row, next);
		last = row;
		row = next;
		items++;
	}
	buf_puts(&r->out, "],\"next\":");
	if (row < to) {
		const char *cursor = cursor_make(r, &l, last);
		json_cstring(&r->out, cursor);
		link_next(r, cursor);
	} else {
		buf_puts(&r->out, "null");
	}
	buf_putc(&r->out, '}');
	return r->route->ok ? r->route->ok : 200;
}

static bool
is_list(const struct route *route)
{
	for (const struct param *p = route->params; p->type != P_END; p++)
		if (p->type == P_CURSOR)
			return true;
	return route->list;
}

int
rows_answer(struct req *r, const PGresult *rows, int from, int to)
{
	if (is_list(r->route))
		return list(r, rows, from, to);
	if (r->route->answer_row && from < to)
		return r->route->answer_row(r, rows, from);
	return r->route->ok == 204 && from < to ? 204 : one(r, rows, from, to);
}

int64_t
row_int(const PGresult *rows, int row, int column)
{
	return pgtype_int(PQgetvalue(rows, row, column), PQgetlength(rows, row, column));
}

const char *
row_text(struct arena *a, const PGresult *rows, int row, int column)
{
	return PQgetisnull(rows, row, column) ? NULL : text_at(a, rows, row, column);
}

/* Rows as JSON, by the names of their columns:
 *   title           "title": …
 *   rating.code     "rating": {"code": …}; null when all of rating.* is null
 *   cast[].name     "cast": [{"name": …}]: array columns are taken element by element; other
 * columns row by row, over the rows that have the same _key _1 _2 …         sort keys, for the
 * cursor _none           true: this row says only that what the list belongs to exists; with this
 * column, no row is a 404 _etag _location headers
 */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "pgtype.h"
#include "url.h"

enum { MAX_COLUMNS = 64 };

/* Rows from to (not included) make one object; cells and names are those of the first. */
struct object {
	const PGresult *rows;
	int from, to;
	int column; /* of cells[0] */
	int n;
	const char *const *names;
	const struct cell *cells;
};

static void write_members(struct buf *b, const struct object *o);

static struct cell
cell_at(const PGresult *rows, int row, int column)
{
	return (struct cell){ PQgetvalue(rows, row, column),
		PQgetisnull(rows, row, column) ? -1 : PQgetlength(rows, row, column),
		PQftype(rows, column) };
}

static bool
all_null(const struct cell *cells, int n)
{
	for (int i = 0; i < n; i++)
		if (cells[i].len >= 0)
			return false;
	return true;
}

static void
comma(struct buf *b)
{
	char last = b->data[b->len - 1];
	if (last != '[' && last != '{')
		buf_putc(b, ',');
}

static void
write_element(struct buf *b, const struct object *o)
{
	comma(b);
	buf_putc(b, '{');
	write_members(b, o);
	buf_putc(b, '}');
}

/* The columns are arrays of equal length: element i of each makes one object. */
static void
write_zip(struct buf *b, const struct object *o)
{
	struct array_walk walks[MAX_COLUMNS];
	struct cell cells[MAX_COLUMNS];
	struct object element = *o;
	element.cells = cells;
	element.rows = NULL;
	for (int i = 0; i < o->n; i++)
		walks[i] = pgtype_walk(o->cells[i]);
	for (;;) {
		for (int i = 0; i < o->n; i++)
			if (!pgtype_next(&walks[i], &cells[i])) {
				if (!i)
					return;
				cells[i] = (struct cell){ NULL, -1, 0 };
			}
		write_element(b, &element);
	}
}

/* Each of the rows makes one object; a row of nulls (an outer join that found nothing) makes none.
 */
static void
write_fold(struct buf *b, const struct object *o)
{
	struct cell cells[MAX_COLUMNS];
	for (int row = o->from; row < o->to; row++) {
		for (int i = 0; i < o->n; i++)
			cells[i] = cell_at(o->rows, row, o->column + i);
		struct object element = *o;
		element.cells = cells;
		element.from = row;
		element.to = row + 1;
		if (!all_null(cells, o->n))
			write_element(b, &element);
	}
}

/* Columns i … of o that begin with the same prefix (of len bytes, the dot included). */
static int
group_size(const struct object *o, int i, size_t len)
{
	int n = 1;
	while (i + n < o->n && !strncmp(o->names[i + n], o->names[i], len))
		n++;
	return n;
}

static void
write_group(struct buf *b, const struct object *o, int i, int n, size_t prefix)
{
	const char *names[MAX_COLUMNS];
	for (int k = 0; k < n; k++)
		names[k] = o->names[i + k] + prefix;
	struct object group = *o;
	group.column += i;
	group.n = n;
	group.names = names;
	group.cells = o->cells + i;
	bool list = prefix > 3 && o->names[i][prefix - 2] == ']';
	size_t key_len = prefix - 1 - (list ? 2 : 0);
	comma(b);
	json_string(b, o->names[i], key_len);
	buf_putc(b, ':');
	if (!list && all_null(group.cells, n)) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, list ? '[' : '{');
	if (!list)
		write_members(b, &group);
	else if (pgtype_is_array(group.cells[0].type))
		write_zip(b, &group);
	else
		write_fold(b, &group);
	buf_putc(b, list ? ']' : '}');
}

static void
write_members(struct buf *b, const struct object *o)
{
	for (int i = 0; i < o->n;) {
		const char *name = o->names[i], *dot = strchr(name, '.');
		if (name[0] == '_') {
			i++;
		} else if (dot) {
			size_t prefix = (size_t)(dot - name) + 1;
			int n = group_size(o, i, prefix);
			write_group(b, o, i, n, prefix);
			i += n;
		} else {
			comma(b);
			json_string(b, name, strlen(name));
			buf_putc(b, ':');
			pgtype_json(b, o->cells[i]);
			i++;
		}
	}
}

static void
write_rows(struct buf *b, const PGresult *rows, int from, int to)
{
	const char *names[MAX_COLUMNS];
	struct cell cells[MAX_COLUMNS];
	int n = PQnfields(rows);
	if (n > MAX_COLUMNS)
		abort(); /* --check refuses such a query */
	for (int i = 0; i < n; i++) {
		names[i] = PQfname(rows, i);
		cells[i] = cell_at(rows, from, i);
	}
	struct object o = { rows, from, to, 0, n, names, cells };
	buf_putc(b, '{');
	write_members(b, &o);
	buf_putc(b, '}');
}

void
rows_object(struct buf *b, const PGresult *rows, int row)
{
	write_rows(b, rows, row, row + 1);
}

/* The first row after row that belongs to the next item. */
static int
next_item(const PGresult *rows, int row, int key)
{
	int n = PQntuples(rows), next = row + 1;
	if (key < 0)
		return next;
	int len = PQgetlength(rows, row, key);
	while (next < n && PQgetlength(rows, next, key) == len &&
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
take_headers(struct req *r, const PGresult *rows)
{
	int etag = PQfnumber(rows, "_etag"), location = PQfnumber(rows, "_location");
	if (etag >= 0)
		r->etag = arena_printf(r->arena, "\"%s\"", text_at(r->arena, rows, 0, etag));
	if (location >= 0)
		req_header(r, "Location", text_at(r->arena, rows, 0, location));
}

int
rows_one(struct req *r, const PGresult *rows)
{
	int n = PQntuples(rows);
	if (!n)
		return problem(r, 404, "not_found", NULL);
	take_headers(r, rows);
	write_rows(&r->out, rows, 0, n);
	return r->route->ok ? r->route->ok : 200;
}

/* base64url of the sort keys with U+001F between them. */
static const char *
make_cursor(struct arena *a, const PGresult *rows, int row)
{
	struct buf b = buf_new(a);
	for (int i = 1;; i++) {
		int column = PQfnumber(rows, (char[]){ '_', (char)('0' + i), 0 });
		if (column < 0)
			break;
		if (i > 1)
			buf_putc(&b, '\x1f');
		pgtype_text(&b, cell_at(rows, row, column));
	}
	return base64url_encode(a, b.data, b.len);
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

/* Rows to write: none when the only one is a _none. */
static int
count_rows(const PGresult *rows)
{
	int n = PQntuples(rows), none = PQfnumber(rows, "_none");
	return n && none >= 0 && PQgetvalue(rows, 0, none)[0] ? 0 : n;
}

int
rows_list(struct req *r, const PGresult *rows)
{
	if (!PQntuples(rows) && PQfnumber(rows, "_none") >= 0)
		return problem(r, 404, "not_found", NULL);
	int n = count_rows(rows), key = PQfnumber(rows, "_key"), row = 0, last = 0;
	int64_t items = 0;
	buf_putc(&r->out, '{');
	buf_puts(&r->out, r->lead ? r->lead : "");
	buf_puts(&r->out, "\"items\":[");
	while (row < n && items < r->limit) {
		int next = next_item(rows, row, key);
		comma(&r->out);
		write_rows(&r->out, rows, row, next);
		last = row;
		row = next;
		items++;
	}
	buf_puts(&r->out, "],\"next\":");
	if (row < n) {
		const char *cursor = make_cursor(r->arena, rows, last);
		json_cstring(&r->out, cursor);
		link_next(r, cursor);
	} else {
		buf_puts(&r->out, "null");
	}
	buf_putc(&r->out, '}');
	return r->route->ok ? r->route->ok : 200;
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

/* The rows of the one statement are handed out as if each had asked alone. */
#include "banned.h"

#include "together.h"

#include "arena.h"
#include "command.h"
#include "req.h"

/* Whether it awaits nothing but a statement that can answer others as well. */
static bool
asks(const struct req *r)
{
	return !r->status && r->program->queries[r->picked].together && !r->route->handler &&
		!r->route->reread && !req_guarded(r);
}

bool
together_may(const struct req *a, const struct req *b)
{
	return asks(a) && asks(b) && a->route == b->route && a->picked == b->picked;
}

static void
put_element(struct buf *b, const char *text)
{
	buf_putc(b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
	buf_putc(b, '"');
}

/* One parameter of all of them, as an array in PostgreSQL's form. */
static const char *
array_of(struct req *const *all, int n, int value)
{
	struct buf b = buf_new(all[0]->arena);
	for (int i = 0; i < n; i++) {
		const char *text = all[i]->values[value];
		buf_putc(&b, i ? ',' : '{');
		if (text)
			put_element(&b, text);
		else
			buf_puts(&b, "NULL");
	}
	buf_putc(&b, '}');
	return b.data;
}

static void
clear_result(void *rows)
{
	PQclear(rows);
}

static void
copy_row(PGresult *to, const PGresult *from, int row)
{
	int last = PQntuples(to);
	for (int column = 0; column < PQnfields(from); column++) {
		int length = PQgetisnull(from, row, column) ? -1 : PQgetlength(from, row, column);
		if (!PQsetvalue(to, last, column, PQgetvalue(from, row, column), length))
			abort();
	}
}

/* Those of the nth, whose number they have in their first column. */
static PGresult *
rows_of(struct arena *a, const PGresult *all, int nth)
{
	PGresult *rows = PQcopyResult(all, PG_COPYRES_ATTRS);
	if (!rows)
		abort();
	arena_defer(a, clear_result, rows);
	for (int row = 0; row < PQntuples(all); row++)
		if (row_int(all, row, 0) == nth)
			copy_row(rows, all, row);
	return rows;
}

void
together_act(struct req *const *all, int n)
{
	struct req *first = all[0];
	const char *values[REQ_MAX_VALUES];
	for (int i = 0; i < first->n_values; i++)
		values[i] = array_of(all, n, i);
	struct db_result found = req_query(first, first->picked + 1, first->n_values, values);
	for (int i = 0; i < n && found.status == DB_OK; i++) {
		struct db_result own = { .rows = rows_of(first->arena, found.rows, i + 1) };
		all[i]->status = req_answer(all[i], &own);
	}
}

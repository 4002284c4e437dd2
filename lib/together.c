/* The rows of the one statement are handed out as if each had asked alone. */
#include "banned.h"

#include "together.h"

#include "arena.h"
#include "command.h"
#include "log.h"
#include "req.h"

bool
together_asks(const struct req *r)
{
	return !r->status && r->program->queries[r->picked].together && !r->route->handler &&
		!r->route->reread && !req_guarded(r);
}

static bool
same(const struct req *a, const struct req *b)
{
	return together_asks(a) && together_asks(b) && a->route == b->route && a->picked == b->picked;
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

/* The rows of the nth, whose number is in the first column. False: they do not stand side by side,
 * by some plan that joined otherwise. */
static bool
rows_of(const PGresult *rows, int nth, int *from, int *to)
{
	int n = PQntuples(rows);
	for (*from = 0; *from < n && row_int(rows, *from, 0) != nth;)
		(*from)++;
	for (*to = *from; *to < n && row_int(rows, *to, 0) == nth;)
		(*to)++;
	for (int row = *to; row < n; row++)
		if (row_int(rows, row, 0) == nth)
			return false;
	return true;
}

static void
ask(struct req *const *all, int n)
{
	struct req *first = all[0];
	const char *values[REQ_MAX_VALUES];
	for (int i = 0; i < first->n_values; i++)
		values[i] = array_of(all, n, i);
	log_request_id(first->request_id);
	struct db_result found = req_query(first, first->picked + 1, first->n_values, values);
	for (int i = 0, from, to; i < n && found.status == DB_OK; i++)
		if (rows_of(found.rows, i + 1, &from, &to))
			all[i]->status = rows_answer(all[i], found.rows, from, to);
}

void
together_act(struct req *const *all, int n)
{
	bool tried[TOGETHER_MOST] = { false };
	for (int i = 0; i < n; i++) {
		struct req *some[TOGETHER_MOST];
		int m = 0;
		for (int k = i; k < n; k++)
			if (!tried[k] && same(all[i], all[k])) {
				some[m++] = all[k];
				tried[k] = true;
			}
		if (m > 1)
			ask(some, m);
	}
}

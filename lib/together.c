/* The rows of the one statement are handed out as if each had asked alone. */
#include "banned.h"

#include "together.h"

#include "arena.h"
#include "command.h"
#include "log.h"
#include "req.h"

static bool
shared(const struct req *r)
{
	return r->program->queries[r->picked].together;
}

/* Whether it has begun and now awaits nothing but a statement that may run twice. Not of
 * administrators: a transaction's changes are recorded as one's. */
static bool
asks(const struct req *r)
{
	return !r->status && !r->asked && !r->route->handler && !r->route->reread &&
		(shared(r) || (r->method == GET && !r->route->writes)) &&
		(!req_guarded(r) || r->claims.role == ROLE_USER);
}

static bool
same(const struct req *a, const struct req *b)
{
	return asks(a) && asks(b) && shared(a) && a->route == b->route &&
		a->picked == b->picked && req_guarded(a) == req_guarded(b);
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

/* An array in PostgreSQL's form. */
static const char *
array_of(struct arena *a, const char *const *texts, int n)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < n; i++) {
		buf_putc(&b, i ? ',' : '{');
		if (texts[i])
			put_element(&b, texts[i]);
		else
			buf_puts(&b, "NULL");
	}
	buf_putc(&b, '}');
	return b.data;
}

/* One parameter of all of them. */
static const char *
parameter(struct req *const *all, int n, int value)
{
	const char *texts[TOGETHER_MOST];
	for (int i = 0; i < n; i++)
		texts[i] = all[i]->values[value];
	return array_of(all[0]->arena, texts, n);
}

static struct db_guard
guard_all(struct req *const *all, int n)
{
	const char *sessions[TOGETHER_MOST], *accounts[TOGETHER_MOST], *roles[TOGETHER_MOST],
		*ids[TOGETHER_MOST];
	for (int i = 0; i < n; i++) {
		struct db_guard one = req_guard(all[i]);
		sessions[i] = one.session;
		accounts[i] = one.account;
		roles[i] = one.role;
		ids[i] = one.request_id;
	}
	struct arena *a = all[0]->arena;
	return (struct db_guard){ array_of(a, sessions, n), array_of(a, accounts, n),
		array_of(a, roles, n), array_of(a, ids, n), .several = true };
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

bool
together_open(const struct together *t)
{
	int n = t->n_all;
	return !n || (n < TOGETHER_MOST && asks(t->all[n - 1]) && shared(t->all[n - 1]));
}

int
together_query(const struct together *t)
{
	return t->some[0]->picked;
}

bool
together_shared(const struct together *t)
{
	return shared(t->some[0]);
}

/* Several in half of the time that is left: one that waits for a lock must not take all of it. */
static bool
ask(struct together *t)
{
	struct req *first = t->some[0];
	int64_t now = now_us(), left = first->deadline_us - now;
	const char *values[REQ_MAX_VALUES];
	struct db_guard guard;
	bool guarded = req_guarded(first), several = t->n > 1;
	for (int i = 0; i < first->n_values; i++)
		values[i] = several ? parameter(t->some, t->n, i) : first->values[i];
	if (guarded)
		guard = several ? guard_all(t->some, t->n) : req_guard(first);
	t->asked_us = now;
	t->deadline_us = several ? now + left / 2 : first->deadline_us;
	log_request_id(first->request_id);
	return left >= REQ_DEADLINE_US / 2 && db_ask(first->db, first->picked + several,
		first->n_values, values, guarded ? &guard : NULL, t->deadline_us);
}

bool
together_ask(struct together *t)
{
	t->n = 0;
	for (int i = 0; i < t->n_all; i++)
		if (t->n ? same(t->some[0], t->all[i]) : asks(t->all[i]))
			t->some[t->n++] = t->all[i];
	return t->n && ask(t);
}

void
together_answer(struct together *t)
{
	struct req *first = t->some[0];
	log_request_id(first->request_id);
	struct db_result found = db_answer(first->db, first->arena, t->deadline_us);
	/* one alone had all of its time */
	bool over = found.status == DB_REFUSED || now_us() >= t->deadline_us;
	if (t->n == 1 && found.status != DB_OK && over)
		first->status = problem_db(first, &found);
	for (int i = 0, from, to; i < t->n && found.status == DB_OK; i++)
		if (t->n == 1)
			first->status = rows_answer(first, found.rows, 0, PQntuples(found.rows));
		else if (rows_of(found.rows, i + 1, &from, &to))
			t->some[i]->status = rows_answer(t->some[i], found.rows, from, to);
	for (int i = 0; i < t->n; i++)
		t->some[i]->asked = true;
}

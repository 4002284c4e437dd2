/* A query of a route must take as many parameters as the row declares, and give columns of types
 * that can be written. */
#include "banned.h"

#include "check.h"

#include "arena.h"
#include "command.h"
#include "db.h"
#include "layout.h"
#include "pgtype.h"
#include "route.h"

static int
values_of(const struct route *r, const struct param *p)
{
	int members = 0;
	switch (p->type) {
	case P_CURSOR: return p->keys;
	case P_ENUM: return r->picks ? 0 : 1;
	case P_MEMBERS:
		while (p->body[members].type != P_END)
			members++;
		return members;
	default: return 1;
	}
}

static int
count_values(const struct route *r)
{
	int n = 0;
	for (const struct param *p = r->params; p->type != P_END; p++)
		n += values_of(r, p);
	return n;
}

static int
count_choices(const struct route *r)
{
	for (const struct param *p = r->params; r->picks && p->type != P_END; p++)
		if (p->type == P_ENUM) {
			int n = 1;
			for (const char *c = p->choices; *c; c++)
				n += *c == '|';
			return n;
		}
	return 0;
}

static bool
runs(const struct route *r, int query)
{
	int n = count_choices(r);
	for (int i = 0; i < n; i++)
		if (r->picks[i] == query)
			return true;
	return r->query == query; /* a reread's query is its own route's as well */
}

static int
cursor_keys(const struct route *r)
{
	for (const struct param *p = r->params; p->type != P_END; p++)
		if (p->type == P_CURSOR)
			return p->keys;
	return 0;
}

static bool
complain(const struct program *p, int query, const char *what, const char *about)
{
	fprintf(stderr, "%s: query %s: %s %s\n", p->name, p->queries[query].name, what, about);
	return false;
}

static bool
check_columns(struct arena *a, const struct program *p, int query, const PGresult *d,
	const struct route *r)
{
	if (PQnfields(d) > LAYOUT_MAX_COLUMNS)
		return complain(p, query, "too many columns", "");
	bool good = true;
	for (int i = 0; i < PQnfields(d); i++) {
		if (!pgtype_known(PQftype(d, i)))
			good = complain(p, query, "a type that is not written as JSON:", PQfname(d, i));
		if (strpbrk(PQfname(d, i), "\"\\"))
			good = complain(p, query, "a name that JSON would escape:", PQfname(d, i));
	}
	struct layout l = layout_of(a, d);
	for (int k = 1; k <= cursor_keys(r); k++)
		if (layout_column(&l, (char[]){ '_', (char)('0' + k), 0 }) < 0)
			good = complain(p, query, "lacks the sort keys of its cursor", r->path);
	return good;
}

static bool
expect(void *context, int query, const PGresult *d)
{
	const struct program *p = context;
	struct arena *a = arena_new();
	bool good = true;
	int of = p->queries[query - 1].together ? query - 1 : query;
	for (size_t i = 0; i < p->n_routes; i++) {
		const struct route *r = &p->routes[i];
		if (!runs(r, of))
			continue;
		if (PQnparams(d) != count_values(r))
			good = complain(p, query, "does not take the parameters of", r->path);
		good &= check_columns(a, p, query, d, r);
	}
	arena_free(a);
	return good;
}

int
check_program(const struct program *p)
{
	return db_check(p->name, p->queries, p->n_queries, expect, (void *)(uintptr_t)p) ? 0 : 1;
}

/* Matching is a walk over the table: some dozen rows, compared segment by segment. */
#include "banned.h"

#include "route.h"

#include "command.h"
#include "json.h"
#include "arena.h"
#include "req.h"

const char *
method_name(enum method m)
{
	static const char *const names[METHOD_COUNT] = {
		[GET] = "GET",
		[POST] = "POST",
		[PUT] = "PUT",
		[PATCH] = "PATCH",
		[DELETE] = "DELETE",
	};
	return names[m];
}

/* Whether path fits the pattern; values points to the rest of the path at each {name}. Literal
 * segments win by standing first in the table. */
static bool
path_fits(const char *pattern, const char *path, const char **values)
{
	int n = 0;
	while (*pattern && *path) {
		if (*pattern == '{') {
			if (*path == '/')
				return false;
			values[n++] = path;
			pattern += strcspn(pattern, "}") + 1;
			path += strcspn(path, "/");
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

const struct route *
route_match(const struct program *p, enum method method, const char *path, const char **values,
	unsigned *allow)
{
	const char *found[ROUTE_MAX_PATH_PARAMS];
	const char *pattern = NULL;
	*allow = 0;
	for (size_t i = 0; i < p->n_routes; i++) {
		const struct route *r = &p->routes[i];
		if (pattern ? strcmp(pattern, r->path) : !path_fits(r->path, path, found))
			continue;
		if (!pattern)
			memcpy(values, found, sizeof found);
		pattern = r->path;
		*allow |= 1u << r->method;
		if (r->method == method)
			return r;
	}
	return NULL;
}

bool
route_guarded(const struct route *r)
{
	return r->role != ROLE_ANYONE && (r->fresh || r->role >= ROLE_ADMIN || r->method != GET);
}

const struct param *
route_body(const struct route *r)
{
	for (const struct param *p = r->params; p->type != P_END; p++)
		if (p->type == P_BODY || p->type == P_MEMBERS)
			return p;
	return NULL;
}

/* ---- the table as JSON */

static void
put_string(struct buf *b, const char *name, const char *value)
{
	if (value)
		json_member(b, name, value);
}

static void
put_number(struct buf *b, const char *name, int64_t value)
{
	json_key(b, name);
	buf_int(b, value);
}

static void put_members(struct buf *b, const struct param *members);

static void
put_flag(struct buf *b, const char *name, bool on)
{
	if (!on)
		return;
	json_key(b, name);
	buf_puts(b, "true");
}

static void
put_param(struct buf *b, const struct param *p, const char *where)
{
	if (b->data[b->len - 1] == '}')
		buf_putc(b, ',');
	buf_putc(b, '{');
	put_string(b, "name", p->name);
	put_string(b, "in", where);
	put_string(b, "type", param_type_name(p->type));
	put_flag(b, "required", p->required || (where && !strcmp(where, "path")));
	put_flag(b, "nullable", p->nullable);
	if (p->min || p->type == P_INT)
		put_number(b, "min", p->min);
	if (p->max || p->type == P_INT)
		put_number(b, "max", p->max);
	if (p->def)
		put_number(b, "default", p->def);
	put_string(b, "choices", p->choices);
	put_string(b, "doc", p->doc);
	if (p->of) {
		json_key(b, "of");
		put_members(b, p->of);
	}
	buf_putc(b, '}');
}

static void
put_members(struct buf *b, const struct param *members)
{
	buf_putc(b, '[');
	for (; members->type != P_END; members++)
		put_param(b, members, NULL);
	buf_putc(b, ']');
}

static const char *
param_place(const struct route *r, const struct param *p)
{
	if (!p->name)
		return NULL;
	const char *at = strstr(r->path, p->name);
	return at && at > r->path && at[-1] == '{' && at[strlen(p->name)] == '}' ? "path" : "query";
}

static void
put_body(struct buf *b, const struct param *body)
{
	put_flag(b, "body_optional", body->nullable);
	json_key(b, "body");
	put_members(b, body->body);
}

static void
put_route(struct buf *b, const struct route *r)
{
	static const char *const caches[] = { NULL, "content", "live", "plans" };
	bool list = r->list, if_match = false;
	buf_putc(b, '{');
	put_string(b, "method", method_name(r->method));
	put_string(b, "path", r->path);
	put_string(b, "role", role_name(r->role));
	put_string(b, "summary", r->summary);
	put_string(b, "answer", r->answer);
	put_string(b, "cache", caches[r->cache]);
	put_number(b, "ok", r->ok ? r->ok : 200);
	json_key(b, "params");
	buf_putc(b, '[');
	for (const struct param *p = r->params; p->type != P_END; p++) {
		if (p->name)
			put_param(b, p, param_place(r, p));
		list |= p->type == P_CURSOR;
		if_match |= p->type == P_IF_MATCH;
	}
	buf_putc(b, ']');
	put_flag(b, "list", list);
	put_flag(b, "if_match", if_match);
	put_flag(b, "raw", r->raw);
	put_flag(b, "limited", r->limit != LIMIT_NONE);
	put_flag(b, "guarded", route_guarded(r));
	put_flag(b, "located", r->reread && r->ok == 201);
	if (route_body(r))
		put_body(b, route_body(r));
	buf_putc(b, '}');
}

int
route_print(const struct program *p)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a);
	buf_puts(&b, "[\n");
	for (size_t i = 0; i < p->n_routes; i++) {
		if (p->routes[i].elsewhere)
			continue;
		buf_puts(&b, b.len > 2 ? ",\n" : "");
		put_route(&b, &p->routes[i]);
	}
	buf_puts(&b, "\n]\n");
	bool written = fwrite(b.data, 1, b.len, stdout) == b.len && fflush(stdout) == 0;
	arena_free(a);
	return written ? 0 : 1;
}

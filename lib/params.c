/* The parameters of a request, in the order of the route's row: from the token, the path, the query
 * string, the body. */
#include "banned.h"

#include "req.h"

#include "arena.h"
#include "cursor.h"
#include "peer.h"
#include "req-parts.h"

#include <strings.h>

static int
bad(struct req *r, const char *name, const char *why)
{
	return problem(
		r, 400, "invalid_parameter", name ? arena_printf(r->arena, "%s %s.", name, why) : why);
}

static int
add(struct req *r, const char *value)
{
	if (r->n_values == REQ_MAX_VALUES)
		abort(); /* a route with more would not have passed --check */
	r->values[r->n_values++] = value;
	return 0;
}

static int
add_number(struct req *r, int64_t n)
{
	struct buf b = buf_new(r->arena);
	buf_int(&b, n);
	return add(r, b.data);
}

/* The path's text at {name}, up to its next slash; NULL when the path has no such parameter. */
static const char *
path_value(struct req *r, const char *name)
{
	size_t len = strlen(name);
	int i = 0;
	for (const char *p = r->route->path; (p = strchr(p, '{')); p++, i++)
		if (!strncmp(p + 1, name, len) && p[len + 1] == '}')
			return arena_strndup(r->arena, r->path_values[i], strcspn(r->path_values[i], "/"));
	return NULL;
}

const char *
query_value(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->query.n; i++)
		if (!strcmp(r->query.pairs[i].name, name))
			return r->query.pairs[i].value;
	return NULL;
}

static int
add_limit(struct req *r, const struct param *p, const char *text)
{
	int64_t n = p->def;
	if (text && !parse_int(text, 1, p->max, &n))
		return bad(r, p->name,
			arena_printf(r->arena, "must be a whole number from 1 to %lld", (long long)p->max));
	r->limit = n;
	return add_number(r, n);
}

static int
add_cursor(struct req *r, const struct param *p, const char *text)
{
	const char *keys[REQ_MAX_VALUES] = { 0 };
	if (text && !cursor_read(r, text, keys, p->keys))
		return problem(r, 400, "invalid_cursor", "The cursor is not one that this list gave out.");
	for (int i = 0; i < p->keys; i++)
		add(r, keys[i]);
	return 0;
}

/* "12", or several with commas; * fits whatever is there. What is no version of ours fits nothing.
 */
static int
add_if_match(struct req *r)
{
	static const char blank[] = " \t";
	const char *header = req_env(r, "HTTP_IF_MATCH");
	if (!header || !strcmp(header, "*"))
		return add(r, NULL);
	struct buf list = buf_new(r->arena);
	int64_t version;
	buf_puts(&list, "{-1");
	for (const char *at = header; *at; at += *at == ',') {
		at += strspn(at, blank);
		size_t n = strcspn(at, ", \t");
		bool alone = strchr(",", at[n + strspn(at + n, blank)]); /* or the end */
		if (alone && n > 2 && at[0] == '"' && at[n - 1] == '"' &&
			parse_int(arena_strndup(r->arena, at + 1, n - 2), 0, INT32_MAX, &version))
			buf_printf(&list, ",%d", (int)version);
		at += strcspn(at, ",");
	}
	buf_putc(&list, '}');
	return add(r, list.data);
}

static bool
is_json(const char *content_type)
{
	static const char json[] = "application/json";
	size_t n = sizeof json - 1;
	return content_type && !strncasecmp(content_type, json, n) &&
		(!content_type[n] || content_type[n] == ';' || content_type[n] == ' ');
}

/* 0, or the status of a problem: nothing is unpacked here. */
static int
check_media_type(struct req *r)
{
	const char *coding = req_env(r, "HTTP_CONTENT_ENCODING");
	if (!is_json(req_env(r, "CONTENT_TYPE")))
		return problem(r, 415, "unsupported_media_type", "The body must be application/json.");
	if (!coding || !*coding || !strcasecmp(coding, "identity"))
		return 0;
	req_header(r, "Accept-Encoding", "identity");
	return problem(r, 415, "unsupported_media_type", "The body must not have a Content-Encoding.");
}

/* Fetches the bytes. 0, or the status of a problem. */
static int
read_body(struct req *r, int64_t len)
{
	char *text = arena_alloc(r->arena, (size_t)len + 1);
	if (r->read_body(r->stream, text, (size_t)len) != (size_t)len)
		return problem(r, 400, "body_incomplete", "The body is shorter than its Content-Length.");
	r->body_text = text;
	r->body_len = (size_t)len;
	return 0;
}

static int
check_body(struct req *r, const struct param *p)
{
	const char *why;
	struct body_errors errors;
	r->body = json_read(r->arena, r->body_text, r->body_len, &why);
	if (!r->body)
		return problem(
			r, 400, "invalid_json", arena_printf(r->arena, "The body is not JSON: %s.", why));
	if (!p->unchecked && !json_check(r->arena, r->body, p->body, &errors))
		return problem_fields(r, &errors);
	if (p->type == P_BODY)
		return add(r, r->body_text);
	for (const struct param *m = p->body; m->type != P_END; m++)
		add(r, body_string(r, m->name));
	return 0;
}

int64_t
req_content_length(const struct req *r)
{
	const char *text = req_env(r, "CONTENT_LENGTH");
	int64_t n = 0;
	return !text || !*text ? 0 : parse_int(text, 0, INT64_MAX, &n) ? n : -1;
}

static int
add_body(struct req *r, const struct param *p)
{
	int64_t len = req_content_length(r);
	if (len < 0)
		return problem(r, 400, "invalid_length", "Content-Length is not a number.");
	if (len > REQ_MAX_BODY)
		return problem(r, 413, "body_too_large", "A body may have at most 65536 bytes.");
	if (!len)
		return p->nullable ? add(r, NULL)
						   : problem(r, 400, "body_missing", "This needs a JSON body.");
	int status = check_media_type(r);
	if (!status)
		status = read_body(r, len);
	return status ? status : check_body(r, p);
}

/* The choice of a parameter that picks the statement. */
static int
pick(struct req *r, const struct param *p, const char *text)
{
	const char *out, *wrong = text ? param_check(r->arena, p, text, &out) : NULL;
	if (wrong)
		return bad(r, p->name, wrong);
	int n = 0;
	for (const char *c = p->choices; text && strncmp(c, text, strlen(text)); n++)
		c += strcspn(c, "|") + 1;
	r->picked = r->route->picks[n];
	return 0;
}

static int
add_named(struct req *r, const struct param *p)
{
	const char *text = path_value(r, p->name), *out = NULL;
	if (!text)
		text = query_value(r, p->name);
	if (text && !*text)
		return bad(r, p->name, "must not be empty");
	if (p->type == P_LIMIT)
		return add_limit(r, p, text);
	if (p->type == P_CURSOR)
		return add_cursor(r, p, text);
	if (p->type == P_ENUM && r->route->picks)
		return pick(r, p, text);
	if (!text && p->required)
		return bad(r, p->name, "is missing");
	const char *wrong = text ? param_check(r->arena, p, text, &out) : NULL;
	return wrong ? bad(r, p->name, wrong) : add(r, out);
}

static int
add_param(struct req *r, const struct param *p)
{
	switch (p->type) {
	case P_ACCOUNT: return add_number(r, r->claims.account);
	case P_PROFILE: return add_number(r, r->claims.profile);
	case P_SESSION: return add_number(r, r->claims.session);
	case P_AGE: return add_number(r, r->claims.age);
	case P_ADDRESS: return add(r, peer_address(r));
	case P_CONST: return add(r, p->choices);
	case P_IF_MATCH: return add_if_match(r);
	case P_BODY:
	case P_MEMBERS: return add_body(r, p);
	default: return add_named(r, p);
	}
}

static bool
is_declared(const struct route *route, const char *name)
{
	for (const struct param *p = route->params; p->type != P_END; p++)
		if (p->name && !strcmp(p->name, name))
			return true;
	return false;
}

static int
parse_query_string(struct req *r)
{
	/* lighttpd has normalized QUERY_STRING ("%zz" became "%25zz"); REQUEST_URI is what the client
	 * sent */
	const char *target = req_env(r, "REQUEST_URI");
	const char *text = target ? strchr(target, '?') : req_env(r, "QUERY_STRING");
	text += text && target;
	const char *wrong = text ? url_parse_query(r->arena, text, &r->query) : NULL;
	if (wrong)
		return problem(
			r, 400, "invalid_query", arena_printf(r->arena, "Bad query string: %s.", wrong));
	for (size_t i = 0; i < r->query.n; i++) {
		const char *name = r->query.pairs[i].name;
		if (!is_declared(r->route, name) || path_value(r, name))
			return problem(r, 400, "unknown_parameter",
				arena_printf(r->arena, "There is no query parameter %s here.", name));
	}
	return 0;
}

int
params_take(struct req *r)
{
	int status = parse_query_string(r);
	r->picked = r->route->query;
	if (!status && !route_body(r->route) && !r->route->raw && req_content_length(r) != 0)
		status = problem(r, 400, "unexpected_body", "This takes no body.");
	for (const struct param *p = r->route->params; !status && p->type != P_END; p++)
		status = add_param(r, p);
	return status;
}

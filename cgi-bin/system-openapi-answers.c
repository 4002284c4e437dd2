/* The answers of an operation: its success, and every refusal by status with the codes that it may
 * have. Most refusals follow from the row; those of a family's own are in the answers' file. */
#include "tv.h"

#include "system-openapi-parts.h"

enum { FIRST_REFUSAL = 400, LAST_REFUSAL = 599 };

static bool
is_any(struct json_object *route)
{
	(void)route;
	return true;
}

static bool
has_params(struct json_object *route)
{
	return json_object_array_length(openapi_member(route, "params")) > 0;
}

static bool
has_param(struct json_object *route, const char *member, const char *value)
{
	struct json_object *params = openapi_member(route, "params");
	for (size_t i = 0; i < json_object_array_length(params); i++)
		if (!strcmp(openapi_text(json_object_array_get_idx(params, i), member), value))
			return true;
	return false;
}

static bool
is_paged(struct json_object *route)
{
	return has_param(route, "type", "cursor");
}

static bool
is_of_one(struct json_object *route)
{
	return has_param(route, "in", "path");
}

static bool
has_body(struct json_object *route)
{
	return openapi_member(route, "body");
}

static bool
needs_body(struct json_object *route)
{
	return has_body(route) && !openapi_flag(route, "body_optional");
}

static bool
has_no_body(struct json_object *route)
{
	return !has_body(route) && !openapi_flag(route, "raw");
}

static bool
is_signed(struct json_object *route)
{
	return strcmp(openapi_text(route, "role"), "anyone");
}

static bool
is_privileged(struct json_object *route)
{
	const char *role = openapi_text(route, "role");
	return !strcmp(role, "admin") || !strcmp(role, "service");
}

static bool
is_guarded(struct json_object *route)
{
	return openapi_flag(route, "guarded");
}

static bool
is_limited(struct json_object *route)
{
	return openapi_flag(route, "limited");
}

static bool
is_versioned(struct json_object *route)
{
	return openapi_flag(route, "if_match");
}

/* Which administrators read: what they write is answered with its version as well. */
static bool
has_version(struct json_object *route)
{
	const char *ok = openapi_text(route, "ok");
	return openapi_flag(route, "located") || (is_versioned(route) && !strcmp(ok, "200")) ||
		(!strcmp(ok, "200") && !strcmp(openapi_text(route, "method"), "GET"));
}

static bool
is_elsewhere(struct json_object *route)
{
	return openapi_flag(route, "located") || !strcmp(openapi_text(route, "ok"), "302");
}

/* Headers of a success: by the row, or by a header that the operation takes. */
static const struct header {
	const char *name, *component, *with;
	bool (*applies)(struct json_object *route);
} answer_headers[] = {
	{ "X-Request-Id", "request_id", NULL, is_any },
	{ "RateLimit-Policy", "rate_limit_policy", NULL, is_limited },
	{ "RateLimit", "rate_limit", NULL, is_limited },
	{ "ETag", "etag", NULL, has_version },
	{ "Location", "location", NULL, is_elsewhere },
	{ "Link", "link", NULL, is_paged },
	{ "Idempotency-Replayed", "idempotency_replayed", "idempotency_key", NULL },
	{ "Set-Cookie", "set_cookie", "refresh_mode", NULL },
};

/* Those of a refusal; the web server's own have the first one only. */
static const struct {
	const char *name, *component;
	int status; /* 0: any */
} refusal_headers[] = {
	{ "X-Request-Id", "request_id", 0 },
	{ "RateLimit-Policy", "rate_limit_policy", 0 },
	{ "RateLimit", "rate_limit", 0 },
	{ "WWW-Authenticate", "www_authenticate", 401 },
	{ "Set-Cookie", "set_cookie", 401 },
	{ "Set-Cookie", "set_cookie", 503 },
	{ "Idempotency-Replayed", "idempotency_replayed", 402 },
	{ "Accept-Encoding", "accept_encoding", 415 },
	{ "Retry-After", "retry_after", 429 },
	{ "Retry-After", "retry_after", 503 },
};

static void
add_header(struct json_object *headers, const char *name, const char *component)
{
	json_object_object_add(
		headers, name, openapi_made("{\"$ref\":\"#/components/headers/%s\"}", component));
}

static const struct rule {
	int status;
	const char *codes;
	bool (*applies)(struct json_object *route);
} rules[] = {
	{ 400, "bad_request invalid_path invalid_query unknown_parameter", is_any },
	{ 400, "invalid_parameter", has_params },
	{ 400, "invalid_cursor", is_paged },
	{ 400, "unexpected_body", has_no_body },
	{ 400, "body_incomplete invalid_json invalid_length", has_body },
	{ 400, "body_missing", needs_body },
	{ 401, "token_missing token_invalid token_expired", is_signed },
	{ 401, "session_ended role_changed", is_guarded },
	{ 403, "forbidden", is_privileged },
	{ 403, "account_suspended", is_guarded },
	{ 404, "not_found", is_of_one },
	{ 412, "version_changed", is_versioned },
	{ 413, "body_too_large", is_any },
	{ 414, "uri_too_long", is_any },
	{ 415, "unsupported_media_type", has_body },
	{ 422, "invalid_body", has_body },
	{ 429, "rate_limited", is_limited },
	{ 431, "headers_too_large", is_any },
	{ 503, "unavailable busy database_away database_full database_mismatch not_configured",
		is_any },
};

/* The codes of a status, with a blank between them; empty without any. */
static void
codes_of(struct document *d, struct json_object *route, int status, char *to, size_t size)
{
	char key[sizeof "-2147483648"];
	size_t n = 0;
	*to = 0;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].status == status && rules[i].applies(route))
			n += (size_t)snprintf(to + n, size - n, "%s%s", n ? " " : "", rules[i].codes);
	snprintf(key, sizeof key, "%d", status);
	struct json_object *refusals = openapi_member(openapi_operation(d, route), "refusals");
	const char *own = openapi_text(refusals, key);
	if (own)
		snprintf(to + n, size - n, "%s%s", n ? " " : "", own);
}

static struct json_object *
list_of_words(const char *words)
{
	struct json_object *list = json_object_new_array();
	for (size_t n; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		json_object_array_add(list, json_object_new_string_len(words, (int)n));
	}
	return list;
}

static struct json_object *
refusal(int status, const char *codes)
{
	struct json_object *out = openapi_made("{\"description\":\"%s\"}", codes);
	struct json_object *narrow = openapi_made(
		"{\"properties\":{\"status\":{\"const\":%d},\"code\":{}}}", status);
	struct json_object *code = openapi_member(openapi_member(narrow, "properties"), "code");
	struct json_object *schema = openapi_made(
		"{\"allOf\":[{\"$ref\":\"#/components/schemas/problem\"}]}");
	json_object_object_add(code, "enum", list_of_words(codes));
	json_object_array_add(openapi_member(schema, "allOf"), narrow);
	struct json_object *content = openapi_made("{\"application/problem+json\":{}}");
	json_object_object_add(openapi_member(content, "application/problem+json"), "schema", schema);
	struct json_object *headers = json_object_new_object();
	for (size_t i = 0; i < sizeof refusal_headers / sizeof refusal_headers[0]; i++)
		if (!refusal_headers[i].status || refusal_headers[i].status == status)
			add_header(headers, refusal_headers[i].name, refusal_headers[i].component);
	json_object_object_add(out, "headers", headers);
	json_object_object_add(out, "content", content);
	return out;
}

/* Refusals that are the same stand once, as component 409_2. The caller owns the reference. */
static struct json_object *
shared_refusal(struct document *d, int status, const char *codes)
{
	struct json_object *known = openapi_member(d->components, "responses"), *had;
	char name[32];
	for (int n = 1;; n++) {
		snprintf(name, sizeof name, "%d_%d", status, n);
		had = openapi_member(known, name);
		if (!had)
			json_object_object_add(known, name, refusal(status, codes));
		if (!had || !strcmp(openapi_text(had, "description"), codes))
			return openapi_made("{\"$ref\":\"#/components/responses/%s\"}", name);
	}
}

/* {"items": […], "next": …}, with the members that a list of this operation has besides. */
static struct json_object *
list_schema(const char *item, struct json_object *more)
{
	struct json_object *out = openapi_made(
		"{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"$ref\":"
		"\"#/components/schemas/%s\"}},\"next\":{\"type\":[\"string\",\"null\"],\"description\":"
		"\"cursor of the next page\"}},\"required\":[\"items\",\"next\"]}",
		item);
	if (!more)
		return out;
	json_object_object_foreach(more, name, schema)
	{
		json_object_object_add(openapi_member(out, "properties"), name, json_object_get(schema));
		json_object_array_add(openapi_member(out, "required"), json_object_new_string(name));
	}
	return out;
}

/* The example of a schema, or of a list of it; NULL: there is none. */
static struct json_object *
example(struct document *d, const char *answer, bool list, struct json_object *own)
{
	if (own)
		return openapi_made("{\"example\":{\"value\":%s}}", json_object_to_json_string(own));
	if (!openapi_member(openapi_member(d->components, "examples"), answer))
		return NULL;
	if (!list)
		return openapi_made("{\"%s\":{\"$ref\":\"#/components/examples/%s\"}}", answer, answer);
	struct json_object *one = openapi_member(
		openapi_member(openapi_member(d->components, "examples"), answer), "value");
	return openapi_made("{\"%s\":{\"value\":{\"items\":[%s],\"next\":null}}}", answer,
		json_object_to_json_string(one));
}

static struct json_object *
success_content(struct document *d, struct json_object *route)
{
	struct json_object *own = openapi_operation(d, route), *content = json_object_new_object();
	const char *answer = openapi_text(route, "answer"), *type = openapi_text(own, "type");
	struct json_object *media = json_object_new_object();
	bool list = openapi_flag(route, "list");
	if (answer)
		json_object_object_add(media, "schema",
			list ? list_schema(answer, openapi_member(own, "beside_items"))
				 : openapi_made("{\"$ref\":\"#/components/schemas/%s\"}", answer));
	else
		json_object_object_add(media, "schema", openapi_made("{\"type\":\"string\"}"));
	struct json_object *shown =
		example(d, answer ? answer : "", list, openapi_member(own, "example"));
	if (shown)
		json_object_object_add(media, "examples", shown);
	json_object_object_add(content, type ? type : "application/json", media);
	return content;
}

static bool
takes_header(struct json_object *own, const char *name)
{
	struct json_object *taken = openapi_member(own, "headers");
	for (size_t i = 0; taken && i < json_object_array_length(taken); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(taken, i)), name))
			return true;
	return false;
}

static struct json_object *
success_headers(struct document *d, struct json_object *route)
{
	struct json_object *own = openapi_operation(d, route), *out = json_object_new_object();
	for (size_t i = 0; i < sizeof answer_headers / sizeof answer_headers[0]; i++) {
		const struct header *h = &answer_headers[i];
		if (h->with ? takes_header(own, h->with) : h->applies(route))
			add_header(out, h->name, h->component);
	}
	if (openapi_flag(own, "located"))
		add_header(out, "Location", "location");
	return out;
}

static struct json_object *
success(struct document *d, struct json_object *route)
{
	const char *answer = openapi_text(route, "answer"), *ok = openapi_text(route, "ok");
	struct json_object *out = openapi_made("{\"description\":\"%s\"}",
		answer ? answer : !strcmp(ok, "302") ? "elsewhere" : "done");
	json_object_object_add(out, "headers", success_headers(d, route));
	if (answer || openapi_text(openapi_operation(d, route), "type"))
		json_object_object_add(out, "content", success_content(d, route));
	return out;
}

/* Other successes: a status and the schema of its answer. */
static void
add_others(struct document *d, struct json_object *route, struct json_object *out)
{
	struct json_object *also = openapi_member(openapi_operation(d, route), "also");
	if (!also)
		return;
	json_object_object_foreach(also, status, schema)
	{
		struct json_object *other =
			openapi_made("{\"description\":\"%s, not done yet\",\"content\":{\"application/json\":"
						 "{\"schema\":{\"$ref\":\"#/components/schemas/%s\"}}}}",
				json_object_get_string(schema), json_object_get_string(schema));
		json_object_object_add(other, "headers", success_headers(d, route));
		json_object_object_add(out, status, other);
	}
}

struct json_object *
openapi_answers(struct document *d, struct json_object *route)
{
	struct json_object *out = json_object_new_object();
	char codes[1000], key[sizeof "-2147483648"];
	json_object_object_add(out, openapi_text(route, "ok"), success(d, route));
	add_others(d, route, out);
	if (!strcmp(openapi_text(route, "method"), "GET"))
		json_object_object_add(
			out, "304", openapi_made("{\"$ref\":\"#/components/responses/not_modified\"}"));
	for (int status = FIRST_REFUSAL; status <= LAST_REFUSAL; status++) {
		codes_of(d, route, status, codes, sizeof codes);
		snprintf(key, sizeof key, "%d", status);
		if (*codes)
			json_object_object_add(out, key, shared_refusal(d, status, codes));
	}
	json_object_object_add(
		out, "default", openapi_made("{\"$ref\":\"#/components/responses/problem\"}"));
	return out;
}

/* Paths from route rows (https://spec.openapis.org/oas/v3.1.0). Schemas of answers stand in the
 * base document, examples and refusals in the answers' file; everything about parameters and bodies
 * is in the rows. */
#include "tv.h"

#include "system-openapi-parts.h"
#include "system-openapi.h"

#include <libgen.h>
#include <stdarg.h>
#include <unistd.h>

struct json_object *
openapi_member(struct json_object *o, const char *name)
{
	struct json_object *v;
	return o && json_object_object_get_ex(o, name, &v) ? v : NULL;
}

const char *
openapi_text(struct json_object *o, const char *name)
{
	struct json_object *v = openapi_member(o, name);
	return v ? json_object_get_string(v) : NULL;
}

bool
openapi_flag(struct json_object *o, const char *name)
{
	return json_object_get_boolean(openapi_member(o, name));
}

void
openapi_set(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_object_new_string(value));
}

struct json_object *
openapi_made(const char *format, ...)
{
	va_list list, again;
	va_start(list, format);
	va_copy(again, list);
	struct arena *a = arena_new();
	size_t size = (size_t)vsnprintf(NULL, 0, format, list) + 1;
	char *text = arena_alloc(a, size);
	vsnprintf(text, size, format, again);
	va_end(again);
	va_end(list);
	struct json_object *made = json_tokener_parse(text);
	if (!made)
		abort(); /* the format is ours */
	arena_free(a);
	return made;
}

struct json_object *
openapi_operation(struct document *d, struct json_object *route)
{
	char name[200];
	snprintf(
		name, sizeof name, "%s %s", openapi_text(route, "method"), openapi_text(route, "path"));
	return openapi_member(d->operations, name);
}

static struct json_object *
parameter(struct json_object *p)
{
	struct json_object *out = openapi_made("{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s}",
		openapi_text(p, "name"), openapi_text(p, "in"),
		openapi_flag(p, "required") ? "true" : "false");
	json_object_object_add(out, "schema", openapi_value(p));
	return out;
}

static void
add_header(struct json_object *list, const char *name)
{
	json_object_array_add(list, openapi_made("{\"$ref\":\"#/components/parameters/%s\"}", name));
}

static struct json_object *
parameters(struct json_object *route, struct json_object *own)
{
	struct json_object *params = openapi_member(route, "params"), *list = json_object_new_array();
	struct json_object *headers = openapi_member(own, "headers");
	for (size_t i = 0; i < json_object_array_length(params); i++)
		json_object_array_add(list, parameter(json_object_array_get_idx(params, i)));
	if (openapi_flag(route, "if_match"))
		add_header(list, "if_match");
	if (!strcmp(openapi_text(route, "method"), "GET"))
		add_header(list, "if_none_match");
	for (size_t i = 0; headers && i < json_object_array_length(headers); i++)
		add_header(list, json_object_get_string(json_object_array_get_idx(headers, i)));
	return list;
}

/* NULL: the operation takes no body. */
static struct json_object *
request_body(struct json_object *route, struct json_object *own)
{
	struct json_object *body = openapi_member(route, "body");
	struct json_object *example = openapi_member(own, "body");
	if (openapi_flag(route, "raw"))
		return openapi_made(
			"{\"required\":true,\"content\":{\"application/octet-stream\":{}}}");
	if (!body)
		return NULL;
	struct json_object *out =
		openapi_made("{\"required\":%s,\"content\":{\"application/json\":{}}}",
			openapi_flag(route, "body_optional") ? "false" : "true");
	struct json_object *media = openapi_member(openapi_member(out, "content"), "application/json");
	json_object_object_add(media, "schema", openapi_members(body));
	if (example)
		json_object_object_add(media, "example", json_object_get(example));
	return out;
}

/* GET /ondemand/movies/{id} → get_ondemand_movies_id */
static void
set_operation_id(struct json_object *operation, struct json_object *route, const char *method)
{
	char id[200];
	size_t n = (size_t)snprintf(id, sizeof id, "%s", method);
	for (const char *c = openapi_text(route, "path"); *c && n < sizeof id - 1; c++)
		if (isalnum((unsigned char)*c))
			id[n++] = *c;
		else if (id[n - 1] != '_' && c[1] && *c != '}')
			id[n++] = '_';
	id[n] = 0;
	openapi_set(operation, "operationId", id);
}

/* Who may ask, in words. */
static const char *
who(const char *role)
{
	return !strcmp(role, "admin") ? "For administrators."
		: !strcmp(role, "service") ? "For administrators, and with the token of TV_SERVICE_TOKEN."
								   : NULL;
}

static struct json_object *
operation(struct document *d, struct json_object *route, const char *method, const char *tag)
{
	const char *role = openapi_text(route, "role");
	struct json_object *o = json_object_new_object();
	struct json_object *own = openapi_operation(d, route);
	set_operation_id(o, route, method);
	if (openapi_text(route, "summary"))
		openapi_set(o, "summary", openapi_text(route, "summary"));
	if (who(role))
		openapi_set(o, "description", who(role));
	json_object_object_add(o, "tags", openapi_made("[\"%s\"]", tag));
	json_object_object_add(o, "parameters", parameters(route, own));
	struct json_object *body = request_body(route, own);
	if (body)
		json_object_object_add(o, "requestBody", body);
	if (!strcmp(role, "anyone"))
		json_object_object_add(o, "security", json_object_new_array());
	json_object_object_add(o, "responses", openapi_answers(d, route));
	return o;
}

static void
add_route(struct document *d, struct json_object *paths, struct json_object *route, const char *tag)
{
	const char *name = openapi_text(route, "path");
	struct json_object *path = openapi_member(paths, name);
	char method[8] = "";
	for (size_t i = 0; i < sizeof method - 1 && openapi_text(route, "method")[i]; i++)
		method[i] = (char)tolower(openapi_text(route, "method")[i]);
	if (!path) {
		path = json_object_new_object();
		json_object_object_add(paths, name, path);
	}
	json_object_object_add(path, method, operation(d, route, method, tag));
}

/* The program's name is the file's: build/gen/ondemand.routes.json. */
static bool
add_file(struct document *d, struct json_object *paths, const char *file)
{
	struct json_object *rows = json_object_from_file(file);
	if (!json_object_is_type(rows, json_type_array)) {
		fprintf(stderr, "openapi: %s is no route table\n", file);
		return false;
	}
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	char tag[64];
	snprintf(tag, sizeof tag, "%.*s", (int)strcspn(name, "."), name);
	for (size_t i = 0; i < json_object_array_length(rows); i++)
		add_route(d, paths, json_object_array_get_idx(rows, i), tag);
	json_object_put(rows);
	return true;
}

int
openapi_make(int argc, char **argv)
{
	struct json_object *base = argc > 3 ? json_object_from_file(argv[1]) : NULL;
	struct json_object *answers = base ? json_object_from_file(argv[2]) : NULL;
	if (!answers) {
		fprintf(stderr, "usage: system openapi BASE ANSWERS ROUTES…\n");
		return 2;
	}
	struct document d = { base, openapi_member(base, "components"),
		openapi_member(answers, "operations") };
	struct json_object *paths = json_object_new_object();
	json_object_object_add(base, "paths", paths);
	json_object_object_add(
		d.components, "examples", json_object_get(openapi_member(answers, "examples")));
	bool good = true;
	for (int i = 3; i < argc; i++)
		good = good && add_file(&d, paths, argv[i]);
	if (good)
		puts(json_object_to_json_string_ext(base, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(base);
	json_object_put(answers);
	return good && fflush(stdout) == 0 ? 0 : 1;
}

/* Beside the program. */
static const char *
document_path(struct arena *a)
{
	char *exe = arena_alloc(a, 4096);
	if (readlink("/proc/self/exe", exe, 4095) < 0)
		return NULL;
	return arena_printf(a, "%s/openapi.json", dirname(exe));
}

int
openapi_document(struct req *r)
{
	const char *path = document_path(r->arena);
	FILE *f = path ? fopen(path, "re") : NULL;
	if (!f)
		return problem(r, 503, "not_built", "The description of the API is not there.");
	size_t n;
	do {
		n = fread(buf_reserve(&r->out, 65536), 1, 65536, f);
		r->out.len += n;
	} while (n);
	fclose(f);
	r->out.data[r->out.len] = 0;
	return 200;
}

/* Paths from route rows (https://spec.openapis.org/oas/v3.1.0). Schemas of answers stand in the
 * base document; everything about parameters and bodies is in the rows. */
#include "tv.h"

#include "system-openapi.h"

#include <libgen.h>
#include <unistd.h>

static const char *
text(struct json_object *o, const char *name)
{
	struct json_object *v;
	return json_object_object_get_ex(o, name, &v) ? json_object_get_string(v) : NULL;
}

static bool
flag(struct json_object *o, const char *name)
{
	struct json_object *v;
	return json_object_object_get_ex(o, name, &v) && json_object_get_boolean(v);
}

static void
set(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_object_new_string(value));
}

static void
set_ref(struct json_object *o, const char *kind, const char *name)
{
	char ref[200];
	snprintf(ref, sizeof ref, "#/components/%s/%s", kind, name);
	set(o, "$ref", ref);
}

/* minimum/maximum for numbers, lengths for texts. */
static void
copy_limits(struct json_object *schema, struct json_object *p, const char *low, const char *high)
{
	struct json_object *v;
	if (json_object_object_get_ex(p, "min", &v))
		json_object_object_add(schema, low, json_object_get(v));
	if (json_object_object_get_ex(p, "max", &v))
		json_object_object_add(schema, high, json_object_get(v));
	if (json_object_object_get_ex(p, "default", &v))
		json_object_object_add(schema, "default", json_object_get(v));
}

struct form {
	const char *type; /* of a parameter's row */
	const char *json_type;
	const char *format, *pattern;
};

static const struct form forms[] = {
	{ "id", "integer", "int64", NULL },
	{ "int", "integer", NULL, NULL },
	{ "limit", "integer", NULL, NULL },
	{ "bool", "boolean", NULL, NULL },
	{ "slug", "string", NULL, "^[a-z0-9]+(-[a-z0-9]+)*$" },
	{ "country", "string", NULL, "^[A-Z]{2}$" },
	{ "language", "string", NULL, "^[a-z]{2,3}(-[A-Za-z0-9-]+)?$" },
	{ "time", "string", "date-time", NULL },
	{ "date", "string", "date", NULL },
	{ "tz", "string", NULL, "^[A-Z][A-Za-z0-9/_+-]*$" },
	{ "ids", "string", NULL, "^[0-9]+(,[0-9]+)*$" },
	{ "email", "string", "email", NULL },
	{ "password", "string", "password", NULL },
	{ "url", "string", "uri-reference", NULL },
};

static void
set_choices(struct json_object *schema, const char *choices)
{
	struct json_object *list = json_object_new_array();
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");
		json_object_array_add(list, json_object_new_string_len(choices, (int)n));
		choices += n + (choices[n] == '|');
	}
	json_object_object_add(schema, "enum", list);
}

static struct json_object *members_schema(struct json_object *members);

static void
set_type(struct json_object *schema, const char *type, bool nullable)
{
	if (!nullable) {
		set(schema, "type", type);
		return;
	}
	struct json_object *either = json_object_new_array();
	json_object_array_add(either, json_object_new_string(type));
	json_object_array_add(either, json_object_new_string("null"));
	json_object_object_add(schema, "type", either);
}

static void
fill_scalar(struct json_object *schema, struct json_object *p, const char *type)
{
	const struct form *form = NULL;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (!strcmp(forms[i].type, type))
			form = &forms[i];
	bool number = form && !strcmp(form->json_type, "integer");
	set_type(schema, form ? form->json_type : "string", flag(p, "nullable"));
	if (form && form->format)
		set(schema, "format", form->format);
	if (form && form->pattern)
		set(schema, "pattern", form->pattern);
	if (!strcmp(type, "enum"))
		set_choices(schema, text(p, "choices"));
	if (!strcmp(type, "id") || !strcmp(type, "limit"))
		json_object_object_add(schema, "minimum", json_object_new_int(1));
	if (strcmp(type, "ids"))
		copy_limits(schema, p, number ? "minimum" : "minLength", number ? "maximum" : "maxLength");
	if (!strcmp(type, "password")) {
		json_object_object_add(schema, "minLength", json_object_new_int(8));
		json_object_object_add(schema, "maxLength", json_object_new_int(72));
	}
}

static struct json_object *
param_schema(struct json_object *p)
{
	const char *type = text(p, "type");
	struct json_object *of = NULL, *schema = json_object_new_object();
	json_object_object_get_ex(p, "of", &of);
	if (!strcmp(type, "list")) {
		struct json_object *first = json_object_array_get_idx(of, 0);
		set_type(schema, "array", flag(p, "nullable"));
		json_object_object_add(
			schema, "items", text(first, "name") ? members_schema(of) : param_schema(first));
		copy_limits(schema, p, "minItems", "maxItems");
	} else if (!strcmp(type, "object")) {
		json_object_put(schema);
		schema = members_schema(of);
	} else {
		fill_scalar(schema, p, type);
	}
	if (text(p, "doc"))
		set(schema, "description", text(p, "doc"));
	return schema;
}

static struct json_object *
members_schema(struct json_object *members)
{
	struct json_object *schema = json_object_new_object(), *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();
	set(schema, "type", "object");
	json_object_object_add(schema, "additionalProperties", json_object_new_boolean(false));
	for (size_t i = 0; i < json_object_array_length(members); i++) {
		struct json_object *p = json_object_array_get_idx(members, i);
		json_object_object_add(properties, text(p, "name"), param_schema(p));
		if (flag(p, "required"))
			json_object_array_add(required, json_object_new_string(text(p, "name")));
	}
	json_object_object_add(schema, "properties", properties);
	json_object_object_add(schema, "required", required);
	return schema;
}

static struct json_object *
parameters(struct json_object *route)
{
	struct json_object *params, *list = json_object_new_array();
	json_object_object_get_ex(route, "params", &params);
	for (size_t i = 0; i < json_object_array_length(params); i++) {
		struct json_object *p = json_object_array_get_idx(params, i),
						   *out = json_object_new_object();
		set(out, "name", text(p, "name"));
		set(out, "in", text(p, "in"));
		json_object_object_add(out, "required", json_object_new_boolean(flag(p, "required")));
		json_object_object_add(out, "schema", param_schema(p));
		json_object_array_add(list, out);
	}
	return list;
}

static struct json_object *
content(const char *type, struct json_object *schema)
{
	struct json_object *media = json_object_new_object(), *out = json_object_new_object();
	json_object_object_add(media, "schema", schema);
	json_object_object_add(out, type, media);
	return out;
}

static struct json_object *
list_of(struct json_object *item)
{
	struct json_object *items = json_object_new_object(), *next = json_object_new_object();
	struct json_object *properties = json_object_new_object(), *out = json_object_new_object();
	set(items, "type", "array");
	json_object_object_add(items, "items", item);
	set_type(next, "string", true);
	set(next, "description", "cursor of the next page");
	json_object_object_add(properties, "items", items);
	json_object_object_add(properties, "next", next);
	set(out, "type", "object");
	json_object_object_add(out, "properties", properties);
	return out;
}

static struct json_object *
answers(struct json_object *route)
{
	struct json_object *out = json_object_new_object(), *good = json_object_new_object(),
					   *bad = json_object_new_object();
	const char *answer = text(route, "answer");
	set(good, "description", answer ? answer : "done");
	if (answer) {
		struct json_object *schema = json_object_new_object();
		set_ref(schema, "schemas", answer);
		json_object_object_add(good, "content",
			content("application/json", flag(route, "list") ? list_of(schema) : schema));
	}
	set_ref(bad, "responses", "problem");
	json_object_object_add(out, text(route, "ok"), good);
	json_object_object_add(out, "default", bad);
	return out;
}

/* GET /ondemand/movies/{id} → get_ondemand_movies_id */
static void
set_operation_id(struct json_object *operation, struct json_object *route, const char *method)
{
	char id[200];
	size_t n = (size_t)snprintf(id, sizeof id, "%s", method);
	for (const char *c = text(route, "path"); *c && n < sizeof id - 1; c++)
		if (isalnum((unsigned char)*c))
			id[n++] = *c;
		else if (id[n - 1] != '_' && c[1] && *c != '}')
			id[n++] = '_';
	id[n] = 0;
	set(operation, "operationId", id);
}

static struct json_object *
operation(struct json_object *route, const char *method, const char *tag)
{
	struct json_object *o = json_object_new_object(), *tags = json_object_new_array(), *body;
	set_operation_id(o, route, method);
	if (text(route, "summary"))
		set(o, "summary", text(route, "summary"));
	json_object_array_add(tags, json_object_new_string(tag));
	json_object_object_add(o, "tags", tags);
	json_object_object_add(o, "parameters", parameters(route));
	if (json_object_object_get_ex(route, "body", &body)) {
		struct json_object *request = json_object_new_object();
		json_object_object_add(
			request, "required", json_object_new_boolean(!flag(route, "body_optional")));
		json_object_object_add(
			request, "content", content("application/json", members_schema(body)));
		json_object_object_add(o, "requestBody", request);
	}
	if (!strcmp(text(route, "role"), "anyone"))
		json_object_object_add(o, "security", json_object_new_array());
	json_object_object_add(o, "responses", answers(route));
	return o;
}

static void
add_route(struct json_object *paths, struct json_object *route, const char *tag)
{
	struct json_object *path;
	char method[8] = "";
	for (size_t i = 0; i < sizeof method - 1 && text(route, "method")[i]; i++)
		method[i] = (char)tolower(text(route, "method")[i]);
	if (!json_object_object_get_ex(paths, text(route, "path"), &path)) {
		path = json_object_new_object();
		json_object_object_add(paths, text(route, "path"), path);
	}
	json_object_object_add(path, method, operation(route, method, tag));
}

/* The program's name is the file's: build/gen/ondemand.routes.json. */
static bool
add_file(struct json_object *paths, const char *file)
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
		add_route(paths, json_object_array_get_idx(rows, i), tag);
	json_object_put(rows);
	return true;
}

int
openapi_make(int argc, char **argv)
{
	struct json_object *document = argc > 2 ? json_object_from_file(argv[1]) : NULL;
	if (!document) {
		fprintf(stderr, "usage: system openapi BASE ROUTES…\n");
		return 2;
	}
	struct json_object *paths = json_object_new_object();
	json_object_object_add(document, "paths", paths);
	bool good = true;
	for (int i = 2; i < argc; i++)
		good = good && add_file(paths, argv[i]);
	if (good)
		puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
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

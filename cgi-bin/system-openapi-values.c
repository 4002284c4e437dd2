/* Parameters and members of bodies as JSON Schema (2020-12): what lib/param.c accepts, and nothing
 * else. */
#include "tv.h"

#include "system-openapi-parts.h"

struct form {
	const char *type; /* of a parameter's row */
	const char *json_type;
	const char *format, *pattern;
	const char *example; /* JSON */
	int min, max; /* lengths, where the row has none */
};

#define NO_CONTROL "[^\\x00-\\x1f\\x7f]"
#define ID_LIST "0*[1-9][0-9]{0,15}"

static const struct form forms[] = {
	{ "id", "integer", "int64", NULL, "42" },
	{ "int", "integer" },
	{ "limit", "integer", NULL, NULL, "20" },
	{ "bool", "boolean", NULL, NULL, "true" },
	{ "text", "string", NULL, "^ *[^\\x00-\\x20\\x7f]" NO_CONTROL "*$", NULL, 0, 200 },
	{ "longtext", "string", NULL,
		"^[ \\n\\t]*[^\\x00-\\x20\\x7f][^\\x00-\\x08\\x0b-\\x1f\\x7f]*$", NULL, 0, 200 },
	{ "slug", "string", NULL, "^[a-z0-9]+(-[a-z0-9]+)*$", "\"drama\"", 1, 60 },
	{ "country", "string", NULL, "^[A-Z]{2}$", "\"NO\"" },
	{ "language", "string", NULL, "^[a-z]{2,3}(-[A-Za-z0-9-]*[A-Za-z0-9])?$", "\"nor\"", 2, 35 },
	{ "time", "string", "date-time", NULL, "\"2026-01-31T18:00:00Z\"" },
	{ "date", "string", "date", NULL, "\"2026-01-31\"" },
	{ "tz", "string", NULL, "^[A-Z][A-Za-z0-9/_+-]*$", "\"Europe/Oslo\"", 1, 64 },
	{ "ids", "string", NULL, NULL, "\"1,2\"" },
	{ "email", "string", "email",
		"^[^@ <>\"(),:;\\[\\]\\\\\\x00-\\x1f\\x7f]+@[^@. <>\"(),:;\\[\\]\\\\\\x00-\\x1f\\x7f]"
		"([^@ <>\"(),:;\\[\\]\\\\\\x00-\\x1f\\x7f]*[^@. <>\"(),:;\\[\\]\\\\\\x00-\\x1f\\x7f])?$",
		"\"ann@example.org\"", 3, 254 },
	{ "password", "string", "password", "^[^\\x00]*$", "\"tall green kettle\"", 8, 72 },
	{ "pin", "string", "password", "^[0-9]{4,8}$", "\"2580\"" },
	{ "secret", "string", "password", "^[^\\x00]*$", NULL, 1, 1000 },
	{ "url", "string", "uri-reference",
		"^(?!.*/\\.\\./)(https://[A-Za-z0-9]|/(?!/))[^\\x00-\\x20\\x7f<>\"\\\\^`{|}]*$",
		"\"/posters/42.jpg\"", 1, 2000 },
	{ "link", "string", "uri-reference",
		"^(?!.*/\\.\\./)(https?://[A-Za-z0-9]|/(?!/))[^\\x00-\\x20\\x7f<>\"\\\\^`{|}]*$",
		"\"https://channel.example/\"", 1, 2000 },
	{ "template", "string", NULL,
		"^https?://[!$-.0-;=@-\\[\\]_a-z~]+[/?#]"
		"([!#-;=?-\\[\\]_a-z~]|\\{[A-Za-z]+(:[^{}]+)?\\})*$",
		"\"https://stream.example/mine.m3u8?utc={utc}&lutc={lutc}\"", 10, 2000 },
};

static void
set_number(struct json_object *schema, const char *name, int64_t value)
{
	json_object_object_add(schema, name, json_object_new_int64(value));
}

static void
copy(struct json_object *schema, const char *as, struct json_object *p, const char *name)
{
	struct json_object *v = openapi_member(p, name);
	if (v)
		json_object_object_add(schema, as, json_object_get(v));
}

static void
set_type(struct json_object *schema, const char *type, bool nullable)
{
	json_object_object_add(schema, "type",
		openapi_made(nullable ? "[\"%s\",\"null\"]" : "\"%s\"", type));
}

static void
set_choices(struct json_object *schema, const char *choices, bool nullable)
{
	struct json_object *list = json_object_new_array();
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");
		json_object_array_add(list, json_object_new_string_len(choices, (int)n));
		choices += n + (choices[n] == '|');
	}
	if (nullable)
		json_object_array_add(list, NULL);
	json_object_object_add(schema, "enum", list);
}

static void
set_number_limits(struct json_object *schema, struct json_object *p, const char *type)
{
	bool id = !strcmp(type, "id");
	copy(schema, "minimum", p, "min");
	copy(schema, "maximum", p, "max");
	if (id || !strcmp(type, "limit"))
		set_number(schema, "minimum", 1);
	if (id)
		set_number(schema, "maximum", (int64_t)1 << 53);
}

static void
set_lengths(struct json_object *schema, struct json_object *p, const struct form *form)
{
	if (form->min)
		set_number(schema, "minLength", form->min);
	if (form->max)
		set_number(schema, "maxLength", form->max);
	copy(schema, "minLength", p, "min");
	copy(schema, "maxLength", p, "max");
}

/* A text that may be empty may also be blank. */
static void
set_pattern(struct json_object *schema, struct json_object *p, const struct form *form)
{
	const char *pattern = form->pattern;
	bool may_be_blank = !openapi_member(p, "min");
	if (may_be_blank && !strcmp(form->type, "text"))
		pattern = "^" NO_CONTROL "*$";
	if (may_be_blank && !strcmp(form->type, "longtext"))
		pattern = "^[^\\x00-\\x08\\x0b-\\x1f\\x7f]*$";
	if (pattern)
		openapi_set(schema, "pattern", pattern);
}

static void
fill_ids(struct json_object *schema, struct json_object *p)
{
	char pattern[100];
	snprintf(pattern, sizeof pattern, "^" ID_LIST "(," ID_LIST "){0,%d}$",
		(int)json_object_get_int64(openapi_member(p, "max")) - 1);
	openapi_set(schema, "pattern", pattern);
}

static void
fill_scalar(struct json_object *schema, struct json_object *p, const char *type)
{
	static const struct form text = { "", "string" };
	const struct form *form = &text;
	bool nullable = openapi_flag(p, "nullable");
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (!strcmp(forms[i].type, type))
			form = &forms[i];
	set_type(schema, form->json_type, nullable);
	if (form->format)
		openapi_set(schema, "format", form->format);
	if (form->example)
		json_object_object_add(schema, "examples", openapi_made("[%s]", form->example));
	if (!strcmp(type, "enum"))
		set_choices(schema, openapi_text(p, "choices"), nullable);
	else if (!strcmp(type, "ids"))
		fill_ids(schema, p);
	else if (!strcmp(form->json_type, "integer"))
		set_number_limits(schema, p, type);
	else if (form != &text)
		set_lengths(schema, p, form);
	set_pattern(schema, p, form);
	copy(schema, "default", p, "default");
}

struct json_object *
openapi_value(struct json_object *p)
{
	const char *type = openapi_text(p, "type"), *doc = openapi_text(p, "doc");
	struct json_object *of = openapi_member(p, "of"), *schema = json_object_new_object();
	if (!strcmp(type, "list")) {
		struct json_object *first = json_object_array_get_idx(of, 0);
		set_type(schema, "array", openapi_flag(p, "nullable"));
		json_object_object_add(schema, "items",
			openapi_text(first, "name") ? openapi_members(of) : openapi_value(first));
		copy(schema, "maxItems", p, "max");
	} else if (!strcmp(type, "object")) {
		json_object_put(schema);
		schema = openapi_members(of);
		set_type(schema, "object", openapi_flag(p, "nullable"));
	} else {
		fill_scalar(schema, p, type);
	}
	if (doc)
		openapi_set(schema, "description", doc);
	return schema;
}

struct json_object *
openapi_members(struct json_object *members)
{
	struct json_object *schema = json_object_new_object(), *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();
	openapi_set(schema, "type", "object");
	json_object_object_add(schema, "additionalProperties", json_object_new_boolean(false));
	for (size_t i = 0; i < json_object_array_length(members); i++) {
		struct json_object *p = json_object_array_get_idx(members, i);
		json_object_object_add(properties, openapi_text(p, "name"), openapi_value(p));
		if (openapi_flag(p, "required"))
			json_object_array_add(required, json_object_new_string(openapi_text(p, "name")));
	}
	json_object_object_add(schema, "properties", properties);
	json_object_object_add(schema, "required", required);
	return schema;
}

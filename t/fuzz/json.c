/* Any bytes as a body: json_read refuses or takes, and what it takes is written and read again as
 * the same; json_check holds it against members of every kind. */
#include "banned.h"

#include "arena.h"
#include "json.h"
#include "param.h"
#include "url.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct param text_item[] = { { .type = P_TEXT, .min = 1, .max = 20 }, { 0 } };
static const struct param credit[] = {
	{ "role", P_ENUM, .required = true, .choices = "actor|director" },
	{ "person_id", P_ID, .required = true },
	{ 0 },
};
static const struct param members[] = {
	{ "title", P_TEXT, .required = true, .min = 1, .max = 30 },
	{ "synopsis", P_LONGTEXT, .max = 50, .nullable = true },
	{ "year", P_INT, .min = 1870, .max = 2100, .nullable = true },
	{ "open", P_BOOL },
	{ "slug", P_SLUG, .max = 60 },
	{ "country", P_COUNTRY },
	{ "language", P_LANGUAGE },
	{ "from", P_TIME },
	{ "day", P_DATE },
	{ "email", P_EMAIL },
	{ "password", P_PASSWORD },
	{ "pin", P_PIN },
	{ "secret", P_SECRET, .max = 40 },
	{ "poster", P_URL, .nullable = true },
	{ "tags", P_LIST, .max = 3, .of = text_item },
	{ "credits", P_LIST, .max = 3, .of = credit },
	{ "one", P_OBJECT, .of = credit },
	{ 0 },
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Nothing but what the gate lets through: depth, and whole, valid text without NUL. */
static void
look(struct json_object *value, int depth)
{
	must(depth <= JSON_MAX_DEPTH);
	if (json_object_is_type(value, json_type_string)) {
		const char *s = json_object_get_string(value);
		must((size_t)json_object_get_string_len(value) == strlen(s));
		must(utf8_valid(s, strlen(s)));
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			look(json_object_array_get_idx(value, i), depth + 1);
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			must(utf8_valid(name, strlen(name)));
			look(member, depth + 1);
		}
	}
}

static void
check(struct arena *a, struct json_object *object)
{
	struct body_errors errors = { 0 };
	bool holds = json_check(a, object, members, &errors);
	must(errors.n <= BODY_MAX_ERRORS && holds == (errors.n == 0));
	for (size_t i = 0; i < errors.n; i++) {
		const struct body_error *e = &errors.list[i];
		must(e->field && e->code && *e->code && e->message && *e->message);
		must(utf8_valid(e->field, strlen(e->field)));
	}
	struct json_object *title;
	if (holds)
		must(json_object_object_get_ex(object, "title", &title) &&
			json_object_is_type(title, json_type_string));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *why = NULL;
	struct json_object *value = json_read(a, (const char *)data, size, &why);
	if (!value) {
		must(why && *why && !strchr(why, '\n'));
		arena_free(a);
		return 0;
	}
	look(value, 0);
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
	struct json_object *again = json_read(a, text, strlen(text), &why);
	must(again && json_object_equal(value, again));
	check(a, value);
	arena_free(a);
	return 0;
}

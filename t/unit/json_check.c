/* Bodies against their declared members: each error's field and code, and that nothing is coerced.
 */
#include "arena.h"
#include "json.h"
#include "param.h"
#include "tap.h"

#define ROWS(x) (sizeof(x) / sizeof *(x))

static const struct param price[] = {
	{ "amount", P_INT, .required = true, .min = 0, .max = 100000 },
	{ "currency", P_ENUM, .choices = "EUR|NOK" },
	{ .type = P_END },
};

static const struct param credit[] = {
	{ "person_id", P_ID, .required = true },
	{ "role", P_ENUM, .choices = "actor|director", .required = true },
	{ .type = P_END },
};

static const struct param slugs[] = { { .type = P_SLUG }, { .type = P_END } };

static const struct param members[] = {
	{ "title", P_TEXT, .required = true, .min = 1, .max = 5 },
	{ "year", P_INT, .min = 1870, .max = 2200, .nullable = true },
	{ .name = "kids", .type = P_BOOL },
	{ "from", P_TIME, .nullable = true },
	{ .name = "email", .type = P_EMAIL },
	{ .name = "country", .type = P_COUNTRY },
	{ "code", P_TEXT, .min = 2, .max = 3 },
	{ "genres", P_LIST, .of = slugs, .max = 3 },
	{ "credits", P_LIST, .of = credit, .max = 3 },
	{ "price", P_OBJECT, .of = price },
	{ .type = P_END },
};

static bool
check(struct arena *a, const char *text, struct body_errors *errors)
{
	const char *why = NULL;
	struct json_object *o = json_read(a, text, strlen(text), &why);

	memset(errors, 0, sizeof *errors);
	if (!o) {
		diag("json_read refused %s: %s", text, why);
		return false;
	}
	return json_check(a, o, members, errors);
}

static void
test_good(struct arena *a)
{
	static const char *const good[] = {
		"{\"title\":\"a\"}",
		"{\"title\":\"\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\"}",
		"{\"title\":\"a\",\"year\":null,\"from\":null}",
		"{\"title\":\"a\",\"year\":1870,\"kids\":false,\"from\":\"2026-01-01T00:00:00Z\"}",
		"{\"title\":\"a\",\"genres\":[],\"credits\":[]}",
		"{\"title\":\"a\",\"genres\":[\"drama\",\"sci-fi\",\"war\"]}",
		"{\"title\":\"a\",\"credits\":[{\"person_id\":1,\"role\":\"actor\"}]}",
		"{\"title\":\"a\",\"price\":{\"amount\":0},\"email\":\"a@b.no\",\"country\":"
		"\"NO\"}",
	};
	struct body_errors errors;

	for (size_t i = 0; i < ROWS(good); i++) {
		ok(check(a, good[i], &errors), good[i]);
		is_int(errors.n, 0, "  no errors");
	}
}

static const struct {
	const char *text, *field, *code;
} bad[] = {
	{ "{}", "title", "required" },
	{ "{\"title\":null}", "title", NULL }, /* required or wrong_type: both say it */
	{ "{\"title\":\"\"}", "title", NULL }, /* required or too_short */
	{ "{\"title\":\"a\",\"code\":\"b\"}", "code", "too_short" },
	{ "{\"title\":\"abcdef\"}", "title", "too_long" },
	{ "{\"title\":1}", "title", "wrong_type" },
	{ "{\"title\":true}", "title", "wrong_type" },
	{ "{\"title\":[\"a\"]}", "title", "wrong_type" },
	{ "{\"title\":\"a\\nb\"}", "title", "invalid" },
	{ "{\"title\":\"a\",\"colour\":1}", "colour", "unknown" },
	{ "{\"title\":\"a\",\"Title\":\"a\"}", "Title", "unknown" },
	{ "{\"title\":\"a\",\"year\":\"1999\"}", "year", "wrong_type" },
	{ "{\"title\":\"a\",\"year\":1999.0}", "year", "wrong_type" },
	{ "{\"title\":\"a\",\"year\":1999.5}", "year", "wrong_type" },
	{ "{\"title\":\"a\",\"year\":true}", "year", "wrong_type" },
	{ "{\"title\":\"a\",\"year\":1869}", "year", "out_of_range" },
	{ "{\"title\":\"a\",\"year\":2201}", "year", "out_of_range" },
	{ "{\"title\":\"a\",\"kids\":\"true\"}", "kids", "wrong_type" },
	{ "{\"title\":\"a\",\"kids\":1}", "kids", "wrong_type" },
	{ "{\"title\":\"a\",\"kids\":null}", "kids", "wrong_type" },
	{ "{\"title\":\"a\",\"from\":\"yesterday\"}", "from", "invalid" },
	{ "{\"title\":\"a\",\"from\":0}", "from", "wrong_type" },
	{ "{\"title\":\"a\",\"email\":\"nobody\"}", "email", "invalid" },
	{ "{\"title\":\"a\",\"country\":\"no\"}", "country", "invalid" },
	{ "{\"title\":\"a\",\"genres\":\"drama\"}", "genres", "wrong_type" },
	{ "{\"title\":\"a\",\"genres\":{}}", "genres", "wrong_type" },
	{ "{\"title\":\"a\",\"genres\":null}", "genres", "wrong_type" },
	{ "{\"title\":\"a\",\"genres\":[\"a\",\"b\",\"c\",\"d\"]}", "genres", "too_long" },
	{ "{\"title\":\"a\",\"genres\":[\"a\",1]}", "genres.1", "wrong_type" },
	{ "{\"title\":\"a\",\"genres\":[null]}", "genres.0", "wrong_type" },
	{ "{\"title\":\"a\",\"genres\":[\"A b\"]}", "genres.0", "invalid" },
	{ "{\"title\":\"a\",\"credits\":[1]}", "credits.0", "wrong_type" },
	{ "{\"title\":\"a\",\"credits\":[{\"person_id\":1}]}", "credits.0.role", "required" },
	{ "{\"title\":\"a\",\"credits\":[{\"person_id\":0,\"role\":\"actor\"}]}",
	  "credits.0.person_id", "out_of_range" },
	{ "{\"title\":\"a\",\"credits\":[{\"person_id\":1,\"role\":\"cook\"}]}", "credits.0.role",
	  "not_a_choice" },
	{ "{\"title\":\"a\",\"credits\":[{\"person_id\":1,\"role\":\"actor\",\"x\":1}]}",
	  "credits.0.x", "unknown" },
	{ "{\"title\":\"a\",\"price\":[]}", "price", "wrong_type" },
	{ "{\"title\":\"a\",\"price\":{}}", "price.amount", "required" },
	{ "{\"title\":\"a\",\"price\":{\"amount\":-1}}", "price.amount", "out_of_range" },
	{ "{\"title\":\"a\",\"price\":{\"amount\":1,\"currency\":\"USD\"}}", "price.currency",
	  "not_a_choice" },
};

static void
test_bad(struct arena *a)
{
	struct body_errors errors;

	for (size_t i = 0; i < ROWS(bad); i++) {
		ok(!check(a, bad[i].text, &errors), bad[i].text);
		is_int(errors.n, 1, "  one error");
		is(errors.n ? errors.list[0].field : NULL, bad[i].field, "  its field");
		if (bad[i].code)
			is(errors.n ? errors.list[0].code : NULL, bad[i].code, "  its code");
		ok(errors.n && errors.list[0].message && *errors.list[0].message,
		   "  and a message");
	}
}

static void
test_many(struct arena *a)
{
	struct buf b = buf_new(a);
	struct body_errors errors;

	ok(!check(a, "{\"year\":\"x\",\"kids\":1}", &errors), "more than one error");
	is_int(errors.n, 3, "all are told");
	buf_puts(&b, "{\"title\":\"a\"");
	for (int i = 0; i < 200; i++)
		buf_printf(&b, ",\"m%d\":1", i);
	buf_putc(&b, '}');
	ok(!check(a, b.data, &errors), "200 unknown members");
	is_int(errors.n, BODY_MAX_ERRORS, "no more errors than there is room for");
}

static void
test_not_object(struct arena *a)
{
	struct body_errors errors;

	ok(!check(a, "[]", &errors), "an array is not an object");
	ok(!check(a, "\"x\"", &errors), "nor is a string");
	ok(!check(a, "1", &errors), "nor a number");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_good(a);
	test_bad(a);
	test_many(a);
	test_not_object(a);
	arena_free(a);
	return done();
}

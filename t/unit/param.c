/* Parameter types: for each type what is a value, what is not, and what goes to SQL. */
#include "arena.h"
#include "param.h"
#include "tap.h"

struct accept {
	struct param p;
	const char *text;
	const char *out;
};

struct refuse {
	struct param p;
	const char *text;
};

#define ROWS(x) (sizeof(x) / sizeof *(x))
#define MAX_SAFE "9007199254740992"
#define A20 "aaaaaaaaaaaaaaaaaaaa"
#define A72 A20 A20 A20 "aaaaaaaaaaaa"
#define INT(lo, hi) { "n", P_INT, .min = (lo), .max = (hi) }
#define TEXT(lo, hi) { "t", P_TEXT, .min = (lo), .max = (hi) }
#define LONGTEXT(hi) { "t", P_LONGTEXT, .max = (hi) }
#define ENUM(list) { "e", P_ENUM, .choices = (list) }
#define IDS(n) { "ids", P_IDS, .max = (n) }
#define TYPE(t) { .type = (t) }
#define PAGE_LIMIT { "limit", P_LIMIT, .max = 100, .def = 20 }

static const struct accept accepted[] = {
	{ TYPE(P_ID), "1", "1" },
	{ TYPE(P_ID), MAX_SAFE, MAX_SAFE },
	{ INT(-5, 5), "-5", "-5" },
	{ INT(-5, 5), "0", "0" },
	{ INT(-5, 5), "5", "5" },
	{ TYPE(P_BOOL), "true", "true" },
	{ TYPE(P_BOOL), "false", "false" },
	{ TEXT(1, 3), "abc", "abc" },
	{ TEXT(1, 3), "\xc3\xa5\xe6\x97\xa5\xf0\x9f\x93\xba",
	  "\xc3\xa5\xe6\x97\xa5\xf0\x9f\x93\xba" },
	{ TEXT(0, 3), "", "" },
	{ LONGTEXT(20), "one\ntwo\tthree", "one\ntwo\tthree" },
	{ TYPE(P_SLUG), "sci-fi-and-fantasy", "sci-fi-and-fantasy" },
	{ TYPE(P_SLUG), "80s", "80s" },
	{ ENUM("newest|title|year"), "newest", "newest" },
	{ ENUM("newest|title|year"), "title", "title" },
	{ ENUM("newest|title|year"), "year", "year" },
	{ TYPE(P_COUNTRY), "NO", "NO" },
	{ TYPE(P_LANGUAGE), "nor", "nor" },
	{ TYPE(P_LANGUAGE), "en", "en" },
	{ TYPE(P_LANGUAGE), "pt-BR", "pt-BR" },
	{ TYPE(P_TIME), "2026-05-17T12:00:00Z", "2026-05-17T12:00:00Z" },
	{ TYPE(P_TIME), "2026-05-17T12:00:00.250+02:00", "2026-05-17T12:00:00.250+02:00" },
	{ TYPE(P_DATE), "2024-02-29", "2024-02-29" },
	{ TYPE(P_TZ), "Europe/Oslo", "Europe/Oslo" },
	{ TYPE(P_TZ), "UTC", "UTC" },
	{ TYPE(P_TZ), "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires" },
	{ IDS(3), "1", "{1}" },
	{ IDS(3), "1,22," MAX_SAFE, "{1,22," MAX_SAFE "}" },
	{ TYPE(P_EMAIL), "ann@example.org", "ann@example.org" },
	{ TYPE(P_EMAIL), "Ann.O'Neil+tv@sub.example.org", "Ann.O'Neil+tv@sub.example.org" },
	{ TYPE(P_PASSWORD), "12345678", "12345678" },
	{ TYPE(P_PASSWORD), A72, A72 },
	{ TYPE(P_PASSWORD), "\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5",
	  "\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5" },
	{ { "s", P_SECRET, .max = 10 }, "x", "x" },
	{ { "s", P_SECRET, .max = 10 }, "0123456789", "0123456789" },
	{ TYPE(P_URL), "https://example.org/a.jpg?x=1", "https://example.org/a.jpg?x=1" },
	{ TYPE(P_URL), "/media/posters/1.svg", "/media/posters/1.svg" },
	{ TYPE(P_LINK), "http://example.org/", "http://example.org/" },
	{ TYPE(P_LINK), "https://example.org/", "https://example.org/" },
	{ TYPE(P_LINK), "/about", "/about" },
	{ TYPE(P_TEMPLATE), "http://example.org/{utc}", "http://example.org/{utc}" },
	{ PAGE_LIMIT, "1", "1" },
	{ PAGE_LIMIT, "100", "100" },
};

static const struct refuse refused[] = {
	{ TYPE(P_ID), "" },
	{ TYPE(P_ID), "0" },
	{ TYPE(P_ID), "-1" },
	{ TYPE(P_ID), "+1" },
	{ TYPE(P_ID), "9007199254740993" },
	{ TYPE(P_ID), "9223372036854775808" },
	{ TYPE(P_ID), "18446744073709551617" },
	{ TYPE(P_ID), "1 " },
	{ TYPE(P_ID), " 1" },
	{ TYPE(P_ID), "1e3" },
	{ TYPE(P_ID), "0x1" },
	{ TYPE(P_ID), "1.0" },
	{ TYPE(P_ID), "\xd9\xa1" }, /* an Arabic one */
	{ INT(-5, 5), "-6" },
	{ INT(-5, 5), "6" },
	{ INT(-5, 5), "-" },
	{ INT(-5, 5), "--1" },
	{ INT(-5, 5), "" },
	{ TYPE(P_BOOL), "1" },
	{ TYPE(P_BOOL), "TRUE" },
	{ TYPE(P_BOOL), "truex" },
	{ TYPE(P_BOOL), "t" },
	{ TYPE(P_BOOL), "" },
	{ TEXT(1, 3), "" },
	{ TEXT(1, 3), "abcd" },
	{ TEXT(2, 3), "\xc3\xa5" },
	{ TEXT(1, 9), "a\nb" },
	{ TEXT(1, 9), "a\tb" },
	{ TEXT(1, 9), "a\x1b[1m" },
	{ TEXT(1, 9), "a\x7f" },
	{ LONGTEXT(9), "a\x01" },
	{ LONGTEXT(9), "a\x1b" },
	{ LONGTEXT(3), "abcd" },
	{ TYPE(P_SLUG), "" },
	{ TYPE(P_SLUG), "Drama" },
	{ TYPE(P_SLUG), "a_b" },
	{ TYPE(P_SLUG), "a b" },
	{ TYPE(P_SLUG), "a/b" },
	{ TYPE(P_SLUG), "\xc3\xa5" },
	{ ENUM("newest|title|year"), "" },
	{ ENUM("newest|title|year"), "new" },
	{ ENUM("newest|title|year"), "newest|title" },
	{ ENUM("newest|title|year"), "Title" },
	{ ENUM("newest|title|year"), "years" },
	{ ENUM("newest|title|year"), "|" },
	{ TYPE(P_COUNTRY), "" },
	{ TYPE(P_COUNTRY), "no" },
	{ TYPE(P_COUNTRY), "NOR" },
	{ TYPE(P_COUNTRY), "N" },
	{ TYPE(P_COUNTRY), "N1" },
	{ TYPE(P_LANGUAGE), "" },
	{ TYPE(P_LANGUAGE), "e" },
	{ TYPE(P_LANGUAGE), "plain english" },
	{ TYPE(P_LANGUAGE), "en_" },
	{ TYPE(P_LANGUAGE), "en-" },
	{ TYPE(P_LANGUAGE), "1n" },
	{ TYPE(P_TIME), "" },
	{ TYPE(P_TIME), "2026-05-17" },
	{ TYPE(P_TIME), "2026-05-17T12:00:00" },
	{ TYPE(P_TIME), "infinity" },
	{ TYPE(P_TIME), "now" },
	{ TYPE(P_DATE), "" },
	{ TYPE(P_DATE), "2023-02-29" },
	{ TYPE(P_DATE), "today" },
	{ TYPE(P_TZ), "" },
	{ TYPE(P_TZ), "../../etc/passwd" },
	{ TYPE(P_TZ), "/etc/localtime" },
	{ TYPE(P_TZ), "Europe/Oslo'" },
	{ TYPE(P_TZ), "Europe Oslo" },
	{ IDS(3), "" },
	{ IDS(3), "1,2,3,4" },
	{ IDS(3), "1," },
	{ IDS(3), ",1" },
	{ IDS(3), "1,,2" },
	{ IDS(3), "1, 2" },
	{ IDS(3), "0" },
	{ IDS(3), "1,x" },
	{ IDS(3), "{1}" },
	{ IDS(3), "9007199254740993" },
	{ TYPE(P_EMAIL), "" },
	{ TYPE(P_EMAIL), "ann" },
	{ TYPE(P_EMAIL), "@example.org" },
	{ TYPE(P_EMAIL), "ann@" },
	{ TYPE(P_EMAIL), "a@b@c" },
	{ TYPE(P_EMAIL), "ann @example.org" },
	{ TYPE(P_EMAIL), "ann@example.org\n" },
	{ TYPE(P_PASSWORD), "" },
	{ TYPE(P_PASSWORD), "1234567" },
	{ TYPE(P_PASSWORD), A72 "x" },
	{ TYPE(P_PASSWORD), A20 A20 A20 "aaaaaaaaaaa\xc3\xa5" }, /* 72 characters, 73 bytes */
	{ { "s", P_SECRET, .max = 10 }, "" },
	{ { "s", P_SECRET, .max = 10 }, "01234567890" },
	{ TYPE(P_URL), "" },
	{ TYPE(P_URL), "http://example.org/" },
	{ TYPE(P_URL), "javascript:alert(1)" },
	{ TYPE(P_URL), "data:text/html,x" },
	{ TYPE(P_URL), "//example.org/x" },
	{ TYPE(P_URL), "https://" },
	{ TYPE(P_URL), "posters/1.svg" },
	{ TYPE(P_URL), "https://example.org/a b" },
	{ TYPE(P_URL), "/a\"onload=" },
	{ TYPE(P_URL), "/a\\b" },
	{ TYPE(P_LINK), "javascript:alert(1)" },
	{ TYPE(P_LINK), "http://" },
	{ TYPE(P_TEMPLATE), "/{utc}" },
	{ TYPE(P_TEMPLATE), "https://example.org/{id}" },
	{ TYPE(P_LINK), "http:///example.org/" },
	{ TYPE(P_LINK), "http://example.org/a b" },
	{ TYPE(P_LINK), "ftp://example.org/" },
	{ TYPE(P_LINK), "//example.org/" },
	{ PAGE_LIMIT, "101" },
	{ PAGE_LIMIT, "-1" },
	{ PAGE_LIMIT, "ten" },
};

static const char *
case_name(struct arena *a, const struct param *p, const char *text)
{
	char *name = arena_printf(a, "%s: %s", param_type_name(p->type), text);

	for (char *c = name; *c; c++)
		if (*c < ' ' && *c >= 0)
			*c = '?';
	return name;
}

static void
test_accepted(struct arena *a)
{
	for (size_t i = 0; i < ROWS(accepted); i++) {
		const struct accept *c = &accepted[i];
		const char *out = "untouched", *name = case_name(a, &c->p, c->text);
		const char *why = param_check(a, &c->p, c->text, &out);

		if (why) {
			ok(false, name);
			diag("  refused: %s", why);
		} else {
			is(out, c->out, name);
		}
	}
}

static void
test_refused(struct arena *a)
{
	for (size_t i = 0; i < ROWS(refused); i++) {
		const struct refuse *c = &refused[i];
		const char *out = NULL;
		const char *why = param_check(a, &c->p, c->text, &out);

		ok(why && *why, case_name(a, &c->p, c->text));
	}
}

static void
test_int(void)
{
	static const struct {
		const char *text;
		int64_t min, max;
		bool held;
		int64_t n;
	} cases[] = {
		{ "0", 0, 10, true, 0 },
		{ "-0", 0, 10, true, 0 },
		{ "007", 0, 10, true, 7 },
		{ "-10", -10, 10, true, -10 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0 },
		{ "99999999999999999999999999", INT64_MIN, INT64_MAX, false, 0 },
		{ "11", 0, 10, false, 0 },
		{ "-1", 0, 10, false, 0 },
		{ "", 0, 10, false, 0 },
		{ "-", -10, 10, false, 0 },
		{ "+1", 0, 10, false, 0 },
		{ " 1", 0, 10, false, 0 },
		{ "1 ", 0, 10, false, 0 },
		{ "1\n", 0, 10, false, 0 },
		{ "1a", 0, 10, false, 0 },
		{ "1.", 0, 10, false, 0 },
		{ "0x1", 0, 10, false, 0 },
		{ "1e1", 0, 10, false, 0 },
	};

	for (size_t i = 0; i < ROWS(cases); i++) {
		int64_t n = 0;
		bool held = parse_int(cases[i].text, cases[i].min, cases[i].max, &n);

		if (held && cases[i].held)
			is_int(n, cases[i].n, cases[i].text);
		else
			is_int(held, cases[i].held, cases[i].text);
	}
}

static void
test_time(void)
{
	static const struct {
		const char *text;
		int64_t micros;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:00.000001Z", 1 },
		{ "1970-01-01T00:00:01.5Z", 1500000 },
		{ "1969-12-31T23:59:59Z", -1000000 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T19:00:00-05:00", 0 },
		{ "1970-01-01T05:45:00+05:45", 0 },
		{ "1970-01-01T15:59:00+15:59", 0 },
		{ "1970-01-01T00:00:00.123456789Z", 123456 },
		{ "0001-01-01T00:00:00Z", INT64_C(-62135596800000000) },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000000) },
		{ "2026-05-17T12:34:56Z", INT64_C(1779021296000000) },
		{ "2038-01-19T03:14:08Z", INT64_C(2147483648000000) },
	};
	static const char *const bad[] = {
		"",
		"Z",
		"2026-05-17",
		"12:00:00Z",
		"2026-05-17T12:00:00",
		"2026-05-17T12:00Z",
		"2026-05-17T12:00:00Zx",
		"2026-05-17T12:00:00Z ",
		" 2026-05-17T12:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-30T00:00:00Z",
		"2026-01-32T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",
		"2026-01-01T00:00:00+25:00",
		"2026-01-01T00:00:00+16:00", /* PostgreSQL knows no such zone */
		"2026-01-01T00:00:00-23:59",
		"2026-01-01T00:00:00.1234567890Z",
		"0001-01-01T00:00:00+00:01", /* before the year 1 */
		"2026-01-01T00:00:00+02:60",
		"2026-01-01T00:00:00+0200",
		"2026-01-01T00:00:00+02",
		"2026-01-01T00:00:00.Z",
		"2026-1-1T00:00:00Z",
		"+2026-01-01T00:00:00Z",
		"20260101T000000Z",
		"0",
		"now",
		"infinity",
		"-infinity",
		"2026-01-01T-1:00:00Z",
		"2026-01-01T00:00:00,5Z",
		"99999-01-01T00:00:00Z",
	};
	int64_t micros;

	for (size_t i = 0; i < ROWS(good); i++) {
		micros = -1;
		ok(parse_time(good[i].text, &micros), good[i].text);
		is_int(micros, good[i].micros, "  in microseconds");
	}
	for (size_t i = 0; i < ROWS(bad); i++)
		ok(!parse_time(bad[i], &micros), bad[i]);
}

static void
test_date(void)
{
	static const char *const good[] = { "2024-02-29", "2000-02-29", "1999-12-31",
					    "2026-01-01" };
	static const char *const bad[] = {
		"",           "2023-02-29",  "1900-02-29",  "2026-04-31",  "2026-00-10",
		"2026-13-10", "2026-10-00",  "2026-10-32",  "2026-1-1",    "26-01-01",
		"2026/01/01", "2026-01-01T", "2026-01-01 ", "+2026-01-01", "2026-01-0x",
		"-026-01-01",
	};

	for (size_t i = 0; i < ROWS(good); i++)
		ok(parse_date(good[i]), good[i]);
	for (size_t i = 0; i < ROWS(bad); i++)
		ok(!parse_date(bad[i]), bad[i]);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_accepted(a);
	test_refused(a);
	test_int();
	test_time();
	test_date();
	arena_free(a);
	return done();
}

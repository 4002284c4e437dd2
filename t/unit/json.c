/* JSON: what is written (escapes, instants), and the strict gate in front of json-c: every text it
 * must not let through. */
#include "arena.h"
#include "json.h"
#include "tap.h"

#define ROWS(x) (sizeof(x) / sizeof *(x))

static void
test_write(struct arena *a)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "a/b", "\"a/b\"" },
		{ "\n\r\t", "\"\\n\\r\\t\"" },
		{ "<script>&'", "\"<script>&'\"" },
		{ "\xc3\xa5 \xe6\x97\xa5 \xf0\x9f\x93\xba",
		  "\"\xc3\xa5 \xe6\x97\xa5 \xf0\x9f\x93\xba\"" },
		{ "\x7f", "\"\x7f\"" },
	};

	for (size_t i = 0; i < ROWS(cases); i++) {
		struct buf b = buf_new(a);

		json_cstring(&b, cases[i].text);
		is(b.data, cases[i].want, cases[i].want);
	}
}

/* Every control character must be escaped: read back by json-c it is the same. */
static void
test_write_controls(struct arena *a)
{
	bool raw = false, same = true;

	for (char c = 1; c < ' '; c++) {
		struct buf b = buf_new(a);
		char text[] = { 'a', c, 'z', 0 };
		struct json_object *back;

		json_string(&b, text, 3);
		raw = raw || strchr(b.data, c);
		back = json_tokener_parse(b.data);
		same = same && back && strcmp(json_object_get_string(back), text) == 0;
		json_object_put(back);
	}
	ok(!raw, "no control character is written raw");
	ok(same, "each is read back as it was");
}

/* Strings are looked at sixteen bytes at a time: what needs an escape is found at each place of each length. */
static void
test_write_places(struct arena *a)
{
	static const char found[] = { 1, 31, '"', '\\' };
	bool all = true;

	for (size_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++)
			for (size_t i = 0; i < sizeof found; i++) {
				struct buf b = buf_new(a);
				char text[40] = "";
				struct json_object *back;

				memset(text, at % 2 ? '\xc3' : ' ', len);
				text[at] = found[i];
				json_string(&b, text, len);
				all = all && b.len == len + (found[i] < 32 ? 7 : 3) && strlen(b.data) == b.len;
				back = json_tokener_parse(b.data);
				all = all && back && strcmp(json_object_get_string(back), text) == 0;
				json_object_put(back);
			}
	ok(all, "at each place of each length");
}

static void
test_write_object(struct arena *a)
{
	struct buf b = buf_new(a);

	buf_putc(&b, '{');
	json_key(&b, "a");
	buf_int(&b, 1);
	json_key(&b, "b");
	buf_putc(&b, '{');
	json_key(&b, "c");
	json_string(&b, "xyz", 2);
	buf_putc(&b, '}');
	json_key(&b, "d");
	buf_puts(&b, "[]");
	buf_putc(&b, '}');
	is(b.data, "{\"a\":1,\"b\":{\"c\":\"xy\"},\"d\":[]}", "commas stand between members");
}

static void
test_write_time(struct arena *a)
{
	static const struct {
		int64_t micros;
		const char *want;
	} cases[] = {
		{ 0, "\"1970-01-01T00:00:00Z\"" },
		{ INT64_C(951782400000000), "\"2000-02-29T00:00:00Z\"" },
		{ INT64_C(1779021296000000), "\"2026-05-17T12:34:56Z\"" },
		{ -1000000, "\"1969-12-31T23:59:59Z\"" },
		{ INT64_C(4102444800000000), "\"2100-01-01T00:00:00Z\"" },
	};
	struct buf b = buf_new(a);

	for (size_t i = 0; i < ROWS(cases); i++) {
		b = buf_new(a);
		json_time(&b, cases[i].micros);
		is(b.data, cases[i].want, cases[i].want);
	}
	b = buf_new(a);
	json_time(&b, 1500000);
	ok(strncmp(b.data, "\"1970-01-01T00:00:01.5", 22) == 0 && b.data[b.len - 2] == 'Z',
	   "a fraction when there is one");
}

static void
test_read_good(struct arena *a)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{}", "{}" },
		{ " \t\r\n{ \"a\" : [ 1 , -2 , true , false , null ] } \n",
		  "{\"a\":[1,-2,true,false,null]}" },
		{ "{\"a\":\"\\u00e5\\n\\\"\\\\\\/\"}", "{\"a\":\"\xc3\xa5\\n\\\"\\\\/\"}" },
		{ "{\"tv\":\"\\ud83d\\udcfa\"}", "{\"tv\":\"\xf0\x9f\x93\xba\"}" },
		{ "{\"max\":9223372036854775807}", "{\"max\":9223372036854775807}" },
		{ "{\"min\":-9223372036854775808}", "{\"min\":-9223372036854775808}" },
		{ "{\"a\":{\"x\":1},\"b\":{\"x\":2}}", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}" },
		{ "{\"\":1}", "{\"\":1}" },
		{ "{\"a\":\"NaN 'x' \\\\u0000 // # {\"}", "{\"a\":\"NaN 'x' \\\\u0000 // # {\"}" },
		{ "{\"a\":\"\xe6\x97\xa5\"}", "{\"a\":\"\xe6\x97\xa5\"}" },
	};

	for (size_t i = 0; i < ROWS(cases); i++) {
		const char *why = NULL;
		struct json_object *o = json_read(a, cases[i].text, strlen(cases[i].text), &why);

		is(o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								 JSON_C_TO_STRING_NOSLASHESCAPE)
		     : why,
		   cases[i].want, cases[i].want);
	}
}

static const struct {
	const char *name, *text;
} bad_texts[] = {
	{ "nothing", "" },
	{ "only space", "  \n" },
	{ "cut object", "{\"a\":1" },
	{ "cut string", "{\"a\":\"x" },
	{ "cut array", "[1,2" },
	{ "cut literal", "{\"a\":tru}" },
	{ "trailing text", "{\"a\":1}x" },
	{ "two values", "{}{}" },
	{ "trailing comma in object", "{\"a\":1,}" },
	{ "trailing comma in array", "[1,]" },
	{ "missing comma", "{\"a\":1 \"b\":2}" },
	{ "missing colon", "{\"a\" 1}" },
	{ "single quotes", "{'a':'b'}" },
	{ "single quoted value", "{\"a\":'b'}" },
	{ "unquoted name", "{a:1}" },
	{ "NaN", "{\"a\":NaN}" },
	{ "nan", "{\"a\":nan}" },
	{ "Infinity", "{\"a\":Infinity}" },
	{ "-Infinity", "{\"a\":-Infinity}" },
	{ "True", "{\"a\":True}" },
	{ "NULL", "{\"a\":NULL}" },
	{ "escaped NUL", "{\"a\":\"x\\u0000y\"}" },
	{ "escaped NUL in a name", "{\"a\\u0000b\":1}" },
	{ "duplicate member", "{\"a\":1,\"a\":2}" },
	{ "duplicate member, not neighbours", "{\"a\":1,\"b\":3,\"a\":1}" },
	{ "duplicate member by an escape", "{\"a\":1,\"\\u0061\":2}" },
	{ "duplicate member deeper", "{\"o\":[{\"k\":1,\"k\":1}]}" },
	{ "duplicate empty name", "{\"\":1,\"\":2}" },
	{ "raw newline in a string", "{\"a\":\"x\ny\"}" },
	{ "raw tab in a string", "{\"a\":\"x\ty\"}" },
	{ "raw escape character", "{\"a\":\"\x1b[1m\"}" },
	{ "raw control character in a name", "{\"a\x01\":1}" },
	{ "lone high surrogate", "{\"a\":\"\\ud83d\"}" },
	{ "lone high surrogate with text", "{\"a\":\"\\ud83dxx\"}" },
	{ "lone low surrogate", "{\"a\":\"\\udcfa\"}" },
	{ "swapped surrogates", "{\"a\":\"\\udcfa\\ud83d\"}" },
	{ "two high surrogates", "{\"a\":\"\\ud83d\\ud83d\"}" },
	{ "high surrogate, other escape", "{\"a\":\"\\ud83d\\u0041\"}" },
	{ "unknown escape", "{\"a\":\"\\x41\"}" },
	{ "short escape", "{\"a\":\"\\u41\"}" },
	{ "2^63", "{\"a\":9223372036854775808}" },
	{ "-2^63 - 1", "{\"a\":-9223372036854775809}" },
	{ "2^64", "{\"a\":18446744073709551616}" },
	{ "1e400", "{\"a\":1e400}" },
	{ "leading zero", "{\"a\":012}" },
	{ "minus alone", "{\"a\":-}" },
	{ "plus", "{\"a\":+1}" },
	{ "number with letters", "{\"a\":12abc}" },
	{ "hexadecimal", "{\"a\":0x10}" },
	{ "dot without digits", "{\"a\":1.}" },
	{ "digits after dot only", "{\"a\":.5}" },
	{ "exponent without digits", "{\"a\":1e}" },
	{ "line comment", "{\"a\":1} // x" },
	{ "block comment", "{/* x */\"a\":1}" },
	{ "byte order mark", "\xef\xbb\xbf{}" },
	{ "bad UTF-8", "{\"a\":\"\xff\"}" },
	{ "bad UTF-8 in a name", "{\"\xc3\":1}" },
	{ "overlong UTF-8", "{\"a\":\"\xc0\xaf\"}" },
	{ "surrogate as UTF-8", "{\"a\":\"\xed\xa0\x80\"}" },
	{ "vertical tab as space", "{\v\"a\":1}" },
	{ "no-break space", "{\xc2\xa0\"a\":1}" },
};

static void
test_read_bad(struct arena *a)
{
	const char *why = NULL;

	for (size_t i = 0; i < ROWS(bad_texts); i++) {
		const char *text = bad_texts[i].text;
		struct json_object *o;

		why = NULL;
		o = json_read(a, text, strlen(text), &why);
		if (!ok(!o && why && *why, bad_texts[i].name))
			diag("  read as: %s",
			     o ? json_object_to_json_string(o) : "NULL without a reason");
	}
	ok(!json_read(a, "{\"a\":\"x\0y\"}", 11, &why), "a raw NUL in a string");
	ok(!json_read(a, "{}\0", 3, &why), "a NUL at the end");
	ok(!json_read(a, "{\"a\":1}", 6, &why), "reads no more than len");
}

static struct json_object *
read_nested(struct arena *a, int depth, const char *open, const char *inner, const char *shut)
{
	struct buf b = buf_new(a);
	const char *why;

	for (int i = 0; i < depth; i++)
		buf_puts(&b, open);
	buf_puts(&b, inner);
	for (int i = 0; i < depth; i++)
		buf_puts(&b, shut);
	return json_read(a, b.data, b.len, &why);
}

static void
test_depth(struct arena *a)
{
	ok(read_nested(a, JSON_MAX_DEPTH, "[", "", "]"), "16 arrays in each other");
	ok(!read_nested(a, JSON_MAX_DEPTH + 1, "[", "", "]"), "17 are refused");
	ok(read_nested(a, JSON_MAX_DEPTH, "[", "1", "]"), "16 arrays with a value");
	ok(read_nested(a, JSON_MAX_DEPTH, "{\"a\":", "1", "}"), "16 objects");
	ok(!read_nested(a, JSON_MAX_DEPTH + 1, "{\"a\":", "1", "}"), "17 are refused");
	ok(!read_nested(a, 30000, "[", "", "]"), "30,000 arrays");
	ok(!read_nested(a, 10000, "{\"a\":", "1", "}"), "10,000 objects");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_write(a);
	test_write_controls(a);
	test_write_places(a);
	test_write_object(a);
	test_write_time(a);
	test_read_good(a);
	test_read_bad(a);
	test_depth(a);
	arena_free(a);
	return done();
}

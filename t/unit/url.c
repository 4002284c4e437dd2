/* Percent-decoding, UTF-8, query strings and base64url: what is refused as much as what is read. */
#include "arena.h"
#include "tap.h"
#include "url.h"

static void
test_utf8(void)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		bool valid;
	} cases[] = {
		{ "empty", "", 0, true },
		{ "ASCII", "abc", 3, true },
		{ "two bytes", "\xc3\xa5", 2, true },
		{ "three bytes", "\xe6\x97\xa5", 3, true },
		{ "four bytes", "\xf0\x9f\x93\xba", 4, true },
		{ "U+0080", "\xc2\x80", 2, true },
		{ "U+D7FF", "\xed\x9f\xbf", 3, true },
		{ "U+E000", "\xee\x80\x80", 3, true },
		{ "U+10FFFF", "\xf4\x8f\xbf\xbf", 4, true },
		{ "NUL", "a\0b", 3, false },
		{ "overlong NUL", "\xc0\x80", 2, false },
		{ "overlong /", "\xc0\xaf", 2, false },
		{ "overlong of two bytes", "\xc1\xbf", 2, false },
		{ "overlong of three bytes", "\xe0\x9f\xbf", 3, false },
		{ "overlong of four bytes", "\xf0\x8f\xbf\xbf", 4, false },
		{ "surrogate U+D800", "\xed\xa0\x80", 3, false },
		{ "surrogate U+DFFF", "\xed\xbf\xbf", 3, false },
		{ "U+110000", "\xf4\x90\x80\x80", 4, false },
		{ "f5", "\xf5\x80\x80\x80", 4, false },
		{ "five bytes", "\xf8\x88\x80\x80\x80", 5, false },
		{ "ff", "\xff", 1, false },
		{ "continuation alone", "\x80", 1, false },
		{ "cut after one of two", "\xc3", 1, false },
		{ "cut after two of three", "\xe6\x97", 2, false },
		{ "cut after three of four", "\xf0\x9f\x93", 3, false },
		{ "continuation missing",
		  "\xc3"
		  "a",
		  2, false },
		{ "third byte wrong",
		  "\xe6\x97"
		  "a",
		  3, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_int(utf8_valid(cases[i].bytes, cases[i].len), cases[i].valid, cases[i].name);
	is_int(utf8_length(""), 0, "length of nothing");
	is_int(utf8_length("a\xc3\xa5\xe6\x97\xa5\xf0\x9f\x93\xba"), 4,
	       "length counts code points");
}

static void
test_decode(struct arena *a)
{
	static const struct {
		const char *text;
		bool plus;
		const char *want;
	} cases[] = {
		{ "", true, "" },
		{ "abc", true, "abc" },
		{ "a+b", true, "a b" },
		{ "a+b", false, "a+b" },
		{ "a%20b", false, "a b" },
		{ "%2B+%2b", true, "+ +" },
		{ "%C3%A5", true, "\xc3\xa5" },
		{ "%c3%a5", true, "\xc3\xa5" },
		{ "%2525", true, "%25" },
		{ "%E6%97%A5", false, "\xe6\x97\xa5" },
		{ "%", true, NULL },
		{ "%4", true, NULL },
		{ "abc%", true, NULL },
		{ "%zz", true, NULL },
		{ "%4g", true, NULL },
		{ "%+1", true, NULL },
		{ "% 1", true, NULL },
		{ "%-1", true, NULL },
		{ "%00", true, NULL },
		{ "a%00b", true, NULL },
		{ "%ff", true, NULL },
		{ "%C3", true, NULL },
		{ "%C0%AF", true, NULL },
		{ "%ED%A0%80", true, NULL },
		{ "\xff", true, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is(url_decode(a, cases[i].text, strlen(cases[i].text), cases[i].plus),
		   cases[i].want, cases[i].text);
	is(url_decode(a, "ab%41", 3, true), NULL, "an escape cut by the length");
	is(url_decode(a, "abcdef", 2, true), "ab", "reads no more than len");
	is(url_decode(a, "a\0b", 3, true), NULL, "a raw NUL");
}

static void
test_query(struct arena *a)
{
	struct query_string q;

	is(url_parse_query(a, "q=blade+runner&year=1982&empty=&%C3%A5=%26%3D", &q), NULL,
	   "a good query");
	is_int(q.n, 4, "four pairs");
	is(q.pairs[0].name, "q", "name");
	is(q.pairs[0].value, "blade runner", "value");
	is(q.pairs[1].value, "1982", "second value");
	is(q.pairs[2].value, "", "empty value");
	is(q.pairs[3].name, "\xc3\xa5", "the name is decoded");
	is(q.pairs[3].value, "&=", "escaped separators are text");
	is(url_parse_query(a, "", &q), NULL, "no query");
	is_int(q.n, 0, "no pairs");
	is(url_parse_query(a, "a=b=c", &q), NULL, "an = in a value");
	is(q.n == 1 ? q.pairs[0].value : NULL, "b=c", "belongs to the value");
}

static void
test_bad_query(struct arena *a)
{
	static const char *const bad[] = {
		"a=%",   "a=%zz",      "a=%00", "%00=a",        "a=%ff",
		"%ff=a", "ok=1&a=%C3", "%=1",   "a=1&b=%E6%97", "a=%ED%A0%80",
	};
	struct query_string q;
	char many[400] = "";
	size_t len = 0;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(url_parse_query(a, bad[i], &q) != NULL, bad[i]);
	for (int i = 0; i < URL_MAX_PAIRS; i++)
		len += (size_t)snprintf(many + len, sizeof many - len, "%sp%d=%d", i ? "&" : "", i,
					i);
	is(url_parse_query(a, many, &q), NULL, "as many pairs as there is room for");
	is_int(q.n, URL_MAX_PAIRS, "all of them");
	snprintf(many + len, sizeof many - len, "&one=more");
	ok(url_parse_query(a, many, &q) != NULL, "one more is refused");
}

static void
test_encode(struct arena *a)
{
	const char *all = "az AZ09-._~/?#[]@!$&'()*+,;=%\"<>\xc3\xa5\x7f\x01";
	const char *encoded = url_encode(a, all);

	is(url_decode(a, encoded, strlen(encoded), false), all, "encode, then decode, is the same");
	is(url_decode(a, encoded, strlen(encoded), true), all, "also where + is a space");
	is(url_encode(a, "az09-._~"), "az09-._~", "unreserved characters stay");
	is_int(strcspn(encoded, " &=+#%\"<>\xc3\x7f\x01"), strcspn(encoded, "%"),
	       "the rest is escaped");
}

static void
test_base64url_encode(struct arena *a)
{
	is(base64url_encode(a, "", 0), "", "nothing");
	is(base64url_encode(a, "f", 1), "Zg", "f (RFC 4648 without padding)");
	is(base64url_encode(a, "fo", 2), "Zm8", "fo");
	is(base64url_encode(a, "foo", 3), "Zm9v", "foo");
	is(base64url_encode(a, "foob", 4), "Zm9vYg", "foob");
	is(base64url_encode(a, "\xfb\xff\xfe", 3), "-__-", "- and _ for + and /");
}

static void
test_base64url_decode(struct arena *a)
{
	static const struct {
		const char *text;
		const char *bytes; /* NULL: refused */
		size_t len;
	} cases[] = {
		{ "", "", 0 },
		{ "Zg", "f", 1 },
		{ "Zm8", "fo", 2 },
		{ "Zm9v", "foo", 3 },
		{ "-__-", "\xfb\xff\xfe", 3 },
		{ "AAAA", "\0\0\0", 3 },
		{ "Z", NULL, 0 },
		{ "Zm9vY", NULL, 0 },
		{ "Zg==", NULL, 0 },
		{ "Zg=", NULL, 0 },
		{ "Zm8=", NULL, 0 },
		{ "=", NULL, 0 },
		{ "+//+", NULL, 0 },
		{ "Zm9v\n", NULL, 0 },
		{ " Zm9v", NULL, 0 },
		{ "Zm.v", NULL, 0 },
		{ "Zh", NULL, 0 }, /* stray bits */
		{ "Zm9", NULL, 0 },
		{ "Zm\xc3\xa5", NULL, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = 99;
		unsigned char *got =
			base64url_decode(a, cases[i].text, strlen(cases[i].text), &len);

		if (!cases[i].bytes)
			ok(!got, cases[i].text);
		else
			ok(got && len == cases[i].len && memcmp(got, cases[i].bytes, len) == 0,
			   cases[i].text);
	}
	ok(!base64url_decode(a, "Zm\0v", 4, &(size_t) { 0 }), "NUL inside");
}

static void
test_base64url_round(struct arena *a)
{
	unsigned char data[256];
	bool held = true;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * 37 + 11);
	for (size_t n = 0; n <= sizeof data; n++) {
		char *text = base64url_encode(a, data, n);
		size_t len = 0;
		unsigned char *back = base64url_decode(a, text, strlen(text), &len);

		held = held && back && len == n && memcmp(back, data, n) == 0;
	}
	ok(held, "encode, then decode, is the same for every length");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_utf8();
	test_decode(a);
	test_query(a);
	test_bad_query(a);
	test_encode(a);
	test_base64url_encode(a);
	test_base64url_decode(a);
	test_base64url_round(a);
	arena_free(a);
	return done();
}

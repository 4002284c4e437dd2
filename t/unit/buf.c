/* The growing byte string: contents, length, and the invariant data[len] == 0 after every call. */
#include "arena.h"
#include "buf.h"
#include "tap.h"

static void
test_adds(struct arena *a)
{
	struct buf b = buf_new(a);

	is(b.data, "", "a new one is the empty string");
	is_int(b.len, 0, "of length 0");
	buf_puts(&b, "abc");
	buf_putc(&b, 'd');
	buf_add(&b, "efgh", 2);
	buf_int(&b, -42);
	buf_printf(&b, " %s=%d", "x", 7);
	is(b.data, "abcdef-42 x=7", "what was added, in order");
	is_int(b.len, 13, "and its length");
	buf_add(&b, "", 0);
	buf_puts(&b, "");
	buf_printf(&b, "%s", "");
	is_int(b.len, 13, "nothing adds nothing");
}

static void
test_over(struct arena *a)
{
	struct buf b = buf_over(a, (char[]){ "head, body" } + 6, 4);
	is(b.data, "body", "of what is there already");
	is_int(b.len, 4, "its length");
	buf_puts(&b, " and more");
	is(b.data, "body and more", "it grows as any other");
}

static void
test_numbers(struct arena *a)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ -1, "-1" },
		{ 10, "10" },
		{ 99, "99" },
		{ 100, "100" },
		{ -1005, "-1005" },
		{ 10060, "10060" },
		{ INT64_C(9007199254740992), "9007199254740992" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = buf_new(a);

		buf_int(&b, cases[i].n);
		is(b.data, cases[i].text, cases[i].text);
	}
}

static void
test_growth(struct arena *a)
{
	struct buf b = buf_new(a);
	bool terminated = true, kept = true;

	for (int i = 0; i < 100000; i++) {
		buf_putc(&b, (char)('a' + i % 26));
		terminated = terminated && b.data[b.len] == 0;
	}
	for (int i = 0; i < 100000; i++)
		kept = kept && b.data[i] == (char)('a' + i % 26);
	ok(terminated, "data[len] is 0 after every call");
	ok(kept, "growing keeps what was there");
	is_int(b.len, 100000, "100,000 bytes");
}

static void
test_binary(struct arena *a)
{
	struct buf b = buf_new(a);

	buf_add(&b, "a\0b", 3);
	is_int(b.len, 3, "NUL bytes count");
	ok(memcmp(b.data, "a\0b", 4) == 0, "and stay");
}

static void
test_reserve(struct arena *a)
{
	struct buf b = buf_new(a);
	char *to;

	buf_puts(&b, "head ");
	to = buf_reserve(&b, 70000);
	ok(to == b.data + b.len, "reserve answers where to go on");
	is(b.data, "head ", "what was there is still there, and a string");
	memset(to, 'x', 70000);
	b.len += 70000;
	buf_puts(&b, "!");
	is_int(b.len, 70006, "the caller adds to len");
	ok(b.data[70004] == 'x' && b.data[70005] == '!', "and the next call goes on behind it");
}

static void
test_long_printf(struct arena *a)
{
	struct buf b = buf_new(a);

	buf_puts(&b, "<");
	buf_printf(&b, "%*s", 9000, "end");
	is_int(b.len, 9001, "a printf longer than the room there is");
	is(b.data + b.len - 3, "end", "is whole");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_adds(a);
	test_over(a);
	test_numbers(a);
	test_growth(a);
	test_binary(a);
	test_reserve(a);
	test_long_printf(a);
	arena_free(a);
	return done();
}

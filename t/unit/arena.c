/* The arena: zeroed and aligned memory of any size, copies, and deferred calls, last first. */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include "arena.h"
#include "tap.h"

static char order[8];
static size_t n_order;

static void
note(void *letter)
{
	order[n_order++] = *(const char *)letter;
	order[n_order] = 0;
}

static bool
all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void
test_alloc(struct arena *a)
{
	static const size_t sizes[] = { 0, 1, 7, 16, 100, 4095, 4096, 4097, 65536, 1 << 20 };
	bool zero = true, aligned = true;

	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			unsigned char *p = arena_alloc(a, sizes[i]);

			zero = zero && all_zero(p, sizes[i]);
			aligned = aligned && (uintptr_t)p % alignof(max_align_t) == 0;
			memset(p, 0xa5, sizes[i]);
		}
	ok(zero, "memory is zeroed, whatever the size");
	ok(aligned, "memory is aligned for any type");
}

static void
test_distinct(struct arena *a)
{
	enum { N = 1000 };
	int *all[N];
	bool held = true;

	for (int i = 0; i < N; i++) {
		all[i] = arena_alloc(a, sizeof(int));
		*all[i] = i;
	}
	for (int i = 0; i < N; i++)
		held = held && *all[i] == i;
	ok(held, "blocks do not overlap");
}

static void
test_copies(struct arena *a)
{
	char big[5000];

	is(arena_strdup(a, "Bokmål"), "Bokmål", "strdup copies");
	is(arena_strdup(a, ""), "", "strdup of nothing");
	is(arena_strndup(a, "abcdef", 3), "abc", "strndup adds a NUL");
	is(arena_strndup(a, "abc", 0), "", "strndup of no bytes");
	is(arena_printf(a, "%d/%s", 42, "x"), "42/x", "printf");
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	is(arena_printf(a, "%s", big), big, "printf of more than a block");
}

static void
test_defer(struct arena *a)
{
	static char b[] = "b", c[] = "c";

	arena_reset(a);
	n_order = 0;
	order[0] = 0;
	arena_defer(a, note, b);
	arena_defer(a, note, c);
	is(order, "", "a deferred call waits");
	arena_reset(a);
	is(order, "cb", "reset runs deferred calls, last first");
	arena_reset(a);
	is(order, "cb", "and only once");
}

static void
test_reset(struct arena *a)
{
	bool zero = true;

	for (int round = 0; round < 200; round++) {
		unsigned char *p = arena_alloc(a, 3000);

		zero = zero && all_zero(p, 3000);
		memset(p, 0xff, 3000);
		memset(arena_alloc(a, 100000), 0xff, 100000);
		arena_reset(a);
	}
	ok(zero, "memory is zeroed again after a reset");
}

int
main(void)
{
	static char last[] = "z";
	struct arena *a = arena_new();

	test_alloc(a);
	test_distinct(a);
	test_copies(a);
	test_defer(a);
	test_reset(a);
	n_order = 0;
	arena_defer(a, note, last);
	arena_defer(a, free, malloc(10));
	arena_free(a);
	is(order, "z", "free runs deferred calls");
	return done();
}

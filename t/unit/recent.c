/* Answers that stay mapped: found by key and generation, whole for whoever holds them, also when the file or their place is gone. */
#include "tap.h"

#include "arena.h"
#include "buf.h"
#include "recent.h"

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/tv-recent-XXXXXX";

/* Another file each time, as the store's never change. */
static void
put_file(const char *text, size_t n)
{
	unlink(path);
	FILE *f = fopen(path, "w");
	if (!f || fwrite(text, 1, n, f) != n || fclose(f))
		abort();
}

static struct buf
key_of(struct arena *a, int n)
{
	struct buf key = buf_new(a);
	buf_printf(&key, "a18 1 /ondemand/movies/%d", n);
	return key;
}

/* An answer of which the file is so long; its body ends in its number. */
static const struct kept *
keep(struct arena *a, int number, size_t len)
{
	char *text = arena_alloc(a, len + 1);
	size_t n = (size_t)sprintf(text, "\"etag-%d\" - 6\nA: b\r\n", number);
	memset(text + n, 'x', len - n);
	sprintf(text + len - 6, "%06d", number);
	put_file(text, len);
	struct buf key = key_of(a, number);
	return recent_open(a, &key, 1, path);
}

static bool
is_whole(const struct kept *k, int number, size_t len)
{
	char etag[32], end[8];
	size_t n = (size_t)sprintf(etag, "\"etag-%d\"", number);
	sprintf(end, "%06d", number);
	return k && !strcmp(k->etag, etag) && !k->gzipped && k->headers_len == 6 &&
		!memcmp(k->headers, "A: b\r\n", 6) && k->body_len == len - n - 11 &&
		!strcmp(k->body + k->body_len - 6, end);
}

static const struct kept *
find(struct arena *a, int number, int64_t generation)
{
	struct buf key = key_of(a, number);
	return recent_find(a, &key, generation);
}

static bool
refused(struct arena *a, const char *text, size_t n)
{
	put_file(text, n);
	struct buf key = key_of(a, 999999);
	return !recent_open(a, &key, 1, path) && !find(a, 999999, 1);
}

/* Pages of memory that this process has mapped. */
static long
mapped(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%ld", &pages) != 1)
		abort();
	fclose(f);
	return pages;
}

static void
test_lengths(struct arena *a)
{
	static const size_t lengths[] = { 100, 4095, 4096, 4097, 8192, 270000 };
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		char name[64];
		sprintf(name, "a file of %zu bytes, and a NUL behind it", lengths[i]);
		ok(is_whole(keep(a, (int)i, lengths[i]), (int)i, lengths[i]), name);
	}
	unlink(path);
	ok(is_whole(find(a, 2, 1), 2, 4096), "it is found without its file");
	ok(!find(a, 2, 2), "not for another generation");
	ok(!find(a, 77, 1), "nor what was never given out");
	struct buf key = key_of(a, 77);
	ok(!recent_open(a, &key, 1, path), "without a file there is none");
}

static void
test_refused(struct arena *a)
{
	static const char *const bad[] = { "", "\"e\"", "\"e\" ", "\"e\" -", "\"e\" - ", "\"e\" - 6", "\"e\" - x\n", "\"e\" - 7\nA: b\r\n",
		"\"e\" - 99999999999999999999\nbody", "\n\n\n" };
	bool all = true;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!refused(a, bad[i], strlen(bad[i]))) {
			diag("taken: %s", bad[i]);
			all = false;
		}
	ok(all, "what is not of that form is no answer");
}

static void
test_replaced(struct arena *holder)
{
	enum { MANY = 3000, SIZE = 20000 };
	struct arena *a = arena_new();
	const struct kept *held = keep(holder, MANY, SIZE);
	for (int i = 0; i < MANY; i++) {
		keep(a, i, SIZE);
		arena_reset(a);
	}
	long before = mapped();
	for (int i = 0; i < MANY; i++) {
		keep(a, i, SIZE);
		arena_reset(a);
	}
	ok(!find(a, MANY, 1), "many others take its place");
	ok(is_whole(held, MANY, SIZE), "who holds it has it all the same");
	int left = 0;
	for (int i = 0; i < MANY; i++)
		left += is_whole(find(a, i, 1), i, SIZE);
	ok(left > 100 && left <= 512, "some hundred are there, each its own");
	arena_free(a);
	ok(mapped() - before < 2 * RECENT_BYTES / 4096, "and no more memory than for those");
}

static void
test_bytes(struct arena *a)
{
	enum { SIZE = 250000 };
	size_t bytes = 0;
	for (int i = 0; i < 300; i++)
		keep(a, 5000 + i, SIZE);
	for (int i = 0; i < 300; i++)
		bytes += find(a, 5000 + i, 1) ? SIZE : 0;
	ok(bytes > 0 && bytes <= RECENT_BYTES, "large ones are no more than so many bytes");
}

int
main(void)
{
	int fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
	struct arena *a = arena_new();
	test_lengths(a);
	test_refused(a);
	test_replaced(a);
	test_bytes(a);
	arena_free(a);
	unlink(path);
	return done();
}

/* TAP for tests in C: plan() or done() says how many, every check is one line, a failing one says
 * where and what. A test program's exit status is that of done(): 0 when all held. */
#ifndef TAP_H
#define TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static struct {
	int planned, run, failed;
} tap;

static inline void
plan(int n)
{
	tap.planned = n;
	printf("1..%d\n", n);
}

/* Lines of a diagnosis, on stderr, so that prove shows them. */
__attribute__((format(printf, 1, 2))) static inline void
diag(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("# ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static inline bool
tap_ok(bool held, const char *name, const char *file, int line)
{
	tap.run++;
	printf("%sok %d - %s\n", held ? "" : "not ", tap.run, name);
	if (!held) {
		tap.failed++;
		diag("  %s, at %s line %d", name, file, line);
	}
	fflush(stdout);
	return held;
}

static inline bool
tap_is(const char *got, const char *want, const char *name, const char *file, int line)
{
	bool held = got == want || (got && want && strcmp(got, want) == 0);

	if (!tap_ok(held, name, file, line)) {
		diag("       got: %s", got ? got : "NULL");
		diag("  expected: %s", want ? want : "NULL");
	}
	return held;
}

static inline bool
tap_is_int(int64_t got, int64_t want, const char *name, const char *file, int line)
{
	if (!tap_ok(got == want, name, file, line)) {
		diag("       got: %" PRId64, got);
		diag("  expected: %" PRId64, want);
	}
	return got == want;
}

/* n checks that cannot run here. */
static inline void
skip(int n, const char *reason)
{
	while (n-- > 0)
		printf("ok %d # SKIP %s\n", ++tap.run, reason);
}

/* Last call of main. Without plan() it prints the plan. */
static inline int
done(void)
{
	if (!tap.planned)
		plan(tap.run);
	if (tap.failed)
		diag("%d of %d failed", tap.failed, tap.run);
	return tap.failed || tap.planned != tap.run;
}

#define ok(held, name) tap_ok((held), (name), __FILE__, __LINE__)
#define is(got, want, name) tap_is((got), (want), (name), __FILE__, __LINE__)
#define is_int(got, want, name)                                                                    \
	tap_is_int((int64_t)(got), (int64_t)(want), (name), __FILE__, __LINE__)

/* The most memory that this process has had so far. */
static inline long
peak_kib(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return r.ru_maxrss;
}

#endif

/* The breaker: closed, open after failures in a row, one probe at a time, also when the prober was
 * killed. */
#include "breaker.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { WORKERS = 8, TRIES = 20000 };

static const int64_t start = 1000000;

static struct breaker
opened(int64_t now)
{
	struct breaker b = { 0 };
	for (int i = 0; i < BREAKER_FAILURES; i++)
		breaker_failure(&b, now);
	return b;
}

static void
test_closed(void)
{
	struct breaker b = { 0 };
	bool told = false;
	ok(breaker_allow(&b, start), "the first state lets calls through");
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i < BREAKER_FAILURES; i++)
			told |= breaker_failure(&b, start);
		told |= breaker_success(&b);
	}
	ok(!told && !breaker_open(&b), "failures that are not in a row do not open it");
}

static void
test_open(void)
{
	struct breaker b = { 0 };
	int told = 0;
	for (int i = 0; i < 3 * BREAKER_FAILURES; i++)
		told += breaker_failure(&b, start);
	is_int(told, 1, "opening is said once");
	ok(breaker_open(&b), "failures in a row open it");
	ok(!breaker_allow(&b, start + 1), "open, it lets nobody through");
	ok(!breaker_allow(&b, start + BREAKER_PROBE_US - 1), "up to the time of the probe");
	ok(breaker_allow(&b, start + BREAKER_PROBE_US), "then one");
	ok(!breaker_allow(&b, start + BREAKER_PROBE_US), "and not a second one");
	ok(breaker_allow(&b, start + 2 * BREAKER_PROBE_US),
		"a probe that never reported is followed by another");
	breaker_again(&b, start + BREAKER_PROBE_US);
	ok(breaker_allow(&b, start + BREAKER_PROBE_US) && !breaker_allow(&b, start + BREAKER_PROBE_US),
		"one that was answered slowly is followed by one at once");
	ok(!breaker_failure(&b, start) && breaker_open(&b), "a probe that fails leaves it open");
	ok(breaker_success(&b), "one that succeeds closes it, and that is said");
	ok(breaker_allow(&b, start) && !breaker_success(&b), "closed again");
}

static void
test_clock(void)
{
	struct breaker b = opened(start + 1000 * (int64_t)BREAKER_PROBE_US);
	ok(breaker_allow(&b, start), "a clock that began anew does not keep it shut for days");
}

/* Processes share it, and some of them are killed in between. */
static void
test_processes(void)
{
	struct shared {
		struct breaker b;
		_Atomic int probes;
	} *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < BREAKER_FAILURES; i++)
		breaker_failure(&s->b, start);
	for (int w = 0; w < WORKERS; w++)
		if (fork() == 0) {
			for (int i = 0; i < TRIES; i++)
				if (breaker_allow(&s->b, start + BREAKER_PROBE_US))
					atomic_fetch_add(&s->probes, 1);
			kill(getpid(), w % 2 ? SIGKILL : SIGTERM);
		}
	while (wait(NULL) > 0)
		;
	is_int(s->probes, 1, "of all processes one is the probe");
	ok(breaker_allow(&s->b, start + 2 * BREAKER_PROBE_US), "killed ones hold nothing");
	munmap(s, sizeof *s);
}

int
main(void)
{
	test_closed();
	test_open();
	test_clock();
	test_processes();
	return done();
}

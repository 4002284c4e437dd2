/* That work which steps back really does: a longer turn while it lasts, its core offered many times
 * a second, and everything as before afterwards. */
#include "banned.h"

#include "behind.h"
#include "tap.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORK_US = 30000 };

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static struct attributes
attributes(void)
{
	struct attributes now = { 0 };
	syscall(SYS_sched_getattr, 0, &now, sizeof now, 0);
	return now;
}

static int64_t
used_us(void)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static volatile sig_atomic_t offers;

/* Instead of the C library's. */
int
sched_yield(void)
{
	offers++;
	return (int)syscall(SYS_sched_yield);
}

/* How often the core is offered during so much work. */
static int
offered(void)
{
	offers = 0;
	for (int64_t end = used_us() + WORK_US; used_us() < end;)
		continue;
	return offers;
}

static void
test_slice(void)
{
	struct attributes before = attributes();
	behind_begin();
	struct attributes during = attributes();
	behind_end();
	struct attributes after = attributes();
	ok(!before.runtime || during.runtime > before.runtime, "a longer turn, where the kernel has it");
	ok(after.runtime == before.runtime, "the kernel's own afterwards");
	is_int(during.nice, before.nice, "as nice as before");
	is_int(after.policy, before.policy, "of the same policy");
}

static volatile sig_atomic_t late;

static void
on_late(int signal)
{
	(void)signal;
	late++;
}

static void
test_offers(void)
{
	behind_begin();
	int during = offered();
	behind_end();
	diag("offered %d times in 30 ms of work", during);
	ok(during >= 20, "the core is offered many times");
	sigaction(SIGRTMIN, &(struct sigaction){ .sa_handler = on_late }, NULL);
	is_int(offered(), 0, "and not afterwards");
	is_int(late, 0, "nor is there a signal");
}

/* Each takes one of the signals that may wait for an account. */
static void
test_again(void)
{
	struct rlimit few = { 20, 20 };
	setrlimit(RLIMIT_SIGPENDING, &few);
	for (int i = 0; i < 100; i++) {
		behind_begin();
		behind_end();
	}
	test_offers();
}

int
main(void)
{
	plan(7);
	test_slice();
	test_again();
	return done();
}

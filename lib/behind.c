/* Niceness can not be undone by who has it, and with sched_autogroup it only counts within a
 * session. What counts everywhere is which turn is longer, and when it ends:
 *
 * - From Linux 6.12 on sched_setattr sets the length of a turn of an ordinary process, and who
 *   wakes up goes first at once when its own turn is a shorter one (PREEMPT_SHORT). Earlier
 *   kernels ignore the length.
 * - Who is always ready to run, such as a web server under full load, only gets its turn when the
 *   kernel's tick comes, every 4 ms with HZ=250. So the core is offered every half millisecond.
 *   From Linux 6.18 on who yields gives up the rest of its turn, and so gets little behind others
 *   that never rest: after PATIENCE_S it is offered no more, and the share is as anybody's. */
#include "banned.h"

#include "behind.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SLICE_NS = 3000000, /* longer than the kernel's own, which is 2.8 ms at most */
	OFFER_NS = 500000,
	PATIENCE_S = 1,
};

/* Of linux/sched/types.h, which can not be included beside sched.h of this C library. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static timer_t offers;
static struct timespec patience; /* until then */
static volatile sig_atomic_t offering;

/* All but the length stays. 0 is the kernel's own. */
static void
set_slice(uint64_t ns)
{
	struct attributes now = { 0 };
	if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) < 0 ||
		(now.policy != SCHED_OTHER && now.policy != SCHED_BATCH))
		return;
	now.runtime = ns;
	syscall(SYS_sched_setattr, 0, &now, 0);
}

/* Once, from now: a turn that was long in coming is not over at once. A timer of processor time
 * would be as coarse as the tick. */
static void
offer_later(void)
{
	timer_settime(offers, 0, &(struct itimerspec){ .it_value.tv_nsec = OFFER_NS }, NULL);
}

static bool
patient(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < patience.tv_sec ||
		(now.tv_sec == patience.tv_sec && now.tv_nsec < patience.tv_nsec);
}

static void
on_offer(int signal)
{
	int kept = errno;
	(void)signal;
	if (offering && patient()) {
		sched_yield();
		offer_later();
	}
	errno = kept;
}

void
behind_begin(void)
{
	struct sigaction action = { .sa_handler = on_offer, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	set_slice(SLICE_NS);
	if (sigaction(SIGRTMIN, &action, NULL) < 0 ||
		timer_create(CLOCK_MONOTONIC, &event, &offers) < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &patience);
	patience.tv_sec += PATIENCE_S;
	offering = 1;
	offer_later();
}

/* A last signal may still come: its handler stays, and does nothing. */
void
behind_end(void)
{
	if (offering)
		timer_delete(offers);
	offering = 0;
	set_slice(0);
}

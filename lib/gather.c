/* An instant for each worker: who is killed leaves nothing behind but that. */
#include "banned.h"

#include "gather.h"

#include "log.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of each worker, microseconds of CLOCK_MONOTONIC; NULL: not shared. */
static _Atomic int64_t *until;
static int own, most = 1;

void
gather_share(int workers)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	void *map = mmap(NULL, sizeof *until * (size_t)workers, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED) {
		log_msg(LOG_WARN, "no memory to share: statements will answer fewer requests");
		return;
	}
	until = map;
	most = cores < 4 ? 1 : (int)(cores / 2);
}

void
gather_join(int n)
{
	own = n;
}

void
gather_begin(int64_t now)
{
	if (until)
		atomic_store_explicit(&until[own], now + GATHER_US, memory_order_relaxed);
}

void
gather_end(void)
{
	if (until && atomic_load_explicit(&until[own], memory_order_relaxed))
		atomic_store_explicit(&until[own], 0, memory_order_relaxed);
}

int64_t
gather_left_to_others(int64_t now)
{
	int gathering = 0;
	int64_t first = INT64_MAX;
	for (int i = 0; until && i < own; i++) {
		int64_t ends = atomic_load_explicit(&until[i], memory_order_relaxed);
		if (ends > now) {
			gathering++;
			first = ends < first ? ends : first;
		}
	}
	return gathering < most ? 0 : first - now;
}

/* Which of the two is wrong is said by what was answered since: by one store a statement. */
#include "banned.h"

#include "db-away.h"

#include <sys/random.h>

/* the clock starts again with the machine, the file may not: no wait is as long */
static const int64_t longest_us = 10000000;

bool
db_away_silent(const struct db_away *a)
{
	return atomic_load_explicit(&a->silent, memory_order_relaxed);
}

bool
db_away_look(struct db_away *a, int64_t now, int64_t *deadline)
{
	int64_t after = atomic_load(&a->connect_after);
	if (!after)
		return true;
	if (now < after && after - now < longest_us)
		return false;
	if (*deadline > now + AWAY_LOOK_US)
		*deadline = now + AWAY_LOOK_US;
	return atomic_compare_exchange_strong(
		&a->connect_after, &after, now + AWAY_LOOK_US + AWAY_US);
}

/* Who looks at a silent one holds the others back up to an answer: a server whose disk hangs takes
 * connections as well. */
void
db_away_connected(struct db_away *a)
{
	if (!db_away_silent(a))
		atomic_store(&a->connect_after, 0);
}

void
db_away_answered(struct db_away *a, int64_t now)
{
	atomic_store_explicit(&a->answered_at, now, memory_order_relaxed);
	if (atomic_load_explicit(&a->late, memory_order_relaxed))
		atomic_store(&a->late, 0);
	if (db_away_silent(a)) {
		atomic_store(&a->silent, false);
		atomic_store(&a->connect_after, 0);
	}
}

/* Nodes that lost it together look again at different times. */
static void
wait_a_while(struct db_away *a, int64_t now)
{
	uint16_t jitter = 0;
	if (getrandom(&jitter, sizeof jitter, GRND_NONBLOCK) < 0)
		jitter = 0;
	atomic_store(&a->connect_after, now + AWAY_US + jitter);
}

static bool
answered_since(const struct db_away *a, int64_t began, int64_t now)
{
	int64_t at = atomic_load(&a->answered_at);
	return at >= began && at <= now;
}

void
db_away_refused(struct db_away *a, int64_t began, int64_t now, bool in_vain)
{
	if (in_vain && !answered_since(a, began, now))
		atomic_store(&a->silent, true);
	wait_a_while(a, now);
}

bool
db_away_late(struct db_away *a, int64_t began, int64_t now)
{
	if (answered_since(a, began, now))
		return false;
	if (atomic_fetch_add(&a->late, 1) + 1 >= AWAY_LATE) {
		atomic_store(&a->silent, true);
		wait_a_while(a, now);
	}
	return true;
}

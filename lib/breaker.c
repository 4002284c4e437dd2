/* Closed until BREAKER_FAILURES calls in a row have failed, then open until one succeeds. */
#include "banned.h"

#include "breaker.h"

bool
breaker_open(const struct breaker *b)
{
	return atomic_load(&b->failures) >= BREAKER_FAILURES;
}

bool
breaker_allow(struct breaker *b, int64_t now)
{
	if (!breaker_open(b))
		return true;
	int64_t at = atomic_load(&b->probe_at);
	/* the clock starts again with the machine, the file may not */
	if (now < at && at - now <= BREAKER_PROBE_US)
		return false;
	return atomic_compare_exchange_strong(&b->probe_at, &at, now + BREAKER_PROBE_US);
}

void
breaker_again(struct breaker *b, int64_t now)
{
	atomic_store(&b->probe_at, now);
}

bool
breaker_success(struct breaker *b)
{
	if (!atomic_load_explicit(&b->failures, memory_order_relaxed))
		return false;
	return atomic_exchange(&b->failures, 0) >= BREAKER_FAILURES;
}

bool
breaker_failure(struct breaker *b, int64_t now)
{
	uint32_t failures = atomic_load(&b->failures);
	do {
		if (failures >= BREAKER_FAILURES)
			return false;
		/* before the count, so that nobody sees it open with an old time */
		if (failures + 1 == BREAKER_FAILURES)
			atomic_store(&b->probe_at, now + BREAKER_PROBE_US);
	} while (!atomic_compare_exchange_weak(&b->failures, &failures, failures + 1));
	return failures + 1 == BREAKER_FAILURES;
}

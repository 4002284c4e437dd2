/* A set-associative table of atomics: a subject's hash picks a set of eight slots; the slot that
 * was due longest ago makes room. Two processes that take the same slot at once may lose a count;
 * neither can block, and none is lost to kill -9. */
#include "banned.h"

#include "throttle.h"

#include "conf.h"
#include "digest.h"
#include "shared.h"

enum { WAYS = 8, MAX_COUNT = 0x7fff, CLOCKS_MS = 10000 };

/* state: known (1 bit), count (15), due (48: milliseconds since 1970) */
static const uint64_t KNOWN = (uint64_t)1 << 63, DUE = ((uint64_t)1 << 48) - 1;

static uint64_t
due_of(uint64_t state)
{
	return state & DUE;
}

static uint64_t
count_of(uint64_t state)
{
	return (state & ~KNOWN) >> 48;
}

static uint64_t
pack(uint64_t known, uint64_t count, uint64_t due)
{
	return (known & KNOWN) | (count > MAX_COUNT ? MAX_COUNT : count) << 48 | (due & DUE);
}

static uint64_t
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Never 0: that is an empty slot. */
static uint64_t
subject(const struct throttle_rule *rule, const char *a, const char *b)
{
	unsigned char hash[DIGEST_SIZE];
	char text[512];
	/* U+001F separates: neither an address nor an account's text may have it */
	int n = snprintf(text, sizeof text, "%s\x1f%s\x1f%s", rule->name, a, b);
	digest_bytes(text, n < (int)sizeof text ? (size_t)n : sizeof text - 1, hash);
	uint64_t key;
	memcpy(&key, hash, sizeof key);
	return key ? key : 1;
}

static struct throttle_slot *
find(uint64_t key)
{
	struct throttle_slot *set = shared()->throttle + key % (SHARED_THROTTLE_SLOTS / WAYS) * WAYS,
						 *oldest = set;
	for (int i = 0; i < WAYS; i++) {
		if (atomic_load(&set[i].key) == key)
			return &set[i];
		if (due_of(atomic_load(&set[i].state)) < due_of(atomic_load(&oldest->state)))
			oldest = &set[i];
	}
	atomic_store(&oldest->state, pack(0, 0, now_ms()));
	atomic_store(&oldest->key, key);
	return oldest;
}

static bool
off(void)
{
	return !strcmp(conf_text(CONF_RATE_LOGIN), "off");
}

static uint64_t
delay_ms(const struct throttle_rule *rule, uint64_t count)
{
	if (count < (uint64_t)rule->free)
		return 0;
	uint64_t doublings = count - (uint64_t)rule->free;
	uint64_t seconds = doublings > 20 ? UINT32_MAX : (uint64_t)rule->first << doublings;
	return 1000 * (seconds < (uint64_t)rule->longest ? seconds : (uint64_t)rule->longest);
}

/* How long the subject still waits. Longer than the longest delay, but for workers that looked at
 * the clock at other moments, is only by a clock that was put back: then not at all. */
static uint64_t
wait_ms(const struct throttle_rule *rule, uint64_t due, uint64_t now)
{
	uint64_t longest = 1000 * (uint64_t)rule->longest + CLOCKS_MS;
	return due > now && due - now <= longest ? due - now : 0;
}

int
throttle_take(const struct throttle_rule *rule, const char *a, const char *b)
{
	if (off())
		return 0;
	struct throttle_slot *slot = find(subject(rule, a, b));
	uint64_t now = now_ms(), state = atomic_load(&slot->state), next;
	do {
		uint64_t due = due_of(state), count = count_of(state);
		uint64_t wait = wait_ms(rule, due, now);
		if (wait)
			return (int)((wait + 999) / 1000);
		if (now > due && now - due > (uint64_t)rule->forgotten * 1000)
			count = 0;
		next = pack(state, count + 1, now + delay_ms(rule, count + 1));
	} while (!atomic_compare_exchange_weak(&slot->state, &state, next));
	return 0;
}

void
throttle_refund(const struct throttle_rule *rule, const char *a, const char *b)
{
	if (off())
		return;
	struct throttle_slot *slot = find(subject(rule, a, b));
	uint64_t now = now_ms(), state = atomic_load(&slot->state), next;
	do
		next = pack(state, count_of(state) ? count_of(state) - 1 : 0, now);
	while (!atomic_compare_exchange_weak(&slot->state, &state, next));
}

void
throttle_trust(const struct throttle_rule *rule, const char *a, const char *b)
{
	if (!off())
		atomic_store(&find(subject(rule, a, b))->state, pack(KNOWN, 0, now_ms()));
}

bool
throttle_known(const struct throttle_rule *rule, const char *a, const char *b)
{
	return !off() && atomic_load(&find(subject(rule, a, b))->state) & KNOWN;
}

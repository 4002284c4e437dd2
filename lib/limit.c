/* A set-associative table: a subject's hash picks a set of eight slots. A new subject takes the
 * slot whose debt was paid off first, and needs no reset: a debt in the past is none. Two atomics
 * and no lock, so nobody who is killed can stop the others. */
#include "banned.h"

#include "limit.h"

#include "conf.h"
#include "digest.h"
#include "log.h"
#include "param.h"
#include "shared.h"

enum { WAYS = 8, CLOCKS_US = 10000000 };

static const struct {
	const char *name;
	enum conf_key key;
} classes[LIMIT_COUNT] = {
	[LIMIT_API] = { "api", CONF_RATE_API },
	[LIMIT_LOGIN] = { "login", CONF_RATE_LOGIN },
	[LIMIT_WRITE] = { "write", CONF_RATE_WRITE },
	[LIMIT_PLAY] = { "play", CONF_RATE_PLAY },
	[LIMIT_SEARCH] = { "search", CONF_RATE_SEARCH },
	[LIMIT_IMPORT] = { "import", CONF_RATE_IMPORT },
};

bool
limit_parse(const char *text, struct limit *out)
{
	char part[3][16];
	static const char ends[] = "/:";
	if (!strcmp(text, "off")) {
		out->name = NULL;
		return true;
	}
	for (int i = 0; i < 3; i++) {
		size_t n = strspn(text, "0123456789");
		if (!n || n >= sizeof part[i] || text[n] != ends[i])
			return false;
		memcpy(part[i], text, n);
		part[i][n] = 0;
		text += n + (i < 2);
	}
	return parse_int(part[0], 1, 1000000, &out->rate) &&
		parse_int(part[1], 1, 86400, &out->seconds) && parse_int(part[2], 1, 1000000, &out->burst);
}

const char *
limit_class_name(int class)
{
	return classes[class].name;
}

const struct limit *limit_of(enum limit_class class)
{
	static struct limit limits[LIMIT_COUNT];
	static bool read[LIMIT_COUNT];
	struct limit *l = &limits[class];
	if (read[class] || !classes[class].name)
		return l;
	read[class] = true;
	l->name = classes[class].name;
	if (!limit_parse(conf_text(classes[class].key), l)) {
		log_msg(LOG_ERROR, "%s is neither off nor REQUESTS/SECONDS:BURST: the default holds",
			conf_name(classes[class].key));
		limit_parse(conf_default(classes[class].key), l);
	}
	return l;
}

/* Never 0: that is an empty slot. */
static uint64_t
key_of(const struct limit *limit, const char *subject)
{
	unsigned char hash[DIGEST_SIZE];
	char text[128];
	uint64_t key;
	int n = snprintf(text, sizeof text, "%s\x1f%s", limit->name, subject);
	digest_bytes(text, n < (int)sizeof text ? (size_t)n : sizeof text - 1, hash);
	memcpy(&key, hash, sizeof key);
	return key ? key : 1;
}

/* Whoever else wants the same slot at once loses the exchange and looks again. */
static struct limit_slot *
find(uint64_t key)
{
	struct limit_slot *set = shared()->limit + key % (SHARED_LIMIT_SLOTS / WAYS) * WAYS;
	for (;;) {
		struct limit_slot *first = set;
		for (int i = 0; i < WAYS; i++) {
			if (atomic_load(&set[i].key) == key)
				return &set[i];
			if (atomic_load(&set[i].paid_us) < atomic_load(&first->paid_us))
				first = &set[i];
		}
		uint64_t old = atomic_load(&first->key);
		if (atomic_compare_exchange_strong(&first->key, &old, key))
			return first;
	}
}

/* From when the next request is to be paid: later than the burst allows, but for workers that
 * looked at the clock at other moments, only by a clock that was put back; then nothing is owed. */
static int64_t
owed_until(int64_t paid, int64_t now, int64_t room)
{
	return paid > now && paid - now <= room + CLOCKS_US ? paid : now;
}

struct limit_answer
limit_take(const struct limit *limit, const char *subject, int64_t now)
{
	struct limit_slot *slot = find(key_of(limit, subject));
	int64_t cost = limit->seconds * 1000000 / limit->rate, room = cost * limit->burst;
	int64_t paid = atomic_load(&slot->paid_us), from, next;
	do {
		from = owed_until(paid, now, room);
		next = from + cost;
		if (next - now > room)
			return (struct limit_answer){ .wait_us = next - now - room, .full_us = from - now };
	} while (!atomic_compare_exchange_weak(&slot->paid_us, &paid, next));
	return (struct limit_answer){
		.allowed = true, .left = (room - (next - now)) / cost, .full_us = next - now
	};
}

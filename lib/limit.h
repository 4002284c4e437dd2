/* How many requests a caller may make: GCRA (the generic cell rate algorithm of ATM, ITU-T I.371)
 * in the shared mapping, so all workers of all programs of a node count together, and exactly. A
 * subject's state is one number, the instant at which everything allowed so far would have been
 * paid off at the class's rate. Who is refused is not counted.
 *
 * The classes are settings, TV_RATE_API and so on: "off", or REQUESTS/SECONDS:BURST. */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum limit_class {
	LIMIT_DEFAULT, /* in a route's row: LIMIT_API for GET, LIMIT_WRITE for others */
	LIMIT_NONE,
	LIMIT_API,
	LIMIT_LOGIN,
	LIMIT_WRITE,
	LIMIT_PLAY,
	LIMIT_SEARCH,
	LIMIT_IMPORT,
	LIMIT_COUNT,
};

struct limit {
	const char *name; /* NULL: this class has no limit */
	int64_t rate, seconds, burst; /* rate requests in seconds, burst at once */
};

struct limit_answer {
	bool allowed;
	int64_t left; /* requests that may follow at once */
	int64_t wait_us; /* refused: until the next one is allowed */
	int64_t full_us; /* until the whole burst is allowed again */
};

/* Reads "off" or REQUESTS/SECONDS:BURST. False: neither. */
bool limit_parse(const char *text, struct limit *out);
/* The limit of a class, as set. */
const struct limit *limit_of(enum limit_class class);
/* Its name, also where nothing is limited; class: LIMIT_API and after. */
const char *limit_class_name(int class);
/* Counts a request of this subject at that instant (microseconds since 1970). */
struct limit_answer limit_take(const struct limit *limit, const char *subject, int64_t now_us);

#endif

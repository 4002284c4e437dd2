/* Growing delays for guesses: of passwords and PINs. Counted in the shared mapping, so all workers
 * of the node see the same. TV_RATE_LOGIN=off lets everything through (for load tests). */
#ifndef THROTTLE_H
#define THROTTLE_H

#include <stdbool.h>

struct throttle_rule {
	const char *name;
	int free; /* tries without a delay */
	int first; /* seconds after these, then doubling */
	int longest; /* seconds */
	int forgotten; /* seconds after which the count begins anew */
};

/* Counts a try by subject (two texts make one subject; b may be ""). 0: go on. Else: not now,
 * seconds until then; not counted. */
int throttle_take(const struct throttle_rule *rule, const char *a, const char *b);
/* Takes the last try back: it was right, or was never made. */
void throttle_refund(const struct throttle_rule *rule, const char *a, const char *b);
/* The subject has shown that it knows the secret: its count begins anew, and throttle_known answers
 * true for a while. */
void throttle_trust(const struct throttle_rule *rule, const char *a, const char *b);
bool throttle_known(const struct throttle_rule *rule, const char *a, const char *b);

#endif

/* Whether a request's target is spelled in the one way that kept answers are found by. */
#ifndef CANONICAL_H
#define CANONICAL_H

#include <stdbool.h>

struct req;

/* Nothing percent-encoded, parameters in the order of the route's row, numbers without needless
 * zeros, lists of ids ascending, instants on half hours and in UTC. Any other spelling gets its
 * answer, too, but that one is not kept. Call with the parameters checked. */
bool canonical_target(const struct req *r);

#endif

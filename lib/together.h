/* Requests of one route that wait at once are answered by one statement: most of what a small
 * statement costs is its start and its round trip. Nothing waits for others to come. */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <stdbool.h>

struct req;

enum { TOGETHER_MOST = 8 };

/* Whether both, begun and not acted upon (they may be the same), can be. */
bool together_may(const struct req *a, const struct req *b);
/* Acts upon all of them, each of which may be with the first. What one statement does not answer is
 * left to req_act(): one of them may be at fault for all. */
void together_act(struct req *const *all, int n);

#endif

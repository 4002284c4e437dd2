/* Requests of one route that wait at once are answered by one statement: most of what a small
 * statement costs is its start and its round trip. Nothing waits for others to come. Not for large
 * answers, such as the guide: there it gains nothing, and each waits for all. A write may only have
 * it when doing it twice is harmless: should the one statement be late, each is asked for again. */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <stdbool.h>

struct req;

enum { TOGETHER_MOST = 8 };

/* Whether it has begun and now awaits nothing but such a statement. */
bool together_asks(const struct req *r);
/* Acts upon those of at most TOGETHER_MOST that ask the same. What is not answered then is left to
 * req_act(): nobody else asks it, or one is at fault for all. */
void together_act(struct req *const *all, int n);

#endif

/* Requests of one route that wait at once are answered by one statement: most of what a small
 * statement costs is its start and its round trip. Not for large answers, such as the guide: there
 * it gains nothing, and each waits for all; of those a read asks for its own while another one's is
 * on its way. A write may only have it when doing it twice is harmless: should the statement be
 * late, each is asked for again. */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <stdbool.h>
#include <stdint.h>

struct req;

enum { TOGETHER_MOST = 8 };

/* Requests that were taken at once, and those of them that are asked for together. All zero: none.
 */
struct together {
	struct req *all[TOGETHER_MOST];
	int n_all;
	struct req *some[TOGETHER_MOST];
	int n;
	int64_t asked_us, deadline_us;
};

/* Whether another request may join: up to now each has a statement that others can share. */
bool together_open(const struct together *t);
/* Sends the statement for those that ask the same (or for one alone). False: there are none, or
 * db_ask() cannot. */
bool together_ask(struct together *t);
/* After together_ask(): which statement it is, and whether others might have shared it. */
int together_query(const struct together *t);
bool together_shared(const struct together *t);
/* Its answer. Who has none then is left to req_act(): one was at fault for all, or it was late. */
void together_answer(struct together *t);

#endif

/* Which of a program's workers take requests. One whose statement is on its way goes on taking what
 * comes, so that its next statement answers more of them (together.h). The others leave requests to
 * it for a moment: when its statement takes longer, they take part. Half as many workers as there
 * are cores gather at a time: what a statement takes of one core, web server and programs take of
 * another. */
#ifndef GATHER_H
#define GATHER_H

#include <stdint.h>

enum { GATHER_US = 3000 };

/* By the master, before it forks its workers; without it each takes what it can. */
void gather_share(int workers);
/* This process is the nth of them. The first ones go first, as the kernel wakes them. */
void gather_join(int n);
/* It takes requests up to GATHER_US from now; or does something else from now on, which is known
 * to whoever looks next. */
void gather_begin(int64_t now);
void gather_end(void);
/* For how many microseconds requests are left to others; 0: not at all. */
int64_t gather_left_to_others(int64_t now);

#endif

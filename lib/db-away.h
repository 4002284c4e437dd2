/* What the processes of a node know together of a PostgreSQL that does not answer, so that one of
 * them looks and the others refuse at once. Lives in the shared mapping; all zero is its first
 * state. A process that is killed at any point leaves nothing held.
 *
 * Two things may be wrong, and who they are no matter to goes on:
 * - No connection was made. For a while nobody makes one; those that are there are used.
 * - It is silent: a connection was waited for in vain, or AWAY_LATE statements were late, and
 *   nobody was answered meanwhile. Then connections say nothing either, and are not used.
 * One statement that is late says nothing of the server: it may wait for a lock.
 *
 * Times are CLOCK_MONOTONIC microseconds. */
#ifndef DB_AWAY_H
#define DB_AWAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	AWAY_LATE = 3,
	AWAY_US = 250000, /* how long an absence is believed before somebody looks again */
	AWAY_LOOK_US = 400000, /* how long that may take */
};

struct db_away {
	_Atomic int64_t connect_after; /* 0: nothing is known against it */
	_Atomic int64_t answered_at; /* any statement, of anybody */
	_Atomic uint32_t late; /* statements, since then */
	_Atomic bool silent;
};

/* Whether a connection that is there is of any use. */
bool db_away_silent(const struct db_away *a);
/* Whether to make one now, up to *deadline. While it is away one caller at a time, whose deadline
 * is made earlier. */
bool db_away_look(struct db_away *a, int64_t now, int64_t *deadline);
/* A connection was made; a statement was answered. */
void db_away_connected(struct db_away *a);
void db_away_answered(struct db_away *a, int64_t now);
/* No connection was made; in_vain: nobody said why, up to the deadline. */
void db_away_refused(struct db_away *a, int64_t began, int64_t now, bool in_vain);
/* A statement was late. True: nobody else was answered meanwhile, so whether the server is there is
 * to be looked after. */
bool db_away_late(struct db_away *a, int64_t began, int64_t now);

#endif

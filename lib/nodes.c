/* A number is taken after the commit and sent by NOTIFY, so whoever hears of it has heard of the
 * commit before. Nothing is held while waiting: each look is a statement of its own. */
#include "banned.h"

#include "nodes.h"

#include "arena.h"
#include "common.queries.h"
#include "db.h"
#include "lease.h"
#include "log.h"
#include "req.h"

#include <unistd.h>

enum { STATEMENT_US = 1000000, PAUSE_US = 500, LONGEST_PAUSE_US = 20000 };

enum answer { NOT_KNOWN, NOBODY, SOMEBODY };

/* The number that a statement about the other nodes answers: null, when there are none. */
static enum answer
ask(struct db *db, struct arena *a, int query, int64_t *number)
{
	const char *beside = arena_printf(a, "%lld", (long long)lease_node());
	struct db_result r = db_query(db, a, query, 1, &beside, NULL, true, now_us() + STATEMENT_US);
	if (r.status != DB_OK || !PQntuples(r.rows))
		return NOT_KNOWN;
	if (PQgetisnull(r.rows, 0, 0))
		return NOBODY;
	*number = row_int(r.rows, 0, 0);
	return SOMEBODY;
}

/* True when all have heard of the number; 0: none is taken yet. */
static bool
all_know(struct db *db, struct arena *a, int64_t *number)
{
	int64_t slowest;
	if (!*number)
		return ask(db, a, Q_COMMON_TELL_NODES, number) == NOBODY;
	enum answer heard = ask(db, a, Q_COMMON_SLOWEST_NODE, &slowest);
	return heard == NOBODY || (heard == SOMEBODY && slowest >= *number);
}

void
nodes_tell(struct db *db, struct arena *a)
{
	if (lease_alone())
		return;
	int64_t number = 0, end = now_us() + LEASE_US;
	for (useconds_t pause = PAUSE_US; !all_know(db, a, &number);) {
		if (now_us() >= end) {
			log_msg(LOG_WARN, "a node said nothing to a change until its lease was over");
			return;
		}
		usleep(pause);
		pause = pause * 3 / 2 < LONGEST_PAUSE_US ? pause * 3 / 2 : LONGEST_PAUSE_US;
	}
}

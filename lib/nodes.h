/* What one node changed, the others know before the answer: their kept answers have ended. */
#ifndef NODES_H
#define NODES_H

struct arena;
struct db;

/* After a commit that ended kept answers here: returns when every other node has ended its own, or
 * LEASE_US later, when it gives out none of before (lease.h). Costs nothing on the only node. */
void nodes_tell(struct db *db, struct arena *a);

#endif

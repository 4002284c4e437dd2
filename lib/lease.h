/* Whether this node may give out kept answers (store.h), and whether it is the only one that does:
 * the file TV_CACHE/lease, which every process and the web server's Lua read.
 *
 * The node's listener (cgi-bin/system-listen.c) is a row of node.member, and hears of every commit
 * that changes answers. When a notice that it sent to itself comes back, it has heard of all that
 * was committed before it sent that one, and answers may be given out until LEASE_US after that
 * moment. So kept answers are never older than that, whatever happens to the listener, the network
 * or the database, and who waits for so long after a commit need not ask anybody (nodes.h).
 *
 * Instants are of this machine's clock since 1970. An end further away than LEASE_US is none: a
 * clock that is put back while the listener is away makes a lease twice as long at most. */
#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>
#include <stdint.h>

enum { LEASE_US = 3000000 }; /* node.lease() of the database */

/* Kept answers may be given out now. False without a store. */
bool lease_good(void);
/* That, and no other node gives any out: nobody has to be told. */
bool lease_alone(void);
/* This node in node.member; 0: none. */
int64_t lease_node(void);

/* The listener's. Several may be there while programs are exchanged: who took the lease last has
 * it. */

/* No kept answer is given out from now on. */
void lease_take(void);
/* The lease is of this row of node.member. */
void lease_name(int64_t node);
/* Prolongs the lease that this process wrote as *mine (0 after lease_take). False: another process
 * has taken it. */
bool lease_prolong(int64_t *mine, int64_t until, bool alone);
/* lease_alone() is false from now on; false as above. */
bool lease_not_alone(int64_t *mine);
/* Gives it up; false as above. */
bool lease_leave(int64_t mine);

/* Microseconds since 1970. */
int64_t lease_now(void);

#endif

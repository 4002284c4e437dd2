/* Connections that wait for a worker. The first one to come is served first, until one is found
 * whose client has given up: then all that wait have waited for nearly as long, and would give up
 * while they are served, one after the other. From there on the newest is first, until none of
 * those that waited is left. Nobody is refused; who has closed its side of the connection may still
 * read, and is served when nobody else waits. */
#ifndef PENDING_H
#define PENDING_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum { PENDING_MOST = 4096 }; /* the backlog of conf/families.conf */

struct pending {
	struct pollfd fds[PENDING_MOST]; /* accepted, oldest first; all zero is its first state */
	int n;
	int64_t looked_us;
};

/* The next connection to serve, from the listening socket 0 (when accept) or of those that were
 * accepted; −1: none. The caller closes it. */
int pending_next(struct pending *p, bool accept);

#endif

/* The one mapping that all processes of a node share: a file in the state directory. C11 atomics only, because a mutex held by
 * a killed worker would stop everybody. All zero is its valid first state. */
#ifndef SHARED_H
#define SHARED_H

#include <stdatomic.h>
#include <stdint.h>

struct shared {
	/* CLOCK_MONOTONIC microseconds until which PostgreSQL is taken for away; 0: it answers */
	_Atomic int64_t db_down_until;
};

/* Never NULL: without a usable file the process gets a mapping of its own, and says so in the log. */
struct shared *shared(void);

#endif

/* The one mapping that all processes of a node share: a file in the state directory. C11 atomics
 * only, because a mutex held by a killed worker would stop everybody. All zero is its valid first
 * state. */
#ifndef SHARED_H
#define SHARED_H

#include "breaker.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
	SHARED_THROTTLE_SLOTS = 65536,
	SHARED_LIMIT_SLOTS = 65536,
	SHARED_ES_ADDRESSES = 8,
};

struct throttle_slot {
	_Atomic uint64_t key;
	_Atomic uint64_t state;
};

struct limit_slot {
	_Atomic uint64_t key;
	_Atomic int64_t paid_us; /* microseconds since 1970 */
};

struct shared {
	/* CLOCK_MONOTONIC microseconds until which PostgreSQL is taken for away; 0: it answers */
	_Atomic int64_t db_down_until;
	struct breaker es;
	/* the same for each address of Elasticsearch */
	_Atomic int64_t es_down_until[SHARED_ES_ADDRESSES];
	_Atomic int64_t es_helped_at; /* outbox.c */
	struct throttle_slot throttle[SHARED_THROTTLE_SLOTS]; /* throttle.c */
	struct limit_slot limit[SHARED_LIMIT_SLOTS]; /* limit.c */
};

/* Never NULL: without a usable file the process gets a mapping of its own, and says so in the log.
 */
struct shared *shared(void);

#endif

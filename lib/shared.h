/* The one mapping that all processes of a node share: a file in the state directory. C11 atomics
 * only, because a mutex held by a killed worker would stop everybody. All zero is its valid first
 * state. */
#ifndef SHARED_H
#define SHARED_H

#include "breaker.h"
#include "db-away.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	SHARED_THROTTLE_SLOTS = 65536,
	SHARED_LIMIT_SLOTS = 65536,
	SHARED_ES_ADDRESSES = 8,
	SHARED_ROUTE_SLOTS = 1024,
	METRICS_BUCKETS = 12,
	METRICS_CLASSES = 8, /* of limits */
	METRICS_ENGINES = 2, /* of searches */
};

struct throttle_slot {
	_Atomic uint64_t key;
	_Atomic uint64_t state;
};

struct limit_slot {
	_Atomic uint64_t key;
	_Atomic int64_t paid_us; /* microseconds since 1970 */
};

struct histogram {
	_Atomic uint64_t bucket[METRICS_BUCKETS]; /* not cumulative; the last one is what is longer */
	_Atomic uint64_t sum_us;
};

struct route_metrics {
	_Atomic uint64_t key; /* hash of the label */
	_Atomic bool named; /* label is complete; whoever writes it writes the same bytes */
	char label[112]; /* program="…",method="…",route="…" */
	_Atomic uint64_t status[6]; /* 1xx … 5xx by their first digit */
	struct histogram duration;
};

/* metrics.c; counters of the node since its state directory was made */
struct metrics {
	struct route_metrics route[SHARED_ROUTE_SLOTS];
	struct histogram database, search[METRICS_ENGINES];
	_Atomic uint64_t database_away;
	_Atomic uint64_t limited[METRICS_CLASSES];
	_Atomic uint64_t workers_ended;
};

struct shared {
	struct db_away db_away;
	_Atomic int db_host, db_good_host; /* db-hosts.c */
	struct breaker es;
	/* the same for each address of Elasticsearch */
	_Atomic int64_t es_down_until[SHARED_ES_ADDRESSES];
	_Atomic int64_t es_helped_at; /* outbox.c */
	struct throttle_slot throttle[SHARED_THROTTLE_SLOTS]; /* throttle.c */
	struct limit_slot limit[SHARED_LIMIT_SLOTS]; /* limit.c */
	struct metrics metrics;
};

/* Never NULL: without a usable file the process gets a mapping of its own, and says so in the log.
 */
struct shared *shared(void);

#endif

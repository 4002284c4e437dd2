/* Keeps calls away from a peer that does not answer. Lives in the shared mapping, so all processes
 * of the node see the same; all zero is its first state. A process that is killed at any point
 * leaves nothing held: a probe that never reports is followed by the next one. */
#ifndef BREAKER_H
#define BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_FAILURES = 5, BREAKER_PROBE_US = 5000000 };

struct breaker {
	_Atomic uint32_t failures; /* in a row */
	/* CLOCK_MONOTONIC microseconds: before it an open breaker lets nobody through */
	_Atomic int64_t probe_at;
};

/* Whether to call now: always while closed; open, one caller each BREAKER_PROBE_US. */
bool breaker_allow(struct breaker *b, int64_t now);
/* The same without taking the probe. */
bool breaker_open(const struct breaker *b);
/* The probe was answered, but not well enough: the next one need not wait. */
void breaker_again(struct breaker *b, int64_t now);
/* True when this success closed it. */
bool breaker_success(struct breaker *b);
/* True when this failure opened it. */
bool breaker_failure(struct breaker *b, int64_t now);

#endif

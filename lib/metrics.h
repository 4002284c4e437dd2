/* What happens here, counted in the shared mapping by all processes of a node, and written as
 * Prometheus reads it (text format 0.0.4). Counting costs some atomic additions; it never fails,
 * waits or allocates. Kept answers that lighttpd gives out are counted there (conf/edge.lua), and
 * told to /metrics; files are in its access log only. */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared.h"

struct buf;
struct program;
struct route;

/* A request was answered; route may be NULL: there is no such address. */
void metrics_request(
	const struct program *p, const struct route *route, int status, int64_t duration_us);
/* A round trip to PostgreSQL; away: it gave no answer in time. */
void metrics_database(int64_t duration_us, bool away);
/* A search found what it found, by Elasticsearch or by PostgreSQL. */
void metrics_search(int64_t duration_us, bool elasticsearch);
/* A request was refused for its rate; class: enum limit_class. */
void metrics_limited(int class);
/* A worker ended by itself, and another one is to follow. */
void metrics_worker_ended(void);

/* # HELP and # TYPE of a family, whose samples follow. */
void metrics_family(struct buf *b, const char *name, const char *type, const char *help);
/* All families that are counted here. */
void metrics_print(struct buf *b);

#endif

/* What a write queued for searching goes to Elasticsearch right after it. Rows of search.queue that
 * are not sent now are sent by a later write or by cron: nothing is lost here. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;

/* The program's queries of sql/queries/outbox.sql. */
struct outbox {
	int claim, settle;
};

struct outbox_report {
	int64_t sent, put_off, refused;
	bool away; /* Elasticsearch or PostgreSQL did not answer: what was claimed is free again */
};

/* One _bulk of at most so many queued rows. patient: a command's time-outs, and no breaker.
 * False when nothing is due, or away. */
bool outbox_send(struct db *db, struct arena *a, const struct outbox *o, int most, bool patient,
	struct outbox_report *report);
/* After an answer: sends for ES_SEND_MS at most; nothing without Elasticsearch and while its
 * breaker is open. helping: it was not this program's write, so one process of the node is enough.
 */
void outbox_after_answer(struct db *db, struct arena *a, const struct outbox *o, bool helping);

#endif

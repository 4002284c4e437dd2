/* Claim, send, settle: three steps, none of which holds a transaction while another system is
 * waited for. Whoever dies in between leaves a claim that lapses. */
#include "banned.h"

#include "outbox.h"

#include "arena.h"
#include "bulk.h"
#include "db.h"
#include "es.h"
#include "log.h"
#include "pgtype.h"
#include "req.h"
#include "shared.h"

enum {
	WRITE_ROWS = 100,
	LEASE_S = 10,
	PATIENT_LEASE_S = 60,
	QUERY_US = 1000000,
	HELP_US = 1000000
};

/* Ids as PostgreSQL reads arrays. */
struct lists {
	struct buf sent, released, put_off, refused, reasons;
};

static struct buf
list_new(struct arena *a)
{
	struct buf b = buf_new(a);
	buf_putc(&b, '{');
	return b;
}

static void
list_comma(struct buf *list)
{
	if (list->len > 1)
		buf_putc(list, ',');
}

/* The queue's rows of one document. */
static void
list_ids(struct buf *list, const PGresult *rows, int row)
{
	struct cell array = { PQgetvalue(rows, row, 0), PQgetlength(rows, row, 0), PQftype(rows, 0) };
	struct cell id;
	struct array_walk walk = pgtype_walk(array);
	while (pgtype_next(&walk, &id)) {
		list_comma(list);
		buf_int(list, pgtype_int(id.data, id.len));
	}
}

static void
list_reasons(struct buf *list, const PGresult *rows, int row, const char *why)
{
	struct cell array = { PQgetvalue(rows, row, 0), PQgetlength(rows, row, 0), PQftype(rows, 0) };
	struct cell id;
	struct array_walk walk = pgtype_walk(array);
	while (pgtype_next(&walk, &id)) {
		list_comma(list);
		buf_putc(list, '"');
		for (const char *c = why; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_putc(list, '\\');
			buf_putc(list, *c);
		}
		buf_putc(list, '"');
	}
}

static void
sort_items(struct lists *l, const PGresult *rows, const struct bulk_item *items,
	struct outbox_report *report)
{
	for (int row = 0; row < PQntuples(rows); row++)
		switch (items[row].verdict) {
		case BULK_DONE:
			list_ids(&l->sent, rows, row);
			report->sent++;
			break;
		case BULK_LATER:
			list_ids(&l->put_off, rows, row);
			report->put_off++;
			break;
		case BULK_REFUSED:
			list_ids(&l->refused, rows, row);
			list_reasons(&l->reasons, rows, row, items[row].why);
			report->refused++;
			log_msg(LOG_ERROR, "Elasticsearch refuses a document: %s", items[row].why);
		}
}

static bool
settle(struct db *db, struct arena *a, const struct outbox *o, struct lists *l)
{
	struct buf *lists[] = { &l->sent, &l->released, &l->put_off, &l->refused, &l->reasons };
	const char *values[5];
	for (size_t i = 0; i < 5; i++) {
		buf_putc(lists[i], '}');
		values[i] = lists[i]->data;
	}
	/* twice is as once */
	return db_query(db, a, o->settle, 5, values, NULL, true, now_us() + QUERY_US).status == DB_OK;
}

bool
outbox_send(struct db *db, struct arena *a, const struct outbox *o, int most, bool patient,
	struct outbox_report *report)
{
	const char *claim[] = { arena_printf(a, "%d", most),
		arena_printf(a, "%d", patient ? PATIENT_LEASE_S : LEASE_S) };
	struct db_result claimed =
		db_query(db, a, o->claim, 2, claim, NULL, false, now_us() + QUERY_US);
	report->away = claimed.status != DB_OK;
	if (report->away || !PQntuples(claimed.rows))
		return false;
	size_t n = (size_t)PQntuples(claimed.rows);
	struct bulk_item *items = arena_alloc(a, n * sizeof *items);
	struct buf body = buf_new(a);
	struct lists l = { list_new(a), list_new(a), list_new(a), list_new(a), list_new(a) };
	bulk_add(&body, claimed.rows);
	if (bulk_send(a, es_alias(), &body, n, patient ? ES_COMMAND_MS : ES_SEND_MS, patient, items)) {
		sort_items(&l, claimed.rows, items, report);
	} else {
		report->away = true;
		for (int row = 0; row < (int)n; row++)
			list_ids(&l.released, claimed.rows, row);
	}
	return settle(db, a, o, &l) && !report->away;
}

/* One helper a second, whatever became of the last one. */
static bool
may_help(void)
{
	int64_t now = now_us(), last = atomic_load(&shared()->es_helped_at);
	return (now < last || now - last > HELP_US) &&
		atomic_compare_exchange_strong(&shared()->es_helped_at, &last, now);
}

void
outbox_after_answer(struct db *db, struct arena *a, const struct outbox *o, bool helping)
{
	struct outbox_report report = { .sent = 1 };
	int64_t end = now_us() + ES_SEND_MS * 1000;
	if (!es_available() || (helping && !may_help()))
		return;
	while (report.sent && es_available() && now_us() < end) {
		report.sent = 0;
		if (!outbox_send(db, a, o, WRITE_ROWS, false, &report))
			return;
	}
}

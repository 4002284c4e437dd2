/* Recurring work: payments that have no answer are asked for again, subscriptions that are due are
 * charged. Each step is one statement, so a killed run is gone on with by the next, and two at once
 * share the work. */
#include "rights.h"

#include "rights.queries.h"

enum { PROVIDER_US = 10000000, SETTLE_AFTER = 30 };

static PGresult *
run(PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *rows = PQexecParams(conn, rights_queries[query].sql, n, NULL, values, NULL, NULL, 1);
	if (PQresultStatus(rows) == PGRES_TUPLES_OK)
		return rows;
	fprintf(stderr, "rights: %s", PQresultErrorMessage(rows));
	PQclear(rows);
	return NULL;
}

/* What a refund gives back, as the provider names it. */
static const char *
refunded_ref(PGconn *conn, struct arena *a, const char *payment)
{
	PGresult *rows = run(conn, Q_REFUNDED_REF, 1, &payment);
	const char *ref = rows && PQntuples(rows) ? row_text(a, rows, 0, 0) : NULL;
	PQclear(rows);
	return ref;
}

/* Answers what became of it; NULL when that could not be stored. */
static const char *
settle_one(PGconn *conn, struct arena *a, const PGresult *row)
{
	const struct pay_provider *v = pay_provider(row_text(a, row, 0, PROVIDER));
	struct payment p = {
		.reference = row_text(a, row, 0, PAYMENT),
		.amount = row_int(row, 0, AMOUNT),
		.currency = row_text(a, row, 0, CURRENCY),
		.token = row_text(a, row, 0, METHOD),
		.deadline_us = now_us() + PROVIDER_US,
		.abandoned = *PQgetvalue(row, 0, ABANDONED) != 0,
	};
	if (p.amount < 0)
		p.original = refunded_ref(conn, a, p.reference);
	struct pay_answer said = { .outcome = PAY_UNKNOWN };
	if (v)
		said = pay_settle(v, a, &p);
	const char *values[] = { p.reference, pay_outcome_name(said.outcome), said.ref };
	PGresult *settled = run(conn, Q_FINISH_PAYMENT, 3, values);
	PQclear(settled);
	return settled ? values[1] : NULL;
}

struct tally {
	int paid, declined, open;
};

static void
count(struct tally *t, const char *outcome)
{
	t->paid += !strcmp(outcome, "paid");
	t->declined += !strcmp(outcome, "declined");
	t->open += strcmp(outcome, "paid") && strcmp(outcome, "declined");
}

/* Claims and settles one after the other until there is none; answers the exit status. */
static int
work(PGconn *conn, int claim, const char *value, struct tally *t)
{
	for (;;) {
		struct arena *a = arena_new();
		PGresult *row = run(conn, claim, 1, &value);
		const char *outcome = row && PQntuples(row) ? settle_one(conn, a, row) : NULL;
		bool done = row && !PQntuples(row);
		if (outcome)
			count(t, outcome);
		PQclear(row);
		arena_free(a);
		if (done || !outcome)
			return done ? 0 : 1;
	}
}

static int
report(PGconn *conn, const char *what, int status, const struct tally *t)
{
	if (t->paid + t->declined + t->open)
		printf("%s: %d paid, %d declined, %d open\n", what, t->paid, t->declined, t->open);
	PQfinish(conn);
	return status;
}

int
rights_settle(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct tally t = { 0 };
	int64_t after = SETTLE_AFTER;
	int status = 2;
	if (argc > 2 || (argc == 2 && !parse_int(argv[1], 0, 86400, &after))) {
		fprintf(stderr, "usage: rights settle [SECONDS]\n");
	} else {
		PGconn *conn = db_command_connection("rights");
		const char *older = arena_printf(a, "%lld", (long long)after);
		status = conn ? report(conn, "settle", work(conn, Q_CLAIM_UNSETTLED, older, &t), &t) : 1;
	}
	arena_free(a);
	return status;
}

int
rights_renew(int argc, char **argv)
{
	(void)argc, (void)argv;
	struct tally t = { 0 };
	PGconn *conn = db_command_connection("rights");
	if (!conn)
		return 1;
	PGresult *ended = run(conn, Q_END_SUBSCRIPTIONS, 0, NULL);
	int status = ended ? 0 : 1;
	PQclear(ended);
	const char *provider = conf_text(CONF_PAY_PROVIDER);
	if (!status && !pay_provider(provider)) {
		fprintf(stderr, "rights: TV_PAY_PROVIDER names no provider that is built in\n");
		status = 1;
	}
	return report(conn, "renew", status ? status : work(conn, Q_CLAIM_RENEWAL, provider, &t), &t);
}

/* What costs money. Two statements with the provider between them: the first leaves a pending
 * payment, the second settles it; whatever ends a request in between, `rights settle` goes on. */
#include "rights.h"

#include "rights.queries.h"

enum {
	PROVIDER_US = 1000000,
	POLL_US = 50000,
	POLL_LONGEST_US = 1000000, /* for another request with the same key */
};

/* "method path body" as a hash: what a key stands for. */
static const char *
request_hash(struct req *r)
{
	return digest_bytea(r->arena,
		arena_printf(r->arena, "%s %s %s", method_name(r->method), r->path,
			r->body_text ? r->body_text : ""));
}

/* 0, or the status of a problem; *key is NULL without the header. */
static int
take_key(struct req *r, const char **key)
{
	*key = req_env(r, "HTTP_IDEMPOTENCY_KEY");
	if (!*key)
		return 0;
	size_t n = 0;
	while ((*key)[n] > ' ' && (*key)[n] <= '~')
		n++;
	if (n >= 1 && n <= 255 && !(*key)[n])
		return 0;
	return problem(r, 400, "invalid_idempotency_key",
		"An Idempotency-Key has 1 to 255 visible ASCII characters.");
}

static const struct pay_provider *
provider(struct req *r, const char *name)
{
	const struct pay_provider *v = pay_provider(name);
	if (!v) {
		log_msg(LOG_ERROR, "no payment provider %s is built in", name);
		problem(r, 503, "not_configured", "The service has no such payment provider.");
	}
	return v;
}

/* text: NULL when the account was erased meanwhile, and its subscription with it. */
static int
answer(struct req *r, int status, const char *text)
{
	if (status == 402)
		return problem(r, 402, "payment_declined", NULL);
	if (!text)
		return problem_token(r, "session_ended", NULL);
	buf_puts(&r->out, text);
	return status;
}

static struct payment
payment_of(struct arena *a, const PGresult *row, int64_t deadline)
{
	return (struct payment){
		.reference = row_text(a, row, 0, PAYMENT),
		.amount = row_int(row, 0, AMOUNT),
		.currency = row_text(a, row, 0, CURRENCY),
		.token = row_text(a, row, 0, METHOD),
		.original = row_text(a, row, 0, PROVIDER_REF),
		.deadline_us = deadline,
	};
}

/* Asks the payment's provider, which may not be the one that new ones go to, and settles with what
 * it said. 0, or the status of a problem. */
static int
pay(struct req *r, const PGresult *checkout, const PGresult **settled)
{
	const struct pay_provider *v = provider(r, row_text(r->arena, checkout, 0, PROVIDER));
	if (!v)
		return 503;
	struct payment p = payment_of(r->arena, checkout, now_us() + PROVIDER_US);
	struct pay_answer said =
		p.amount < 0 ? pay_refund(v, r->arena, &p) : pay_charge(v, r->arena, &p);
	const char *values[] = { p.reference, pay_outcome_name(said.outcome), said.ref };
	struct db_result done = req_query(r, Q_FINISH_PAYMENT, 3, values);
	*settled = done.rows;
	return done.status == DB_OK ? 0 : problem_db(r, &done);
}

static bool
state_is(const struct req *r, const PGresult *checkout, const char *state)
{
	const char *is = row_text(r->arena, checkout, 0, STATE);
	return is && !strcmp(is, state);
}

/* Runs the first statement until another request with the same key is done, or has taken too long.
 */
static struct db_result
begin(struct req *r, int query, int n, const char *const *values)
{
	int64_t end = now_us() + POLL_LONGEST_US;
	for (;;) {
		struct db_result first = req_query(r, query, n, values);
		if (first.status != DB_OK || !state_is(r, first.rows, "running") || now_us() >= end)
			return first;
		nanosleep(&(struct timespec){ .tv_nsec = POLL_US * 1000 }, NULL);
	}
}

static int
checkout(struct req *r, int query, int n, const char *const *values)
{
	struct db_result first = begin(r, query, n, values);
	if (first.status != DB_OK)
		return problem_db(r, &first);
	if (state_is(r, first.rows, "running"))
		return problem(
			r, 409, "request_running", "The first request with this Idempotency-Key is not done.");
	if (!state_is(r, first.rows, "charge")) {
		if (state_is(r, first.rows, "replay"))
			req_header(r, "Idempotency-Replayed", "true");
		return answer(r, (int)row_int(first.rows, 0, CHECKOUT_STATUS),
			row_text(r->arena, first.rows, 0, ANSWER));
	}
	const PGresult *settled;
	int status = pay(r, first.rows, &settled);
	if (status)
		return status;
	return answer(r, (int)row_int(settled, 0, FINISHED_STATUS),
		row_text(r->arena, settled, 0, FINISHED_ANSWER));
}

/* $1 … of the row: account, profile, age, content, body. */
static int
purchase(struct req *r, const char *type)
{
	const char *key;
	const struct pay_provider *v = provider(r, conf_text(CONF_PAY_PROVIDER));
	int status = v ? take_key(r, &key) : 503;
	if (status)
		return status;
	const char *values[] = { type, r->values[0], r->values[1], r->values[2], r->values[3], key,
		request_hash(r), v->name, body_string(r, "payment_token"), body_string(r, "price") };
	return checkout(r, Q_BEGIN_PURCHASE, 10, values);
}

int
rights_buy(struct req *r)
{
	return purchase(r, "purchase");
}

int
rights_rent(struct req *r)
{
	return purchase(r, "rental");
}

int
rights_subscribe(struct req *r)
{
	const char *key;
	const struct pay_provider *v = provider(r, conf_text(CONF_PAY_PROVIDER));
	int status = v ? take_key(r, &key) : 503;
	if (status)
		return status;
	const char *values[] = { r->values[0], r->values[1], body_string(r, "plan_id"), key,
		request_hash(r), v->name, body_string(r, "payment_token"), body_string(r, "price") };
	return checkout(r, Q_BEGIN_SUBSCRIPTION, 8, values);
}

/* The receipt as it is afterwards; 202 while the provider has not said that the money is back. */
int
rights_refund(struct req *r)
{
	struct db_result first = req_query(r, Q_BEGIN_REFUND, 1, r->values);
	if (first.status != DB_OK)
		return problem_db(r, &first);
	if (!PQntuples(first.rows))
		return problem(r, 404, "not_found", NULL);
	const PGresult *settled;
	int status = pay(r, first.rows, &settled);
	if (status)
		return status;
	status = (int)row_int(settled, 0, FINISHED_STATUS);
	if (status >= 400)
		return problem(r, 409, "refund_declined", "The provider does not give the money back.");
	struct db_result now = req_query(r, Q_ADMIN_RECEIPT, 1, r->values);
	if (now.status != DB_OK)
		return problem_db(r, &now);
	rows_one(r, now.rows);
	return status == 201 ? 200 : status;
}

/* $1 … of the row: provider, body. */
int
rights_webhook(struct req *r)
{
	struct pay_event event;
	const struct pay_provider *v = pay_provider(r->values[0]);
	int status = v ? v->hear(r, &event) : problem(r, 404, "not_found", NULL);
	if (status)
		return status;
	const char *outcome = pay_outcome_name(event.outcome);
	const char *values[] = { v->name, event.id, event.reference, outcome, event.ref };
	struct db_result taken = req_query(r, Q_TAKE_EVENT, 5, values);
	if (taken.status != DB_OK)
		return problem_db(r, &taken);
	const char *is = row_text(r->arena, taken.rows, 0, FINISHED_STATE);
	if (is && strcmp(is, outcome))
		log_msg(
			LOG_ERROR, "payment %s is %s, but %s says %s", event.reference, is, v->name, outcome);
	return 204;
}

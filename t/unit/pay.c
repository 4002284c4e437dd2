/* What is asked of a payment provider after an answer was lost, by one that only remembers what it was asked. */
#include "arena.h"
#include "pay.h"
#include "tap.h"

static struct {
	int charges, refunds, lookups;
	struct pay_answer found, charged;
} bank;

static struct pay_answer
bank_charge(struct arena *a, const struct payment *p)
{
	(void)a, (void)p;
	bank.charges++;
	return bank.charged;
}

static struct pay_answer
bank_refund(struct arena *a, const struct payment *p)
{
	(void)a, (void)p;
	bank.refunds++;
	return bank.charged;
}

static struct pay_answer
bank_lookup(struct arena *a, const struct payment *p)
{
	(void)a, (void)p;
	bank.lookups++;
	return bank.found;
}

static const struct pay_provider v = { "bank", bank_charge, bank_refund, bank_lookup };

/* Asks with that memory of the bank's; checks the answer, and how often it was asked for what. */
static void
settles(struct payment p, enum pay_outcome found, const char *outcome, int charges, int refunds,
	const char *what)
{
	struct arena *a = arena_new();
	bank.charges = bank.refunds = bank.lookups = 0;
	bank.found = (struct pay_answer){ found, "bank-1" };
	bank.charged = (struct pay_answer){ PAY_PAID, "bank-2" };
	is(pay_outcome_name(pay_settle(&v, a, &p).outcome), outcome, what);
	is_int(bank.charges, charges, "  charged so often");
	is_int(bank.refunds, refunds, "  given back so often");
	arena_free(a);
}

int
main(void)
{
	struct payment p = { .reference = "1", .amount = 900, .currency = "EUR" };
	settles(p, PAY_PAID, "paid", 0, 0, "it was paid");
	settles(p, PAY_DECLINED, "declined", 0, 0, "it was declined");
	settles(p, PAY_PENDING, "pending", 0, 0, "the provider does not know yet");
	settles(p, PAY_UNKNOWN, "unknown", 0, 0, "the provider does not answer");
	settles(p, PAY_ABSENT, "paid", 1, 0, "the provider was never asked: now it is");
	p.amount = 0;
	settles(p, PAY_ABSENT, "paid", 0, 0, "nothing is paid without it");
	is_int(bank.lookups, 0, "  and without a question");
	p.amount = -900;
	settles(p, PAY_PAID, "paid", 0, 1, "money goes back under one reference, asked for again");
	p.abandoned = true;
	settles(p, PAY_PAID, "paid", 0, 1, "  also to somebody who has left");
	p.amount = 900;
	settles(p, PAY_PAID, "paid", 0, 0, "somebody has left: what was paid was paid");
	settles(p, PAY_PENDING, "pending", 0, 0, "  what is pending may be");
	settles(p, PAY_ABSENT, "declined", 0, 0, "  but nothing more is charged");
	return done();
}

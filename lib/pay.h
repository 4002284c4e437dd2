/* The seam to a payment provider. What is asked for is already in the database as a pending
 * payment, and its id is the reference: asking twice under one reference moves money once. No
 * answer is an answer, too (PAY_UNKNOWN): the payment stays pending until a lookup or a webhook
 * knows more. */
#ifndef PAY_H
#define PAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "param.h"

struct arena;
struct req;

enum pay_outcome {
	PAY_PAID,
	PAY_DECLINED,
	PAY_PENDING, /* the provider will tell, at POST /rights/webhook/{provider} */
	PAY_UNKNOWN, /* it did not answer in time, or not in a way that can be understood */
	PAY_ABSENT, /* pay_lookup only: it never heard of the reference */
};

struct payment {
	const char *reference; /* decimal id of our payment */
	int64_t amount; /* minor units; negative: to be given back */
	const char *currency;
	const char *token; /* the means of payment as the provider names it; NULL: its default */
	const char *original; /* refunds: the provider's reference of what is given back, or NULL */
	int64_t deadline_us; /* CLOCK_MONOTONIC */
	bool abandoned; /* the account was erased since: nothing is charged that was not yet */
};

struct pay_answer {
	enum pay_outcome outcome;
	const char *ref; /* the provider's reference; NULL: none given */
};

/* What a message of a provider says. */
struct pay_event {
	const char *id; /* of the message, which counts once */
	const char *reference; /* of our payment */
	enum pay_outcome outcome; /* PAY_PAID or PAY_DECLINED */
	const char *ref; /* the provider's; may be NULL */
};

struct pay_provider {
	const char *name;
	struct pay_answer (*charge)(struct arena *a, const struct payment *p);
	struct pay_answer (*refund)(struct arena *a, const struct payment *p);
	struct pay_answer (*lookup)(struct arena *a, const struct payment *p);
	/* Reads a message at POST /rights/webhook/{name}, any JSON, and makes sure that the provider
	 * sent it. 0, or the status of the answer: of a problem, or 204 when it is about something
	 * else. */
	int (*hear)(struct req *r, struct pay_event *out);
};

/* NULL: there is none of that name. */
const struct pay_provider *pay_provider(const char *name);

struct pay_answer
pay_charge(const struct pay_provider *v, struct arena *a, const struct payment *p);
struct pay_answer
pay_refund(const struct pay_provider *v, struct arena *a, const struct payment *p);
/* What became of it; what the provider never heard of is charged or refunded now, or, abandoned,
 * declined. */
struct pay_answer
pay_settle(const struct pay_provider *v, struct arena *a, const struct payment *p);

/* As rights.finish_payment reads it. */
const char *pay_outcome_name(enum pay_outcome outcome);

enum { PAY_TOLERANCE = 300, PAY_MIN_KEY = 32 };

/* The hear() of a provider that tells in our own format: these members, signed by
 * Webhook-Signature, the hex HMAC-SHA256 of "timestamp.body" with TV_PAY_WEBHOOK_KEY, whose
 * Webhook-Timestamp (seconds since 1970) is within PAY_TOLERANCE of now. */
extern const struct param pay_message[];
int pay_hear(struct req *r, struct pay_event *out);

#endif

/* The one provider that is built in: a sandbox, which moves no money. A token or an amount tells it
 * what to do, so that every outcome can be seen: tok_declined or 402 is declined, tok_timeout or
 * 408 gets no answer (but was charged, as a lookup finds), tok_pending or 202 waits for a webhook,
 * and tok_lost or 404 is paid, but no lookup finds it. */
#include "banned.h"

#include "pay.h"

#include "arena.h"
#include "conf.h"
#include "db.h"
#include "json.h"
#include "param.h"
#include "req.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <time.h>

static bool
told(const struct payment *p, const char *token, int64_t amount)
{
	if (p->token && strcmp(p->token, "tok_ok"))
		return !strcmp(p->token, token);
	return p->amount == amount;
}

static struct pay_answer
sandbox_said(struct arena *a, const struct payment *p)
{
	struct pay_answer out = { PAY_PAID, arena_printf(a, "sandbox-%s", p->reference) };
	if (told(p, "tok_declined", 402))
		out.outcome = PAY_DECLINED;
	else if (told(p, "tok_pending", 202))
		out.outcome = PAY_PENDING;
	else if (p->token && strcmp(p->token, "tok_ok") && strcmp(p->token, "tok_timeout") &&
		strcmp(p->token, "tok_lost"))
		out.outcome = PAY_DECLINED; /* no such card */
	return out;
}

static struct pay_answer
sandbox_lookup(struct arena *a, const struct payment *p)
{
	return told(p, "tok_lost", 404) ? (struct pay_answer){ .outcome = PAY_ABSENT }
									: sandbox_said(a, p);
}

static struct pay_answer
sandbox_charge(struct arena *a, const struct payment *p)
{
	int64_t left = p->deadline_us - now_us();
	if (!told(p, "tok_timeout", 408))
		return sandbox_said(a, p);
	if (left > 0)
		nanosleep(&(struct timespec){ left / 1000000, left % 1000000 * 1000 }, NULL);
	return (struct pay_answer){ .outcome = PAY_UNKNOWN };
}

static struct pay_answer
sandbox_refund(struct arena *a, const struct payment *p)
{
	return (struct pay_answer){ PAY_PAID, arena_printf(a, "sandbox-%s", p->reference) };
}

static const struct pay_provider providers[] = {
	{ "sandbox", sandbox_charge, sandbox_refund, sandbox_lookup, pay_hear },
};

const struct pay_provider *
pay_provider(const char *name)
{
	for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
		if (!strcmp(providers[i].name, name))
			return &providers[i];
	return NULL;
}

/* Nothing to pay is paid: no provider takes a charge of nothing. */
struct pay_answer
pay_charge(const struct pay_provider *v, struct arena *a, const struct payment *p)
{
	return p->amount ? v->charge(a, p) : (struct pay_answer){ .outcome = PAY_PAID };
}

struct pay_answer
pay_refund(const struct pay_provider *v, struct arena *a, const struct payment *p)
{
	return p->amount ? v->refund(a, p) : (struct pay_answer){ .outcome = PAY_PAID };
}

struct pay_answer
pay_settle(const struct pay_provider *v, struct arena *a, const struct payment *p)
{
	if (p->amount < 0)
		return pay_refund(v, a, p);
	struct pay_answer found = p->amount ? v->lookup(a, p) : pay_charge(v, a, p);
	if (found.outcome == PAY_ABSENT && p->abandoned)
		return (struct pay_answer){ .outcome = PAY_DECLINED };
	return found.outcome == PAY_ABSENT ? pay_charge(v, a, p) : found;
}

const char *
pay_outcome_name(enum pay_outcome outcome)
{
	static const char *const names[] = { [PAY_PAID] = "paid",
		[PAY_DECLINED] = "declined",
		[PAY_PENDING] = "pending",
		[PAY_UNKNOWN] = "unknown",
		[PAY_ABSENT] = "unknown" };
	return names[outcome];
}

static bool
mac_is(const char *text, const char *key, size_t key_len, const char *signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len;
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	if (!HMAC(
			EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), mac, &len))
		abort();
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", mac[i]);
	return strlen(signature) == 2 * (size_t)len && !CRYPTO_memcmp(hex, signature, 2 * (size_t)len);
}

/* 0, or the status of a problem. */
static int
check_signature(struct req *r)
{
	size_t key_len;
	int64_t at, now = time(NULL);
	const char *key = conf_secret(CONF_PAY_WEBHOOK_KEY, &key_len);
	const char *timestamp = req_env(r, "HTTP_WEBHOOK_TIMESTAMP");
	const char *signature = req_env(r, "HTTP_WEBHOOK_SIGNATURE");
	if (key_len < PAY_MIN_KEY)
		return problem(r, 503, "not_configured", "There is no key for webhooks.");
	if (!timestamp || !signature || !parse_int(timestamp, 0, INT64_MAX, &at) ||
		!mac_is(arena_printf(r->arena, "%s.%s", timestamp, r->body_text), key, key_len, signature))
		return problem(r, 403, "signature_invalid", "The signature is not that of this message.");
	if (at < now - PAY_TOLERANCE || at > now + PAY_TOLERANCE)
		return problem(r, 403, "signature_expired", "The message was signed too long ago.");
	return 0;
}

const struct param pay_message[] = {
	{ "id", P_TEXT, .required = true, .min = 1, .max = 200, .doc = "of this message" },
	{ "type", P_ENUM, .required = true, .choices = "payment.paid|payment.declined" },
	{ "reference", P_ID, .required = true, .doc = "ours: the payment's id" },
	{ "provider_ref", P_TEXT, .min = 1, .max = 200, .nullable = true },
	{ 0 },
};

int
pay_hear(struct req *r, struct pay_event *out)
{
	struct body_errors errors;
	if (!json_check(r->arena, r->body, pay_message, &errors))
		return problem_fields(r, &errors);
	bool paid = !strcmp(body_string(r, "type"), "payment.paid");
	*out = (struct pay_event){
		.id = body_string(r, "id"),
		.reference = body_string(r, "reference"),
		.outcome = paid ? PAY_PAID : PAY_DECLINED,
		.ref = body_string(r, "provider_ref"),
	};
	return check_signature(r);
}

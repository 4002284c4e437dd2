/* Signs in what nobody likes to type on, a television set: it shows a code, which somebody who is
 * signed in elsewhere approves (RFC 8628). Who approves is shown what asks: the code may have come
 * from somebody else (5.4 there). */
#include "auth.h"

#include "auth.queries.h"

#include <ctype.h>
#include <openssl/rand.h>

enum { DEVICE_LIFE = 600, INTERVAL = 5, CODE_LETTERS = 8, CODE_TRIES = 3 };

/* No vowels, so no words, and nothing that looks like something else (6.1): 34 bits. */
static const char alphabet[] = "BCDFGHJKLMNPQRSTVWXZ";

const struct param device_body[] = {
	{ "device_name", P_TEXT, .max = 100, .nullable = true },
	{ 0 },
};

const struct param device_token_body[] = {
	{ "device_code", P_SECRET, .required = true, .max = 200 },
	{ 0 },
};

const struct param user_code_body[] = {
	{ "user_code", P_SECRET, .required = true, .max = 100,
		.doc = "as typed: the case of its letters and what stands between them do not matter" },
	{ 0 },
};

static const char *
user_code_make(struct arena *a)
{
	enum { LETTERS = sizeof alphabet - 1, EVEN = 256 / LETTERS * LETTERS };
	char *code = arena_alloc(a, CODE_LETTERS + 1);
	for (int i = 0; i < CODE_LETTERS;) {
		unsigned char byte;
		if (RAND_bytes(&byte, 1) != 1)
			abort();
		if (byte < EVEN)
			code[i++] = alphabet[byte % LETTERS];
	}
	code[CODE_LETTERS] = 0;
	return code;
}

/* "" is nobody's. */
static const char *
user_code_given(struct req *r)
{
	char *code = arena_alloc(r->arena, CODE_LETTERS + 1);
	size_t n = 0;
	for (const char *c = body_string(r, "user_code"); *c; c++) {
		if (!isalnum((unsigned char)*c))
			continue;
		if (n == CODE_LETTERS)
			return "";
		code[n++] = (char)toupper((unsigned char)*c);
	}
	code[n] = 0;
	return n == CODE_LETTERS ? code : "";
}

static int
answer_codes(struct req *r, const char *device_code, const char *user_code)
{
	const char *shown = arena_printf(r->arena, "%.4s-%s", user_code, user_code + 4);
	const char *page = arena_printf(r->arena, "%s/app/link", req_base_url(r));
	struct buf *b = &r->out;
	buf_putc(b, '{');
	json_member(b, "device_code", device_code);
	json_member(b, "user_code", shown);
	json_member(b, "verification_uri", page);
	json_member(
		b, "verification_uri_complete", arena_printf(r->arena, "%s?code=%s", page, shown));
	buf_printf(b, ",\"expires_in\":%d,\"interval\":%d}", DEVICE_LIFE, INTERVAL);
	return 200;
}

int
device_ask(struct req *r)
{
	struct refresh_token device = refresh_token_make(r->arena);
	const char *life = arena_printf(r->arena, "%d", DEVICE_LIFE);
	int status = guess_device(r);
	for (int times = 0; !status && times < CODE_TRIES; times++) {
		const char *code = user_code_make(r->arena);
		const char *values[] = { device.hash, code, body_string(r, "device_name"),
			peer_address(r), life };
		struct db_result asked = req_query(r, Q_DEVICE_ASK, 5, values);
		if (asked.status != DB_OK)
			status = problem_db(r, &asked);
		else if (PQntuples(asked.rows))
			return answer_codes(r, device.text, code);
	}
	return status ? status : problem(r, 503, "busy", NULL);
}

/* Columns of the device_token query. */
enum { DECIDED, EARLY, WAIT, SESSION_ID, ACCOUNT_ID, PROFILE_ID, PROFILE_AGE, ACCOUNT_ROLE };

static int
not_signed_in(struct req *r, const PGresult *rows)
{
	if (!PQntuples(rows))
		return problem(r, 400, "expired_token", "The code was used, is over, or was never one.");
	if (row_int(rows, 0, DECIDED))
		return problem(r, 400, "access_denied", "Whoever was asked did not allow it.");
	if (!row_int(rows, 0, EARLY))
		return problem(r, 400, "authorization_pending", "Nobody has typed the code yet.");
	problem(r, 400, "slow_down", "Ask less often.");
	return problem_members(r,
		arena_printf(r->arena, "{\"interval\":%lld}", (long long)row_int(rows, 0, WAIT)));
}

int
device_token(struct req *r)
{
	struct arena *a = r->arena;
	struct refresh_token refresh = refresh_token_make(a);
	int status = cookie_wanted(r) ? cookie_guard(r) : 0;
	if (status)
		return status;
	const char *values[] = { digest_bytea(a, body_string(r, "device_code")), refresh.hash,
		peer_address(r), arena_printf(a, "%d", REFRESH_LIFE) };
	struct db_result asked = req_query(r, Q_DEVICE_TOKEN, 4, values);
	if (asked.status != DB_OK)
		return problem_db(r, &asked);
	if (!PQntuples(asked.rows) || PQgetisnull(asked.rows, 0, SESSION_ID))
		return not_signed_in(r, asked.rows);
	guess_device_right(r);
	struct claims claims = {
		.account = row_int(asked.rows, 0, ACCOUNT_ID),
		.session = row_int(asked.rows, 0, SESSION_ID),
		.profile = row_int(asked.rows, 0, PROFILE_ID),
		.age = (int)row_int(asked.rows, 0, PROFILE_AGE),
		.role = strcmp(row_text(a, asked.rows, 0, ACCOUNT_ROLE), "admin") ? ROLE_USER : ROLE_ADMIN,
	};
	return answer_tokens(r, &claims, refresh.text, REFRESH_LIFE);
}

/* Runs a query whose last parameter is the code, and counts a wrong one as a guess. 0: there is a
 * row. */
static int
by_code(struct req *r, int query, int n, const char **values, struct db_result *out)
{
	int status = guess_code(r);
	if (status)
		return status;
	values[n - 1] = user_code_given(r);
	*out = req_query(r, query, n, values);
	if (out->status == DB_OK && !PQntuples(out->rows))
		return problem(r, 404, "user_code_invalid", "The code is over, or was never one.");
	guess_code_refund(r);
	return out->status == DB_OK ? 0 : problem_db(r, out);
}

int
device_lookup(struct req *r)
{
	const char *values[1];
	struct db_result found;
	int status = by_code(r, Q_DEVICE_LOOKUP, 1, values, &found);
	return status ? status : rows_one(r, found.rows);
}

/* In r->values of the routes: account, session, profile; of the last one the session alone. */
int
device_approve(struct req *r)
{
	const char *values[] = { r->values[0], r->values[1], r->values[2], NULL };
	struct db_result done;
	int status = by_code(r, Q_DEVICE_APPROVE, 4, values, &done);
	return status ? status : 204;
}

int
device_deny(struct req *r)
{
	const char *values[] = { r->values[0], NULL };
	struct db_result done;
	int status = by_code(r, Q_DEVICE_DENY, 2, values, &done);
	return status ? status : 204;
}

/* Access and refresh tokens as answers, and the exchange of the latter. */
#include "auth.h"

#include "auth.queries.h"

#include <openssl/rand.h>

/* 256 random bits; only their SHA-256 is stored. */
struct refresh_token
refresh_token_make(struct arena *a)
{
	unsigned char secret[32];
	if (RAND_bytes(secret, sizeof secret) != 1)
		abort();
	const char *text = base64url_encode(a, secret, sizeof secret);
	return (struct refresh_token){ text, digest_bytea(a, text) };
}

int
answer_tokens(struct req *r, struct claims *claims, const char *refresh_token, int64_t refresh_life)
{
	const char *access = token_sign(r->arena, claims, time(NULL));
	if (!access)
		return problem(r, 503, "not_configured", "The service has no key to sign tokens with.");
	buf_printf(&r->out,
		"{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,"
		"\"refresh_token\":\"%s\",\"refresh_expires_in\":%lld}",
		access, TOKEN_LIFE, refresh_token, (long long)refresh_life);
	return 200;
}

/* Columns of the refresh query. */
enum { ACCOUNT_ID, SESSION_ID, PROFILE_ID, PROFILE_AGE, ACCOUNT_ROLE, EXPIRES_IN };

int
refresh(struct req *r)
{
	struct refresh_token next = refresh_token_make(r->arena);
	const char *values[] = { digest_bytea(r->arena, body_string(r, "refresh_token")), next.hash };
	struct db_result session = req_query(r, Q_REFRESH, 2, values);
	if (session.status != DB_OK)
		return problem_db(r, &session);
	if (!PQntuples(session.rows)) {
		req_header(r, "WWW-Authenticate", "Bearer realm=\"antenna\", error=\"invalid_token\"");
		return problem(r, 401, "refresh_token_invalid", "Sign in again.");
	}
	struct claims claims = {
		.account = row_int(session.rows, 0, ACCOUNT_ID),
		.session = row_int(session.rows, 0, SESSION_ID),
		.profile = row_int(session.rows, 0, PROFILE_ID),
		.age = (int)row_int(session.rows, 0, PROFILE_AGE),
		.role = strcmp(row_text(r->arena, session.rows, 0, ACCOUNT_ROLE), "admin") ? ROLE_USER
																				   : ROLE_ADMIN,
	};
	return answer_tokens(r, &claims, next.text, row_int(session.rows, 0, EXPIRES_IN));
}

/* Also for a token that nobody knows: whoever signs out is out. */
int
logout(struct req *r)
{
	const char *hash = digest_bytea(r->arena, body_string(r, "refresh_token"));
	struct db_result ended = req_query(r, Q_LOGOUT, 1, &hash);
	return ended.status == DB_OK ? 204 : problem_db(r, &ended);
}

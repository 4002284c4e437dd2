/* Access and refresh tokens as answers, and the exchange of the latter. */
#include "auth.h"

#include "auth.queries.h"

#include <openssl/rand.h>

enum { SECRET_SIZE = 32 };

const char *
refresh_seed_make(struct arena *a)
{
	unsigned char secret[SECRET_SIZE];
	if (RAND_bytes(secret, sizeof secret) != 1)
		abort();
	return base64url_encode(a, secret, sizeof secret);
}

/* 256 random bits; only their SHA-256 is stored. */
struct refresh_token
refresh_token_make(struct arena *a)
{
	const char *text = refresh_seed_make(a);
	return (struct refresh_token){ text, digest_bytea(a, text), NULL };
}

int
answer_tokens(struct req *r, struct claims *claims, const char *refresh_token, int64_t refresh_life)
{
	const char *access = token_sign(r->arena, claims, time(NULL));
	if (!access)
		return problem(r, 503, "not_configured", "The service has no key to sign tokens with.");
	buf_printf(&r->out, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,",
		access, TOKEN_LIFE);
	if (cookie_wanted(r))
		cookie_give(r, refresh_token, refresh_life);
	else
		buf_printf(&r->out, "\"refresh_token\":\"%s\",", refresh_token);
	buf_printf(&r->out, "\"refresh_expires_in\":%lld}", (long long)refresh_life);
	return 200;
}

int
refresh_token_given(struct req *r, const char **token)
{
	*token = body_string(r, "refresh_token");
	if (!cookie_wanted(r))
		return *token ? 0 : problem_field(r, "refresh_token", "required", "is missing");
	if (*token)
		return problem_field(r, "refresh_token", "unknown", "is in the cookie");
	*token = cookie_read(r);
	if (!*token)
		*token = "";
	return cookie_guard(r);
}

/* What a browser's token is exchanged for, as in sql/queries/auth-profile.sql. By the same seed,
 * which it has of an exchange whose outcome it was not told, that is the same token. Cookies may be
 * planted by other sites of a domain: who knows the seed alone does not know the token. */
static struct refresh_token
next_in_cookie(struct req *r, const char *old)
{
	const char *seed = cookie_read_seed(r);
	size_t size = 0;
	if (!seed || !base64url_decode(r->arena, seed, strlen(seed), &size) || size != SECRET_SIZE)
		seed = refresh_seed_make(r->arena);
	const char *both =
		arena_printf(r->arena, "%s.%s", seed, digest_hex(r->arena, old, strlen(old)));
	unsigned char digest[DIGEST_SIZE];
	digest_bytes(both, strlen(both), digest);
	const char *text = base64url_encode(r->arena, digest, sizeof digest);
	return (struct refresh_token){ text, digest_bytea(r->arena, text), seed };
}

int
refresh_failed(struct req *r, const char *seed, const struct db_result *answer)
{
	if (cookie_wanted(r) && answer->status == DB_AWAY)
		cookie_give_seed(r, seed, REFRESH_LIFE);
	return problem_db(r, answer);
}

/* Columns of the refresh query. */
enum { ACCOUNT_ID, SESSION_ID, PROFILE_ID, PROFILE_AGE, ACCOUNT_ROLE, EXPIRES_IN };

int
refresh(struct req *r)
{
	const char *given;
	int status = refresh_token_given(r, &given);
	if (status)
		return status;
	struct refresh_token next =
		cookie_wanted(r) ? next_in_cookie(r, given) : refresh_token_make(r->arena);
	const char *values[] = { digest_bytea(r->arena, given), next.hash };
	struct db_result session = req_query(r, Q_REFRESH, 2, values);
	if (session.status != DB_OK)
		return refresh_failed(r, next.seed, &session);
	if (!PQntuples(session.rows)) {
		if (cookie_wanted(r))
			cookie_clear(r);
		return problem_token(r, "refresh_token_invalid", "Sign in again.");
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
	const char *given;
	int status = refresh_token_given(r, &given);
	if (status)
		return status;
	const char *hash = digest_bytea(r->arena, given);
	struct db_result ended = req_query(r, Q_LOGOUT, 1, &hash);
	if (ended.status != DB_OK)
		return problem_db(r, &ended);
	if (cookie_wanted(r))
		cookie_clear(r);
	return 204;
}

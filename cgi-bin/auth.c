/* Accounts sign in here. The only program that reads password hashes and the only one that can sign tokens. */
#include "tv.h"

#include "auth.queries.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

enum { REFRESH_LIFE = 30 * 24 * 3600 };

static const struct param register_body[] = {
	{ "email", P_EMAIL, .required = true },
	{ "password", P_PASSWORD, .required = true },
	{ "name", P_TEXT, .max = 100 },
	{ "country", P_COUNTRY, .nullable = true },
	{ "locale", P_LANGUAGE, .nullable = true },
	{ 0 },
};

static const struct param login_body[] = {
	{ "email", P_SECRET, .required = true, .max = 254 },
	{ "password", P_SECRET, .required = true, .max = 1000 },
	{ "device_name", P_TEXT, .max = 100, .nullable = true },
	{ 0 },
};

static int
register_account(struct req *r)
{
	const char *password = body_string(r, "password");
	if (password_common(password))
		return problem_field(r, "password", "too_common", "is one of the passwords that are tried first");
	const char *values[] = { body_string(r, "email"), password_hash(r->arena, password), body_string(r, "name"),
		                 body_string(r, "country"), body_string(r, "locale") };
	struct db_result made = req_query(r, Q_REGISTER, 5, values);
	return made.status == DB_OK ? rows_one(r, made.rows) : problem_db(r, &made);
}

struct refresh_token {
	const char *text;
	const char *hash; /* as PostgreSQL reads bytea */
};

/* 256 random bits; only their SHA-256 is stored. */
static struct refresh_token
make_refresh_token(struct arena *a)
{
	unsigned char secret[32], hash[SHA256_DIGEST_LENGTH];
	if (RAND_bytes(secret, sizeof secret) != 1)
		abort();
	const char *text = base64url_encode(a, secret, sizeof secret);
	SHA256((const unsigned char *)text, strlen(text), hash);
	struct buf hex = buf_new(a);
	buf_puts(&hex, "\\x");
	for (size_t i = 0; i < sizeof hash; i++)
		buf_printf(&hex, "%02x", hash[i]);
	return (struct refresh_token){ text, hex.data };
}

static int
answer_tokens(struct req *r, struct claims *claims, const char *refresh_token)
{
	const char *access = token_sign(r->arena, claims, time(NULL));
	if (!access)
		return problem(r, 503, "not_configured", "The service has no key to sign tokens with.");
	buf_printf(&r->out,
	           "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,"
	           "\"refresh_token\":\"%s\",\"refresh_expires_in\":%d}",
	           access, TOKEN_LIFE, refresh_token, REFRESH_LIFE);
	return 200;
}

/* Columns of the credential query. */
enum { ACCOUNT_ID, PASSWORD_HASH, STATUS, ACCOUNT_ROLE, PROFILE_ID, PROFILE_AGE };

static int
start_session(struct req *r, const PGresult *account)
{
	struct arena *a = r->arena;
	struct refresh_token refresh = make_refresh_token(a);
	const char *values[] = { row_text(a, account, 0, ACCOUNT_ID), row_text(a, account, 0, PROFILE_ID), refresh.hash,
		                 body_string(r, "device_name"),       req_env(r, "REMOTE_ADDR"),
		                 arena_printf(a, "%d", REFRESH_LIFE) };
	struct db_result session = req_query(r, Q_SESSION_START, 6, values);
	if (session.status != DB_OK)
		return problem_db(r, &session);
	struct claims claims = {
		.account = row_int(account, 0, ACCOUNT_ID),
		.session = row_int(session.rows, 0, 0),
		.profile = row_int(account, 0, PROFILE_ID),
		.age = (int)row_int(account, 0, PROFILE_AGE),
		.role = strcmp(row_text(a, account, 0, ACCOUNT_ROLE), "admin") ? ROLE_USER : ROLE_ADMIN,
	};
	return answer_tokens(r, &claims, refresh.text);
}

/* An unknown address costs a hash as well, and gets the same answer. */
static int
login(struct req *r)
{
	const char *email = body_string(r, "email");
	struct db_result found = req_query(r, Q_CREDENTIAL, 1, &email);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	bool known = PQntuples(found.rows) > 0;
	const char *hash = known ? row_text(r->arena, found.rows, 0, PASSWORD_HASH) : NULL;
	if (!password_verify(body_string(r, "password"), hash)) {
		req_header(r, "WWW-Authenticate", "Bearer realm=\"antenna\"");
		return problem(r, 401, "invalid_credentials", "The address or the password is wrong.");
	}
	if (strcmp(row_text(r->arena, found.rows, 0, STATUS), "active"))
		return problem(r, 403, "account_suspended", NULL);
	return start_session(r, found.rows);
}

static const struct route routes[] = {
	{ POST, "/auth/register", ROLE_ANYONE, .handler = register_account, .ok = 201, .answer = "user",
	  .summary = "Make an account, with its first profile",
	  .params = { { .type = P_BODY, .body = register_body } } },
	{ POST, "/auth/login", ROLE_ANYONE, .handler = login, .answer = "tokens",
	  .summary = "Sign in: an access token for 15 minutes and a refresh token for 30 days",
	  .params = { { .type = P_BODY, .body = login_body } } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = { { 0 } };
	static const struct program program = {
		.name = "auth",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = auth_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
	};
	return program_main(&program, argc, argv);
}

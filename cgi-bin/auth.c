/* Accounts sign in here. The only program that reads password hashes and PINs, and the only one
 * that can sign tokens. */
#include "auth.h"

#include "auth.queries.h"

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

static const struct param refresh_body[] = {
	{ "refresh_token", P_SECRET, .max = 200,
		.doc = "not with \"Antenna-Refresh: cookie\": then it is in the cookie; else required" },
	{ 0 },
};

static const struct param password_body[] = {
	{ "current_password", P_SECRET, .required = true, .max = 1000 },
	{ "new_password", P_PASSWORD, .required = true },
	{ 0 },
};

static const struct param forgot_body[] = {
	{ "email", P_EMAIL, .required = true },
	{ 0 },
};

static const struct param reset_body[] = {
	{ "token", P_SECRET, .required = true, .max = 200 },
	{ "new_password", P_PASSWORD, .required = true },
	{ 0 },
};

static const struct param erase_body[] = {
	{ "password", P_SECRET, .required = true, .max = 1000 },
	{ 0 },
};

int
password_too_common(struct req *r, const char *member)
{
	return problem_field(r, member, "too_common", "is one of the passwords that are tried first");
}

static int
register_account(struct req *r)
{
	const char *password = body_string(r, "password");
	if (password_common(password))
		return password_too_common(r, "password");
	const char *values[] = { body_string(r, "email"), password_hash(r->arena, password),
		body_string(r, "name"), body_string(r, "country"), body_string(r, "locale") };
	struct db_result made = req_query(r, Q_REGISTER, 5, values);
	return made.status == DB_OK ? rows_one(r, made.rows) : problem_db(r, &made);
}

/* Columns of the credential query. */
enum { ACCOUNT_ID, PASSWORD_HASH, STATUS, ACCOUNT_ROLE, PROFILE_ID, PROFILE_AGE };

static int
wrong_credentials(struct req *r)
{
	req_header(r, "WWW-Authenticate", "Bearer realm=\"antenna\"");
	return problem(r, 401, "invalid_credentials", "The address or the password is wrong.");
}

/* hash: of the password, as it was compared. 0: it is another one by now. */
static int
start_session(struct req *r, const PGresult *account, const char *hash)
{
	struct arena *a = r->arena;
	struct refresh_token refresh = refresh_token_make(a);
	const char *values[] = { row_text(a, account, 0, ACCOUNT_ID),
		row_text(a, account, 0, PROFILE_ID), refresh.hash, body_string(r, "device_name"),
		peer_address(r), arena_printf(a, "%d", REFRESH_LIFE), hash };
	struct db_result session = req_query(r, Q_SESSION_START, 7, values);
	if (session.status != DB_OK)
		return problem_db(r, &session);
	if (!PQntuples(session.rows))
		return 0;
	struct claims claims = {
		.account = row_int(account, 0, ACCOUNT_ID),
		.session = row_int(session.rows, 0, 0),
		.profile = row_int(account, 0, PROFILE_ID),
		.age = (int)row_int(account, 0, PROFILE_AGE),
		.role = strcmp(row_text(a, account, 0, ACCOUNT_ROLE), "admin") ? ROLE_USER : ROLE_ADMIN,
	};
	return answer_tokens(r, &claims, refresh.text, REFRESH_LIFE);
}

/* The cost that is set now; only a sign-in has the password to do it with. The hash that there is
 * afterwards. */
static const char *
rehash(struct req *r, const PGresult *account, const char *old)
{
	const char *values[] = { row_text(r->arena, account, 0, ACCOUNT_ID),
		password_hash(r->arena, body_string(r, "password")), old };
	struct db_result changed = req_query(r, Q_REHASH, 3, values);
	if (changed.status != DB_OK)
		log_msg(LOG_WARN, "a password keeps its hash of a lower cost until the next sign-in");
	return changed.status == DB_OK && PQntuples(changed.rows) ? values[1] : old;
}

/* An unknown address costs a hash as well, and gets the same answer. 0: the password's hash was
 * changed while it was compared. */
static int
compare(struct req *r, const char *email)
{
	struct db_result found = req_query(r, Q_CREDENTIAL, 1, &email);
	if (found.status != DB_OK) {
		guess_login_refund(r, email);
		return problem_db(r, &found);
	}
	bool known = PQntuples(found.rows) > 0;
	const char *hash = known ? row_text(r->arena, found.rows, 0, PASSWORD_HASH) : NULL;
	if (!password_verify(body_string(r, "password"), hash))
		return wrong_credentials(r);
	guess_login_right(r, email);
	if (strcmp(row_text(r->arena, found.rows, 0, STATUS), "active"))
		return problem(r, 403, "account_suspended", NULL);
	if (password_outdated(hash))
		hash = rehash(r, found.rows, hash);
	return start_session(r, found.rows, hash);
}

/* A hash that is another one by now may be of the same password, for another sign-in has renewed
 * it. */
static int
login(struct req *r)
{
	const char *email = body_string(r, "email");
	int status = cookie_wanted(r) ? cookie_guard(r) : 0;
	if (!status)
		status = guess_login(r, email);
	for (int times = 0; !status && times < 2; times++)
		status = compare(r, email);
	return status ? status : wrong_credentials(r);
}

static int
change_password(struct req *r)
{
	const char *old, *new = body_string(r, "new_password");
	int status = confirm_password(r, body_string(r, "current_password"), &old);
	if (status)
		return status;
	if (password_common(new))
		return password_too_common(r, "new_password");
	const char *values[] = { r->values[0], r->values[1], password_hash(r->arena, new), old };
	struct db_result changed = req_query(r, Q_PASSWORD_CHANGE, 4, values);
	if (changed.status != DB_OK)
		return problem_db(r, &changed);
	if (!PQntuples(changed.rows))
		return problem(r, 409, "conflict", "The password was changed by somebody else.");
	return 204;
}

static int
erase(struct req *r)
{
	const char *hash;
	int status = confirm_password(r, body_string(r, "password"), &hash);
	if (status)
		return status;
	struct db_result erased = req_query(r, Q_ERASE, 1, r->values);
	return erased.status == DB_OK ? 204 : problem_db(r, &erased);
}

static const struct route routes[] = {
	{ POST, "/auth/register", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = register_account,
		.ok = 201, .answer = "user", .summary = "Make an account, with its first profile",
		.params = { { .type = P_BODY, .body = register_body } } },
	{ POST, "/auth/login", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = login, .answer = "tokens",
		.summary = "Sign in: an access token for 15 minutes and a refresh token for 30 days",
		.params = { { .type = P_BODY, .body = login_body } } },
	{ POST, "/auth/refresh", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = refresh,
		.answer = "tokens", .summary = "Exchange a refresh token; a spent one ends its session",
		.params = { { .type = P_BODY, .body = refresh_body } } },
	{ POST, "/auth/logout", ROLE_ANYONE, .handler = logout, .ok = 204,
		.summary = "End the session of a refresh token",
		.params = { { .type = P_BODY, .body = refresh_body } } },
	{ GET, "/auth/sessions", ROLE_USER, Q_SESSION_LIST, .list = true, .answer = "session",
		.summary = "Own sessions", .params = { ACCOUNT, SESSION } },
	{ DELETE, "/auth/sessions", ROLE_USER, Q_SESSION_END_OTHERS, .ok = 204,
		.summary = "End all other sessions", .params = { ACCOUNT, SESSION } },
	{ DELETE, "/auth/sessions/{id}", ROLE_USER, Q_SESSION_END, .ok = 204,
		.summary = "End one session", .params = { ACCOUNT, { "id", P_ID } } },
	{ POST, "/auth/password", ROLE_USER, .handler = change_password, .ok = 204,
		.summary = "Change the password; all other sessions and the keys of players end",
		.params = { ACCOUNT, SESSION, { .type = P_BODY, .body = password_body } } },
	{ POST, "/auth/forgot", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = forgot, .ok = 204,
		.summary = "Ask for a mail with a link for a new password",
		.params = { { .type = P_BODY, .body = forgot_body } } },
	{ POST, "/auth/reset", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = reset_password, .ok = 204,
		.summary = "Set a new password by the token of such a link; all sessions and "
				   "keys of players end",
		.params = { { .type = P_BODY, .body = reset_body } } },
	{ POST, "/auth/email", ROLE_USER, .handler = email_change, .ok = 204,
		.summary = "Ask for a mail to another address, with a link that makes it the account's",
		.params = { ACCOUNT, { .type = P_BODY, .body = email_body } } },
	{ POST, "/auth/email/confirm", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = email_confirm,
		.ok = 204, .summary = "Change the address by the token of such a link",
		.params = { { .type = P_BODY, .body = email_token_body } } },
	{ POST, "/auth/device", ROLE_ANYONE, .limit = LIMIT_LOGIN, .handler = device_ask,
		.answer = "device_codes",
		.summary = "Ask to be signed in by somebody who is signed in elsewhere (RFC 8628)",
		.params = { { .type = P_BODY, .body = device_body, .nullable = true } } },
	{ POST, "/auth/device/token", ROLE_ANYONE, .handler = device_token, .answer = "tokens",
		.summary = "Whether that was approved: tokens, once",
		.params = { { .type = P_BODY, .body = device_token_body } } },
	{ POST, "/auth/device/lookup", ROLE_USER, .handler = device_lookup, .answer = "device_request",
		.summary = "Which device shows this code",
		.params = { { .type = P_BODY, .body = user_code_body } } },
	{ POST, "/auth/device/approve", ROLE_USER, .handler = device_approve, .ok = 204,
		.summary = "Let the device that shows this code sign in as the caller",
		.params = { ACCOUNT, SESSION, PROFILE, { .type = P_BODY, .body = user_code_body } } },
	{ POST, "/auth/device/deny", ROLE_USER, .handler = device_deny, .ok = 204,
		.summary = "Do not let it",
		.params = { SESSION, { .type = P_BODY, .body = user_code_body } } },
	/* POST, PUT and DELETE of these addresses come here, the rest goes to users */
	{ GET, "/users/me", ROLE_USER, .elsewhere = "users" },
	{ PATCH, "/users/me", ROLE_USER, .elsewhere = "users" },
	{ GET, "/users/profiles", ROLE_USER, .elsewhere = "users" },
	{ GET, "/users/profiles/{id}", ROLE_USER, .elsewhere = "users" },
	{ DELETE, "/users/me", ROLE_USER, .handler = erase, .ok = 204,
		.summary = "Erase the account and all that is of it",
		.params = { ACCOUNT, { .type = P_BODY, .body = erase_body } } },
	{ POST, "/users/profiles", ROLE_USER, .handler = profile_create, .ok = 201, .answer = "profile",
		.summary = "Make a profile",
		.params = { ACCOUNT, { .type = P_BODY, .body = profile_body } } },
	{ PUT, "/users/profiles/{id}", ROLE_USER, .handler = profile_change, .answer = "profile",
		.summary = "Change a profile",
		.params = { ACCOUNT, { "id", P_ID }, { .type = P_BODY, .body = profile_body } } },
	{ DELETE, "/users/profiles/{id}", ROLE_USER, Q_PROFILE_DELETE, .ok = 204,
		.summary = "Delete a profile with all it has watched",
		.params = { ACCOUNT, AGE, { "id", P_ID } } },
	{ POST, "/users/profiles/{id}/select", ROLE_USER, .handler = profile_select, .answer = "tokens",
		.summary = "Go on as this profile: tokens that carry it",
		.params = { ACCOUNT, { "id", P_ID },
			{ .type = P_BODY, .body = select_body, .nullable = true } } },
};

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "revoke", "EMAIL", command_revoke },
		{ "reset-link", "EMAIL", command_reset_link },
		{ "rotate-key", "[--force]", command_rotate_key },
		{ "prune", "", command_prune },
		{ 0 },
	};
	static const struct program program = {
		.name = "auth",
		.routes = routes,
		.n_routes = sizeof routes / sizeof routes[0],
		.queries = auth_queries,
		.n_queries = Q_COUNT,
		.commands = commands,
		.beside = mail_run,
		.beside_wanted = mail_possible,
	};
	return program_main(&program, argc, argv);
}

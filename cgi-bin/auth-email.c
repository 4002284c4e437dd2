/* Another e-mail address for an account: whoever knows the password asks, and whoever has the new
 * address confirms it. */
#include "auth.h"

#include "auth.queries.h"

const struct param email_body[] = {
	{ "password", P_SECRET, .required = true, .max = 1000 },
	{ "email", P_EMAIL, .required = true },
	{ 0 },
};

const struct param email_token_body[] = {
	{ "token", P_SECRET, .required = true, .max = 200 },
	{ 0 },
};

/* Columns of the email_ask query. */
enum { ASKED, TAKEN, WAIT };

int
email_change(struct req *r)
{
	const char *hash, *values[] = { r->values[0], body_string(r, "email") };
	if (!mail_possible())
		return problem(r, 404, "mail_not_configured", "This service sends no mail.");
	int status = confirm_password(r, body_string(r, "password"), &hash);
	if (!status)
		status = guess_mail(r);
	if (status)
		return status;
	struct db_result asked = req_query(r, Q_EMAIL_ASK, 2, values);
	if (asked.status != DB_OK)
		return problem_db(r, &asked);
	if (row_int(asked.rows, 0, TAKEN))
		return problem(r, 409, "email_taken", "This e-mail address has an account already.");
	if (!row_int(asked.rows, 0, ASKED))
		return too_many_attempts(r, (int)row_int(asked.rows, 0, WAIT));
	return 204;
}

int
email_confirm(struct req *r)
{
	const char *token = digest_bytea(r->arena, body_string(r, "token"));
	struct db_result done = req_query(r, Q_EMAIL_CONFIRM, 1, &token);
	if (done.status != DB_OK)
		return problem_db(r, &done);
	if (!PQntuples(done.rows) || PQgetisnull(done.rows, 0, 0))
		return problem(r, 403, "email_token_invalid",
			"The link for another address was used, is over, or was never one.");
	return 204;
}

/* A new password for who forgot the old one: by a link that came by mail, or that an operator
 * passed on. */
#include "auth.h"

#include "auth.queries.h"

const char *
app_link(struct arena *a, const char *page, const char *token)
{
	/* behind #: browsers do not send it, so it is in no log and no Referer */
	return arena_printf(a, "%s/app/%s#%s", conf_text(CONF_PUBLIC_URL), page, token);
}

/* The same answer whether there is such an account or not; the mail is sent by another process. */
int
forgot(struct req *r)
{
	const char *email = body_string(r, "email");
	if (!mail_possible())
		return problem(r, 404, "mail_not_configured",
			"This service sends no mail. Who runs it can give out a link for a new password.");
	int status = guess_mail(r);
	if (status)
		return status;
	struct db_result asked = req_query(r, Q_RESET_ASK, 1, &email);
	return asked.status == DB_OK ? 204 : problem_db(r, &asked);
}

static int
not_good(struct req *r)
{
	return problem(r, 403, "reset_token_invalid",
		"The link for a new password was used, is over, or was never one.");
}

/* What a token is worth is asked first: a hash costs a quarter of a second. */
int
reset_password(struct req *r)
{
	const char *new = body_string(r, "new_password");
	const char *token = digest_bytea(r->arena, body_string(r, "token"));
	struct db_result known = req_query(r, Q_RESET_KNOWN, 1, &token);
	if (known.status != DB_OK)
		return problem_db(r, &known);
	if (!PQntuples(known.rows))
		return not_good(r);
	if (password_common(new))
		return password_too_common(r, "new_password");
	const char *values[] = { token, password_hash(r->arena, new) };
	struct db_result changed = req_query(r, Q_RESET_PASSWORD, 2, values);
	if (changed.status != DB_OK)
		return problem_db(r, &changed);
	if (!PQntuples(changed.rows))
		return not_good(r);
	guess_login_right(r, row_text(r->arena, changed.rows, 0, 0));
	return 204;
}

int
command_reset_link(int argc, char **argv)
{
	if (argc != 2 || !*conf_text(CONF_PUBLIC_URL)) {
		fprintf(stderr, "usage: auth reset-link EMAIL\nTV_PUBLIC_URL must be set.\n");
		return 2;
	}
	struct arena *a = arena_new();
	struct refresh_token token = refresh_token_make(a);
	const char *values[] = { argv[1], token.hash, arena_printf(a, "%d", RESET_LIFE) };
	PGresult *r = command_query(Q_RESET_LINK, 3, values);
	bool known = r && PQntuples(r);
	if (known)
		printf("%s\n", app_link(a, "reset", token.text));
	else if (r)
		fprintf(stderr, "auth reset-link: there is no account %s\n", argv[1]);
	PQclear(r);
	arena_free(a);
	return known ? 0 : 1;
}

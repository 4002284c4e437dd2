/* Sends the links for new passwords: a process beside the workers, woken by PostgreSQL. A link's
 * token is made here, each time that it is tried. Of several nodes one takes each mail; who dies
 * between sending and saying so sends it once more. */
#include "auth.h"

#include "auth.queries.h"

#include <poll.h>
#include <unistd.h>

enum {
	ROUND_SECONDS = 15, /* what failed is tried again; a pooler passes no notices on */
	RETRY_SECONDS = 2,
	STUCK_SECONDS = 60 + MAIL_SECONDS, /* then this process ends, and its master starts another */
	TRIES = 6, /* in some forty minutes */
};

/* Columns of the claim. */
enum { ID, TRIED, EMAIL, LOCALE, STATUS };

struct words {
	const char *subject, *text; /* %s: the link */
};

static const struct words english = {
	"A new password for Antenna",
	"Somebody, you perhaps, forgot the password of this address at Antenna.\n\n"
	"A new one can be set here, once, for an hour:\n\n%s\n\n"
	"If it was not you, nothing has to be done: the old password goes on as it is.\n",
};

static const struct words german = {
	"Ein neues Passwort für Antenna",
	"Jemand, vielleicht Sie, hat das Passwort zu dieser Adresse bei Antenna vergessen.\n\n"
	"Hier lässt sich ein neues setzen, einmal, eine Stunde lang:\n\n%s\n\n"
	"Waren Sie es nicht, ist nichts zu tun: Das alte Passwort gilt weiter.\n",
};

bool
mail_possible(void)
{
	return mail_configured() && *conf_text(CONF_PUBLIC_URL);
}

/* NULL after a message. */
static PGresult *
ask(PGconn *conn, int query, int n, const char *const *values)
{
	alarm(STUCK_SECONDS);
	PGresult *r = PQexecParams(conn, auth_queries[query].sql, n, NULL, values, NULL, NULL, 0);
	alarm(0);
	if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	log_msg(LOG_WARN, "links for new passwords: %s", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

static bool
say(PGconn *conn, int query, const char *id)
{
	PGresult *r = ask(conn, query, id != NULL, &id);
	PQclear(r);
	return r != NULL;
}

static struct mail
message(struct arena *a, const PGresult *claimed, const char *token)
{
	const char *locale = PQgetvalue(claimed, 0, LOCALE);
	const struct words *w = strncmp(locale, "de", 2) ? &english : &german;
	const char *link = strstr(w->text, "%s");
	return (struct mail){ PQgetvalue(claimed, 0, EMAIL), w->subject,
		arena_printf(a, "%.*s%s%s", (int)(link - w->text), w->text, reset_link(a, token),
			link + 2) };
}

/* What is done with a claim afterwards; −1: it is tried again. */
static int
deliver(struct arena *a, const PGresult *claimed, const char *token)
{
	const char *why;
	struct mail m = message(a, claimed, token);
	if (strcmp(PQgetvalue(claimed, 0, STATUS), "active"))
		return Q_RESET_DROP;
	alarm(STUCK_SECONDS);
	enum mail_outcome outcome = mail_send(a, &m, &why);
	alarm(0);
	if (outcome == MAIL_SENT)
		return Q_RESET_SENT;
	bool last = outcome == MAIL_REFUSED || strtol(PQgetvalue(claimed, 0, TRIED), NULL, 10) >= TRIES;
	log_msg(LOG_WARN, "a link for a new password was not sent%s: %s",
		last ? ", and is given up" : "", why);
	return last ? Q_RESET_DROP : -1;
}

/* False: there is nothing more to send now, or no database. */
static bool
send_next(PGconn *conn)
{
	struct arena *a = arena_new();
	struct refresh_token token = refresh_token_make(a);
	const char *values[] = { token.hash, arena_printf(a, "%d", RESET_LIFE) };
	PGresult *claimed = ask(conn, Q_RESET_CLAIM, 2, values);
	bool more = claimed && PQntuples(claimed);
	if (more) {
		int then = deliver(a, claimed, token.text);
		more = then < 0 || say(conn, then, PQgetvalue(claimed, 0, ID));
	}
	PQclear(claimed);
	arena_free(a);
	return more;
}

/* Until the connection is lost. */
static void
follow(PGconn *conn)
{
	struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };
	while (PQstatus(conn) == CONNECTION_OK) {
		while (send_next(conn))
			continue;
		if (poll(&fd, 1, ROUND_SECONDS * 1000) > 0 && !PQconsumeInput(conn))
			return;
		for (PGnotify *n; (n = PQnotifies(conn));)
			PQfreemem(n);
	}
}

int
mail_run(void)
{
	for (;;) {
		alarm(STUCK_SECONDS);
		PGconn *conn = db_command_connection("auth");
		alarm(0);
		if (conn && say(conn, Q_RESET_LISTEN, NULL))
			follow(conn);
		PQfinish(conn);
		sleep(RETRY_SECONDS);
	}
}

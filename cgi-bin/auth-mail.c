/* Sends links, for new passwords and other addresses: a process beside the workers, woken by
 * PostgreSQL. A link's token is made here, each time that it is tried. Of several nodes one takes
 * each mail; who dies between sending and saying so sends it once more. */
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
enum { ID, TRIED, EMAIL, LOCALE, STATUS, KIND };

struct words {
	const char *subject, *before, *after; /* of the link */
};

static const struct kind {
	const char *name;
	const char *page; /* NULL: it has no link */
	struct words english, german;
} kinds[] = {
	{ "password", "reset",
		{ "A new password for Antenna",
			"Somebody, you perhaps, forgot the password of this address at Antenna.\n\n"
			"A new one can be set here, once, for an hour:\n\n",
			"\n\nIf it was not you, nothing has to be done: "
			"the old password goes on as it is.\n" },
		{ "Ein neues Passwort für Antenna",
			"Jemand, vielleicht du, hat das Passwort zu dieser Adresse bei Antenna vergessen.\n\n"
			"Hier lässt sich ein neues setzen, einmal, eine Stunde lang:\n\n",
			"\n\nWarst du es nicht, ist nichts zu tun: Das alte Passwort gilt weiter.\n" } },
	{ "address", "email",
		{ "Your new address at Antenna",
			"Somebody, you perhaps, wants this to be the address of an account at Antenna.\n\n"
			"That is confirmed here, once, for an hour:\n\n",
			"\n\nIf it was not you, nothing has to be done: the address is not used.\n" },
		{ "Deine neue Adresse bei Antenna",
			"Jemand, vielleicht du, möchte diese Adresse für ein Konto bei Antenna benutzen.\n\n"
			"Hier wird das bestätigt, einmal, eine Stunde lang:\n\n",
			"\n\nWarst du es nicht, ist nichts zu tun: Die Adresse wird nicht benutzt.\n" } },
	{ "notice", NULL,
		{ "Another address for your account at Antenna",
			"Somebody who knows the password of your account at Antenna wants it to have\n"
			"another e-mail address. A link was sent there; when it is followed, this one is\n"
			"no longer yours to sign in with.\n\n"
			"If it was not you, set a new password at once: that ends the link, too.\n",
			"" },
		{ "Eine andere Adresse für dein Konto bei Antenna",
			"Jemand, der das Passwort deines Kontos bei Antenna kennt, möchte ihm eine andere\n"
			"E-Mail-Adresse geben. Dorthin ging ein Link; wird ihm gefolgt, gilt diese hier\n"
			"zum Anmelden nicht mehr.\n\n"
			"Warst du es nicht, setze sofort ein neues Passwort: "
			"Das beendet auch den Link.\n",
			"" } },
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
	log_msg(LOG_WARN, "mails with links: %s", PQresultErrorMessage(r));
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
	const struct kind *k = kinds;
	while (strcmp(k->name, PQgetvalue(claimed, 0, KIND)))
		k++; /* the table knows no others */
	const struct words *w =
		strncmp(PQgetvalue(claimed, 0, LOCALE), "de", 2) ? &k->english : &k->german;
	const char *link = k->page ? app_link(a, k->page, token) : "";
	return (struct mail){ PQgetvalue(claimed, 0, EMAIL), w->subject,
		arena_printf(a, "%s%s%s", w->before, link, w->after) };
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
	log_msg(LOG_WARN, "a mail (%s) was not sent%s: %s", PQgetvalue(claimed, 0, KIND),
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

/* One message to one person over SMTP (RFC 5321), through the server of TV_SMTP_URL, with TLS
 * unless that is this machine itself. Everything has a limit; nothing is kept between messages. */
#ifndef MAIL_H
#define MAIL_H

#include <stdbool.h>

struct arena;

enum { MAIL_SECONDS = 30 };

struct mail {
	const char *to; /* an address without blanks, brackets and control characters (P_EMAIL) */
	const char *subject; /* UTF-8 */
	const char *text; /* UTF-8, lines end in \n */
};

enum mail_outcome {
	MAIL_SENT,
	MAIL_REFUSED, /* for good: the server does not take it */
	MAIL_LATER, /* not now: the server is away, full, or does not let us in */
};

/* TV_SMTP_URL is set, and TV_MAIL_FROM to an address. */
bool mail_configured(void);
/* *why: how it went, for the log, without addresses and secrets. */
enum mail_outcome mail_send(struct arena *a, const struct mail *m, const char **why);

#endif

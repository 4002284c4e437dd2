/* One GET over http or https into a file, for what cron fetches from addresses that somebody else
 * chose: every hop's address is checked, everything has a limit, and nothing that is said about a
 * failure holds the URL, which may hold a password. */
#ifndef FETCH_H
#define FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { FETCH_MAX_REDIRECTS = 5, FETCH_CONNECT_SECONDS = 10, FETCH_MAX_VALIDATOR = 500 };

struct fetch {
	const char *url;
	const char *etag, *modified; /* of what is there already; NULL: the whole file is wanted */
	bool anywhere; /* private, loopback and link-local addresses too */
	int seconds; /* for all of it */
	int64_t max_bytes; /* as it comes, packed or not */
	int fd; /* the body is written here */
};

struct fetched {
	const char *why; /* NULL: status is 200, or 304 when it was asked for */
	long status; /* of HTTP; 0: there was no answer */
	int64_t retry_after; /* seconds that the server asks to wait; 0: it does not */
	const char *etag, *modified; /* as the server says them; NULL: it does not */
};

/* Texts are in the arena. */
struct fetched fetch_url(struct arena *a, const struct fetch *f);

#endif

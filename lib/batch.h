/* Requests that a worker takes at once over FastCGI, from their first byte to their answers. */
#ifndef BATCH_H
#define BATCH_H

#include "together.h"

#include <fcgiapp.h>
#include <stdbool.h>

struct arena;
struct db;
struct pending;
struct program;

struct batch {
	const struct program *program;
	struct db *db;
	void (*watchdog)(int seconds);
	struct arena *arena;
	FCGX_Request fcgi[TOGETHER_MOST];
	struct together reqs;
};

/* False: libfcgi cannot. */
bool batch_open(
	struct batch *b, const struct program *p, struct db *db, void (*watchdog)(int seconds));
void batch_close(struct batch *b);
/* The next request, and while they may be answered together, those that wait; accept: also such as
 * have not been accepted yet. */
void batch_take(struct batch *b, struct pending *pending, bool accept);
/* Whether batch_serve() does not need the database. */
bool batch_known(const struct batch *b);
/* Finds out what is not known, when nothing is on its way to the database, and answers them all. */
void batch_serve(struct batch *b);

#endif

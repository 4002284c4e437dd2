/* The directories of media on the disk, and questions to the database about them: what the commands
 * share. */
#ifndef PLAY_STORE_H
#define PLAY_STORE_H

#include "tv.h"

/* TV_MEDIA_DIR, or what stands for it. */
const char *store_root(struct arena *a);

/* A directory with all that is in it; true: it is gone, or was not there. */
bool store_remove(const char *path);

/* Who holds a directory is alone with it, until the descriptor is closed. −1: it cannot be opened
 * (errno), or somebody else holds it (EWOULDBLOCK). */
int store_hold(const char *path);

/* Says on stderr what is wrong; 1, for an exit status. */
int store_fail(const char *what, const char *why);

/* Of the rows to a query; NULL after a message. The caller clears them. */
PGresult *store_rows(PGconn *conn, int query, int n, const char *const *values);

/* The first value of the first row; NULL after a message, and without a row. "" for null. */
const char *store_ask(
	struct arena *a, PGconn *conn, int query, int n, const char *const *values);

#endif

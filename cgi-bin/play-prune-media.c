/* The database forgets a directory before it goes: what is killed in between leaves files, and no
 * title without them. */
#include "play-media.h"

#include "play-store.h"
#include "play.queries.h"

#include <errno.h>
#include <unistd.h>

/* What somebody adds something to is left for the next time. */
static int
remove_unused(struct arena *a, PGconn *conn, const char *directory)
{
	const char *path = arena_printf(a, "%s/%s", store_root(a), directory);
	int held = store_hold(path), status = 0;
	if (held < 0 && errno == EWOULDBLOCK)
		return 0;
	const char *removed = store_ask(a, conn, Q_MEDIA_REMOVE, 1, &directory);
	if (!removed)
		status = 1;
	else if (*removed == 't')
		printf("%s\n", directory);
	if (removed && *removed == 't' && !store_remove(path))
		status = store_fail(path, "could not be removed; the database has it no more");
	if (held >= 0)
		close(held);
	return status;
}

static int
prune(struct arena *a, PGconn *conn, bool only_say)
{
	PGresult *r = store_rows(conn, Q_MEDIA_UNUSED, 0, NULL);
	int status = r ? 0 : 1;
	for (int i = 0; status == 0 && i < PQntuples(r); i++)
		if (only_say)
			printf("%s\n", PQgetvalue(r, i, 0));
		else
			status = remove_unused(a, conn, PQgetvalue(r, i, 0));
	PQclear(r);
	return status;
}

int
command_prune_media(int argc, char **argv)
{
	bool only_say = argc == 2 && !strcmp(argv[1], "--dry-run");
	if (argc > 2 || (argc == 2 && !only_say)) {
		fprintf(stderr, "usage: play prune-media [--dry-run]\n");
		return 2;
	}
	PGconn *conn = db_command_connection("play");
	struct arena *a = arena_new();
	int status = conn ? prune(a, conn, only_say) : 1;
	PQfinish(conn);
	arena_free(a);
	return status;
}

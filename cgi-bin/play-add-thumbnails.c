/* Media that were made without them get theirs from their own smallest rendition. Nothing that is
 * there changes, and the database names them when they are whole: viewers see none, or all. */
#include "play-media.h"

#include "play-store.h"
#include "play-thumbnails.h"
#include "play.queries.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 3600 };

/* False: it is not known how it is laid out. */
static bool
read_source(struct arena *a, const PGresult *r, struct thumbnails_source *in)
{
	enum { THUMBNAILS, PATH, DURATION, LONGEST_SEGMENT, WIDTH, HEIGHT, COLUMNS };
	int64_t n[COLUMNS];
	for (int i = DURATION; i < COLUMNS; i++)
		if (!parse_int(PQgetvalue(r, 0, i), 1, INT_MAX, &n[i]))
			return false;
	*in = (struct thumbnails_source){
		.playlist = arena_strdup(a, PQgetvalue(r, 0, PATH)),
		.width = (int)n[WIDTH],
		.height = (int)n[HEIGHT],
		.longest = (int)n[LONGEST_SEGMENT],
		.duration = n[DURATION],
	};
	return *in->playlist;
}

/* Whose answer was lost may have been entered: these stay. */
static int
enter(struct arena *a, PGconn *conn, const char *name, const char *own)
{
	const char *values[] = { name, THUMBNAILS_FILE };
	const char *added = store_ask(a, conn, Q_MEDIA_THUMBNAILS_ADD, 2, values);
	if (!added)
		return 1;
	if (*added == 't') {
		printf("%s\n", name);
		return 0;
	}
	store_remove(own);
	return store_fail(name, "is not there any more");
}

/* dir is held: what is in it and not in the database was left by one that was killed. */
static int
draw(struct arena *a, PGconn *conn, const char *name, const char *dir, int held,
	const struct thumbnails_source *in)
{
	const char *own = arena_printf(a, "%s/" THUMBNAILS_DIRECTORY, dir);
	if (!store_remove(own))
		return store_fail(own, strerror(errno));
	bool made = thumbnails_make(a, dir, in, LONGEST);
	if (made && syncfs(held) == 0)
		return enter(a, conn, name, own);
	if (made)
		store_fail(dir, strerror(errno));
	store_remove(own);
	return 1;
}

static int
add_held(struct arena *a, PGconn *conn, const char *name, const char *dir, int held)
{
	struct thumbnails_source in;
	PGresult *r = store_rows(conn, Q_MEDIA_THUMBNAILS, 1, &name);
	if (!r)
		return 1;
	bool there = PQntuples(r) > 0, has = there && !PQgetisnull(r, 0, 0);
	bool known = there && read_source(a, r, &in);
	PQclear(r);
	if (has)
		return 0; /* by somebody who was faster */
	if (!there)
		return store_fail(name, "is not there any more");
	if (!known)
		return store_fail(name, "how it is laid out is not known");
	return draw(a, conn, name, dir, held, &in);
}

static int
add_to(struct arena *a, PGconn *conn, const char *name)
{
	const char *dir = arena_printf(a, "%s/%s", store_root(a), name);
	int held = store_hold(dir);
	if (held < 0)
		return store_fail(
			dir, errno == EWOULDBLOCK ? "is being added to by somebody else" : strerror(errno));
	int status = add_held(a, conn, name, dir, held);
	close(held);
	return status;
}

/* One that fails keeps no other from its own. */
static int
add_to_each(struct arena *a, PGconn *conn, const PGresult *directories)
{
	int status = 0;
	umask(022);
	for (int i = 0; i < PQntuples(directories); i++)
		status |= add_to(a, conn, PQgetvalue(directories, i, 0));
	return status;
}

/* content: NULL for all. */
static int
add(struct arena *a, PGconn *conn, const char *content)
{
	const char *values[] = { content, content ? "f" : "t" };
	PGresult *r = store_rows(conn, Q_MEDIA_OF, 2, values);
	if (!r)
		return 1;
	int status = content && !PQntuples(r) ? store_fail(content, "there is nothing to play of it")
										  : add_to_each(a, conn, r);
	PQclear(r);
	return status;
}

int
command_add_thumbnails(int argc, char **argv)
{
	int64_t id;
	bool all = argc == 2 && !strcmp(argv[1], "--all");
	if (argc != 2 || (!all && !parse_int(argv[1], 1, (int64_t)1 << 53, &id))) {
		fprintf(stderr, "usage: play add-thumbnails " PLAY_ADD_THUMBNAILS "\n");
		return 2;
	}
	PGconn *conn = db_command_connection("play");
	struct arena *a = arena_new();
	int status = conn ? add(a, conn, all ? NULL : argv[1]) : 1;
	PQfinish(conn);
	arena_free(a);
	return status;
}

/* A title's media are made in a directory that nobody is served from, get their name when they are
 * whole, and are then entered in the database: whoever plays the ones before goes on with them. */
#include "play-media.h"

#include "play-encode.h"
#include "play.queries.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <openssl/rand.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 12 * 3600 };

static const char adding[] = ".adding-";

static int
remove_entry(const char *path, const struct stat *s, int type, struct FTW *at)
{
	(void)s, (void)type, (void)at;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
media_root(struct arena *a)
{
	const char *set = conf_text(CONF_MEDIA_DIR);
	return *set ? set : arena_printf(a, "%s/media", conf_text(CONF_STATE));
}

/* What was left behind by one that was killed: its process is not there any more. */
static void
remove_left_over(struct arena *a, const char *root)
{
	DIR *d = opendir(root);
	for (struct dirent *e; d && (e = readdir(d));) {
		int64_t pid;
		if (!strncmp(e->d_name, adding, sizeof adding - 1) &&
			parse_int(e->d_name + sizeof adding - 1, 1, INT32_MAX, &pid) &&
			kill((pid_t)pid, 0) < 0 && errno == ESRCH)
			remove_tree(arena_printf(a, "%s/%s", root, e->d_name));
	}
	if (d)
		closedir(d);
}

static int
fail(const char *what, const char *why)
{
	fprintf(stderr, "play: %s: %s\n", what, why);
	return 1;
}

/* The first value of the first row; NULL after a message. "" for null. */
static const char *
ask(struct arena *a, PGconn *conn, int query, int n, const char *const *values)
{
	PGresult *r = PQexecParams(conn, play_queries[query].sql, n, NULL, values, NULL, NULL, 0);
	const char *value = NULL;
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fprintf(stderr, "play: %s", PQresultErrorMessage(r));
	else if (PQntuples(r))
		value = arena_strdup(a, PQgetvalue(r, 0, 0));
	PQclear(r);
	return value;
}

static const char *
segments_text(struct arena *a, const struct encoded *e)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < e->n_segments; i++)
		buf_printf(&b, "%c%d", i ? ',' : '{', e->segments[i]);
	buf_putc(&b, '}');
	return b.data;
}

static const char *
renditions_text(struct arena *a, const struct encoded *e)
{
	struct buf b = buf_new(a);
	for (int i = 0; i < e->n; i++) {
		const struct encoded_rendition *r = &e->renditions[i];
		buf_printf(&b,
			"%c{\"path\":\"%s/index.m3u8\",\"width\":%d,\"height\":%d,\"bitrate\":%d,"
			"\"codecs\":\"%s\"}",
			i ? ',' : '[', r->name, r->width, r->height, r->bitrate, r->codecs);
	}
	buf_putc(&b, ']');
	return b.data;
}

static bool
enter(struct arena *a, PGconn *conn, const char *content, const char *name, const struct encoded *e)
{
	const char *package[] = { name, segments_text(a, e), renditions_text(a, e) };
	const char *use[] = { content, name };
	if (!ask(a, conn, Q_MEDIA_ADD, 3, package))
		return false;
	const char *used = ask(a, conn, Q_MEDIA_USE, 2, use);
	if (used && *used != 't')
		fail(content, "is not there any more");
	return used && *used == 't';
}

static int
add(struct arena *a, PGconn *conn, const char *content, const char *file)
{
	unsigned char random[4];
	struct encoded e;
	const char *root = media_root(a);
	const char *work = arena_printf(a, "%s/%s%d", root, adding, (int)getpid());
	const char *title = ask(a, conn, Q_MEDIA_TARGET, 1, &content);
	if (!title)
		return fail(content, "there is no film or episode of that id");
	if (access(file, R_OK) < 0)
		return fail(file, strerror(errno));
	umask(022);
	mkdir(root, 0755);
	remove_left_over(a, root);
	if (mkdir(work, 0755) < 0)
		return fail(work, strerror(errno));
	if (RAND_bytes(random, sizeof random) != 1)
		abort();
	const char *name =
		arena_printf(a, "%s-%02x%02x%02x%02x", content, random[0], random[1], random[2], random[3]);
	const char *place = arena_printf(a, "%s/%s", root, name);
	if (!encode_file(a, file, work, LONGEST, &e)) {
		remove_tree(work);
		return 1;
	}
	if (rename(work, place) < 0 || !enter(a, conn, content, name, &e)) {
		remove_tree(work);
		remove_tree(place);
		return 1;
	}
	printf("%s (%s): %lld.%03d s, %d segments, %d renditions up to %dp, in %s\n", content, title,
		(long long)(e.duration / 1000), (int)(e.duration % 1000), e.n_segments, e.n,
		e.renditions[e.n - 1].height, name);
	return 0;
}

int
command_add_media(int argc, char **argv)
{
	int64_t id;
	if (argc != 3 || !parse_int(argv[1], 1, (int64_t)1 << 53, &id)) {
		fprintf(stderr, "usage: play add-media CONTENT FILE\n");
		return 2;
	}
	PGconn *conn = db_command_connection("play");
	struct arena *a = arena_new();
	int status = conn ? add(a, conn, argv[1], argv[2]) : 1;
	PQfinish(conn);
	arena_free(a);
	return status;
}

int
command_link_media(int argc, char **argv)
{
	int64_t id;
	if (argc != 3 || !parse_int(argv[1], 1, (int64_t)1 << 53, &id) ||
		!media_directory_valid(argv[2])) {
		fprintf(stderr, "usage: play link-media CONTENT DIRECTORY\n");
		return 2;
	}
	PGconn *conn = db_command_connection("play");
	struct arena *a = arena_new();
	const char *values[] = { argv[1], argv[2] };
	const char *used = conn ? ask(a, conn, Q_MEDIA_USE, 2, values) : NULL;
	int status = !used ? 1
		: *used == 't' ? 0
					   : fail(argv[1], "no film or episode of that id, or no such directory");
	PQfinish(conn);
	arena_free(a);
	return status;
}

/* A title's media are made in a directory that nobody is served from, get their name when they are
 * whole, and are then entered in the database: whoever plays the ones before goes on with them. */
#include "play-media.h"

#include "play-package.h"
#include "play-store.h"
#include "play-subtitles.h"
#include "play-thumbnails.h"
#include "play.queries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 12 * 3600 };

static const char adding[] = ".adding-";

static void
remove_left_over(struct arena *a, const char *root)
{
	DIR *d = opendir(root);
	for (struct dirent *e; d && (e = readdir(d));)
		if (!strncmp(e->d_name, adding, sizeof adding - 1))
			store_remove(arena_printf(a, "%s/%s", root, e->d_name));
	if (d)
		closedir(d);
}

/* Whoever adds something has its share in the lock of the directory. Who has all of it is alone,
 * and removes what killed ones left: numbers of processes say nothing where containers share the
 * directory. The descriptor; −1: it cannot be opened. */
static int
enter_root(struct arena *a, const char *root)
{
	mkdir(root, 0755);
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_left_over(a, root);
	if (fd >= 0)
		flock(fd, LOCK_SH);
	return fd;
}

/* 0, or 1 after a message. When the second answer is lost the title may have them: they stay, and
 * are play prune-media's when it has not. */
static int
enter(struct arena *a, PGconn *conn, const char *content, const char *name, const char *place,
	const struct encoded *e)
{
	const char *package[] = { name, package_segments(a, e), package_renditions(a, e),
		package_subtitles(a, e), THUMBNAILS_FILE };
	const char *use[] = { content, name };
	bool added = store_ask(a, conn, Q_MEDIA_ADD, 5, package);
	const char *used = added ? store_ask(a, conn, Q_MEDIA_USE, 2, use) : NULL;
	if (used && *used == 't')
		return 0;
	if (used)
		store_fail(content, "is not there any more");
	if (used || !added)
		store_remove(place);
	return 1;
}

static const char *
random_name(struct arena *a)
{
	unsigned char random[4];
	if (RAND_bytes(random, sizeof random) != 1)
		abort();
	return arena_printf(a, "%02x%02x%02x%02x", random[0], random[1], random[2], random[3]);
}

/* root: a descriptor of the directory, through which all of it is on the disk before the database
 * knows of it. */
static bool
make(struct arena *a, const char *file, int root, const char *work, const char *place,
	struct encoded *e)
{
	if (!encode_file(a, file, work, LONGEST, e))
		return false;
	if (rename(work, place) == 0 && syncfs(root) == 0)
		return true;
	store_fail(place, strerror(errno));
	return false;
}

/* It is held all the time: play prune-media would take what no title has yet. */
static int
make_and_enter(struct arena *a, PGconn *conn, const char *content, const char *file, int root,
	struct encoded *e, const char **name)
{
	const char *random = random_name(a);
	const char *work = arena_printf(a, "%s/%s%s", store_root(a), adding, random);
	*name = arena_printf(a, "%s-%s", content, random);
	const char *place = arena_printf(a, "%s/%s", store_root(a), *name);
	int held = mkdir(work, 0755) < 0 ? -1 : store_hold(work), status = 1;
	if (held < 0)
		return store_fail(work, strerror(errno));
	if (make(a, file, root, work, place, e)) {
		status = enter(a, conn, content, *name, place, e);
	} else {
		store_remove(work);
		store_remove(place);
	}
	close(held);
	return status;
}

static int
add(struct arena *a, PGconn *conn, const char *content, const char *file, struct encoded *e)
{
	const char *name, *title = store_ask(a, conn, Q_MEDIA_TARGET, 1, &content);
	if (!title)
		return store_fail(content, "there is no film or episode of that id");
	if (access(file, R_OK) < 0)
		return store_fail(file, strerror(errno));
	umask(022);
	int root = enter_root(a, store_root(a));
	if (root < 0)
		return store_fail(store_root(a), strerror(errno));
	int status = make_and_enter(a, conn, content, file, root, e, &name);
	close(root);
	if (status == 0)
		printf("%s (%s): %s, in %s\n", content, title, package_text(a, e), name);
	return status;
}

/* The two words that are no options, and subtitles. 0, or the exit status after a message. */
static int
read_words(struct arena *a, char **argv, const char **words, struct tracks *t)
{
	int n = 0, status = 0;
	int64_t id;
	for (char **word = argv + 1; *word && status == 0; word++) {
		if (!strncmp(*word, "--", 2)) {
			status = subtitles_option(a, word[0], word[1], t);
			word += status == 0;
		} else if (n < 2) {
			words[n++] = *word;
		} else {
			n = 3;
		}
	}
	if (status == 0 && n == 2 && parse_int(words[0], 1, (int64_t)1 << 53, &id))
		return 0;
	if (status == 0)
		fprintf(stderr, "usage: play add-media %s\n", PLAY_ADD_MEDIA);
	return status ? status : 2;
}

int
command_add_media(int argc, char **argv)
{
	(void)argc;
	struct arena *a = arena_new();
	struct encoded *e = arena_alloc(a, sizeof *e);
	const char *words[2] = { NULL, NULL };
	int status = read_words(a, argv, words, &e->tracks);
	PGconn *conn = status == 0 ? db_command_connection("play") : NULL;
	if (status == 0)
		status = conn ? add(a, conn, words[0], words[1], e) : 1;
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
	const char *used = conn ? store_ask(a, conn, Q_MEDIA_USE, 2, values) : NULL;
	int status = !used ? 1
		: *used == 't' ? 0
					   : store_fail(argv[1], "no film or episode of that id, or no such directory");
	PQfinish(conn);
	arena_free(a);
	return status;
}

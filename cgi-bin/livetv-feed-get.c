/* Where a feed's bytes come from. A file must be below TV_FEED_DIR with no symbolic link on the
 * way: who names feeds over the API has no business with the rest of the machine. */
#include "tv.h"

#include "livetv-feed-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HTTP_OK = 200, HTTP_NOT_MODIFIED = 304 };

static void
close_fd(void *fd)
{
	close(*(int *)fd);
}

static void
keep_fd(struct arena *a, int fd)
{
	int *kept = arena_alloc(a, sizeof *kept);
	*kept = fd;
	arena_defer(a, close_fd, kept);
}

/* −1 with errno. Directories one by one, as O_NOFOLLOW looks at the last name only; O_NONBLOCK for
 * what may be a pipe. */
static int
open_below(struct arena *a, const char *dir, const char *path)
{
	int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (at >= 0) {
		size_t n = strcspn(path, "/");
		const char *name = arena_strndup(a, path, n);
		bool last = !path[n];
		int flags = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
		int next = strcmp(name, "..") ? openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC) : -1;
		close(at);
		if (last)
			return next;
		at = next;
		path += n + 1;
	}
	return -1;
}

static struct fetched
failed(const char *why)
{
	return (struct fetched){ .why = why };
}

/* A file is the same as long as its time, size and inode are. */
static struct fetched
get_file(struct arena *a, const struct feed *feed, int *fd)
{
	const char *dir = conf_text(CONF_FEED_DIR);
	struct stat st;
	if (!dir)
		return failed("it is a file, and TV_FEED_DIR is not set");
	*fd = open_below(a, dir, feed->url);
	if (*fd < 0)
		return failed("there is no such file in TV_FEED_DIR that can be read");
	keep_fd(a, *fd);
	if (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode))
		return failed("it is not a file");
	if (st.st_size > feed->max_bytes)
		return failed(arena_printf(a, "larger than %lld bytes", (long long)feed->max_bytes));
	const char *etag = arena_printf(a, "%lld.%09ld-%lld-%llu", (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, (long long)st.st_size, (unsigned long long)st.st_ino);
	bool same = feed->etag && strcmp(feed->etag, etag) == 0;
	return (struct fetched){ .status = same ? HTTP_NOT_MODIFIED : HTTP_OK, .etag = etag };
}

static struct fetched
get_url(struct arena *a, const struct feed *feed, int *fd)
{
	const char *dir = getenv("TMPDIR");
	*fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0)
		return failed(arena_printf(a, "no room for what is fetched: %s", strerror(errno)));
	keep_fd(a, *fd);
	struct fetch f = { .url = feed->url,
		.etag = feed->etag,
		.modified = feed->modified,
		.anywhere = strcmp(conf_text(CONF_FEED_PRIVATE), "on") == 0,
		.seconds = feed->seconds,
		.max_bytes = feed->max_bytes,
		.fd = *fd };
	struct fetched got = fetch_url(a, &f);
	if (!got.why && lseek(*fd, 0, SEEK_SET) != 0)
		got.why = arena_printf(a, "what was fetched cannot be read: %s", strerror(errno));
	return got;
}

struct fetched
feed_get(struct arena *a, const struct feed *feed, int *fd)
{
	return strstr(feed->url, "://") ? get_url(a, feed, fd) : get_file(a, feed, fd);
}

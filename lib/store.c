/* A kept answer is one file: a line "<etag> <content encoding or -> <length of headers>", the
 * header lines, the body. It appears by link, so it is whole or not there, and nothing takes its
 * place: what a name stands for never changes (lighttpd keeps files open). */
#include "banned.h"

#include "store.h"

#include "arena.h"
#include "canonical.h"
#include "conf.h"
#include "digest.h"
#include "lease.h"
#include "log.h"
#include "recent.h"
#include "req-parts.h"
#include "req.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { COMPRESS_FROM = 1024, COMPRESS_LEVEL = 6 };

static const char *const tags[] = {
	[CACHE_CONTENT] = "content", [CACHE_LIVE] = "live", [CACHE_PLANS] = "plans"
};

static int
open_generation(enum cache tag)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s.generation", conf_text(CONF_CACHE), tags[tag]);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		log_msg(LOG_WARN, "%s: %s: answers are not kept", path, strerror(errno));
	return fd;
}

/* The tag's generation file, kept open: its size is asked for at each request. −1: no store. */
static int
generation_file(enum cache tag)
{
	static int files[sizeof tags / sizeof tags[0]]; /* descriptor + 1 */
	if (!*conf_text(CONF_CACHE) || !tag)
		return -1;
	if (!files[tag])
		files[tag] = open_generation(tag) + 1;
	return files[tag] - 1;
}

/* The generation first: whoever gives the lease up ends it afterwards. */
bool
store_state(enum cache tag, int64_t *generation)
{
	struct stat st;
	int fd = generation_file(tag);
	if (fd < 0 || fstat(fd, &st) < 0 || !lease_good())
		return false;
	*generation = st.st_size;
	return true;
}

void
store_directory(struct buf *path, enum cache tag)
{
	buf_puts(path, conf_text(CONF_CACHE));
	buf_putc(path, '/');
	buf_puts(path, tags[tag]);
}

/* The lock makes two changes two generations: with one, what the first one's readers kept would
 * outlive the second. It ends with whoever holds it. */
void
store_changed(enum cache tag)
{
	struct stat st;
	int fd = generation_file(tag);
	if (fd < 0)
		return;
	flock(fd, LOCK_EX);
	if (fstat(fd, &st) < 0 || ftruncate(fd, st.st_size + 1) < 0)
		log_msg(LOG_ERROR, "kept answers of %s cannot be ended: %s", tags[tag], strerror(errno));
	flock(fd, LOCK_UN);
}

/* Names, without weights: the web server sees to that (conf/edge.lua). */
static bool
takes_gzip(const struct req *r)
{
	const char *at = req_env(r, "HTTP_ACCEPT_ENCODING");
	for (size_t n; at && *at; at += n + strspn(at + n, ", ")) {
		n = strcspn(at, ", ");
		if (n == 4 && !memcmp(at, "gzip", 4))
			return true;
	}
	return false;
}

/* What an answer is found by, and its file named after. False: it is not kept. */
static bool
find_key(struct req *r, struct buf *key, int64_t *generation)
{
	if (!store_state(r->route->cache, generation) || !canonical_target(r))
		return false;
	buf_putc(key, 'a');
	buf_int(key, r->claims.age);
	buf_puts(key, r->gzip ? " gzip " : " ");
	buf_int(key, time(NULL) / 60);
	buf_putc(key, ' ');
	buf_puts(key, req_env(r, "REQUEST_URI"));
	return true;
}

static const char *
path_of(const struct req *r, const struct buf *key, int64_t generation)
{
	struct buf path = buf_new(r->arena);
	store_directory(&path, r->route->cache);
	buf_putc(&path, '/');
	buf_int(&path, generation);
	buf_putc(&path, '/');
	buf_puts(&path, digest_hex(r->arena, key->data, key->len));
	return path.data;
}

bool
store_find(struct req *r)
{
	struct buf key = buf_new(r->arena);
	int64_t generation;
	if (!r->route->cache)
		return false;
	r->gzip = takes_gzip(r);
	if (!find_key(r, &key, &generation))
		return false;
	const struct kept *kept = recent_find(r->arena, &key, generation);
	if (!kept) {
		r->store_path = path_of(r, &key, generation);
		kept = recent_open(r->arena, &key, generation, r->store_path);
	}
	if (!kept)
		return false;
	buf_add(&r->headers, kept->headers, kept->headers_len);
	r->out = buf_over(r->arena, (char *)(uintptr_t)kept->body, kept->body_len);
	r->etag = kept->etag;
	r->gzipped = kept->gzipped;
	r->store_path = NULL;
	return true;
}

/* Without a time in its header: the same bytes give the same tag on every node. */
static void
compress_answer(struct req *r)
{
	z_stream z = { .next_in = (unsigned char *)r->out.data, .avail_in = (uInt)r->out.len };
	if (!r->gzip || r->out.len < COMPRESS_FROM ||
		deflateInit2(&z, COMPRESS_LEVEL, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	size_t room = deflateBound(&z, r->out.len);
	unsigned char *packed = arena_alloc(r->arena, room);
	z.next_out = packed;
	z.avail_out = (uInt)room;
	r->gzipped = deflate(&z, Z_FINISH) == Z_STREAM_END;
	deflateEnd(&z);
	if (r->gzipped) {
		r->out = buf_new(r->arena);
		buf_add(&r->out, packed, z.total_out);
	}
}

static bool
write_all(int fd, const struct buf *b)
{
	return write(fd, b->data, b->len) == (ssize_t)b->len;
}

/* A generation's directory is made by the first answer that is kept in it. */
static int
create(const char *path)
{
	char directory[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	for (int up = 2; up > 0; up--) {
		snprintf(directory, sizeof directory, "%s", path);
		for (int i = 0; i < up; i++)
			*strrchr(directory, '/') = 0;
		mkdir(directory, 0700);
	}
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

/* A store that cannot be written (a full disk) is a slower service, no failure. */
static void
keep(struct req *r)
{
	struct buf head = buf_new(r->arena);
	const char *making = arena_printf(r->arena, "%s.%d", r->store_path, (int)getpid());
	buf_printf(&head, "%s %s %zu\n", r->etag, r->gzipped ? "gzip" : "-", r->headers.len);
	buf_add(&head, r->headers.data, r->headers.len);
	int fd = create(making);
	if (fd < 0)
		return;
	bool good = write_all(fd, &head) && write_all(fd, &r->out);
	close(fd);
	if (good && link(making, r->store_path) < 0 && errno != EEXIST)
		log_msg(LOG_WARN, "%s: %s", r->store_path, strerror(errno));
	unlink(making);
}

void
store_keep(struct req *r)
{
#ifdef GENERATION_LATE /* the control of t/fault/stale.t: wrong on purpose */
	struct buf key = buf_new(r->arena);
	int64_t generation;
	r->store_path = find_key(r, &key, &generation) ? path_of(r, &key, generation) : NULL;
#endif
	compress_answer(r);
	reply_tag(r);
	if (r->store_path && r->out.len <= STORE_MAX)
		keep(r);
}

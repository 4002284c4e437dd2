/* Records by bucket in one temporary file: a bucket is a list of blocks, the last one still in
 * memory. A file in order of channels fills its buckets one after the other; one in order of time
 * fills all at once, in as much memory. A bucket is what is held in memory later. Neighbours share
 * one: in order of the file, which is that of new channels' ids, an index grows at its end. */
#include "livetv-guide-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BUCKETS = 1024, BLOCK = 8192, TOGETHER = 4, BUCKET_MAX = 40 << 20 };

struct bucket {
	char *last; /* BLOCK bytes, used of them taken */
	size_t used, total;
	uint32_t *blocks; /* numbers in the file */
	size_t n, room;
};

struct spool {
	struct arena *arena;
	int fd; /* −1: not needed yet */
	uint32_t n_blocks;
	struct bucket buckets[BUCKETS];
};

static void
close_file(void *spool)
{
	struct spool *s = spool;
	if (s->fd >= 0)
		close(s->fd);
}

struct spool *
spool_open(struct arena *a)
{
	struct spool *s = arena_alloc(a, sizeof *s);
	s->arena = a;
	s->fd = -1;
	arena_defer(a, close_file, s);
	return s;
}

static const char *
fail(struct spool *s)
{
	return arena_printf(s->arena, "no room for temporary data: %s", strerror(errno));
}

static const char *
write_block(struct spool *s, struct bucket *b)
{
	if (s->fd < 0) {
		const char *dir = getenv("TMPDIR");
		s->fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		if (s->fd < 0)
			return fail(s);
	}
	off_t at = (off_t)s->n_blocks * BLOCK;
	for (size_t done = 0; done < BLOCK;) {
		ssize_t n = pwrite(s->fd, b->last + done, BLOCK - done, at + (off_t)done);
		if (n < 0 && errno != EINTR)
			return fail(s);
		done += n > 0 ? (size_t)n : 0;
	}
	if (b->n == b->room) {
		uint32_t *more = arena_alloc(s->arena, (b->room * 2 + 16) * sizeof *more);
		if (b->n)
			memcpy(more, b->blocks, b->n * sizeof *more);
		b->blocks = more;
		b->room = b->room * 2 + 16;
	}
	b->blocks[b->n++] = s->n_blocks++;
	b->used = 0;
	return NULL;
}

const char *
spool_add(struct spool *s, const struct guide_record *record)
{
	struct bucket *b = &s->buckets[record->channel / TOGETHER % BUCKETS];
	const char *from = (const char *)record;
	if (!b->last)
		b->last = arena_alloc(s->arena, BLOCK);
	if ((b->total += record->size) > BUCKET_MAX)
		return "more programmes of one channel than fit into memory";
	for (size_t left = record->size; left;) {
		size_t n = left < BLOCK - b->used ? left : BLOCK - b->used;
		memcpy(b->last + b->used, from, n);
		b->used += n;
		from += n;
		left -= n;
		const char *why = b->used == BLOCK ? write_block(s, b) : NULL;
		if (why)
			return why;
	}
	return NULL;
}

size_t
spool_buckets(void)
{
	return BUCKETS;
}

const char *
spool_load(struct spool *s, size_t bucket, struct arena *a, size_t *len, const char **why)
{
	const struct bucket *b = &s->buckets[bucket];
	char *data = arena_alloc(a, b->n * BLOCK + BLOCK);
	*len = 0;
	for (size_t i = 0; i < b->n; i++)
		for (size_t done = 0; done < BLOCK;) {
			off_t at = (off_t)b->blocks[i] * BLOCK + (off_t)done;
			ssize_t n = pread(s->fd, data + *len, BLOCK - done, at);
			if (n == 0 || (n < 0 && errno != EINTR)) {
				*why = arena_printf(s->arena, "temporary data cannot be read: %s", strerror(errno));
				return NULL;
			}
			done += n > 0 ? (size_t)n : 0;
			*len += n > 0 ? (size_t)n : 0;
		}
	if (b->used)
		memcpy(data + *len, b->last, b->used);
	*len += b->used;
	return data;
}

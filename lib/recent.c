/* A small table, in sets of a few: a new answer takes the place of the set's oldest. Who is using
 * one when it is replaced keeps it. */
#include "banned.h"

#include "recent.h"

#include "arena.h"
#include "buf.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { SETS = 128, WAYS = 4 };

struct recent {
	struct kept kept;
	int users; /* the table is one */
	int64_t generation;
	uint64_t hash; /* of the key */
	char *text; /* the file */
	size_t len;
	char key[];
};

static struct recent *table[SETS][WAYS];
static unsigned char oldest[SETS];
static size_t bytes; /* in the table */

static void
release(void *thing)
{
	struct recent *n = thing;
	if (--n->users)
		return;
	munmap(n->text, n->len + 1);
	free(n);
}

static void
forget(struct recent **place)
{
	if (*place) {
		bytes -= (*place)->len;
		release(*place);
	}
	*place = NULL;
}

static void
forget_all(void)
{
	for (int i = 0; i < SETS * WAYS; i++)
		forget(&table[i / WAYS][i % WAYS]);
}

static const struct kept *
use(struct arena *a, struct recent *n)
{
	n->users++;
	arena_defer(a, release, n);
	return &n->kept;
}

const struct kept *
recent_find(struct arena *a, const struct buf *key, int64_t generation)
{
	uint64_t hash = XXH3_64bits(key->data, key->len);
	struct recent **set = table[hash % SETS];
	for (int i = 0; i < WAYS; i++)
		if (set[i] && set[i]->hash == hash && set[i]->generation == generation &&
			!strcmp(set[i]->key, key->data))
			return use(a, set[i]);
	return NULL;
}

/* With a byte of 0 behind it, which is the rest of the last page, or a page of its own. */
static char *
map_file(int fd, size_t len)
{
	char *text = mmap(NULL, len + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED)
		return NULL;
	if (mmap(text, len, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0) != MAP_FAILED)
		return text;
	munmap(text, len + 1);
	return NULL;
}

static char *
open_file(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	bool good = fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size < RECENT_BYTES / WAYS;
	*len = good ? (size_t)st.st_size : 0;
	char *text = good ? map_file(fd, *len) : NULL;
	close(fd);
	return text;
}

/* The line "<etag> <content encoding or -> <length of headers>", the headers, the body. */
static bool
take_apart(struct recent *n, char *etag)
{
	size_t tag = strcspn(n->text, " \n"), word = 0;
	const char *at = n->text + tag, *end = n->text + n->len;
	if (*at == ' ')
		word = strcspn(++at, " \n");
	const char *rest = at + word;
	if (!word || *rest != ' ')
		return false;
	char *after;
	n->kept.gzipped = *at != '-';
	n->kept.headers_len = (size_t)strtoull(rest, &after, 10);
	if (*after != '\n' || n->kept.headers_len > (size_t)(end - after - 1))
		return false;
	n->kept.etag = memcpy(etag, n->text, tag);
	n->kept.headers = after + 1;
	n->kept.body = n->kept.headers + n->kept.headers_len;
	n->kept.body_len = (size_t)(end - n->kept.body);
	return true;
}

static void
remember(struct recent *n)
{
	size_t set = n->hash % SETS;
	struct recent **place = &table[set][oldest[set]++ % WAYS];
	if (bytes + n->len > RECENT_BYTES)
		forget_all();
	forget(place);
	*place = n;
	bytes += n->len;
}

const struct kept *
recent_open(struct arena *a, const struct buf *key, int64_t generation, const char *path)
{
	size_t len = 0;
	char *text = open_file(path, &len);
	if (!text)
		return NULL;
	size_t tag = strcspn(text, " \n");
	struct recent *n = calloc(1, sizeof *n + key->len + tag + 2);
	if (!n)
		abort();
	n->users = 1;
	n->generation = generation;
	n->hash = XXH3_64bits(key->data, key->len);
	n->text = text;
	n->len = len;
	memcpy(n->key, key->data, key->len);
	if (!take_apart(n, n->key + key->len + 1)) {
		release(n);
		return NULL;
	}
	remember(n);
	return use(a, n);
}

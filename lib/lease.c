/* One number is both the end and, in its lowest bit, whether the node is alone: they are exchanged
 * as one. */
#include "banned.h"

#include "lease.h"

#include "conf.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

struct lease {
	_Atomic int64_t until;
	_Atomic int64_t node;
};

/* Written first: a hole in a full file system would be found out by a signal. */
static void *
map_file(const char *path)
{
	static const char zeros[sizeof(struct lease)];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return MAP_FAILED;
	void *map = MAP_FAILED;
	if (lseek(fd, 0, SEEK_END) >= (off_t)sizeof zeros ||
		pwrite(fd, zeros, sizeof zeros, 0) == sizeof zeros)
		map = mmap(NULL, sizeof(struct lease), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return map;
}

/* Without a store one that is never good. */
static struct lease *
map_lease(void)
{
	static struct lease none;
	char path[4096];
	if (!*conf_text(CONF_CACHE))
		return &none;
	snprintf(path, sizeof path, "%s/lease", conf_text(CONF_CACHE));
	void *map = map_file(path);
	if (map != MAP_FAILED)
		return map;
	log_msg(LOG_WARN, "%s: %s: answers are not kept", path, strerror(errno));
	return &none;
}

static struct lease *
lease(void)
{
	static struct lease *mapped;
	if (!mapped)
		mapped = map_lease();
	return mapped;
}

int64_t
lease_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool
good(int64_t until)
{
	int64_t left = until - lease_now();
	return left > 0 && left <= LEASE_US + 1;
}

bool
lease_good(void)
{
	return good(atomic_load(&lease()->until));
}

bool
lease_alone(void)
{
	int64_t until = atomic_load(&lease()->until);
	return until & 1 && good(until);
}

int64_t
lease_node(void)
{
	return atomic_load(&lease()->node);
}

void
lease_take(void)
{
	atomic_store(&lease()->until, 0);
}

void
lease_name(int64_t node)
{
	atomic_store(&lease()->node, node);
}

static bool
exchange(int64_t *mine, int64_t next)
{
	if (!atomic_compare_exchange_strong(&lease()->until, mine, next))
		return false;
	*mine = next;
	return true;
}

bool
lease_prolong(int64_t *mine, int64_t until, bool alone)
{
	return exchange(mine, (until & ~INT64_C(1)) | alone);
}

bool
lease_not_alone(int64_t *mine)
{
	return exchange(mine, *mine & ~INT64_C(1));
}

bool
lease_leave(int64_t mine)
{
	return exchange(&mine, 0);
}

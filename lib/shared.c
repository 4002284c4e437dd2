/* Layouts have a number in the file's name, so that programs of two versions do not read each
 * other's. */
#include "banned.h"

#include "shared.h"

#include "conf.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAYOUT = 8 };

static void *
map_file(void)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/run", conf_text(CONF_STATE));
	mkdir(path, 0700); /* there already, mostly; open() says what is wrong otherwise */
	snprintf(path, sizeof path, "%s/run/shared-%d", conf_text(CONF_STATE), LAYOUT);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *map = MAP_FAILED;
	if (fd >= 0 && ftruncate(fd, sizeof(struct shared)) == 0)
		map = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		log_msg(LOG_ERROR, "%s: %s: limits hold for this process only", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return map;
}

struct shared *
shared(void)
{
	static struct shared *mapped;
	if (mapped)
		return mapped;
	void *map = map_file();
	if (map == MAP_FAILED)
		map = mmap(
			NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		abort();
	mapped = map;
	return mapped;
}

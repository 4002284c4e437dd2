/* One process has one of these: what it has accepted nobody else can serve. */
#include "banned.h"

#include "pending.h"

#include "db.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SILENT_MS = 2000, /* who connects sends its request with it */
	OTHER_FDS = 64, /* what else a worker has open */
	LOOK_US = 50000, /* between looks at those that wait */
};

static bool
is_over(const struct pollfd *p)
{
	return p->revents & (POLLHUP | POLLRDHUP);
}

/* Whether its client is, also while what it sent is not read yet. */
static bool
gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };
	return poll(&p, 1, SILENT_MS) == 0 || is_over(&p);
}

static int
next_of_socket(void)
{
	return accept4(0, NULL, NULL, SOCK_CLOEXEC);
}

/* The web server has something open for each of them. */
static void
drop_gone(struct pending *p)
{
	int kept = 0;
	p->looked_us = now_us();
	if (poll(p->fds, (nfds_t)p->n, 0) <= 0)
		return;
	for (int i = 0; i < p->n; i++) {
		if (is_over(&p->fds[i]))
			close(p->fds[i].fd);
		else
			p->fds[kept++] = p->fds[i];
	}
	p->n = kept;
}

static int
room(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < PENDING_MOST + OTHER_FDS)
		return (int)files.rlim_cur - OTHER_FDS;
	return PENDING_MOST;
}

static void
accept_all(struct pending *p)
{
	int fd, most = room();
	if (now_us() - p->looked_us > LOOK_US)
		drop_gone(p);
	while (p->n < most && (fd = next_of_socket()) >= 0)
		p->fds[p->n++] = (struct pollfd){ .fd = fd, .events = POLLRDHUP };
}

/* The newest that has not given up; those that have are over. */
static int
newest(struct pending *p)
{
	while (p->n) {
		int fd = p->fds[--p->n].fd;
		if (!gone(fd))
			return fd;
		close(fd);
	}
	return -1;
}

int
pending_next(struct pending *p, bool accept)
{
	int first = accept && !p->n ? next_of_socket() : -1;
	if (first >= 0 && !gone(first))
		return first;
	if (accept && (first >= 0 || p->n))
		accept_all(p);
	int fd = newest(p);
	if (fd < 0)
		return first;
	if (first >= 0)
		close(first);
	return fd;
}

/* What the web server reads back of an answer of any length: its bytes in records, then its end. */
#include "tap.h"

#include "fcgi.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ID = 258, STEP = 4096 };

struct writer {
	int fd;
	pid_t pid;
};

static void
ignored(int signal)
{
	(void)signal;
}

/* A signal before each step: of a write that waits for its reader, only a part is done then. */
static bool
read_all(const struct writer *from, void *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		kill(from->pid, SIGUSR1);
		ssize_t got = read(from->fd, (char *)to + at, n - at < STEP ? n - at : STEP);
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* Reads one answer: its length in *len. False when a record is not well formed or the end is missing. */
static bool
read_answer(const struct writer *from, char *to, size_t *len)
{
	unsigned char h[8], end[8];
	bool closed = false;
	*len = 0;
	while (read_all(from, h, 8)) {
		size_t n = (size_t)(h[4] << 8 | h[5]);
		if (h[0] != 1 || (h[2] << 8 | h[3]) != ID || h[6] || h[7])
			return false;
		if (h[1] == 3)
			return closed && n == 8 && read_all(from, end, 8) && !memcmp(end, "\0\0\0\0\0\0\0\0", 8);
		if (h[1] != 6 || closed || !read_all(from, to + *len, n))
			return false;
		closed = !n;
		*len += n;
	}
	return false;
}

enum way { WHOLE, PARTS, CALLS };

static bool
send_by(enum way way, int fd, char *data, size_t n)
{
	size_t first = way == WHOLE ? n : n / 2;
	struct iovec parts[] = { { data, first }, { data + first, n - first } };
	if (way != CALLS)
		return fcgi_send(fd, ID, parts, 2, true);
	return fcgi_send(fd, ID, parts, 1, false) && fcgi_send(fd, ID, parts + 1, 1, true);
}

/* Sends n bytes from a process of its own: a full socket waits for its reader. */
static bool
comes_back(size_t n, enum way way)
{
	int fds[2];
	char *data = malloc(n + 1), *back = calloc(1, n + 65536);
	if (!data || !back || socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return false;
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 31 % 251);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		bool sent = send_by(way, fds[1], data, n);
		free(data);
		free(back);
		_exit(sent ? 0 : 1);
	}
	close(fds[1]);
	size_t len;
	int status = 1;
	bool good = read_answer(&(struct writer){ fds[0], pid }, back, &len) && len == n && !memcmp(back, data, n);
	close(fds[0]);
	waitpid(pid, &status, 0);
	free(data);
	free(back);
	return good && status == 0;
}

int
main(void)
{
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = ignored }, NULL); /* without SA_RESTART */
	static const size_t sizes[] = { 0, 1, 7, 8, 65527, 65528, 65529, 131056, 131057, 1 << 20 };
	plan(3 * (int)(sizeof sizes / sizeof sizes[0]) + 1);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "%zu bytes", sizes[i]);
		ok(comes_back(sizes[i], WHOLE), name);
		ok(comes_back(sizes[i], PARTS), "the same in two parts");
		ok(comes_back(sizes[i], CALLS), "and from two calls");
	}
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	ok(!fcgi_send(fds[1], ID, &(struct iovec){ (char[]){ 'x' }, 1 }, 1, true), "a reader that is gone is noticed");
	return done();
}

/* A child in a process group of its own, a pipe, and a clock. */
#include "play-exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_OUTPUT = 1 << 20 };

static _Noreturn void
become(char *const *argv, int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(null, 0);
	dup2(out, 1);
	execvp(argv[0], argv);
	_exit(EXEC_NOT_FOUND);
}

/* Until the other end is closed or the time is over; false: it is over, or there is too much. */
static bool
take_output(int fd, struct buf *out, int64_t deadline)
{
	for (;;) {
		int64_t left = (deadline - now_us()) / 1000;
		struct pollfd p = { fd, POLLIN, 0 };
		if (left <= 0 || out->len > MAX_OUTPUT)
			return false;
		int ready = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready <= 0)
			continue;
		ssize_t n = read(fd, buf_reserve(out, 4096), 4096);
		if (n <= 0)
			return n == 0;
		out->len += (size_t)n;
		out->data[out->len] = 0;
	}
}

static int
end_child(pid_t pid, bool in_time)
{
	int status;
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXEC_FAILED;
	if (!in_time)
		return EXEC_TOO_LONG;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXEC_FAILED;
}

int
exec_program(char *const *argv, struct buf *out, int seconds)
{
	int ends[2];
	struct arena *a = arena_new();
	struct buf unread = buf_new(a);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return EXEC_FAILED;
	pid_t pid = fork();
	if (pid == 0)
		become(argv, ends[1]);
	close(ends[1]);
	int status = EXEC_FAILED;
	if (pid > 0) {
		int64_t deadline = now_us() + (int64_t)seconds * 1000000;
		status = end_child(pid, take_output(ends[0], out ? out : &unread, deadline));
	}
	close(ends[0]);
	arena_free(a);
	return status;
}

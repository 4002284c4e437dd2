/* The master. It never touches a request: it forks workers, forks them anew when they die, and
 * passes signals on. On SIGHUP it executes its own file again (which may be a newer one), keeping
 * its pid and its socket; the old workers, named in the environment, finish what they have when the
 * new ones are there. */
#include "banned.h"

#include "server.h"

#include "command.h"
#include "conf.h"
#include "gather.h"
#include "log.h"
#include "metrics.h"
#include "param.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_WORKERS = 256, RESPAWN_US = 100000, STOP_SECONDS = 5, LOOK_SECONDS = 3 };

static const char replaces[] = "TV_REPLACES"; /* pids of the workers before an exec */

struct master {
	const struct program *program;
	int wanted; /* workers, and the process beside them as the last one */
	pid_t workers[MAX_WORKERS + 1];
	char **argv;
};

bool
server_wanted(void)
{
	int listening = 0;
	socklen_t len = sizeof listening;
	return getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* A parent that is gone must take us along, or the next web server would reuse an old program's
 * socket. */
static void
die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

static int
run_beside(const struct program *p)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group; the master decides */
	return p->beside();
}

static bool
has_beside(const struct program *p)
{
	return p->beside && (!p->beside_wanted || p->beside_wanted());
}

static pid_t
fork_worker(const struct master *m, int i)
{
	bool beside = has_beside(m->program) && i == m->wanted - 1;
	pid_t master = getpid(), pid = fork();
	if (pid == 0) {
		die_with(master);
		gather_join(i);
		_exit(beside ? run_beside(m->program) : worker_run(m->program));
	}
	if (pid < 0)
		log_msg(LOG_ERROR, "no worker: %s", strerror(errno));
	return pid;
}

static void
fill(struct master *m)
{
	for (int i = 0; i < m->wanted; i++)
		if (m->workers[i] <= 0)
			m->workers[i] = fork_worker(m, i);
}

static void
note_end(pid_t pid, int status)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM;
	if (killed || (WIFEXITED(status) && WEXITSTATUS(status)))
		metrics_worker_ended();
	if (killed)
		log_msg(LOG_WARN, "worker %d was ended by signal %d", (int)pid, WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		log_msg(LOG_WARN, "worker %d exited with status %d", (int)pid, WEXITSTATUS(status));
}

static void
reap(struct master *m)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		note_end(pid, status);
		for (int i = 0; i < m->wanted; i++)
			if (m->workers[i] == pid)
				m->workers[i] = 0;
	}
}

static void
signal_workers(const struct master *m, int signal)
{
	for (int i = 0; i < m->wanted; i++)
		if (m->workers[i] > 0)
			kill(m->workers[i], signal);
}

static bool
any_left(const struct master *m)
{
	for (int i = 0; i < m->wanted; i++)
		if (m->workers[i] > 0)
			return true;
	return false;
}

static int
stop(struct master *m, const sigset_t *signals)
{
	signal_workers(m, SIGTERM);
	for (int i = 0; i < STOP_SECONDS * 10 && any_left(m); i++) {
		sigtimedwait(signals, NULL, &(struct timespec){ .tv_nsec = 100000000 });
		reap(m);
	}
	signal_workers(m, SIGKILL);
	return 0;
}

static void
replace(struct master *m)
{
	char pids[(MAX_WORKERS + 1) * 12] = "";
	size_t n = 0;
	for (int i = 0; i < m->wanted; i++)
		if (m->workers[i] > 0)
			n += (size_t)snprintf(pids + n, sizeof pids - n, "%d,", (int)m->workers[i]);
	setenv(replaces, pids, 1);
	const char *file = (const char *)getauxval(AT_EXECFN);
	execv(file, (char *[]){ (char *)(uintptr_t)file, NULL });
	log_msg(LOG_ERROR, "cannot start %s anew (%s), going on as before", file, strerror(errno));
	unsetenv(replaces);
}

/* After an exec: the workers of before are still our children. */
static void
end_replaced(void)
{
	const char *pids = getenv(replaces);
	while (pids && *pids) {
		char *end;
		long pid = strtol(pids, &end, 10);
		if (pid > 1)
			kill((pid_t)pid, SIGTERM);
		pids = *end == ',' ? end + 1 : "";
	}
	unsetenv(replaces);
}

static void
limit_core(void)
{
	/* a core file would hold keys and passwords */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* 0: none for some seconds. */
static int
wait_signal(const sigset_t *signals)
{
	int signal = sigtimedwait(signals, NULL, &(struct timespec){ .tv_sec = LOOK_SECONDS });
	return signal < 0 ? 0 : signal;
}

/* A web server that ended before die_with() was through took its socket file along: nobody can
 * reach us any more, and nobody will end us. */
static bool
reachable(void)
{
	struct sockaddr_un address = { 0 };
	socklen_t len = sizeof address;
	struct stat file;
	if (getsockname(0, (struct sockaddr *)&address, &len) < 0 || address.sun_family != AF_UNIX ||
		address.sun_path[0] != '/')
		return true;
	return stat(address.sun_path, &file) == 0 || errno != ENOENT;
}

int
server_run(const struct program *p)
{
	struct master m = { .program = p, .wanted = (int)conf_int(CONF_WORKERS) };
	m.wanted += has_beside(p);
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	die_with(getppid());
	limit_core();
	gather_share(m.wanted);
	fill(&m);
	end_replaced();
	for (;;) {
		int signal =
			sigtimedwait(&signals, NULL, &(struct timespec){ .tv_nsec = RESPAWN_US * 1000 });
		if (signal < 0 && errno == EAGAIN)
			signal = any_left(&m) ? wait_signal(&signals) : 0;
		if (signal == SIGTERM || signal == SIGINT || !reachable())
			return stop(&m, &signals);
		if (signal == SIGHUP)
			replace(&m);
		reap(&m);
		/* one round of forks a tenth of a second: a worker that dies at once must not take the
		 * machine along */
		usleep(signal == SIGCHLD ? RESPAWN_US / 2 : 0);
		fill(&m);
	}
}

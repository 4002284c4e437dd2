/* The FastCGI side of a request. Signals are let in only while waiting, so a request is never cut
 * off by a restart; an alarm ends a worker that is stuck, and the master forks another. */
#include "banned.h"

#include "worker.h"

#include "arena.h"
#include "command.h"
#include "db.h"
#include "es.h"
#include "fcgi.h"
#include "log.h"
#include "outbox.h"
#include "req.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WATCHDOG_SECONDS = 10 };

static volatile sig_atomic_t stopping;

static void
on_term(int signal)
{
	(void)signal;
	stopping = 1;
}

static void
watchdog(int seconds)
{
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_sec = seconds }, NULL);
}

static void
take_signals(sigset_t *waiting)
{
	sigprocmask(SIG_SETMASK, NULL, waiting);
	sigdelset(waiting, SIGTERM);
	sigdelset(waiting, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group; the master decides */
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
}

static size_t
read_body(void *stream, char *to, size_t n)
{
	int got = FCGX_GetStr(to, (int)n, stream);
	return got > 0 ? (size_t)got : 0;
}

static bool
write_out(void *request, const char *data, size_t n)
{
	const FCGX_Request *fcgi = request;
	return fcgi_send(fcgi->ipcFd, fcgi->requestId, data, n, false);
}

/* With all of the request read, nothing is lost by closing at once; else libfcgi waits for the web
 * server to have read the answer. */
static void
finish(FCGX_Request *fcgi)
{
	if (FCGX_GetChar(fcgi->in) != EOF || FCGX_GetError(fcgi->in)) {
		FCGX_Free(fcgi, 1);
		return;
	}
	FCGX_Free(fcgi, 0);
	close(fcgi->ipcFd);
	fcgi->ipcFd = -1;
}

/* A client that hung up waits for nothing. */
static bool
peer_gone(int fd)
{
	char byte;
	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static const struct req *
serve(const struct program *p, struct db *db, struct arena *a, FCGX_Request *fcgi)
{
	struct req *r = arena_alloc(a, sizeof *r);
	struct buf answer = buf_new(a);
	r->arena = a;
	r->program = p;
	r->db = db;
	r->env = fcgi->envp;
	r->read_body = read_body;
	r->watchdog = watchdog;
	r->write = write_out;
	r->sink = fcgi;
	r->stream = fcgi->in;
	req_serve(r, &answer);
	if (!fcgi_send(fcgi->ipcFd, fcgi->requestId, answer.data, r->begun ? 0 : answer.len, true))
		log_msg(LOG_INFO, "the client was gone before its answer");
	return r;
}

/* True when a request is there to be accepted. */
static bool
wait_for_request(struct db *db, const sigset_t *waiting)
{
	struct pollfd fds[2] = { { .fd = 0, .events = POLLIN },
		{ .fd = db_socket(db), .events = POLLIN } };
	if (ppoll(fds, 2, NULL, waiting) <= 0)
		return false;
	if (fds[1].revents)
		db_idle(db);
	return fds[0].revents & POLLIN;
}

/* What a large answer took is not given back to the kernel after each, to be zeroed anew. */
static void
keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

int
worker_run(const struct program *p)
{
	keep_memory();
	sigset_t waiting;
	FCGX_Request fcgi;
	take_signals(&waiting);
	if (FCGX_Init() || FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) ||
		fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) < 0) {
		log_msg(LOG_ERROR, "descriptor 0 is not a FastCGI socket: %s", strerror(errno));
		return 1;
	}
	struct db *db = db_new(p->name, p->queries, p->n_queries);
	struct arena *a = arena_new();
	while (!stopping) {
		if (!wait_for_request(db, &waiting))
			continue;
		watchdog(WATCHDOG_SECONDS);
		/* another worker may have been quicker */
		if (FCGX_Accept_r(&fcgi) == 0) {
			const struct req *r = peer_gone(fcgi.ipcFd) ? NULL : serve(p, db, a, &fcgi);
			finish(&fcgi);
			if (r && r->look)
				es_look(a, r->look);
			if (r && r->queued && p->outbox)
				outbox_after_answer(db, a, p->outbox, r->method == GET);
			arena_reset(a);
		}
		watchdog(0);
	}
	arena_free(a);
	db_free(db);
	return 0;
}

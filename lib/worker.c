/* The FastCGI side of a request. Signals are let in only while waiting, so a request is never cut
 * off by a restart; an alarm ends a worker that is stuck, and the master forks another. Of the
 * workers that wait, the kernel wakes one for each request. */
#include "banned.h"

#include "worker.h"

#include "arena.h"
#include "command.h"
#include "db.h"
#include "es.h"
#include "fcgi.h"
#include "log.h"
#include "outbox.h"
#include "pending.h"
#include "req.h"
#include "together.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WATCHDOG_SECONDS = 10, LOOK_US = 10000 };

static volatile sig_atomic_t stopping, serving;

static void
on_term(int signal)
{
	(void)signal;
	stopping = 1;
}

static void
on_alarm(int signal)
{
	if (!serving)
		return;
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	raise(signal);
}

static void
watchdog(int seconds)
{
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_sec = seconds }, NULL);
}

/* Set anew once a second, not for each request: a worker that is stuck has so much less time. */
static void
watch(void)
{
	static int64_t set;
	int64_t now = now_us();
	if (now - set >= 1000000) {
		watchdog(WATCHDOG_SECONDS);
		set = now;
	}
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
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
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
	return fcgi_send(
		fcgi->ipcFd, fcgi->requestId, &(struct iovec){ (void *)(uintptr_t)data, n }, 1, false);
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

struct worker {
	const struct program *program;
	struct db *db;
	struct arena *arena; /* of the requests that are being served */
	struct pending pending;
	int waits; /* epoll, for requests and for word from the database */
	FCGX_Request fcgi[TOGETHER_MOST]; /* being served */
	struct req *reqs[TOGETHER_MOST];
	int n;
};

static struct req *
begin(struct worker *w, FCGX_Request *fcgi)
{
	struct req *r = arena_alloc(w->arena, sizeof *r);
	r->arena = w->arena;
	r->program = w->program;
	r->db = w->db;
	r->env = fcgi->envp;
	r->read_body = read_body;
	r->watchdog = watchdog;
	r->write = write_out;
	r->sink = fcgi;
	r->stream = fcgi->in;
	req_begin(r);
	return r;
}

static void
answer(struct req *r, FCGX_Request *fcgi)
{
	struct buf head = buf_new(r->arena);
	req_act(r);
	req_end(r, &head);
	struct iovec parts[] = { { head.data, head.len }, { r->out.data, r->out.len } };
	if (!fcgi_send(fcgi->ipcFd, fcgi->requestId, parts, 2, true))
		log_msg(LOG_INFO, "the client was gone before its answer");
}

/* What a worker waits for: requests, and word from its database. */
static int
waits_for(void)
{
	int waits = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event requests = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = 0 };
	if (waits < 0 || epoll_ctl(waits, EPOLL_CTL_ADD, 0, &requests) < 0)
		return -1;
	return waits;
}

/* A socket that was closed has left by itself. */
static void
wait_for_database(int waits, const struct db *db)
{
	static unsigned known;
	struct epoll_event words = { .events = EPOLLIN, .data.fd = db_socket(db) };
	if (known != db_connections(db) && words.data.fd >= 0)
		epoll_ctl(waits, EPOLL_CTL_ADD, words.data.fd, &words);
	known = db_connections(db);
}

static void
wait_for_request(int waits, struct db *db, const sigset_t *waiting)
{
	struct epoll_event events[2];
	wait_for_database(waits, db);
	int n = epoll_pwait(waits, events, 2, -1, waiting);
	for (int i = 0; i < n; i++)
		if (events[i].data.fd)
			db_idle(db);
}

/* Also while there is always another request, and so no waiting: then it is looked at a hundred
 * times a second. */
static bool
asked_to_stop(void)
{
	static int64_t looked;
	int64_t now = now_us();
	sigset_t pending;
	if (!stopping && now - looked >= LOOK_US) {
		looked = now;
		stopping = sigpending(&pending) == 0 && sigismember(&pending, SIGTERM);
	}
	return stopping;
}

/* What a large answer took is not given back to the kernel after each, to be zeroed anew. */
static void
keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

/* libfcgi takes a connection that it believes to have kept. */
static bool
accept_request(struct pending *pending, bool more, FCGX_Request *fcgi)
{
	fcgi->ipcFd = pending_next(pending, more);
	fcgi->keepConnection = fcgi->ipcFd >= 0;
	return fcgi->ipcFd >= 0 && FCGX_Accept_r(fcgi) == 0;
}

/* The next request, and while they may be answered together, those that wait. */
static bool
take(struct worker *w, bool more)
{
	w->n = 0;
	do {
		if (!accept_request(&w->pending, more, &w->fcgi[w->n]))
			break;
		w->reqs[w->n] = begin(w, &w->fcgi[w->n]);
		w->n++;
	} while (w->n < TOGETHER_MOST && together_asks(w->reqs[w->n - 1]));
	return w->n;
}

/* One request, and what is left to do after its answer. */
static void
serve(struct worker *w, int i)
{
	struct req *r = w->reqs[i];
	answer(r, &w->fcgi[i]);
	finish(&w->fcgi[i]);
	if (r->look)
		es_look(w->arena, r->look);
	if (r->queued && w->program->outbox)
		outbox_after_answer(w->db, w->arena, w->program->outbox, r->method == GET);
}

static void
serve_taken(struct worker *w)
{
	together_act(w->reqs, w->n);
	for (int i = 0; i < w->n; i++)
		serve(w, i);
	arena_reset(w->arena);
}

static bool
open_worker(struct worker *w, const struct program *p)
{
	w->program = p;
	w->waits = waits_for();
	bool socket = FCGX_Init() == 0 && fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) == 0;
	for (int i = 0; i < TOGETHER_MOST; i++)
		socket &= FCGX_InitRequest(&w->fcgi[i], 0, FCGI_FAIL_ACCEPT_ON_INTR) == 0;
	if (!socket)
		log_msg(LOG_ERROR, "descriptor 0 is not a FastCGI socket: %s", strerror(errno));
	else if (w->waits < 0)
		log_msg(LOG_ERROR, "no epoll: %s", strerror(errno));
	w->db = db_new(p->name, p->queries, p->n_queries);
	w->arena = arena_new();
	return socket && w->waits >= 0;
}

static void
close_worker(struct worker *w)
{
	close(w->waits);
	arena_free(w->arena);
	db_free(w->db);
}

int
worker_run(const struct program *p)
{
	struct worker w = { 0 };
	sigset_t waiting;
	keep_memory();
	take_signals(&waiting);
	bool good = open_worker(&w, p);
	for (bool more; good && ((more = !asked_to_stop()) || w.pending.n);) {
		watch();
		serving = 1;
		if (take(&w, more))
			serve_taken(&w);
		serving = 0;
		if (!w.n)
			wait_for_request(w.waits, w.db, &waiting);
	}
	close_worker(&w);
	return !good;
}

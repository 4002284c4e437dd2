/* A worker takes requests, asks the database, and answers. Signals are let in only while waiting,
 * so a request is never cut off by a restart; an alarm ends a worker that is stuck, and the master
 * forks another. Of the workers that wait, the kernel wakes one for each request. */
#include "banned.h"

#include "worker.h"

#include "batch.h"
#include "command.h"
#include "db.h"
#include "gather.h"
#include "log.h"
#include "pending.h"
#include "together.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
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

enum { BATCHES = DB_MOST_ASKED, PATIENCE_MS = 1 };

struct worker {
	struct db *db;
	struct pending pending;
	int waits; /* epoll, for requests and for word from the database */
	struct batch batches[BATCHES];
	struct batch *row[BATCHES]; /* first those that the database was asked for */
	int n_asked;
	bool quick; /* the last answer was there soon */
};

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

/* For a request, or what the database says: on its way are answers, or a word that it goes. Signals
 * are let in where a mask says so. Whether it was a request alone. */
static bool
wait_for(const struct worker *w, int ms, const sigset_t *waiting)
{
	struct epoll_event events[2];
	bool request = false, database = false;
	wait_for_database(w->waits, w->db);
	for (int n = epoll_pwait(w->waits, events, 2, ms, waiting); n > 0; n--) {
		request |= !events[n - 1].data.fd;
		database |= events[n - 1].data.fd;
	}
	if (database && !w->n_asked)
		db_idle(w->db);
	return request && !database;
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

/* The answers of everything that is on its way, and then the first batches, which may need the
 * connection for themselves. */
static void
serve_all(struct worker *w, int batches)
{
	for (int i = 0; i < w->n_asked; i++)
		together_answer(&w->row[i]->reqs);
	w->n_asked = 0;
	for (int i = 0; i < batches; i++) {
		watch();
		batch_serve(w->row[i]);
	}
}

/* What was asked for first. */
static void
serve_first(struct worker *w)
{
	struct batch *first = w->row[0];
	together_answer(&first->reqs);
	w->quick = now_us() - first->reqs.asked_us < GATHER_US;
	int others = --w->n_asked;
	memmove(w->row, w->row + 1, sizeof first * (BATCHES - 1));
	w->row[BATCHES - 1] = first;
	if (!batch_known(first))
		serve_all(w, others);
	batch_serve(first);
}

/* Where statements are slow, those that come are not to wait for one. */
static bool
gathers(const struct worker *w, int64_t now)
{
	return !w->n_asked || (w->quick && now - w->row[0]->reqs.asked_us < GATHER_US);
}

static void
ask(struct worker *w, struct batch *b)
{
	if (!together_ask(&b->reqs)) {
		gather_end();
		serve_all(w, w->n_asked + 1);
		return;
	}
	w->n_asked++;
	if (w->quick)
		gather_begin(b->reqs.asked_us);
	else
		gather_end();
}

/* False: there was nothing to do. While a statement is on its way the next one's requests come
 * together. It is sent when they are as many as it may have, or when the answer is there, before
 * that is read: so the database always has something to do. */
static bool
serve_some(struct worker *w, bool accept, const sigset_t *waiting)
{
	int64_t now = now_us(), left = w->pending.n ? 0 : gather_left_to_others(now);
	struct batch *next = w->row[w->n_asked];
	bool asked = w->n_asked, takes = !left && gathers(w, now) && (accept || w->pending.n);
	bool more = takes && batch_take(next, &w->pending, accept);
	if (!more && !asked) {
		if (left)
			ppoll(NULL, 0, &(struct timespec){ .tv_nsec = left * 1000 }, waiting);
		return left;
	}
	if (asked && takes && batch_gathers(next) && wait_for(w, PATIENCE_MS, NULL))
		return true;
	if (next->reqs.n_all)
		ask(w, next);
	if (asked && w->n_asked)
		serve_first(w);
	return true;
}

static bool
open_worker(struct worker *w, const struct program *p)
{
	w->waits = waits_for();
	w->db = db_new(p->name, p->queries, p->n_queries);
	bool socket = FCGX_Init() == 0 && fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) == 0;
	for (int i = 0; i < BATCHES; i++) {
		w->row[i] = &w->batches[i];
		socket &= batch_open(w->row[i], p, w->db, watchdog);
	}
	if (!socket)
		log_msg(LOG_ERROR, "descriptor 0 is not a FastCGI socket: %s", strerror(errno));
	else if (w->waits < 0)
		log_msg(LOG_ERROR, "no epoll: %s", strerror(errno));
	return socket && w->waits >= 0;
}

static void
close_worker(struct worker *w)
{
	close(w->waits);
	for (int i = 0; i < BATCHES; i++)
		batch_close(&w->batches[i]);
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
	for (bool more; good && ((more = !asked_to_stop()) || w.pending.n || w.n_asked);) {
		watch();
		serving = 1;
		bool some = serve_some(&w, more, &waiting);
		serving = 0;
		if (!some)
			wait_for(&w, -1, &waiting);
	}
	close_worker(&w);
	return !good;
}

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

enum { PATIENCE_MS = 1 };

struct worker {
	struct db *db;
	struct pending pending;
	int waits; /* epoll, for requests and for word from the database */
	struct batch batches[2];
	struct batch *asked; /* whose statement is on its way; NULL: none */
	struct batch *next; /* being taken */
	bool *quick; /* of each statement: its last answer was there soon */
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

/* For a request, or the database: an answer, where one is asked for, or that the connection ends.
 * Signals are let in where a mask says so. Whether it was a request alone. */
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
	if (database && !w->asked)
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

static void
serve(struct batch *b)
{
	watch();
	if (!batch_known(b))
		gather_end(); /* it may take long */
	batch_serve(b);
}

static bool *
quick(const struct worker *w, const struct batch *asked)
{
	return &w->quick[together_query(&asked->reqs)];
}

static void
hear(const struct worker *w, struct batch *b)
{
	together_answer(&b->reqs);
	*quick(w, b) = now_us() - b->reqs.asked_us < GATHER_US;
}

/* The next batch is asked for, and the one before it answered meanwhile. Where something has to ask
 * by itself, nothing else may be on its way. */
static void
ask(struct worker *w)
{
	struct batch *before = w->asked, *b = w->next;
	bool asked = together_ask(&b->reqs);
	if (asked && together_shared(&b->reqs) && *quick(w, b))
		gather_begin(b->reqs.asked_us);
	if (before)
		hear(w, before);
	bool stays = asked && (!before || batch_known(before));
	if (asked && !stays)
		hear(w, b);
	if (before)
		serve(before);
	if (!stays)
		serve(b);
	w->asked = stays ? b : NULL;
	w->next = stays ? &w->batches[b == w->batches] : b;
}

/* Where a statement is slow, requests are not to wait for it. */
static bool
gathers(const struct worker *w, int64_t now)
{
	return !w->asked || (*quick(w, w->asked) && now - w->asked->reqs.asked_us < GATHER_US);
}

/* While a statement is on its way that others could have shared, the next one's requests come
 * together, until they are as many as it may have, or the answer is there, or nobody comes; of
 * other statements, one that waits is the next. Who was woken for one takes it: nobody else was. */
static void
take(struct worker *w, bool accept)
{
	bool woken;
	do {
		woken = w->asked && together_shared(&w->asked->reqs) && accept && gathers(w, now_us()) &&
			together_open(&w->next->reqs) && wait_for(w, PATIENCE_MS, NULL);
		batch_take(w->next, &w->pending, accept);
	} while (woken);
}

/* False: there was nothing to do. */
static bool
serve_some(struct worker *w, bool accept, const sigset_t *waiting)
{
	int64_t now = now_us(), left = gather_left_to_others(now);
	if (w->pending.n || (!left && gathers(w, now)))
		take(w, accept);
	if (w->next->reqs.n_all && batch_known(w->next)) {
		serve(w->next);
	} else if (w->next->reqs.n_all) {
		ask(w);
	} else if (w->asked) {
		hear(w, w->asked);
		serve(w->asked);
		w->asked = NULL;
	} else {
		if (left)
			ppoll(NULL, 0, &(struct timespec){ .tv_nsec = left * 1000 }, waiting);
		return false;
	}
	return true;
}

static bool
open_worker(struct worker *w, const struct program *p)
{
	w->waits = waits_for();
	w->db = db_new(p->name, p->queries, p->n_queries);
	w->quick = calloc((size_t)p->n_queries, sizeof *w->quick);
	bool socket = FCGX_Init() == 0 && fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) == 0;
	for (int i = 0; i < 2; i++)
		socket &= batch_open(&w->batches[i], p, w->db, watchdog);
	w->next = w->batches;
	if (!socket)
		log_msg(LOG_ERROR, "descriptor 0 is not a FastCGI socket: %s", strerror(errno));
	else if (w->waits < 0)
		log_msg(LOG_ERROR, "no epoll: %s", strerror(errno));
	return socket && w->waits >= 0 && w->quick;
}

static void
close_worker(struct worker *w)
{
	close(w->waits);
	for (int i = 0; i < 2; i++)
		batch_close(&w->batches[i]);
	db_free(w->db);
	free(w->quick);
}

int
worker_run(const struct program *p)
{
	struct worker w = { 0 };
	sigset_t waiting;
	keep_memory();
	take_signals(&waiting);
	bool good = open_worker(&w, p);
	for (bool more; good && ((more = !asked_to_stop()) || w.pending.n || w.asked);) {
		watch();
		serving = 1;
		bool some = serve_some(&w, more, &waiting);
		serving = 0;
		if (!some) {
			gather_end();
			wait_for(&w, -1, &waiting);
		}
	}
	close_worker(&w);
	return !good;
}

/* The FastCGI side of requests: libfcgi reads them, lib/fcgi.h writes their answers. */
#include "banned.h"

#include "batch.h"

#include "arena.h"
#include "command.h"
#include "es.h"
#include "fcgi.h"
#include "log.h"
#include "outbox.h"
#include "pending.h"
#include "req.h"

#include <unistd.h>

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

static struct req *
begin(const struct batch *b, FCGX_Request *fcgi)
{
	struct req *r = arena_alloc(b->arena, sizeof *r);
	r->arena = b->arena;
	r->program = b->program;
	r->db = b->db;
	r->env = fcgi->envp;
	r->read_body = read_body;
	r->watchdog = b->watchdog;
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

/* libfcgi takes a connection that it believes to have kept. */
static bool
accept_request(struct pending *pending, bool more, FCGX_Request *fcgi)
{
	fcgi->ipcFd = pending_next(pending, more);
	fcgi->keepConnection = fcgi->ipcFd >= 0;
	return fcgi->ipcFd >= 0 && FCGX_Accept_r(fcgi) == 0;
}

bool
batch_open(struct batch *b, const struct program *p, struct db *db, void (*watchdog)(int seconds))
{
	*b = (struct batch){ .program = p, .db = db, .watchdog = watchdog, .arena = arena_new() };
	for (int i = 0; i < TOGETHER_MOST; i++)
		if (FCGX_InitRequest(&b->fcgi[i], 0, FCGI_FAIL_ACCEPT_ON_INTR))
			return false;
	return true;
}

void
batch_close(struct batch *b)
{
	arena_free(b->arena);
}

void
batch_take(struct batch *b, struct pending *pending, bool accept)
{
	struct together *t = &b->reqs;
	while (together_open(t) && accept_request(pending, accept, &b->fcgi[t->n_all])) {
		t->all[t->n_all] = begin(b, &b->fcgi[t->n_all]);
		t->n_all++;
	}
}

/* Not where something may be left to do in the database after an answer. */
bool
batch_known(const struct batch *b)
{
	for (int i = 0; i < b->reqs.n_all; i++)
		if (!b->reqs.all[i]->status || (b->program->outbox && b->reqs.all[i]->method != GET))
			return false;
	return true;
}

/* One request, and what is left to do after its answer. */
static void
serve(const struct batch *b, struct req *r, FCGX_Request *fcgi)
{
	answer(r, fcgi);
	finish(fcgi);
	if (r->look)
		es_look(r->arena, r->look);
	if (r->queued && b->program->outbox)
		outbox_after_answer(b->db, r->arena, b->program->outbox, r->method == GET);
}

void
batch_serve(struct batch *b)
{
	while (together_ask(&b->reqs))
		together_answer(&b->reqs);
	for (int i = 0; i < b->reqs.n_all; i++)
		serve(b, b->reqs.all[i], &b->fcgi[i]);
	b->reqs.n_all = 0;
	arena_reset(b->arena);
}

/* Records: a header of 8 bytes, then at most 65,535 of content (FastCGI 1.0, 3.3). */
#include "banned.h"

#include "fcgi.h"

#include "arena.h"
#include "buf.h"
#include "db.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VERSION = 1, BEGIN = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, RESPONDER = 1 };
enum { HEADER = 8, CONTENT_MAX = 65528 };
enum { RECORDS = 6 }; /* of a burst */
enum {
	IN_SIZE = 8192,
	PARAMS_MAX = 128 << 10, /* more than lighttpd lets a client send */
	SILENT_MS = 5000, /* the web server has all of the request before it sends any */
	LINGER_MS = 2000,
};

/* ---- what comes in */

struct fcgi_input {
	size_t at, left; /* in bytes: what was read and not yet taken */
	size_t content, padding; /* of the record that is being taken */
	bool ended; /* all of the request has been taken */
	unsigned char bytes[IN_SIZE];
};

/* Waits only when nothing is there. 0 or less: nothing comes any more. */
static ssize_t
receive(int fd, void *to, size_t n, int wait_ms)
{
	for (;;) {
		ssize_t got = recv(fd, to, n, MSG_DONTWAIT);
		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			return got;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (errno == EAGAIN && poll(&p, 1, wait_ms) == 0)
			return -1;
	}
}

/* to: NULL skips them. */
static bool
take(struct fcgi *f, unsigned char *to, size_t n)
{
	struct fcgi_input *in = f->in;
	while (n) {
		if (!in->left) {
			ssize_t got = receive(f->fd, in->bytes, IN_SIZE, SILENT_MS);
			if (got <= 0)
				return false;
			in->at = 0;
			in->left = (size_t)got;
		}
		size_t some = in->left < n ? in->left : n;
		if (to)
			to = (unsigned char *)memcpy(to, in->bytes + in->at, some) + some;
		in->at += some;
		in->left -= some;
		n -= some;
	}
	return true;
}

/* The next record, which must be of this type and of the one request. */
static bool
next_record(struct fcgi *f, int type)
{
	unsigned char h[HEADER];
	if (!take(f, NULL, f->in->padding) || !take(f, h, HEADER))
		return false;
	f->in->content = (size_t)(h[4] << 8 | h[5]);
	f->in->padding = h[6];
	if (type == BEGIN)
		f->id = h[2] << 8 | h[3];
	return h[0] == VERSION && h[1] == type && (h[2] << 8 | h[3]) == f->id;
}

static bool
read_begin(struct fcgi *f)
{
	unsigned char body[8];
	return next_record(f, BEGIN) && f->in->content == sizeof body && take(f, body, sizeof body) &&
		(body[0] << 8 | body[1]) == RESPONDER;
}

static bool
read_params(struct fcgi *f, struct buf *params)
{
	for (;;) {
		size_t n;
		if (!next_record(f, PARAMS) || (n = f->in->content) > PARAMS_MAX - params->len)
			return false;
		if (!n)
			return true;
		if (!take(f, (unsigned char *)buf_reserve(params, n), n))
			return false;
		params->len += n;
	}
}

/* One byte, or four of which the first bit is set (3.4). */
static bool
take_length(const unsigned char **at, const unsigned char *end, size_t *n)
{
	const unsigned char *u = *at;
	if (u == end || (u[0] & 0x80 && end - u < 4))
		return false;
	*n = u[0] & 0x80 ? (size_t)(u[0] & 0x7f) << 24 | (size_t)(u[1] << 16 | u[2] << 8 | u[3]) : u[0];
	*at += u[0] & 0x80 ? 4 : 1;
	return true;
}

struct pair {
	const unsigned char *name, *value;
	size_t name_len, value_len;
};

static bool
take_pair(const unsigned char **at, const unsigned char *end, struct pair *p)
{
	if (!take_length(at, end, &p->name_len) || !take_length(at, end, &p->value_len) ||
		p->name_len > (size_t)(end - *at) || p->value_len > (size_t)(end - *at) - p->name_len)
		return false;
	p->name = *at;
	p->value = *at + p->name_len;
	*at = p->value + p->value_len;
	return true;
}

/* As texts they are no longer than as pairs, of which none has less than two bytes: '=' and NUL are
 * in place of the lengths. */
static bool
make_env(struct fcgi *f, struct arena *a, const struct buf *params)
{
	const unsigned char *from = (const unsigned char *)params->data, *end = from + params->len;
	char **env = f->env = arena_space(a, (params->len / 2 + 1) * sizeof *env);
	char *to = arena_space(a, params->len);
	for (struct pair p; from < end;) {
		if (!take_pair(&from, end, &p))
			return false;
		*env++ = to;
		to = (char *)memcpy(to, p.name, p.name_len) + p.name_len;
		*to++ = '=';
		to = (char *)memcpy(to, p.value, p.value_len) + p.value_len;
		*to++ = 0;
	}
	*env = NULL;
	return true;
}

struct fcgi *
fcgi_receive(struct arena *a, int fd)
{
	struct fcgi *f = arena_space(a, sizeof *f);
	struct buf params = buf_new(a);
	*f = (struct fcgi){ .fd = fd, .in = arena_space(a, sizeof *f->in) };
	f->in->left = f->in->padding = 0;
	f->in->ended = false;
	return read_begin(f) && read_params(f, &params) && make_env(f, a, &params) ? f : NULL;
}

size_t
fcgi_body(struct fcgi *f, char *to, size_t n)
{
	struct fcgi_input *in = f->in;
	size_t got = 0;
	while (got < n && !in->ended) {
		if (!in->content) {
			if (!next_record(f, STDIN))
				break;
			in->ended = !in->content;
			continue;
		}
		size_t some = in->content < n - got ? in->content : n - got;
		if (!take(f, (unsigned char *)to + got, some))
			break;
		in->content -= some;
		got += some;
	}
	return got;
}

/* With all of the request taken, nothing is lost by closing at once; else what is on its way would
 * be answered by a reset, which overtakes the answer. */
void
fcgi_close(struct fcgi *f)
{
	char more;
	fcgi_body(f, &more, 1);
	if (!f->in->ended) {
		int64_t end = now_us() + LINGER_MS * 1000;
		shutdown(f->fd, SHUT_WR);
		while (now_us() < end && receive(f->fd, f->in->bytes, IN_SIZE, LINGER_MS) > 0)
			continue;
	}
	close(f->fd);
}

/* ---- what goes out */

static void
put_header(unsigned char *to, int type, int request_id, size_t length)
{
	const unsigned char header[HEADER] = { VERSION, (unsigned char)type,
		(unsigned char)(request_id >> 8), (unsigned char)request_id, (unsigned char)(length >> 8),
		(unsigned char)length };
	memcpy(to, header, HEADER);
}

static bool
write_all(int fd, struct iovec *v, int n)
{
	while (n) {
		ssize_t sent = writev(fd, v, n);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		for (; n && (size_t)sent >= v->iov_len; v++, n--)
			sent -= (ssize_t)v->iov_len;
		if (n) {
			v->iov_base = (char *)v->iov_base + sent;
			v->iov_len -= (size_t)sent;
		}
	}
	return true;
}

/* Records that leave together. */
struct burst {
	struct iovec v[2 * RECORDS + 1];
	unsigned char headers[RECORDS][HEADER], end[3 * HEADER];
	int n;
};

static void
add_record(struct burst *b, int request_id, char *data, size_t n)
{
	unsigned char *header = b->headers[b->n / 2];
	put_header(header, STDOUT, request_id, n);
	b->v[b->n++] = (struct iovec){ header, HEADER };
	b->v[b->n++] = (struct iovec){ data, n };
}

/* An empty record of output, and a status of 0 ("request complete"). */
static void
add_end(struct burst *b, int request_id)
{
	put_header(b->end, STDOUT, request_id, 0);
	put_header(b->end + HEADER, END_REQUEST, request_id, HEADER);
	memset(b->end + 2 * HEADER, 0, HEADER);
	b->v[b->n++] = (struct iovec){ b->end, sizeof b->end };
}

static bool
send_burst(int fd, struct burst *b)
{
	bool good = write_all(fd, b->v, b->n);
	b->n = 0;
	return good;
}

bool
fcgi_send(const struct fcgi *f, const struct iovec *parts, int n, bool last)
{
	struct burst b;
	b.n = 0;
	for (int i = 0; i < n; i++) {
		char *data = parts[i].iov_base;
		for (size_t left = parts[i].iov_len, some; left; left -= some, data += some) {
			some = left < CONTENT_MAX ? left : CONTENT_MAX;
			if (b.n == 2 * RECORDS && !send_burst(f->fd, &b))
				return false;
			add_record(&b, f->id, data, some);
		}
	}
	if (last)
		add_end(&b, f->id);
	return send_burst(f->fd, &b);
}

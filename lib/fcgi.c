/* Records: a header of 8 bytes, then at most 65,535 of content (FastCGI 1.0, 3.3). */
#include "banned.h"

#include "fcgi.h"

#include <errno.h>
#include <string.h>

enum { VERSION = 1, END_REQUEST = 3, STDOUT = 6, HEADER = 8, CONTENT_MAX = 65528 };
enum { RECORDS = 6 }; /* of a burst */

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
fcgi_send(int fd, int request_id, const struct iovec *parts, int n, bool last)
{
	struct burst b;
	b.n = 0;
	for (int i = 0; i < n; i++) {
		char *data = parts[i].iov_base;
		for (size_t left = parts[i].iov_len, some; left; left -= some, data += some) {
			some = left < CONTENT_MAX ? left : CONTENT_MAX;
			if (b.n == 2 * RECORDS && !send_burst(fd, &b))
				return false;
			add_record(&b, request_id, data, some);
		}
	}
	if (last)
		add_end(&b, request_id);
	return send_burst(fd, &b);
}

/* Records: a header of 8 bytes, then at most 65,535 of content (FastCGI 1.0, 3.3). */
#include "banned.h"

#include "fcgi.h"

#include <errno.h>
#include <stdint.h>
#include <sys/uio.h>

enum { VERSION = 1, END_REQUEST = 3, STDOUT = 6, HEADER = 8, CONTENT_MAX = 65528 };

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

/* The end: an empty record of output, and a status of 0 ("request complete"). */
static size_t
put_end(unsigned char *to, int request_id)
{
	put_header(to, STDOUT, request_id, 0);
	put_header(to + HEADER, END_REQUEST, request_id, HEADER);
	memset(to + 2 * HEADER, 0, HEADER);
	return 3 * HEADER;
}

bool
fcgi_send(int fd, int request_id, const char *data, size_t n, bool last)
{
	unsigned char header[HEADER], end[3 * HEADER];
	bool good = true;
	do {
		size_t part = n < CONTENT_MAX ? n : CONTENT_MAX;
		size_t tail = last && part == n ? put_end(end, request_id) : 0;
		put_header(header, STDOUT, request_id, part);
		struct iovec v[] = { { header, part ? HEADER : 0 }, { (void *)(uintptr_t)data, part },
			{ end, tail } };
		good = write_all(fd, v, 3);
		data += part;
		n -= part;
	} while (n && good);
	return good;
}

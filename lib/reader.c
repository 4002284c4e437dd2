/* A block at a time by read(2); pipes deliver in small pieces, so reader_ahead fills the block
 * first. */
#include "banned.h"

#include "reader.h"

#include <errno.h>
#include <unistd.h>

void
reader_open(struct reader *r, int fd)
{
	r->fd = fd;
	r->data = r->block;
	r->at = r->end = 0;
	r->line = 1;
	r->error = 0;
}

void
reader_memory(struct reader *r, const char *text, size_t len)
{
	reader_open(r, -1);
	r->data = text;
	r->end = len;
}

/* Appends to the block; false at the end of the file. */
static bool
fill(struct reader *r)
{
	if (r->fd < 0 || r->error)
		return false;
	ssize_t n;
	do
		n = read(r->fd, r->block + r->end, READER_BLOCK - r->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		r->error = errno;
	if (n <= 0)
		return false;
	r->end += (size_t)n;
	return true;
}

int
reader_peek(struct reader *r)
{
	if (r->at == r->end) {
		if (r->fd < 0)
			return -1;
		r->at = r->end = 0;
		if (!fill(r))
			return -1;
	}
	return (unsigned char)r->data[r->at];
}

int
reader_get(struct reader *r)
{
	int c = reader_peek(r);
	if (c < 0)
		return c;
	r->at++;
	if (c == '\n')
		r->line++;
	return c;
}

const char *
reader_ahead(struct reader *r, size_t *len)
{
	while (r->fd >= 0 && r->end < READER_BLOCK)
		if (!fill(r))
			break;
	*len = r->end - r->at;
	return r->data + r->at;
}

/* A FastCGI request (FastCGI 1.0) as lighttpd sends it, one a connection, and its answer, which
 * leaves in one write. libfcgi allocates each variable, which is most of what an empty request
 * costs, reads without a deadline, and writes in pieces of 8 KiB. */
#ifndef FCGI_H
#define FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct arena;

struct fcgi {
	int fd, id;
	char **env; /* NAME=VALUE, ends with NULL */
	struct fcgi_input *in;
};

/* Reads the request on fd up to its body. NULL: what comes is none, or nothing comes. Lives as long
 * as the arena. */
struct fcgi *fcgi_receive(struct arena *a, int fd);

/* Up to n bytes of the body; fewer only at its end, or when no more comes. */
size_t fcgi_body(struct fcgi *f, char *to, size_t n);

/* Sends the parts as the request's standard output, each in records of its own: lighttpd copies the
 * record that has the header of an answer, and what stands of the body in it once more. With
 * `last`, also the end of the request. False: the web server is gone. Blocks while its socket is
 * full. */
bool fcgi_send(const struct fcgi *f, const struct iovec *parts, int n, bool last);

/* Closes the connection once the web server can have all of the answer. */
void fcgi_close(struct fcgi *f);

#endif

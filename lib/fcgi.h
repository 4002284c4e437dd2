/* Answering a FastCGI request (FastCGI 1.0): the whole answer leaves in one write. libfcgi's own
 * streams would cut it into pieces of 8 KiB and end it with another one. */
#ifndef FCGI_H
#define FCGI_H

#include <stdbool.h>
#include <sys/uio.h>

/* Sends the parts as the request's standard output, each in records of its own: lighttpd copies the
 * record that has the header of an answer, and what stands of the body in it once more. With
 * `last`, also the end of the request. False: the web server is gone. Blocks while its socket is
 * full. */
bool fcgi_send(int fd, int request_id, const struct iovec *parts, int n, bool last);

#endif

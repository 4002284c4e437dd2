/* Answering a FastCGI request (FastCGI 1.0): the whole answer leaves in one write. libfcgi's own
 * streams would cut it into pieces of 8 KiB and end it with another one. */
#ifndef FCGI_H
#define FCGI_H

#include <stdbool.h>
#include <stddef.h>

/* Sends data of the request's standard output; with `last`, also the end of the request. False: the
 * web server is gone. Blocks while its socket is full. */
bool fcgi_send(int fd, int request_id, const char *data, size_t n, bool last);

#endif

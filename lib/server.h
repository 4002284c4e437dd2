/* A FastCGI program: a master that owns the socket (descriptor 0) and forks workers. */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>

struct program;

/* Whether descriptor 0 is a listening socket: the web server started us. */
bool server_wanted(void);
/* Serves until SIGTERM; answers the exit status. SIGHUP replaces program and workers without losing
 * a request. */
int server_run(const struct program *p);

#endif

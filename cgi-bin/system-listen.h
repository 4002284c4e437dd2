/* The process beside the workers of system: see system-listen.c. */
#ifndef SYSTEM_LISTEN_H
#define SYSTEM_LISTEN_H

#include <stdbool.h>

/* A node that keeps no answers is none. */
bool listen_wanted(void);
int listen_run(void);

#endif

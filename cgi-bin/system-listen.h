/* The process beside the workers of system: see system-listen.c. */
#ifndef SYSTEM_LISTEN_H
#define SYSTEM_LISTEN_H

int listen_run(void);

#endif

/* What a forked worker does: one request after the other, until it is told to stop. */
#ifndef WORKER_H
#define WORKER_H

struct program;

/* Answers the exit status. */
int worker_run(const struct program *p);

#endif

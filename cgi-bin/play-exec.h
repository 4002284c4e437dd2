/* Programs of others, run without a shell and for a time. */
#ifndef PLAY_EXEC_H
#define PLAY_EXEC_H

#include "tv.h"

enum { EXEC_NOT_FOUND = 127, EXEC_TOO_LONG = 128, EXEC_FAILED = 129 };

/* Runs argv[0] by PATH with nothing to read; what it writes goes to out (at most 1 MiB), or
 * nowhere when that is NULL; its errors are ours. Answers its exit status, or one of the above; a
 * program that takes longer than seconds is killed. It ends with this process. */
int exec_program(char *const *argv, struct buf *out, int seconds);

#endif

/* Who makes the documents of bulk writes (search.catch_up). */
#ifndef SEARCH_KEEP_H
#define SEARCH_KEEP_H

#include <stdbool.h>

/* Beside the workers; never returns. */
int keep_run(void);
/* search refresh */
int command_refresh(int argc, char **argv);
/* Makes what is noted; false after a message. */
bool keep_catch_up(void);

#endif

/* Small files of media, read and written whole. */
#ifndef PLAY_FILES_H
#define PLAY_FILES_H

#include "tv.h"

/* At most as many bytes, and a NUL behind them. NULL: it cannot be read, or is larger. */
char *files_read(struct arena *a, const char *path, size_t most, size_t *len);
/* False after a message on stderr. */
bool files_write(const char *path, const struct buf *text);

#endif

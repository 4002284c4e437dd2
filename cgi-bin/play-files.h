/* Small files of media, read and written whole. */
#ifndef PLAY_FILES_H
#define PLAY_FILES_H

#include "tv.h"

/* Says on stderr what is wrong with a file, or a title; false. */
bool files_complain(const char *file, const char *what);

/* Makes one, which is not there yet. False after a message on stderr. */
bool files_directory(const char *path);
/* At most as many bytes, and a NUL behind them. NULL: it cannot be read, or is larger. */
char *files_read(struct arena *a, const char *path, size_t most, size_t *len);
/* False after a message on stderr. */
bool files_write(const char *path, const struct buf *text);

#endif

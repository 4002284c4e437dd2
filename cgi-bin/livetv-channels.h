/* livetv import-channels: channels, and the feeds that say in which languages they are. */
#ifndef LIVETV_CHANNELS_H
#define LIVETV_CHANNELS_H

#include "tv.h"

/* Appends the values of import_channel_copy. NULL, or why the record is rejected. */
const char *
channel_row(void *context, struct arena *a, const struct record *record, struct buf *line);

int livetv_import_channels(int argc, char **argv);

#endif

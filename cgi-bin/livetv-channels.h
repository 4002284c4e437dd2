/* livetv import-channels: channels, and the feeds that say in which languages they are. */
#ifndef LIVETV_CHANNELS_H
#define LIVETV_CHANNELS_H

#include "tv.h"

/* What was not taken over. */
struct channel_left {
	int64_t groups, logos, websites;
};

/* Appends the values of import_channel_copy. NULL, or why the record is rejected. context is a
 * struct channel_left. */
const char *
channel_row(void *context, struct arena *a, const struct record *record, struct buf *line);

void channel_say_left(const void *context, struct buf *lines);

int livetv_import_channels(int argc, char **argv);

#endif

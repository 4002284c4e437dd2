/* Rows of content.package as the items of lib/hls.h. */
#ifndef PLAY_ITEM_H
#define PLAY_ITEM_H

#include "tv.h"

/* Fills out from the columns directory, segments, renditions; false when they are null, or are not
 * fit for a channel: no segments, or one that is longer than HLS_TARGET allows. */
bool item_read(struct arena *a, const PGresult *rows, int row, struct hls_item *out);

#endif

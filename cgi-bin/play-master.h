/* The playlist of what was encoded (RFC 8216, section 4.3.4). */
#ifndef PLAY_MASTER_H
#define PLAY_MASTER_H

#include "play-encode.h"

/* dir/master.m3u8; false after a message on stderr. */
bool master_write(struct arena *a, const char *dir, const struct encoded *e);

#endif

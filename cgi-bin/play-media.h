/* play add-media, link-media, prune-media. */
#ifndef PLAY_MEDIA_H
#define PLAY_MEDIA_H

#include "tv.h"

#define PLAY_ADD_MEDIA "CONTENT FILE [--subtitles|--captions|--forced LANGUAGE=FILE]…"

int command_add_media(int argc, char **argv);
int command_link_media(int argc, char **argv);
int command_prune_media(int argc, char **argv);

#endif

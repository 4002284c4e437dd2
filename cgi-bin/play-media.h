/* play add-media, add-thumbnails, link-media, prune-media. */
#ifndef PLAY_MEDIA_H
#define PLAY_MEDIA_H

#include "tv.h"

#define PLAY_ADD_MEDIA "CONTENT FILE [--subtitles|--captions|--forced LANGUAGE=FILE]…"
#define PLAY_ADD_THUMBNAILS "CONTENT|--all"

int command_add_media(int argc, char **argv);
int command_add_thumbnails(int argc, char **argv);
int command_link_media(int argc, char **argv);
int command_prune_media(int argc, char **argv);

#endif

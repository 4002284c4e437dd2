/* livetv fetch-feeds: guides and playlists that are fetched by themselves (live.feed). */
#ifndef LIVETV_FEED_H
#define LIVETV_FEED_H

int livetv_fetch_feeds(int argc, char **argv);

#endif

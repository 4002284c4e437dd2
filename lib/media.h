/* Signed addresses: whoever has one may read what is below it until it expires. The signature is a
 * segment of the path, so relative addresses inside playlists carry it along.
 *   /media/<id>[.<directory>[.<quality>]]/<expiry>-<signature>/<file>   checked by conf/media.lua
 *   /play/hls/<id>/<expiry>-<signature>/<from>[.<quality>]/<file>       of channels; checked here
 * An address with a quality (sd, hd) opens the renditions up to it, one without opens all. */
#ifndef MEDIA_H
#define MEDIA_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct req;

enum { MEDIA_MIN_KEY = 32, MEDIA_LIFE = 300, MEDIA_TOKEN_MAX = 96 };

/* What a signature is for: one for one thing never holds for another. */
enum media_use { MEDIA_FILES, MEDIA_LIVE };

enum media_token { MEDIA_TOKEN_OK, MEDIA_TOKEN_WRONG, MEDIA_TOKEN_EXPIRED, MEDIA_NO_KEY };

/* "<expiry>-<signature>" (seconds since 1970, 64 hex digits of HMAC-SHA256) over subject, which
 * holds no line break. NULL when TV_MEDIA_KEY has fewer than MEDIA_MIN_KEY bytes. */
char *media_sign(struct arena *a, enum media_use use, const char *subject, int64_t expires_at);
/* Whether token is one of those, of this key or the one before it, and still good at now. */
enum media_token media_verify(struct arena *a, enum media_use use, const char *subject,
	const char *token, int64_t now, int64_t *expires_at);

/* Lines of the best rendition of a quality, as conf/media.lua and rights.quality_height() have it;
 * INT_MAX: any. quality may be NULL. */
int media_height(const char *quality);

/* "<base>/media/<id>[.<directory>[.<quality>]]/<expiry>-<signature>", base being TV_MEDIA_URL or
 * nothing. NULL when there is no usable key. */
char *media_path(struct arena *a, int64_t id, const char *directory, const char *quality,
	int64_t expires_at);

/* The absolute address of file ("master.m3u8") in the directory of media (content.media.directory;
 * NULL: named like the id), by TV_MEDIA_URL or as the client reached us. id is the content's, or
 * the channel's that shows it. NULL when there is no usable key. */
char *media_url(struct req *r, int64_t id, const char *directory, const char *quality,
	const char *file, int64_t expires_at);
/* The master playlist of a channel that is computed from its schedule. from: "live", or the instant
 * to start at, in seconds since 1970. NULL when there is no usable key. */
char *media_live_url(struct req *r, int64_t channel, const char *from, const char *quality,
	int64_t expires_at);

/* A directory of media, as its name may be: a-z 0-9 -, at most 60, the first no '-'. */
bool media_directory_valid(const char *name);

#endif

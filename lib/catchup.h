/* Where the provider of an external stream keeps what it has shown: the template of an http or
 * https address, of ASCII, at most CATCHUP_MAX bytes. Instants are in UTC.
 *   {utc} {utcend} {lutc}    seconds since 1970: the start, the end, now
 *   {utc:F} …                the same as F says, of Y m d H M S and - _ . : T Z ("YmdHMS")
 *   {Y} {m} {d} {H} {M} {S}  the start, part by part
 *   {duration} {offset}      seconds from the start to the end, and to now
 *   {duration:N} …           the same in units of N seconds (60: minutes)
 *   {durationfs}             as {duration}; "now" while the end has not come (Flussonic)
 * This is the one form that is stored. catchup_of_playlist() brings into it what playlists say. */
#ifndef CATCHUP_H
#define CATCHUP_H

#include <stdint.h>

struct arena;

enum { CATCHUP_MAX = 2000, CATCHUP_MAX_FORMAT = 40 };

/* NULL: it is such a template. Else a sentence that begins with "must"; it quotes nothing. */
const char *catchup_check(const char *template);

/* Seconds since 1970. */
struct catchup_time {
	int64_t start, end, now;
};

/* The address. template must be one. What has not been shown by now cannot be asked for: then the
 * end is now. */
const char *catchup_fill(struct arena *a, const char *template, struct catchup_time when);

/* As the attributes catchup, catchup-source and catchup-correction say it, and the stream's own
 * address, http or https; NULL: absent. */
struct catchup_words {
	const char *mode, *source, *correction, *url;
};

/* NULL and *template (NULL: they do not speak of the past); else the words that are not understood,
 * for people: no address is in it. */
const char *catchup_of_playlist(
	struct arena *a, const struct catchup_words *said, const char **template);

#endif

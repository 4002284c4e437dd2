/* The sounds and subtitles of a title that players choose from (RFC 8216, section 4.3.4.1). */
#ifndef PLAY_TRACKS_H
#define PLAY_TRACKS_H

#include "play-probe.h"
#include "tv.h"

enum { SOUNDS_MAX = 8, TEXTS_MAX = 32 };

enum track_kind { TRACK_PLAIN, TRACK_DESCRIBED, TRACK_CAPTIONS, TRACK_FORCED };

struct track {
	int stream; /* of the film's file; −1: it comes of a file of its own, and text is set */
	enum track_kind kind;
	const char *language; /* RFC 5646; NULL: not known */
	const char *name; /* for people; no other of the list has it */
	const char *directory; /* its playlist's */
	const struct buf *text; /* WebVTT; NULL: it is read from the stream */
	int bitrate; /* of a sound */
};

struct tracks {
	struct track sounds[SOUNDS_MAX], texts[TEXTS_MAX];
	int n_sounds, n_texts;
};

/* Adds to out, which may have subtitles already, what of the file is taken: each language once, the
 * sound that the file names as its own before the others; a single sound is not asked what it is
 * for. Says on stdout what is left out. */
void tracks_choose(struct arena *a, const struct source *in, struct tracks *out);

/* Adds subtitles that come of a file of their own; there are fewer than TEXTS_MAX. */
void tracks_add(struct arena *a, const char *language, enum track_kind kind, const struct buf *text,
	struct tracks *out);

/* The subtitles of that language and kind; NULL: there are none. */
const struct track *
tracks_find(const struct tracks *t, const char *language, enum track_kind kind);

/* Says on stdout what becomes of a stream; what: "sound" or "subtitles". */
void tracks_say(const struct source *in, const struct stream *s, const char *why);

/* "fr" or "fr forced", for reports; "?" where the language is not known. */
const char *track_text(struct arena *a, const struct track *t);

/* "subtitles", "captions" or "forced", as the answers of /ondemand call them. */
const char *track_kind_name(enum track_kind kind);

#endif

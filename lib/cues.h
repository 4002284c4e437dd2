/* Subtitles of other people's files, SubRip or WebVTT, as WebVTT. Strict: a player would leave out
 * what it cannot read, and nobody would know. */
#ifndef CUES_H
#define CUES_H

#include <stddef.h>

struct buf;

struct cues_fault {
	int line; /* from 1 */
	const char *why;
};

/* Appends the whole file to out: how many cues with a text there are. −1: it is malformed, and
 * fault says where. What SubRip knows and WebVTT does not (fonts, places) is left out. */
int cues_read(const char *text, size_t len, struct buf *out, struct cues_fault *fault);

/* hh:mm:ss.mmm, as WebVTT has it. */
void cues_put_time(struct buf *b, int ms);

#endif

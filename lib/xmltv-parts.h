/* What the files of xmltv share: the reader's state, bytes of any encoding as UTF-8, and what
 * becomes of each element. */
#ifndef XMLTV_PARTS_H
#define XMLTV_PARTS_H

#include "xmltv.h"

#include <expat.h>
#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XMLTV_MAX_TEXT = 32768, XMLTV_MAX_ELEMENTS = 1000 /* of one channel or programme */ };

enum { DECODE_BLOCK = 65536, DECODE_GROWTH = 4, DECODE_HELD = 8 };

/* From the encoding that a file declares to UTF-8. A file that says UTF-8 (or nothing) may hold
 * Latin-1: what is not UTF-8 is read as windows-1252, byte for byte. */
struct decoder {
	iconv_t from; /* (iconv_t)-1: UTF-8 with repairs */
	bool as_is; /* UTF-16: expat reads it */
	unsigned char held[DECODE_HELD]; /* an unfinished character */
	size_t n_held;
};

/* Looks at the file's first bytes. NULL, or why it cannot be decoded. To be ended. */
const char *decoder_open(struct decoder *d, const char *data, size_t len);
void decoder_end(void *decoder);
/* Decodes up to DECODE_BLOCK bytes; out has room for DECODE_GROWTH times that and DECODE_HELD
 * more. Answers how many it wrote. last: nothing follows. */
size_t decoder_run(struct decoder *d, const char *data, size_t len, bool last, char *out);

enum element {
	E_OTHER,
	E_NAME,
	E_TITLE,
	E_SUBTITLE,
	E_SYNOPSIS,
	E_CATEGORY,
	E_DATE,
	E_EPISODE,
	E_RATING,
	E_CREDIT,
};

/* Whose children we are at. */
enum part { P_NOTHING, P_CHANNEL, P_PROGRAMME, P_IN_RATING, P_IN_CREDITS };

struct xmltv {
	struct arena *arena;
	struct arena *element; /* memory of one channel or programme */
	struct xmltv_events events;
	const char *language;
	XML_Parser parser;
	struct decoder decoder;
	const char *why;
	int64_t fed; /* bytes that expat was given */
	int depth, elements;
	enum part part;
	enum element collecting;
	int collecting_depth;
	int score; /* of the text being read: 2 in the language wanted, else 1 */
	int scores[E_CREDIT]; /* of the text that is there, by element */
	const char *scheme; /* attribute of the element being read */
	const char *role, *character;
	bool root, too_long, by_number;
	struct xmltv_channel channel;
	struct xmltv_programme programme;
	size_t len;
	char text[XMLTV_MAX_TEXT + 8];
};

/* A child of tv, of one of its children, and so on begins; part says where. */
void xmltv_begin(struct xmltv *x, const char *name, const XML_Char **atts);
/* The text that was collected ends. */
void xmltv_take(struct xmltv *x);
/* A channel or programme ends: it is handed out. */
void xmltv_hand_out(struct xmltv *x);

/* The characters of HTML that have names, as declarations of a document type. */
const char *html_entities(struct arena *a);

#endif

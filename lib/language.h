/* Codes of languages as files have them (ISO 639, with two letters or three), and the tags that
 * players take (RFC 5646), where the shortest code is the only one. */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <stdbool.h>

struct arena;

enum { LANGUAGE_MAX = 36 };

/* The tag for a code: "de" for "ger", "pt-BR" for "por_BR". False: it is none, or says that the
 * language is not known ("und"). */
bool language_tag(const char *code, char tag[LANGUAGE_MAX]);
/* How its speakers call it, with its region in brackets; the tag itself where that is not known. */
const char *language_name(struct arena *a, const char *tag);
/* Whether two codes are of one language, of whatever region: a guide says "no" or "nb" where a
 * household asks for "nor". */
bool language_same(const char *a, const char *b);

#endif

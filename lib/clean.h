/* Text as it comes from other people's files, made fit to be shown. */
#ifndef CLEAN_H
#define CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "param.h"

/* Decodes character references (&amp; &#39; …), removes style sheets that leaked from Wikipedia,
 * makes control characters spaces (line breaks too, unless lines), and takes white space and
 * invisible characters off both ends. s is valid UTF-8. NULL when nothing is left. */
char *clean_text(struct arena *a, const char *s, bool lines);
/* Ends the text after so many characters, or bytes, without white space there; false when it has no
 * more. */
bool clean_cut(char *text, size_t characters, size_t bytes);
/* An address as editors may write it: what has to be is escaped, its scheme in small letters. type
 * is P_URL or P_LINK. NULL when it is none. */
const char *clean_address(struct arena *a, const char *s, enum param_type type);
/* Splits at any of separators; the parts are cleaned, empty ones and repetitions left out. */
const char **clean_split(struct arena *a, const char *s, const char *separators, size_t *n);
/* The same for texts that are a list already. */
const char **clean_list(struct arena *a, const char *const *items, size_t n_items, size_t *n);

#endif

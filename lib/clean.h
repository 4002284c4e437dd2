/* Text as it comes from other people's files, made fit to be shown. */
#ifndef CLEAN_H
#define CLEAN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Decodes character references (&amp; &#39; …), removes style sheets that leaked from Wikipedia,
 * makes control characters spaces (line breaks too, unless lines), and takes white space and
 * invisible characters off both ends. s is valid UTF-8. NULL when nothing is left. */
char *clean_text(struct arena *a, const char *s, bool lines);
/* Splits at any of separators; the parts are cleaned, empty ones and repetitions left out. */
const char **clean_split(struct arena *a, const char *s, const char *separators, size_t *n);
/* The same for texts that are a list already. */
const char **clean_list(struct arena *a, const char *const *items, size_t n_items, size_t *n);

#endif

/* XMLTV as it comes: a stream of bytes in, channels and programmes out, one at a time. Memory is
 * bounded by one element. It knows nothing of files, packers and databases. */
#ifndef XMLTV_H
#define XMLTV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
	XMLTV_MAX_NAMES = 4,
	XMLTV_MAX_CATEGORIES = 10,
	XMLTV_MAX_RATINGS = 16,
	XMLTV_MAX_CREDITS = 30,
	XMLTV_MAX_TITLE = 300, /* characters, like those below */
	XMLTV_MAX_SYNOPSIS = 4000,
	XMLTV_MAX_CATEGORY = 60,
	XMLTV_MAX_PERSON = 200,
	XMLTV_MAX_ID = 200,
	XMLTV_MAX_URL = 2000,
};

#define XMLTV_NO_TIME INT64_MIN

struct xmltv_channel {
	size_t line;
	const char *id; /* NULL: none, or too long */
	const char *names[XMLTV_MAX_NAMES];
	size_t n_names;
	const char *icon; /* https only */
	unsigned icons_left; /* others */
};

struct xmltv_rating {
	const char *scheme; /* NULL: not said */
	const char *value;
};

struct xmltv_credit {
	const char *role; /* one of content.credit, by the element's name */
	const char *name;
	const char *character; /* NULL: none */
};

/* Texts are valid UTF-8, trimmed, and NULL when there is none. */
struct xmltv_programme {
	size_t line;
	const char *why; /* set: it cannot be used */
	const char *channel;
	int64_t start, stop; /* seconds since 1970; stop may be XMLTV_NO_TIME */
	const char *title, *subtitle, *synopsis;
	const char *categories[XMLTV_MAX_CATEGORIES];
	size_t n_categories;
	int season, episode; /* 0: none */
	int year; /* 0: none */
	const char *icon; /* https only */
	struct xmltv_rating ratings[XMLTV_MAX_RATINGS];
	size_t n_ratings;
	struct xmltv_credit credits[XMLTV_MAX_CREDITS];
	size_t n_credits;
	bool is_new, is_premiere, is_repeat;
	unsigned icons_left; /* that are not https */
	bool bad_stop; /* it is there, and no time */
	unsigned cut; /* texts that were too long, and items too many */
};

/* Called for each element; what is pointed to lives until they return. */
struct xmltv_events {
	void *context;
	void (*channel)(void *context, const struct xmltv_channel *c);
	void (*programme)(void *context, const struct xmltv_programme *p);
};

struct xmltv;

/* language: ISO 639 code that is taken before others where a text has several; NULL: the first
 * one counts. The arena ends the parser. */
struct xmltv *xmltv_open(struct arena *a, struct xmltv_events events, const char *language);
/* The next bytes; the first of them must hold the XML declaration. NULL, or why the file is
 * refused. */
const char *xmltv_feed(struct xmltv *x, const char *data, size_t len, bool last);

/* YYYYMMDDhhmmss, shorter or not, and its offset ("+0100", "+01:00", "Z", none: UTC) as seconds
 * since 1970; false when it is none. */
bool xmltv_time(const char *s, int64_t *out);
/* The numbers of an episode from 1 on, by the system of its element; those that it does not say
 * stay. */
void xmltv_episode(const char *scheme, const char *s, int *season, int *episode);

#endif

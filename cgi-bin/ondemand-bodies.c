/* The bodies of the catalogue's editing, member by member. A PUT replaces: what is absent is empty
 * afterwards. What an import takes (ondemand-import-row.c) they take. */
#include "ondemand.h"

static const struct param name_item[] = { { .type = P_TEXT, .min = 1, .max = 300 }, { 0 } };
static const struct param slug_item[] = { { .type = P_SLUG }, { 0 } };
static const struct param country_item[] = { { .type = P_TEXT, .min = 1, .max = 200 }, { 0 } };

static const struct param rating[] = {
	{ "system", P_ENUM, .choices = "mpa|ustv|age", .required = true },
	{ "code", P_TEXT, .min = 1, .max = 20, .required = true },
	{ 0 },
};

static const struct param credit[] = {
	{ "person_id", P_ID, .required = true },
	{ "role", P_ENUM, .choices = "actor|director|writer|producer|composer|host|guest",
		.required = true },
	{ "character", P_TEXT, .max = 200, .nullable = true },
	{ 0 },
};

static const struct param external_id[] = {
	{ "scheme", P_TEXT, .min = 1, .max = 255, .required = true },
	{ "value", P_TEXT, .min = 1, .max = 1210, .required = true },
	{ 0 },
};

static const struct param marker[] = {
	{ "kind", P_ENUM, .choices = "intro|recap|credits", .required = true },
	{ "start", P_INT, .min = 0, .max = 360000, .required = true },
	{ "end", P_INT, .min = 0, .max = 360000, .required = true },
	{ 0 },
};

static const struct param subtitle[] = {
	{ "language", P_LANGUAGE, .required = true },
	{ "kind", P_ENUM, .choices = "subtitles|captions|forced" },
	{ "url", P_URL, .required = true },
	{ 0 },
};

static const struct param rendition[] = {
	{ "path", P_URL, .required = true },
	{ "width", P_INT, .min = 1, .max = 16384 },
	{ "height", P_INT, .min = 1, .max = 16384 },
	{ "bitrate", P_INT, .min = 1, .max = 1000000000, .doc = "bits a second" },
	{ "codecs", P_TEXT, .max = 100, .doc = "RFC 6381" },
	{ 0 },
};

#define TITLE                                                   \
	{                                                           \
		"title", P_TEXT, .required = true, .min = 1, .max = 300 \
	}
#define NUMBER(most)                                               \
	{                                                              \
		"number", P_INT, .required = true, .min = 0, .max = (most) \
	}

#define DESCRIPTION                                                                        \
	{ "original_title", P_TEXT, .max = 300, .nullable = true },                            \
		{ "alternative_titles", P_LIST, .max = 50, .of = name_item },                      \
		{ "year", P_INT, .min = 1870, .max = 2200, .nullable = true },                     \
		{ "runtime", P_INT, .min = 0, .max = 360000, .nullable = true, .doc = "seconds" }, \
		{ "synopsis", P_LONGTEXT, .max = 20000, .nullable = true },                        \
		{ "genres", P_LIST, .max = 100, .of = slug_item },                                  \
		{ "rating", P_OBJECT, .of = rating, .nullable = true },                            \
		{ "min_age", P_INT, .min = 0, .max = 18, .nullable = true,                         \
			.doc = "that of the rating when absent, else 18" },                            \
		{ "poster", P_URL, .nullable = true, .doc = "stored, never fetched" },             \
		{ "state", P_ENUM, .choices = "draft|published" },                                 \
		{ "available_from", P_TIME, .nullable = true },                                    \
	{                                                                                      \
		"available_until", P_TIME, .nullable = true                                        \
	}

#define PARTS                                                                             \
	{ "credits", P_LIST, .max = 500, .of = credit, .doc = "in order, within each role" }, \
		{ "external_ids", P_LIST, .max = 20, .of = external_id },                         \
		{ "markers", P_LIST, .max = 20, .of = marker, .doc = "seconds" },                 \
		{ "subtitles", P_LIST, .max = 100, .of = subtitle },                              \
	{                                                                                     \
		"renditions", P_LIST, .max = 50, .of = rendition                                  \
	}

const struct param movie_body[] = {
	TITLE,
	DESCRIPTION,
	{ "countries", P_LIST, .max = 250, .of = country_item },
	PARTS,
	{ 0 },
};

const struct param series_body[] = {
	TITLE,
	DESCRIPTION,
	{ "countries", P_LIST, .max = 250, .of = country_item },
	PARTS,
	{ 0 },
};

const struct param season_body[] = {
	TITLE,
	{ "series_id", P_ID, .required = true },
	NUMBER(9999),
	DESCRIPTION,
	{ 0 },
};

const struct param episode_body[] = {
	TITLE,
	{ "season_id", P_ID, .required = true },
	NUMBER(99999),
	{ "air_date", P_DATE, .nullable = true },
	DESCRIPTION,
	PARTS,
	{ 0 },
};

const struct param genre_body[] = {
	{ "slug", P_SLUG, .required = true },
	{ "name", P_TEXT, .required = true, .min = 1, .max = 60 },
	{ 0 },
};

const struct param genre_change_body[] = {
	{ "name", P_TEXT, .required = true, .min = 1, .max = 60 },
	{ 0 },
};

const struct param person_body[] = {
	{ "name", P_TEXT, .required = true, .min = 1, .max = 200 },
	{ 0 },
};

/* ondemand import: the command, and between its files what a record means. */
#ifndef ONDEMAND_IMPORT_H
#define ONDEMAND_IMPORT_H

#include "tv.h"

/* What can be known of a title; each is read from the first column of its usual names that holds
 * something, or from the one that --map names. */
enum title_field {
	T_ID,
	T_TITLE,
	T_TYPE,
	T_GENRE,
	T_YEAR,
	T_SYNOPSIS,
	T_DURATION,
	T_CAST,
	T_DIRECTOR,
	T_COUNTRY,
	T_ADDED,
	T_RATING,
	T_HREF,
	T_POSTER,
	T_SERIES,
	T_SEASON,
	T_SEASON_TITLE,
	T_EPISODE,
	T_EPISODE_TITLE,
	T_AIR_DATE,
	T_COUNT,
};

enum {
	TITLE_MAX_COLUMNS = 6,
	TITLE_MAX_SYNOPSIS = 20000, /* characters */
	TITLE_MAX_SYNOPSIS_BYTES = 32768,
	TITLE_MAX_GENRES = 100,
	TITLE_MAX_PEOPLE = 500,
	TITLE_MAX_COUNTRIES = 250,
};

/* What was not taken over. */
struct title_left {
	int64_t names; /* that are none */
	int64_t more; /* names of a title that has too many */
	int64_t synopses; /* that were cut */
	int64_t posters;
};

struct title_columns {
	const char *field; /* the word of --map */
	const char *columns[TITLE_MAX_COLUMNS];
};

struct title_import {
	struct title_columns columns[T_COUNT];
	bool mapped[T_COUNT]; /* by --map: the column must be there */
	bool seen[T_COUNT]; /* in this file */
	const char *source; /* --source */
	const char *series; /* --series */
	const char *file_series; /* what a series is called that nothing names */
	bool any; /* a record was read of this file */
	struct title_left left; /* of this file */
};

extern const struct title_columns title_columns[T_COUNT];

/* Appends the values of import_copy. NULL, or why the record is rejected. */
const char *
title_row(void *context, struct arena *a, const struct record *record, struct buf *line);

/* Days and lengths as they are written in files; NULL and false when they are not understood. */
const char *title_date(struct arena *a, const char *text);
/* *seconds is −1 for what is no length of time ("2 Seasons"). */
bool title_duration(const char *text, int64_t *seconds);

int ondemand_import(int argc, char **argv);

#endif

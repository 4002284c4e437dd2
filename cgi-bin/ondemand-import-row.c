/* A record as a row of the staging table. The first thing that is wrong with it is why it is
 * rejected; nothing that reaches the database can be refused there, or when an editor saves it as
 * it is (ondemand-bodies.c, in a body of 64 KiB). */
#include "tv.h"

#include "ondemand-import.h"

enum {
	MAX_TITLE = 300,
	MAX_GENRE = 60,
	MAX_NAME = 200,
	MAX_ID = 200,
	MAX_HREF_BYTES = 900,
	MAX_SEASON = 9999,
	MAX_EPISODE = 99999,
	MIN_YEAR = 1870,
	MAX_YEAR = 2200,
};

const struct title_columns title_columns[T_COUNT] = {
	[T_ID] = { "id", { "show_id", "id" } },
	[T_TITLE] = { "title", { "title", "name" } },
	[T_TYPE] = { "type", { "type" } },
	[T_GENRE] = { "genre", { "listed_in", "genres", "genre" } },
	[T_YEAR] = { "year", { "release_year", "year" } },
	[T_SYNOPSIS] = { "synopsis", { "description", "extract", "synopsis", "episode_summary" } },
	[T_DURATION] = { "duration", { "duration", "episode_length" } },
	[T_CAST] = { "cast", { "cast" } },
	[T_DIRECTOR] = { "director", { "director", "directors" } },
	[T_COUNTRY] = { "country", { "country", "countries" } },
	[T_ADDED] = { "date_added", { "date_added" } },
	[T_RATING] = { "rating", { "rating" } },
	[T_HREF] = { "href", { "href" } },
	[T_POSTER] = { "poster", { "poster", "thumbnail" } },
	[T_SERIES] = { "series", { NULL } },
	[T_SEASON] = { "season", { "season" } },
	[T_SEASON_TITLE] = { "season_title", { "season_name", "season_title" } },
	[T_EPISODE] = { "episode", { "episode" } },
	[T_EPISODE_TITLE] = { "episode_title", { "episode_title" } },
	[T_AIR_DATE] = { "air_date", { "episode_date", "air_date", "premiered" } },
};

struct title {
	struct arena *arena;
	const struct record *record;
	const struct title_import *import;
	const char *why;

	const char *kind, *key, *title, *synopsis, *rating, *poster, *added_at, *series, *air_date;
	int64_t year, runtime, season, episode; /* −1: none */
	const char **genres, **countries, **actors, **directors;
	size_t n_genres, n_countries, n_actors, n_directors;
	bool explicit;
	struct title_left left;
};

static void
refuse(struct title *t, const struct field *f, const char *what)
{
	if (!t->why)
		t->why = arena_printf(t->arena, "%s: %s", f->name, what);
}

/* The first of the columns that holds something; NULL: none. */
static const struct field *
find(const struct title *t, enum title_field which)
{
	const char *const *columns = t->import->columns[which].columns;
	for (size_t i = 0; i < TITLE_MAX_COLUMNS && columns[i]; i++) {
		const struct field *f = record_field(t->record, columns[i]);
		if (f && f->type == FIELD_TEXT ? !!clean_text(t->arena, f->text, false)
									   : f && f->type != FIELD_NULL)
			return f;
	}
	return NULL;
}

/* Cleaned text of at most max characters; NULL: none, or refused. numbers: they will do as text. */
static const char *
read_text(struct title *t, enum title_field which, size_t max, bool numbers)
{
	const struct field *f = find(t, which);
	if (!f)
		return NULL;
	if (f->type != FIELD_TEXT && !(numbers && f->type == FIELD_NUMBER)) {
		refuse(t, f, "not text");
		return NULL;
	}
	const char *text = clean_text(t->arena, f->text, which == T_SYNOPSIS);
	if (utf8_length(text) > max) {
		refuse(t, f, arena_printf(t->arena, "longer than %zu characters", max));
		return NULL;
	}
	return text;
}

/* A whole number; −1: none, or refused. */
static int64_t
read_int(struct title *t, enum title_field which, int64_t min, int64_t max)
{
	const struct field *f = find(t, which);
	int64_t n = -1;
	if (!f)
		return -1;
	const char *text = f->type == FIELD_TEXT ? clean_text(t->arena, f->text, false)
		: f->type == FIELD_NUMBER            ? f->text
											 : "";
	if (!parse_int(text, min, max, &n)) {
		refuse(t, f,
			arena_printf(
				t->arena, "not a whole number from %lld to %lld", (long long)min, (long long)max));
		return -1;
	}
	return n;
}

/* Something that can be a name: it has a letter, a digit, or a character beyond ASCII, and at
 * most 200 characters. */
static bool
is_name(const char *s)
{
	if (utf8_length(s) > MAX_NAME)
		return false;
	for (; *s; s++)
		if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
			return true;
	return false;
}

static const char *
read_synopsis(struct title *t)
{
	const char *text = read_text(t, T_SYNOPSIS, RECORD_MAX_BYTES, false);
	char *most = text ? arena_strdup(t->arena, text) : NULL;
	t->left.synopses += most && clean_cut(most, TITLE_MAX_SYNOPSIS, TITLE_MAX_SYNOPSIS_BYTES);
	return most;
}

/* Names, max at most: a list, or text with separators. Real files have strays among them (")",
 * 1,000 characters of a test's filling): these are left out, the title is not. NULL: none, or
 * refused. */
static const char **
read_list(
	struct title *t, enum title_field which, const char *separators, size_t max, size_t *n)
{
	const struct field *f = find(t, which);
	const char **list;
	size_t all, kept = 0;
	*n = 0;
	if (!f)
		return NULL;
	if (f->type == FIELD_LIST)
		list = clean_list(t->arena, f->items, f->n_items, &all);
	else if (f->type == FIELD_TEXT)
		list = clean_split(t->arena, f->text, separators, &all);
	else {
		refuse(t, f, "neither text nor a list of texts");
		return NULL;
	}
	for (size_t i = 0; i < all; i++) {
		if (which == T_GENRE && utf8_length(list[i]) > MAX_GENRE)
			refuse(t, f, "a genre longer than 60 characters");
		if (is_name(list[i]))
			list[kept++] = list[i];
	}
	t->left.names += (int64_t)(all - kept);
	*n = kept < max ? kept : max;
	t->left.more += (int64_t)(kept - *n);
	return kept ? list : NULL;
}

static const char *
read_day(struct title *t, enum title_field which)
{
	const struct field *f = find(t, which);
	const char *text = read_text(t, which, MAX_NAME, false);
	const char *day = text ? title_date(t->arena, text) : NULL;
	if (text && !day)
		refuse(t, f, "not a date that is understood");
	return day;
}

static void
read_duration(struct title *t)
{
	const struct field *f = find(t, T_DURATION);
	const char *text = read_text(t, T_DURATION, MAX_NAME, true);
	t->runtime = -1;
	if (text && !title_duration(text, &t->runtime))
		refuse(t, f, "not a duration that is understood, or over 100 hours");
}

/* Only what the schema takes: an https URL or a path on this server; another picture is done
 * without. */
static const char *
read_poster(struct title *t)
{
	const char *said = read_text(t, T_POSTER, RECORD_MAX_BYTES, false);
	const char *url = said ? clean_address(t->arena, said, P_URL) : NULL;
	t->left.posters += said && !url;
	return url;
}

static void
read_kind(struct title *t)
{
	static const struct {
		const char *word, *kind;
	} kinds[] = {
		{ "movie", "movie" },
		{ "film", "movie" },
		{ "tv show", "series" },
		{ "series", "series" },
		{ "tv series", "series" },
		{ "show", "series" },
		{ "tv", "series" },
	};
	const struct field *f = find(t, T_TYPE);
	const char *word = read_text(t, T_TYPE, MAX_NAME, false);
	t->kind = word ? NULL : "movie";
	for (size_t i = 0; word && i < sizeof kinds / sizeof *kinds; i++)
		if (strcasecmp(word, kinds[i].word) == 0)
			t->kind = kinds[i].kind;
	if (f && !t->kind)
		refuse(t, f, "neither Movie nor TV Show");
}

static void
read_title_key(struct title *t)
{
	const char *id = read_text(t, T_ID, MAX_ID, true);
	const char *href = read_text(t, T_HREF, MAX_HREF_BYTES, false);
	t->explicit = id != NULL;
	if (href && strlen(href) > MAX_HREF_BYTES)
		refuse(t, find(t, T_HREF), "too long");
	else if (id)
		t->key = id;
	else if (t->year < 0)
		t->key = arena_printf(t->arena, "%s||%s", t->title, href ? href : "");
	else
		t->key = arena_printf(t->arena, "%s|%d|%s", t->title, (int)t->year, href ? href : "");
}

static void
read_movie_or_series(struct title *t)
{
	read_kind(t);
	t->title = read_text(t, T_TITLE, MAX_TITLE, false);
	if (!t->title && !t->why)
		t->why = "there is no title";
	if (!t->why)
		read_title_key(t);
}

static const char *
series_name(struct title *t)
{
	const char *name = read_text(t, T_SERIES, MAX_TITLE, true);
	if (!name)
		name = t->import->series;
	return name ? name : t->import->file_series;
}

/* A season or an episode; which it is says the number of the episode. */
static void
read_part(struct title *t)
{
	int season = (int)t->season, episode = (int)t->episode;
	enum title_field own_title = episode < 0 ? T_SEASON_TITLE : T_EPISODE_TITLE;
	const char *own = read_text(t, own_title, MAX_TITLE, false);
	if (!own)
		own = read_text(t, T_TITLE, MAX_TITLE, false);
	t->series = series_name(t);
	t->air_date = read_day(t, T_AIR_DATE);
	if (t->air_date && t->year < 0)
		t->year = strtol(t->air_date, NULL, 10);
	if (t->year >= 0 && (t->year < MIN_YEAR || t->year > MAX_YEAR))
		refuse(t, find(t, T_AIR_DATE), "a year out of range");
	if (episode < 0) {
		t->kind = "season";
		t->title = own ? own : arena_printf(t->arena, "Season %d", season);
		t->key = arena_printf(t->arena, "season:%d:%s", season, t->series);
	} else {
		t->kind = "episode";
		t->title = own ? own : arena_printf(t->arena, "Episode %d", episode);
		t->key = arena_printf(t->arena, "episode:%d:%d:%s", season, episode, t->series);
	}
}

static void
read_common(struct title *t)
{
	t->year = read_int(t, T_YEAR, MIN_YEAR, MAX_YEAR);
	t->synopsis = read_synopsis(t);
	t->genres = read_list(t, T_GENRE, ",;|", TITLE_MAX_GENRES, &t->n_genres);
	t->directors = read_list(t, T_DIRECTOR, ",", TITLE_MAX_PEOPLE, &t->n_directors);
	t->actors = read_list(t, T_CAST, ",", TITLE_MAX_PEOPLE - t->n_directors, &t->n_actors);
	t->countries = read_list(t, T_COUNTRY, ",;", TITLE_MAX_COUNTRIES, &t->n_countries);
	t->rating = read_text(t, T_RATING, MAX_NAME, false);
	t->added_at = read_day(t, T_ADDED);
	t->poster = read_poster(t);
	read_duration(t);
	t->season = read_int(t, T_SEASON, 0, MAX_SEASON);
	t->episode = read_int(t, T_EPISODE, 0, MAX_EPISODE);
}

static void
copy_optional(struct buf *line, int64_t n)
{
	if (n < 0)
		copy_text(line, NULL);
	else
		copy_int(line, n);
}

/* In the order of import_copy. */
static void
write_row(const struct title *t, struct buf *line)
{
	copy_text(line, t->kind);
	copy_text(line, t->key);
	copy_bool(line, t->explicit);
	copy_text(line, t->title);
	copy_optional(line, t->year);
	copy_optional(line, t->runtime);
	copy_text(line, t->synopsis);
	copy_list(line, t->genres, t->n_genres);
	copy_text(line, t->rating);
	copy_text(line, t->poster);
	copy_text(line, t->added_at);
	copy_list(line, t->countries, t->n_countries);
	copy_list(line, t->actors, t->n_actors);
	copy_list(line, t->directors, t->n_directors);
	copy_text(line, t->series);
	copy_optional(line, t->season);
	copy_optional(line, t->episode);
	copy_text(line, t->air_date);
}

static void
note_columns(struct title_import *import, const struct record *record)
{
	import->any = true;
	for (int i = 0; i < T_COUNT; i++)
		if (import->mapped[i] && record_field(record, import->columns[i].columns[0]))
			import->seen[i] = true;
}

const char *
title_row(void *context, struct arena *a, const struct record *record, struct buf *line)
{
	struct title_import *import = context;
	struct title t = { .arena = a, .record = record, .import = import };
	note_columns(context, record);
	read_common(&t);
	if (t.why)
		return t.why;
	if (t.season >= 0)
		read_part(&t);
	else if (t.episode >= 0)
		t.why = "an episode without a season";
	else
		read_movie_or_series(&t);
	if (t.why)
		return t.why;
	import->left.names += t.left.names;
	import->left.more += t.left.more;
	import->left.synopses += t.left.synopses;
	import->left.posters += t.left.posters;
	write_row(&t, line);
	return NULL;
}

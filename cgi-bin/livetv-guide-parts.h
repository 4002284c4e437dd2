/* What the files of the guide import share. Its course: read the file into a spool of records by
 * channel; begin; match the channels; place each channel's programmes one after the other;
 * merge. */
#ifndef LIVETV_GUIDE_PARTS_H
#define LIVETV_GUIDE_PARTS_H

#include "tv.h"

#include "livetv-guide.h"

#include "livetv.queries.h"

#include <sys/stat.h>

enum {
	GUIDE_MAX_CHANNELS = 100000,
	GUIDE_MAX_SHOWN = 100,
	GUIDE_MAX_NAMED = 5,
	GUIDE_DIGEST = 32,
};
/* Another number whenever the same file would be made into something else. */
enum { GUIDE_FORMAT = 3 };

/* A programme between reading and placing. */
struct guide_record {
	uint32_t size; /* with what fills it up to a multiple of 8 */
	uint32_t channel, line;
	uint32_t len; /* of values */
	int64_t start, stop; /* as in the file */
	char values[]; /* of COPY's row, those after the times */
};

/* Records of a hash of channels each, in blocks that go to a temporary file. */
struct spool;
struct spool *spool_open(struct arena *a);
/* NULL, or why there is no room. */
const char *spool_add(struct spool *s, const struct guide_record *record);
size_t spool_buckets(void);
/* The records of a bucket one behind the other, in a; NULL with *why set. */
const char *
spool_load(struct spool *s, size_t bucket, struct arena *a, size_t *len, const char **why);

struct guide_channel {
	const char *id, *icon;
	const char *names[XMLTV_MAX_NAMES];
	size_t n_names;
	int64_t db_id; /* 0: skipped */
	int64_t floor; /* no programme may start before */
	bool fresh; /* none of its programmes is ahead */
	bool same; /* the file says what it said the last time */
	bool todo; /* to be staged and compared */
	unsigned char was[GUIDE_DIGEST], digest[GUIDE_DIGEST];
	bool had, said; /* was and digest are set */
	bool left; /* another feed's: without a db_id */
};

struct guide_rating {
	const char *code;
	int min_age;
};

/* Values that were not understood, and the first few of them. */
struct guide_named {
	int64_t n;
	const char *first[GUIDE_MAX_NAMED];
	size_t n_first;
};

struct guide_shown {
	size_t line;
	const char *why;
};

struct guide_job {
	PGconn *conn;
	struct arena *arena;
	const struct guide_options *options;
	struct guide_report *report;
	struct spool *spool;
	struct guide_channel *channels;
	uint32_t n_channels, channel_room;
	uint32_t *index; /* by hash of the id: number + 1 */
	uint32_t index_size;
	const struct guide_rating *ratings;
	size_t n_ratings;
	struct guide_shown shown[GUIDE_MAX_SHOWN + 1];
	size_t n_shown;
	struct guide_named unrated; /* programmes, by their ratings */
	int64_t from; /* of the history */
	int64_t first_id; /* of the new programmes */
	int64_t first_start, last_end; /* of what is staged; 0: nothing is */
	struct buf left_to; /* feeds, as an array's text */
	int64_t next_past; /* the first end of a programme that is not before it */
	struct stat file_was;
	unsigned char file_digest[GUIDE_DIGEST];
	struct guide_hash *hash; /* NULL: of no file that can be known again */
};

/* False: the report says why. */
bool guide_read(struct guide_job *job, struct unpack *in);
bool guide_merge(struct guide_job *job);

/* On behalf of a feed (livetv-owner.c): channels of feeds before it are left to them, and then
 * those that the file has programmes of are its own. */
bool owner_leave(struct guide_job *job);
bool owner_take(struct guide_job *job);
/* Whether the file is one that was imported before and would change nothing: the report is set. */
bool guide_known(struct guide_job *job, bool *known);
/* After the merge, in its transaction. */
bool guide_remember(struct guide_job *job);

void guide_reject(struct guide_job *job, size_t line, const char *why);
/* A line for each that is named, and one for the others. */
void guide_say_rejected(const struct guide_job *job, struct buf *to);
bool guide_fail(struct guide_job *job, enum guide_status status, const char *why);
void guide_name(struct guide_job *job, struct guide_named *named, const char *value);
/* The first few, with commas between them. */
const char *guide_names(const struct guide_job *job, const struct guide_named *named);

/* Commits what is good, and ends the transaction otherwise. */
bool guide_finish(struct guide_job *job, bool good);

/* A command that imports files, one after the other, and prints what it says. */
int guide_command(int argc, char **argv, const char *name, const char *usage,
	struct guide_report (*import)(PGconn *conn, struct unpack *file,
		const struct guide_options *options, struct buf *messages));

/* --- pages of the guide (livetv-guide-pages.c) */

struct pages_entry {
	int64_t start, end;
	int32_t at; /* in body */
	int16_t min_age;
};

/* A page that is full, as a row of COPY. */
struct pages_row {
	int64_t start;
	size_t at, len; /* in rows */
};

/* The page that is being filled: programmes come channel by channel, in order. Full ones are kept
 * until there are many, and leave in order of time: a window of the guide is of one time and of
 * neighbouring channels, and finds its pages in a few blocks of the table. */
struct pages {
	struct arena *arena;
	int64_t channel, start;
	struct pages_entry *entries;
	size_t n, room;
	struct buf body, piece;
	struct buf rows;
	struct pages_row *full;
	size_t n_full, room_full;
};

struct pages pages_new(struct arena *a);
/* Where the page begins that has this second. */
int64_t page_start(int64_t at);
/* A programme, on each page that it is on and that begins at `from` or later. Pages that are full
 * go to `out` when they are many, the rest with pages_flush(). */
void pages_add(struct pages *p, struct buf *out, int64_t channel, const struct guide_record *r,
	int64_t id, int64_t start, int64_t end, int64_t from);
void pages_flush(struct pages *p, struct buf *out);

/* --- statements (livetv-guide-db.c), also of playlists */

struct copy_stream {
	PGconn *conn;
	struct buf out;
	bool failed;
};

/* NULL, or why it failed, in a. A lock that was not to be had is "busy". */
const char *guide_run(
	PGconn *conn, struct arena *a, int query, int n, const char *const *values, PGresult **rows);
/* Rows that a statement changed, into *changed. */
const char *guide_change(
	PGconn *conn, struct arena *a, int query, int n, const char *const *values, int64_t *changed);
extern const char guide_busy[];
const char *copy_open(struct copy_stream *s, PGconn *conn, struct arena *a, int query);
/* Sends what has come together in s->out, when it is enough. */
void copy_flush(struct copy_stream *s, bool all);
/* why: NULL, or the copying is given up. */
const char *copy_close(struct copy_stream *s, struct arena *a);

#endif

/* Guide files (XMLTV): the import as a function, and the commands around it. */
#ifndef LIVETV_GUIDE_H
#define LIVETV_GUIDE_H

#include "tv.h"

enum { GUIDE_HISTORY_DAYS = 7, GUIDE_WAIT = 60 };

struct guide_options {
	const char *language; /* taken before others; NULL: the first one in the file */
	int history_days; /* what ended longer ago is left alone */
	int wait; /* seconds for another import to end */
	bool only_known; /* channels that are not known are skipped, not created */
	bool dry_run;
	int64_t feed; /* on whose behalf: it leaves the channels of feeds before it; 0: nobody's */
	const int *fd; /* what is unpacked is read from it: a file that comes again is known; or NULL */
};

enum guide_status {
	GUIDE_IMPORTED,
	GUIDE_REFUSED, /* the file cannot be read */
	GUIDE_BUSY, /* another import runs */
	GUIDE_FAILED, /* the database, or no room for temporary data */
};

struct guide_report {
	enum guide_status status;
	const char *why; /* one line; NULL when imported. In the arena of messages */
	int64_t read, created, changed, unchanged, rejected;
	int64_t removed, shortened;
	int64_t past; /* of the unchanged: before the history */
	int64_t cut; /* texts that were too long */
	int64_t moved; /* programmes that end otherwise than the file says */
	int64_t icons; /* pictures that were left out */
	int64_t channels_created, channels_matched, channels_skipped;
	int64_t left, channels_left; /* to other feeds */
};

/* Reads the file to its end and checks it before the database is touched; then one transaction.
 * conn: blocking, of the livetv role, outside of a transaction. messages gets lines of what was
 * rejected and what else is worth knowing, none of them with the file's name. */
struct guide_report guide_import(PGconn *conn, struct unpack_source file,
	const struct guide_options *options, struct buf *messages);
/* The same of what is unpacked already, or from where its reader stands. */
struct guide_report guide_import_unpacked(
	PGconn *conn, struct unpack *file, const struct guide_options *options, struct buf *messages);

/* livetv import-guide and livetv prune */
int livetv_import_guide(int argc, char **argv);
int livetv_prune(int argc, char **argv);

#endif

/* What every import command does: each file is read record by record into a staging table by
 * COPY, merged by a few statements, and counted; one transaction a file, so a file is imported
 * whole or not at all. */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "db.h"
#include "records.h"

enum { IMPORT_MAX_SETTINGS = 2, IMPORT_MAX_SHOWN = 1000 };

/* A kind of file. The staging table's first columns are n (number of the record), line and hash
 * (SHA-256 of the rest). */
struct import {
	const char *program; /* for the connection */
	const char *command; /* for messages */
	const struct query *queries;
	int begin; /* $1 lock time-out in milliseconds, $2… settings */
	int n_settings;
	int stage; /* creates the staging table */
	int copy; /* COPY … FROM STDIN */
	int lock; /* waits for other imports */
	const int *merge; /* statements in order, ends with 0 */
	int rejected; /* line, reason, n: the first of them */
	int notes; /* lines that are said besides; 0: none */
	int counts; /* created, changed, unchanged, rejected */

	void *context;
	/* Called before a file; settings point to what lives as long as the arena. */
	void (*start)(void *context, struct arena *a, const char *file, const char **settings);
	/* Appends the record's values to line by copy.h. Answers NULL, or why the record is
	 * rejected. */
	const char *(*row)(
		void *context, struct arena *a, const struct record *record, struct buf *line);
	/* After the last record: NULL, or why the file is refused. May be NULL itself. */
	const char *(*finish)(void *context, struct arena *a);
	/* Appends lines about what was read. May be NULL itself. */
	void (*say)(const void *context, struct buf *lines);
	/* A look at the first bytes: NULL, or why this kind of file is not read (exit status 2). May
	 * be NULL itself. */
	const char *(*refuse)(const char *text, size_t len);

	bool dry_run;
	int wait; /* seconds to wait for another import */
};

/* Imports the files in order ("-" is standard input) and prints a line for each. Exit status: 0
 * all were read, 1 one could not be imported, 2 one is missing or not of this kind. */
int import_files(const struct import *import, char **files, int n);

/* Says which of the files cannot be read. To be asked before anything is done: a mistyped name must
 * not leave half of a command's files imported. */
bool import_files_exist(const char *command, char **files, int n);

#endif

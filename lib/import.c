/* The order in a file: begin, stage, COPY, lock, merge, counts, commit. The lock comes after the
 * reading, so that a slow pipe keeps nobody waiting. */
#include "banned.h"

#include "import.h"

#include "arena.h"
#include "copy.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_FILE = 1, EXIT_USAGE = 2, COUNTER_STEP = 1000 };

struct rejected {
	size_t line;
	long long n; /* of the record */
	const char *why;
};

struct job {
	const struct import *import;
	PGconn *conn;
	struct arena *arena; /* of the file */
	const char *file;
	long long read, created, changed, unchanged, rejected;
	struct rejected shown[2 * IMPORT_MAX_SHOWN];
	size_t n_shown;
	size_t last_line;
	bool crowded; /* lines have several records */
};

/* Says it and answers the exit status of a file that was not imported. */
__attribute__((format(printf, 2, 3))) static int
fail(const struct job *job, const char *format, ...)
{
	va_list args;
	fflush(stdout);
	fprintf(stderr, "%s: %s: ", job->import->command, job->file);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; nothing of this file was imported\n", stderr);
	return EXIT_FILE;
}

static void
reject(struct job *job, size_t line, const char *why)
{
	job->rejected++;
	if (job->n_shown < IMPORT_MAX_SHOWN)
		job->shown[job->n_shown++] =
			(struct rejected){ line, job->read, arena_strdup(job->arena, why) };
}

/* --- statements */

static int
fail_database(const struct job *job, const PGresult *result)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	if (!message)
		return fail(job, "the database is not there: %s", PQerrorMessage(job->conn));
	return fail(job, "the database refused: %s (SQLSTATE %s)", message, state ? state : "none");
}

/* Frees the result. */
static bool
succeeded(const struct job *job, PGresult *result, ExecStatusType wanted)
{
	bool good = PQresultStatus(result) == wanted;
	if (!good)
		fail_database(job, result);
	PQclear(result);
	return good;
}

static PGresult *
run(const struct job *job, int query)
{
	return PQexec(job->conn, job->import->queries[query].sql);
}

static bool
begin(const struct job *job)
{
	const struct import *im = job->import;
	char wait[24];
	const char *values[1 + IMPORT_MAX_SETTINGS] = { wait };
	snprintf(wait, sizeof wait, "%d", im->wait * 1000);
	im->start(im->context, job->arena, job->file, values + 1);
	if (!succeeded(job, PQexec(job->conn, "begin"), PGRES_COMMAND_OK))
		return false;
	PGresult *result = PQexecParams(
		job->conn, im->queries[im->begin].sql, 1 + im->n_settings, NULL, values, NULL, NULL, 0);
	return succeeded(job, result, PGRES_TUPLES_OK) &&
		succeeded(job, run(job, im->stage), PGRES_COMMAND_OK) &&
		succeeded(job, run(job, im->copy), PGRES_COPY_IN);
}

static bool
lock(const struct job *job)
{
	PGresult *result = run(job, job->import->lock);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (!state || strcmp(state, "55P03") != 0) /* lock_not_available */
		return succeeded(job, result, PGRES_TUPLES_OK);
	fail(job, "another import is running, and %d s of waiting were not enough", job->import->wait);
	PQclear(result);
	return false;
}

/* --- reading */

static void
count_on_terminal(const struct job *job, bool over)
{
	static int terminal = -1;
	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (!terminal)
		return;
	if (over)
		fputs("\r\033[K", stderr);
	else if (job->read % COUNTER_STEP == 0)
		fprintf(stderr, "\r%s: %lld", job->file, job->read);
}

/* NULL, or why the record is rejected. */
static const char *
make_line(const struct job *job, struct arena *a, const struct record *record, struct buf *line)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct buf rest = buf_new(a);
	const char *why = record->why;
	if (!why)
		why = job->import->row(job->import->context, a, record, &rest);
	if (why)
		return why;
	copy_end(&rest);
	if (!EVP_Digest(rest.data, rest.len, hash, NULL, EVP_sha256(), NULL))
		abort();
	copy_int(line, job->read);
	copy_int(line, (int64_t)record->line);
	copy_hex(line, hash, 32);
	buf_add(line, rest.data, rest.len);
	return NULL;
}

/* False when the database is gone. */
static bool
stage_record(struct job *job, struct arena *a, const struct record *record)
{
	struct buf line = buf_new(a);
	job->read++;
	job->crowded |= record->line == job->last_line;
	job->last_line = record->line;
	count_on_terminal(job, false);
	const char *why = make_line(job, a, record, &line);
	if (why) {
		reject(job, record->line, why);
		return true;
	}
	return PQputCopyData(job->conn, line.data, (int)line.len) == 1;
}

static bool
finish_copy(struct job *job, const char *why)
{
	bool sent = PQputCopyEnd(job->conn, why) == 1;
	PGresult *result = PQgetResult(job->conn);
	bool good = sent && PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!good && !why)
		fail_database(job, result);
	while (result) {
		PQclear(result);
		result = PQgetResult(job->conn);
	}
	return good;
}

/* Sends every record to the staging table. */
static bool
stage(struct job *job, struct reader *in)
{
	struct records *records = records_open(job->arena, in);
	struct arena *a = arena_new();
	struct record record;
	enum records_status status;
	bool sent = true;
	while (sent && (status = records_next(records, a, &record)) == RECORDS_ROW) {
		sent = stage_record(job, a, &record);
		arena_reset(a);
	}
	count_on_terminal(job, true);
	const char *why = NULL;
	if (sent && status == RECORDS_BROKEN)
		why = arena_printf(job->arena, "line %zu: %s", record.line, record.why);
	else if (sent && job->import->finish)
		why = job->import->finish(job->import->context, job->arena);
	arena_free(a);
	if (why)
		fail(job, "%s", why);
	return finish_copy(job, why) && !why;
}

/* --- the end of a file */

static void
show_rejected(struct job *job, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows) && i < IMPORT_MAX_SHOWN; i++) {
		struct rejected late = { strtoul(PQgetvalue(rows, i, 0), NULL, 10),
			strtoll(PQgetvalue(rows, i, 2), NULL, 10), PQgetvalue(rows, i, 1) };
		size_t at = job->n_shown++;
		for (; at > 0 && job->shown[at - 1].n > late.n; at--)
			job->shown[at] = job->shown[at - 1];
		job->shown[at] = late;
	}
	if (job->n_shown > IMPORT_MAX_SHOWN)
		job->n_shown = IMPORT_MAX_SHOWN;
	for (size_t i = 0; i < job->n_shown; i++) {
		printf("%s:%zu: ", job->file, job->shown[i].line);
		if (job->crowded)
			printf("record %lld: ", job->shown[i].n);
		puts(job->shown[i].why);
	}
	if (job->rejected > (long long)job->n_shown)
		printf(
			"%s: %lld more are rejected\n", job->file, job->rejected - (long long)job->n_shown);
}

static void
show_notes(const struct job *job, const PGresult *notes)
{
	struct buf lines = buf_new(job->arena);
	for (int i = 0; i < PQntuples(notes); i++)
		buf_printf(&lines, "%s\n", PQgetvalue(notes, i, 0));
	if (job->import->say)
		job->import->say(job->import->context, &lines);
	for (const char *at = lines.data; lines.len && *at; at += strcspn(at, "\n") + 1)
		printf("%s: %.*s\n", job->file, (int)strcspn(at, "\n"), at);
}

static void
report(
	struct job *job, const PGresult *rejected, const PGresult *notes, const PGresult *counts)
{
	long long numbers[4];
	for (int i = 0; i < 4; i++)
		numbers[i] = strtoll(PQgetvalue(counts, 0, i), NULL, 10);
	job->rejected += numbers[3];
	show_rejected(job, rejected);
	show_notes(job, notes);
	printf("%s: read %lld, created %lld, changed %lld, unchanged %lld, rejected %lld\n", job->file,
		job->read, numbers[0], numbers[1], numbers[2], job->rejected);
	fflush(stdout);
}

static bool
merge(struct job *job)
{
	if (!lock(job))
		return false;
	for (const int *query = job->import->merge; *query; query++) {
		PGresult *result = run(job, *query);
		bool selects = PQresultStatus(result) == PGRES_TUPLES_OK;
		if (!succeeded(job, result, selects ? PGRES_TUPLES_OK : PGRES_COMMAND_OK))
			return false;
	}
	PGresult *rejected = run(job, job->import->rejected);
	PGresult *notes = job->import->notes ? run(job, job->import->notes) : NULL;
	PGresult *counts = run(job, job->import->counts); /* fails when one before it has failed */
	bool good = PQresultStatus(counts) == PGRES_TUPLES_OK;
	if (!good)
		fail_database(job, counts);
	const char *end = job->import->dry_run ? "rollback" : "commit";
	good = good && succeeded(job, PQexec(job->conn, end), PGRES_COMMAND_OK);
	if (good)
		report(job, rejected, notes, counts);
	PQclear(rejected);
	PQclear(notes);
	PQclear(counts);
	return good;
}

static int
import_open_file(struct job *job, int fd)
{
	const struct import *im = job->import;
	struct reader *in = arena_alloc(job->arena, sizeof *in);
	reader_open(in, fd);
	size_t len;
	const char *head = reader_ahead(in, &len);
	const char *why = im->refuse ? im->refuse(head, len) : NULL;
	if (why) {
		fail(job, "%s", why);
		return EXIT_USAGE;
	}
	if (begin(job) && stage(job, in) && merge(job))
		return 0;
	if (PQtransactionStatus(job->conn) > PQTRANS_IDLE)
		PQclear(PQexec(job->conn, "rollback"));
	return EXIT_FILE;
}

static int
import_file(const struct import *import, PGconn *conn, const char *file)
{
	bool standard = strcmp(file, "-") == 0;
	struct job job = { .import = import, .conn = conn, .arena = arena_new(), .file = file };
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	int status = fd < 0 ? fail(&job, "%s", strerror(errno)) : import_open_file(&job, fd);
	if (fd >= 0 && !standard)
		close(fd);
	arena_free(job.arena);
	return status;
}

bool
import_files_exist(const char *command, char **files, int n)
{
	bool all = true;
	for (int i = 0; i < n; i++) {
		struct stat st;
		const char *why = NULL;
		if (strcmp(files[i], "-") == 0)
			continue;
		if (stat(files[i], &st) < 0 || access(files[i], R_OK) < 0)
			why = strerror(errno);
		else if (S_ISDIR(st.st_mode))
			why = strerror(EISDIR);
		if (why)
			fprintf(stderr, "%s: %s: %s\n", command, files[i], why);
		all = all && !why;
	}
	return all;
}

int
import_files(const struct import *import, char **files, int n)
{
	if (!import_files_exist(import->command, files, n))
		return EXIT_USAGE;
	PGconn *conn = db_command_connection(import->program);
	if (!conn)
		return EXIT_FILE;
	int worst = 0;
	for (int i = 0; i < n; i++) {
		int status = import_file(import, conn, files[i]);
		worst = status > worst ? status : worst;
	}
	PQfinish(conn);
	return fflush(stdout) == 0 && !ferror(stdout) ? worst : EXIT_FILE;
}

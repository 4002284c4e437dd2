/* A guide file that comes again, with the same settings, while nobody has touched its channels:
 * what its import would say is known without reading it. Only what would write nothing is known,
 * and only while the answer does not depend on the time. */
#include "livetv-guide-parts.h"

#include <errno.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, SHOWN_COLUMN = 4 };

static bool
hash_settings(const struct guide_job *job, EVP_MD_CTX *hash)
{
	const struct guide_options *o = job->options;
	struct buf b = buf_new(job->arena);
	buf_printf(&b, "%d %d %d %s", GUIDE_FORMAT, o->history_days, o->only_known,
		o->language ? o->language : "");
	for (size_t i = 0; i < job->n_ratings; i++)
		buf_printf(&b, " %s=%d", job->ratings[i].code, job->ratings[i].min_age);
	return EVP_DigestUpdate(hash, b.data, b.len + 1);
}

/* From where the descriptor stands, which stays there. */
static bool
hash_file(int fd, EVP_MD_CTX *hash, char *block)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	for (;;) {
		ssize_t n = at < 0 ? -1 : pread(fd, block, BLOCK, at);
		if (n < 0 && at >= 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (!EVP_DigestUpdate(hash, block, (size_t)n))
			return false;
		at += n;
	}
}

static bool
stands_still(const struct guide_job *job)
{
	struct stat now;
	const struct stat *was = &job->file_was;
	return fstat(*job->options->fd, &now) == 0 && now.st_size == was->st_size &&
		now.st_mtim.tv_sec == was->st_mtim.tv_sec && now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* Sets file_digest when it is a file that can be looked at twice. */
static void
take_digest(struct guide_job *job)
{
	const int *fd = job->options->fd;
	if (!fd || job->options->feed || fstat(*fd, &job->file_was) < 0 ||
		!S_ISREG(job->file_was.st_mode))
		return;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	char *block = arena_alloc(job->arena, BLOCK);
	job->recognised = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) &&
		hash_settings(job, hash) && hash_file(*fd, hash, block) && stands_still(job) &&
		EVP_DigestFinal_ex(hash, job->file_digest, NULL);
	EVP_MD_CTX_free(hash);
}

static const char *
digest_text(const struct guide_job *job)
{
	struct buf b = buf_new(job->arena);
	buf_puts(&b, "\\x");
	for (size_t i = 0; i < GUIDE_DIGEST; i++)
		buf_printf(&b, "%02x", job->file_digest[i]);
	return b.data;
}

static int64_t
number_at(const PGresult *rows, int row, int column)
{
	return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

static void
take_report(struct guide_job *job, const PGresult *rows)
{
	struct guide_report *r = job->report;
	r->read = number_at(rows, 0, 0);
	r->rejected = number_at(rows, 0, 1);
	r->unchanged = r->read - r->rejected;
	r->past = number_at(rows, 0, 2);
	r->cut = number_at(rows, 0, 3);
	for (int i = 0; i < PQntuples(rows) && !PQgetisnull(rows, i, SHOWN_COLUMN); i++)
		job->shown[job->n_shown++] = (struct guide_shown){
			(size_t)number_at(rows, i, SHOWN_COLUMN),
			arena_strdup(job->arena, PQgetvalue(rows, i, SHOWN_COLUMN + 1)),
		};
}

bool
guide_known(struct guide_job *job, bool *known)
{
	PGresult *rows;
	take_digest(job);
	*known = false;
	if (!job->recognised)
		return true;
	const char *values[] = { digest_text(job),
		arena_printf(job->arena, "%d", job->options->history_days) };
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_KNOWN_FILE, 2, values, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	*known = PQntuples(rows) > 0;
	if (*known)
		take_report(job, rows);
	return true;
}

bool
guide_remember(struct guide_job *job)
{
	const struct guide_report *r = job->report;
	struct arena *a = job->arena;
	struct buf shown = buf_new(a);
	if (!job->recognised || !stands_still(job))
		return true;
	buf_putc(&shown, '[');
	for (size_t i = 0; i < job->n_shown; i++) {
		buf_printf(&shown, "%s[%zu,", i ? "," : "", job->shown[i].line);
		json_cstring(&shown, job->shown[i].why);
		buf_putc(&shown, ']');
	}
	buf_putc(&shown, ']');
	const char *values[] = { digest_text(job), arena_printf(a, "%lld", (long long)job->from),
		arena_printf(a, "%lld", (long long)job->next_past),
		arena_printf(a, "%lld", (long long)r->read),
		arena_printf(a, "%lld", (long long)r->rejected),
		arena_printf(a, "%lld", (long long)r->past), arena_printf(a, "%lld", (long long)r->cut),
		shown.data };
	const char *why = guide_run(job->conn, a, Q_GUIDE_REMEMBER, 8, values, NULL);
	if (!why)
		why = guide_run(job->conn, a, Q_GUIDE_FORGET, 0, NULL, NULL);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

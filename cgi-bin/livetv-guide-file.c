/* A guide file that comes again, with the same settings, while nobody has touched its channels:
 * what its import would say is known without reading it. Only what would write nothing is known,
 * and only while the answer does not depend on the time. */
#include "livetv-guide-parts.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, SHOWN_COLUMN = 8 };

/* A file that cannot be one of those that are known is hashed while it is read, by a thread of its
 * own, which touches nothing but what is here. */
struct guide_hash {
	EVP_MD_CTX *context;
	int fd;
	off_t at; /* what is before belongs to nobody */
	char *block;
	unsigned char *digest;
	bool good;
	pthread_t thread;
	bool running;
	atomic_bool given_up;
};

static bool
hash_settings(const struct guide_job *job, EVP_MD_CTX *hash)
{
	const struct guide_options *o = job->options;
	struct buf b = buf_new(job->arena);
	buf_printf(&b, "%d %d %d %ld %s", GUIDE_FORMAT, o->history_days, o->only_known,
		conf_int(CONF_UNRATED_AGE), o->language ? o->language : "");
	for (size_t i = 0; i < job->n_ratings; i++)
		buf_printf(&b, " %s=%d", job->ratings[i].code, job->ratings[i].min_age);
	return EVP_DigestUpdate(hash, b.data, b.len + 1);
}

static bool
hash_content(struct guide_hash *h)
{
	for (;;) {
		ssize_t n = h->at < 0 ? -1 : pread(h->fd, h->block, BLOCK, h->at);
		if (n < 0 && h->at >= 0 && errno == EINTR)
			continue;
		if (n <= 0 || atomic_load(&h->given_up))
			return n == 0;
		if (!EVP_DigestUpdate(h->context, h->block, (size_t)n))
			return false;
		h->at += n;
	}
}

static void *
hash_file(void *hash)
{
	struct guide_hash *h = hash;
	h->good = h->good && hash_content(h) && EVP_DigestFinal_ex(h->context, h->digest, NULL);
	return NULL;
}

static void
join(struct guide_hash *h)
{
	if (h->running && pthread_join(h->thread, NULL) != 0)
		abort();
	h->running = false;
}

static void
end_hash(void *hash)
{
	struct guide_hash *h = hash;
	atomic_store(&h->given_up, true);
	join(h);
	EVP_MD_CTX_free(h->context);
}

static bool
stands_still(const struct guide_job *job)
{
	struct stat now;
	const struct stat *was = &job->file_was;
	return fstat(*job->options->fd, &now) == 0 && now.st_size == was->st_size &&
		now.st_mtim.tv_sec == was->st_mtim.tv_sec && now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* NULL when it is no file that can be looked at twice. The descriptor stays where it stands. */
static struct guide_hash *
open_hash(struct guide_job *job)
{
	const int *fd = job->options->fd;
	if (!fd || job->options->feed || fstat(*fd, &job->file_was) < 0 ||
		!S_ISREG(job->file_was.st_mode))
		return NULL;
	struct guide_hash *h = arena_alloc(job->arena, sizeof *h);
	h->context = EVP_MD_CTX_new();
	arena_defer(job->arena, end_hash, h);
	h->fd = *fd;
	h->at = lseek(*fd, 0, SEEK_CUR);
	h->block = arena_alloc(job->arena, BLOCK);
	h->digest = job->file_digest;
	h->good = h->context && EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) &&
		hash_settings(job, h->context);
	return h;
}

/* Whether file_digest is set. */
static bool
hashed(struct guide_job *job)
{
	if (!job->hash)
		return false;
	join(job->hash);
	return job->hash->good && stands_still(job);
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

static const char *
size_text(const struct guide_job *job)
{
	return arena_printf(job->arena, "%lld", (long long)job->file_was.st_size);
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
	r->moved = number_at(rows, 0, 4);
	r->icons = number_at(rows, 0, 5);
	guide_name(job, &job->unrated, PQgetvalue(rows, 0, 7));
	job->unrated.n = number_at(rows, 0, 6);
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
	*known = false;
	job->hash = open_hash(job);
	if (!job->hash)
		return true;
	const char *size[] = { size_text(job) };
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_KNOWN_SIZE, 1, size, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	if (PQntuples(rows) == 0) {
		job->hash->running = pthread_create(&job->hash->thread, NULL, hash_file, job->hash) == 0;
		if (job->hash->running)
			return true;
	}
	hash_file(job->hash);
	if (!hashed(job))
		return true;
	const char *values[] = { digest_text(job),
		arena_printf(job->arena, "%d", job->options->history_days) };
	why = guide_run(job->conn, job->arena, Q_GUIDE_KNOWN_FILE, 2, values, &rows);
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
	if (!hashed(job))
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
		shown.data, size_text(job), arena_printf(a, "%lld", (long long)r->moved),
		arena_printf(a, "%lld", (long long)r->icons),
		arena_printf(a, "%lld", (long long)job->unrated.n), guide_names(job, &job->unrated) };
	const char *why = guide_run(job->conn, a, Q_GUIDE_REMEMBER, 13, values, NULL);
	if (!why)
		why = guide_run(job->conn, a, Q_GUIDE_FORGET, 0, NULL, NULL);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

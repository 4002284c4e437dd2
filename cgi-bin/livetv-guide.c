/* The import of a guide as a function: the order of its parts, and what it says at the end. */
#include "livetv-guide-parts.h"

/* --- the import */

static bool
read_ratings(struct guide_job *job)
{
	PGresult *rows;
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_RATINGS, 0, NULL, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	size_t n = (size_t)PQntuples(rows);
	struct guide_rating *ratings = arena_alloc(job->arena, (n + 1) * sizeof *ratings);
	for (size_t i = 0; i < n; i++)
		ratings[i] = (struct guide_rating){ PQgetvalue(rows, (int)i, 0),
			(int)strtol(PQgetvalue(rows, (int)i, 1), NULL, 10) };
	job->ratings = ratings;
	job->n_ratings = n;
	return true;
}

bool
guide_finish(struct guide_job *job, bool good)
{
	int query = good && !job->options->dry_run ? Q_GUIDE_COMMIT : Q_GUIDE_ROLLBACK;
	const char *why = NULL;
	if (PQtransactionStatus(job->conn) > PQTRANS_IDLE)
		why = guide_run(job->conn, job->arena, query, 0, NULL, NULL);
	return good && (!why || guide_fail(job, GUIDE_FAILED, why));
}

static void
write_messages(const struct guide_job *job, struct buf *to)
{
	const struct guide_report *r = job->report;
	guide_say_rejected(job, to);
	buf_printf(to, "unknown channels: %lld created hidden, %lld matched by name, %lld skipped\n",
		(long long)r->channels_created, (long long)r->channels_matched,
		(long long)r->channels_skipped);
	if (r->channels_left)
		buf_printf(to, "%lld programmes of %lld channels are left to feeds of higher priority\n",
			(long long)r->left, (long long)r->channels_left);
	if (r->removed || r->shortened)
		buf_printf(to, "removed %lld, shortened %lld that are not in the file\n",
			(long long)r->removed, (long long)r->shortened);
	if (r->past)
		buf_printf(to, "%lld are older than %d days and left alone\n", (long long)r->past,
			job->options->history_days);
	if (r->cut)
		buf_printf(to, "%lld texts were too long and are cut\n", (long long)r->cut);
	if (r->moved)
		buf_printf(to,
			"%lld end otherwise than the file says: with the next one, or after a day at most\n",
			(long long)r->moved);
	if (r->icons)
		buf_printf(to, "%lld pictures are left out: their addresses are not https\n",
			(long long)r->icons);
	if (job->unrated.n)
		buf_printf(to,
			"%lld have ratings that are not known here (%s): they are for %ld and older\n",
			(long long)job->unrated.n, guide_names(job, &job->unrated), conf_int(CONF_UNRATED_AGE));
}

static bool
merge(struct guide_job *job)
{
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_TRANSACTION, 0, NULL, NULL);
	bool good = why ? guide_fail(job, GUIDE_FAILED, why) : guide_merge(job) && guide_remember(job);
	return guide_finish(job, good);
}

struct guide_report
guide_import_unpacked(
	PGconn *conn, struct unpack *file, const struct guide_options *options, struct buf *messages)
{
	struct guide_report report = { 0 };
	struct arena *a = arena_new();
	struct guide_job job = {
		.conn = conn,
		.arena = a,
		.options = options,
		.report = &report,
		.spool = spool_open(a),
		.next_past = INT64_MAX,
	};
	bool known, good = read_ratings(&job) && guide_known(&job, &known);
	if (good && !known)
		good = guide_read(&job, file) && merge(&job);
	if (good)
		write_messages(&job, messages);
	else
		report.why = arena_strdup(messages->arena, report.why);
	arena_free(a);
	return report;
}

struct guide_report
guide_import(PGconn *conn, struct unpack_source file, const struct guide_options *options,
	struct buf *messages)
{
	struct arena *a = arena_new();
	struct guide_report report =
		guide_import_unpacked(conn, unpack_open(a, file), options, messages);
	arena_free(a);
	return report;
}

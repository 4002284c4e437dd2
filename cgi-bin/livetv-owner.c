/* Of several feeds that have a channel one supplies its guide: two steps of the merge, both in its
 * transaction, and nothing at all without a feed. */
#include "livetv-guide-parts.h"

static const char *
feed_of(const struct guide_job *job)
{
	return arena_printf(job->arena, "%lld", (long long)job->options->feed);
}

bool
owner_leave(struct guide_job *job)
{
	PGresult *rows;
	const char *last = "";
	if (!job->options->feed)
		return true;
	const char *values[] = { feed_of(job) };
	const char *why = guide_run(job->conn, job->arena, Q_OWNER_LEAVE, 1, values, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	job->left_to = buf_new(job->arena);
	for (int i = 0; i < PQntuples(rows); i++) {
		const char *feed = PQgetvalue(rows, i, 1);
		job->channels[strtoul(PQgetvalue(rows, i, 0), NULL, 10)].left = true;
		if (strcmp(feed, last) != 0)
			buf_printf(&job->left_to, "%s%s", *last ? "," : "", feed);
		last = feed;
	}
	job->report->channels_left = PQntuples(rows);
	return true;
}

bool
owner_take(struct guide_job *job)
{
	PGresult *rows;
	struct buf ids = buf_new(job->arena);
	if (!job->options->feed)
		return true;
	for (uint32_t i = 0; i < job->n_channels; i++)
		if (job->channels[i].said)
			buf_printf(&ids, "%s%lld", ids.len ? "," : "", (long long)job->channels[i].db_id);
	const char *values[] = { feed_of(job), arena_printf(job->arena, "{%s}", ids.data),
		arena_printf(job->arena, "{%s}", job->left_to.data) };
	const char *why = guide_run(job->conn, job->arena, Q_OWNER_LOCK, 1, values, &rows);
	if (!why && !PQntuples(rows))
		why = "the feed was deleted meanwhile";
	if (!why)
		why = guide_run(job->conn, job->arena, Q_OWNER_TAKE, 3, values, NULL);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

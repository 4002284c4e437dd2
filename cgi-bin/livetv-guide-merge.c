/* The database's part: the channels that the file names, where each programme begins and ends, and
 * what of it is written. */
#include "livetv-guide-parts.h"

#include <openssl/evp.h>

enum { HALF_HOUR = 1800, DAY = 86400, COLUMNS = 18, ID_TRIES = 10 };

/* What is done with a placed programme. */
enum sweep { SWEEP_FRESH, SWEEP_PAGES, SWEEP_STAGE };

struct placing {
	struct guide_job *job;
	enum sweep sweep;
	struct copy_stream copy;
	EVP_MD_CTX *hash;
	struct pages pages;
	int64_t id; /* of the next new programme */
};

static bool
run(struct guide_job *job, int query)
{
	const char *why = guide_run(job->conn, job->arena, query, 0, NULL, NULL);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

/* With the beginning of the history as $1. */
static bool
change_since(struct guide_job *job, int query, int64_t *changed)
{
	const char *values[] = { arena_printf(job->arena, "%lld", (long long)job->from) };
	const char *why = guide_change(job->conn, job->arena, query, 1, values, changed);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

static bool
change(struct guide_job *job, int query, int64_t *changed)
{
	const char *why = guide_change(job->conn, job->arena, query, 0, NULL, changed);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

/* --- channels */

static bool
send_channels(struct guide_job *job)
{
	struct copy_stream copy;
	const char *why = copy_open(&copy, job->conn, job->arena, Q_GUIDE_COPY_CHANNELS);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	for (uint32_t i = 0; i < job->n_channels; i++) {
		const struct guide_channel *c = &job->channels[i];
		copy_int(&copy.out, i);
		copy_text(&copy.out, c->id);
		copy_list(&copy.out, c->names, c->n_names);
		copy_text(&copy.out, c->icon);
		copy_end(&copy.out);
		copy_flush(&copy, false);
	}
	why = copy_close(&copy, job->arena);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

/* Those whose id nobody knows: by name, or new. */
static bool
match_unknown(struct guide_job *job)
{
	struct guide_report *r = job->report;
	PGresult *rows;
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_UNMATCHED, 0, NULL, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	int64_t unknown = strtoll(PQgetvalue(rows, 0, 0), NULL, 10), numbered = 0;
	if (unknown && !change(job, Q_GUIDE_MATCH_NAMES, &r->channels_matched))
		return false;
	r->channels_skipped = unknown - r->channels_matched;
	if (r->channels_matched && !run(job, Q_GUIDE_ADOPT))
		return false;
	if (!r->channels_skipped || job->options->only_known)
		return true;
	r->channels_skipped = 0;
	return change(job, Q_GUIDE_NUMBERS, &numbered) && run(job, Q_GUIDE_CREATE_ITEMS) &&
		change(job, Q_GUIDE_CREATE_CHANNELS, &r->channels_created);
}

static void
take_digest(struct guide_channel *c, const char *hex)
{
	c->had = strlen(hex) == 2 * sizeof c->was;
	for (size_t i = 0; c->had && i < sizeof c->was; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		c->was[i] = (unsigned char)strtoul(two, NULL, 16);
	}
}

static bool
read_channels(struct guide_job *job)
{
	PGresult *rows;
	const char *values[] = { arena_printf(job->arena, "%lld", (long long)job->from) };
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_CHANNELS, 1, values, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct guide_channel *c = &job->channels[strtoul(PQgetvalue(rows, i, 0), NULL, 10)];
		c->db_id = strtoll(PQgetvalue(rows, i, 1), NULL, 10);
		take_digest(c, PQgetvalue(rows, i, 3));
		c->fresh = PQgetvalue(rows, i, 4)[0] == 't';
		c->floor = PQgetisnull(rows, i, 5) ? INT64_MIN : strtoll(PQgetvalue(rows, i, 5), NULL, 10);
	}
	return true;
}

/* --- placing */

static int
compare(const void *a, const void *b)
{
	const struct guide_record *x = *(const struct guide_record *const *)a;
	const struct guide_record *y = *(const struct guide_record *const *)b;
	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x < y ? -1 : 1; /* in the file's order */
}

/* Leaves the last one of each start; answers how many there are. */
static size_t
drop_repeated(struct placing *p, const struct guide_record **records, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (i + 1 < n && records[i + 1]->start == records[i]->start) {
			if (p->sweep == SWEEP_FRESH)
				guide_reject(p->job, records[i]->line,
					"another programme of the channel starts then, further down");
		} else {
			records[kept++] = records[i];
		}
	return kept;
}

/* What the file says of the channel; what would be made of it otherwise is in it too. */
static void
digest(
	struct placing *p, struct guide_channel *c, const struct guide_record *const *records, size_t n)
{
	int settings[] = { GUIDE_FORMAT, p->job->options->history_days };
	bool good = EVP_DigestInit_ex(p->hash, NULL, NULL) &&
		EVP_DigestUpdate(p->hash, settings, sizeof settings);
	for (size_t i = 0; i < n; i++)
		good = good &&
			EVP_DigestUpdate(p->hash, &records[i]->start,
				records[i]->size - offsetof(struct guide_record, start));
	if (!good || !EVP_DigestFinal_ex(p->hash, c->digest, NULL))
		abort();
	c->said = true;
	c->same = c->had && memcmp(c->digest, c->was, GUIDE_DIGEST) == 0;
	c->todo = !c->same && !c->fresh;
}

/* A programme ends where it says, with the next one, or after a day, whichever is first. False
 * when nothing of it is in the history or ahead. */
static bool
place(const struct placing *p, const struct guide_channel *c, const struct guide_record *r,
	const struct guide_record *next, int64_t *start, int64_t *end)
{
	*end = r->stop > r->start ? r->stop : next ? next->start : r->start + HALF_HOUR;
	if (next && next->start < *end)
		*end = next->start;
	if (*end > r->start + DAY)
		*end = r->start + DAY;
	*start = r->start > c->floor ? r->start : c->floor;
	return *end > *start && *end > p->job->from;
}

static void
emit(struct placing *p, const struct guide_channel *c, const struct guide_record *r, int64_t start,
	int64_t end)
{
	struct buf *b = &p->copy.out;
	bool fresh = p->sweep == SWEEP_FRESH;
	binary_row(b, COLUMNS + fresh);
	if (fresh)
		binary_int8(b, p->id++);
	binary_int8(b, c->db_id);
	binary_instant(b, start);
	binary_instant(b, end);
	buf_add(b, r->values, r->len);
	copy_flush(&p->copy, false);
}

/* Where old programmes may be on the same page, the database makes it. */
static void
emit_pages(struct placing *p, const struct guide_channel *c, const struct guide_record *r,
	int64_t start, int64_t end)
{
	pages_add(&p->pages, &p->copy.out, c->db_id, r, p->id++, start, end,
		c->floor == INT64_MIN ? INT64_MIN : p->job->from);
	copy_flush(&p->copy, false);
}

static void
place_one(struct placing *p, const struct guide_channel *c, const struct guide_record *r,
	const struct guide_record *next, bool writes)
{
	struct guide_job *job = p->job;
	struct guide_report *report = job->report;
	bool first = p->sweep == SWEEP_FRESH;
	int64_t start, end;
	if (!place(p, c, r, next, &start, &end)) {
		report->past += first;
		report->unchanged += first && (!writes || end <= job->from);
		return;
	}
	job->next_past = end < job->next_past ? end : job->next_past;
	if (p->sweep == SWEEP_STAGE) {
		job->first_start = !job->last_end || start < job->first_start ? start : job->first_start;
		job->last_end = end > job->last_end ? end : job->last_end;
	}
	report->moved += first && r->stop != XMLTV_NO_TIME && r->stop != end;
	report->created += first && writes;
	report->unchanged += first && !writes;
	if (writes)
		(p->sweep == SWEEP_PAGES ? emit_pages : emit)(p, c, r, start, end);
}

/* Of another feed, or not known. */
static void
leave_channel(struct guide_job *job, const struct guide_channel *c,
	const struct guide_record *const *records, size_t n)
{
	if (c->left) {
		job->report->left += (int64_t)n;
		return;
	}
	const char *why = arena_printf(job->arena, "there is no channel %s", c->id);
	for (size_t i = 0; i < n; i++)
		guide_reject(job, records[i]->line, why);
}

static void
place_channel(struct placing *p, const struct guide_record **records, size_t n)
{
	struct guide_channel *c = &p->job->channels[records[0]->channel];
	bool first = p->sweep == SWEEP_FRESH;
	if (!c->db_id) {
		if (first)
			leave_channel(p->job, c, records, n);
		return;
	}
	if (p->sweep == SWEEP_STAGE && !c->todo)
		return;
	n = drop_repeated(p, records, n);
	if (first)
		digest(p, c, records, n);
	bool writes = p->sweep == SWEEP_STAGE ? c->todo : c->fresh && !c->same;
	for (size_t i = 0; i < n; i++)
		place_one(p, c, records[i], i + 1 < n ? records[i + 1] : NULL, writes);
}

static bool
sweep_bucket(struct placing *p, size_t bucket, struct arena *a)
{
	size_t len, n = 0;
	const char *why, *data = spool_load(p->job->spool, bucket, a, &len, &why);
	if (!data)
		return guide_fail(p->job, GUIDE_FAILED, why);
	const struct guide_record **records =
		arena_alloc(a, (len / sizeof **records + 1) * sizeof *records);
	for (size_t at = 0; at < len; at += records[n++]->size)
		records[n] = (const void *)(data + at);
	qsort(records, n, sizeof *records, compare);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && records[end]->channel == records[i]->channel;)
			end++;
		place_channel(p, records + i, end - i);
	}
	return true;
}

static bool
sweep(struct guide_job *job, enum sweep which, int copy)
{
	struct arena *a = arena_new();
	struct placing p = { .job = job, .sweep = which, .hash = EVP_MD_CTX_new(),
		.pages = pages_new(job->arena), .id = job->first_id };
	if (!p.hash || !EVP_DigestInit_ex(p.hash, EVP_sha256(), NULL))
		abort();
	const char *why = copy_open(&p.copy, job->conn, job->arena, copy);
	bool good = !why || guide_fail(job, GUIDE_FAILED, why);
	binary_begin(&p.copy.out);
	for (size_t i = 0; good && i < spool_buckets(); i++) {
		good = sweep_bucket(&p, i, a);
		arena_reset(a);
	}
	pages_flush(&p.pages, &p.copy.out);
	binary_end(&p.copy.out);
	if (!why)
		why = copy_close(&p.copy, job->arena);
	arena_free(a);
	EVP_MD_CTX_free(p.hash);
	return good && (!why || guide_fail(job, GUIDE_FAILED, why));
}

/* --- new programmes, and their pages */

/* Ids for as many as there can be, one after the other: their pages name them, too. */
static bool
reserve_ids(struct guide_job *job)
{
	const char *values[] = { arena_printf(job->arena, "%lld", (long long)job->report->read) };
	for (int i = 0; i < ID_TRIES; i++) {
		PGresult *rows;
		const char *why = guide_run(job->conn, job->arena, Q_GUIDE_RESERVE, 1, values, &rows);
		if (why)
			return guide_fail(job, GUIDE_FAILED, why);
		job->first_id = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
		if (PQgetvalue(rows, 0, 1)[0] == 't')
			return true;
	}
	return guide_fail(job, GUIDE_FAILED, "others were given ids in between, each time");
}

static bool
copy_fresh(struct guide_job *job)
{
	bool any = false;
	for (uint32_t i = 0; job->report->read && i < job->n_channels; i++)
		any |= job->channels[i].db_id && job->channels[i].fresh;
	return (!any || reserve_ids(job)) && sweep(job, SWEEP_FRESH, Q_GUIDE_COPY) &&
		(!job->report->created || sweep(job, SWEEP_PAGES, Q_GUIDE_COPY_PAGES));
}

static void
add_id(struct buf *b, int64_t id)
{
	if (b->len)
		buf_putc(b, ',');
	buf_int(b, id);
}

/* What the database makes: the pages of channels that were compared, where something was staged,
 * and the first ones of those that had programmes before. */
static bool
lay_out(struct guide_job *job)
{
	struct buf compared = buf_new(job->arena), joined = buf_new(job->arena);
	for (uint32_t i = 0; i < job->n_channels; i++) {
		const struct guide_channel *c = &job->channels[i];
		if (c->todo && job->last_end)
			add_id(&compared, c->db_id);
		else if (c->said && !c->same && c->fresh && c->floor != INT64_MIN)
			add_id(&joined, c->db_id);
	}
	if (!compared.len && !joined.len)
		return true;
	int64_t bounds[] = { job->first_start - DAY, job->last_end + DAY, job->from - DAY,
		job->from - 1 };
	const char *values[] = { arena_printf(job->arena, "{%s}", compared.data),
		arena_printf(job->arena, "{%s}", joined.data), NULL, NULL, NULL, NULL };
	for (size_t i = 0; i < 4; i++)
		values[2 + i] = arena_printf(job->arena, "%lld", (long long)bounds[i]);
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_LAY_OUT, 6, values, NULL);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

/* --- what is staged */

static bool
any_todo(const struct guide_job *job)
{
	for (uint32_t i = 0; i < job->n_channels; i++)
		if (job->channels[i].todo)
			return true;
	return false;
}

static bool
compare_staged(struct guide_job *job)
{
	struct guide_report *r = job->report;
	int64_t created = 0;
	if (!any_todo(job))
		return true;
	if (!run(job, Q_GUIDE_STAGE) || !sweep(job, SWEEP_STAGE, Q_GUIDE_COPY_STAGE) ||
		!run(job, Q_GUIDE_INDEX) || !run(job, Q_GUIDE_ANALYZE) ||
		!change_since(job, Q_GUIDE_REMOVE, &r->removed) ||
		!change(job, Q_GUIDE_SHORTEN, &r->shortened) || !change(job, Q_GUIDE_CHANGE, &r->changed) ||
		!change(job, Q_GUIDE_CREATE, &created))
		return false;
	r->created += created;
	r->unchanged -= r->changed + created;
	return true;
}

static bool
keep_digests(struct guide_job *job)
{
	struct copy_stream copy;
	if (!run(job, Q_GUIDE_STAGE_DIGESTS))
		return false;
	const char *why = copy_open(&copy, job->conn, job->arena, Q_GUIDE_COPY_DIGESTS);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	bool any = false;
	for (uint32_t i = 0; i < job->n_channels; i++) {
		const struct guide_channel *c = &job->channels[i];
		if (!c->said || c->same)
			continue;
		any = true;
		copy_int(&copy.out, c->db_id);
		copy_hex(&copy.out, c->digest, GUIDE_DIGEST);
		copy_end(&copy.out);
		copy_flush(&copy, false);
	}
	why = copy_close(&copy, job->arena);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	return !any || run(job, Q_GUIDE_DIGESTS);
}

static bool
begin(struct guide_job *job)
{
	const struct guide_options *o = job->options;
	PGresult *rows;
	const char *values[] = { arena_printf(job->arena, "%d", o->wait * 1000),
		arena_printf(job->arena, "%d", o->history_days) };
	const char *why = guide_run(job->conn, job->arena, Q_GUIDE_BEGIN, 2, values, &rows);
	if (why)
		return guide_fail(job, GUIDE_FAILED, why);
	job->from = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
	return true;
}

bool
guide_merge(struct guide_job *job)
{
	return begin(job) && run(job, Q_GUIDE_LOCK) && run(job, Q_GUIDE_STAGE_CHANNELS) &&
		send_channels(job) && run(job, Q_GUIDE_MATCH_IDS) && match_unknown(job) &&
		owner_leave(job) && read_channels(job) && copy_fresh(job) &&
		compare_staged(job) && lay_out(job) && keep_digests(job) && owner_take(job);
}

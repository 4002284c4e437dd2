/* A playlist is computed from what the channel's runs say (live.run); these are planned a little
 * ahead when somebody asks. */
#include "play-live.h"

#include "play-plan.h"
#include "play.queries.h"

enum { EVENT_SECONDS = 4 * 3600 };

static bool
is_true(const PGresult *rows, int row, const char *column)
{
	return *PQgetvalue(rows, row, PQfnumber(rows, column));
}

/* Where the provider keeps what was shown from then on; NULL: nobody is known to. */
static const char *
kept_url(struct req *r, const PGresult *rows, int row)
{
	const char *template = row_text(r->arena, rows, row, PQfnumber(rows, "_catchup"));
	if (!template)
		return NULL;
	struct catchup_time when = { row_int(rows, row, PQfnumber(rows, "_from")),
		row_int(rows, row, PQfnumber(rows, "_until")),
		row_int(rows, row, PQfnumber(rows, "_began")) };
	return catchup_fill(r->arena, template, when);
}

int
live_url(struct req *r, const PGresult *rows, int row, const char *channel, const char *start,
	const char *quality, int64_t expires_at, const char **url)
{
	const char *from = "live";
	int64_t id;
	bool scheduled = is_true(rows, row, "_scheduled");
	bool past = start && !is_true(rows, row, "_on_now");
	*url = row_text(r->arena, rows, row, PQfnumber(rows, "_url"));
	if (!scheduled && !*url)
		return problem(r, 404, "no_stream", "The channel has no stream.");
	if (!scheduled && past)
		*url = kept_url(r, rows, row);
	if (!scheduled && !*url)
		return problem(r, 403, "no_catchup", "The channel does not keep what it showed.");
	if (!scheduled)
		return 0;
	if (past)
		from = row_text(r->arena, rows, row, PQfnumber(rows, "_from"));
	*url = parse_int(channel, 1, INT64_MAX, &id)
		? media_live_url(r, id, from, quality, expires_at)
		: NULL;
	return *url ? 0 : problem(r, 503, "not_configured", "The service has no key to sign with.");
}

struct live {
	struct req *r;
	int64_t channel, expires_at;
	const char *quality; /* that the address is signed for; NULL: any */
	int64_t clock; /* milliseconds */
	const char *planned; /* likewise, as text; NULL: nothing is */
	bool plan; /* it is time to */
	struct hls_run *runs;
	int n_runs;
};

enum { R_CLOCK, R_PLANNED, R_STARTS, R_SEQUENCE, R_DISCONTINUITY };

/* Leaves what the address is for. The lowest one stays in its place, or the numbers of all others
 * would move: if it is too good, the web server refuses it. */
static void
limit_renditions(struct hls_item *item, const char *quality)
{
	int n = 0;
	for (int i = 0; i < item->n_renditions; i++)
		if (item->renditions[i].height <= media_height(quality))
			item->renditions[n++] = item->renditions[i];
	item->n_renditions = n ? n : 1;
}

/* One row an item; those of one run have the same start. */
static void
take_runs(struct live *live, const PGresult *rows)
{
	struct arena *a = live->r->arena;
	size_t n = (size_t)PQntuples(rows);
	struct hls_item *items = arena_alloc(a, n * sizeof *items);
	live->runs = arena_alloc(a, n * sizeof *live->runs);
	live->n_runs = 0;
	struct hls_run *run = NULL;
	for (int row = 0; row < PQntuples(rows); row++, items++) {
		if (PQgetisnull(rows, row, R_STARTS) || !item_read(a, rows, row, items))
			continue;
		limit_renditions(items, live->quality);
		int64_t starts = row_int(rows, row, R_STARTS);
		if (!run || run->starts_at != starts) {
			run = &live->runs[live->n_runs++];
			*run = (struct hls_run){ starts, row_int(rows, row, R_SEQUENCE),
				row_int(rows, row, R_DISCONTINUITY), items, 0 };
		}
		run->n_items++;
	}
}

static int
load(struct live *live, const char *from)
{
	struct req *r = live->r;
	const char *since = strcmp(from, "live") ? from : NULL;
	const char *ask[] = { arena_printf(r->arena, "%lld", (long long)live->channel), since,
		arena_printf(r->arena, "%d", EVENT_SECONDS) };
	struct db_result found = req_query(r, Q_LIVE_RUNS, 3, ask);
	if (found.status != DB_OK)
		return problem_db(r, &found);
	if (!PQntuples(found.rows))
		return problem(r, 404, "not_found", NULL);
	live->clock = row_int(found.rows, 0, R_CLOCK);
	live->planned = row_text(r->arena, found.rows, 0, R_PLANNED);
	live->plan = !live->planned || row_int(found.rows, 0, R_PLANNED) < live->clock + PLAN_AGAIN_MS;
	take_runs(live, found.rows);
	return 0;
}

static int
open_channel(struct live *live, const char *from)
{
	int status = load(live, from);
	if (status || !live->plan)
		return status;
	const char *id = arena_printf(live->r->arena, "%lld", (long long)live->channel);
	status = plan_channel(live->r, id, live->planned);
	return status ? status : load(live, from);
}

static const char *
base(void *context, const struct hls_item *item)
{
	struct live *live = context;
	return media_path(
		live->r->arena, live->channel, item->directory, live->quality, live->expires_at);
}

/* The run that is on at the end of what is shown. */
static const struct hls_run *
current(const struct live *live)
{
	const struct hls_run *run = live->runs;
	while (run + 1 < live->runs + live->n_runs && run[1].starts_at <= live->clock)
		run++;
	return run;
}

static int
write_playlist(struct live *live, const char *from, const char *file)
{
	struct req *r = live->r;
	const struct hls_run *run = current(live);
	int64_t start = live->clock - HLS_WINDOW_MS, variant;
	r->content_type = "application/vnd.apple.mpegurl";
	if (!strcmp(file, "master.m3u8")) {
		hls_master_playlist(&r->out, run->items, run->n_items);
		return 200;
	}
	if (strlen(file) != 6 || strcmp(file + 1, ".m3u8") || !isdigit((unsigned char)file[0]))
		return problem(r, 404, "not_found", NULL);
	variant = file[0] - '0';
	struct hls_playlist p = { live->runs, live->n_runs, (int)variant, start, live->clock,
		.base = base, .context = live };
	if (strcmp(from, "live")) {
		parse_int(from, 0, INT64_MAX / 1000, &start);
		p.from = start * 1000;
		p.event = true;
		p.ended = live->clock >= p.from + EVENT_SECONDS * 1000LL;
		if (p.ended)
			p.until = p.from + EVENT_SECONDS * 1000LL;
	}
	if (variant >= HLS_MAX_VARIANTS)
		return problem(r, 404, "not_found", NULL);
	hls_media_playlist(&r->out, &p);
	return 200;
}

int
live_playlist(struct req *r)
{
	enum { V_ID, V_TOKEN, V_FROM, V_FILE };
	struct live live = { .r = r };
	const char *id = r->values[V_ID], *from = r->values[V_FROM];
	const char *subject = arena_printf(r->arena, "%s/%s", id, from);
	parse_int(id, 1, INT64_MAX, &live.channel);
	switch (media_verify(
		r->arena, MEDIA_LIVE, subject, r->values[V_TOKEN], time(NULL), &live.expires_at)) {
	case MEDIA_TOKEN_OK: break;
	case MEDIA_TOKEN_EXPIRED:
		return problem(r, 410, "gone", "This address is over. Ask for a new one.");
	case MEDIA_TOKEN_WRONG:
		return problem(r, 403, "forbidden", "This address was not given out here.");
	case MEDIA_NO_KEY:
		return problem(r, 503, "not_configured", "The service has no key to check with.");
	}
	const char *dot = strchr(from, '.');
	live.quality = dot ? dot + 1 : NULL;
	from = dot ? arena_strndup(r->arena, from, (size_t)(dot - from)) : from;
	int status = open_channel(&live, from);
	if (status)
		return status;
	if (!live.n_runs)
		return problem(r, 404, "no_stream", "The channel has nothing to show.");
	return write_playlist(&live, from, r->values[V_FILE]);
}

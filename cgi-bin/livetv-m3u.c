/* A playlist's entries are rows of channels (livetv-channels-row.c), and go the way of those; the
 * address of the stream goes beside them. */
#include "livetv-guide-parts.h"
#include "livetv-m3u.h"

#include "livetv-channels.h"

#include <openssl/evp.h>

enum {
	BLOCK = 65536,
	MAX_CHANNELS = 100000,
	MAX_ROWS = 64 << 20, /* bytes, which are in memory until all are read */
	MAX_FIELDS = 12,
	MAX_CATCHUP = 744,
};

struct playlist {
	struct guide_job *job;
	struct arena *arena; /* of an entry */
	struct buf rows, sources; /* lines of COPY */
	struct channel_left left;
	struct guide_named numbers, countries, catchups; /* that were left out */
	const char *why;
};

static const int merge_before[] = {
	Q_M3U_IDS,
	Q_M3U_LANGUAGES,
	Q_IMPORT_CHANNEL_LOCK,
	Q_IMPORT_CHANNEL_WORK,
	Q_IMPORT_CHANNEL_HOLD,
	Q_IMPORT_CHANNEL_FEED,
	Q_IMPORT_CHANNEL_VERDICT,
	Q_IMPORT_CHANNEL_KEEP_TODO,
	Q_IMPORT_CHANNEL_ANALYZE,
	Q_IMPORT_CHANNEL_GROUPS,
	Q_IMPORT_CHANNEL_NUMBERS,
	Q_IMPORT_CHANNEL_CREATE_ITEMS,
	Q_M3U_CHANGE_ITEMS,
	Q_IMPORT_CHANNEL_CREATE_CHANNELS,
	Q_M3U_CHANGE_CHANNELS,
	Q_M3U_CATCHUP,
	Q_M3U_SOURCES,
	0,
};

bool
m3u_is(const char *text, size_t len)
{
	static const char mark[] = "#EXTM3U";
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, len -= 3;
	return len >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0;
}

/* --- reading */

static void
add_field(struct record *record, struct field *fields, const char *name, const char *value)
{
	if (value)
		fields[record->n++] = (struct field){ .name = name, .type = FIELD_TEXT, .text = value };
}

/* An attribute that a channel's row would be refused for is left out: a playlist's countries are
 * often names, and numbers those of sub-channels (12.1). */
static const char *
country_or_null(struct arena *a, const char *value)
{
	const unsigned char *code = (const unsigned char *)value;
	if (!code || !isalpha(code[0]) || !isalpha(code[1]) || code[2])
		return NULL;
	return arena_printf(a, "%c%c", toupper(code[0]), toupper(code[1]));
}

static const char *
number_or_null(const char *value)
{
	int64_t number;
	return value && parse_int(value, 0, 999999, &number) ? value : NULL;
}

static void
make_record(
	struct playlist *p, const struct m3u_entry *e, struct record *record, struct field *fields)
{
	const char *id = m3u_attribute(e, "tvg-id");
	*record = (struct record){ .line = e->line, .fields = fields };
	add_field(record, fields, "id", id ? id : e->name);
	add_field(record, fields, "name", e->name);
	add_field(record, fields, "number", number_or_null(m3u_attribute(e, "tvg-chno")));
	add_field(record, fields, "group", m3u_attribute(e, "group-title"));
	add_field(record, fields, "logo", m3u_attribute(e, "tvg-logo"));
	add_field(
		record, fields, "country", country_or_null(p->arena, m3u_attribute(e, "tvg-country")));
}

static void
note_left(struct playlist *p, const struct m3u_entry *e)
{
	const char *number = m3u_attribute(e, "tvg-chno"), *country = m3u_attribute(e, "tvg-country");
	if (number && !number_or_null(number))
		guide_name(p->job, &p->numbers, number);
	if (country && !country_or_null(p->arena, country))
		guide_name(p->job, &p->countries, country);
}

/* In words, which the database knows (066-language-names.sql). */
static void
copy_languages(struct playlist *p, struct buf *b, const struct m3u_entry *e)
{
	static const char *const none[1] = { NULL };
	const char *said = m3u_attribute(e, "tvg-language");
	size_t n = 0;
	const char **words = said ? clean_split(p->arena, said, ";,/|", &n) : NULL;
	copy_list(b, words ? words : none, n);
}

/* For all channels it may stand in the first line. */
static const char *
of_all(const struct m3u_entry *e, const char *name)
{
	const char *own = m3u_attribute(e, name);
	return own || !e->head ? own : m3u_attribute(e->head, name);
}

/* Of its older words only those count that say some. */
static const char *
old_days(const struct m3u_entry *e)
{
	const char *days = m3u_attribute(e, "timeshift");
	if (!days)
		days = m3u_attribute(e, "tvg-rec");
	return days && strspn(days, "0") < strlen(days) ? days : NULL;
}

/* NULL: the playlist does not say, or not so that it is understood. */
static const char *
catchup(struct playlist *p, const struct m3u_entry *e)
{
	struct catchup_words said = { .mode = of_all(e, "catchup"),
		.source = of_all(e, "catchup-source"),
		.correction = of_all(e, "catchup-correction"),
		.url = e->url };
	const char *template;
	if (!said.mode)
		said.mode = of_all(e, "catchup-type");
	if (!said.mode && !said.source && old_days(e))
		said.mode = "shift";
	const char *why = catchup_of_playlist(p->arena, &said, &template);
	if (why)
		guide_name(p->job, &p->catchups, arena_printf(p->arena, "%s: %s", e->name, why));
	return template;
}

/* Null: the playlist does not say. */
static void
copy_days(struct buf *b, const struct m3u_entry *e)
{
	const char *days = of_all(e, "catchup-days");
	int64_t n;
	if (!days)
		days = old_days(e);
	if (days && parse_int(days, 0, 9999, &n))
		copy_int(b, n * 24 < MAX_CATCHUP ? n * 24 : MAX_CATCHUP);
	else
		copy_text(b, NULL);
}

static void
add_rows(struct playlist *p, const struct m3u_entry *e, const struct buf *row)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	int64_t n = p->job->report->read;
	struct buf source = buf_new(p->arena), all = buf_new(p->arena);
	copy_text(&source, e->url);
	copy_text(&source, catchup(p, e));
	copy_days(&source, e);
	copy_bool(&source, m3u_attribute(e, "tvg-id") != NULL);
	copy_languages(p, &source, e);
	copy_end(&source);
	buf_add(&all, row->data, row->len);
	buf_add(&all, source.data, source.len);
	if (!EVP_Digest(all.data, all.len, hash, NULL, EVP_sha256(), NULL))
		abort();
	copy_int(&p->rows, n);
	copy_int(&p->rows, (int64_t)e->line);
	copy_hex(&p->rows, hash, GUIDE_DIGEST);
	buf_add(&p->rows, row->data, row->len);
	copy_int(&p->sources, n);
	buf_add(&p->sources, source.data, source.len);
	if (p->rows.len + p->sources.len > MAX_ROWS)
		p->why = "more than 64 MiB of channels";
}

static void
take_entry(void *context, const struct m3u_entry *e)
{
	struct playlist *p = context;
	struct record record;
	struct field fields[MAX_FIELDS];
	const char *why = e->why;
	arena_reset(p->arena);
	if (p->job->report->read++ == MAX_CHANNELS)
		p->why = "more than 100000 channels";
	struct buf row = buf_new(p->arena);
	if (!why) {
		make_record(p, e, &record, fields);
		why = channel_row(&p->left, p->arena, &record, &row);
	}
	if (why) {
		guide_reject(p->job, e->line, why);
		return;
	}
	copy_end(&row);
	add_rows(p, e, &row);
	note_left(p, e);
}

static bool
read_playlist(struct playlist *p, struct unpack *in)
{
	struct arena *a = p->job->arena;
	struct m3u *m = m3u_open(a, (struct m3u_events){ p, take_entry });
	char *block = arena_alloc(a, BLOCK);
	const char *why = NULL;
	ssize_t n = 1;
	while (!why && n > 0) {
		n = unpack_read(in, block, BLOCK);
		why = n < 0 ? unpack_why(in) : m3u_feed(m, block, (size_t)n, n == 0);
		if (p->why)
			why = p->why;
	}
	return !why || guide_fail(p->job, GUIDE_REFUSED, why);
}

/* --- merging */

static bool
run(struct guide_job *job, int query, int n, const char *const *values, PGresult **rows)
{
	const char *why = guide_run(job->conn, job->arena, query, n, values, rows);
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

static bool
send(struct guide_job *job, int query, const struct buf *lines)
{
	struct copy_stream copy;
	const char *why = copy_open(&copy, job->conn, job->arena, query);
	if (!why) {
		copy.out = *lines;
		copy_flush(&copy, true);
		why = copy_close(&copy, job->arena);
	}
	return !why || guide_fail(job, GUIDE_FAILED, why);
}

static bool
read_counts(struct guide_job *job)
{
	PGresult *rejected, *counts;
	struct guide_report *r = job->report;
	if (!run(job, Q_IMPORT_CHANNEL_REJECTED, 0, NULL, &rejected) ||
		!run(job, Q_IMPORT_CHANNEL_COUNTS, 0, NULL, &counts))
		return false;
	r->created = strtoll(PQgetvalue(counts, 0, 0), NULL, 10);
	r->changed = strtoll(PQgetvalue(counts, 0, 1), NULL, 10);
	r->unchanged = strtoll(PQgetvalue(counts, 0, 2), NULL, 10);
	int64_t total = r->rejected + strtoll(PQgetvalue(counts, 0, 3), NULL, 10);
	for (int i = 0; i < PQntuples(rejected); i++)
		guide_reject(
			job, strtoul(PQgetvalue(rejected, i, 0), NULL, 10), PQgetvalue(rejected, i, 1));
	r->rejected = total;
	return true;
}

static void
say_named(const struct playlist *p, struct buf *to, const struct guide_named *named,
	const char *what, const char *why)
{
	if (named->n)
		buf_printf(to, "%lld %s are left out (%s): %s\n", (long long)named->n, what,
			guide_names(p->job, named), why);
}

static void
write_messages(struct playlist *p, PGresult *languages, struct buf *to)
{
	struct guide_job *job = p->job;
	struct guide_named unknown = { 0 };
	for (int i = 0; i < PQntuples(languages); i++) {
		guide_name(job, &unknown, PQgetvalue(languages, i, 0));
		unknown.n += strtoll(PQgetvalue(languages, i, 1), NULL, 10) - 1;
	}
	guide_say_rejected(job, to);
	say_named(p, to, &p->numbers, "channel numbers", "only whole ones up to 999999 can be kept");
	say_named(p, to, &p->countries, "countries", "only codes of two letters are known");
	say_named(p, to, &unknown, "languages", "neither codes nor names that are known");
	say_named(p, to, &p->catchups, "ways to catch up", "no address can be made of them");
	channel_say_left(&p->left, to);
}

static bool
merge(struct playlist *p, PGresult **languages)
{
	struct guide_job *job = p->job;
	const char *wait[] = { arena_printf(job->arena, "%d", job->options->wait * 1000) };
	if (!run(job, Q_GUIDE_TRANSACTION, 0, NULL, NULL) ||
		!run(job, Q_IMPORT_CHANNEL_BEGIN, 1, wait, NULL) ||
		!run(job, Q_IMPORT_CHANNEL_STAGE, 0, NULL, NULL) ||
		!send(job, Q_IMPORT_CHANNEL_COPY, &p->rows) || !run(job, Q_M3U_STAGE, 0, NULL, NULL) ||
		!send(job, Q_M3U_COPY, &p->sources))
		return false;
	for (const int *query = merge_before; *query; query++)
		if (!run(job, *query, 0, NULL, NULL))
			return false;
	return run(job, Q_M3U_LANGUAGES_LEFT, 0, NULL, languages) && read_counts(job);
}

struct guide_report
m3u_import(
	PGconn *conn, struct unpack *file, const struct guide_options *options, struct buf *messages)
{
	struct guide_report report = { 0 };
	struct arena *a = arena_new();
	struct guide_job job = { .conn = conn, .arena = a, .options = options, .report = &report };
	struct playlist p = {
		.job = &job, .arena = arena_new(), .rows = buf_new(a), .sources = buf_new(a)
	};
	PGresult *languages;
	bool good = guide_finish(&job, read_playlist(&p, file) && merge(&p, &languages));
	if (good)
		write_messages(&p, languages, messages);
	else
		report.why = arena_strdup(messages->arena, report.why);
	arena_free(p.arena);
	arena_free(a);
	return report;
}

int
livetv_import_m3u(int argc, char **argv)
{
	static const char usage[] =
		"usage: livetv import-m3u [options] FILE…\n"
		"Imports channels and the addresses of their streams from playlists (#EXTM3U), plain or\n"
		"packed by gzip or xz; - is standard input. A channel is the same as before when tvg-id\n"
		"is, without one when the name is. What a playlist does not say stays as it is.\n"
		"Languages may be codes or names of ISO 639; numbers such as 12.1 are left out.\n"
		"Of catchup, the modes default, append, shift, flussonic, xc and vod are understood.\n"
		"  --wait SECONDS   for another import to end (default: 60)\n"
		"  --dry-run        says what would be done\n";
	return guide_command(argc, argv, "import-m3u", usage, m3u_import);
}

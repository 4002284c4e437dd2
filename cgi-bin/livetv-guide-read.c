/* The file's channels into a table, its programmes into the spool, as the rows of COPY that they
 * will be. Nothing here knows the database but the ratings that were read before. */
#include "livetv-guide-parts.h"

enum { BLOCK = 65536, MIN_INDEX = 1024 };

struct reading {
	struct guide_job *job;
	struct arena *arena; /* of a programme's credits */
	struct buf row; /* for one programme after the other */
	const char *why;
};

bool
guide_fail(struct guide_job *job, enum guide_status status, const char *why)
{
	if (!job->report->why) {
		job->report->status = why == guide_busy ? GUIDE_BUSY : status;
		job->report->why = why;
	}
	return false;
}

/* Keeps those with the lowest lines. */
void
guide_reject(struct guide_job *job, size_t line, const char *why)
{
	size_t at = job->n_shown;
	job->report->rejected++;
	if (at == GUIDE_MAX_SHOWN && job->shown[at - 1].line <= line)
		return;
	for (; at > 0 && job->shown[at - 1].line > line; at--)
		job->shown[at] = job->shown[at - 1];
	job->shown[at] = (struct guide_shown){ line, arena_strdup(job->arena, why) };
	if (job->n_shown < GUIDE_MAX_SHOWN)
		job->n_shown++;
}

void
guide_say_rejected(const struct guide_job *job, struct buf *to)
{
	int64_t more = job->report->rejected - (int64_t)job->n_shown;
	for (size_t i = 0; i < job->n_shown; i++)
		buf_printf(to, "line %zu: %s\n", job->shown[i].line, job->shown[i].why);
	if (more > 0)
		buf_printf(to, "%lld more are rejected\n", (long long)more);
}

void
guide_name(struct guide_job *job, struct guide_named *named, const char *value)
{
	named->n++;
	for (size_t i = 0; i < named->n_first; i++)
		if (strcmp(named->first[i], value) == 0)
			return;
	if (named->n_first < GUIDE_MAX_NAMED)
		named->first[named->n_first++] = arena_strdup(job->arena, value);
}

const char *
guide_names(const struct guide_job *job, const struct guide_named *named)
{
	struct buf names = buf_new(job->arena);
	for (size_t i = 0; i < named->n_first; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", named->first[i]);
	return names.data;
}

/* --- channels */

/* FNV-1a */
static uint32_t
hash_id(const char *id)
{
	uint32_t hash = 2166136261;
	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 16777619;
	return hash;
}

static uint32_t *
slot_of(const struct guide_job *job, const char *id)
{
	uint32_t at = hash_id(id);
	for (;; at++) {
		uint32_t *slot = &job->index[at & (job->index_size - 1)];
		if (!*slot || strcmp(job->channels[*slot - 1].id, id) == 0)
			return slot;
	}
}

static void
grow(struct guide_job *job)
{
	uint32_t room = job->channel_room ? job->channel_room * 2 : MIN_INDEX / 2;
	struct guide_channel *channels = arena_alloc(job->arena, room * sizeof *channels);
	if (job->n_channels)
		memcpy(channels, job->channels, job->n_channels * sizeof *channels);
	job->channels = channels;
	job->channel_room = room;
	job->index_size = room * 2;
	job->index = arena_alloc(job->arena, job->index_size * sizeof *job->index);
	for (uint32_t i = 0; i < job->n_channels; i++)
		*slot_of(job, channels[i].id) = i + 1;
}

/* The channel's number in the table, where it is put when it is new; −1: the table is full. */
static int64_t
find_channel(struct guide_job *job, const char *id)
{
	if (job->n_channels == job->channel_room)
		grow(job);
	uint32_t *slot = slot_of(job, id);
	if (*slot)
		return *slot - 1;
	if (job->n_channels == GUIDE_MAX_CHANNELS)
		return -1;
	job->channels[job->n_channels] = (struct guide_channel){ .id = arena_strdup(job->arena, id) };
	*slot = ++job->n_channels;
	return *slot - 1;
}

static void
take_channel(void *context, const struct xmltv_channel *in)
{
	struct reading *r = context;
	int64_t n = in->id ? find_channel(r->job, in->id) : 0;
	if (!in->id)
		return;
	if (n < 0) {
		r->why = "more than 100000 channels";
		return;
	}
	struct guide_channel *c = &r->job->channels[n];
	r->job->report->icons += in->icons_left;
	if (!c->icon && in->icon)
		c->icon = arena_strdup(r->job->arena, in->icon);
	for (size_t i = 0; i < in->n_names && c->n_names < XMLTV_MAX_NAMES; i++)
		c->names[c->n_names++] = arena_strdup(r->job->arena, in->names[i]);
}

/* --- programmes */

/* Age marks of many countries are a number with something around it: FSK 12, 12A, -16, 18+. −1:
 * there is none. */
static int
age_in(const char *value)
{
	int64_t age;
	const char *at = value + strcspn(value, "0123456789");
	size_t n = strspn(at, "0123456789");
	char text[3];
	if (n < 1 || n > 2)
		return -1;
	snprintf(text, sizeof text, "%.*s", (int)n, at);
	return parse_int(text, 0, 99, &age) ? (age > 18 ? 18 : (int)age) : -1;
}

static int
age_of(const struct guide_job *job, const char *value)
{
	for (size_t i = 0; i < job->n_ratings; i++)
		if (strcasecmp(job->ratings[i].code, value) == 0)
			return job->ratings[i].min_age;
	return age_in(value);
}

/* The strictest of several ratings counts, and is the one that is kept. Beside one that is known
 * others say what there is to see ("Violence"); alone nobody knows for whom it is. Without any a
 * programme is for all, as most are. */
static int
take_rating(struct guide_job *job, const struct xmltv_programme *p, const char **rating)
{
	int age = -1;
	*rating = p->n_ratings ? p->ratings[0].value : NULL;
	for (size_t i = 0; i < p->n_ratings; i++) {
		int one = age_of(job, p->ratings[i].value);
		if (one > age) {
			*rating = p->ratings[i].value;
			age = one;
		}
	}
	if (age >= 0 || !*rating)
		return age > 0 ? age : 0;
	guide_name(job, &job->unrated, *rating);
	return (int)conf_int(CONF_UNRATED_AGE);
}

static void
put_positive(struct buf *b, int n)
{
	if (n > 0)
		binary_int4(b, n);
	else
		binary_null(b);
}

static const char *
credits_json(struct arena *a, const struct xmltv_programme *p)
{
	if (!p->n_credits)
		return NULL;
	arena_reset(a);
	struct buf b = buf_new(a);
	for (size_t i = 0; i < p->n_credits; i++) {
		const struct xmltv_credit *c = &p->credits[i];
		buf_puts(&b, i ? ",{\"role\":\"" : "[{\"role\":\"");
		buf_puts(&b, c->role);
		buf_puts(&b, "\",\"name\":");
		json_cstring(&b, c->name);
		if (c->character) {
			buf_puts(&b, ",\"character\":");
			json_cstring(&b, c->character);
		}
		buf_putc(&b, '}');
	}
	buf_putc(&b, ']');
	return b.data;
}

static void
put_programme(const struct reading *r, struct buf *b, const struct xmltv_programme *p)
{
	const char *rating;
	int age = take_rating(r->job, p, &rating);
	binary_text(b, p->title);
	binary_text(b, p->subtitle);
	binary_text(b, p->synopsis);
	binary_text(b, p->n_categories ? p->categories[0] : NULL);
	put_positive(b, p->season);
	put_positive(b, p->episode);
	binary_int2(b, (int16_t)age);
	binary_list(b, p->categories, p->n_categories);
	binary_text(b, p->icon);
	binary_text(b, rating);
	if (p->year)
		binary_int2(b, (int16_t)p->year);
	else
		binary_null(b);
	binary_bool(b, p->is_new);
	binary_bool(b, p->is_premiere);
	binary_bool(b, p->is_repeat);
	binary_text(b, credits_json(r->arena, p));
}

static void
take_programme(void *context, const struct xmltv_programme *p)
{
	static const char nothing[8];
	struct reading *r = context;
	struct guide_job *job = r->job;
	job->report->read++;
	if (p->why) {
		guide_reject(job, p->line, p->why);
		return;
	}
	int64_t channel = find_channel(job, p->channel);
	if (channel < 0) {
		r->why = "more than 100000 channels";
		return;
	}
	job->report->cut += p->cut;
	job->report->icons += p->icons_left;
	job->report->moved += p->bad_stop;
	struct guide_record head = {
		.channel = (uint32_t)channel,
		.line = (uint32_t)p->line,
		.start = p->start,
		.stop = p->stop,
	};
	r->row.len = 0;
	buf_add(&r->row, &head, sizeof head);
	put_programme(r, &r->row, p);
	struct guide_record *record = (void *)r->row.data;
	record->len = (uint32_t)(r->row.len - sizeof head);
	buf_add(&r->row, nothing, 7 - (r->row.len - 1) % 8);
	record = (void *)r->row.data;
	record->size = (uint32_t)r->row.len;
	const char *why = spool_add(job->spool, record);
	if (why)
		r->why = why;
}

/* --- the file */

/* Fills the block, so that the parser sees the file's beginning in one piece. */
static ssize_t
read_block(struct unpack *in, char *block)
{
	size_t len = 0;
	while (len < BLOCK) {
		ssize_t n = unpack_read(in, block + len, BLOCK - len);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

bool
guide_read(struct guide_job *job, struct unpack *in)
{
	struct reading r = { .job = job, .arena = arena_new(), .row = buf_new(job->arena) };
	struct xmltv_events events = { &r, take_channel, take_programme };
	struct xmltv *x = xmltv_open(job->arena, events, job->options->language);
	char *block = arena_alloc(job->arena, BLOCK);
	ssize_t n = BLOCK;
	const char *why = NULL;
	while (!why && n == BLOCK) {
		n = read_block(in, block);
		if (n < 0)
			why = unpack_why(in);
		else
			why = xmltv_feed(x, block, (size_t)n, n < BLOCK);
		if (r.why)
			why = r.why;
	}
	arena_free(r.arena);
	enum guide_status status =
		why && strncmp(why, "no room", 7) == 0 ? GUIDE_FAILED : GUIDE_REFUSED;
	return !why || guide_fail(job, status, why);
}

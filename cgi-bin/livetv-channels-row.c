/* A record as a row of the staging table. One with a column "channel" is a feed, any other a
 * channel. The first thing that is wrong with it is why it is rejected; nothing that reaches the
 * database can be refused there, or when an editor saves it as it is (livetv.c). */
#include "tv.h"

#include "livetv-channels.h"

enum {
	MAX_ID = 200,
	MAX_NAME = 300,
	MAX_GROUP = 60,
	MAX_URL = 2000,
	MAX_NUMBER = 999999,
	MAX_COLUMNS = 3,
	MAX_LANGUAGES = 50,
	MAX_ALT_NAMES = 200,
};

struct channel {
	struct arena *arena;
	const struct record *record;
	const char *why;
	struct channel_left left;
};

struct columns {
	const char *names[MAX_COLUMNS];
};

static void
refuse(struct channel *c, const struct field *f, const char *what)
{
	if (!c->why)
		c->why = arena_printf(c->arena, "%s: %s", f->name, what);
}

/* The first of the columns that holds something; NULL: none. */
static const struct field *
find(const struct channel *c, const struct columns *columns)
{
	for (size_t i = 0; i < MAX_COLUMNS && columns->names[i]; i++) {
		const struct field *f = record_field(c->record, columns->names[i]);
		if (f && f->type == FIELD_TEXT ? !!clean_text(c->arena, f->text, false)
									   : f && f->type != FIELD_NULL)
			return f;
	}
	return NULL;
}

/* Cleaned text of at most max characters; NULL: none, or refused. */
static const char *
read_text(struct channel *c, struct columns columns, size_t max)
{
	const struct field *f = find(c, &columns);
	if (!f)
		return NULL;
	if (!f->text) {
		refuse(c, f, "not text");
		return NULL;
	}
	const char *text = clean_text(c->arena, f->text, false);
	if (utf8_length(text) > max) {
		refuse(c, f, arena_printf(c->arena, "longer than %zu characters", max));
		return NULL;
	}
	return text;
}

static const char **
read_list(struct channel *c, struct columns columns, size_t *n)
{
	const struct field *f = find(c, &columns);
	*n = 0;
	if (f && f->type == FIELD_LIST)
		return clean_list(c->arena, f->items, f->n_items, n);
	if (f && f->type == FIELD_TEXT)
		return clean_split(c->arena, f->text, ";", n);
	if (f)
		refuse(c, f, "neither text nor a list of texts");
	return NULL;
}

static bool
read_bool(struct channel *c, struct columns columns)
{
	const struct field *f = find(c, &columns);
	const char *text = read_text(c, columns, MAX_NAME);
	if (!text || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
		return false;
	if (strcasecmp(text, "true") != 0 && strcmp(text, "1") != 0)
		refuse(c, f, "neither TRUE nor FALSE");
	return true;
}

/* ISO 639 codes of two or three letters. */
static const char **
read_languages(struct channel *c, size_t *n)
{
	struct columns columns = { { "languages", "language", "tvg-language" } };
	const char **list = read_list(c, columns, n);
	if (*n > MAX_LANGUAGES)
		refuse(c, find(c, &columns), "more than 50");
	for (size_t i = 0; i < *n; i++) {
		size_t len = strlen(list[i]);
		if (len < 2 || len > 3 || strspn(list[i], "abcdefghijklmnopqrstuvwxyz") != len)
			refuse(c, find(c, &columns), "not language codes of ISO 639");
	}
	return list;
}

static const char *
read_country(struct channel *c)
{
	struct columns columns = { { "country", "tvg-country" } };
	const char *country = read_text(c, columns, MAX_NAME);
	if (country && (strlen(country) != 2 || strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2))
		refuse(c, find(c, &columns), "not two capital letters");
	return country;
}

/* The first category; a bare slug is written with a capital: "top-news" is "Top news". */
static const char *
read_group(struct channel *c)
{
	struct columns columns = { { "categories", "group", "group-title" } };
	size_t n;
	const char **list = read_list(c, columns, &n);
	if (!n)
		return NULL;
	c->left.groups += (int64_t)n - 1;
	if (utf8_length(list[0]) > MAX_GROUP)
		refuse(c, find(c, &columns), "longer than 60 characters");
	char *name = arena_strdup(c->arena, list[0]);
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
		return name;
	for (char *s = name; *s; s++)
		if (*s == '-')
			*s = ' ';
	name[0] = (char)toupper((unsigned char)name[0]);
	return name;
}

static void
copy_number(struct channel *c, struct buf *line)
{
	struct columns columns = { { "number", "tvg-chno" } };
	const char *text = read_text(c, columns, MAX_NAME);
	int64_t n;
	if (text && !parse_int(text, 0, MAX_NUMBER, &n))
		refuse(c, find(c, &columns), "not a whole number from 0 to 999999");
	copy_text(line, text);
}

/* Only what the schema takes: an https URL or a path on this server; another picture is done
 * without. */
static void
copy_logo(struct channel *c, struct buf *line)
{
	const char *url = read_text(c, (struct columns){ { "logo", "tvg-logo" } }, MAX_URL);
	const char *usable = url ? clean_address(c->arena, url, P_URL) : NULL;
	c->left.logos += url && !usable;
	copy_text(line, usable);
}

static void
copy_website(struct channel *c, struct buf *line)
{
	const char *url = read_text(c, (struct columns){ { "website" } }, MAX_URL);
	const char *usable = url ? clean_address(c->arena, url, P_LINK) : NULL;
	c->left.websites += url && !usable;
	copy_text(line, usable);
}

static void
copy_alt_names(struct channel *c, struct buf *line)
{
	static const char *const none[1] = { NULL };
	struct columns columns = { { "alt_names" } };
	size_t n;
	const char **list = read_list(c, columns, &n);
	if (n > MAX_ALT_NAMES)
		refuse(c, find(c, &columns), "more than 200");
	for (size_t i = 0; i < n; i++)
		if (utf8_length(list[i]) > MAX_NAME)
			refuse(c, find(c, &columns), "one is longer than 300 characters");
	copy_list(line, list ? list : none, n);
}

static void
write_channel(struct channel *c, const char *id, const char *name, struct buf *line)
{
	size_t n;
	copy_text(line, id);
	copy_text(line, name);
	copy_number(c, line);
	copy_text(line, read_group(c));
	copy_text(line, read_country(c));
	const char **languages = read_languages(c, &n);
	copy_list(line, languages, n);
	copy_alt_names(c, line);
	copy_bool(line, read_text(c, (struct columns){ { "closed" } }, MAX_NAME) != NULL);
	copy_int(line, read_bool(c, (struct columns){ { "is_nsfw" } }) ? 18 : 0);
	copy_website(c, line);
	copy_logo(c, line);
	copy_text(line, NULL);
}

/* Of a feed only its channel, its languages, and whether it is the main one. */
static void
write_feed(struct channel *c, const char *id, struct buf *line)
{
	static const char *const none[1] = { NULL };
	size_t n;
	copy_text(line, id);
	for (int i = 0; i < 4; i++)
		copy_text(line, NULL);
	const char **languages = read_languages(c, &n);
	copy_list(line, languages ? languages : none, n);
	for (int i = 0; i < 5; i++)
		copy_text(line, NULL);
	copy_bool(line, read_bool(c, (struct columns){ { "is_main" } }));
}

const char *
channel_row(void *context, struct arena *a, const struct record *record, struct buf *line)
{
	struct channel_left *left = context;
	struct channel c = { .arena = a, .record = record };
	if (record_field(record, "channel")) {
		const char *channel = read_text(&c, (struct columns){ { "channel" } }, MAX_ID);
		if (!channel)
			return c.why ? c.why : "there is no channel id";
		write_feed(&c, channel, line);
		return c.why;
	}
	const char *id = read_text(&c, (struct columns){ { "id", "tvg-id" } }, MAX_ID);
	const char *name = read_text(&c, (struct columns){ { "name", "tvg-name" } }, MAX_NAME);
	if (!id || !name)
		return c.why ? c.why : id ? "there is no name" : "there is no id";
	write_channel(&c, id, name, line);
	if (c.why)
		return c.why;
	left->groups += c.left.groups;
	left->logos += c.left.logos;
	left->websites += c.left.websites;
	return NULL;
}

void
channel_say_left(const void *context, struct buf *lines)
{
	const struct channel_left *left = context;
	if (left->groups)
		buf_printf(lines, "%lld groups are left out: a channel has one, the first\n",
			(long long)left->groups);
	if (left->logos)
		buf_printf(lines, "%lld logos are left out: neither https nor a path on this server\n",
			(long long)left->logos);
	if (left->websites)
		buf_printf(lines, "%lld websites are left out: neither http nor https\n",
			(long long)left->websites);
}

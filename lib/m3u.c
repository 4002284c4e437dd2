/* Line by line. There is no standard, so what is read is what is found: attributes with and without
 * quotes, quotes inside of them, commas in names. */
#include "banned.h"

#include "m3u.h"

#include "arena.h"
#include "buf.h"
#include "clean.h"
#include "url.h"
#include "xmltv-parts.h"

enum { MAX_DECODED = M3U_MAX_LINE * DECODE_GROWTH + DECODE_HELD + 1 };

struct m3u {
	struct arena *arena;
	struct arena *memory; /* of the entry */
	struct m3u_events events;
	const char *why;
	size_t line;
	bool begun, open; /* #EXTM3U was there; an #EXTINF waits for its address */
	bool too_long;
	struct m3u_entry entry, head;
	size_t len;
	char text[M3U_MAX_LINE + 1], decoded[MAX_DECODED];
	char group[MAX_DECODED]; /* of #EXTGRP, for the entry; "" without one */
};

static const char *
clean(struct arena *a, const char *s, size_t len)
{
	return clean_text(a, arena_strndup(a, s, len), false);
}

/* What is not UTF-8 is windows-1252. */
static const char *
decode(struct m3u *m)
{
	struct decoder d = { .from = (iconv_t)-1 };
	size_t n = decoder_run(&d, m->text, m->len, true, m->decoded);
	m->decoded[n] = 0;
	return m->decoded;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* The comma before the name, the end, or another attribute. */
static bool
follows_value(const char *s)
{
	bool blank = is_blank(*s);
	while (is_blank(*s))
		s++;
	if (!*s || *s == ',')
		return true;
	size_t n = 0;
	while (is_name(s[n]))
		n++;
	return blank && n && s[n] == '=';
}

/* A quote ends a value when something that can follow a value follows it. */
static size_t
quoted(const char *s)
{
	size_t n = 0;
	while (s[n] && !(s[n] == '"' && follows_value(s + n + 1)))
		n++;
	return n;
}

/* The attribute at s; answers where the next one may be. */
static const char *
attribute(struct arena *a, struct m3u_entry *e, const char *s, size_t name_len)
{
	const char *name = arena_strndup(a, s, name_len), *value = s + name_len + 1;
	bool quotes = *value == '"';
	value += quotes;
	size_t n = quotes ? quoted(value) : strcspn(value, " \t,");
	if (e->n < M3U_MAX_ATTRIBUTES)
		e->attributes[e->n++] = (struct m3u_attribute){ name, clean(a, value, n) };
	return value + n + (quotes && value[n]);
}

/* All attributes; answers where the comma before the name is, or the end. */
static const char *
attributes(struct arena *a, struct m3u_entry *e, const char *s)
{
	while (*s && *s != ',') {
		size_t n = 0;
		while (is_name(s[n]))
			n++;
		if (n && s[n] == '=')
			s = attribute(a, e, s, n);
		else
			s += n ? n : 1;
	}
	return s;
}

static void
hand_out(struct m3u *m, const char *why)
{
	struct m3u_entry *e = &m->entry;
	if (!e->why)
		e->why = why;
	if (!e->name)
		e->name = m3u_attribute(e, "tvg-name");
	if (!e->why && !e->name)
		e->why = "there is no name";
	if (*m->group && !m3u_attribute(e, "group-title") && e->n < M3U_MAX_ATTRIBUTES)
		e->attributes[e->n++] = (struct m3u_attribute){ "group-title",
			clean(m->memory, m->group, strlen(m->group)) };
	m->events.entry(m->events.context, e);
	m->open = false;
	*m->group = 0;
	arena_reset(m->memory);
}

/* After "#EXTINF:". */
static void
begin_entry(struct m3u *m, const char *s)
{
	if (m->open)
		hand_out(m, "there is no address");
	m->entry = (struct m3u_entry){ .line = m->line, .head = &m->head };
	m->open = true;
	s = attributes(m->memory, &m->entry, s);
	m->entry.name = *s ? clean(m->memory, s + 1, strlen(s + 1)) : NULL;
}

/* What follows the scheme; NULL: it is another one. */
static const char *
after_scheme(const char *url)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return url + 8;
	return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

/* As addresses are written: the scheme in small letters, and ASCII alone (RFC 3986, 3.1; RFC 3987,
 * 3.1). */
static const char *
as_uri(struct m3u *m, const char *url)
{
	struct buf b = buf_new(m->memory);
	const char *rest = after_scheme(url);
	buf_puts(&b, rest - url == 8 ? "https://" : "http://");
	for (; *rest; rest++)
		if ((unsigned char)*rest < 0x80)
			buf_putc(&b, *rest);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*rest);
	return b.data;
}

/* Players' options stand behind a bar. */
static void
take_address(struct m3u *m, const char *s)
{
	const char *url = clean(m->memory, s, strcspn(s, "|"));
	const char *rest = url ? after_scheme(url) : NULL, *why = NULL;
	if (!m->open)
		m->entry = (struct m3u_entry){ .line = m->line, .why = "there is no #EXTINF before it" };
	if (!rest)
		why = "the address is neither http nor https";
	else if (!*rest || strchr("/?#", *rest))
		why = "the address names no host";
	else if (strlen(url = as_uri(m, url)) > M3U_MAX_URL || strpbrk(url, " \t\"<>\\"))
		why = "the address is none";
	m->entry.url = url;
	hand_out(m, why);
}

static bool
starts(const char *s, const char *with)
{
	return strncasecmp(s, with, strlen(with)) == 0;
}

static void
take_first(struct m3u *m, const char *s)
{
	if (memcmp(s, "\xef\xbb\xbf", strnlen(s, 3)) == 0 && *s)
		s += 3;
	if (!*s)
		return;
	m->begun = starts(s, "#EXTM3U");
	if (utf16_begins(m->text, m->len))
		m->why = "UTF-16; only UTF-8 is read";
	else if (!m->begun)
		m->why = "not a playlist: it does not begin with #EXTM3U";
	else if (strchr(s, '\r'))
		m->why = "its lines end in CR alone, not in LF or CRLF";
	else
		attributes(m->arena, &m->head, s + strlen("#EXTM3U"));
}

static void
take_line(struct m3u *m)
{
	const char *s = decode(m);
	while (is_blank(*s))
		s++;
	if (!m->begun)
		take_first(m, s);
	else if (m->too_long)
		m->entry.why = m->open ? "a line is longer than 16384 bytes" : NULL;
	else if (starts(s, "#EXTINF:"))
		begin_entry(m, s + 8);
	else if (starts(s, "#EXTGRP:"))
		memcpy(m->group, s + 8, strlen(s + 8) + 1);
	else if (starts(s, "#EXT-X-TARGETDURATION") || starts(s, "#EXT-X-STREAM-INF"))
		m->why = "the playlist of one stream, not of channels";
	else if (*s && *s != '#')
		take_address(m, s);
}

const char *
m3u_feed(struct m3u *m, const char *data, size_t len, bool last)
{
	for (size_t i = 0; i <= len && !m->why; i++) {
		if (i == len ? last && m->len : data[i] == '\n') {
			while (m->len && (m->text[m->len - 1] == '\r' || is_blank(m->text[m->len - 1])))
				m->len--;
			m->line++;
			take_line(m);
			m->len = 0;
			m->too_long = false;
		} else if (i < len && m->len < M3U_MAX_LINE) {
			m->text[m->len++] = data[i] ? data[i] : ' ';
		} else if (i < len) {
			m->too_long = true;
		}
	}
	if (last && !m->why && m->open)
		hand_out(m, "there is no address");
	if (last && !m->why && !m->begun)
		m->why = "the file is empty";
	return m->why;
}

const char *
m3u_attribute(const struct m3u_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->n; i++)
		if (strcasecmp(entry->attributes[i].name, name) == 0)
			return entry->attributes[i].value;
	return NULL;
}

static void
end_arena(void *arena)
{
	arena_free(arena);
}

struct m3u *
m3u_open(struct arena *a, struct m3u_events events)
{
	struct m3u *m = arena_alloc(a, sizeof *m);
	m->arena = a;
	m->memory = arena_new();
	arena_defer(a, end_arena, m->memory);
	m->events = events;
	return m;
}

/* Only the named references that occur in titles and summaries; others stay as they are. */
#include "banned.h"

#include "clean.h"

#include "arena.h"
#include "buf.h"

#include <stdint.h>

struct reference {
	const char *name;
	uint32_t code;
};

static const struct reference references[] = {
	{ "amp", '&' },
	{ "lt", '<' },
	{ "gt", '>' },
	{ "quot", '"' },
	{ "apos", '\'' },
	{ "nbsp", 0xa0 },
	{ "ndash", 0x2013 },
	{ "mdash", 0x2014 },
	{ "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },
	{ "ldquo", 0x201c },
	{ "rdquo", 0x201d },
	{ "hellip", 0x2026 },
	{ "trade", 0x2122 },
};

/* The code point at s, which is valid UTF-8, and its length. */
static uint32_t
decode(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;
	*len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	uint32_t code = *len == 1 ? u[0] : u[0] & (0x7fU >> *len);
	for (size_t i = 1; i < *len; i++)
		code = code << 6 | (u[i] & 0x3fU);
	return code;
}

static void
encode(struct buf *b, uint32_t code)
{
	if (code < 0x80) {
		buf_putc(b, (char)code);
		return;
	}
	static const uint32_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	buf_putc(b, (char)(lead[more] | code >> 6 * more));
	while (more-- > 0)
		buf_putc(b, (char)(0x80U | (code >> 6 * more & 0x3fU)));
}

static bool
is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* White space, and what has no width. */
static bool
is_blank(uint32_t code)
{
	return code <= ' ' || code == 0xa0 || code == 0xad || (code >= 0x2000 && code <= 0x200f) ||
		(code >= 0x2028 && code <= 0x202f) || (code >= 0x2060 && code <= 0x2064) ||
		code == 0x3000 || code == 0xfeff;
}

/* After "&#". */
static uint32_t
numeric_reference(const char *s, size_t *len)
{
	bool hex = s[2] == 'x' || s[2] == 'X';
	const char *digits = s + (hex ? 3 : 2);
	size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
	if (n == 0 || n > 7 || digits[n] != ';')
		return 0;
	unsigned long code = strtoul(digits, NULL, hex ? 16 : 10);
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*len = (size_t)(digits + n + 1 - s);
	return (uint32_t)code;
}

/* The character that the reference at s (an ampersand) stands for, and its length; 0: none. */
static uint32_t
reference(const char *s, size_t *len)
{
	if (s[1] == '#')
		return numeric_reference(s, len);
	size_t n = strcspn(s + 1, "; &");
	for (size_t i = 0; s[n + 1] == ';' && i < sizeof references / sizeof *references; i++)
		if (strlen(references[i].name) == n && memcmp(references[i].name, s + 1, n) == 0) {
			*len = n + 2;
			return references[i].code;
		}
	return 0;
}

/* The style sheet that Wikipedia's text extracts leave inside a text: length of the rules that
 * begin at s, 0 for none. */
static size_t
style_rules(const char *s)
{
	static const char start[] = ".mw-parser-output";
	const char *at = s;
	while (strncmp(at, start, sizeof start - 1) == 0) {
		const char *end = strchr(at, '}');
		if (!end)
			return 0;
		at = end + 1;
	}
	return (size_t)(at - s);
}

/* Everything but the trimming. */
static struct buf
decode_all(struct arena *a, const char *s, bool lines)
{
	struct buf b = buf_new(a);
	buf_reserve(&b, strlen(s));
	while (*(s += style_rules(s))) {
		size_t len;
		uint32_t code = *s == '&' ? reference(s, &len) : 0;
		if (!code)
			code = decode(s, &len);
		s += len;
		encode(&b, is_control(code) && !(lines && code == '\n') ? ' ' : code);
	}
	return b;
}

static size_t
last_start(const char *s, size_t end)
{
	do
		end--;
	while (end > 0 && ((unsigned char)s[end] & 0xc0) == 0x80);
	return end;
}

char *
clean_text(struct arena *a, const char *s, bool lines)
{
	struct buf b = decode_all(a, s, lines);
	size_t from = 0, to = b.len, len;
	while (from < to && is_blank(decode(b.data + from, &len)))
		from += len;
	while (to > from && is_blank(decode(b.data + last_start(b.data, to), &len)))
		to -= len;
	b.data[to] = 0;
	return from < to ? b.data + from : NULL;
}

bool
clean_cut(char *text, size_t characters, size_t bytes)
{
	size_t n = 0;
	char *start = text;
	for (const char *at = text; *at; at++) {
		if (((unsigned char)*at & 0xc0) != 0x80) {
			start = text + (at - text);
			n++;
		}
		if (n <= characters && at != text + bytes)
			continue;
		while (start > text && (unsigned char)start[-1] <= ' ')
			start--;
		*start = 0;
		return true;
	}
	return false;
}

const char *
clean_address(struct arena *a, const char *s, enum param_type type)
{
	const struct param as = { .type = type };
	struct buf b = buf_new(a);
	const char *out;
	for (; *s; s++)
		if (strchr("\\^`{|}", *s))
			buf_printf(&b, "%%%02X", *s);
		else
			buf_putc(&b, *s);
	for (char *c = b.data; isalpha((unsigned char)*c); c++)
		*c = (char)tolower((unsigned char)*c);
	return param_check(a, &as, b.data, &out) ? NULL : b.data;
}

static void
add_new(const char **list, size_t *n, const char *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < *n; i++)
		if (strcmp(list[i], s) == 0)
			return;
	list[(*n)++] = s;
}

const char **
clean_list(struct arena *a, const char *const *items, size_t n_items, size_t *n)
{
	const char **list = arena_alloc(a, (n_items + 1) * sizeof *list);
	*n = 0;
	for (size_t i = 0; i < n_items; i++)
		add_new(list, n, clean_text(a, items[i], false));
	return list;
}

/* References hold a semicolon, so they are decoded before a split there. */
const char **
clean_split(struct arena *a, const char *s, const char *separators, size_t *n)
{
	const char *at = clean_text(a, s, false);
	size_t parts = 1;
	*n = 0;
	for (const char *c = at; c && *c; c++)
		parts += strchr(separators, *c) != NULL;
	const char **list = arena_alloc(a, parts * sizeof *list);
	while (at) {
		size_t len = strcspn(at, separators);
		add_new(list, n, clean_text(a, arena_strndup(a, at, len), false));
		at = at[len] ? at + len + 1 : NULL;
	}
	return list;
}

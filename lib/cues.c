/* Line by line: blocks with an empty line between them, in SubRip a number, a time and a text
 * each. WebVTT (W3C, section 4) has other blocks besides. */
#include "banned.h"

#include "cues.h"

#include "buf.h"
#include "url.h"

#include <ctype.h>
#include <string.h>

struct line {
	const char *s;
	size_t len;
};

struct cues {
	const char *at, *end;
	int line; /* number of the last one that was read */
	bool vtt;
	struct buf *out;
	int n;
	const char *why;
};

static bool
fault(struct cues *c, const char *why)
{
	c->why = why;
	return false;
}

/* Lines end with CR, LF or both. False at the end of the file. */
static bool
next_line(struct cues *c, struct line *l)
{
	if (c->at == c->end)
		return false;
	*l = (struct line){ c->at, 0 };
	while (c->at < c->end && *c->at != '\n' && *c->at != '\r')
		c->at++;
	l->len = (size_t)(c->at - l->s);
	c->at += c->end - c->at > 1 && c->at[0] == '\r' && c->at[1] == '\n' ? 2 : c->at < c->end;
	c->line++;
	return true;
}

static bool
is_empty(const struct line *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->s[i] != ' ' && l->s[i] != '\t')
			return false;
	return true;
}

static bool
begins(const struct line *l, const char *word)
{
	size_t n = strlen(word);
	return l->len >= n && !memcmp(l->s, word, n) && (l->len == n || strchr(" \t", l->s[n]));
}

static const char *
arrow(const struct line *l)
{
	return memmem(l->s, l->len, "-->", 3);
}

/* ---- times */

static const char *
skip_spaces(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s;
}

/* A number of least to most digits; NULL: it is none. */
static const char *
number(const char *s, const char *end, int least, int most, int *out)
{
	int n = 0;
	*out = 0;
	for (; s < end && n < most && isdigit((unsigned char)*s); n++)
		*out = *out * 10 + *s++ - '0';
	return n >= least ? s : NULL;
}

/* "01:02:03,400", hours may be left out; what follows it, NULL: it is none. */
static const char *
read_time(const char *s, const char *end, int *ms)
{
	int part[3] = { 0 }, n = 0, rest;
	const char *from = s;
	for (;; s++) {
		s = number(s, end, 1, 2, &part[n++]);
		if (!s || s == end || n == 3 || *s != ':')
			break;
	}
	if (!s || n < 2 || s == end || (*s != ',' && *s != '.') || part[n - 1] > 59 || part[n - 2] > 59)
		return NULL;
	from = s + 1;
	s = number(from, end, 1, 3, &rest);
	if (!s || (s < end && isdigit((unsigned char)*s)))
		return NULL;
	for (size_t digits = (size_t)(s - from); digits < 3; digits++)
		rest *= 10;
	int hours = n == 3 ? part[0] : 0;
	*ms = ((hours * 60 + part[n - 2]) * 60 + part[n - 1]) * 1000 + rest;
	return s;
}

void
cues_put_time(struct buf *b, int ms)
{
	buf_printf(b, "%02d:%02d:%02d.%03d", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

static bool
put_times(struct cues *c, const struct line *l)
{
	int from, until;
	const char *end = l->s + l->len, *s = read_time(skip_spaces(l->s, end), end, &from);
	s = s ? skip_spaces(s, end) : s;
	if (!s || end - s < 3 || memcmp(s, "-->", 3) != 0)
		return fault(c, "there is no time here that can be read");
	s = read_time(skip_spaces(s + 3, end), end, &until);
	if (!s || (s < end && *s != ' ' && *s != '\t'))
		return fault(c, "the end of this time cannot be read");
	if (until < from)
		return fault(c, "it ends before it begins");
	cues_put_time(c->out, from);
	buf_puts(c->out, " --> ");
	cues_put_time(c->out, until);
	if (c->vtt) /* where it stands */
		buf_add(c->out, s, (size_t)(end - s));
	buf_putc(c->out, '\n');
	return true;
}

/* ---- texts */

/* A tag that WebVTT has too is copied, a font is not; how long it is, 0: it is none. */
static size_t
put_tag(struct buf *b, const char *s, size_t len)
{
	const char *close = memchr(s, '>', len);
	size_t n = close ? (size_t)(close - s) + 1 : 0;
	if ((n == 3 || (n == 4 && s[1] == '/')) && strchr("ibuIBU", s[n - 2])) {
		buf_puts(b, n == 4 ? "</" : "<");
		buf_printf(b, "%c>", tolower((unsigned char)s[n - 2]));
		return n;
	}
	return n >= 6 && (!strncasecmp(s, "<font", 5) || !strncasecmp(s, "</font", 6)) ? n : 0;
}

static bool
is_reference(const char *s, size_t len)
{
	size_t n = 1;
	while (n < len && n < 12 && (isalnum((unsigned char)s[n]) || s[n] == '#'))
		n++;
	return n > 1 && n < len && s[n] == ';';
}

/* "{\an8}" is a place, of Advanced SubStation. */
static size_t
place_length(const char *s, size_t len)
{
	const char *close = len > 1 && s[1] == '\\' ? memchr(s, '}', len) : NULL;
	return close ? (size_t)(close - s) + 1 : 0;
}

static void
put_subrip(struct buf *b, const struct line *l)
{
	for (size_t i = 0, n; i < l->len; i += n) {
		const char *s = l->s + i;
		size_t rest = l->len - i;
		n = *s == '<' ? put_tag(b, s, rest) : *s == '{' ? place_length(s, rest) : 0;
		if (n)
			continue;
		n = 1;
		if (*s == '<' || *s == '>')
			buf_puts(b, *s == '<' ? "&lt;" : "&gt;");
		else if (*s == '&' && !is_reference(s, rest))
			buf_puts(b, "&amp;");
		else
			buf_putc(b, *s);
	}
}

static void
cut(struct buf *b, size_t len)
{
	b->len = len;
	b->data[len] = 0;
}

/* The lines up to an empty one. A line of which nothing is left would end the cue. */
static bool
put_text(struct cues *c, bool *some)
{
	struct line l;
	bool any = false;
	*some = false;
	while (next_line(c, &l) && !is_empty(&l)) {
		size_t before = c->out->len;
		any = true;
		if (arrow(&l))
			return fault(c, "a time, and no empty line before its cue");
		if (c->vtt)
			buf_add(c->out, l.s, l.len);
		else
			put_subrip(c->out, &l);
		struct line put = { c->out->data + before, c->out->len - before };
		if (is_empty(&put))
			cut(c->out, before);
		else
			buf_putc(c->out, '\n');
		*some |= c->out->len > before;
	}
	bool broken = !any && c->at == c->end && c->end[-1] != '\n' && c->end[-1] != '\r';
	return !broken || fault(c, "it is broken off here");
}

/* ---- blocks */

static bool
is_number(const struct line *l)
{
	const char *end = l->s + l->len, *s = skip_spaces(l->s, end), *digits = s;
	while (s < end && isdigit((unsigned char)*s))
		s++;
	return s > digits && skip_spaces(s, end) == end;
}

/* first: a number or a name, or the times already. */
static bool
put_cue(struct cues *c, struct line first)
{
	size_t before = c->out->len;
	bool some;
	if (!arrow(&first)) {
		if (!c->vtt && !is_number(&first))
			return fault(c, "this is neither a number nor a time");
		if (c->vtt) {
			buf_add(c->out, first.s, first.len);
			buf_putc(c->out, '\n');
		}
		if (!next_line(c, &first))
			return fault(c, "it is broken off here");
	}
	if (!put_times(c, &first) || !put_text(c, &some))
		return false;
	if (some)
		buf_putc(c->out, '\n');
	else
		cut(c->out, before);
	c->n += some;
	return true;
}

/* What is no cue: comments are left out, and so are styles behind the first cue, as players do. */
static void
put_block(struct cues *c, struct line l, bool wanted)
{
	do {
		if (wanted) {
			buf_add(c->out, l.s, l.len);
			buf_putc(c->out, '\n');
		}
	} while (next_line(c, &l) && !is_empty(&l));
	if (wanted)
		buf_putc(c->out, '\n');
}

static bool
read_blocks(struct cues *c)
{
	struct line l;
	while (next_line(c, &l)) {
		bool look = c->vtt && (begins(&l, "STYLE") || begins(&l, "REGION"));
		if (is_empty(&l))
			continue;
		if (look || (c->vtt && begins(&l, "NOTE")))
			put_block(c, l, look && !c->n);
		else if (!put_cue(c, l))
			return false;
	}
	return true;
}

/* The line that is not UTF-8. */
static bool
check_text(struct cues *c)
{
	struct cues whole = *c;
	struct line l;
	if (utf16_begins(c->at, (size_t)(c->end - c->at)))
		return fault(c, "it is UTF-16, not UTF-8");
	while (next_line(&whole, &l))
		if (!utf8_valid(l.s, l.len)) {
			c->line = whole.line;
			return fault(c, "it is not UTF-8");
		}
	return true;
}

int
cues_read(const char *text, size_t len, struct buf *out, struct cues_fault *f)
{
	struct cues c = { .at = text, .end = text + len, .out = out };
	struct line l;
	buf_puts(out, "WEBVTT\n\n");
	bool good = check_text(&c);
	if (good && len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		c.at += 3;
	struct cues first = c;
	if (good && next_line(&first, &l) && begins(&l, "WEBVTT")) {
		c.vtt = true;
		while (next_line(&c, &l) && !is_empty(&l))
			continue; /* its header: an X-TIMESTAMP-MAP would be of other media */
	}
	good = good && read_blocks(&c);
	*f = (struct cues_fault){ c.line ? c.line : 1, c.why };
	return good ? c.n : -1;
}

/* A template is text and placeholders; each of the latter is a row of the table. */
#include "banned.h"

#include "catchup.h"

#include "arena.h"
#include "buf.h"
#include "param.h"

#include <time.h>

/* What may stand behind a colon. */
enum argument { NO_ARGUMENT, A_FORMAT, A_UNIT };

enum what { START, END, NOW, DURATION, DURATION_OR_NOW, OFFSET, PART };

static const struct word {
	const char *name;
	enum what what;
	enum argument argument;
	bool begins; /* says when it starts, to the hour or better */
} words[] = {
	{ "utc", START, A_FORMAT, true },
	{ "utcend", END, A_FORMAT },
	{ "lutc", NOW, A_FORMAT },
	{ "duration", DURATION, A_UNIT },
	{ "durationfs", DURATION_OR_NOW },
	{ "offset", OFFSET, A_UNIT, true },
	{ "Y", PART },
	{ "m", PART },
	{ "d", PART },
	{ "H", PART, .begins = true },
	{ "M", PART },
	{ "S", PART },
};

struct placeholder {
	const struct word *word;
	const char *format; /* not ended; NULL: none */
	size_t format_len;
	int64_t unit;
	size_t len; /* with its braces */
};

static bool
read_argument(const char *s, size_t len, struct placeholder *p)
{
	static const char letters[] = "YmdHMS-_.:TZ";
	char digits[8] = "";
	if (p->word->argument == A_FORMAT) {
		p->format = s;
		p->format_len = len;
		return len && len <= CATCHUP_MAX_FORMAT && strspn(s, letters) >= len;
	}
	if (p->word->argument != A_UNIT || len >= sizeof digits)
		return false;
	memcpy(digits, s, len);
	return parse_int(digits, 1, 86400, &p->unit);
}

/* At a brace. */
static bool
read_placeholder(const char *s, struct placeholder *p)
{
	size_t name = strcspn(s + 1, ":{}"), len = 1 + strcspn(s + 1, "{}");
	*p = (struct placeholder){ .unit = 1, .len = len + 1 };
	if (s[len] != '}')
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words && !p->word; i++)
		if (strlen(words[i].name) == name && !memcmp(words[i].name, s + 1, name))
			p->word = &words[i];
	if (!p->word)
		return false;
	return s[1 + name] != ':' || read_argument(s + 2 + name, len - name - 2, p);
}

const char *
catchup_check(const char *template)
{
	bool begins = false;
	size_t scheme = strncmp(template, "https://", 8) ? 7 : 8, len = strlen(template);
	if (len > CATCHUP_MAX)
		return "must have at most 2000 characters";
	if (scheme == 7 && strncmp(template, "http://", 7))
		return "must be an http or https address";
	size_t host = strcspn(template + scheme, "/?#");
	if (!host || strcspn(template + scheme, "{}") < host)
		return "must be an http or https address that names its host";
	for (const char *s = template; *s; s++) {
		struct placeholder p;
		unsigned char c = (unsigned char)*s;
		if (c <= ' ' || c > '~' || strchr("\"<>\\^`|", *s))
			return "must be an address of ASCII, without blanks and any of \" < > \\ ^ ` |";
		if (*s != '{' && *s != '}')
			continue;
		if (*s == '}' || !read_placeholder(s, &p))
			return "must have no braces but those of {utc}, {utcend}, {lutc}, {duration}, "
				   "{durationfs}, {offset}, {Y}, {m}, {d}, {H}, {M}, {S} and their forms";
		begins |= p.word->begins;
		s += p.len - 1;
	}
	return begins ? NULL : "must say when it starts, by {utc}, {offset} or {H}";
}

static int
part_of(const struct tm *tm, char letter)
{
	switch (letter) {
	case 'Y': return tm->tm_year + 1900;
	case 'm': return tm->tm_mon + 1;
	case 'd': return tm->tm_mday;
	case 'H': return tm->tm_hour;
	case 'M': return tm->tm_min;
	case 'S': return tm->tm_sec;
	default: return -1;
	}
}

static void
put_instant(struct buf *b, int64_t at, const char *format, size_t len)
{
	struct tm tm;
	time_t seconds = (time_t)at;
	if (!format)
		buf_int(b, at);
	if (!format || !gmtime_r(&seconds, &tm))
		return;
	for (size_t i = 0; i < len; i++) {
		int part = part_of(&tm, format[i]);
		if (part < 0)
			buf_putc(b, format[i]);
		else
			buf_printf(b, "%02d", part);
	}
}

static void
put_placeholder(
	struct buf *b, const struct placeholder *p, const struct catchup_time *when, bool over)
{
	int64_t length = when->end - when->start;
	switch (p->word->what) {
	case START: put_instant(b, when->start, p->format, p->format_len); break;
	case END: put_instant(b, when->end, p->format, p->format_len); break;
	case NOW: put_instant(b, when->now, p->format, p->format_len); break;
	case PART: put_instant(b, when->start, p->word->name, 1); break;
	case OFFSET: buf_int(b, (when->now - when->start) / p->unit); break;
	case DURATION: /* to its very end, or not beyond what there is */
		length = (length + (over ? p->unit - 1 : 0)) / p->unit;
		buf_int(b, length > 0 ? length : 1);
		break;
	case DURATION_OR_NOW:
		if (over)
			buf_int(b, length);
		else
			buf_puts(b, "now");
	}
}

const char *
catchup_fill(struct arena *a, const char *template, struct catchup_time when)
{
	struct buf b = buf_new(a);
	struct placeholder p;
	bool over = when.end <= when.now;
	if (!over)
		when.end = when.now;
	for (const char *s = template; *s; s++)
		if (*s == '{' && read_placeholder(s, &p)) {
			put_placeholder(&b, &p, &when, over);
			s += p.len - 1;
		} else {
			buf_putc(&b, *s);
		}
	return b.data;
}

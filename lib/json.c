/* Writing JSON. Strings are escaped as little as RFC 8259 allows; a run without escapes is copied
 * whole. */
#include "banned.h"

#include "json.h"

static void
escape(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char short_forms[32] = {
		['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
	};
	char six[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };
	char two[2] = { '\\', c < 32 ? short_forms[c] : (char)c };
	if (c < 32 && !short_forms[c])
		buf_add(b, six, sizeof six);
	else
		buf_add(b, two, sizeof two);
}

/* Of eight bytes: whether one is below `least` (Hacker's Delight, 6-1); from 128 on none is. */
static bool
has_below(uint64_t eight, unsigned char least)
{
	static const uint64_t ones = 0x0101010101010101;
	return (eight - ones * least) & ~eight & ones * 128;
}

static bool
has_byte(uint64_t eight, unsigned char c)
{
	return has_below(eight ^ 0x0101010101010101 * c, 1);
}

static bool
needs_escape(const char *eight_bytes)
{
	uint64_t eight;
	memcpy(&eight, eight_bytes, 8);
	return has_below(eight, 32) || has_byte(eight, '"') || has_byte(eight, '\\');
}

/* Looks at eight bytes at a time, at some of the last ones twice. */
static bool
is_clean(const char *s, size_t len)
{
	if (len < 8) {
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)s[i] < 32 || s[i] == '"' || s[i] == '\\')
				return false;
		return true;
	}
	for (size_t i = 0; i + 8 < len; i += 8)
		if (needs_escape(s + i))
			return false;
	return !needs_escape(s + len - 8);
}

/* How many bytes from here on need no escape, eight at a time; the rest is looked at singly. */
static size_t
clean_run(const char *s, size_t len)
{
	size_t i = 0;
	while (i + 8 <= len && !needs_escape(s + i))
		i += 8;
	return i;
}

static void
put_escaped(struct buf *b, const char *s, size_t len)
{
	size_t clean = 0;
	for (size_t i = clean_run(s, len); i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c >= 32 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + clean, i - clean);
		escape(b, c);
		clean = i + 1;
		i += clean_run(s + clean, len - clean);
	}
	buf_add(b, s + clean, len - clean);
}

void
json_string(struct buf *b, const char *s, size_t len)
{
	char *to = buf_reserve(b, len + 2);
	if (is_clean(s, len)) {
		to[0] = '"';
		memcpy(to + 1, s, len);
		to[len + 1] = '"';
		to[len + 2] = 0;
		b->len += len + 2;
		return;
	}
	buf_putc(b, '"');
	put_escaped(b, s, len);
	buf_putc(b, '"');
}

void
json_cstring(struct buf *b, const char *s)
{
	json_string(b, s, strlen(s));
}

void
json_key(struct buf *b, const char *name)
{
	if (b->len && b->data[b->len - 1] != '{')
		buf_putc(b, ',');
	json_cstring(b, name);
	buf_putc(b, ':');
}

/* n decimal digits, zeros in front. */
static void
put_digits(char *to, int64_t value, int n)
{
	while (n--) {
		to[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

static void
put_pair(char *to, int64_t value)
{
	memcpy(to, buf_pairs + 2 * value, 2);
}

/* Civil date from days since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms"):
 * strftime costs ten times that, and a guide has hundreds of instants. */
static void
make_date(char *to, int64_t days)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;
	put_digits(to, yoe + era * 400 + (month <= 2), 4);
	to[4] = '-';
	put_digits(to + 5, month, 2);
	to[7] = '-';
	put_digits(to + 8, doy - (153 * mp + 2) / 5 + 1, 2);
}

/* Of many instants one after the other most are on one day. */
void
json_put_date(char *to, int64_t days)
{
	static int64_t known = INT64_MIN;
	static char text[10];
	if (days != known)
		make_date(text, days);
	known = days;
	memcpy(to, text, sizeof text);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

size_t
json_put_time(char *to, int64_t micros)
{
	int64_t seconds = floor_div(micros, 1000000), days = floor_div(seconds, 86400);
	int64_t fraction = micros - seconds * 1000000, clock = seconds - days * 86400;
	json_put_date(to, days);
	to[10] = 'T';
	put_pair(to + 11, clock / 3600);
	to[13] = ':';
	put_pair(to + 14, clock / 60 % 60);
	to[16] = ':';
	put_pair(to + 17, clock % 60);
	size_t n = 19;
	if (fraction) {
		to[n] = '.';
		put_digits(to + n + 1, fraction, 6);
		n += 7;
	}
	to[n++] = 'Z';
	return n;
}

void
json_time(struct buf *b, int64_t micros)
{
	char *to = buf_reserve(b, 32);
	to[0] = '"';
	size_t n = 1 + json_put_time(to + 1, micros);
	to[n++] = '"';
	to[n] = 0;
	b->len += n;
}

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

/* Sixteen bytes at once: a register of every processor of today. */
struct sixteen {
	unsigned char bytes __attribute__((vector_size(16)));
};

static inline bool
needs_escape(struct sixteen v)
{
	uint64_t halves __attribute__((vector_size(16)));
	halves = (__typeof__(halves))((v.bytes < 32) | (v.bytes == '"') | (v.bytes == '\\'));
	return halves[0] | halves[1];
}

static inline bool
whole_needs_escape(const char *s)
{
	struct sixteen v;
	memcpy(&v, s, sizeof v);
	return needs_escape(v);
}

/* Of fewer: the first eight bytes and the last eight. */
static inline bool
part_needs_escape(const char *s, size_t len)
{
	struct sixteen v;
	memcpy(&v, s, 8);
	memcpy((char *)&v + 8, s + len - 8, 8);
	return needs_escape(v);
}

/* How many bytes from here on need no escape, sixteen at a time; the rest is looked at singly. */
static size_t
clean_run(const char *s, size_t len)
{
	size_t i = 0;
	while (i + 16 <= len && !whole_needs_escape(s + i))
		i += 16;
	return i;
}

/* At some of the last bytes it looks twice. */
static bool
is_clean(const char *s, size_t len)
{
	if (len >= 16)
		return clean_run(s, len) + 16 > len && !whole_needs_escape(s + len - 16);
	if (len >= 8)
		return !part_needs_escape(s, len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 32 || s[i] == '"' || s[i] == '\\')
			return false;
	return true;
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

void
json_member(struct buf *b, const char *name, const char *value)
{
	json_key(b, name);
	if (value)
		json_cstring(b, value);
	else
		buf_puts(b, "null");
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

/* Encodings. ISO-8859-1 is read as windows-1252, as the web does: what is different stands for
 * control characters that nobody means. */
#include "banned.h"

#include "xmltv-parts.h"

#include "url.h"

#include <errno.h>

enum { MAX_NAME = 40, LOOK = 256 };

static const uint16_t windows_1252[32] = {
	0x20ac,
	0xfffd,
	0x201a,
	0x0192,
	0x201e,
	0x2026,
	0x2020,
	0x2021,
	0x02c6,
	0x2030,
	0x0160,
	0x2039,
	0x0152,
	0xfffd,
	0x017d,
	0xfffd,
	0xfffd,
	0x2018,
	0x2019,
	0x201c,
	0x201d,
	0x2022,
	0x2013,
	0x2014,
	0x02dc,
	0x2122,
	0x0161,
	0x203a,
	0x0153,
	0xfffd,
	0x017e,
	0x0178,
};

/* The declared encoding's name, "" when there is none. */
static void
declared(const char *data, size_t len, char *name)
{
	char head[LOOK + 1];
	size_t n = len < LOOK ? len : LOOK;
	memcpy(head, data, n);
	head[n] = 0;
	*name = 0;
	char *at = strstr(head, "<?xml"), *end = at ? strstr(at, "?>") : NULL;
	if (!end)
		return;
	*end = 0;
	at = strstr(at, "encoding");
	at = at ? at + strcspn(at, "\"'") : end;
	if (!*at)
		return;
	size_t size = strcspn(at + 1, "\"'");
	snprintf(name, MAX_NAME, "%.*s", (int)(size < MAX_NAME ? size : 0), at + 1);
}

static bool
one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

const char *
decoder_open(struct decoder *d, const char *data, size_t len)
{
	static const char *const utf8[] = { "", "utf-8", "utf8", "us-ascii", "ascii", NULL };
	static const char *const latin[] = { "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1",
		"latin-1", NULL };
	char name[MAX_NAME];
	*d = (struct decoder){ .from = (iconv_t)-1 };
	d->as_is = len >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0);
	declared(data, len, name);
	if (d->as_is || one_of(name, utf8) || strncasecmp(name, "utf-16", 6) == 0)
		return NULL;
	d->from = iconv_open("UTF-8", one_of(name, latin) ? "WINDOWS-1252" : name);
	return d->from == (iconv_t)-1 ? "an encoding that is not known here" : NULL;
}

void
decoder_end(void *decoder)
{
	struct decoder *d = decoder;
	if (d->from != (iconv_t)-1)
		iconv_close(d->from);
	d->from = (iconv_t)-1;
}

static bool
is_clean(unsigned char c)
{
	return (c >= ' ' && c < 0x80) || c == '\n' || c == '\t' || c == '\r';
}

/* How many bytes at s are ASCII that XML allows. Eight at a time: a byte below a space borrows,
 * which sets its high bit. */
static size_t
clean_prefix(const unsigned char *s, size_t len)
{
	static const uint64_t high = 0x8080808080808080, space = 0x2020202020202020;
	size_t i = 0;
	for (uint64_t w;;) {
		for (; i + sizeof w <= len; i += sizeof w) {
			memcpy(&w, s + i, sizeof w);
			if ((w | (w - space)) & high)
				break;
		}
		size_t stop = i + sizeof w < len ? i + sizeof w : len;
		while (i < stop && is_clean(s[i]))
			i++;
		if (i < stop || i == len)
			return i;
	}
}

static size_t
put(char *out, uint32_t code)
{
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

/* One character, or one byte of something else. 0: there may be more of it to come. */
static size_t
repair_one(const unsigned char *s, size_t len, bool last, char *out, size_t *n)
{
	if (s[0] < 0x80) {
		out[(*n)++] = ' ';
		return 1;
	}
	size_t want = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] >= 0xc2 && s[0] <= 0xf4) {
		if (len < want && !last)
			return 0;
		if (len >= want && utf8_valid((const char *)s, want)) {
			memcpy(out + *n, s, want);
			*n += want;
			return want;
		}
	}
	*n += put(out + *n, s[0] < 0xa0 ? windows_1252[s[0] - 0x80] : s[0]);
	return 1;
}

/* Answers how many bytes it took. */
static size_t
repair(const unsigned char *s, size_t len, bool last, char *out, size_t *n)
{
	size_t i = 0;
	while (i < len) {
		size_t clean = clean_prefix(s + i, len - i);
		memcpy(out + *n, s + i, clean);
		*n += clean;
		i += clean;
		size_t took = i < len ? repair_one(s + i, len - i, last, out, n) : 0;
		if (!took)
			break;
		i += took;
	}
	return i;
}

static size_t
convert(struct decoder *d, const unsigned char *s, size_t len, bool last, char *out, size_t *n)
{
	char *from = (char *)(uintptr_t)s, *to = out + *n;
	size_t left = len, room = DECODE_BLOCK * DECODE_GROWTH;
	while (left && iconv(d->from, &from, &left, &to, &room) == (size_t)-1) {
		if (errno == EINVAL && !last && left < DECODE_HELD)
			break;
		if (errno == E2BIG)
			abort();
		from++, left--;
		to += put(to, 0xfffd);
	}
	*n = (size_t)(to - out);
	return len - left;
}

size_t
decoder_run(struct decoder *d, const char *data, size_t len, bool last, char *out)
{
	unsigned char joined[DECODE_BLOCK + DECODE_HELD];
	const unsigned char *in = (const unsigned char *)data;
	size_t n = 0, total = d->n_held + len;
	if (d->as_is) {
		memcpy(out, data, len);
		return len;
	}
	if (d->n_held) {
		memcpy(joined, d->held, d->n_held);
		memcpy(joined + d->n_held, data, len);
		in = joined;
	}
	size_t took = d->from == (iconv_t)-1 ? repair(in, total, last, out, &n)
										 : convert(d, in, total, last, out, &n);
	d->n_held = total - took;
	memcpy(d->held, in + took, d->n_held);
	return n;
}

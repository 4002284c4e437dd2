/* Decoding refuses rather than repairs: what a client sent wrong gets a 400 that says so. */
#include "banned.h"

#include "url.h"

#include "arena.h"
#include "buf.h"

#include <openssl/evp.h>

/* Bytes of the character that starts at s, 0 when it is not one (Unicode 15, table 3-7). */
static size_t
utf8_size(const unsigned char *s, size_t left)
{
	unsigned char c = s[0];
	if (c < 0x80)
		return c ? 1 : 0;
	size_t n = c >= 0xc2 && c <= 0xdf ? 2
		: c >= 0xe0 && c <= 0xef      ? 3
		: c >= 0xf0 && c <= 0xf4      ? 4
									  : 0;
	if (!n || left < n)
		return 0;
	unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
utf8_valid(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	for (size_t i = 0, n; i < len; i += n)
		if (!(n = utf8_size(u + i, len - i)))
			return false;
	return true;
}

bool
utf16_begins(const char *s, size_t len)
{
	return len >= 2 && (!memcmp(s, "\xff\xfe", 2) || !memcmp(s, "\xfe\xff", 2));
}

size_t
utf8_length(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
url_decode(struct arena *a, const char *s, size_t len, bool plus)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '%') {
			int high = i + 2 < len ? hex_digit(s[i + 1]) : -1;
			int low = i + 2 < len ? hex_digit(s[i + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[n++] = plus && s[i] == '+' ? ' ' : s[i];
		}
	}
	return utf8_valid(out, n) ? out : NULL;
}

/* One name=value; NULL on success. */
static const char *
parse_pair(struct arena *a, const char *s, size_t len, struct query_string *out)
{
	const char *equals = memchr(s, '=', len);
	if (!equals)
		return len ? "a query parameter has no value" : "the query string has an empty part";
	size_t name_len = (size_t)(equals - s);
	char *name = url_decode(a, s, name_len, true);
	char *value = url_decode(a, equals + 1, len - name_len - 1, true);
	if (!name || !value)
		return "the query string is not percent-encoded UTF-8";
	if (!*name)
		return "a query parameter has no name";
	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->pairs[i].name, name))
			return arena_printf(a, "query parameter %s stands twice", name);
	if (out->n == URL_MAX_PAIRS)
		return "too many query parameters";
	out->pairs[out->n++] = (struct pair){ name, value };
	return NULL;
}

const char *
url_parse_query(struct arena *a, const char *s, struct query_string *out)
{
	out->n = 0;
	const char *wrong = NULL;
	while (*s && !wrong) {
		size_t len = strcspn(s, "&");
		wrong = parse_pair(a, s, len, out);
		s += len;
		if (*s == '&' && !*++s)
			wrong = wrong ? wrong : "the query string has an empty part";
	}
	return wrong;
}

const char *
url_encode(struct arena *a, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf b = buf_new(a);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (isalnum(c) || strchr("-._~", c)) {
			buf_putc(&b, (char)c);
		} else {
			char escape[3] = { '%', digits[c >> 4], digits[c & 15] };
			buf_add(&b, escape, sizeof escape);
		}
	}
	return b.data;
}

char *
base64url_encode(struct arena *a, const void *data, size_t len)
{
	char *s = arena_alloc(a, (len + 2) / 3 * 4 + 1);
	size_t n = (size_t)EVP_EncodeBlock((unsigned char *)s, data, (int)len);
	while (n && s[n - 1] == '=')
		s[--n] = 0;
	for (size_t i = 0; i < n; i++)
		s[i] = s[i] == '+' ? '-' : s[i] == '/' ? '_' : s[i];
	return s;
}

static int
sextet(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

unsigned char *
base64url_decode(struct arena *a, const char *s, size_t len, size_t *out_len)
{
	if (len % 4 == 1)
		return NULL;
	unsigned char *out = arena_alloc(a, len / 4 * 3 + 3);
	size_t n = 0;
	unsigned bits = 0, held = 0;
	for (size_t i = 0; i < len; i++) {
		int six = sextet(s[i]);
		if (six < 0)
			return NULL;
		bits = bits << 6 | (unsigned)six;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (unsigned char)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	*out_len = n;
	return bits ? NULL : out;
}

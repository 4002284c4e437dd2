/* A backslash, a tab and the line ends are escaped; in an array's text the quotes and
 * backslashes are so before that. */
#include "banned.h"

#include "copy.h"

static void
escape(struct buf *b, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "\\\t\n\r");
		buf_add(b, s, n);
		s += n;
		if (!*s)
			return;
		buf_putc(b, '\\');
		buf_putc(b, *s == '\t' ? 't' : *s == '\n' ? 'n' : *s == '\r' ? 'r' : '\\');
		s++;
	}
}

void
copy_text(struct buf *b, const char *s)
{
	if (s)
		escape(b, s);
	else
		buf_puts(b, "\\N");
	buf_putc(b, '\t');
}

void
copy_int(struct buf *b, int64_t n)
{
	buf_int(b, n);
	buf_putc(b, '\t');
}

void
copy_bool(struct buf *b, bool value)
{
	buf_puts(b, value ? "t\t" : "f\t");
}

void
copy_hex(struct buf *b, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	buf_puts(b, "\\\\x");
	for (size_t i = 0; i < n; i++) {
		buf_putc(b, digits[bytes[i] >> 4]);
		buf_putc(b, digits[bytes[i] & 15]);
	}
	buf_putc(b, '\t');
}

/* Inside double quotes of an array's text, and then in COPY's: a backslash becomes four. */
static void
element(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	for (char one[2] = { 0 }; *s; s++) {
		one[0] = *s;
		if (*s == '"' || *s == '\\')
			buf_puts(b, "\\\\");
		escape(b, one);
	}
	buf_putc(b, '"');
}

void
copy_list(struct buf *b, const char *const *list, size_t n)
{
	if (!list) {
		copy_text(b, NULL);
		return;
	}
	buf_putc(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(b, ',');
		element(b, list[i]);
	}
	buf_puts(b, "}\t");
}

void
copy_end(struct buf *b)
{
	b->data[b->len - 1] = '\n';
}

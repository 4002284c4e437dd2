/* A stack of open brackets. A closing one that does not fit its opener closes everything up to
 * one that it fits, or nothing: so one broken record seldom takes the next with it. */
#include "banned.h"

#include "json-cut.h"

#include "reader.h"

enum { MAX_OPEN = 64 };

struct cut {
	struct reader *in;
	struct buf *out;
	size_t max;
	bool too_long;
	int depth;
	char open[MAX_OPEN];
};

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int
json_cut_space(struct reader *in)
{
	int c;
	while (is_space(c = reader_peek(in)))
		reader_get(in);
	return c;
}

static int
take(struct cut *s)
{
	int c = reader_get(s->in);
	if (c < 0)
		return c;
	if (s->out->len < s->max)
		buf_putc(s->out, (char)c);
	else
		s->too_long = true;
	return c;
}

/* After the opening quote. False at the end of the stream. */
static bool
take_string(struct cut *s)
{
	for (;;) {
		int c = take(s);
		if (c == '"' || c == '\n')
			return true;
		if (c == '\\')
			c = take(s);
		if (c < 0)
			return false;
	}
}

static void
push(struct cut *s, int c)
{
	if (s->depth < MAX_OPEN)
		s->open[s->depth] = c == '{' ? '}' : ']';
	s->depth++;
}

static void
pop(struct cut *s, int c)
{
	if (s->depth > MAX_OPEN) {
		s->depth--;
		return;
	}
	for (int i = s->depth - 1; i >= 0; i--)
		if (s->open[i] == c) {
			s->depth = i;
			return;
		}
}

/* After the first opening bracket. */
static bool
take_nested(struct cut *s, int first)
{
	push(s, first);
	while (s->depth > 0) {
		int c = take(s);
		if (c < 0 || (c == '"' && !take_string(s)))
			return false;
		if (c == '{' || c == '[')
			push(s, c);
		else if (c == '}' || c == ']')
			pop(s, c);
	}
	return true;
}

static void
take_word(struct cut *s)
{
	int c;
	while ((c = reader_peek(s->in)) >= 0 && !is_space(c) && c != ',' && c != ']' && c != '}')
		take(s);
}

enum json_cut_status
json_cut(struct reader *in, struct buf *out, size_t max)
{
	struct cut s = { .in = in, .out = out, .max = out->len + max };
	bool whole = true;
	int c = take(&s);
	if (c < 0)
		return JSON_CUT_END;
	if (c == '{' || c == '[')
		whole = take_nested(&s, c);
	else if (c == '"')
		whole = take_string(&s);
	else
		take_word(&s);
	return !whole ? JSON_CUT_END : s.too_long ? JSON_CUT_LONG : JSON_CUT_VALUE;
}

/* A state machine over bytes. Fields are collected in one buffer, each ended by a NUL, and cut
 * apart when the row is complete. */
#include "banned.h"

#include "csv.h"

#include "arena.h"
#include "buf.h"
#include "reader.h"
#include "url.h"

enum state {
	AT_START, /* of a field */
	BARE,
	QUOTED,
	AFTER_QUOTE, /* a quote inside quotes: the end, or the first half of "" */
};

struct scan {
	struct buf text;
	enum state state;
	size_t n;
	bool any; /* a byte of this row was seen */
	const char *why;
};

static void
refuse(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
}

static void
add(struct scan *s, int c)
{
	if (c == 0)
		refuse(s, "a NUL byte");
	else if (s->text.len >= CSV_MAX_ROW)
		refuse(s, "longer than 65536 bytes");
	else
		buf_putc(&s->text, (char)c);
}

static void
end_field(struct scan *s)
{
	if (++s->n > CSV_MAX_FIELDS)
		refuse(s, "more than 1000 fields");
	if (!s->why)
		buf_putc(&s->text, 0);
	s->state = AT_START;
}

/* A byte that is neither inside quotes nor the row's end. */
static void
step_outside(struct scan *s, int c)
{
	if (c == ',') {
		end_field(s);
	} else if (c == '"' && s->state == AT_START) {
		s->state = QUOTED;
	} else if (s->state == AFTER_QUOTE) {
		if (c != '"')
			refuse(s, "text after a closing quote");
		s->state = c == '"' ? QUOTED : BARE;
		add(s, c);
	} else {
		s->state = BARE;
		add(s, c);
	}
}

static bool
is_line_end(struct reader *in, int c)
{
	if (c == '\r' && reader_peek(in) == '\n')
		reader_get(in);
	return c == '\r' || c == '\n';
}

/* Consumes a row and its line end. */
static enum csv_status
scan_row(struct reader *in, struct scan *s)
{
	for (;;) {
		int c = reader_get(in);
		if (c < 0)
			return s->state == QUOTED ? CSV_CUT : s->any ? CSV_LAST : CSV_END;
		if (s->state == QUOTED) {
			if (c == '"')
				s->state = AFTER_QUOTE;
			else
				add(s, c);
		} else if (is_line_end(in, c)) {
			return CSV_ROW;
		} else {
			s->any = true;
			step_outside(s, c);
		}
	}
}

static void
cut_fields(struct scan *s, struct arena *a, struct csv_row *row)
{
	row->why = s->why;
	if (row->why)
		return;
	row->n = s->n;
	row->fields = arena_alloc(a, s->n * sizeof *row->fields);
	const char *at = s->text.data;
	for (size_t i = 0; i < s->n; i++) {
		size_t len = strlen(at);
		if (!utf8_valid(at, len))
			row->why = "not UTF-8";
		row->fields[i] = at;
		at += len + 1;
	}
}

enum csv_status
csv_next(struct reader *in, struct arena *a, struct csv_row *row)
{
	struct scan s = { .text = buf_new(a) };
	enum csv_status status;
	do {
		*row = (struct csv_row){ .line = in->line };
		status = scan_row(in, &s);
	} while (status == CSV_ROW && !s.any);
	if (status == CSV_END || status == CSV_CUT)
		return status;
	end_field(&s);
	cut_fields(&s, a, row);
	return status;
}

/* Rows of CSV as files have them, sound and not. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "csv.h"
#include "reader.h"
#include "tap.h"

static struct arena *arena;
static struct reader in;

static void
open_bytes(const char *text, size_t len)
{
	reader_memory(&in, text, len);
}

static void
open_text(const char *text)
{
	open_bytes(text, strlen(text));
}

/* The next row: its fields between bars, or what is wrong with it, or how the file ended. */
static const char *
next(void)
{
	struct csv_row row;
	enum csv_status status = csv_next(&in, arena, &row);
	if (status == CSV_END)
		return "end";
	if (status == CSV_CUT)
		return "cut";
	if (row.why)
		return row.why;
	struct buf b = buf_new(arena);
	buf_printf(&b, "%zu", row.line);
	for (size_t i = 0; i < row.n; i++)
		buf_printf(&b, "|%s", row.fields[i]);
	buf_puts(&b, status == CSV_LAST ? "|last" : "|");
	return b.data;
}

static void
test_sound(void)
{
	open_text("a,b,c\r\n1,,3\n\"x,y\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n,,\n");
	is(next(), "1|a|b|c|", "bare fields, CRLF");
	is(next(), "2|1||3|", "an empty field, LF");
	is(next(), "3|x,y|say \"hi\"|two\r\nlines|", "comma, quote and line break inside quotes");
	is(next(), "5||||", "a row of empty fields; lines inside quotes are counted");
	is(next(), "end", "the end");
	is(next(), "end", "and again");
	open_text("\n\r\n\na\n\n");
	is(next(), "4|a|", "empty lines are passed over");
	is(next(), "end", "at the end too");
	open_text("\"\"\n\"\",\n");
	is(next(), "1||", "a quoted nothing is a field");
	is(next(), "2|||", "before an empty one");
	open_text("a\rb\r");
	is(next(), "1|a|", "CR alone ends a line");
	is(next(), "1|b|", "and the next");
	open_text("5\" disk,a\"b\n");
	is(next(), "1|5\" disk|a\"b|", "a quote in a bare field is text");
}

static void
test_unsound(void)
{
	open_text("\"a\"b,c\nnext\n");
	is(next(), "text after a closing quote", "text after a closing quote");
	is(next(), "2|next|", "the row after it is read");
	open_bytes("a\0b\nnext\n", 9);
	is(next(), "a NUL byte", "NUL");
	is(next(), "2|next|", "the row after it is read");
	open_text("\xff\xfe,a\nb\xc3\n\xed\xa0\x80\nnext\n");
	is(next(), "not UTF-8", "bytes that are never UTF-8");
	is(next(), "not UTF-8", "a character cut off");
	is(next(), "not UTF-8", "a surrogate");
	is(next(), "4|next|", "the row after them is read");
}

static void
test_ends(void)
{
	open_text("a,b\n1,2");
	is(next(), "1|a|b|", "a row with its line end");
	is(next(), "2|1|2|last", "one without is the last");
	is(next(), "end", "the end");
	open_text("a\n\"never\nclosed");
	is(next(), "1|a|", "a row");
	is(next(), "cut", "the end inside quotes");
	open_text("\"closed\"");
	is(next(), "1|closed|last", "the end after a closing quote");
	open_text("");
	is(next(), "end", "nothing at all");
}

static void
test_limits(void)
{
	struct buf b = buf_new(arena);
	buf_putc(&b, '"');
	for (int i = 0; i <= CSV_MAX_ROW; i++)
		buf_putc(&b, i % 80 ? 'x' : '\n');
	buf_puts(&b, "\"\nnext\n");
	for (int i = 0; i <= CSV_MAX_FIELDS; i++)
		buf_putc(&b, ',');
	buf_puts(&b, "\nlast\n");
	open_bytes(b.data, b.len);
	is(next(), "longer than 65536 bytes", "an over-long row");
	is(next(), "822|next|", "the row after it");
	is(next(), "more than 1000 fields", "too many fields");
	is(next(), "824|last|", "the row after it");
}

int
main(void)
{
	arena = arena_new();
	test_sound();
	test_unsound();
	test_ends();
	test_limits();
	arena_free(arena);
	return done();
}

/* Records of every format, and what becomes of files that are not as they should be. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "reader.h"
#include "records.h"
#include "tap.h"

#include <unistd.h>

static struct arena *arena;
static struct reader in;
static struct records *records;

static void
open_bytes(const char *text, size_t len)
{
	reader_memory(&in, text, len);
	records = records_open(arena, &in);
}

static void
open_text(const char *text)
{
	open_bytes(text, strlen(text));
}

static void
add_field(struct buf *b, const struct field *f)
{
	static const char *const types[] = { "null", "text", "number", "bool", "list", "other" };
	buf_printf(b, " %s:%s", f->name, types[f->type]);
	if (f->text)
		buf_printf(b, "=%s", f->text);
	for (size_t i = 0; f->type == FIELD_LIST && i < f->n_items; i++)
		buf_printf(b, "%c%s", i ? '+' : '=', f->items[i]);
}

/* The next record: line and fields; "line! why" for a rejected one, "broken …" or "end" for the
 * end. */
static const char *
next(void)
{
	struct record record;
	struct buf b = buf_new(arena);
	enum records_status status = records_next(records, arena, &record);
	if (status == RECORDS_END)
		return "end";
	if (status == RECORDS_BROKEN)
		buf_puts(&b, "broken ");
	buf_printf(&b, record.why ? "%zu! " : "%zu", record.line);
	buf_puts(&b, record.why ? record.why : "");
	for (size_t i = 0; i < record.n; i++)
		add_field(&b, &record.fields[i]);
	return b.data;
}

static void
test_csv(void)
{
	open_text("\xef\xbb\xbf" "title, year ,\r\nAlien,1979,x\r\nBrazil,1985\r\n"
	          "Cube,1997,,\r\nDune,1984,");
	is(next(), "2 title:text=Alien year:text=1979 :text=x", "CSV with BOM, CRLF, spaces around a name");
	is(next(), "3! 2 fields where the header has 3", "a row that is too short");
	is(next(), "4! 4 fields where the header has 3", "one that is too long");
	is(next(), "5 title:text=Dune year:text=1984 :text=", "a last row without line end");
	is(next(), "end", "the end");
	open_text("a,b\n1,2\n3");
	is(next(), "2 a:text=1 b:text=2", "a row");
	is(next(), "broken 3! the file ends in the middle of a record", "a last row that is cut off");
	open_text("a,b\n1,\"2\n");
	is(next(), "broken 2! the file ends in the middle of a record", "cut off inside quotes");
	open_text("a,b,a\n");
	is(next(), "broken 1! the header names the column a twice", "a header with a name twice");
	open_text("a,\xff\n1,2\n");
	is(next(), "broken 1! in the header: not UTF-8", "a header that is not UTF-8");
	open_text("a,b\n");
	is(next(), "end", "only a header");
	open_text(" \n\n");
	is(next(), "end", "a header of one space");
	open_text("");
	is(next(), "broken 1! the file is empty", "nothing");
	open_bytes("\xff\xfe" "a\0", 4);
	is(next(), "broken 1! UTF-16; only UTF-8 is read", "UTF-16");
	open_text("id;title\n1;x\n");
	is(next(), "broken 1! in the header: fields are parted by commas, not by others", "semicolons");
	open_text("id\ttitle\n1\tx\n");
	is(next(), "broken 1! in the header: fields are parted by commas, not by others", "tabs");
	open_text("title\nx;y\n");
	is(next(), "2 title:text=x;y", "one column");
}

static void
test_others(void)
{
	static const struct {
		const char *text, *what;
	} others[] = {
		{ "\x1f\x8b\x08", "packed by gzip" },
		{ "\xfd\x37zXZ", "packed by xz" },
		{ "PK\x03\x04\x14", "packed by zip" },
		{ "\x28\xb5\x2f\xfd", "packed by zstd" },
		{ "BZh91AY", "packed by bzip2" },
		{ "#EXTM3U\n#EXTINF:-1,a\nhttp://a/1\n", "a playlist" },
		{ "\xef\xbb\xbf<?xml version=\"1.0\"?><tv></tv>", "XML" },
		{ "\n<!doctype html>", "XML or HTML" },
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		open_text(others[i].text);
		const char *said = next();
		ok(strncmp(said, "broken 1! ", 10) == 0 && strstr(said, others[i].what), others[i].what);
	}
}

static void
test_array(void)
{
	open_text("\n [ {\"a\": \"x\", \"b\": 1.50, \"c\": null, \"d\": true},\n{\"l\": [\"p\", \"q\"], \"e\": [], \"m\": [1],"
	          " \"o\": {}},\n 7, \"s\", [{}],\n{\"a\" 1}, {\"a\": 1, \"a\": 2},{}]\n");
	is(next(), "2 a:text=x b:number=1.50 c:null d:bool=true", "types, and a number as it is written");
	is(next(), "3 l:list=p+q e:list m:other o:other", "lists of texts, and others");
	is(next(), "4! not an object", "a number");
	is(next(), "4! not an object", "a text");
	is(next(), "4! not an object", "a list");
	ok(strncmp(next(), "5! ", 3) == 0, "no JSON inside the braces");
	ok(strncmp(next(), "5! ", 3) == 0, "a member twice");
	is(next(), "5", "an empty object");
	is(next(), "end", "the end");
	open_text("[]");
	is(next(), "end", "an empty array");
	open_text("[{\"a\": \"not closed,\n\"b\": 1},\n{\"a\": \"fine\"}]");
	ok(strncmp(next(), "1! ", 3) == 0, "an unclosed text");
	is(next(), "3 a:text=fine", "the record after it");
	open_text("[{\"a\": \"}{\\\"]\"}]");
	is(next(), "1 a:text=}{\"]", "brackets inside a text");
	open_text("[{\"a\": \"\xff\"}, {\"a\": \"\\u0000\"}, {\"a\": \"\\ud800\"}, {\"a\": 1}]");
	ok(strncmp(next(), "1! ", 3) == 0, "not UTF-8");
	ok(strncmp(next(), "1! ", 3) == 0, "an escaped NUL");
	ok(strncmp(next(), "1! ", 3) == 0, "half a surrogate pair");
	is(next(), "1 a:number=1", "the one after them");
}

static void
test_broken_array(void)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "no last bracket", "[{\"a\":1}", "broken 1! the file ends before its last bracket" },
		{ "cut off after a comma", "[{\"a\":1},", "broken 1! the file ends in the middle of a record" },
		{ "cut off in a record", "[{\"a\":1},\n{\"a\":", "broken 2! the file ends in the middle of a record" },
		{ "cut off in a text", "[{\"a\":1},\n\n {\"a\":\"x", "broken 3! the file ends in the middle of a record" },
		{ "a comma at the end", "[{\"a\":1},]", "broken 1! a comma without a record after it" },
		{ "two commas", "[{\"a\":1},,{}]", "broken 1! a comma without a record after it" },
		{ "no comma", "[{\"a\":1} {}]", "broken 1! a comma or a closing bracket is missing" },
		{ "something after the end", "[{\"a\":1}]\n]", "broken 2! something stands after the end" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_text(cases[i].text);
		is(next(), "1 a:number=1", "a record before the break");
		is(next(), cases[i].want, cases[i].name);
	}
}

static void
test_lines(void)
{
	open_text("{\"a\":1}\r\n\n{\"a\":2}x\n7\n{\"a\":\n{\"a\":3}");
	is(next(), "1 a:number=1", "a line with CRLF");
	ok(strncmp(next(), "3! ", 3) == 0, "a line with something after its object");
	is(next(), "4! not an object", "a number");
	ok(strncmp(next(), "5! ", 3) == 0, "a broken line");
	is(next(), "6 a:number=3", "the one after it, without line end");
	is(next(), "end", "the end");
	open_text("{\"a\":1}\n{\"a\":");
	is(next(), "1 a:number=1", "a line");
	is(next(), "broken 2! the file ends in the middle of a record", "a line that is cut off");
	open_text("{\"credits\": [{\"n\": 1}], \"t\": \"x\"}\n{\"t\": \"y\"}\n");
	is(next(), "1 credits:other t:text=x", "lines that begin with a list of objects are lines");
	is(next(), "2 t:text=y", "and go on");
}

static void
test_groups(void)
{
	open_text("{\n\"1\": [ {\"a\":1},\n{\"a\":2} ], \"2\": [], \"3\": [{\"a\":3}]\n}\n");
	is(next(), "2 a:number=1", "an object of arrays");
	is(next(), "3 a:number=2", "second of the first");
	is(next(), "3 a:number=3", "after an empty one");
	is(next(), "end", "the end");
	open_text("{\"1\": [{\"a\":1}], \"meta\": 3}");
	is(next(), "1 a:number=1", "a record");
	is(next(), "broken 1! a member that is not a list of records", "another member");
	open_text("{\"1\": [{\"a\":1}]");
	is(next(), "1 a:number=1", "a record");
	is(next(), "broken 1! the file ends before its last bracket", "cut off between members");
	open_text("{\"1\": [{\"a\":1}],}");
	is(next(), "1 a:number=1", "a record");
	is(next(), "broken 1! a comma without a record after it", "a comma too many");
}

static void
test_limits(void)
{
	struct buf b = buf_new(arena);
	buf_puts(&b, "[{\"a\":\"");
	for (int i = 0; i < RECORD_MAX_BYTES; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"},\n");
	for (int i = 0; i < 100; i++)
		buf_putc(&b, '[');
	for (int i = 0; i < 100; i++)
		buf_putc(&b, ']');
	buf_puts(&b, ",\n{\"a\":1}]");
	open_bytes(b.data, b.len);
	is(next(), "1! longer than 65536 bytes", "an over-long record");
	ok(strncmp(next(), "2! ", 3) == 0, "one nested too deep");
	is(next(), "3 a:number=1", "the one after them");
	is(next(), "end", "the end");
}

static void
test_reading(void)
{
	int fd[2];
	if (pipe(fd) < 0 || write(fd[1], "a\n1\n", 4) != 4)
		abort();
	close(fd[1]);
	reader_open(&in, fd[0]);
	records = records_open(arena, &in);
	is(next(), "2 a:text=1", "from a pipe");
	is(next(), "end", "to its end");
	close(fd[0]);
	reader_open(&in, fd[0]);
	records = records_open(arena, &in);
	is(next(), "broken 1! reading failed: Bad file descriptor", "a read that fails");
}

static void
test_field(void)
{
	struct record record;
	open_text("Title,Year\nx,1\n");
	ok(records_next(records, arena, &record) == RECORDS_ROW, "a record");
	is(record_field(&record, "title")->text, "x", "case does not count in a field's name");
	ok(!record_field(&record, "titles"), "a field that is not there");
}

int
main(void)
{
	arena = arena_new();
	test_csv();
	test_others();
	test_array();
	test_broken_array();
	test_lines();
	test_groups();
	test_limits();
	test_reading();
	test_field();
	arena_free(arena);
	return done();
}

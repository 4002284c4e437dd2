/* SubRip and WebVTT as WebVTT, and what is refused, with its line. */
#include "banned.h"

#include "arena.h"
#include "buf.h"
#include "cues.h"
#include "tap.h"

static struct arena *arena;

static const char *
read_text(const char *text, size_t len)
{
	struct buf out = buf_new(arena);
	struct cues_fault fault;
	int n = cues_read(text, len, &out, &fault);
	return n < 0 ? arena_printf(arena, "%d: %s", fault.line, fault.why) : arena_printf(arena, "%d\n%s", n, out.data);
}

#define reads(text, want, name) is(read_text((text), sizeof(text) - 1), (want), (name))

static void
test_subrip(void)
{
	reads("1\n00:00:01,000 --> 00:00:02,500\nOne\nand a half\n\n2\n01:02:03,4 --> 1:2:4,000  X1:40\nTwo",
		"2\nWEBVTT\n\n00:00:01.000 --> 00:00:02.500\nOne\nand a half\n\n01:02:03.400 --> 01:02:04.000\nTwo\n\n", "SubRip");
	reads("\xef\xbb\xbf" "1\r\n00:01,000 --> 00:02,000\r\nOne\r\n\r\n\r\n", "1\nWEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne\n\n",
		"of Windows, without hours");
	reads("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<I>A</I> & <font color=\"red\">B</font> < C -> D &amp; {E}\n",
		"1\nWEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<i>A</i> &amp; B &lt; C -&gt; D &amp; {E}\n\n", "what WebVTT knows, and what not");
	reads("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}\nOne\n\n2\n00:00:03,000 --> 00:00:04,000\n\n3\n00:00:05,000 --> 00:00:06,000\n<font>\n \n",
		"1\nWEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne\n\n", "cues without a text are left out, and lines of which nothing is left");
	reads("", "0\nWEBVTT\n\n", "nothing");
	reads("\n\n", "0\nWEBVTT\n\n", "almost nothing");
}

static void
test_webvtt(void)
{
	reads("WEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\nSTYLE\n::cue(b) { color: red }\n\nNOTE\n1 --> 2\n\n"
		"intro\n00:01.000 --> 00:02.000 line:0 align:start\n<v Ann>One</v> &amp;\n\nSTYLE\nlate\n\n00:03.000 --> 00:04.000\nTwo\n",
		"2\nWEBVTT\n\nSTYLE\n::cue(b) { color: red }\n\nintro\n00:00:01.000 --> 00:00:02.000 line:0 align:start\n<v Ann>One</v> &amp;\n\n"
		"00:00:03.000 --> 00:00:04.000\nTwo\n\n", "WebVTT");
	reads("WEBVTTX\n", "1: this is neither a number nor a time", "a name that only begins so");
}

static void
test_malformed(void)
{
	reads("1\n00:00:01,000 --> 00:00:02,000\nOne\n\nTwo\n", "5: this is neither a number nor a time", "a text on its own");
	reads("1\n00:00:01,000 -> 00:00:02,000\nOne\n", "2: there is no time here that can be read", "another arrow");
	reads("1\n00:00:01,000 --> 00:00:62,000\nOne\n", "2: the end of this time cannot be read", "more seconds than a minute has");
	reads("1\n00:61:01,000 --> 00:62:02,000\nOne\n", "2: there is no time here that can be read", "more minutes than an hour has");
	reads("1\n00:00:01 --> 00:00:02\nOne\n", "2: there is no time here that can be read", "no milliseconds");
	reads("1\n00:00:01,000 --> 00:00:02,0000\nOne\n", "2: the end of this time cannot be read", "too many of them");
	reads("1\n00:00:03,000 --> 00:00:02,000\nOne\n", "2: it ends before it begins", "back in time");
	reads("1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n", "5: a time, and no empty line before its cue", "two cues in one");
	reads("1\n00:00:01,000 --> 00:0", "2: the end of this time cannot be read", "broken off in a time");
	reads("1\n00:00:01,000 --> 00:00:02,000", "2: it is broken off here", "broken off behind a time");
	reads("1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2", "5: it is broken off here", "broken off behind a number");
	reads("1\n00:00:01,000 --> 00:00:02,000\nd\xe9j\xe0\n", "3: it is not UTF-8", "Latin-1");
	reads("\xff\xfe" "1\0\n\0", "1: it is UTF-16, not UTF-8", "UTF-16");
	reads("1\n00:00:01,000 --> 00:00:02,000\nO\0ne\n", "3: it is not UTF-8", "a NUL");
	reads("<html>\n", "1: this is neither a number nor a time", "a page");
}

int
main(void)
{
	arena = arena_new();
	test_subrip();
	test_webvtt();
	test_malformed();
	arena_free(arena);
	return done();
}
